"""A reader of the messages of another process in an event loop, which never blocks it.

`Connection.recv_bytes` waits for the whole of a message. A process that is stopped (SIGSTOP) may have sent a part of
one, for which the event loop would wait for ever.
"""

import asyncio
import os
import struct
from multiprocessing.connection import Connection
from time import monotonic
from typing import Final

_READ_BYTES: Final = 256 * 1024
_SHORT: Final = struct.Struct("!i")
_LONG: Final = struct.Struct("!Q")
"""The length before a message, and, if that is -1, the length of a long one (`multiprocessing.connection`)."""


class MessageReader:
    """Reads the messages that arrive at one end of a connection."""

    def __init__(self, connection: "Connection[bytes, bytes]") -> None:
        """Read from a connection, of which no message has been read in part."""
        self._descriptor = connection.fileno()
        self._buffer = bytearray()

    async def read(self, seconds: float | None) -> bytes:
        """Return the next message. Raises `TimeoutError` after `seconds`, and `EOFError` at the end."""
        deadline = None if seconds is None else monotonic() + seconds
        while (length := self._complete_length()) is None:
            await self._wait(None if deadline is None else max(deadline - monotonic(), 0))
            self._receive()
        start, end = length
        message = bytes(self._buffer[start:end])
        del self._buffer[:end]
        return message

    def _complete_length(self) -> tuple[int, int] | None:
        """Return the start and the end of the first message in the buffer; None if it is not complete."""
        if len(self._buffer) < _SHORT.size:
            return None
        start = _SHORT.size
        length = int(_SHORT.unpack_from(self._buffer)[0])
        if length < 0:
            if len(self._buffer) < start + _LONG.size:
                return None
            length = int(_LONG.unpack_from(self._buffer, start)[0])
            start += _LONG.size
        return (start, start + length) if len(self._buffer) >= start + length else None

    def _receive(self) -> None:
        os.set_blocking(self._descriptor, False)
        try:
            received = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return
        finally:
            os.set_blocking(self._descriptor, True)  # threads read from it too
        if not received:
            raise EOFError
        self._buffer += received

    async def _wait(self, seconds: float | None) -> None:
        """Wait until there is something to read."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        loop.add_reader(self._descriptor, _set_result, ready)
        try:
            async with asyncio.timeout(seconds):
                await ready
        finally:
            loop.remove_reader(self._descriptor)


def _set_result(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
