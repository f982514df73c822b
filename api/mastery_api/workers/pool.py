"""Middleware that has answers computed by processes, each ended at the time limit or when its client disconnects.

Work that cannot be interrupted in a thread (a validation, an integer programme, a query) ends with its process, which
is replaced by a new one. Requests take turns as queries do.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage

from mastery_api import problems
from mastery_api.lanes import Lanes
from mastery_api.middleware.rate_limit import client_of, run_while_connected
from mastery_api.monitoring.metrics import ANSWERS_WAITING, ANSWERS_WORKING
from mastery_api.workers.process import WorkerRequest, WorkerResponse
from mastery_api.workers.processes import ADVICE, AnswerProcesses
from mastery_graph.concept_search.index_cache import index_folder
from mastery_graph.errors import AnswerTimeout, MasteryError
from mastery_graph.languages import ngettext
from mastery_graph.settings import Settings

_GRACE_SECONDS: Final = 4.0
"""Seconds in the slow lane before a process gets a low priority. After that it is not reused, and a new one is cold."""

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


class AnswerWorkers:
    """Middleware that has each question answered by a worker process, within its limits."""

    def __init__(self, app: ASGIApp, settings: Settings, queries: Lanes) -> None:
        """Wrap an application; `queries` are the turns of queries. Processes start on demand."""
        self._app = app
        self._settings = settings
        self._queries = queries
        self._answers = Lanes(
            settings.answer_workers,
            settings.query_queue,
            gauges=(ANSWERS_WAITING, ANSWERS_WORKING),
            max_stopped_bytes=settings.worker_bytes,
            budget=queries.budget,
            grace_seconds=_GRACE_SECONDS,
        )
        self._shared = tempfile.TemporaryDirectory(prefix="mastery-graph-")
        if index_folder(settings) is None:
            # Share the text index as files: in memory, each new process would build it again.
            self._settings = settings.model_copy(update={"text_index": Path(self._shared.name)})
        self._processes = AnswerProcesses(self._settings, settings.answer_workers)

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
        async with self._queries.turn(self._client(request), self._settings.query_seconds) as turn:
            request.state.turn = turn
            await self._app(request.scope, receive, send)

    async def _run_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Prepare the processes together with the application, and end them when it stops."""
        preparing = asyncio.ensure_future(self._processes.prepare())

        async def send_after_stop(message: ASGIMessage) -> None:
            # The server may exit as soon as it receives this message.
            if message["type"] != "lifespan.startup.complete":
                await preparing
                await asyncio.to_thread(self._processes.close)
                self._shared.cleanup()
            await send(message)

        await self._app(scope, receive, send_after_stop)

    async def _compute(self, request: Request, worker_request: WorkerRequest) -> WorkerResponse:
        limit = self._settings.answer_seconds
        async with self._answers.turn(self._client(request), limit) as turn:
            try:
                return await self._processes.answer(worker_request, turn.seconds_left, turn)
            except TimeoutError:
                raise AnswerTimeout(
                    ngettext(
                        "The answer was stopped after {count} second.",
                        "The answer was stopped after {count} seconds.",
                        limit,
                    ),
                    ADVICE,
                ) from None

    def _client(self, request: Request) -> str:
        return client_of(request.scope, self._settings.client_header)
