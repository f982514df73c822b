"""Turns to be answered: a few work at once, the others wait, and whoever asks much does not keep the others waiting."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from prometheus_client import Gauge
from starlette.requests import Request

from mastery_api.monitoring.metrics import WAITING, WORKING
from mastery_graph.errors import TooBusy
from mastery_graph.languages import Message


def seconds_left(request: Request) -> float:
    """Return the seconds that a query may take which has its turn: its limit, less the time that it has waited."""
    return float(getattr(request.state, "seconds_left", request.app.state.settings.query_seconds))


class FairQueue:
    """At most `at_once` have a turn; at most `waiting` wait for one, and are served client by client, in a circle."""

    def __init__(self, at_once: int, waiting: int, in_waiting: Gauge = WAITING, in_work: Gauge = WORKING) -> None:
        """Begin with every turn free. The gauges tell how many wait and work."""
        self._in_waiting = in_waiting
        self._in_work = in_work
        self._free = at_once
        self._room = waiting
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, client: str, seconds: float) -> AsyncIterator[float]:
        """Wait for a turn and give the seconds that are left of `seconds`. Raises `TooBusy`."""
        began = monotonic()
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(client, seconds)
        try:
            with self._in_work.track_inprogress():
                yield max(seconds - (monotonic() - began), 0.001)
        finally:
            self._pass_on()

    async def _wait(self, client: str, seconds: float) -> None:
        if self._room <= 0:
            raise TooBusy(Message("As many as may are waiting already."), Message("Ask again later."))
        ours: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(ours)
        self._room -= 1
        try:
            with self._in_waiting.track_inprogress():
                await asyncio.wait_for(asyncio.shield(ours), seconds)
        except BaseException as error:
            if ours.done():
                self._pass_on()
            else:
                ours.cancel()
                self._forget(client, ours)
            if isinstance(error, TimeoutError):
                raise TooBusy(
                    Message("No turn came in {seconds} seconds.", seconds=float(seconds)), Message("Ask again later.")
                ) from None
            raise
        finally:
            self._room += 1

    def _pass_on(self) -> None:
        """Give the turn to the client that has waited longest since its last one; or to nobody."""
        while self._queues:
            client, queue = self._queues.popitem(last=False)
            following = queue.popleft()
            if queue:
                self._queues[client] = queue
            if not following.done():
                following.set_result(None)
                return
        self._free += 1

    def _forget(self, client: str, waiting: asyncio.Future[None]) -> None:
        queue = self._queues.get(client)
        if queue and waiting in queue:
            queue.remove(waiting)
            if not queue:
                del self._queues[client]
