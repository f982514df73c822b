"""The protocol of a graph store, independent of its engine.

Two implementations follow this protocol and pass the same tests: `EmbeddedStore` and `RemoteStore`.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from pyoxigraph import QueryResultsFormat, RdfFormat, Triple

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


CHANGING: Final = "changing-"
"""The prefix of the hash of a dataset that is being changed: the real hash is known once the change is described."""


@runtime_checkable
class Store(Protocol):
    """A dataset of named graphs, queried in SPARQL 1.1. Queries see the union of the graphs by default.

    Every method raises `StoreError` if the engine fails, and the query methods `BadQuery`, `QueryTimeout`
    and `ResultTooLarge`.
    """

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

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none."""
        ...

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none. No triples removes the graph."""
        ...

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        ...

    def close(self) -> None:
        """Release the resources of the store: workers, files, connections."""
        ...


def graph_sizes(rows: Iterable[Row]) -> list[GraphSize]:
    """Return the graph sizes in the result of the query `browse/graphs`."""
    return [GraphSize(str(row["graph"].value), int(row["triples"].value)) for row in rows if "graph" in row]
