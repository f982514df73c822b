"""Iteration, in an event loop, over results for which a thread must wait."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from mastery_graph.store.protocol import Stop


async def stream_in_threads(threads: ThreadPoolExecutor, pieces: Iterator[bytes], stop: Stop) -> AsyncGenerator[bytes]:
    """Yield the pieces of a result, each fetched by a thread; pull `stop` if the task is cancelled or this is closed.

    Raises what the iterator raises.
    """
    loop = asyncio.get_running_loop()
    try:
        while (piece := await loop.run_in_executor(threads, next, pieces, None)) is not None:
            yield piece
    finally:
        stop.pull()
        if close := getattr(pieces, "close", None):
            # If a thread still waits for a piece, the stop has ended it already.
            with suppress(ValueError):
                await asyncio.shield(loop.run_in_executor(threads, close))
