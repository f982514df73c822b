"""Two lanes of turns: a quick one, and a slow one at low priority for what takes longer.

Each task starts in the quick lane. If its process has worked for a second, the task moves to the slow lane, which has
fewer places: until one is free, its process is stopped (SIGSTOP). So many long tasks delay a short one by about a
second at most. A task whose client does not read its result gives its place back, and its process is stopped too.
Both lanes serve the clients round-robin.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

from prometheus_client import Gauge
from starlette.requests import Request

from mastery_api.fair_queue import FairQueue
from mastery_api.monitoring.metrics import WAITING, WORKING
from mastery_api.processor_budget import ProcessorBudget
from mastery_api.worker_process import WorkerProcess
from mastery_graph.errors import StoreError, TooBusy
from mastery_graph.languages import Message

QUICK_SECONDS: Final = 1.0
"""Seconds that a process may work in the quick lane."""

_MAX_PAUSED: Final = 4
"""Tasks of one client that may wait for it to read their results; the process of a further one is ended."""


def turn_of(request: Request) -> "Turn":
    """Return the turn of a request that has one."""
    turn: Turn = request.state.turn
    return turn


class Lanes:
    """The turns of one kind of task: `places` quick ones, and half as many slow ones, at least one."""

    def __init__(
        self,
        places: int,
        max_waiting: int,
        *,
        gauges: tuple[Gauge, Gauge] = (WAITING, WORKING),
        max_stopped_bytes: int | None = None,
        budget: ProcessorBudget | None = None,
        grace_seconds: float = 0.0,
    ) -> None:
        """Start empty. The gauges count the tasks that wait and those that work.

        A process in the slow lane gets a low priority after `grace_seconds`.
        All stopped processes together may hold `max_stopped_bytes` of memory; over it, the largest is ended.
        """
        self.quick = FairQueue(places, max_waiting, *gauges)
        self.slow = FairQueue(max(1, places // 2), max_waiting, *gauges)
        self.budget = budget
        self.grace_seconds = grace_seconds
        self.paused: list[Turn] = []
        self._max_stopped_bytes = max_stopped_bytes
        self._stopped: list[Turn] = []

    @asynccontextmanager
    async def turn(self, client: str, seconds: float) -> AsyncIterator["Turn"]:
        """Wait for a quick turn and yield it; `seconds` is the time for the task, including all waiting.

        Raises `TooBusy`, also if the process of the task is ended in favour of others, and `TooManyRequests` if the
        client has used its processor time.
        """
        if self.budget:
            self.budget.require(client)
        turn = Turn(self, client, seconds)
        await turn.take()
        try:
            yield turn
        except StoreError:
            if turn.is_evicted:
                raise TooBusy(
                    Message("Too many long requests are running."), Message("Ask again later, or ask for less.")
                ) from None
            raise
        finally:
            turn.end()

    def add_stopped(self, turn: "Turn") -> None:
        """Count a turn whose process is stopped; end the largest process if all together hold too much memory."""
        self._stopped.append(turn)
        sizes = {other: other.memory() for other in self._stopped}
        if self._max_stopped_bytes is not None and sum(sizes.values()) > self._max_stopped_bytes:
            max(sizes, key=lambda other: sizes[other]).evict()

    def remove_stopped(self, turn: "Turn") -> None:
        """Stop counting a turn, whose process continues or has ended."""
        if turn in self._stopped:
            self._stopped.remove(turn)


class Turn:
    """The turn of one task: it holds a place in a lane unless it is paused, and supervises the process of the task."""

    def __init__(self, lanes: Lanes, client: str, seconds: float) -> None:
        """Create a turn without a place. The task must end within `seconds`."""
        self._lanes = lanes
        self._client = client
        self._deadline = monotonic() + seconds
        self._quick_seconds = QUICK_SECONDS
        self._is_slow = False
        self._lane: FairQueue | None = None
        self._process: WorkerProcess | None = None
        self._supervision: asyncio.Task[None] | None = None
        self.is_evicted = False

    @property
    def seconds_left(self) -> float:
        """The seconds that remain for the task."""
        return max(self._deadline - monotonic(), 0.001)

    def memory(self) -> int:
        """Return the bytes of memory that the process of the task uses; 0 if there is none."""
        return self._process.memory() if self._process else 0

    def process_seconds(self) -> float:
        """Return the seconds of processor time that the process has used for the task."""
        return self._process.seconds_used() if self._process else 0.0

    async def take(self, *, is_bounded: bool = True) -> None:
        """Wait for a place in the lane of this turn. Raises `TooBusy`."""
        lane = self._lanes.slow if self._is_slow else self._lanes.quick
        await lane.acquire(self._client, self.seconds_left, is_bounded=is_bounded)
        self._lane = lane

    def attach(self, process: int) -> None:
        """Supervise the process (its id) that works on the task from now on."""
        self._process = WorkerProcess(process)
        self._supervise()

    def detach(self) -> None:
        """End the supervision: the process has done its work, or will be ended by its owner."""
        self._stop_supervising()
        if self._process is None:
            return
        if self._lanes.budget:
            self._lanes.budget.spend(self._client, self.process_seconds())
        self._continue()
        self._process.close()
        self._process = None

    def pause(self) -> None:
        """Give the place back while the client does not read, and stop the process."""
        self._stop_supervising()
        self._release()
        self._stop()
        own = sum(turn._client == self._client for turn in self._lanes.paused)
        self._lanes.paused.append(self)
        if own >= _MAX_PAUSED:
            self.evict()

    @property
    def is_paused(self) -> bool:
        """Whether the turn was given back for the time that the client does not read."""
        return self in self._lanes.paused

    async def resume(self, seconds: float) -> None:
        """Wait for a place again, at most `seconds`, and continue the process. Raises `TooBusy`."""
        self._lanes.paused.remove(self)
        self._deadline = monotonic() + seconds
        await self.take(is_bounded=False)
        if self._process:
            self._continue()
            self._supervise()

    def evict(self) -> None:
        """End the process in favour of others."""
        self.is_evicted = True
        if self._process:
            self._process.kill()

    def end(self) -> None:
        """Give back whatever this turn holds."""
        self.detach()
        if self.is_paused:
            self._lanes.paused.remove(self)
        self._release()

    def _supervise(self) -> None:
        self._supervision = asyncio.ensure_future(self._lower_priority() if self._is_slow else self._move_when_slow())

    def _stop_supervising(self) -> None:
        if self._supervision:
            self._supervision.cancel()
            self._supervision = None

    async def _move_when_slow(self) -> None:
        """Move to the slow lane as soon as the time in the quick lane is used up."""
        started = monotonic()
        try:
            await asyncio.sleep(self._quick_seconds)
        finally:
            self._quick_seconds = max(self._quick_seconds - (monotonic() - started), 0)
        self._is_slow = True
        self._release()
        if self._lanes.slow.try_acquire():
            self._lane = self._lanes.slow
        else:
            self._stop()
            try:
                await self.take()
            except TooBusy:
                self.evict()
            self._continue()
        await self._lower_priority()

    async def _lower_priority(self) -> None:
        await asyncio.sleep(self._lanes.grace_seconds)
        if self._process:
            self._process.lower_priority()

    def _release(self) -> None:
        if self._lane:
            self._lane.release()
            self._lane = None

    def _stop(self) -> None:
        if self._process:
            self._process.stop()
            self._lanes.add_stopped(self)

    def _continue(self) -> None:
        self._lanes.remove_stopped(self)
        if self._process:
            self._process.resume()
