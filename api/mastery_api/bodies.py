"""The size of what is sent: a request that is too large is refused before it is read."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mastery_api import problems
from mastery_graph.credentials.reading import LARGEST
from mastery_graph.errors import DocumentTooLarge


class LimitedBodies:
    """Refuses a body of more than `LARGEST` bytes: by its length where it is told, else as soon as it is passed."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told[:20]) > LARGEST:
            await problems.refusal(Request(scope), _too_large())(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST:
                raise _too_large()
            return message

        await self.app(scope, counted, send)


def _too_large() -> DocumentTooLarge:
    return DocumentTooLarge(
        f"The request has more than {LARGEST} bytes, which are not read.",
        "Leave out embedded images, or send the documents one by one.",
    )
