"""A store that is asked the same things again and again while it stays as it is: its answers are remembered."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from pyoxigraph import QueryResultsFormat, RdfFormat, Triple

from mastery_graph.queries import bind
from mastery_graph.store.protocol import EVERYTHING, UNLIMITED, Bindings, GraphSize, Limits, Row, Scope, Stop, Store

_MOST = 5_000
"""Answers that are remembered; what was asked longest ago goes first."""


class RememberingStore:
    """Another store, as it was when each thing was first asked: what others write to it is not seen."""

    def __init__(self, store: Store) -> None:
        """Remember what this store answers."""
        self._store = store
        self._selected = lru_cache(_MOST)(lambda query, limits: tuple(store.select(query, None, limits)))
        self._constructed = lru_cache(_MOST)(lambda query, limits: tuple(store.construct(query, None, limits)))
        self._asked = lru_cache(_MOST)(lambda query, limits: store.ask(query, None, limits))

    def select(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Row]:
        """Return the solutions of a SELECT query, in the order of the query."""
        return list(self._selected(bind(query, bindings or {}), limits))

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        return self._asked(bind(query, bindings or {}), limits)

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        return list(self._constructed(bind(query, bindings or {}), limits))

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
        """Yield the serialised result in pieces, which are not remembered."""
        return self._store.stream(query, results, graph, scope, limits, stop=stop)

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none, and forget all answers."""
        self._store.load(source, rdf_format, graph)
        self._forget()

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none, and forget all answers."""
        self._store.replace_graph(graph, triples)
        self._forget()

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        return self._store.graphs()

    def close(self) -> None:
        """Do nothing: the other store belongs to whoever opened it."""

    def _forget(self) -> None:
        for remembered in (self._selected, self._constructed, self._asked):
            remembered.cache_clear()
