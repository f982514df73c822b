"""The HTTP application: routes, pages and the SPARQL endpoint over one store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from mastery_api import (
    dataset,
    documents,
    health,
    knowledge,
    linked_data,
    mappings,
    metrics_route,
    named_queries,
    negotiation,
    pages,
    permalinks,
    problems,
    questions,
    tracing,
    wording,
)
from mastery_api.bodies import LimitedBodies
from mastery_api.clients import RequestRate
from mastery_api.graph_store import GraphStore
from mastery_api.head import HeadAsGet
from mastery_api.hosts import PublicHost
from mastery_api.pages import querying
from mastery_api.pages import routes as page_routes
from mastery_api.pages.rendering import CONTENT_SECURITY_POLICY
from mastery_api.plain_routes import PlainMount, PlainRoute
from mastery_api.reconciliation import routes as reconciliation
from mastery_api.requests_told import RequestsTold
from mastery_api.sparql import Sparql
from mastery_api.writing import Writing
from mastery_graph import __version__, logs
from mastery_graph.answers.kept_answers import KeptAnswers
from mastery_graph.settings import Settings
from mastery_graph.store.served import ServedStore

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application. Settings come from the environment where none are given.

    Raises `StoreMissing` or `StoreUnreadable` where there is nothing to serve.
    """
    figures = settings or Settings()
    logs.configure(figures.log)
    served = ServedStore(figures)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        end_of_traces()
        served.close()
        app.state.kept_answers.close()

    app = FastAPI(
        title="mastery-graph",
        version=__version__,
        description="What a micro-credential is worth, here and there, and what it adds up to.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.served = served
    app.state.writing = writing = Writing(served, figures)
    app.state.settings = figures
    app.state.kept_answers = KeptAnswers(figures.answers_file, figures.kept_answers)
    problems.install(app)
    written = dict.fromkeys(("/sparql", "/graph-store"), figures.write_bytes) if figures.tokens else {}
    app.add_middleware(LimitedBodies, written=written)
    for media_type in (*negotiation.TABLES, *negotiation.GRAPHS, problems.MEDIA_TYPE):
        add_compress_type(media_type)
    app.add_middleware(CompressMiddleware)
    if figures.request_rate:
        app.add_middleware(RequestRate, rate=figures.request_rate, header=figures.client_header)
    app.add_middleware(PublicHost, public_address=figures.public_address)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestsTold)
    app.add_middleware(HeadAsGet, by_themselves=("/sparql", "/graph-store"))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-ID"],
    )
    for routes in (
        questions,
        wording,
        mappings,
        reconciliation,
        documents,
        knowledge,
        named_queries,
        dataset,
        health,
        linked_data,
        permalinks,
        page_routes,
    ):
        app.include_router(routes.router)
    if figures.metrics:
        app.include_router(metrics_route.router(figures))
    graph_store = GraphStore(served, figures, writing)
    # Before the others: a query costs little, and to look through all routes for its own is a part of that.
    app.router.routes[:0] = [
        PlainRoute("/sparql", Sparql(served, figures, writing, querying.page), include_in_schema=False),
        PlainRoute("/graph-store", graph_store, include_in_schema=False),
        PlainRoute("/graph-store/{path:path}", graph_store, include_in_schema=False),
        PlainMount("/static", StaticFiles(directory=pages.web() / "static"), name="static"),
    ]
    end_of_traces = tracing.install(app)
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
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)
