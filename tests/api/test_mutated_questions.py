"""Each field of each question with what does not belong in it: refused as the mistake of a client, never a failure."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from mastery_api.application import build_application
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.settings import Settings
from tests.api.test_writing import BEARER, HASH
from tests.conftest import DESCRIPTION, copy_of_folder

GREEN_SKILL = "https://w3id.org/mastery-graph/id/green-skill/GS01"
CREDENTIAL, OTHER = f"{DESCRIPTION}waste-on-site-ita", f"{DESCRIPTION}waste-management-irl"
POLICY = {"threshold": 1, "hierarchy_steps": 2, "on": "2026-01-01", "suggestions": 0, "grades": {"exact": 1}}
PROPERTY = {"id": "label", "settings": {"limit": 3, "language": "en"}}
BODY = "http://example.org/body"
QUESTIONS: dict[str, Any] = {
    "/v1/stackability": {
        "credentials": [CREDENTIAL],
        "target": {"skills": [GREEN_SKILL]},
        "policy": POLICY,
        "purpose": "academic",
        "body": BODY,
        "explain": False,
    },
    "/v1/recognition": {
        "credential": CREDENTIAL,
        "country": "FIN",
        "purpose": "training",
        "on": "2026-01-01",
        "body": BODY,
        "accept_claims": False,
    },
    "/v1/compare": {"descriptions": [CREDENTIAL, OTHER], "policy": POLICY},
    "/v1/profile": {"credentials": [CREDENTIAL], "policy": POLICY},
    "/v1/coverage": {"descriptions": [CREDENTIAL], "policy": POLICY},
    "/v1/mapping": {"text": "sort waste", "limit": 5, "language": "en"},
    "/v1/conversion?to=elm": {"credential": CREDENTIAL},
    "/v1/mappings": {
        "subject": "rubbish",
        "object": GREEN_SKILL,
        "relation": "exactMatch",
        "accepted": False,
        "author": "M",
        "author_id": "https://orcid.org/0000-0000-0000-0000",
        "comment": "none",
    },
    "/reconcile/1.0-draft/extend": {"ids": [GREEN_SKILL], "properties": [PROPERTY]},
    "/reconcile/1.0-draft/match": {
        "queries": [
            {
                "type": "http://example.org/a",
                "limit": 3,
                "lang": "en",
                "conditions": [
                    {"matchType": "name", "propertyValue": "waste", "required": True, "matchQuantifier": "any"},
                    {"matchType": "property", "propertyId": "label", "propertyValue": ["a", 1, {"id": "x"}]},
                ],
            }
        ]
    },
    "/reconcile!extend": {"ids": [GREEN_SKILL], "properties": [PROPERTY]},
    "/reconcile!queries": {
        "q0": {
            "query": "waste",
            "type": "http://example.org/a",
            "limit": 3,
            "type_strict": "any",
            "properties": [{"pid": "label", "v": ["a", 1, {"id": "x"}]}],
        }
    },
}
"""Each with every field; behind `!` the field of a form that holds it."""
ODD = [
    *("NaN", "-Infinity", "1e999", "-1", "1.5", "9" * 400, "9" * 5000, "null", "true", "[]", "{}", "[null]"),
    *('""', '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"NaN"', '"1e999"', '"GS01"', '"urn:x y"', '"http://["'),
    *(
        '{"a":1,"a":2}',
        '{"skills":["GS01"]}',
        '{"id":null}',
        '"' + "a" * 5000 + '"',
        '["a",["b"]]',
        '"0000-00-00"',
        '"ZZZ"',
    ),
]
"""JSON texts, some of which only lenient parsers read."""


@pytest.fixture(scope="module")
def lenient(built: tuple[Path, BuildReport], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application itself: what nothing foresees is raised in the test."""
    folder = copy_of_folder(built[0], tmp_path_factory.mktemp("mutated") / "store")
    settings = Settings(store=folder, tokens=HASH)
    with TestClient(build_application(settings)) as client:
        yield client


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from _paths(value[key], (*path, key))


def _put(question: Any, path: tuple[Any, ...], odd: str) -> str:
    """Return the JSON of a question with another text at one place."""
    if not path:
        return odd
    changed = deepcopy(question)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = "@@"
    return json.dumps(changed).replace('"@@"', odd)


def _send(client: TestClient, address: str, content: str) -> int:
    path, _, field = address.partition("!")
    form = urlencode({field: content}).encode() if field else content.encode()
    kind = "application/x-www-form-urlencoded" if field else "application/json"
    answer = client.post(path, content=form, headers={**BEARER, "Content-Type": kind})
    if not answer.is_success:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
    return int(answer.status_code)


def _fields(schema: Any, schemas: dict[str, Any]) -> set[str]:
    """Return the fields of the record that a request body has by the contract."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return set(schemas[name]["properties"]) if name else set()


def test_each_question_has_each_of_its_fields(lenient: TestClient) -> None:
    contract = lenient.get("/openapi.json").json()
    checked = set()
    for path, operations in contract["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        fields = _fields(content["schema"], contract["components"]["schemas"]) if content else set()
        if fields:
            assert fields == QUESTIONS[path].keys(), path
            checked.add(path)
    assert {"/v1/stackability", "/v1/recognition", "/v1/compare", "/v1/profile", "/v1/coverage"} <= checked


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:20])
@pytest.mark.parametrize("address", QUESTIONS)
def test_what_does_not_belong_in_a_field_is_no_failure(lenient: TestClient, address: str, odd: str) -> None:
    question = QUESTIONS[address]
    paths = list(_paths(question))
    assert len(paths) > 1
    for path in paths:
        assert _send(lenient, address, _put(question, path, odd)) < 500, path


@pytest.mark.parametrize("odd", ["NaN", "1e999", '"\\ud800"', '{"a":1,"a":2}', "[" * 200 + "]" * 200])
@pytest.mark.parametrize("address", QUESTIONS)
def test_what_is_no_json_between_systems_is_refused_in_each_field(lenient: TestClient, address: str, odd: str) -> None:
    question = QUESTIONS[address]
    paths = [path for path in _paths(question) if path]
    assert paths
    for path in paths:
        assert 400 <= _send(lenient, address, _put(question, path, odd)) < 500, path


def test_each_question_is_answered_as_it_is(lenient: TestClient) -> None:
    assert {
        address: _send(lenient, address, json.dumps(question)) < 300 for address, question in QUESTIONS.items()
    } == (dict.fromkeys(QUESTIONS, True))
