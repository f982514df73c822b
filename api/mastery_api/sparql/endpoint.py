"""The SPARQL 1.1 Protocol as a plain ASGI application.

A query comes by `GET ?query=`, by `POST` as a form, or by `POST` of `application/sparql-query`; an update likewise,
where a token allows it. The result is sent as it is made. Where it ends too early, the connection breaks, so that
nobody takes a cut result for a whole one; where its client goes, its work ends.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pyoxigraph import QueryResultsFormat, RdfFormat
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mastery_api import negotiation, problems
from mastery_api.authorization import require_token
from mastery_api.fair_queue import FairQueue
from mastery_api.middleware.rate_limit import client_of, run_while_connected
from mastery_api.sparql.protocol import SparqlRequest, parse_request
from mastery_api.sparql.result_cache import ResultCache
from mastery_api.sparql.service_description import service_description
from mastery_api.sparql.streaming import Headers, ResultStream, Send, respond, send_pieces, send_whole
from mastery_api.store_writer import StoreWriter
from mastery_graph.errors import MasteryError
from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.factory import confinement
from mastery_graph.store.protocol import Limits, Store
from mastery_graph.store.query_text import Query
from mastery_graph.store.versioned import VersionedStore

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_VARY: Final = {"Vary": "Accept"}


@dataclass(frozen=True, slots=True)
class _Face:
    """The media type to answer with, and the formats for a table and for a graph."""

    media_type: str
    results: QueryResultsFormat
    graph: RdfFormat
    headers: Headers


class SparqlEndpoint:
    """The endpoint for one store."""

    def __init__(
        self,
        served: VersionedStore,
        settings: Settings,
        turns: FairQueue,
        pieces: ResultStream,
        writing: StoreWriter,
        *,
        page: Callable[[Request], Response],
    ) -> None:
        """Answer from what is served, turn by turn; `page` is shown to browsers that come without a query."""
        self._served = served
        self._page = page
        self._settings = settings
        self._writing = writing
        self._federated = bool(confinement(settings).hosts)
        self._turns = turns
        self._pieces = pieces
        self._results = ResultCache(settings.result_cache_bytes)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            if request.method == "OPTIONS":
                response = Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})
            else:
                may_update = partial(require_token, request, self._settings, "update")
                asked = await parse_request(request, self._settings.write_bytes, may_update)
                if asked.query is not None:
                    await self._answer(request, asked, asked.query, receive, send)
                    return
                if asked.update is not None:
                    response = await asyncio.to_thread(self._update, request, asked.update, asked)
                else:
                    response = await asyncio.to_thread(self._without_query, request)
        except ClientDisconnect:
            return
        except MasteryError as error:
            response = problems.problem_response(request, error, _VARY)
        await response(scope, receive, send)

    def _update(self, request: Request, text: str, asked: SparqlRequest) -> Response:
        require_token(request, self._settings, "update")
        self._writing.update(text, asked.scope)
        return Response(status_code=204)

    def _without_query(self, request: Request) -> Response:
        accept = request.headers.get("accept", "*/*")
        chosen = negotiation.best_match(accept, ["text/html", *negotiation.GRAPHS])
        if chosen is None or chosen not in negotiation.GRAPHS:
            return self._page(request)
        described = service_description(
            str(request.url.replace(query="", fragment="")),
            self._served.current().graphs(),
            negotiation.GRAPHS[chosen],
            updates=bool(self._settings.tokens) and self._writing.takes_updates,
            federated=self._federated,
        )
        return Response(described, media_type=chosen, headers=_VARY)

    async def _answer(self, request: Request, asked: SparqlRequest, query: Query, receive: Receive, send: Send) -> None:
        face = _face(negotiation.effective_accept(asked.format, request.headers.get("accept")), query)
        store = self._served.current()
        key = await self._key(store, asked, query, face)
        headers = (*face.headers, (b"etag", f'W/"{key}"'.encode()), _FRESH) if key else face.headers
        if key and negotiation.etag_matches(request.headers.get("if-none-match"), key):
            await respond(send, 304, tuple(one for one in headers if one[0] != b"content-type"))
            return
        whole = store.look_up(query, face.results, asked.scope) if isinstance(store, EmbeddedStore) else None
        if whole is None and key:
            whole = self._results.get(key)
        if whole is not None:
            await send_whole(request, send, headers, whole)
            return
        client = client_of(request.scope, self._settings.client_header)

        async def found() -> None:
            async with self._turns.turn(client, self._settings.query_seconds) as seconds:
                limits = Limits(seconds, self._settings.result_bytes)
                pieces = self._pieces.of(store, query, face.results, face.graph, scope=asked.scope, limits=limits)
                async with aclosing(pieces):
                    keep = partial(self._results.put, key) if key else None
                    await send_pieces(request, pieces, headers, send, self._settings.send_seconds, keep=keep)

        await run_while_connected(receive, found())

    async def _key(self, store: Store, asked: SparqlRequest, query: Query, face: _Face) -> str | None:
        """Return what stands for the result: query, graphs, format, state of the data. None where it may change."""
        if not query.properties.is_repeatable:
            return None
        state = self._served.known_state(store) or await asyncio.to_thread(self._served.state, store)
        scope = asked.scope
        told = repr((state, query, face.media_type, scope.default_graphs, scope.named_graphs, scope.base))
        return hashlib.sha256(told.encode()).hexdigest()[:32] if state else None


_FRESH: Final = (b"cache-control", b"no-cache")
"""A copy may be kept, and is to be confirmed each time it is used."""


def _face(accept: str | None, query: Query) -> _Face:
    faces = _GRAPHS if query.properties.form in {"CONSTRUCT", "DESCRIBE"} else _TABLES
    chosen = negotiation.best_match(accept, tuple(faces))
    if chosen is None:
        raise negotiation.NotAcceptable(
            f"None of {accept} is on offer for this query.", f"On offer: {', '.join(faces)}."
        )
    return faces[chosen]


def _headers(media_type: str) -> Headers:
    content_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    return (b"vary", b"Accept"), (b"content-type", content_type.encode())


_TABLES: Final = {
    name: _Face(name, results, RdfFormat.TURTLE, _headers(name)) for name, results in negotiation.TABLES.items()
}
_GRAPHS: Final = {
    name: _Face(name, QueryResultsFormat.JSON, graph, _headers(name)) for name, graph in negotiation.GRAPHS.items()
}
