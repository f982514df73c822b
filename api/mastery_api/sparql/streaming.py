"""The pieces of a result, read from a store and sent to a client as they are made.

A query worker gives them to the event loop directly, an endpoint by a thread. Where the client goes, or takes nothing,
the query ends and its worker is free.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any, Final

from pyoxigraph import QueryResultsFormat, RdfFormat
from starlette.requests import Request
from starlette.responses import Response

from mastery_api.middleware.rate_limit import run_while_connected
from mastery_graph.errors import MasteryError
from mastery_graph.store.caching import CachingStore
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import EVERYTHING, UNLIMITED, Limits, Scope, Stop, Store

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Headers = tuple[tuple[bytes, bytes], ...]
"""They are shared by responses, and a layer may write into those of a message: each message gets a list of its own."""

_IN_MEMORY: Final = 1_000_000
_WHOLE_RESULT: Final = 10
"""A whole result may take so many times as long to send as one piece of it."""


class ResultCutOff(RuntimeError):
    """The result ends too early. It has begun, so that only a broken connection can say so: the server makes one."""


class ResultStream:
    """Asks a store, and gives the result piece by piece."""

    def __init__(self, at_once: int) -> None:
        """Make room for so many results at once that a thread waits for."""
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="query")

    def of(
        self,
        store: Store,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        *,
        scope: Scope = EVERYTHING,
        limits: Limits = UNLIMITED,
    ) -> AsyncGenerator[bytes]:
        """Yield the serialised result in pieces. Where the task is cancelled or the generator closed, the query ends.

        Raises what `Store.stream` raises.
        """
        if isinstance(store, CachingStore):
            store = store.remembered
        if isinstance(store, EmbeddedStore):
            return store.stream_async(query, results, graph, scope, limits)
        stop = Stop()
        return self._by_thread(store.stream(query, results, graph, scope, limits, stop=stop), stop)

    async def _by_thread(self, pieces: Iterator[bytes], stop: Stop) -> AsyncGenerator[bytes]:
        loop = asyncio.get_running_loop()
        try:
            while (piece := await loop.run_in_executor(self._threads, next, pieces, None)) is not None:
                yield piece
        finally:
            stop.pull()
            if close := getattr(pieces, "close", None):
                # Where a thread still waits for a piece, the stop has ended it already.
                with contextlib.suppress(ValueError):
                    await asyncio.shield(loop.run_in_executor(self._threads, close))


class StreamedResult(Response):
    """A response that sends the pieces of a result, and ends their query where its client goes or takes nothing."""

    def __init__(
        self, pieces: AsyncGenerator[bytes], media_type: str, headers: Mapping[str, str], send_seconds: float
    ) -> None:
        """Send `pieces`, each of which the client has `send_seconds` to take."""
        super().__init__(media_type=media_type, headers=headers)
        del self.headers["content-length"]
        self._pieces = pieces
        self._send_seconds = send_seconds

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Send the result. Raises what `Store.stream` raises before its first piece."""
        async with aclosing(self._pieces):
            sending = send_pieces(Request(scope), self._pieces, tuple(self.raw_headers), send, self._send_seconds)
            await run_while_connected(receive, sending)


async def send_pieces(
    request: Request,
    pieces: AsyncIterator[bytes],
    headers: Headers,
    send: Send,
    send_seconds: float,
    *,
    keep: Callable[[bytes], None] | None = None,
) -> None:
    """Send a result as its pieces come, and have `keep` take one that is a single piece.

    Raises what `Store.stream` raises before the first piece, and `ResultCutOff` after it: also where the client does
    not take a piece within `send_seconds`, or the whole within ten times as many.
    """
    # HTTP/1.0 tells the end of a body by the end of the connection: there, only a whole result is sent.
    if request.scope.get("http_version") in {"1", "1.0"}:
        pieces = _whole(pieces)
    first = await anext(pieces, b"")
    second = await anext(pieces, None)
    if second is None:
        if keep:
            keep(first)
        await send_whole(request, send, headers, first)
        return
    await send(_start(200, headers))
    if request.method == "HEAD":
        await send({"type": "http.response.body", "body": b""})
        return
    now = asyncio.get_running_loop().time
    latest = now() + _WHOLE_RESULT * send_seconds

    async def send_piece(piece: bytes, *, more: bool) -> None:
        async with asyncio.timeout_at(min(now() + send_seconds, latest)):
            await send({"type": "http.response.body", "body": piece, "more_body": more})

    try:
        await send_piece(first, more=True)
        while second is not None:
            following = await anext(pieces, None)
            await send_piece(second, more=following is not None)
            second = following
    except TimeoutError:
        raise ResultCutOff(f"The client did not take the result: {send_seconds:g} seconds for each part.") from None
    except MasteryError as error:
        raise ResultCutOff(error.detail) from None


def _start(status: int, headers: Headers) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


async def send_whole(request: Request, send: Send, headers: Headers, content: bytes) -> None:
    """Send a result that is whole."""
    told = (*headers, (b"content-length", b"%d" % len(content)))
    await respond(send, 200, told, b"" if request.method == "HEAD" else content)


async def respond(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Send a response in one."""
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
