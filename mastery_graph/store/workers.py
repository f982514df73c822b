"""The pool of query workers of an embedded store: a worker is killed at its query's time limit, and replaced."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Final, Literal

from pyoxigraph import QueryResultsFormat, RdfFormat

from mastery_graph.errors import OutOfMemory, QueryTimeout, ResultTooLarge, StoreError
from mastery_graph.languages import Message, ngettext
from mastery_graph.store import worker as worker_module
from mastery_graph.store.engine_errors import engine_error
from mastery_graph.store.message_reader import MessageReader
from mastery_graph.store.protocol import CONFINED, EVERYTHING, Confinement, Limits, ProcessObserver, Scope, Stop
from mastery_graph.store.query_text import names_its_graphs, query_syntax_error
from mastery_graph.store.versions import Hold

_MAX_UNREAD_BYTES: Final = 64 * 1024
"""Bytes that can be sent to a worker without blocking: the buffer of the connection is larger."""

_CHECK_SECONDS: Final = 10
"""Seconds within which an idle worker responds, including its start."""

_MAX_IDLE_BYTES: Final = 500_000_000
"""Bytes of memory above which a worker is replaced after its query, so that the next one has its whole limit."""

_STARTER: Final = ThreadPoolExecutor(1, "worker-starter")
"""The thread that starts workers: they end with the thread that started them, so it must outlive them."""

_EXIT_SECONDS: Final = 5
"""Seconds to wait for the exit of a process whose connection is closed."""


@dataclass(frozen=True, slots=True)
class Content:
    """What workers open: a store on disk, which `hold` keeps from removal, or an N-Quads dump of a store in memory."""

    kind: Literal["directory", "dump"]
    path: Path
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    connection: "Connection[bytes, bytes]"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        with suppress(OSError):  # closed already
            self.connection.close()


class Workers:
    """A pool of query workers over one unchanging content."""

    def __init__(self, content: Content, number: int, confinement: Confinement = CONFINED) -> None:
        """Create the pool; a worker is started by the first query that needs it."""
        self._content = content
        self._confinement = confinement
        self._number = number
        self._slots = threading.Semaphore(number)
        self._idle: list[_Worker] = []
        self._busy: dict[int, _Worker] = {}
        self._lock = threading.Lock()
        self._closed = False

    def stream(
        self,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        scope: Scope,
        limits: Limits,
        *,
        stop: Stop | None = None,
    ) -> Iterator[bytes]:
        """Yield the serialised result in pieces. The time limit includes waiting for a worker.

        Raises `BadQuery`, `QueryTimeout`, `ResultTooLarge`, `OutOfMemory` and `StoreError`. Closing the
        iterator early, or pulling `stop`, kills the worker.
        """
        stop = stop or Stop()
        budget = _Budget(limits.seconds)
        budget.acquire(self._slots)
        result = _Result(limits, self._confinement)
        worker = None
        try:
            worker = self._take_idle() or _STARTER.submit(self._start).result()
            stop.arm(worker.process.kill)
            worker.connection.send_bytes(_request(query, results, graph, scope, limits))
            while not result.complete:
                budget.wait(worker.connection)
                if piece := result.piece(worker.connection.recv_bytes()):
                    yield piece
        except (EOFError, OSError):
            raise self._lost_worker_error(worker) from None
        finally:
            # A worker that was killed after the last piece must not get the next query.
            stopped = stop.disarm()
            try:
                if worker and not self._release(worker, complete=result.complete and not stopped):
                    worker.end()
            finally:
                self._slots.release()

    async def stream_async(
        self,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        scope: Scope,
        limits: Limits,
        *,
        observer: ProcessObserver | None = None,
    ) -> AsyncGenerator[bytes]:
        """Yield what `stream` yields, in an event loop and without a thread. Cancelling the task kills the worker.

        With an `observer`, the number of workers is not bounded here.
        """
        budget = _Budget(limits.seconds)
        if observer is None:
            await budget.acquire_async(self._slots)
        result = _Result(limits, self._confinement)
        worker = None
        try:
            worker = self._take_idle() or await self._start_async()
            connection, request = worker.connection, _request(query, results, graph, scope, limits)
            if len(request) < _MAX_UNREAD_BYTES:
                connection.send_bytes(request)
            else:
                await asyncio.to_thread(connection.send_bytes, request)
            if observer:
                observer.attach(worker.process.pid)
            reader = MessageReader(connection)
            while not result.complete:
                if piece := result.piece(await budget.read(reader)):
                    yield piece
        except (EOFError, OSError):
            raise (await asyncio.to_thread(self._lost_worker_error, worker)) from None
        finally:
            if observer:
                observer.detach()
            try:
                if worker and not self._release(worker, complete=result.complete):
                    await asyncio.shield(asyncio.to_thread(worker.end))
            finally:
                if observer is None:
                    self._slots.release()

    def check(self) -> None:
        """Run a test query; if all workers are busy, check that their processes run. Raises `StoreError`."""
        if self._slots.acquire(blocking=False):
            self._slots.release()
            limits = Limits(_CHECK_SECONDS, None)
            answer = b"".join(self.stream("ASK {}", QueryResultsFormat.CSV, RdfFormat.N_TRIPLES, EVERYTHING, limits))
            if answer.strip() != b"true":
                raise _no_response()
            return
        with self._lock:
            running = sum(worker.process.poll() is None for worker in self._busy.values())
        if running == 0:
            raise _no_response()

    def close(self) -> None:
        """Kill all idle workers; busy ones end with their query."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def _take_idle(self) -> _Worker | None:
        with self._lock:
            if not self._idle:
                return None
            worker = self._idle.pop()
            self._busy[worker.process.pid] = worker
            return worker

    async def _start_async(self) -> _Worker:
        starting = asyncio.get_running_loop().run_in_executor(_STARTER, self._start)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._keep_started)
            raise

    def _keep_started(self, starting: "asyncio.Future[_Worker]") -> None:
        """Keep a worker whose query was cancelled before it had started."""
        if not starting.exception() and not self._release(worker := starting.result(), complete=True):
            worker.end()

    def _start(self) -> _Worker:
        own_end, worker_end = Pipe()
        with worker_end, mask_signals():
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", worker_module.__name__, str(worker_end.fileno())),
                    *(self._content.kind, self._content.path),
                    str(self._confinement.memory or ""),
                    "network" if self._confinement.hosts else "",
                ],
                pass_fds=[worker_end.fileno()],
            )
        worker = _Worker(process, own_end)
        with self._lock:
            # Keep a reference while it is busy, so that the connection is not garbage-collected before it is ended.
            self._busy[process.pid] = worker
        return worker

    def _release(self, worker: _Worker, *, complete: bool) -> bool:
        """Make a worker idle again if it can run another query; return whether it can, else the caller must end it."""
        with self._lock:
            self._busy.pop(worker.process.pid, None)
            if complete and not self._closed and len(self._idle) < self._number and is_fresh(worker.process.pid):
                self._idle.append(worker)
                return True
        return False

    def _lost_worker_error(self, worker: _Worker | None) -> StoreError:
        """Return the error for a worker that has died. If it ran out of memory, Rust has aborted it."""
        if worker and self._confinement.memory:
            with suppress(subprocess.TimeoutExpired):
                if worker.process.wait(_EXIT_SECONDS) == -signal.SIGABRT:
                    return _out_of_memory(self._confinement)
        return StoreError(
            Message("A query worker ended unexpectedly."), Message("Ask again; the next query has a new one.")
        )


@contextmanager
def mask_signals() -> Iterator[None]:
    """Block SIGINT for processes started in the block: a terminal sends Ctrl+C to all, but their parent ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def is_fresh(pid: int) -> bool:
    """Return whether a process can take another query: its memory has not grown, nor its priority been lowered."""
    try:
        if os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0):
            return False
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return True  # ended, which the next query notices, or not Linux
    return pages * resource.getpagesize() < _MAX_IDLE_BYTES


def _no_response() -> StoreError:
    return StoreError(Message("The query workers do not respond."), Message("Restart the server."))


class _Result:
    """The decoder of the messages that a worker sends for one result."""

    def __init__(self, limits: Limits, confinement: Confinement) -> None:
        self._limits = limits
        self._confinement = confinement
        self.complete = False

    def piece(self, message: bytes) -> bytes:
        """Return the piece of the result in a message, or raise the error that it reports."""
        kind, payload = message[:1], message[1:]
        self.complete = kind != worker_module.DATA
        if kind == worker_module.BAD_QUERY:
            raise query_syntax_error(payload.decode())
        if kind == worker_module.TOO_LARGE:
            raise ResultTooLarge(
                Message("The result is larger than {bytes} bytes.", bytes=self._limits.size),
                Message("Ask for less: fewer columns, a narrower pattern, or LIMIT and OFFSET with ORDER BY."),
            )
        if kind == worker_module.NO_MEMORY:
            raise _out_of_memory(self._confinement)
        if kind == worker_module.FAILED:
            raise engine_error("The query failed", RuntimeError(payload.decode()))
        return payload


class _Budget:
    """The remaining time of a query. Waiting for a worker counts; the time in which the caller uses pieces does not."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._remaining = seconds

    def acquire(self, slots: threading.Semaphore) -> None:
        """Wait for a free worker. Raises `QueryTimeout` if the time runs out first."""
        start = monotonic()
        self._spend(start, in_time=slots.acquire(timeout=self._remaining))

    async def acquire_async(self, slots: threading.Semaphore) -> None:
        """Wait as `acquire` does, in an event loop."""
        if slots.acquire(blocking=False):
            return
        start = monotonic()
        acquisition = asyncio.ensure_future(asyncio.to_thread(slots.acquire, timeout=self._remaining))
        try:
            self._spend(start, in_time=await asyncio.shield(acquisition))
        except asyncio.CancelledError:
            acquisition.add_done_callback(lambda task: slots.release() if task.result() else None)
            raise

    def wait(self, connection: "Connection[bytes, bytes]") -> None:
        """Wait for the next message. Raises `QueryTimeout` if the time runs out first."""
        start = monotonic()
        self._spend(start, in_time=connection.poll(self._remaining))

    async def read(self, reader: MessageReader) -> bytes:
        """Return the next message, in an event loop. Raises `QueryTimeout` if the time runs out first."""
        start = monotonic()
        try:
            message = await reader.read(self._remaining)
        except TimeoutError:
            self._spend(start, in_time=False)
            raise
        self._spend(start, in_time=True)
        return message

    def _spend(self, start: float, *, in_time: bool) -> None:
        if self._remaining is not None:
            self._remaining = max(self._remaining - (monotonic() - start), 0.0)
        if not in_time:
            raise QueryTimeout(
                ngettext(
                    "The query was stopped after {count} second.",
                    "The query was stopped after {count} seconds.",
                    self._seconds or 0,
                ),
                Message("Narrow its patterns, or ask for fewer results with LIMIT."),
            )


def _out_of_memory(confinement: Confinement) -> OutOfMemory:
    return OutOfMemory(
        Message("The query needed more than {bytes} bytes of memory.", bytes=confinement.memory),
        Message("Narrow its patterns; sorting, grouping and DISTINCT keep all rows."),
    )


def _request(query: str, results: QueryResultsFormat, graph: RdfFormat, scope: Scope, limits: Limits) -> bytes:
    request = {
        "query": query,
        "results": results.media_type,
        "graph": graph.media_type,
        "default_graphs": scope.default_graphs,
        "named_graphs": scope.named_graphs,
        "union": not scope.unnamed and not names_its_graphs(query),
        "base": scope.base,
        "size": limits.size,
    }
    return json.dumps(request).encode()
