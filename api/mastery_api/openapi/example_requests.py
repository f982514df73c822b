"""An example request for each route: shown in the OpenAPI document, and sent to make its example responses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from mastery_graph.questions.answer import Answer
from mastery_graph.questions.question import Question, UrlParameter
from mastery_graph.questions.registry import QUESTIONS, LevelQuestion
from mastery_graph.reconciliation import PROPERTIES
from mastery_graph.vocabulary import ID

_DESCRIPTION: Final = f"{ID}description/"
_SKILL: Final = f"{ID}green-skill/GS01"
_BADGE: Final = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": "urn:uuid:5a6f2c3e-0d5a-4a43-9f3e-2f6d3a1b7c11",
    "type": ["Achievement"],
    "name": "Sorting waste on site",
    "description": "Sort waste on a building site.",
    "criteria": {"narrative": "A practical test."},
}
_RECONCILED: Final = {"q0": {"query": "waste management", "limit": 1}}
_PROPERTY: Final = next(iter(PROPERTIES))
_FETCHED: Final = {"ids": [_SKILL], "properties": [{"id": _PROPERTY}]}


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """The parameters of a request, in its path and query, and its body with the media type."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    media_type: str = "application/json"


def _of_question(kind: type[Question]) -> ExampleRequest:
    names = {
        name: next((item.name for item in info.metadata if isinstance(item, UrlParameter)), name)
        for name, info in kind.model_fields.items()
    }
    if kind.is_read_by_url:
        return ExampleRequest({names[name]: value for name, value in kind.example.items()})
    return ExampleRequest(body=kind.example)


EXAMPLE_REQUESTS: Final[Mapping[str, ExampleRequest]] = {
    **{
        f"{'GET' if kind.is_read_by_url else 'POST'} /v1/{kind.path}": _of_question(kind)
        for kind in QUESTIONS.values()
        if issubclass(kind.answer_type, Answer)
    },
    "GET /v1/answers/{identity}": ExampleRequest({"identity": "0" * 64}),
    "GET /v1/concepts": ExampleRequest({"q": "waste"}),
    "POST /v1/mappings": ExampleRequest(
        body={"subject": "waste sorting", "object": _SKILL, "accepted": True, "author": "Aino Virtanen"}
    ),
    "POST /v1/validation": ExampleRequest(body=_BADGE),
    "POST /v1/conversion": ExampleRequest({"to": "openbadge"}, {"credential": f"{_DESCRIPTION}waste-on-site-ita"}),
    "GET /v1/skills/{code}": ExampleRequest({"code": "GS01"}),
    "GET /v1/frameworks/{code}": ExampleRequest({"code": "FIN"}),
    "GET /v1/visions/{code}": ExampleRequest({"code": "V1"}),
    "GET /v1/queries/{name}": ExampleRequest({"name": "browse/dataset"}),
    "GET /v1/dataset/graphs/{name}": ExampleRequest({"name": "policy.nt"}),
    "GET /id/{path}": ExampleRequest({"path": "vision/V1"}),
    "GET /doc/{path}": ExampleRequest({"path": "vision/V1"}),
    "GET /resource": ExampleRequest({"uri": "http://data.europa.eu/snb/eqf/5"}),
    "POST /reconcile": ExampleRequest(
        body=urlencode({"queries": json.dumps(_RECONCILED)}), media_type="application/x-www-form-urlencoded"
    ),
    "POST /reconcile/1.0-draft/match": ExampleRequest(
        body={"queries": [{"conditions": [{"matchType": "name", "propertyValue": "waste management"}], "limit": 1}]}
    ),
    "POST /reconcile/1.0-draft/extend": ExampleRequest(body=_FETCHED),
    **{
        f"GET /reconcile{version}/suggest/{kind}": ExampleRequest({"kind": "property", "prefix": prefix})
        for version in ("", "/1.0-draft")
        for kind, prefix in (("entity", "waste"), ("{kind}", ""))
    },
    **{f"GET /reconcile{version}/preview": ExampleRequest({"id": _SKILL}) for version in ("", "/1.0-draft")},
    "GET /reconcile/flyout/entity": ExampleRequest({"id": _SKILL}),
    "GET /reconcile/flyout/{kind}": ExampleRequest({"kind": "property", "id": _PROPERTY}),
}
"""The requests by method and path; a route without an entry needs no parameters."""

PERMALINK_QUESTION: Final = LevelQuestion
"""The question whose answer the example of a permalink shows."""
