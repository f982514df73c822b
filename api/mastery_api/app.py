"""The HTTP service: the application behind its limits, with the headers that every response has."""

from collections.abc import Callable
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from mastery_api import negotiation, problems
from mastery_api.application import application
from mastery_api.fair_queue import FairQueue
from mastery_api.html.rendering import CONTENT_SECURITY_POLICY
from mastery_api.middleware.body_limits import BodyLimits
from mastery_api.middleware.head_requests import HeadRequests
from mastery_api.middleware.host_validation import HostValidation
from mastery_api.middleware.rate_limit import RateLimit, RateLimitMiddleware
from mastery_api.middleware.request_log import RequestLog
from mastery_api.monitoring import metrics_route, tracing
from mastery_api.routing import single_routes
from mastery_api.workers.pool import AnswerWorkers
from mastery_graph import logs
from mastery_graph.settings import Settings

_ALWAYS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Content-Location, ETag, Link, Location, Retry-After, X-Request-ID"),
)
"""What every response says: a browser does nothing that a page did not ask for, and any page may read it."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application. Settings come from the environment where none are given.

    Raises `StoreMissing` or `StoreUnreadable` where there is nothing to serve.
    """
    figures = settings or Settings()
    logs.configure_logging(figures.log)
    queries = FairQueue(figures.query_workers, figures.query_queue)
    app = application(figures, queries)
    app.add_middleware(AnswerWorkers, settings=figures, queries=queries)
    layers = _layers(app, figures)
    for layer in layers:
        app.add_middleware(layer)
    app.add_middleware(HeadRequests, by_themselves=("/sparql", "/graph-store"))
    if not tracing.is_configured():
        app.answer_ahead("/sparql", app.state.sparql, layers)
    if figures.metrics:
        app.include_router(metrics_route.router(figures))
    app.state.ends.append(tracing.install(app))
    return app


def _layers(app: FastAPI, figures: Settings) -> list[Callable[[ASGIApp], ASGIApp]]:
    """Return what every request goes through, the innermost first."""
    for media_type in (*negotiation.TABLES, *negotiation.GRAPHS, problems.MEDIA_TYPE):
        add_compress_type(media_type)
    written = dict.fromkeys(("/sparql", "/graph-store"), figures.write_bytes) if figures.tokens else {}
    rate = RateLimit(figures.request_rate) if figures.request_rate else None
    return [
        partial(BodyLimits, seconds=figures.body_seconds, written=written),
        Compressed,
        *([partial(RateLimitMiddleware, rate=rate, header=figures.client_header)] if rate else []),
        partial(HostValidation, public_address=figures.public_address),
        partial(RequestLog, routes=list(single_routes(app.router.routes)), always=_ALWAYS),
        Preflight,
    ]


class Compressed:
    """Compresses what is sent to those who take it so; the others get it as it is, on a shorter way."""

    _VARIES: Final = (b"vary", b"Accept-Encoding")

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app
        self._compressing = CompressMiddleware(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), self._VARIES]}
            await send(message)

        if scope["type"] == "http" and not any(name == b"accept-encoding" for name, _ in scope["headers"]):
            await self._app(scope, receive, varying)
        else:
            await self._compressing(scope, receive, send)


class Preflight:
    """Answers what a browser asks before a page of another site may ask: it may ask anything, but not as its user."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app
        methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
        self._answering = CORSMiddleware(app, allow_origins=["*"], allow_methods=methods, allow_headers=["*"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = self._answering if scope.get("method") == "OPTIONS" else self._app
        await asked(scope, receive, send)
