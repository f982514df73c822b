"""The query workers of an embedded store: started ahead, ended at a query's time limit, replaced by new ones."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Literal

from pyoxigraph import QueryResultsFormat, RdfFormat

from mastery_graph.errors import OutOfMemory, QueryTimeout, ResultTooLarge, StoreError
from mastery_graph.languages import Sentence
from mastery_graph.store import worker
from mastery_graph.store.failures import failure
from mastery_graph.store.protocol import CONFINED, Confinement, Limits, Scope, Stop
from mastery_graph.store.query_text import does_not_parse, names_its_graphs
from mastery_graph.store.versions import Hold


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
        self.connection.close()


class Workers:
    """A pool of query workers over one unchanging content."""

    def __init__(self, content: Content, number: int, confinement: Confinement = CONFINED) -> None:
        """Start nothing yet: a worker starts with the first query that needs it."""
        self._content = content
        self._confinement = confinement
        self._free = threading.Semaphore(number)
        self._idle: list[_Worker] = []
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
        if not self._free.acquire(timeout=budget.left if limits.seconds is not None else None):
            raise budget.spent()
        taken = None
        whole = False
        try:
            taken = self._take()
            stop.arm(taken.process.kill)
            taken.connection.send_bytes(_request(query, results, graph, scope, limits))
            while True:
                budget.wait(taken.connection)
                message = taken.connection.recv_bytes()
                kind, payload = message[:1], message[1:]
                if kind == worker.DATA:
                    yield payload
                    continue
                whole = True
                if kind == worker.BAD_QUERY:
                    raise does_not_parse(payload.decode())
                if kind == worker.TOO_LARGE:
                    raise ResultTooLarge(
                        Sentence("The result is larger than {bytes} bytes.", bytes=limits.size),
                        Sentence("Ask for less: fewer columns, a narrower pattern, or LIMIT and OFFSET with ORDER BY."),
                    )
                if kind == worker.NO_MEMORY:
                    raise self._out_of_memory()
                if kind == worker.FAILED:
                    raise failure("The query failed", RuntimeError(payload.decode()))
                return
        except (EOFError, OSError):
            if taken and self._confinement.memory and taken.process.wait() == -signal.SIGABRT:
                # Rust ends the process where memory cannot be had.
                raise self._out_of_memory() from None
            raise StoreError(
                Sentence("A query worker ended unexpectedly."), Sentence("Ask again; the next query has a new one.")
            ) from None
        finally:
            # A worker that was ended after the last piece had come must not be given to the next query.
            ended = stop.disarm()
            if taken:
                self._give_back(taken, whole=whole and not ended)
            self._free.release()

    def close(self) -> None:
        """End all workers that are idle; those at work end with their query."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for one in idle:
            one.end()

    def _take(self) -> _Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        ours, theirs = Pipe()
        with theirs:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", worker.__name__, str(theirs.fileno())),
                    *(self._content.kind, self._content.path),
                    str(self._confinement.memory or ""),
                    "network" if self._confinement.hosts else "",
                ],
                pass_fds=[theirs.fileno()],
            )
        return _Worker(process, ours)

    def _out_of_memory(self) -> OutOfMemory:
        return OutOfMemory(
            Sentence("The query needed more than {bytes} bytes of memory.", bytes=self._confinement.memory),
            Sentence("Narrow its patterns; sorting, grouping and DISTINCT keep all rows."),
        )

    def _give_back(self, taken: _Worker, *, whole: bool) -> None:
        with self._lock:
            if whole and not self._closed:
                self._idle.append(taken)
                return
        taken.end()


class _Budget:
    """The time that a query may still take."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self.left = seconds if seconds is not None else 0.0

    def wait(self, connection: "Connection[bytes, bytes]") -> None:
        """Wait for the next message. Raises `QueryTimeout` where the time is spent first."""
        if self._seconds is None:
            return
        start = monotonic()
        ready = connection.poll(max(self.left, 0))
        self.left -= monotonic() - start
        if not ready:
            raise self.spent()

    def spent(self) -> QueryTimeout:
        return QueryTimeout(
            Sentence("The query was stopped after {seconds} seconds.", seconds=float(self._seconds or 0)),
            Sentence("Narrow its patterns, or ask for fewer results with LIMIT."),
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
