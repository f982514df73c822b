"""A cache of query results in front of a store whose content rarely changes."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from cachetools import LRUCache
from pyoxigraph import QueryResultsFormat, RdfFormat, Triple

from mastery_graph.queries import bind
from mastery_graph.rdf import Bindings, Row
from mastery_graph.store.protocol import EVERYTHING, UNLIMITED, GraphSize, Limits, Scope, Stop, Store

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
    def remembered(self) -> Store:
        """The store whose results are cached."""
        return self._store

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

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none, and clear the cache."""
        self._store.load(source, rdf_format, graph)
        self._clear()

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none, and clear the cache."""
        self._store.replace_graph(graph, triples)
        self._clear()

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        return self._store.graphs()

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

    def _clear(self) -> None:
        with self._lock:
            self._cache.clear()


def _size(answer: tuple[Any, ...]) -> int:
    return 1 + len(answer)
