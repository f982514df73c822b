"""A store that is asked the same things again and again while it stays as it is: its answers are remembered."""

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

_MOST: Final = 50_000
_SHARE: Final = 20


class CachingStore:
    """Another store, as it was when each thing was first asked: what others write to it is not seen."""

    def __init__(self, store: Store, most: int = _MOST) -> None:
        """Remember what this store answers, in the room of `most` rows: what was asked longest ago goes first.

        An answer that would take more than a twentieth of the room is not remembered. Of a question, only the hash is:
        it may hold what a credential says that is only checked.
        """
        self._store = store
        self._most = most
        self._remembered: LRUCache[tuple[str, bytes, Limits], tuple[Any, ...]] = LRUCache(most, getsizeof=_room)
        self._turn = threading.Lock()

    @property
    def remembered(self) -> Store:
        """The other store."""
        return self._store

    def select(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Row]:
        """Return the solutions of a SELECT query, in the order of the query."""
        bound = bind(query, bindings or {})
        return list(self._answer("select", bound, limits, lambda: self._store.select(bound, None, limits)))

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        bound = bind(query, bindings or {})
        return bool(self._answer("ask", bound, limits, lambda: [self._store.ask(bound, None, limits)])[0])

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        bound = bind(query, bindings or {})
        return list(self._answer("construct", bound, limits, lambda: self._store.construct(bound, None, limits)))

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

    def _answer(self, kind: str, query: str, limits: Limits, answer: Callable[[], list[Any]]) -> tuple[Any, ...]:
        asked = kind, hashlib.sha256(query.encode()).digest(), limits
        with self._turn:
            found = self._remembered.get(asked)
        if found is None:
            found = tuple(answer())
            if _room(found) <= self._most // _SHARE:
                with self._turn:
                    self._remembered[asked] = found
        return found

    def _forget(self) -> None:
        with self._turn:
            self._remembered.clear()


def _room(answer: tuple[Any, ...]) -> int:
    return 1 + len(answer)
