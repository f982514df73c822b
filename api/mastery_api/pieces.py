"""The pieces of a result, as an event loop takes them: from a query worker at once, from an endpoint by a thread."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor

from pyoxigraph import QueryResultsFormat, RdfFormat

from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import EVERYTHING, UNLIMITED, Limits, Scope, Stop, Store


class Pieces:
    """Asks a store, and gives the result piece by piece."""

    def __init__(self, at_once: int) -> None:
        """Make room for so many results at once that a thread waits for."""
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="query")

    def of(
        self,
        store: Store,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        *,
        scope: Scope = EVERYTHING,
        limits: Limits = UNLIMITED,
    ) -> AsyncGenerator[bytes]:
        """Yield the serialised result in pieces. Where the task is cancelled or the generator closed, the query ends.

        Raises what `Store.stream` raises.
        """
        if isinstance(store, EmbeddedStore):
            return store.stream_async(query, results, graph, scope, limits)
        stop = Stop()
        return self._by_thread(store.stream(query, results, graph, scope, limits, stop=stop), stop)

    async def _by_thread(self, pieces: Iterator[bytes], stop: Stop) -> AsyncGenerator[bytes]:
        loop = asyncio.get_running_loop()
        try:
            while (piece := await loop.run_in_executor(self._threads, next, pieces, None)) is not None:
                yield piece
        finally:
            stop.pull()
            if close := getattr(pieces, "close", None):
                # Where a thread still waits for a piece, the stop has ended it already.
                with contextlib.suppress(ValueError):
                    await asyncio.shield(loop.run_in_executor(self._threads, close))
