"""The HTTP service: the application, its middleware and the headers of every response."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from mastery_api import negotiation, problems
from mastery_api.application import build_application
from mastery_api.html.rendering import CONTENT_SECURITY_POLICY
from mastery_api.lanes import Lanes
from mastery_api.middleware.body_budget import BodyBudget
from mastery_api.middleware.body_limits import BodyLimits
from mastery_api.middleware.head_requests import HeadRequests
from mastery_api.middleware.host_validation import HostValidation
from mastery_api.middleware.rate_limit import RateLimit, RateLimitMiddleware
from mastery_api.middleware.request_log import RequestLog
from mastery_api.monitoring import metrics_route, tracing
from mastery_api.processor_budget import ProcessorBudget
from mastery_api.routing import single_routes
from mastery_api.workers.pool import AnswerWorkers
from mastery_graph import logs
from mastery_graph.settings import Settings
from mastery_graph.store_choice import choose_served_store

_DEFAULT_HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Content-Location, ETag, Link, Location, Retry-After, X-Request-ID"),
)
"""Security and CORS headers sent with every response."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application with its middleware; without `settings`, they are read from the environment.

    Raises `StoreMissing` or `StoreUnreadable` if there is no store to serve, and `BadParameter` if tokens allow writing
    and no store is named.
    """
    settings = choose_served_store(settings or Settings())
    logs.configure_logging(settings.log)
    budget = (
        ProcessorBudget(settings.client_seconds, limits_loopback=settings.limit_loopback)
        if settings.client_seconds
        else None
    )
    queries = Lanes(
        settings.query_workers, settings.query_queue, max_stopped_bytes=settings.worker_bytes, budget=budget
    )
    app = build_application(settings, queries)
    app.add_middleware(AnswerWorkers, settings=settings, queries=queries)
    layers = _layers(app, settings)
    for layer in layers:
        app.add_middleware(layer)
    app.add_middleware(HeadRequests, excluded_paths=("/sparql", "/graph-store"))
    if not tracing.is_configured():
        app.answer_ahead("/sparql", app.state.sparql, layers)
    if settings.metrics:
        app.include_router(metrics_route.router(settings))
    app.state.shutdown_hooks.append(tracing.install(app))
    return app


def _layers(app: FastAPI, settings: Settings) -> list[Callable[[ASGIApp], ASGIApp]]:
    """Return the middleware that every request passes through, the innermost first."""
    for media_type in (*negotiation.TABLES, *negotiation.GRAPHS, problems.MEDIA_TYPE):
        add_compress_type(media_type)
    write_limits = dict.fromkeys(("/sparql", "/graph-store"), settings.write_bytes) if settings.tokens else {}
    rate = RateLimit(settings.request_rate) if settings.request_rate else None
    return [
        partial(
            BodyLimits,
            seconds=settings.body_seconds,
            budget=BodyBudget(settings.body_bytes),
            write_limits=write_limits,
            client_header=settings.client_header,
        ),
        Compression,
        *([partial(RateLimitMiddleware, rate=rate, header=settings.client_header)] if rate else []),
        partial(HostValidation, public_address=settings.public_address),
        partial(RequestLog, routes=list(single_routes(app.router.routes)), default_headers=_DEFAULT_HEADERS),
        Preflight,
    ]


class Compression:
    """Compresses responses for clients that accept it; requests without `Accept-Encoding` skip the compressor."""

    _VARY: Final = (b"vary", b"Accept-Encoding")

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app
        self._compressor = CompressMiddleware(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_vary(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*_own_tags(message.get("headers", ())), self._VARY]}
            await send(message)

        if scope["type"] == "http" and not any(name == b"accept-encoding" for name, _ in scope["headers"]):
            await self._app(scope, receive, send_with_vary)
        else:
            await self._compressor(scope, receive, send)


def _own_tags(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers in which a strong entity tag names the compression (RFC 9110, 8.8.1: other bytes, another tag).

    >>> _own_tags([(b"content-encoding", b"br"), (b"etag", b'"a"')])[1]
    (b'etag', b'"a+br"')
    """
    all_headers = list(headers)
    encoding = next((value for name, value in all_headers if name.lower() == b"content-encoding"), None)
    if encoding is None:
        return all_headers

    def with_encoding(name: bytes, value: bytes) -> bytes:
        is_strong_tag = name.lower() == b"etag" and value.startswith(b'"')
        return value[:-1] + b"+" + encoding + b'"' if is_strong_tag else value

    return [(name, with_encoding(name, value)) for name, value in all_headers]


class Preflight:
    """Answers CORS preflight requests: any site may send any request, without credentials."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app
        methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
        self._cors = CORSMiddleware(app, allow_origins=["*"], allow_methods=methods, allow_headers=["*"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        handler = self._cors if scope.get("method") == "OPTIONS" else self._app
        await handler(scope, receive, send)
