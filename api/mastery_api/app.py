"""The HTTP service: the application behind its limits, with the headers that every response has."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from mastery_api import metrics_route, negotiation, problems, tracing
from mastery_api.answer_workers import AnswerWorkers
from mastery_api.application import application
from mastery_api.bodies import LimitedBodies
from mastery_api.clients import RequestRate
from mastery_api.head import HeadAsGet
from mastery_api.hosts import PublicHost
from mastery_api.pages.rendering import CONTENT_SECURITY_POLICY
from mastery_api.requests_told import RequestsTold
from mastery_api.routing import single_routes
from mastery_api.turns import Turns
from mastery_graph import logs
from mastery_graph.settings import Settings

_HEADERS = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application. Settings come from the environment where none are given.

    Raises `StoreMissing` or `StoreUnreadable` where there is nothing to serve.
    """
    figures = settings or Settings()
    logs.configure(figures.log)
    queries = Turns(figures.query_workers, figures.query_queue)
    app = application(figures, queries)
    app.add_middleware(AnswerWorkers, settings=figures, queries=queries)
    app.add_middleware(AtOnce, path="/sparql", answers=app.state.sparql)
    written = dict.fromkeys(("/sparql", "/graph-store"), figures.write_bytes) if figures.tokens else {}
    app.add_middleware(LimitedBodies, written=written)
    for media_type in (*negotiation.TABLES, *negotiation.GRAPHS, problems.MEDIA_TYPE):
        add_compress_type(media_type)
    app.add_middleware(CompressMiddleware)
    if figures.request_rate:
        app.add_middleware(RequestRate, rate=figures.request_rate, header=figures.client_header)
    app.add_middleware(PublicHost, public_address=figures.public_address)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestsTold, routes=list(single_routes(app.router.routes)))
    app.add_middleware(HeadAsGet, by_themselves=("/sparql", "/graph-store"))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-ID"],
    )
    if figures.metrics:
        app.include_router(metrics_route.router(figures))
    app.state.ends.append(tracing.install(app))
    return app


class SafeHeaders:
    """Adds the headers that keep a browser from doing what a page did not ask for."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = message.get("headers", ())
                there = {name for name, _ in sent}
                message = {**message, "headers": [*sent, *(one for one in _HEADERS if one[0] not in there)]}
            await send(message)

        await self.app(scope, receive, with_headers)


class AtOnce:
    """Has one address answered ahead of what only the others need: their processes, and the search for a route."""

    def __init__(self, app: ASGIApp, path: str, answers: ASGIApp) -> None:
        """Wrap an application; `answers` is what answers at `path`, and keeps limits of its own."""
        self._app = app
        self._path = path
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] == self._path:
            scope["state"]["route"] = self._path
            await self._answers(scope, receive, send)
        else:
            await self._app(scope, receive, send)
