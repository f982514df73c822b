"""The routes of the application over one store: what a question leads to, without what stands before it."""

import gc
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from mastery_api import problems
from mastery_api.fair_queue import FairQueue
from mastery_api.html import rendering
from mastery_api.linked_data import routes as linked_data
from mastery_api.monitoring import health
from mastery_api.pages import routes as page_routes
from mastery_api.pages import sparql
from mastery_api.permalinks import routes as permalinks
from mastery_api.reconciliation import routes as reconciliation
from mastery_api.routing import PlainMount, PlainRoute
from mastery_api.sparql.endpoint import SparqlEndpoint
from mastery_api.sparql.graph_store import GraphStore
from mastery_api.sparql.streaming import ResultStream
from mastery_api.store_writer import StoreWriter
from mastery_api.v1 import concepts, dataset, documents, knowledge, mappings, named_queries, questions
from mastery_graph import __version__
from mastery_graph.permalinks.stored_answers import StoredAnswers
from mastery_graph.settings import Settings
from mastery_graph.store.versioned import VersionedStore


class Application(FastAPI):
    """An application that answers some addresses ahead of what leads to a route."""

    def __init__(self, **given: Any) -> None:
        """Begin as FastAPI's application does."""
        super().__init__(**given)
        self._ahead: dict[str, ASGIApp] = {}

    def answer_ahead(self, path: str, answers: ASGIApp, layers: Iterable[Callable[[ASGIApp], ASGIApp]]) -> None:
        """Have `answers` answer at a path, behind these layers, the innermost first, and behind nothing else."""
        for layer in layers:
            answers = layer(answers)
        self._ahead[path] = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (answers := self._ahead.get(scope["path"])):
            scope["app"] = self
            scope.setdefault("state", {})["route"] = scope["path"]
            await answers(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def application(settings: Settings, queries: FairQueue | None = None) -> Application:
    """Return the application; `queries` are the turns to query, which others may share.

    Raises `StoreMissing` or `StoreUnreadable` where there is nothing to serve.
    """
    served = VersionedStore(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # What is there for good need not be looked through again each time that memory is tidied up.
        gc.freeze()
        yield
        for end in app.state.ends:
            end()
        served.close()
        app.state.kept_answers.close()

    app = Application(
        title="mastery-graph",
        version=__version__,
        description="What a micro-credential is worth, here and there, and what it adds up to.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.served = served
    app.state.writing = writing = StoreWriter(served, settings)
    app.state.settings = settings
    app.state.ends = []
    app.state.kept_answers = StoredAnswers(settings.answers_file, settings.kept_answers)
    problems.install(app)
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
    turns = queries or FairQueue(settings.query_workers, settings.query_queue)
    app.state.pieces = pieces = ResultStream(settings.query_workers)
    graph_store = GraphStore(served, settings, turns, pieces, writing)
    app.state.sparql = SparqlEndpoint(served, settings, turns, pieces, writing, page=sparql.page)
    # Before the others: to look through all routes for its own is a part of what such a request costs.
    app.router.routes[:0] = [
        PlainRoute("/sparql", app.state.sparql, include_in_schema=False),
        PlainRoute("/graph-store", graph_store, include_in_schema=False),
        PlainRoute("/graph-store/{path:path}", graph_store, include_in_schema=False),
        PlainMount("/static", StaticFiles(directory=rendering.web_folder() / "static"), name="static"),
    ]
    return app
