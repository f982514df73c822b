"""Each request is told once it is over: in the log by its route, in the metrics, and to the client by its id.

What is told says which route was asked, never what was asked: no query, no parameter, no body, no address of a client
and no text of an error that could repeat them. A credential that is checked is personal data.
"""

import asyncio
import re
import traceback
from collections.abc import Iterable, Sequence
from secrets import token_hex
from time import monotonic
from typing import Final, NamedTuple

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mastery_api import problems
from mastery_api.monitoring import metrics
from mastery_api.routing import template_of
from mastery_graph import logs
from mastery_graph.errors import MasteryError

HEADER: Final = "X-Request-ID"
_NAME: Final = HEADER.lower().encode()
_TAKEN: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_LOG = structlog.get_logger()
_LOGGER: Final = "mastery_api.requests"


class AnswerTruncated(RuntimeError):
    """The answer has begun and cannot be ended: only a broken connection says so, and the server makes one."""


class RequestLog:
    """Gives each request an id, that of the header `X-Request-ID` where it is one, and tells how it ended."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route], always: Sequence[tuple[bytes, bytes]] = ()) -> None:
        """Wrap an application with these routes. Each response gets the headers `always` that it has not already."""
        self.app = app
        self._routes = routes
        self._always = always
        self._log = logs.whole_lines(logger=_LOGGER)
        self._over: list[_Over] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and tell it. An error that nothing foresaw is a problem, and its place is told."""
        # An answer asked for again by its permalink is part of the request for it.
        if scope["type"] != "http" or "request_id" in scope.setdefault("state", {}):
            await self.app(scope, receive, send)
            return
        identity, method, began, status = _identity(scope), scope["method"], monotonic(), 0
        scope["state"]["request_id"] = identity

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status, sent = message["status"], message.get("headers", ())
                there = {name for name, _ in sent}
                added = [one for one in self._always if one[0] not in there]
                message = {**message, "headers": [*sent, (_NAME, identity.encode()), *added]}
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=identity)
        try:
            await self.app(scope, receive, told)
        except Exception as error:
            failed = unexpected_error_response(scope, error)
            if status:
                raise AnswerTruncated("The answer broke off.") from None
            await failed(scope, receive, told)
        finally:
            state = scope["state"]
            route = state.get("route") or route_template(scope, self._routes)
            self._over.append(
                _Over(identity, method, route, status, monotonic() - began, state.get("answer"), state.get("problem"))
            )
            asyncio.get_running_loop().call_soon(self._tell)
            structlog.contextvars.reset_contextvars(**bound)

    def _tell(self) -> None:
        """Tell of the requests that ended in the same round of the event loop: one after the other is quicker."""
        over, self._over = self._over, []
        for one in over:
            metrics.count_request(one.method, one.route, one.status, one.seconds)
            metrics.count_outcome(one.answer, one.problem)
            self._log.info(
                "request",
                request_id=one.identity,
                method=one.method,
                route=one.route,
                status=one.status,
                milliseconds=round(one.seconds * 1000, 1),
            )


class _Over(NamedTuple):
    """A request that is over."""

    identity: str
    method: str
    route: str
    status: int
    seconds: float
    answer: str | None
    problem: str | None


def unexpected_error_response(scope: Scope, error: Exception) -> Response:
    """Tell the log of an error that nothing foresaw, and return the problem for the client."""
    _LOG.error("failed", logger=_LOGGER, error=type(error).__name__, at=_place(error))
    failed = MasteryError("The request met an error that nothing foresaw.", "Tell the operator its id.")
    return problems.problem_response(Request(scope), failed)


def _identity(scope: Scope) -> str:
    sent = next((value for name, value in scope["headers"] if name == _NAME), b"")
    return sent.decode() if _TAKEN.fullmatch(sent) else token_hex(16)


def route_template(scope: Scope, routes: Iterable[Route] = ()) -> str:
    """Return the template of the route, such as `/v1/skills/{code}`; never the path, which may hold anything.

    A request that got to no route, such as one that is refused before it, is told by the one of `routes` that it asks.
    """
    return str(getattr(scope.get("route"), "path", None) or template_of(scope, routes) or "none")


def _place(error: BaseException) -> list[str]:
    """Return where an error arose, by file and line; the texts of errors and lines may repeat what was sent."""
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-8:]]
