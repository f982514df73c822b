"""The log and metrics of requests, and the request id in every response.

Only the route of a request is logged, never its content: no query, no parameter, no body, no client address and no
error text that could repeat them. A credential that is checked is personal data.
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
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from mastery_api import problems
from mastery_api.monitoring import metrics
from mastery_api.routing import template_of
from mastery_graph import logs
from mastery_graph.errors import MasteryError
from mastery_graph.languages import Message

HEADER: Final = "X-Request-ID"
_HEADER_NAME: Final = HEADER.lower().encode()
_VALID_ID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_LOG = structlog.get_logger()
_LOGGER: Final = "mastery_api.requests"


class AnswerTruncated(RuntimeError):
    """The response has started and cannot be completed; the server closes the connection to signal it."""


class RequestLog:
    """Assigns each request an id (a valid `X-Request-ID` header is reused) and logs how it ended."""

    def __init__(
        self, app: ASGIApp, routes: Sequence[Route], default_headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        """Wrap an application with these routes. Each response gets the `default_headers` that it does not have."""
        self.app = app
        self._routes = routes
        self._default_headers = default_headers
        self._log = logs.whole_lines(logger=_LOGGER)
        self._finished: list[_FinishedRequest] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it. Turn an unexpected error into a problem response, and log where it arose."""
        # A request replayed by a permalink is part of the request for that permalink.
        if scope["type"] != "http" or "request_id" in scope.setdefault("state", {}):
            await self.app(scope, receive, send)
            return
        request_id, method, started, status = _request_id(scope), scope["method"], monotonic(), 0
        scope["state"]["request_id"] = request_id

        async def send_with_headers(message: AsgiMessage) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status, sent = message["status"], message.get("headers", ())
                names = {name for name, _ in sent}
                added = [header for header in self._default_headers if header[0] not in names]
                message = {**message, "headers": [*sent, (_HEADER_NAME, request_id.encode()), *added]}
            await send(message)

        tokens = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            response = unexpected_error_response(scope, error)
            if status:
                raise AnswerTruncated("The answer broke off.") from None
            await response(scope, receive, send_with_headers)
        finally:
            state = scope["state"]
            route = state.get("route") or route_template(scope, self._routes)
            self._finished.append(
                _FinishedRequest(
                    request_id, method, route, status, monotonic() - started, state.get("answer"), state.get("problem")
                )
            )
            asyncio.get_running_loop().call_soon(self._log_finished)
            structlog.contextvars.reset_contextvars(**tokens)

    def _log_finished(self) -> None:
        """Log the requests that ended in the same round of the event loop; a batch is faster than one call each."""
        requests, self._finished = self._finished, []
        for request in requests:
            metrics.count_request(request.method, request.route, request.status, request.seconds)
            metrics.count_outcome(request.answer, request.problem)
            self._log.info(
                "request",
                request_id=request.request_id,
                method=request.method,
                route=request.route,
                status=request.status,
                milliseconds=round(request.seconds * 1000, 1),
            )


class _FinishedRequest(NamedTuple):
    """A finished request."""

    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    answer: str | None
    problem: str | None


def unexpected_error_response(scope: Scope, error: Exception) -> Response:
    """Log an unexpected error, and return the problem response for the client."""
    _LOG.error("failed", logger=_LOGGER, error=type(error).__name__, at=_stack_locations(error))
    problem = MasteryError(Message("Unexpected server error."), Message("Quote this request ID to the operator."))
    return problems.problem_response(Request(scope), problem)


def _request_id(scope: Scope) -> str:
    sent = next((value for name, value in scope["headers"] if name == _HEADER_NAME), b"")
    return sent.decode() if _VALID_ID.fullmatch(sent) else token_hex(16)


def route_template(scope: Scope, routes: Iterable[Route] = ()) -> str:
    """Return the template of the route, such as `/v1/skills/{code}`; never the path, which may contain anything.

    A request that reached no route, such as a rejected one, is matched against `routes`.
    """
    return str(getattr(scope.get("route"), "path", None) or template_of(scope, routes) or "none")


def _stack_locations(error: BaseException) -> list[str]:
    """Return the file and line of each stack frame of an error; error texts and source lines may contain user input."""
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-8:]]
