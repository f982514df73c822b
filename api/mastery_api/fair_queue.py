"""A fair queue that bounds concurrency and serves waiting clients round-robin."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from prometheus_client import Gauge

from mastery_api.monitoring.metrics import WAITING, WORKING
from mastery_graph.errors import TooBusy
from mastery_graph.languages import Message, ngettext


class FairQueue:
    """Lets `capacity` tasks run at once and `max_waiting` wait; waiting clients are served round-robin.

    One client may hold at most a quarter of the waiting places.
    """

    def __init__(
        self, capacity: int, max_waiting: int, waiting_gauge: Gauge = WAITING, working_gauge: Gauge = WORKING
    ) -> None:
        """Start empty. The gauges report how many tasks wait and how many run."""
        self._waiting_gauge = waiting_gauge
        self._working_gauge = working_gauge
        self._free_turns = capacity
        self._free_places = max_waiting
        self._max_own = max(1, max_waiting // 4)
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, client: str, seconds: float) -> AsyncIterator[float]:
        """Wait for a turn and yield the seconds that remain of `seconds`. Raises `TooBusy`."""
        started = monotonic()
        await self.acquire(client, seconds)
        try:
            yield max(seconds - (monotonic() - started), 0.001)
        finally:
            self.release()

    def try_acquire(self) -> bool:
        """Take a turn if one is free; return whether it was."""
        if self._free_turns <= 0:
            return False
        self._free_turns -= 1
        self._working_gauge.inc()
        return True

    async def acquire(self, client: str, seconds: float, *, is_bounded: bool = True) -> None:
        """Wait for a turn, which the caller must release. Raises `TooBusy` if none comes in time.

        If the wait is bounded, `TooBusy` is also raised at once if there is no waiting place for the client.
        """
        if self.try_acquire():
            return
        if is_bounded:
            self._require_place(client)
        await self._wait(client, seconds)
        self._working_gauge.inc()

    def release(self) -> None:
        """Give a turn back."""
        self._working_gauge.dec()
        self._pass_on()

    def _require_place(self, client: str) -> None:
        own = len(self._queues.get(client, ()))
        if self._free_places <= 0:
            raise TooBusy(Message("The server is busy: the queue is full."), Message("Try again later."))
        if own >= self._max_own:
            raise TooBusy(
                Message("{number} of your requests are waiting already.", number=own),
                Message("Wait for their answers before you ask again."),
            )

    async def _wait(self, client: str, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(future)
        self._free_places -= 1
        try:
            with self._waiting_gauge.track_inprogress():
                await asyncio.wait_for(asyncio.shield(future), seconds)
        except BaseException as error:
            if future.done():
                self._pass_on()
            else:
                future.cancel()
                self._forget(client, future)
            if isinstance(error, TimeoutError):
                raise TooBusy(
                    ngettext(
                        "The server is busy: no turn came in {count} second.",
                        "The server is busy: no turn came in {count} seconds.",
                        seconds,
                    ),
                    Message("Try again later."),
                ) from None
            raise
        finally:
            self._free_places += 1

    def _pass_on(self) -> None:
        """Hand the turn to the client that has waited longest since its last one; free it if no client waits."""
        while self._queues:
            client, queue = self._queues.popitem(last=False)
            future = queue.popleft()
            if queue:
                self._queues[client] = queue
            if not future.done():
                future.set_result(None)
                return
        self._free_turns += 1

    def _forget(self, client: str, future: asyncio.Future[None]) -> None:
        queue = self._queues.get(client)
        if queue and future in queue:
            queue.remove(future)
            if not queue:
                del self._queues[client]
