"""The routes of the Reconciliation Service API, 0.2 and the draft of 1.0.

Both versions answer requests from pages of other origins, and 0.2 answers JSONP where a `callback` is named.
"""

import json
import re
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from mastery_api.dependencies import OpenStore
from mastery_api.html import rendering
from mastery_api.json_bodies import STRICT
from mastery_api.reconciliation.manifest import BATCH, DRAFT, ROOT, draft_manifest, manifest
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
from mastery_api.v1.concepts import OpenFinder
from mastery_graph.concept_search.finder import Finder
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadParameter, DocumentTooLarge, UnknownResource
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

_FRAMED = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"
_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,99}")
_KINDS = {"property": {name: each.name for name, each in PROPERTIES.items()}, "type": TYPES}


def _language(request: Request) -> str:
    accepted = request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0].strip()
    return accepted.partition("-")[0].lower() or "en"


Language = Annotated[str, Depends(_language)]
Callback = Annotated[str | None, Query(max_length=100, description="JSONP: the function to call.")]
Prefix = Annotated[str, Query(max_length=500)]
Cursor = Annotated[int, Query(ge=0, le=10_000)]
Identifier = Annotated[str, Query(min_length=1, max_length=2000)]


@router.get(ROOT)
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
    """Give the manifest, or answer a batch of queries, or fetch properties (0.2)."""
    return _shown(_answer(request, store, finder, language, queries=queries, extend=extend), callback)


@router.post(ROOT)
async def service_by_form(request: Request, store: OpenStore, finder: OpenFinder, language: Language) -> Response:
    """Answer a batch of queries, or fetch properties: a form (0.2), or JSON (as the draft of 1.0 sends it)."""
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        return await run_in_threadpool(_answer_draft, await request.body(), store, finder, language)
    form = await request.form()
    queries, extend = (str(form[name]) if name in form else None for name in ("queries", "extend"))
    if queries is None and extend is None:
        raise BadParameter("Send queries, or extend, as a form.", f"GET {ROOT} gives the manifest.")
    return _shown(
        await run_in_threadpool(_answer, request, store, finder, language, queries=queries, extend=extend), None
    )


@router.get(DRAFT)
def draft_service(request: Request) -> Response:
    """Give the manifest (draft of 1.0)."""
    return _shown(draft_manifest(_base(request)), None)


@router.post(f"{DRAFT}/match")
@router.post(f"{DRAFT}/reconcile", include_in_schema=False)
async def match(request: Request, store: OpenStore, finder: OpenFinder, language: Language) -> Response:
    """Answer a batch of queries (draft of 1.0)."""
    return await run_in_threadpool(_answer_draft, await request.body(), store, finder, language)


@router.post(f"{DRAFT}/extend")
def draft_extend(question: Extension, finder: OpenFinder, language: Language) -> Response:
    """Fetch properties of concepts (draft of 1.0)."""
    rows = [
        {"id": uri, "properties": [{"id": name, "values": found} for name, found in row.items()]}
        for uri, row in _rows(question, finder, language).items()
    ]
    return _shown({"meta": property_meta(question.properties), "rows": rows}, None)


@router.get(f"{ROOT}/suggest/entity")
@router.get(f"{DRAFT}/suggest/entity")
def suggest_entity(
    finder: OpenFinder, language: Language, prefix: Prefix = "", cursor: Cursor = 0, callback: Callback = None
) -> Response:
    """Complete the name of a concept."""
    found = [
        {
            "id": entry.uri,
            "name": entry.label(language),
            "description": short_description(entry, language),
            "notable": types_of(entry),
        }
        for entry in suggested_entities(finder, prefix, cursor)
    ]
    return _shown({"result": found}, callback)


@router.get(f"{ROOT}/suggest/{{kind}}")
@router.get(f"{DRAFT}/suggest/{{kind}}")
def suggest(kind: str, prefix: Prefix = "", cursor: Cursor = 0, callback: Callback = None) -> Response:
    """Complete the name of a property or a type."""
    found = [{"id": iri, "name": name} for iri, name in filter_by_prefix(_names(kind), prefix).items()]
    return _shown({"result": found[cursor:]}, callback)


@router.get(f"{ROOT}/flyout/entity")
def flyout_entity(
    request: Request,
    finder: OpenFinder,
    language: Language,
    id: Identifier,  # noqa: A002
    callback: Callback = None,
) -> Response:
    """Describe a concept in a small piece of HTML (0.2)."""
    return _shown({"id": id, "html": _preview(request, finder, language, id)}, callback)


@router.get(f"{ROOT}/flyout/{{kind}}")
def flyout(kind: str, id: Identifier, callback: Callback = None) -> Response:  # noqa: A002
    """Describe a property or a type in a small piece of HTML (0.2)."""
    names = _names(kind)
    if id not in names:
        raise UnknownResource(f"There is no {kind} {id!r}.")
    text = PROPERTIES[id].description if kind == "property" else id
    return _shown({"id": id, "html": f"<p><strong>{escape(names[id])}</strong></p><p>{escape(text)}</p>"}, callback)


@router.get(f"{ROOT}/preview")
@router.get(f"{DRAFT}/preview")
def preview(request: Request, finder: OpenFinder, language: Language, id: Identifier) -> Response:  # noqa: A002
    """Show a concept in a small page, made to stand in a frame."""
    headers = {"Content-Security-Policy": _FRAMED}
    return Response(_preview(request, finder, language, id), media_type="text/html; charset=utf-8", headers=headers)


@router.get(f"{ROOT}/extend/propose")
@router.get(f"{DRAFT}/extend/propose")
def propose(
    type: Annotated[str | None, Query(max_length=2000)] = None,  # noqa: A002
    limit: Annotated[int | None, Query(ge=0)] = None,
    callback: Callback = None,
) -> Response:
    """Propose properties to fetch."""
    found = [{"id": name, "name": each.name, "description": each.description} for name, each in PROPERTIES.items()]
    answer: dict[str, Any] = {"properties": found[:limit] if limit is not None else found}
    given = {"type": type, "limit": limit}
    return _shown(answer | {name: each for name, each in given.items() if each is not None}, callback)


def _answer(
    request: Request, store: Store, finder: Finder, language: str, *, queries: str | None, extend: str | None
) -> dict[str, Any]:
    if queries is not None:
        batch = read_old_batch(queries)
        _bounded(len(batch))
        return {name: {"result": _matches(store, finder, query, language)} for name, query in batch.items()}
    if extend is not None:
        wanted = read_extension(extend)
        return {"meta": property_meta(wanted.properties), "rows": _rows(wanted, finder, language)}
    return manifest(_base(request))


def _answer_draft(body: bytes, store: Store, finder: Finder, language: str) -> Response:
    try:
        batch = NewBatch.model_validate(parse_json(body))
    except ValidationError as error:
        raise malformed_query(error) from None
    _bounded(len(batch.queries))
    results = []
    for query in batch.queries:
        found = reconcile(store, finder, query.asked())
        shown = query.lang.partition("-")[0] if query.lang else language
        results.append({"candidates": [candidate(each, shown, draft=True) for each in found]})
    return _shown({"results": results}, None)


def _matches(store: Store, finder: Finder, query: OldQuery, language: str) -> list[dict[str, Any]]:
    return [candidate(each, language) for each in reconcile(store, finder, query.asked())]


def _rows(question: Extension, finder: Finder, language: str) -> dict[str, dict[str, list[dict[str, str]]]]:
    _bounded(len(question.ids))
    rows: dict[str, dict[str, list[dict[str, str]]]] = {}
    for uri in question.ids:
        rows[uri] = {}
        for wanted in question.properties:
            shown, limit = settings_of(wanted, language)
            found = property_values(finder, uri, wanted.id, shown, limit)
            rows[uri][wanted.id] = [value(each, shown) for each in found]
    return rows


def _preview(request: Request, finder: Finder, language: str, uri: str) -> str:
    entry = finder.entry(uri)
    if entry is None:
        raise UnknownResource(f"There is no concept {uri}.")
    page = rendering.render(
        request,
        "preview.html",
        entry=entry,
        label=entry.label(language),
        description=short_description(entry, language),
        types=[type_name(iri) for iri in entry.types],
        above=[each.label(language) for each in map(finder.entry, entry.broader) if each],
    )
    return bytes(page.body).decode()


def _names(kind: str) -> dict[str, str]:
    if kind not in _KINDS:
        raise UnknownResource(f"Nothing is suggested of the kind {kind!r}.", "There are entity, property and type.")
    return dict(_KINDS[kind])


def _bounded(number: int) -> None:
    if number > BATCH:
        raise DocumentTooLarge(f"The batch has {number} entries.", f"Send at most {BATCH} at once.")


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _shown(content: dict[str, Any], callback: str | None) -> Response:
    if callback is None:
        return JSONResponse(content)
    if not _CALLBACK.fullmatch(callback):
        raise BadParameter("The callback must be the name of a function.")
    script = f"/**/{callback}({json.dumps(content)});"
    return Response(script, media_type="application/javascript")
