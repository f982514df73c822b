"""Results kept for the next time that the same is asked of the same data, in a bounded amount of memory."""

from typing import Final

from cachetools import LRUCache

_SHARE: Final = 16


class ResultCache:
    """Keeps serialised results by what they answer, the least recently asked for going first.

    One result takes at most a sixteenth of the room.
    """

    def __init__(self, size: int) -> None:
        """Keep at most `size` bytes of results; none where it is 0."""
        self._largest = size // _SHARE
        self._kept: LRUCache[str, bytes] = LRUCache(max(size, 1), getsizeof=len)

    def get(self, key: str) -> bytes | None:
        """Return the result of this key, if it is kept."""
        return self._kept.get(key)

    def put(self, key: str, result: bytes) -> None:
        """Keep a result, where it is small enough."""
        if len(result) <= self._largest:
            self._kept[key] = result
