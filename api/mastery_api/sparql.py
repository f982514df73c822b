"""The SPARQL 1.1 Protocol as a plain ASGI application.

A query comes by `GET ?query=`, by `POST` as a form, or by `POST` of `application/sparql-query`; an update likewise,
where a token allows it. The result is sent as it is made. Where it ends too early, the connection breaks, so that
nobody takes a cut result for a whole one; where its client goes, its work ends.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import QueryResultsFormat, RdfFormat
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mastery_api import negotiation, problems
from mastery_api.clients import client_of, while_there
from mastery_api.pieces import Pieces
from mastery_api.protocol import Asked, asked_by
from mastery_api.results import Results
from mastery_api.service_description import service_description
from mastery_api.tokens import require_token
from mastery_api.turns import Turns
from mastery_api.writing import Writing
from mastery_graph.errors import MasteryError
from mastery_graph.settings import Settings
from mastery_graph.store.configured import confinement
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Limits, Store
from mastery_graph.store.query_text import Query
from mastery_graph.store.served import ServedStore

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Headers = tuple[tuple[bytes, bytes], ...]
"""They are shared by responses, and a layer may write into those of a message: each message gets a list of its own."""

_VARY: Final = {"Vary": "Accept"}
_IN_MEMORY: Final = 1_000_000


class ResultCutOff(RuntimeError):
    """The result ends too early. It has begun, so that only a broken connection can say so: the server makes one."""


@dataclass(frozen=True, slots=True)
class _Face:
    """The media type to answer with, and the formats for a table and for a graph."""

    media_type: str
    results: QueryResultsFormat
    graph: RdfFormat
    headers: Headers


class Sparql:
    """The endpoint for one store."""

    def __init__(
        self,
        served: ServedStore,
        settings: Settings,
        turns: Turns,
        writing: Writing,
        page: Callable[[Request], Response],
    ) -> None:
        """Answer from what is served, turn by turn; `page` is shown to browsers that come without a query."""
        self._served = served
        self._page = page
        self._settings = settings
        self._writing = writing
        self._federated = bool(confinement(settings).hosts)
        self._turns = turns
        self._pieces = Pieces(settings.query_workers)
        self._results = Results(settings.result_cache_bytes)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            if request.method == "OPTIONS":
                response = Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})
            else:
                asked = await asked_by(request, self._settings.write_bytes)
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
            response = problems.refusal(request, error, _VARY)
        await response(scope, receive, send)

    def _update(self, request: Request, text: str, asked: Asked) -> Response:
        require_token(request, self._settings, "update")
        self._writing.update(text, asked.scope)
        return Response(status_code=204)

    def _without_query(self, request: Request) -> Response:
        accept = request.headers.get("accept", "*/*")
        chosen = negotiation.wanted(accept, ["text/html", *negotiation.GRAPHS])
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

    async def _answer(self, request: Request, asked: Asked, query: Query, receive: Receive, send: Send) -> None:
        face = _face(negotiation.asked(asked.format, request.headers.get("accept")), query)
        store = self._served.current()
        key = await self._key(store, asked, query, face)
        headers = (*face.headers, (b"etag", f'W/"{key}"'.encode()), _FRESH) if key else face.headers
        if key and negotiation.already_has(request.headers.get("if-none-match"), key):
            await _respond(send, 304, tuple(one for one in headers if one[0] != b"content-type"))
            return
        whole = store.look_up(query, face.results, asked.scope) if isinstance(store, EmbeddedStore) else None
        if whole is None and key:
            whole = self._results.get(key)
        if whole is not None:
            await _send_whole(request, send, headers, whole)
            return
        client = client_of(request.scope, self._settings.client_header)

        async def found() -> None:
            async with self._turns.turn(client, self._settings.query_seconds) as seconds:
                limits = Limits(seconds, self._settings.result_bytes)
                pieces = self._pieces.of(store, query, face.results, face.graph, scope=asked.scope, limits=limits)
                async with aclosing(pieces):
                    await self._send(request, pieces, headers, key, send)

        await while_there(receive, found())

    async def _key(self, store: Store, asked: Asked, query: Query, face: _Face) -> str | None:
        """Return what stands for the result: query, graphs, format, state of the data. None where it may change."""
        if not query.properties.is_repeatable:
            return None
        state = self._served.known_state(store) or await asyncio.to_thread(self._served.state, store)
        scope = asked.scope
        told = repr((state, query, face.media_type, scope.default_graphs, scope.named_graphs, scope.base))
        return hashlib.sha256(told.encode()).hexdigest()[:32] if state else None

    async def _send(
        self, request: Request, pieces: AsyncIterator[bytes], headers: Headers, key: str | None, send: Send
    ) -> None:
        # HTTP/1.0 tells the end of a body by the end of the connection: there, only a whole result is sent.
        if request.scope.get("http_version") in {"1", "1.0"}:
            pieces = _whole(pieces)
        first = await anext(pieces, b"")
        second = await anext(pieces, None)
        if second is None:
            if key:
                self._results.put(key, first)
            await _send_whole(request, send, headers, first)
            return
        await send(_start(200, headers))
        if request.method == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        try:
            async with asyncio.timeout(self._settings.send_seconds):
                await send({"type": "http.response.body", "body": first, "more_body": True})
                while second is not None:
                    following = await anext(pieces, None)
                    await send({"type": "http.response.body", "body": second, "more_body": following is not None})
                    second = following
        except TimeoutError:
            raise ResultCutOff(f"Not taken within {self._settings.send_seconds:g} seconds.") from None
        except MasteryError as error:
            raise ResultCutOff(error.detail) from None


_FRESH: Final = (b"cache-control", b"no-cache")
"""A copy may be kept, and is to be confirmed each time it is used."""


def _face(accept: str | None, query: Query) -> _Face:
    faces = _GRAPHS if query.properties.form in {"CONSTRUCT", "DESCRIBE"} else _TABLES
    chosen = negotiation.wanted(accept, tuple(faces))
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


def _start(status: int, headers: Headers) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


async def _send_whole(request: Request, send: Send, headers: Headers, content: bytes) -> None:
    told = (*headers, (b"content-length", b"%d" % len(content)))
    await _respond(send, 200, told, b"" if request.method == "HEAD" else content)


async def _respond(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": body})


async def _whole(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the same pieces once all are there: small results wait in memory, others in a file without a name."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
        async for piece in pieces:
            await asyncio.to_thread(kept.write, piece)
        kept.seek(0)
        while piece := await asyncio.to_thread(kept.read, 64 * 1024):
            yield piece
