"""Streaming of query results from a store to a client, piece by piece.

A query worker sends the pieces to the event loop directly, an endpoint through a thread. If the client disconnects or
stops reading, the query is cancelled and its worker is free.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from mastery_api.lanes import Turn
from mastery_api.middleware.rate_limit import run_while_connected
from mastery_graph.errors import MasteryError

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Headers = tuple[tuple[bytes, bytes], ...]
"""Shared by responses; as middleware may modify the headers of a message, each message gets its own list."""

_MAX_MEMORY_BYTES: Final = 1_000_000
_STALL_SECONDS: Final = 0.25
"""Seconds that a client does not read, after which its turn is paused."""

_RESULT_TIME_FACTOR: Final = 10
"""Time limit for sending a whole result, as a multiple of that for one piece."""


class ResultCutOff(RuntimeError):
    """The result failed after its first piece was sent; the server closes the connection to signal it."""


class StreamedResult(Response):
    """A streamed result, whose query is cancelled if the client disconnects or stops reading."""

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        media_type: str,
        headers: Mapping[str, str],
        send_seconds: float,
        turn: Turn,
    ) -> None:
        """Send `pieces`, each of which the client must receive within `send_seconds`; meanwhile `turn` is paused."""
        super().__init__(media_type=media_type, headers=headers)
        del self.headers["content-length"]
        self._pieces = pieces
        self._send_seconds = send_seconds
        self._turn = turn

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Send the result. Raises what `Store.stream` raises before its first piece."""
        async with aclosing(self._pieces):
            request, headers = Request(scope), tuple(self.raw_headers)
            sending = send_pieces(
                request, self._pieces, headers, send, send_seconds=self._send_seconds, turn=self._turn
            )
            await run_while_connected(receive, sending)


async def send_pieces(
    request: Request,
    pieces: AsyncIterator[bytes],
    headers: Headers,
    send: Send,
    *,
    send_seconds: float,
    turn: Turn,
    cache: Callable[[bytes], None] | None = None,
) -> None:
    """Send a result as its pieces arrive, and call `cache` with a result that is a single piece.

    While the client does not read, `turn` is paused, so that others can work.

    Raises what `Store.stream` raises before the first piece, and `ResultCutOff` after it: also if the client does not
    receive a piece within `send_seconds`, or the whole within ten times as many.
    """
    # In HTTP/1.0 the end of the connection marks the end of a body: send only complete results.
    if request.scope.get("http_version") in {"1", "1.0"}:
        pieces = _buffer(pieces)
    first = await anext(pieces, b"")
    second = await anext(pieces, None)
    if second is None:
        if cache:
            cache(first)
        await send_whole(request, send, headers, first)
        return
    await send(_start(200, headers))
    if request.method == "HEAD":
        await send({"type": "http.response.body", "body": b""})
        return
    now, turn_seconds = asyncio.get_running_loop().time, turn.seconds_left
    deadline = now() + _RESULT_TIME_FACTOR * send_seconds

    async def send_piece(piece: bytes, *, more: bool) -> None:
        pausing = asyncio.get_running_loop().call_later(_STALL_SECONDS, turn.pause)
        try:
            async with asyncio.timeout_at(min(now() + send_seconds, deadline)):
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        finally:
            pausing.cancel()
        if more and turn.is_paused:
            await turn.resume(turn_seconds)

    try:
        await send_piece(first, more=True)
        while second is not None:
            third = await anext(pieces, None)
            await send_piece(second, more=third is not None)
            second = third
    except TimeoutError:
        raise ResultCutOff(f"The client did not take the result: {send_seconds:g} seconds for each part.") from None
    except MasteryError as error:
        raise ResultCutOff(error.detail) from None


def _start(status: int, headers: Headers) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


async def send_whole(request: Request, send: Send, headers: Headers, content: bytes) -> None:
    """Send a complete result."""
    all_headers = (*headers, (b"content-length", b"%d" % len(content)))
    await respond(send, 200, all_headers, b"" if request.method == "HEAD" else content)


async def respond(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Send a response with its whole body."""
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": body})


async def _buffer(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the same pieces once all are available: buffered in memory if small, else in an unnamed temporary file."""
    with tempfile.SpooledTemporaryFile(max_size=_MAX_MEMORY_BYTES) as buffer:
        async for piece in pieces:
            await asyncio.to_thread(buffer.write, piece)
        buffer.seek(0)
        while piece := await asyncio.to_thread(buffer.read, 64 * 1024):
            yield piece
