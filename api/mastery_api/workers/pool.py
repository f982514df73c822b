"""A pool of processes that compute answers, each killed at the time limit or when its client disconnects.

Work that cannot be interrupted in a thread (a validation, an integer programme, a query) ends with its process, which
is replaced by a new one. Requests wait in a fair queue as queries do.
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
from mastery_graph.questions.registry import preloaded_modules
from mastery_graph.settings import Settings
from mastery_graph.store.workers import mask_signals

_LOCAL_PREFIXES: Final = ("/health/", "/metrics", "/static/", "/docs", "/openapi.json", "/sparql", "/graph-store")
"""Path prefixes that this process answers itself."""

_WRITE_ROUTES: Final = (("POST", "/v1/mappings"),)
"""Methods and paths that change the store: writes are serialised within this process."""

_QUERY_PREFIXES: Final = ("/v1/queries", "/v1/dataset/graphs/")
"""Path prefixes whose results are streamed from a query worker, and that wait in the queue of queries."""

_SCOPE_KEYS: Final = (
    *("type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path", "headers"),
    *("server", "client"),
)

_PRELOADED: Final = ("mastery_api.workers.process", *preloaded_modules())
"""Modules imported once by the fork server, from which the workers are forked."""


_ADVICE: Final = Message("Send a smaller request.")


class AnswerWorkers:
    """Middleware that has each question answered by a worker process, within its limits."""

    def __init__(self, app: ASGIApp, settings: Settings, queries: FairQueue) -> None:
        """Wrap an application; `queries` is the queue of queries. Processes start with the service."""
        self._app = app
        self._settings = settings
        self._queries = queries
        self._answers = FairQueue(settings.answer_workers, settings.query_queue, ANSWERS_WAITING, ANSWERS_WORKING)
        self._shared = tempfile.TemporaryDirectory(prefix="mastery-graph-")
        if index_folder(settings) is None:
            # Share the text index as files: in memory, each new process would build it again.
            self._settings = settings.model_copy(update={"text_index": Path(self._shared.name)})
        self._pool: ProcessPool | None = None
        self._pool_lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            if request.url.path.startswith(_LOCAL_PREFIXES) or (request.method, request.url.path) in _WRITE_ROUTES:
                await self._app(scope, receive, send)
                return
            if request.url.path.startswith(_QUERY_PREFIXES):
                await run_while_connected(receive, self._run_query(request, receive, send))
                return
            # Read the whole request before queueing, so that a slow sender blocks nobody.
            transferable = {name: scope[name] for name in _SCOPE_KEYS if name in scope}
            worker_request = WorkerRequest(request.state.request_id, transferable, await request.body())
            response = await run_while_connected(receive, self._compute(request, worker_request))
        except ClientDisconnect:
            return
        except MasteryError as error:
            await problems.problem_response(request, error)(scope, receive, send)
            return
        if response:
            scope["state"].update(response.log_fields)
            await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
            await send({"type": "http.response.body", "body": response.body})

    async def _run_query(self, request: Request, receive: Receive, send: Send) -> None:
        async with self._queries.turn(self._client(request), self._settings.query_seconds) as seconds:
            request.state.seconds_left = seconds
            await self._app(request.scope, receive, send)

    async def _run_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start the processes together with the application, and stop them when it stops."""
        starting = asyncio.ensure_future(self._running_pool())

        async def send_after_stop(message: ASGIMessage) -> None:
            # The server may exit as soon as it receives this message.
            if message["type"] != "lifespan.startup.complete":
                pool = await starting
                await asyncio.to_thread(_stop_pool, self._pool or pool)
                self._shared.cleanup()
            await send(message)

        await self._app(scope, receive, send_after_stop)

    async def _compute(self, request: Request, worker_request: WorkerRequest) -> WorkerResponse:
        limit = self._settings.answer_seconds
        async with self._answers.turn(self._client(request), limit) as seconds:
            work = (await self._running_pool()).schedule(
                handle_request, args=(self._settings, worker_request), timeout=seconds
            )
            try:
                return await asyncio.wrap_future(work)
            except TimeoutError:
                raise AnswerTimeout(
                    Message("The answer was given up after {seconds} seconds.", seconds=float(limit)), _ADVICE
                ) from None
            except ProcessExpired as expired:
                if expired.exitcode not in OUT_OF_MEMORY:
                    raise _lost_worker_error() from None
                max_bytes = self._settings.query_memory_bytes
                raise OutOfMemory(
                    Message("The answer needed more than {bytes} bytes of memory.", bytes=max_bytes), _ADVICE
                ) from None
            except RuntimeError:
                raise _lost_worker_error() from None

    def _client(self, request: Request) -> str:
        return client_of(request.scope, self._settings.client_header)

    async def _running_pool(self) -> ProcessPool:
        """Return the pool; start a new one if there is none, or if it is broken."""
        async with self._pool_lock:
            if self._pool is None or not self._pool.active:
                self._pool = await asyncio.to_thread(_start_pool, self._settings)
            return self._pool


def _lost_worker_error() -> StoreError:
    return StoreError(Message("The process that worked on the answer was lost."), Message("Ask again later."))


def _start_pool(settings: Settings) -> ProcessPool:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    pool = ProcessPool(settings.answer_workers, initializer=initialize_worker, initargs=(settings,), context=context)
    resource_tracker.ensure_running()  # started later, it would unmask the signals of the processes
    try:
        with mask_signals():
            started = pool.active  # reading the property starts the pool
    except BrokenProcessPool as error:
        raise StoreError(
            f"The processes that work out answers cannot be started: {error.__cause__ or error}.",
            "Where a path is too long, set TMPDIR to a shorter one.",
        ) from None
    if not started:
        raise StoreError("The processes that work out answers cannot be started.", "Ask again.")
    return pool


def _stop_pool(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # untyped in pebble
    pool.join()
