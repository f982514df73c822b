"""The size of what is sent, and its time: a request that is too large or too slow is refused before it is read."""

import asyncio
from collections.abc import Mapping

from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mastery_api import problems
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES
from mastery_graph.errors import DocumentTooLarge, InputError

MultiPartParser.spool_max_size = 0
"""A file that is sent with a form stays in memory, whatever its size, which is limited below: Starlette would put what
is over a megabyte on the disk."""


class BodyLimits:
    """Refuses a body of more than `LARGEST` bytes: by its length where it is told, else as soon as it is passed.

    A few paths, and what is below them, have limits of their own. A body that does not come in time is refused too.
    """

    def __init__(self, app: ASGIApp, seconds: float, written: Mapping[str, int] | None = None) -> None:
        """Wrap an application. `written` gives the paths that take changes of the store, with their own limits."""
        self.app = app
        self._seconds = seconds
        self._written = written or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = f"{scope['path']}/"
        largest = next(
            (most for path, most in self._written.items() if asked.startswith(f"{path}/")), MAX_DOCUMENT_BYTES
        )
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told[:20]) > largest:
            await problems.problem_response(Request(scope), _too_large(largest))(scope, receive, send)
            return
        received = 0
        until: float | None = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal received, until
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise RequestTooSlow(f"The request was not sent within {self._seconds:g} seconds.") from None
            received += len(message.get("body", b""))
            if received > largest:
                raise _too_large(largest)
            if not message.get("more_body"):
                until = None  # what comes after the body is that the client goes
            return message

        await self.app(scope, counted, send)


class RequestTooSlow(InputError):
    """The body of a request does not come in time."""

    slug = "request-too-slow"
    title = "Request too slow"
    status = 408


def _too_large(largest: int) -> DocumentTooLarge:
    return DocumentTooLarge(
        f"The request has more than {largest} bytes, which are not read.",
        "Leave out embedded images, or send the documents one by one.",
    )
