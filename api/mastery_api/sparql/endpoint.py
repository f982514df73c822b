"""The SPARQL 1.1 Protocol as a plain ASGI application.

A query is sent by `GET ?query=`, by `POST` as a form, or by `POST` of `application/sparql-query`; an update likewise,
if a token allows it. The result is streamed. If it fails halfway, the connection is aborted, so that nobody takes a
truncated result for a complete one; if the client disconnects, the query is cancelled.
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
from mastery_api.lanes import Lanes
from mastery_api.middleware.rate_limit import client_of, run_while_connected
from mastery_api.sparql.protocol import METHODS, SparqlRequest, parse_request
from mastery_api.sparql.result_cache import ResultCache
from mastery_api.sparql.service_description import service_description
from mastery_api.sparql.streaming import Headers, Send, respond, send_pieces, send_whole
from mastery_api.store_writer import StoreWriter
from mastery_api.writer_threads import run_in_writer_thread
from mastery_graph.errors import MasteryError, NotAcceptable
from mastery_graph.languages import Message
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.settings import Settings
from mastery_graph.store.factory import confinement
from mastery_graph.store.protocol import GraphSize, Limits, Store
from mastery_graph.store.query_text import Query
from mastery_graph.store.versioned import VersionedStore

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_VARY: Final = {"Vary": "Accept"}


@dataclass(frozen=True, slots=True)
class _ResultFormat:
    """The media type of a result, its formats for a table and for a graph, and its headers."""

    media_type: str
    results: QueryResultsFormat
    graph: RdfFormat
    headers: Headers


class SparqlEndpoint:
    """The SPARQL endpoint of one store."""

    def __init__(
        self,
        served: VersionedStore,
        settings: Settings,
        lanes: Lanes,
        store_writer: StoreWriter,
        *,
        page: Callable[[Request], Response],
    ) -> None:
        """Answer from the served store, taking turns in the lanes; `page` is shown to browsers that send no query."""
        self._served = served
        self._page = page
        self._settings = settings
        self._store_writer = store_writer
        self._federated = bool(confinement(settings).hosts)
        self._lanes = lanes
        self._results = ResultCache(settings.result_cache_bytes)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            if request.method == "OPTIONS":
                response = Response(status_code=204, headers={"Allow": METHODS})
            else:
                check_token = partial(require_token, request, self._settings, "update")
                sparql_request = await parse_request(request, self._settings.write_bytes, check_token)
                if sparql_request.query is not None:
                    await self._answer(request, sparql_request, sparql_request.query, receive, send)
                    return
                if sparql_request.update is not None:
                    response = await run_in_writer_thread(self._update, request, sparql_request.update, sparql_request)
                else:
                    response = await asyncio.to_thread(self._describe, request)
        except ClientDisconnect:
            return
        except MasteryError as error:
            response = problems.problem_response(request, error, _VARY)
        await response(scope, receive, send)

    def _update(self, request: Request, text: str, sparql_request: SparqlRequest) -> Response:
        require_token(request, self._settings, "update")
        self._store_writer.update(text, sparql_request.scope)
        return Response(status_code=204)

    def _describe(self, request: Request) -> Response:
        accept = request.headers.get("accept", "*/*")
        media_type = negotiation.best_match(accept, ["text/html", *negotiation.GRAPHS])
        if media_type is None or media_type not in negotiation.GRAPHS:
            return self._page(request)
        description = service_description(
            str(request.url.replace(query="", fragment="")),
            _graph_sizes(self._served.current()),
            negotiation.GRAPHS[media_type],
            updates=bool(self._settings.tokens) and self._store_writer.accepts_updates,
            federated=self._federated,
        )
        return Response(description, media_type=media_type, headers=_VARY)

    async def _answer(
        self, request: Request, sparql_request: SparqlRequest, query: Query, receive: Receive, send: Send
    ) -> None:
        result_format = _negotiate_format(
            negotiation.effective_accept(sparql_request.format, request.headers.get("accept")), query
        )
        store = self._served.current()
        key = await self._cache_key(store, sparql_request, query, result_format)
        headers = (
            (*result_format.headers, (b"etag", f'W/"{key}"'.encode()), _REVALIDATE) if key else result_format.headers
        )
        if key and negotiation.etag_matches(request.headers.get("if-none-match"), key):
            await respond(send, 304, tuple(header for header in headers if header[0] != b"content-type"))
            return
        content = store.look_up(query, result_format.results, sparql_request.scope)
        if content is None and key:
            content = self._results.get(key)
        if content is not None:
            await send_whole(request, send, headers, content)
            return
        client = client_of(request.scope, self._settings.client_header)

        async def send_result() -> None:
            async with self._lanes.turn(client, self._settings.query_seconds) as turn:
                limits = Limits(turn.seconds_left, self._settings.result_bytes)
                formats = result_format.results, result_format.graph
                pieces = store.stream_async(query, *formats, sparql_request.scope, limits, observer=turn)
                async with aclosing(pieces):
                    cache = partial(self._results.put, key) if key else None
                    await send_pieces(
                        request, pieces, headers, send, send_seconds=self._settings.send_seconds, turn=turn, cache=cache
                    )

        await run_while_connected(receive, send_result())

    async def _cache_key(
        self, store: Store, sparql_request: SparqlRequest, query: Query, result_format: _ResultFormat
    ) -> str | None:
        """Return the cache key of a result: query, graphs, format, state of the data. None if it is not repeatable."""
        if not query.properties.is_repeatable:
            return None
        state = self._served.known_state(store) or await asyncio.to_thread(self._served.state, store)
        scope = sparql_request.scope
        key = repr((state, query, result_format.media_type, scope.default_graphs, scope.named_graphs, scope.base))
        return hashlib.sha256(key.encode()).hexdigest()[:32] if state else None


def _graph_sizes(store: Store) -> list[GraphSize]:
    """Return the named graphs with their sizes as the dataset describes them, which needs no counting."""
    described = read_description(store)
    return [GraphSize(iri, content.triples) for iri, content in sorted(described.items())] or store.graphs()


_REVALIDATE: Final = (b"cache-control", b"no-cache")
"""A copy may be stored, and must be revalidated before each use."""


def _negotiate_format(accept: str | None, query: Query) -> _ResultFormat:
    formats = _GRAPHS if query.properties.form in {"CONSTRUCT", "DESCRIBE"} else _TABLES
    media_type = negotiation.best_match(accept, tuple(formats))
    if media_type is None:
        raise NotAcceptable(
            Message("None of {accept} is available for this query.", accept=accept),
            Message("Available: {names}.", names=", ".join(formats)),
        )
    return formats[media_type]


def _headers(media_type: str) -> Headers:
    content_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    return (b"vary", b"Accept"), (b"content-type", content_type.encode())


_TABLES: Final = {
    name: _ResultFormat(name, results, RdfFormat.TURTLE, _headers(name)) for name, results in negotiation.TABLES.items()
}
_GRAPHS: Final = {
    name: _ResultFormat(name, QueryResultsFormat.JSON, graph, _headers(name))
    for name, graph in negotiation.GRAPHS.items()
}
