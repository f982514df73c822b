"""A size-bounded LRU cache of serialised results."""

from typing import Final

from cachetools import LRUCache

_MIN_RESULTS: Final = 16


class ResultCache:
    """Caches serialised results by key and evicts the least recently used first.

    One result takes at most a sixteenth of the size.
    """

    def __init__(self, size: int) -> None:
        """Cache at most `size` bytes of results; none if it is 0."""
        self._max_result_bytes = size // _MIN_RESULTS
        self._results: LRUCache[str, bytes] = LRUCache(max(size, 1), getsizeof=len)

    def get(self, key: str) -> bytes | None:
        """Return the result of this key, or None if it is not cached."""
        return self._results.get(key)

    def put(self, key: str, result: bytes) -> None:
        """Cache a result if it is small enough."""
        if len(result) <= self._max_result_bytes:
            self._results[key] = result
