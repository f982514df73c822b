"""The FastAPI application over one store: its routes and state, without the middleware in front of it."""

import gc
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from mastery_api import problems
from mastery_api.html import rendering
from mastery_api.lanes import Lanes
from mastery_api.linked_data import routes as linked_data
from mastery_api.monitoring import health
from mastery_api.openapi import document
from mastery_api.pages import routes as page_routes
from mastery_api.pages import sparql
from mastery_api.pages.documentation import DocumentationSite
from mastery_api.permalinks import routes as permalinks
from mastery_api.reconciliation import routes as reconciliation
from mastery_api.routing import PlainMount, PlainRoute
from mastery_api.sparql.endpoint import SparqlEndpoint
from mastery_api.sparql.graph_store import GraphStore
from mastery_api.store_writer import StoreWriter
from mastery_api.v1 import concepts, dataset, documents, knowledge, mappings, named_queries, questions
from mastery_graph import __version__
from mastery_graph.options import set_options
from mastery_graph.permalinks.stored_answers import StoredAnswers
from mastery_graph.settings import Settings
from mastery_graph.store.versioned import VersionedStore


class Application(FastAPI):
    """A FastAPI application that serves some paths before its middleware and routing."""

    def __init__(self, **options: Any) -> None:
        """Accept the options of `FastAPI`."""
        super().__init__(**options)
        self._ahead: dict[str, ASGIApp] = {}

    def answer_ahead(self, path: str, endpoint: ASGIApp, layers: Iterable[Callable[[ASGIApp], ASGIApp]]) -> None:
        """Serve a path by `endpoint`, wrapped in these layers (the innermost first) and in nothing else."""
        for layer in layers:
            endpoint = layer(endpoint)
        self._ahead[path] = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (endpoint := self._ahead.get(scope["path"])):
            scope["app"] = self
            scope.setdefault("state", {})["route"] = scope["path"]
            await endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build_application(settings: Settings, queries: Lanes | None = None) -> Application:
    """Build the application; `queries` are the turns of queries, which may be shared.

    Raises `StoreMissing` or `StoreUnreadable` if there is no store to serve.
    """
    served = VersionedStore(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Exclude long-lived objects from every later garbage collection.
        gc.freeze()
        yield
        for shut_down in app.state.shutdown_hooks:
            shut_down()
        served.close()
        app.state.kept_answers.close()

    set_options(settings.options)
    app = Application(
        title="mastery-graph",
        version=__version__,
        description="What a micro-credential is worth, at home and abroad, and what it adds up to.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=document.operation_id,
    )
    app.state.served = served
    app.state.store_writer = store_writer = StoreWriter(served, settings)
    app.state.settings = settings
    app.state.shutdown_hooks = []
    app.state.kept_answers = StoredAnswers(settings.answers_file, settings.kept_answers)
    problems.install(app)
    document.install(app)
    for routes in (
        questions,
        concepts,
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
    lanes = queries or Lanes(settings.query_workers, settings.query_queue)
    graph_store = GraphStore(served, settings, lanes, store_writer)
    app.state.sparql = SparqlEndpoint(served, settings, lanes, store_writer, page=sparql.show_sparql)
    # First in the list: matching routes is a noticeable part of the cost of such requests.
    app.router.routes[:0] = [
        PlainRoute("/sparql", app.state.sparql, include_in_schema=False),
        PlainRoute("/graph-store", graph_store, include_in_schema=False),
        PlainRoute("/graph-store/{path:path}", graph_store, include_in_schema=False),
        PlainMount("/docs", DocumentationSite(), name="documentation"),
        PlainMount("/static", StaticFiles(directory=rendering.web_folder() / "static"), name="static"),
    ]
    return app
