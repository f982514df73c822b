"""A cache of query results in front of a store whose content rarely changes."""

import hashlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any, Final

from cachetools import LRUCache
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, Triple

from mastery_graph.queries import bind
from mastery_graph.rdf import Bindings, Row
from mastery_graph.store.protocol import (
    EVERYTHING,
    UNLIMITED,
    CircuitState,
    GraphSize,
    Limits,
    ProcessObserver,
    Scope,
    Stop,
    Store,
)

_CACHE_SIZE: Final = 50_000
"""Rows that all cached results may have together."""

_MIN_RESULTS: Final = 20
"""A result is cached only if so many of its size would fit."""


class CachingStore:
    """A store that caches the results of another store. Changes made past this object are not noticed."""

    def __init__(self, store: Store, max_rows: int = _CACHE_SIZE) -> None:
        """Cache the results of a store, up to `max_rows` rows in total; the least recently used result goes first.

        A result that would take more than a twentieth of the cache is not cached. Of a query, only the hash is kept:
        its text may contain data of a credential that is only being checked.
        """
        self._store = store
        self._max_rows = max_rows
        self._cache: LRUCache[tuple[str, bytes, Limits], tuple[Any, ...]] = LRUCache(max_rows, getsizeof=_size)
        self._lock = threading.Lock()

    @property
    def version(self) -> str | None:
        """The version of the cached store."""
        return self._store.version

    @property
    def endpoint_state(self) -> CircuitState | None:
        """The state of the endpoint of the cached store."""
        return self._store.endpoint_state

    @property
    def is_exclusive(self) -> bool:
        """Whether only this software writes to the cached store."""
        return self._store.is_exclusive

    @property
    def has_unnamed_graph(self) -> bool:
        """Whether the cached store has a graph without a name."""
        return self._store.has_unnamed_graph

    def select(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Row]:
        """Return the solutions of a SELECT query, in the order of the query."""
        bound = bind(query, bindings or {})
        return list(self._cached_result("select", bound, limits, lambda: self._store.select(bound, None, limits)))

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        bound = bind(query, bindings or {})
        return bool(self._cached_result("ask", bound, limits, lambda: [self._store.ask(bound, None, limits)])[0])

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        bound = bind(query, bindings or {})
        return list(self._cached_result("construct", bound, limits, lambda: self._store.construct(bound, None, limits)))

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
        """Yield the serialised result in pieces, which are not cached."""
        return self._store.stream(query, results, graph, scope, limits, stop=stop)

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
        """Yield the serialised result in pieces, which are not cached, in an event loop."""
        return self._store.stream_async(query, results, graph, scope, limits, observer=observer)

    def look_up(self, query: str, results: QueryResultsFormat, scope: Scope = EVERYTHING) -> bytes | None:
        """Return the serialised result of a simple look-up, which is not cached."""
        return self._store.look_up(query, results, scope)

    def has_graph(self, graph: NamedNode) -> bool:
        """Return whether there is a graph of this name."""
        return self._store.has_graph(graph)

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        return self._store.graphs()

    def check(self) -> None:
        """Check that the cached store can answer queries."""
        self._store.check()

    def retire(self) -> None:
        """Do nothing: the cached store is retired by the code that opened it."""

    def close(self) -> None:
        """Do nothing: the cached store is closed by the code that opened it."""

    def _cached_result(
        self, kind: str, query: str, limits: Limits, compute: Callable[[], list[Any]]
    ) -> tuple[Any, ...]:
        key = kind, hashlib.sha256(query.encode()).digest(), limits
        with self._lock:
            result = self._cache.get(key)
        if result is None:
            result = tuple(compute())
            if _size(result) <= self._max_rows // _MIN_RESULTS:
                with self._lock:
                    self._cache[key] = result
        return result


def _size(answer: tuple[Any, ...]) -> int:
    return 1 + len(answer)
