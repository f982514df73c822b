"""The query workers of an embedded store: ended at a query's time limit, replaced by new ones."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Final, Literal

from pyoxigraph import QueryResultsFormat, RdfFormat

from mastery_graph.errors import OutOfMemory, QueryTimeout, ResultTooLarge, StoreError
from mastery_graph.languages import Message
from mastery_graph.store import worker
from mastery_graph.store.engine_errors import engine_error
from mastery_graph.store.protocol import CONFINED, EVERYTHING, Confinement, Limits, Scope, Stop
from mastery_graph.store.query_text import does_not_parse, names_its_graphs
from mastery_graph.store.versions import Hold

_SENT_AT_ONCE: Final = 64 * 1024
"""So many bytes go to a worker without waiting for it to read them: the buffer of the connection holds more."""

_ANSWERS_WITHIN: Final = 10
"""Seconds in which a worker that is asked nothing else answers, its start included."""

_ENDS_WITHIN: Final = 5
"""Seconds in which a process is gone whose end has closed its connection."""


@dataclass(frozen=True, slots=True)
class Content:
    """What the workers hold: a store on disk, which must stay as long, or a dump of one in memory (N-Quads)."""

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
        """Start nothing yet: a worker starts with the first query that needs it."""
        self._content = content
        self._confinement = confinement
        self._free = threading.Semaphore(number)
        self._idle: list[_Worker] = []
        self._working: dict[int, _Worker] = {}
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
        """Yield the serialised result in pieces. The time limit counts the time spent waiting for the worker.

        Raises `BadQuery`, `QueryTimeout`, `ResultTooLarge`, `OutOfMemory` and `StoreError`. A caller that closes the
        iterator early, or pulls `stop`, ends the worker.
        """
        stop = stop or Stop()
        budget = _Budget(limits.seconds)
        budget.acquire(self._free)
        result = _Result(limits, self._confinement)
        taken = None
        try:
            taken = self._idle_one() or self._started()
            stop.arm(taken.process.kill)
            taken.connection.send_bytes(_request(query, results, graph, scope, limits))
            while not result.whole:
                budget.wait(taken.connection)
                if piece := result.piece(taken.connection.recv_bytes()):
                    yield piece
        except (EOFError, OSError):
            raise self._lost(taken) from None
        finally:
            # A worker that was ended after the last piece had come must not be given to the next query.
            ended = stop.disarm()
            try:
                if taken and not self._takes_back(taken, whole=result.whole and not ended):
                    taken.end()
            finally:
                self._free.release()

    async def stream_async(
        self, query: str, results: QueryResultsFormat, graph: RdfFormat, scope: Scope, limits: Limits
    ) -> AsyncGenerator[bytes]:
        """Yield what `stream` yields, in an event loop: no thread has to wait. A cancelled task ends the worker."""
        budget = _Budget(limits.seconds)
        await budget.acquire_async(self._free)
        result = _Result(limits, self._confinement)
        taken = None
        try:
            if (taken := self._idle_one()) is None:
                taken = await asyncio.to_thread(self._started)
            connection, request = taken.connection, _request(query, results, graph, scope, limits)
            if len(request) < _SENT_AT_ONCE:
                connection.send_bytes(request)
            else:
                await asyncio.to_thread(connection.send_bytes, request)
            while not result.whole:
                await budget.wait_async(connection)
                if piece := result.piece(connection.recv_bytes()):
                    yield piece
        except (EOFError, OSError):
            raise (await asyncio.to_thread(self._lost, taken)) from None
        finally:
            try:
                if taken and not self._takes_back(taken, whole=result.whole):
                    await asyncio.shield(asyncio.to_thread(taken.end))
            finally:
                self._free.release()

    def check(self) -> None:
        """Ask a worker a question; where all are at work, see that their processes run. Raises `StoreError`."""
        if self._free.acquire(blocking=False):
            self._free.release()
            limits = Limits(_ANSWERS_WITHIN, None)
            answer = b"".join(self.stream("ASK {}", QueryResultsFormat.CSV, RdfFormat.N_TRIPLES, EVERYTHING, limits))
            if answer.strip() != b"true":
                raise _unusable()
            return
        with self._lock:
            running = sum(worker.process.poll() is None for worker in self._working.values())
        if running == 0:
            raise _unusable()

    def close(self) -> None:
        """End all workers that are idle; those at work end with their query."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for one in idle:
            one.end()

    def _idle_one(self) -> _Worker | None:
        with self._lock:
            if not self._idle:
                return None
            taken = self._idle.pop()
            self._working[taken.process.pid] = taken
            return taken

    def _started(self) -> _Worker:
        ours, theirs = Pipe()
        with theirs, mask_signals():
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", worker.__name__, str(theirs.fileno())),
                    *(self._content.kind, self._content.path),
                    str(self._confinement.memory or ""),
                    "network" if self._confinement.hosts else "",
                ],
                pass_fds=[theirs.fileno()],
            )
        started = _Worker(process, ours)
        with self._lock:
            # A reference for as long as it works: no collector closes the connection before its owner ends it.
            self._working[process.pid] = started
        return started

    def _takes_back(self, one: _Worker, *, whole: bool) -> bool:
        """Return whether a worker is free for the next query; else it is to be ended."""
        with self._lock:
            self._working.pop(one.process.pid, None)
            if whole and not self._closed:
                self._idle.append(one)
                return True
        return False

    def _lost(self, one: _Worker | None) -> StoreError:
        """Return the error for a worker that is lost. Where memory cannot be had, Rust has ended it."""
        if one and self._confinement.memory:
            with suppress(subprocess.TimeoutExpired):
                if one.process.wait(_ENDS_WITHIN) == -signal.SIGABRT:
                    return _out_of_memory(self._confinement)
        return StoreError(
            Message("A query worker ended unexpectedly."), Message("Ask again; the next query has a new one.")
        )


@contextmanager
def mask_signals() -> Iterator[None]:
    """Start processes that do not hear Ctrl+C, which a terminal sends to all: whoever they work for ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _unusable() -> StoreError:
    return StoreError("The query workers do not answer.", "Restart the server.")


class _Result:
    """What a worker tells of one result, message by message."""

    def __init__(self, limits: Limits, confinement: Confinement) -> None:
        self._limits = limits
        self._confinement = confinement
        self.whole = False

    def piece(self, message: bytes) -> bytes:
        """Return the piece of the result that a message holds, or raise the error that it tells."""
        kind, payload = message[:1], message[1:]
        self.whole = kind != worker.DATA
        if kind == worker.BAD_QUERY:
            raise does_not_parse(payload.decode())
        if kind == worker.TOO_LARGE:
            raise ResultTooLarge(
                Message("The result is larger than {bytes} bytes.", bytes=self._limits.size),
                Message("Ask for less: fewer columns, a narrower pattern, or LIMIT and OFFSET with ORDER BY."),
            )
        if kind == worker.NO_MEMORY:
            raise _out_of_memory(self._confinement)
        if kind == worker.FAILED:
            raise engine_error("The query failed", RuntimeError(payload.decode()))
        return payload


class _Budget:
    """The time that a query may still take, waiting for its worker included; what is done with its pieces is not."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._left = seconds

    def acquire(self, free: threading.Semaphore) -> None:
        """Wait for a worker that is free. Raises `QueryTimeout` where the time is spent first."""
        start = monotonic()
        self._spend(start, in_time=free.acquire(timeout=self._left))

    async def acquire_async(self, free: threading.Semaphore) -> None:
        """Wait as `acquire` does, in an event loop."""
        if free.acquire(blocking=False):
            return
        start = monotonic()
        waiting = asyncio.ensure_future(asyncio.to_thread(free.acquire, timeout=self._left))
        try:
            self._spend(start, in_time=await asyncio.shield(waiting))
        except asyncio.CancelledError:
            waiting.add_done_callback(lambda done: free.release() if done.result() else None)
            raise

    def wait(self, connection: "Connection[bytes, bytes]") -> None:
        """Wait for the next message. Raises `QueryTimeout` where the time is spent first."""
        start = monotonic()
        self._spend(start, in_time=connection.poll(self._left))

    async def wait_async(self, connection: "Connection[bytes, bytes]") -> None:
        """Wait as `wait` does, in an event loop."""
        loop = asyncio.get_running_loop()
        start, told = monotonic(), loop.create_future()
        expiry = None if self._left is None else loop.call_later(self._left, _settle, told, False)
        loop.add_reader(connection.fileno(), _settle, told, True)
        os.set_blocking(connection.fileno(), True)  # uvloop watches it as one that is not; messages come whole
        try:
            self._spend(start, in_time=await told)
        finally:
            loop.remove_reader(connection.fileno())
            if expiry:
                expiry.cancel()

    def _spend(self, start: float, *, in_time: bool) -> None:
        if self._left is not None:
            self._left = max(self._left - (monotonic() - start), 0.0)
        if not in_time:
            raise QueryTimeout(
                Message("The query was stopped after {seconds} seconds.", seconds=float(self._seconds or 0)),
                Message("Narrow its patterns, or ask for fewer results with LIMIT."),
            )


def _settle(told: asyncio.Future[bool], value: bool) -> None:
    if not told.done():
        told.set_result(value)


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
