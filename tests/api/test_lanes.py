"""Fair turns: long tasks move to a slow lane, and nobody keeps a turn without using it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import pytest

from mastery_api.fair_queue import FairQueue
from mastery_api.lanes import Lanes
from mastery_api.processor_budget import ProcessorBudget
from mastery_graph.errors import StoreError, TooBusy, TooManyRequests
from mastery_graph.pipeline.build import BuildReport
from tests.store import servers
from tests.store.servers import ENDLESS, Serving, until

T = TypeVar("T")
BUSY = [sys.executable, "-c", "while True: pass"]


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Three processes that work without end."""
    started = [subprocess.Popen(BUSY) for _ in range(3)]
    yield started
    for process in started:
        process.kill()
        process.wait()


def state(pid: int) -> str:
    """The state of a process: R (runs), S (sleeps), T (stopped)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 60))


async def _until_state(pid: int, wanted: str) -> None:
    while state(pid) != wanted:
        await asyncio.sleep(0.01)


def test_a_long_task_makes_room_for_the_next_one(processes: list[subprocess.Popen[bytes]]) -> None:
    async def crowd() -> str:
        lanes = Lanes(1, 4)
        async with lanes.turn("heavy", 3600) as turn:
            turn.attach(processes[0].pid)
            async with lanes.turn("light", 3600):
                return state(processes[0].pid)

    assert run(crowd()) in {"R", "S"}, "the slow lane was free, so it goes on working"


def test_what_waits_for_the_slow_lane_is_stopped_until_a_place_is_free(
    processes: list[subprocess.Popen[bytes]],
) -> None:
    first, second, _ = (process.pid for process in processes)

    async def crowd() -> None:
        lanes = Lanes(2, 8)
        async with lanes.turn("b", 3600) as waiting:
            async with lanes.turn("a", 3600) as working:
                working.attach(first)
                await _until_slow(first)
                waiting.attach(second)
                await _until_state(second, "T")
            await _until_state(second, "R")
        assert state(second) == "R"

    async def _until_slow(pid: int) -> None:
        while os.getpriority(os.PRIO_PROCESS, pid) != 15:
            await asyncio.sleep(0.01)

    run(crowd())


def test_whoever_does_not_read_keeps_a_process_and_no_turn(processes: list[subprocess.Popen[bytes]]) -> None:
    reading = processes[0].pid

    async def crowd() -> None:
        lanes = Lanes(1, 4)
        async with lanes.turn("slow reader", 3600) as turn:
            turn.attach(reading)
            turn.pause()
            await _until_state(reading, "T")
            async with lanes.turn("other", 3600):
                pass
            await turn.resume(3600)
            await _until_state(reading, "R")

    run(crowd())


def test_of_many_readers_of_one_client_that_do_not_read_the_last_is_ended(
    processes: list[subprocess.Popen[bytes]],
) -> None:
    async def crowd() -> None:
        lanes = Lanes(8, 8)
        async with AsyncExitStack() as stack:
            for _ in range(4):
                (await stack.enter_async_context(lanes.turn("a", 3600))).pause()
            last = await stack.enter_async_context(lanes.turn("a", 3600))
            last.attach(processes[0].pid)
            last.pause()
            other = await stack.enter_async_context(lanes.turn("b", 3600))
            other.attach(processes[1].pid)
            other.pause()

    run(crowd())
    assert processes[0].wait(60) == -9
    assert processes[1].poll() is None


def test_the_largest_process_is_ended_if_those_that_are_stopped_hold_too_much_memory(
    processes: list[subprocess.Popen[bytes]],
) -> None:
    large = subprocess.Popen([sys.executable, "-c", "content = bytearray(90_000_000)\nwhile True: pass"])

    async def crowd() -> None:
        lanes = Lanes(2, 8, max_stopped_bytes=60_000_000)
        async with lanes.turn("a", 3600) as first:
            first.attach(processes[0].pid)
            first.pause()
            await _hold(lanes, large)

    async def _hold(lanes: Lanes, process: subprocess.Popen[bytes]) -> None:
        async with lanes.turn("b", 3600) as turn:
            turn.attach(process.pid)
            while turn.memory() < 90_000_000:
                await asyncio.sleep(0.01)
            turn.pause()
            raise StoreError("The process was lost.")

    try:
        with pytest.raises(TooBusy):
            run(crowd())
        assert large.wait(60) == -9
        assert processes[0].poll() is None
    finally:
        large.kill()


def test_one_client_holds_at_most_a_quarter_of_the_places_to_wait() -> None:
    async def crowd() -> None:
        queue = FairQueue(1, 8)
        async with queue.turn("first", 60):
            waiting = [asyncio.ensure_future(queue.acquire("a", 60)) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(TooBusy):
                await queue.acquire("a", 60)
            waiting.append(asyncio.ensure_future(queue.acquire("b", 60)))
            await asyncio.sleep(0)
            assert not waiting[-1].done()
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    run(crowd())


def test_a_client_that_has_used_its_processor_time_is_refused_and_others_are_not() -> None:
    budget = ProcessorBudget(60)
    budget.spend("198.51.100.1", 90)
    with pytest.raises(TooManyRequests) as refusal:
        budget.require("198.51.100.1")
    assert 25 <= int(str(refusal.value.members["retry_after"])) <= 31, "30 of the 90 seconds are over the budget"
    budget.require("198.51.100.2")


def test_the_machine_of_the_server_is_limited_only_on_demand() -> None:
    for is_limited in (False, True):
        budget = ProcessorBudget(60, limits_loopback=is_limited)
        budget.spend("127.0.0.1", 120)
        if is_limited:
            with pytest.raises(TooManyRequests):
                budget.require("127.0.0.1")
        else:
            budget.require("127.0.0.1")


def test_the_processor_time_of_a_process_is_counted_for_its_client(processes: list[subprocess.Popen[bytes]]) -> None:
    async def work() -> None:
        lanes = Lanes(1, 4, budget=ProcessorBudget(0.01))
        async with lanes.turn("198.51.100.1", 3600) as turn:
            turn.attach(processes[0].pid)
            while turn.process_seconds() < 0.1:
                await asyncio.sleep(0.01)
        with pytest.raises(TooManyRequests):
            await lanes.turn("198.51.100.1", 3600).__aenter__()

    run(work())


@pytest.fixture(scope="module")
def patient(built: tuple[Path, BuildReport]) -> Iterator[Serving]:
    """A server on which no limit of time frees a turn."""
    limits = {"query_workers": 1, "query_seconds": 3600, "send_seconds": 3600}
    with servers.mastery_graph(built[0], client_header="X-Client", client_seconds=0.2, **limits) as running:
        yield running


def test_queries_without_end_keep_no_small_one_waiting(patient: Serving) -> None:
    connections = [patient.connect() for _ in range(3)]
    for number, connection in enumerate(connections):
        query = urlencode({"query": f"{ENDLESS} # {number}"})
        connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: a\r\nX-Client: 198.51.100.9\r\n\r\n".encode())
    assert until(lambda: sorted(map(state, patient.query_workers())).count("T") == 2)
    for client in ("198.51.100.9", "198.51.100.10"):
        headers = {"X-Client": client}
        answer = httpx.get(f"{patient.address}/sparql", params={"query": "ASK {}"}, headers=headers, timeout=60)
        assert answer.is_success
    for connection in connections:
        connection.close()
    assert until(lambda: not any(state(pid) == "T" for pid in patient.query_workers()))
    answer = httpx.get(
        f"{patient.address}/sparql",
        params={"query": "ASK { ?s ?p ?o . ?o ?q 1 }"},
        headers={"X-Client": "198.51.100.9"},
        timeout=60,
    )
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
