"""The size of what is sent: a request that is too large is refused before it is read."""

from collections.abc import Mapping

from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mastery_api import problems
from mastery_graph.credentials.reading import LARGEST
from mastery_graph.errors import DocumentTooLarge

MultiPartParser.spool_max_size = 0
"""A file that is sent with a form stays in memory, whatever its size, which is limited below: Starlette would put what
is over a megabyte on the disk."""


class LimitedBodies:
    """Refuses a body of more than `LARGEST` bytes: by its length where it is told, else as soon as it is passed.

    A few paths, and what is below them, have limits of their own.
    """

    def __init__(self, app: ASGIApp, written: Mapping[str, int] | None = None) -> None:
        """Wrap an application. `written` gives the paths that take changes of the store, with their own limits."""
        self.app = app
        self._written = written or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = f"{scope['path']}/"
        largest = next((most for path, most in self._written.items() if asked.startswith(f"{path}/")), LARGEST)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told[:20]) > largest:
            await problems.refusal(Request(scope), _too_large(largest))(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise _too_large(largest)
            return message

        await self.app(scope, counted, send)


def _too_large(largest: int) -> DocumentTooLarge:
    return DocumentTooLarge(
        f"The request has more than {largest} bytes, which are not read.",
        "Leave out embedded images, or send the documents one by one.",
    )
