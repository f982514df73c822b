"""What a store of the graph can do, whichever engine holds it.

Two implementations keep this protocol and pass the same tests: `EmbeddedStore` and `RemoteStore`.
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
    """How much a query may cost: `seconds` of work, `size` of its serialised result in bytes. None is no limit."""

    seconds: float | None = None
    size: int | None = None


UNLIMITED = Limits()


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a query may use: `memory` in bytes (None is no limit), and the `hosts` that it may ask with SERVICE."""

    memory: int | None = None
    hosts: frozenset[str] = frozenset()


CONFINED = Confinement()


class Stop:
    """A switch that ends a query from another thread, such as when its client has gone."""

    def __init__(self) -> None:
        """Begin with nothing to end."""
        self._lock = threading.Lock()
        self._action: Callable[[], None] | None = None
        self._pulled = False

    @property
    def pulled(self) -> bool:
        """Whether the query has been ended."""
        return self._pulled

    def pull(self) -> None:
        """End what runs now, and whatever would begin later."""
        with self._lock:
            self._pulled = True
            if self._action:
                self._action()

    def arm(self, action: Callable[[], None]) -> None:
        """Say how to end what begins now; at once, where the switch is pulled already."""
        with self._lock:
            self._action = action
            if self._pulled:
                action()

    def disarm(self) -> bool:
        """Say that there is nothing left to end; return whether it had been ended by then."""
        with self._lock:
            self._action = None
            return self._pulled


@dataclass(frozen=True, slots=True)
class Scope:
    """The graphs that a query sees (SPARQL 1.1 Protocol, 2.1.4). Empty is all: their union, each by name.

    `base` is the address that relative ones in the query are relative to. `unnamed` makes the graph without a name the
    default graph, in place of the union.
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
"""How the hash of a dataset begins whose content is being changed: it is not known until the change is described."""


@runtime_checkable
class Store(Protocol):
    """A dataset of named graphs, asked in SPARQL 1.1. Queries see the union of the graphs by default.

    Every method raises `StoreError` where the engine fails, and the query methods `BadQuery`, `QueryTimeout`
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

        Errors known before the first piece are raised by the first `next`; a limit met later raises from the
        iterator, so that the caller never takes a cut result for a whole one. Another thread ends the query by `stop`.
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
        """Release what the store holds: workers, files, connections."""
        ...


def graph_sizes(rows: Iterable[Row]) -> list[GraphSize]:
    """Return the sizes that the query `browse/graphs` found."""
    return [GraphSize(str(row["graph"].value), int(row["triples"].value)) for row in rows if "graph" in row]
