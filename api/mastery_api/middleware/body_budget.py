"""The memory that request bodies may take together: a body is not read on until there is room for it."""

import asyncio
from collections import Counter
from typing import Final

SMALL_BYTES: Final = 64 * 1024
"""Bytes up to which a body is not counted; the server buffers so much of each connection anyway."""


class BodyBudget:
    """Bytes of bodies in memory: `max_bytes` in all, a quarter of it for one client.

    A body that is larger than its share is read if no other of the client is being read.
    """

    def __init__(self, max_bytes: int) -> None:
        """Start empty."""
        self._max_bytes = max_bytes
        self._used: Counter[str] = Counter()
        self._released = asyncio.Event()

    async def reserve(self, client: str, size: int) -> None:
        """Wait until there is room for a body of `size` bytes, and reserve it until `release`."""
        while not self._has_room(client, size):
            self._released.clear()
            await self._released.wait()
        self._used[client] += size

    def release(self, client: str, size: int) -> None:
        """Give back what was reserved."""
        self._used[client] -= size
        if self._used[client] <= 0:
            del self._used[client]
        self._released.set()

    def _has_room(self, client: str, size: int) -> bool:
        own, total = self._used[client], self._used.total()
        if own == 0:
            del self._used[client]
        return (own == 0 or own + size <= self._max_bytes // 4) and (total == 0 or total + size <= self._max_bytes)
