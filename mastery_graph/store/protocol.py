"""The protocols of a graph store, independent of its engine: `Store` is read, `WritableStore` also written.

Two engines follow these protocols and pass the same tests: the embedded one (`EmbeddedStore` on disk, `Draft` to change
it, `MemoryStore`) and any SPARQL 1.1 endpoint (`RemoteStore`). In what callers must treat them differently, a store has
a member for it, so that no caller needs to know its class.
"""

import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple

from mastery_graph.rdf import Bindings, Row


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a query: `seconds` of run time, `size` of its serialised result in bytes. None is no limit."""

    seconds: float | None = None
    size: int | None = None


UNLIMITED = Limits()


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a query may use: `memory` in bytes (None is no limit), and the `hosts` that it may query with SERVICE."""

    memory: int | None = None
    hosts: frozenset[str] = frozenset()


CONFINED = Confinement()


class Stop:
    """A switch that ends a query from another thread, such as when its client has gone."""

    def __init__(self) -> None:
        """Create a switch that does nothing until it is armed."""
        self._lock = threading.Lock()
        self._action: Callable[[], None] | None = None
        self._pulled = False

    @property
    def pulled(self) -> bool:
        """Whether the query has been ended."""
        return self._pulled

    def pull(self) -> None:
        """End the running query, and any query that would start later."""
        with self._lock:
            self._pulled = True
            if self._action:
                self._action()

    def arm(self, action: Callable[[], None]) -> None:
        """Set the action that ends the query that starts now; run it at once if the switch is already pulled."""
        with self._lock:
            self._action = action
            if self._pulled:
                action()

    def disarm(self) -> bool:
        """Remove the action, since the query is over; return whether it had been ended before."""
        with self._lock:
            self._action = None
            return self._pulled


class ProcessObserver(Protocol):
    """Supervises the process that works on a query, to stop it for a while or to measure it."""

    def attach(self, process: int) -> None:
        """Take note of the id of the process that starts to work."""
        ...

    def detach(self) -> None:
        """Take note that it has done its work, before it is reused or ended."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """The graphs that a query sees (SPARQL 1.1 Protocol, 2.1.4). Empty means all: their union, and each by name.

    `base` is the IRI against which relative IRIs in the query are resolved. `unnamed` makes the unnamed graph the
    default graph instead of the union.
    """

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base: str | None = None
    unnamed: bool = False

    @property
    def everything(self) -> bool:
        """Whether the query sees all graphs."""
        return not (self.default_graphs or self.named_graphs)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class GraphSize:
    """A named graph and its number of triples."""

    iri: str
    triples: int


@dataclass(frozen=True, slots=True)
class CircuitState:
    """The state of the circuit of an endpoint. Times are ISO 8601, UTC.

    `state` is `closed` (requests are sent), `open` (it is down, and no requests are sent until `next_try`) or
    `half-open` (the next request tries it). `since` is when it went down.
    """

    state: str
    failures: int
    since: str | None
    last_error: str | None
    last_error_at: str | None
    next_try: str | None


CHANGING: Final = "changing-"
"""The prefix of the hash of a dataset that is being changed: the real hash is known once the change is described."""


class Store(Protocol):
    """A dataset of named graphs, queried in SPARQL 1.1. Queries see the union of the graphs by default.

    Every method raises `StoreError` if the engine fails, and the query methods `BadQuery`, `QueryTimeout`
    and `ResultTooLarge`.
    """

    @property
    def version(self) -> str | None:
        """The name of the version on disk, a new one for each change; None if the store has no versions."""
        ...

    @property
    def endpoint_state(self) -> CircuitState | None:
        """Whether the endpoint behind the store is up, as far as is known; None if there is no endpoint."""
        ...

    @property
    def is_exclusive(self) -> bool:
        """Whether only this software writes to the store, so that it always agrees with its description."""
        ...

    @property
    def has_unnamed_graph(self) -> bool:
        """Whether the graph without a name can be read and written."""
        ...

    def select(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Row]:
        """Return the solutions of a SELECT query, in the order of the query."""
        ...

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        ...

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        ...

    def stream(
        self,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        scope: Scope = EVERYTHING,
        limits: Limits = UNLIMITED,
        *,
        stop: Stop | None = None,
    ) -> Iterator[bytes]:
        """Yield the serialised result in pieces: `results` for SELECT and ASK, `graph` for the others.

        Errors known before the first piece are raised by the first `next`; a limit reached later raises from the
        iterator, so that a truncated result is never mistaken for a complete one. Another thread can end the query with
        `stop`.
        """
        ...

    def stream_async(
        self,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        scope: Scope = EVERYTHING,
        limits: Limits = UNLIMITED,
        *,
        observer: ProcessObserver | None = None,
    ) -> AsyncGenerator[bytes]:
        """Yield what `stream` yields, in an event loop. Cancelling the task or closing the iterator ends the query.

        With an `observer`, the caller bounds the number of queries that run at the same time.
        """
        ...

    def look_up(self, query: str, results: QueryResultsFormat, scope: Scope = EVERYTHING) -> bytes | None:
        """Return the serialised result of a simple look-up at once; None if the query may take longer."""
        ...

    def has_graph(self, graph: NamedNode) -> bool:
        """Return whether there is a graph of this name; behind an endpoint, whether it contains triples."""
        ...

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        ...

    def check(self) -> None:
        """Check that the store can answer queries. Raises `StoreError` if it cannot."""
        ...

    def retire(self) -> None:
        """Release the resources of the store once its running queries have ended."""
        ...

    def close(self) -> None:
        """Release the resources of the store: workers, files, connections."""
        ...


class StoreOpener(Protocol):
    """A function that opens a store for reading, and that can be sent to another process and compared."""

    def __call__(self) -> Store:
        """Open the store."""
        ...

    def __hash__(self) -> int:
        """Return the same number for openers of the same store."""
        ...


class WritableStore(Store, Protocol):
    """A store that can be written."""

    @property
    def is_atomic(self) -> bool:
        """Whether readers see the changes only once all are complete, rather than each at once."""
        ...

    @property
    def accepts_updates(self) -> bool:
        """Whether SPARQL 1.1 Update is possible."""
        ...

    @property
    def documents_at_once(self) -> int:
        """The number of documents to write at a time: more cost memory, or too long a request."""
        ...

    def content_before(self) -> StoreOpener | None:
        """Return an opener, for other processes, of the content before the changes; None if they cannot read it."""
        ...

    def mark_changing(self, graph: str, subject: NamedNode, predicate: NamedNode, value: Literal) -> None:
        """Tell readers that changes begin: replace the value of a property in a graph, if there is one.

        A store of which readers do not see an incomplete change does nothing.
        """
        ...

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none."""
        ...

    def load_quads(self, lines: bytes) -> None:
        """Write N-Quads of an engine, ordered by graph, to the new graphs that they name, each all or none."""
        ...

    def update(self, text: str) -> None:
        """Apply a SPARQL 1.1 update. Raises `BadQuery`, and `WritingIsOff` if it is not possible."""
        ...

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none. No triples removes the graph."""
        ...


def graph_sizes(rows: Iterable[Row]) -> list[GraphSize]:
    """Return the graph sizes in the result of the query `browse/graphs`."""
    return [GraphSize(str(row["graph"].value), int(row["triples"].value)) for row in rows if "graph" in row]
