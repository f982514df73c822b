"""The processes that compute answers: started on demand, reused, and replaced when they have grown."""

import asyncio
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe, forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Final

from mastery_api.workers.process import OUT_OF_MEMORY, WorkerRequest, WorkerResponse, run_worker
from mastery_graph.errors import OutOfMemory, StoreError
from mastery_graph.languages import Message
from mastery_graph.questions.registry import preloaded_modules
from mastery_graph.settings import Settings
from mastery_graph.store.message_reader import MessageReader
from mastery_graph.store.protocol import ProcessObserver
from mastery_graph.store.workers import is_fresh, mask_signals

_PRELOADED: Final = ("mastery_api.workers.process", *preloaded_modules())
"""Modules imported once by the fork server, from which the processes are forked."""

_START_SECONDS: Final = 60
"""Seconds in which a process must be ready for its first request."""

_EXIT_SECONDS: Final = 5
"""Seconds to wait for the exit code of a process whose connection is closed."""

ADVICE: Final = Message("Send a smaller request.")


@dataclass(frozen=True, slots=True)
class _AnswerProcess:
    process: ForkServerProcess
    connection: "Connection[bytes, bytes]"

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        with suppress(OSError):
            self.connection.close()


class AnswerProcesses:
    """Processes that answer requests, one at a time each."""

    def __init__(self, settings: Settings, max_idle: int) -> None:
        """Start no process yet. At most `max_idle` are kept for the next request."""
        self._settings = settings
        self._max_idle = max_idle
        self._idle: list[_AnswerProcess] = []
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(_PRELOADED))
        # A process ends with the thread that started the fork server, so that thread must outlive it.
        self._starter = ThreadPoolExecutor(1, "answer-starter")
        self._closed = False

    async def prepare(self) -> None:
        """Start the fork server, which imports the modules in the meantime."""
        await asyncio.get_running_loop().run_in_executor(self._starter, _start_fork_server)

    async def answer(self, request: WorkerRequest, seconds: float, observer: ProcessObserver) -> WorkerResponse:
        """Return the response of a process. Cancelling the task ends the process.

        Raises `TimeoutError` after `seconds` of work, `OutOfMemory`, and `StoreError` if the process is lost.
        """
        worker: _AnswerProcess | None = None
        complete = False
        try:
            worker = await self._take()
            reader = MessageReader(worker.connection)
            await asyncio.to_thread(worker.connection.send_bytes, pickle.dumps(request))
            await reader.read(_START_SECONDS)  # the process is ready
            observer.attach(worker.process.pid or 0)
            response: WorkerResponse = pickle.loads(await reader.read(seconds))  # noqa: S301  # from our own process
            complete = True
            return response
        except (EOFError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise (await asyncio.to_thread(self._lost_worker_error, worker)) from None
        finally:
            observer.detach()
            if worker and not self._release(worker, complete=complete):
                await asyncio.shield(asyncio.to_thread(worker.end))

    def close(self) -> None:
        """End the idle processes; busy ones end with their request."""
        self._closed = True
        while self._idle:
            self._idle.pop().end()

    async def _take(self) -> _AnswerProcess:
        """Return an idle process, or start one."""
        if worker := self._take_idle():
            return worker
        starting = asyncio.get_running_loop().run_in_executor(self._starter, self._start)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._keep_started)
            raise

    def _keep_started(self, starting: "asyncio.Future[_AnswerProcess]") -> None:
        """Keep a process whose request was cancelled before it had started."""
        if not starting.exception() and not self._release(worker := starting.result(), complete=True):
            worker.end()

    def _take_idle(self) -> _AnswerProcess | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.process.is_alive():
                return worker
            worker.end()
        return None

    def _start(self) -> _AnswerProcess:
        _start_fork_server()
        own_end, worker_end = Pipe()
        with worker_end, mask_signals():
            process = self._context.Process(target=run_worker, args=(worker_end, self._settings), daemon=True)
            try:
                process.start()
            except (OSError, EOFError) as error:
                own_end.close()
                raise _start_error(error) from None
        return _AnswerProcess(process, own_end)

    def _release(self, worker: _AnswerProcess, *, complete: bool) -> bool:
        """Keep a process for the next request if it can take one; return whether, else the caller must end it."""
        if complete and not self._closed and len(self._idle) < self._max_idle and is_fresh(worker.process.pid or 0):
            self._idle.append(worker)
            return True
        return False

    def _lost_worker_error(self, worker: _AnswerProcess | None) -> StoreError:
        """Return the error for a process that has ended, by its exit code."""
        if worker:
            worker.process.join(_EXIT_SECONDS)
            if worker.process.exitcode in OUT_OF_MEMORY:
                max_bytes = self._settings.worker_bytes
                return OutOfMemory(
                    Message("The answer needed more than {bytes} bytes of memory.", bytes=max_bytes), ADVICE
                )
        return StoreError(Message("The process that worked on the answer was lost."), Message("Try again later."))


def _start_fork_server() -> None:
    resource_tracker.ensure_running()  # started later, it would unmask the signals of the processes
    with mask_signals():
        try:
            forkserver.ensure_running()
        except (OSError, EOFError) as error:
            raise _start_error(error) from None


def _start_error(error: Exception) -> StoreError:
    return StoreError(
        Message("The worker processes cannot be started: {cause}.", cause=error),
        Message("If a path is too long, set TMPDIR to a shorter one."),
    )
