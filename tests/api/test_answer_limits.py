"""The limits of the work on an answer, kept by a real server: time, turns, memory, and clients that go away."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from mastery_graph.pipeline.build import BuildReport
from tests.api.test_limits import slug
from tests.conftest import DESCRIPTION
from tests.store import servers
from tests.store.servers import Serving, until

SHORT = {"credential": f"{DESCRIPTION}waste-on-site-ita", "country": "FIN"}
HEAVY = json.dumps([{"@context": {}, "id": f"urn:document:{number}"} for number in range(20_000)]).encode()
"""Documents to validate, which keep a process at work for minutes."""
LARGE = b"[" + b",".join([b"[[]]"] * 3_900_000) + b"]"
"""A JSON text that takes hundreds of megabytes when it is read."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("said") / "log"


@pytest.fixture(scope="module")
def hurried(built: tuple[Path, BuildReport], log: Path) -> Iterator[Serving]:
    with servers.mastery_graph(built[0], log, answer_workers=1, answer_seconds=2, query_queue=2) as running:
        yield running


@pytest.fixture(scope="module")
def patient(built: tuple[Path, BuildReport]) -> Iterator[Serving]:
    with servers.mastery_graph(built[0], answer_workers=1, answer_seconds=600) as running:
        yield running


def _validate(serving: Serving, content: bytes = HEAVY) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return httpx.post(f"{serving.address}/v1/validation", content=content, headers=headers, timeout=60)


def _recognise(serving: Serving) -> httpx.Response:
    return httpx.post(f"{serving.address}/v1/recognition", json=SHORT, timeout=60)


def _send_heavy(serving: Serving) -> socket.socket:
    connection = serving.connect()
    head = f"POST /v1/validation HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(HEAVY)}"
    connection.sendall(head.encode() + b"\r\n\r\n" + HEAVY)
    return connection


def test_an_answer_that_takes_too_long_is_stopped_with_its_process(hurried: Serving) -> None:
    assert _recognise(hurried).is_success
    (before,) = hurried.answer_workers()
    answer = _validate(hurried)
    assert slug(answer) == (503, "answer-timeout")
    assert answer.headers["retry-after"]
    assert not servers.is_running(before)
    assert _recognise(hurried).is_success


def test_more_questions_than_may_wait_are_told_to_come_back(hurried: Serving) -> None:
    with ThreadPoolExecutor(5) as clients:
        answers = list(clients.map(lambda _: _validate(hurried), range(5)))
    assert [answer.status_code for answer in answers] == [503] * 5
    assert all(answer.headers["retry-after"] for answer in answers)
    assert sum(slug(answer)[1] == "too-busy" for answer in answers) >= 2


def test_what_got_no_answer_is_told_by_its_route(hurried: Serving, log: Path) -> None:
    with ThreadPoolExecutor(4) as clients:
        assert {each.status_code for each in clients.map(lambda _: _validate(hurried), range(4))} == {503}
    connection = _send_heavy(hurried)
    connection.close()
    assert _recognise(hurried).is_success
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    failed = {line["route"] for line in lines if line["event"] == "request" and line["status"] in {0, 503}}
    assert failed == {"/v1/validation"}


def test_the_work_on_an_answer_ends_when_its_client_goes(patient: Serving) -> None:
    assert _recognise(patient).is_success
    (before,) = patient.answer_workers()
    connection = _send_heavy(patient)
    assert until(lambda: _seconds_of_work(before) > 1)
    connection.close()
    assert until(lambda: not servers.is_running(before))
    assert _recognise(patient).is_success


def test_while_answers_are_worked_out_the_server_answers_queries(patient: Serving) -> None:
    connection = _send_heavy(patient)
    assert httpx.get(f"{patient.address}/sparql", params={"query": "ASK {}"}).is_success
    assert httpx.get(f"{patient.address}/health/ready").is_success
    connection.close()


def test_an_answer_that_needs_too_much_memory_is_stopped(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], query_memory_bytes=400_000_000, answer_workers=1) as tight:
        assert slug(_validate(tight, LARGE)) == (503, "out-of-memory")
        assert httpx.get(f"{tight.address}/v1/visions/V1").is_success


def test_the_processes_end_with_a_server_that_is_killed(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], answer_workers=2) as doomed:
        assert _recognise(doomed).is_success
        workers = doomed.answer_workers()
        assert len(workers) == 1
        for process in doomed.processes():
            servers.kill(process)
        assert until(lambda: not any(map(servers.is_running, workers)))


def _seconds_of_work(pid: int) -> float:
    """Seconds of processor time that a process has used, in hundredths as Linux counts them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
