"""The routes of the Reconciliation Service API, 0.2 and the draft of 1.0.

Both versions allow cross-origin requests, and 0.2 returns JSONP if a `callback` is given.
"""

import json
import re
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import ValidationError

from mastery_api.dependencies import OpenStore
from mastery_api.html import rendering
from mastery_api.json_bodies import STRICT
from mastery_api.openapi.problem_schema import declare_problems
from mastery_api.reconciliation.manifest import DRAFT, MAX_BATCH_SIZE, ROOT, draft_manifest, manifest
from mastery_api.reconciliation.models import (
    Extension,
    NewBatch,
    OldQuery,
    candidate,
    malformed_query,
    property_meta,
    read_extension,
    read_old_batch,
    settings_of,
    short_description,
    type_name,
    types_of,
    value,
)
from mastery_api.reconciliation.responses import (
    DraftQueryResults,
    EntitySuggestions,
    ExtendedRows,
    HtmlFlyout,
    ProposedProperties,
    ReconcileResponse,
    ServiceManifest,
)
from mastery_api.v1.concepts import OpenFinder
from mastery_graph.concept_search.finder import Finder
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadDocument, BadParameter, DocumentTooLarge, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.reconciliation import (
    PROPERTIES,
    TYPES,
    filter_by_prefix,
    property_values,
    reconcile,
    suggested_entities,
)
from mastery_graph.store.protocol import Store

router = APIRouter(tags=["reconciliation"], dependencies=[STRICT])

_FRAME_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"
_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,99}")
_KINDS = {"property": {identifier: prop.name for identifier, prop in PROPERTIES.items()}, "type": TYPES}


_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_BATCH = {"title": "ReconciliationBatch", "type": "object", "required": ["queries"]}
_PROBLEMS = declare_problems(BadParameter, BadDocument, DocumentTooLarge, UnknownResource)


def _language(request: Request) -> str:
    accepted = request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0].strip()
    return accepted.partition("-")[0].lower() or "en"


Language = Annotated[str, Depends(_language)]
Callback = Annotated[str | None, Query(max_length=100, description="JSONP: the function to call.")]
Prefix = Annotated[str, Query(max_length=500)]
Cursor = Annotated[int, Query(ge=0, le=10_000)]
Identifier = Annotated[str, Query(min_length=1, max_length=2000)]


@router.get(ROOT, response_model=ReconcileResponse, openapi_extra=_PROBLEMS)
def service(
    request: Request,
    store: OpenStore,
    finder: OpenFinder,
    *,
    language: Language,
    queries: str | None = None,
    extend: str | None = None,
    callback: Callback = None,
) -> Response:
    """Return the manifest, or answer a batch of queries, or fetch properties (0.2)."""
    return _response(_answer(request, store, finder, language, queries=queries, extend=extend), callback)


@router.post(
    ROOT,
    response_model=ReconcileResponse | DraftQueryResults,
    openapi_extra={**_PROBLEMS, "requestBody": {"required": True, "content": {_FORM: {"schema": {"type": "string"}}}}},
)
async def service_by_form(request: Request, store: OpenStore, finder: OpenFinder, language: Language) -> Response:
    """Answer a batch of queries, or fetch properties: a form (0.2), or JSON (as the draft of 1.0 sends it)."""
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        return await run_in_threadpool(_answer_draft, await request.body(), store, finder, language)
    form = await request.form()
    queries, extend = (str(form[name]) if name in form else None for name in ("queries", "extend"))
    if queries is None and extend is None:
        raise BadParameter(
            Message("Send `queries` or `extend` as a form."), Message("GET {root} returns the manifest.", root=ROOT)
        )
    return _response(
        await run_in_threadpool(_answer, request, store, finder, language, queries=queries, extend=extend), None
    )


@router.get(DRAFT, response_model=ServiceManifest)
def draft_service(request: Request) -> Response:
    """Return the manifest (draft of 1.0)."""
    return _response(draft_manifest(_base(request)), None)


@router.post(
    f"{DRAFT}/match",
    response_model=DraftQueryResults,
    openapi_extra={**_PROBLEMS, "requestBody": {"required": True, "content": {_JSON: {"schema": _BATCH}}}},
)
@router.post(f"{DRAFT}/reconcile", include_in_schema=False)
async def match(request: Request, store: OpenStore, finder: OpenFinder, language: Language) -> Response:
    """Answer a batch of queries (draft of 1.0)."""
    return await run_in_threadpool(_answer_draft, await request.body(), store, finder, language)


@router.post(f"{DRAFT}/extend", response_model=ExtendedRows, openapi_extra=_PROBLEMS)
def draft_extend(question: Extension, finder: OpenFinder, language: Language) -> Response:
    """Fetch properties of concepts (draft of 1.0)."""
    rows = [
        {"id": uri, "properties": [{"id": name, "values": values} for name, values in row.items()]}
        for uri, row in _rows(question, finder, language).items()
    ]
    return _response({"meta": property_meta(question.properties), "rows": rows}, None)


@router.get(f"{ROOT}/suggest/entity", response_model=EntitySuggestions, openapi_extra=_PROBLEMS)
@router.get(f"{DRAFT}/suggest/entity", response_model=EntitySuggestions, openapi_extra=_PROBLEMS)
def suggest_entity(
    finder: OpenFinder, language: Language, prefix: Prefix = "", cursor: Cursor = 0, callback: Callback = None
) -> Response:
    """Complete the name of a concept."""
    entities = [
        {
            "id": entry.uri,
            "name": entry.label(language),
            "description": short_description(entry, language),
            "notable": types_of(entry),
        }
        for entry in suggested_entities(finder, prefix, cursor)
    ]
    return _response({"result": entities}, callback)


@router.get(f"{ROOT}/suggest/{{kind}}", response_model=EntitySuggestions, openapi_extra=_PROBLEMS)
@router.get(f"{DRAFT}/suggest/{{kind}}", response_model=EntitySuggestions, openapi_extra=_PROBLEMS)
def suggest(kind: str, prefix: Prefix = "", cursor: Cursor = 0, callback: Callback = None) -> Response:
    """Complete the name of a property or a type."""
    suggestions = [{"id": iri, "name": name} for iri, name in filter_by_prefix(_names(kind), prefix).items()]
    return _response({"result": suggestions[cursor:]}, callback)


@router.get(f"{ROOT}/flyout/entity", response_model=HtmlFlyout, openapi_extra=_PROBLEMS)
def flyout_entity(
    request: Request,
    finder: OpenFinder,
    language: Language,
    id: Identifier,  # noqa: A002
    callback: Callback = None,
) -> Response:
    """Describe a concept in a small piece of HTML (0.2)."""
    return _response({"id": id, "html": _preview(request, finder, language, id)}, callback)


@router.get(f"{ROOT}/flyout/{{kind}}", response_model=HtmlFlyout, openapi_extra=_PROBLEMS)
def flyout(kind: str, id: Identifier, callback: Callback = None) -> Response:  # noqa: A002
    """Describe a property or a type in a small piece of HTML (0.2)."""
    names = _names(kind)
    if id not in names:
        raise UnknownResource(Message("There is no {kind} {id}.", kind=kind, id=repr(id)))
    text = PROPERTIES[id].description if kind == "property" else id
    return _response({"id": id, "html": f"<p><strong>{escape(names[id])}</strong></p><p>{escape(text)}</p>"}, callback)


@router.get(f"{ROOT}/preview", response_class=HTMLResponse, openapi_extra=_PROBLEMS)
@router.get(f"{DRAFT}/preview", response_class=HTMLResponse, openapi_extra=_PROBLEMS)
def preview(request: Request, finder: OpenFinder, language: Language, id: Identifier) -> Response:  # noqa: A002
    """Show a concept in a small page for an iframe."""
    headers = {"Content-Security-Policy": _FRAME_POLICY}
    return Response(_preview(request, finder, language, id), media_type="text/html; charset=utf-8", headers=headers)


@router.get(f"{ROOT}/extend/propose", response_model=ProposedProperties, openapi_extra=_PROBLEMS)
@router.get(f"{DRAFT}/extend/propose", response_model=ProposedProperties, openapi_extra=_PROBLEMS)
def propose(
    type: Annotated[str | None, Query(max_length=2000)] = None,  # noqa: A002
    limit: Annotated[int | None, Query(ge=0)] = None,
    callback: Callback = None,
) -> Response:
    """Propose properties to fetch."""
    properties = [{"id": name, "name": prop.name, "description": prop.description} for name, prop in PROPERTIES.items()]
    answer: dict[str, Any] = {"properties": properties[:limit] if limit is not None else properties}
    parameters = {"type": type, "limit": limit}
    return _response(
        answer | {name: argument for name, argument in parameters.items() if argument is not None}, callback
    )


def _answer(
    request: Request, store: Store, finder: Finder, language: str, *, queries: str | None, extend: str | None
) -> dict[str, Any]:
    if queries is not None:
        batch = read_old_batch(queries)
        _require_batch_size(len(batch))
        return {name: {"result": _matches(store, finder, query, language)} for name, query in batch.items()}
    if extend is not None:
        extension = read_extension(extend)
        return {"meta": property_meta(extension.properties), "rows": _rows(extension, finder, language)}
    return manifest(_base(request))


def _answer_draft(body: bytes, store: Store, finder: Finder, language: str) -> Response:
    try:
        batch = NewBatch.model_validate(parse_json(body))
    except ValidationError as error:
        raise malformed_query(error) from None
    _require_batch_size(len(batch.queries))
    results = []
    for query in batch.queries:
        matches = reconcile(store, finder, query.to_query())
        query_language = query.lang.partition("-")[0] if query.lang else language
        results.append({"candidates": [candidate(match, query_language, draft=True) for match in matches]})
    return _response({"results": results}, None)


def _matches(store: Store, finder: Finder, query: OldQuery, language: str) -> list[dict[str, Any]]:
    return [candidate(match, language) for match in reconcile(store, finder, query.to_query())]


def _rows(question: Extension, finder: Finder, language: str) -> dict[str, dict[str, list[dict[str, str]]]]:
    _require_batch_size(len(question.ids))
    _require_batch_size(len(question.properties))
    rows: dict[str, dict[str, list[dict[str, str]]]] = {}
    for uri in question.ids:
        rows[uri] = {}
        for prop in question.properties:
            property_language, limit = settings_of(prop, language)
            values = property_values(finder, uri, prop.id, property_language, limit)
            rows[uri][prop.id] = [value(item, property_language) for item in values]
    return rows


def _preview(request: Request, finder: Finder, language: str, uri: str) -> str:
    entry = finder.entry(uri)
    if entry is None:
        raise UnknownResource(Message("There is no concept {uri}.", uri=uri))
    page = rendering.render(
        request,
        "preview.html",
        entry=entry,
        label=entry.label(language),
        description=short_description(entry, language),
        types=[type_name(iri) for iri in entry.types],
        above=[concept.label(language) for concept in map(finder.entry, entry.broader) if concept],
    )
    return bytes(page.body).decode()


def _names(kind: str) -> dict[str, str]:
    if kind not in _KINDS:
        raise UnknownResource(
            Message("There are no suggestions of the kind {kind}.", kind=repr(kind)),
            Message("The kinds are entity, property and type."),
        )
    return dict(_KINDS[kind])


def _require_batch_size(number: int) -> None:
    if number > MAX_BATCH_SIZE:
        raise DocumentTooLarge(
            Message("The batch has {number} entries.", number=number),
            Message("Send at most {max_batch_size} at once.", max_batch_size=MAX_BATCH_SIZE),
        )


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _response(content: dict[str, Any], callback: str | None) -> Response:
    if callback is None:
        return JSONResponse(content)
    if not _CALLBACK.fullmatch(callback):
        raise BadParameter(Message("The callback must be the name of a function."))
    script = f"/**/{callback}({json.dumps(content)});"
    return Response(script, media_type="application/javascript")
