"""The routes of mappings: export as SSSOM and JSKOS, and decisions of people."""

import json
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from mastery_api import negotiation
from mastery_api.authorization import require_token
from mastery_api.dependencies import OpenStore
from mastery_api.json_bodies import STRICT
from mastery_api.openapi.media_types import declare_media_types
from mastery_api.openapi.problem_schema import declare_problems
from mastery_api.v1.concepts import OpenFinder
from mastery_graph.errors import AdvisedAction, BadParameter, ScopeRefused, TokenRefused, UnknownResource, WritingIsOff
from mastery_graph.languages import Message
from mastery_graph.mappings.mapping_decisions import Decision, record_decision
from mastery_graph.mappings.mapping_set import as_jskos, as_json_lines, as_sssom_json, as_sssom_tsv, sssom_table

router = APIRouter(prefix="/v1", tags=["mapping"], dependencies=[STRICT])

_TSV = "text/tab-separated-values"
_LINES = "application/x-ndjson"
_VARY = {"Vary": "Accept"}


class SssomDocument(BaseModel):
    """A mapping set in the JSON form of SSSOM, with the slots of the standard; `format=jskos` returns a list."""

    model_config = ConfigDict(extra="allow")

    mapping_set_id: str
    mappings: list[dict[str, Any]]


class RecordedDecision(BaseModel):
    """A decision with the IRI of its record, and whether it changed the graph."""

    record: str
    changed: bool
    subject: str
    object: str
    relation: str
    accepted: bool
    author: str
    author_id: str | None
    comment: str | None


@router.get("/mappings", response_model=SssomDocument, responses=declare_media_types([_TSV, _LINES]))
def mappings(request: Request, store: OpenStore) -> Response:
    """Return all mappings as SSSOM: a TSV table, or JSON. `?format=jskos` and `ndjson` return JSKOS."""
    table = sssom_table(store)
    format_name = request.query_params.get("format")
    if format_name == "jskos":
        return JSONResponse(list(as_jskos(table)), headers=_VARY)
    accept = negotiation.effective_accept(format_name, request.headers.get("accept"))
    media_type = (
        _LINES if format_name == "ndjson" else negotiation.best_match(accept, ["application/json", _TSV, _LINES])
    )
    if media_type == _LINES:
        return Response(as_json_lines(as_jskos(table)), media_type=_LINES, headers=_VARY)
    if media_type == _TSV:
        return Response(as_sssom_tsv(table), media_type=_TSV, headers=_VARY)
    content = json.dumps(as_sssom_json(table), ensure_ascii=False)
    return Response(content, media_type="application/json", headers=_VARY)


@router.post(
    "/mappings",
    status_code=201,
    response_model=RecordedDecision,
    responses={200: {"model": RecordedDecision, "description": "The decision was recorded before."}},
    openapi_extra=declare_problems(UnknownResource, BadParameter, WritingIsOff, TokenRefused, ScopeRefused),
)
def decide(request: Request, finder: OpenFinder, decision: Decision) -> Response:
    """Record the decision of a person; requires a token. A rejected mapping is denied and not offered again."""
    settings = request.app.state.settings
    require_token(request, settings, "mappings")
    if finder.entry(decision.object) is None:
        raise UnknownResource(
            Message("There is no concept {object}.", object=decision.object),
            action=AdvisedAction.FIND_CONCEPTS,
        )
    with request.app.state.store_writer.draft() as draft:
        changed = record_decision(draft, decision, datetime.now(UTC).date())
    content = {"record": decision.record, "changed": changed, **decision.model_dump(mode="json")}
    return JSONResponse(content, 201 if changed else 200)
