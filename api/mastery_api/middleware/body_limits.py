"""Limits on the size and the time of request bodies."""

import asyncio
from collections.abc import Mapping

from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from mastery_api import problems
from mastery_api.middleware.body_budget import SMALL_BYTES, BodyBudget
from mastery_api.middleware.rate_limit import client_of
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES
from mastery_graph.errors import DocumentTooLarge, RequestTooSlow
from mastery_graph.languages import Message, ngettext

MultiPartParser.spool_max_size = 0
"""Uploaded files stay in memory, as their size is limited below; Starlette writes those over a megabyte to disk."""


class BodyLimits:
    """Rejects a body of more than `MAX_DOCUMENT_BYTES`: by its Content-Length if it has one, else while it is received.

    Some paths, and those below them, have limits of their own. A body that is not received in time is rejected too; the
    time includes the wait for room in the budget.
    """

    def __init__(
        self,
        app: ASGIApp,
        seconds: float,
        budget: BodyBudget,
        write_limits: Mapping[str, int] | None = None,
        client_header: str | None = None,
    ) -> None:
        """Wrap an application. `write_limits` maps the paths that change the store to their limits in bytes."""
        self.app = app
        self._budget = budget
        self._client_header = client_header
        self._seconds = seconds
        self._write_limits = write_limits or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = f"{scope['path']}/"
        max_bytes = next(
            (limit for prefix, limit in self._write_limits.items() if path.startswith(f"{prefix}/")), MAX_DOCUMENT_BYTES
        )
        content_length = dict(scope["headers"]).get(b"content-length", b"0")
        if content_length.isdigit() and int(content_length[:20]) > max_bytes:
            await problems.problem_response(Request(scope), _too_large(max_bytes))(scope, receive, send)
            return
        received = reserved = 0
        client = client_of(scope, self._client_header)
        size = int(content_length[:20]) if content_length.isdigit() else 0
        deadline: float | None = asyncio.get_running_loop().time() + self._seconds

        async def receive_limited() -> AsgiMessage:
            nonlocal received, deadline, reserved
            try:
                async with asyncio.timeout_at(deadline):
                    if not reserved and deadline is not None and max(size, received) > SMALL_BYTES:
                        await self._budget.reserve(client, size or max_bytes)
                        reserved = size or max_bytes
                    message = await receive()
            except TimeoutError:
                raise RequestTooSlow(
                    ngettext(
                        "The request was not sent within {count} second.",
                        "The request was not sent within {count} seconds.",
                        self._seconds,
                    )
                ) from None
            received += len(message.get("body", b""))
            if received > max_bytes:
                raise _too_large(max_bytes)
            if not message.get("more_body"):
                deadline = None  # after the body, the only message is the disconnect
            return message

        try:
            await self.app(scope, receive_limited, send)
        finally:
            if reserved:
                self._budget.release(client, reserved)


def _too_large(max_bytes: int) -> DocumentTooLarge:
    return DocumentTooLarge(
        Message("The request is larger than {max_bytes} bytes.", max_bytes=max_bytes),
        Message("Leave out embedded images, or send the documents one by one."),
    )
