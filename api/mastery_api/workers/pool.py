"""Answers are worked out by a few processes, which are ended at the time limit and where their client goes.

What cannot be interrupted in a thread (a validation, an integer programme, a query) ends with its process; a new one
takes its place. A request waits for its turn as queries do.
"""

import asyncio
import multiprocessing
import tempfile
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Final

from pebble import ProcessExpired, ProcessPool
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage

from mastery_api import problems
from mastery_api.fair_queue import FairQueue
from mastery_api.middleware.rate_limit import client_of, run_while_connected
from mastery_api.monitoring.metrics import ANSWERS_WAITING, ANSWERS_WORKING
from mastery_api.workers.process import OUT_OF_MEMORY, WorkerRequest, WorkerResponse, handle_request, initialize_worker
from mastery_graph.concept_search.index_cache import index_folder
from mastery_graph.errors import AnswerTimeout, MasteryError, OutOfMemory, StoreError
from mastery_graph.languages import Message
from mastery_graph.settings import Settings
from mastery_graph.store.workers import mask_signals

_HERE: Final = ("/health/", "/metrics", "/static/", "/docs", "/openapi.json", "/sparql", "/graph-store")
"""What this process answers by itself."""

_WRITES: Final = (("POST", "/v1/mappings"),)
"""What changes the store: writers take turns within this process."""

_QUERIES: Final = ("/v1/queries", "/v1/dataset/graphs/")
"""What is sent as a query worker makes it, and takes a turn to query."""

_TOLD: Final = (
    *("type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path", "headers"),
    *("server", "client"),
)

_IMPORTED: Final = (
    "mastery_api.workers.process",
    "mastery_graph.questions.comparison",
    "mastery_graph.questions.coverage",
    "mastery_graph.questions.profile",
    "mastery_graph.questions.recognition",
    "mastery_graph.questions.stackability",
    "scipy.optimize",
)
"""Imported once, by the process from which the others are forked."""


_LESS: Final = Message("Ask about less at once, or send less.")


class AnswerWorkers:
    """Has each question answered by a process of a pool, within its limits."""

    def __init__(self, app: ASGIApp, settings: Settings, queries: FairQueue) -> None:
        """Wrap an application; `queries` are the turns to query. Processes start with the service."""
        self._app = app
        self._settings = settings
        self._queries = queries
        self._answers = FairQueue(settings.answer_workers, settings.query_queue, ANSWERS_WAITING, ANSWERS_WORKING)
        self._shared = tempfile.TemporaryDirectory(prefix="mastery-graph-")
        if index_folder(settings) is None:
            # In memory, each process would make the text index for itself, and again after each that is ended.
            self._settings = settings.model_copy(update={"text_index": Path(self._shared.name)})
        self._pool: ProcessPool | None = None
        self._changing_pool = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            if request.url.path.startswith(_HERE) or (request.method, request.url.path) in _WRITES:
                await self._app(scope, receive, send)
                return
            if request.url.path.startswith(_QUERIES):
                await run_while_connected(receive, self._queried(request, receive, send))
                return
            # The whole request comes before its turn, so that a slow sender keeps nobody waiting.
            known = {name: scope[name] for name in _TOLD if name in scope}
            asked = WorkerRequest(request.state.request_id, known, await request.body())
            answered = await run_while_connected(receive, self._answered(request, asked))
        except ClientDisconnect:
            return
        except MasteryError as error:
            await problems.problem_response(request, error)(scope, receive, send)
            return
        if answered:
            scope["state"].update(answered.told)
            await send({"type": "http.response.start", "status": answered.status, "headers": answered.headers})
            await send({"type": "http.response.body", "body": answered.body})

    async def _queried(self, request: Request, receive: Receive, send: Send) -> None:
        async with self._queries.turn(self._client(request), self._settings.query_seconds) as seconds:
            request.state.seconds_left = seconds
            await self._app(request.scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the processes as long as the application lives; they start while it does."""
        starting = asyncio.ensure_future(self._processes())

        async def telling(message: ASGIMessage) -> None:
            # The server may end as soon as it is told of the end.
            if message["type"] != "lifespan.startup.complete":
                began = await starting
                await asyncio.to_thread(_end, self._pool or began)
                self._shared.cleanup()
            await send(message)

        await self._app(scope, receive, telling)

    async def _answered(self, request: Request, asked: WorkerRequest) -> WorkerResponse:
        limit = self._settings.answer_seconds
        async with self._answers.turn(self._client(request), limit) as seconds:
            work = (await self._processes()).schedule(handle_request, args=(self._settings, asked), timeout=seconds)
            try:
                return await asyncio.wrap_future(work)
            except TimeoutError:
                raise AnswerTimeout(
                    Message("The answer was given up after {seconds} seconds.", seconds=float(limit)), _LESS
                ) from None
            except ProcessExpired as lost:
                if lost.exitcode not in OUT_OF_MEMORY:
                    raise _lost() from None
                allowed = self._settings.query_memory_bytes
                raise OutOfMemory(
                    Message("The answer needed more than {bytes} bytes of memory.", bytes=allowed), _LESS
                ) from None
            except RuntimeError:
                raise _lost() from None

    def _client(self, request: Request) -> str:
        return client_of(request.scope, self._settings.client_header)

    async def _processes(self) -> ProcessPool:
        """Return the pool; a new one where there is none, or where it has broken."""
        async with self._changing_pool:
            if self._pool is None or not self._pool.active:
                self._pool = await asyncio.to_thread(_begun, self._settings)
            return self._pool


def _lost() -> StoreError:
    return StoreError(Message("The process that worked on the answer was lost."), Message("Ask again later."))


def _begun(settings: Settings) -> ProcessPool:
    forked = multiprocessing.get_context("forkserver")
    forked.set_forkserver_preload(list(_IMPORTED))
    pool = ProcessPool(settings.answer_workers, initializer=initialize_worker, initargs=(settings,), context=forked)
    resource_tracker.ensure_running()  # it would have the processes hear again, where it started with them
    try:
        with mask_signals():
            started = pool.active  # asking starts it
    except BrokenProcessPool as error:
        raise StoreError(
            f"The processes that work out answers cannot be started: {error.__cause__ or error}.",
            "Where a path is too long, set TMPDIR to a shorter one.",
        ) from None
    if not started:
        raise StoreError("The processes that work out answers cannot be started.", "Ask again.")
    return pool


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without a type
    pool.join()
