"""The limits of the endpoint, kept by a real server: time, memory, size, turns, rate, and clients that go away."""

import asyncio
import contextlib
import csv
import http.client
import io
import re
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Triple

from mastery_api.fair_queue import FairQueue
from mastery_api.middleware.rate_limit import client_of
from mastery_graph.errors import TooBusy
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.store.draft import Draft
from tests.store import servers
from tests.store.servers import ENDLESS, Serving, until

HUNGRY = "SELECT DISTINCT ?a ?b ?c ?d ?e ?f WHERE { ?a ?b ?c . ?d ?e ?f }"
EVERYTHING = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


@pytest.fixture(scope="module")
def serving(built: tuple[Path, BuildReport]) -> Iterator[Serving]:
    limits = {"query_workers": 1, "query_queue": 2, "query_seconds": 3, "result_bytes": 1_000_000}
    with servers.mastery_graph(built[0], query_memory_bytes=500_000_000, send_seconds=5, **limits) as running:
        yield running


@pytest.fixture(scope="module")
def patient(built: tuple[Path, BuildReport]) -> Iterator[Serving]:
    with servers.mastery_graph(built[0], query_workers=1, query_seconds=600, send_seconds=1) as running:
        yield running


def _ask(serving: Serving, query: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{serving.address}/sparql", params={"query": query}, headers=headers, timeout=60)


def slug(answer: httpx.Response) -> tuple[int, str]:
    """The status of a problem, and the last part of its type."""
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


def _raw(serving: Serving, query: str) -> socket.socket:
    """Send a query over a connection of its own, and return the connection with the answer unread."""
    connection = serving.connect()
    connection.sendall(f"GET /sparql?{urlencode({'query': query})} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return connection


def test_the_work_of_a_client_that_has_gone_ends_before_the_time_limit(patient: Serving) -> None:
    connection = _raw(patient, ENDLESS)
    assert until(lambda: len(patient.query_workers()) == 1)
    (worker,) = patient.query_workers()
    connection.close()
    assert until(lambda: not servers.is_running(worker))
    assert _ask(patient, "ASK {}").is_success


def test_the_work_of_a_client_that_goes_on_with_what_is_no_request_ends_before_the_time_limit(
    patient: Serving,
) -> None:
    with _raw(patient, ENDLESS) as connection:
        assert until(lambda: len(patient.query_workers()) == 1)
        (worker,) = patient.query_workers()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n")
        assert until(lambda: not servers.is_running(worker))
    assert _ask(patient, "ASK {}").is_success


def test_query_workers_end_with_a_server_that_is_killed(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], query_workers=1, query_seconds=600) as doomed:
        connection = _raw(doomed, ENDLESS)
        assert until(lambda: len(doomed.query_workers()) == 1)
        worker = doomed.query_workers()[0]
        for process in doomed.processes():
            servers.kill(process)
        assert until(lambda: not servers.is_running(worker))
        connection.close()


def test_a_query_that_takes_too_long_is_stopped(serving: Serving) -> None:
    answer = _ask(serving, ENDLESS)
    assert slug(answer) == (503, "query-timeout")
    assert answer.headers["retry-after"]
    assert serving.query_workers() == []


def test_a_query_that_needs_too_much_memory_is_stopped(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], query_memory_bytes=200_000_000, query_seconds=120) as tight:
        assert slug(_ask(tight, f"SELECT (COUNT(*) AS ?n) {{ {{ {HUNGRY} }} }}")) == (503, "out-of-memory")
        assert _ask(tight, "ASK {}").json()["boolean"]


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json", "text/tab-separated-values"])
def test_a_result_that_is_cut_off_is_no_complete_answer(serving: Serving, accept: str, encoding: str) -> None:
    try:
        answer = _ask(serving, EVERYTHING, **{"Accept": accept, "Accept-Encoding": encoding})
    except httpx.RemoteProtocolError:
        return
    # A compressor may have held back all that there was: then nothing has been sent, and the error can still be told.
    assert (answer.status_code, encoding in {"br", "zstd"}) == (500, True)


def test_over_http_1_0_a_result_that_is_too_large_is_an_error_before_its_first_byte(serving: Serving) -> None:
    with _raw_1_0(serving, EVERYTHING) as connection:
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b" 413 " in said.partition(b"\r\n")[0]
    assert b"result-too-large" in said


def _raw_1_0(serving: Serving, query: str) -> socket.socket:
    connection = serving.connect()
    connection.sendall(f"GET /sparql?{urlencode({'query': query})} HTTP/1.0\r\n\r\n".encode())
    return connection


def test_over_http_1_0_a_result_comes_whole(serving: Serving) -> None:
    with _raw_1_0(serving, f"{EVERYTHING} LIMIT 900") as connection:
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    assert said.partition(b"\r\n\r\n")[2].count(b'"s"') == 901


def test_a_client_that_does_not_read_its_result_keeps_nobody_waiting(patient: Serving) -> None:
    connection = _raw(patient, "SELECT * WHERE { ?s ?p ?o . ?x ?y ?z }")
    assert until(lambda: len(patient.query_workers()) == 1)
    assert _ask(patient, "ASK {}").is_success
    connection.close()


def test_more_queries_than_may_wait_are_told_to_come_back(serving: Serving) -> None:
    with ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(lambda _: _ask(serving, ENDLESS), range(6)))
    assert [answer.status_code for answer in answers] == [503] * 6
    assert all(answer.headers["retry-after"] for answer in answers)
    assert sum(slug(answer)[1] == "too-busy" for answer in answers) >= 3


def test_those_who_wait_are_served_client_by_client() -> None:
    served: list[str] = []

    async def ask(turns: FairQueue, client: str) -> None:
        async with turns.turn(client, 60):
            served.append(client)
            await asyncio.sleep(0)

    async def crowd() -> None:
        turns = FairQueue(1, 16)
        async with turns.turn("first", 60):
            waiting = [asyncio.ensure_future(ask(turns, client)) for client in ("a", "a", "a", "a", "b", "c")]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)

    asyncio.run(crowd())
    assert served == ["a", "b", "c", "a", "a", "a"]


def test_a_turn_that_is_given_up_goes_to_the_next() -> None:
    async def crowd() -> str:
        turns = FairQueue(1, 16)

        async def ask(client: str, seconds: float) -> str:
            async with turns.turn(client, seconds):
                return client

        async with turns.turn("first", 60):
            leaving, staying = asyncio.ensure_future(ask("a", 60)), asyncio.ensure_future(ask("b", 60))
            with pytest.raises(TooBusy):
                await ask("c", 0.01)
            leaving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await leaving
        assert await staying == "b"
        return await ask("d", 60)

    assert asyncio.run(crowd()) == "d"


def test_a_client_that_asks_too_often_is_told_when_to_come_back(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], request_rate="3/hour", client_header="X-Forwarded-For") as counting:
        one = {"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}
        forged = {"X-Forwarded-For": "203.0.113.10, 198.51.100.1"}
        paths = ("/v1/visions/V1", "/sparql?query=ASK+{}", "/v1/visions/V1", "/sparql?query=ASK+{}")
        answers = [httpx.get(f"{counting.address}{path}", headers=one, timeout=60) for path in paths]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert slug(answers[-1]) == (429, "too-many-requests")
        assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
        assert httpx.get(f"{counting.address}/v1/visions/V1", headers=forged, timeout=60).status_code == 429
        other = {"X-Forwarded-For": "203.0.113.9, 198.51.100.2"}
        assert httpx.get(f"{counting.address}/v1/visions/V1", headers=other, timeout=60).is_success
        assert httpx.get(f"{counting.address}/health/live", headers=one).is_success


@pytest.mark.parametrize(
    ("sent", "client"),
    [
        ("203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("198.51.100.1", "198.51.100.1"),
        ("203.0.113.9,  198.51.100.1 ", "198.51.100.1"),
        ("203.0.113.9, 2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("203.0.113.9,", "192.0.2.7"),
        (None, "192.0.2.7"),
    ],
)
def test_the_client_is_the_last_address_that_the_proxy_names_or_that_of_the_connection(
    sent: str | None, client: str
) -> None:
    headers = [] if sent is None else [(b"x-forwarded-for", sent.encode())]
    scope = {"type": "http", "headers": headers, "client": ("192.0.2.7", 40000)}
    assert client_of(scope, "X-Forwarded-For") == client
    assert client_of(scope, None) == "192.0.2.7"


def test_memory_does_not_grow_with_the_size_of_the_result(tmp_path: Path) -> None:
    with Draft.change(tmp_path) as draft:
        made = (
            Triple(NamedNode(f"http://example.org/{n}"), NamedNode("http://example.org/p"), Literal("x" * 1000))
            for n in range(3000)
        )
        draft.replace_graph("http://example.org/graph", made)
    with servers.mastery_graph(tmp_path, result_bytes=1_000_000_000) as served:
        query = "SELECT * WHERE { ?a ?b ?c VALUES ?n { %s } }"
        sizes, peaks = [], []
        for times in (1, 40):
            size = 0
            values = " ".join(map(str, range(times)))
            with httpx.stream("POST", f"{served.address}/sparql", data={"query": query % values}, timeout=60) as answer:
                for piece in answer.iter_bytes():
                    size += len(piece)
            sizes.append(size)
            peaks.append(max(_peak_memory(pid) for pid in [served.pid, *served.query_workers()]))
    assert sizes[1] > 120_000_000 > 30 * sizes[0]
    assert peaks[1] - peaks[0] < 30_000_000


def test_connections_that_break_off_are_not_kept(built: tuple[Path, BuildReport]) -> None:
    def break_off(times: int) -> None:
        for _ in range(times):
            with _raw(served, "ASK { <urn:a> ?p ?o }") as connection:
                assert connection.recv(65536)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with servers.mastery_graph(built[0], request_rate="") as served:
        break_off(500)
        before = _peak_memory(served.pid)
        break_off(3000)
        assert _ask(served, "ASK {}").is_success
        assert _peak_memory(served.pid) < before + 6_000_000, "one that is kept takes some 8 kB"


def _peak_memory(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def test_a_new_version_is_taken_up_without_dropping_a_request(tmp_path: Path) -> None:
    _write(tmp_path, 1)
    with servers.mastery_graph(tmp_path, query_workers=2) as served, ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(_counts, served, 60) for _ in range(4)]
        for size in range(2, 8):
            _write(tmp_path, size)
        seen = [each.result() for each in asking]
    assert all(counts == sorted(counts) for counts in seen)
    with servers.mastery_graph(tmp_path) as again:
        assert _counts(again, 1) == [7]


def _write(folder: Path, size: int) -> None:
    with Draft.change(folder) as draft:
        subject = NamedNode("http://example.org/s")
        draft.replace_graph("http://example.org/g", [Triple(subject, subject, Literal(n)) for n in range(size)])


def _counts(serving: Serving, times: int) -> list[int]:
    with httpx.Client() as client:
        counts = []
        for _ in range(times):
            query = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
            answer = client.get(f"{serving.address}/sparql", params=query, headers={"Accept": "text/csv"})
            assert answer.status_code == 200, answer.text
            counts.append(int(next(csv.DictReader(io.StringIO(answer.text)))["n"]))
        return counts


def test_a_version_is_taken_up_by_a_server_that_is_running(tmp_path: Path) -> None:
    _write(tmp_path, 1)
    with servers.mastery_graph(tmp_path) as served:
        assert _counts(served, 1) == [1]
        _write(tmp_path, 5)
        assert _counts(served, 1) == [5]


def test_a_query_may_ask_only_the_servers_that_the_operator_lists(
    built: tuple[Path, BuildReport], serving: Serving
) -> None:
    with servers.oxigraph() as endpoint:
        host = endpoint.query.split("/")[2]
        query = f"ASK {{ SERVICE <{endpoint.query}> {{ }} }}"
        with servers.mastery_graph(built[0], service_hosts=host, query_seconds=10) as federating:
            assert _ask(federating, query).json()["boolean"]
            assert slug(_ask(federating, "ASK { SERVICE <http://127.0.0.1:9/> { } }")) == (400, "bad-query")
            assert slug(_ask(federating, "ASK { SERVICE ?other { } }")) == (400, "bad-query")
        assert slug(_ask(serving, query)) == (400, "bad-query")


def test_a_server_that_may_be_asked_leads_to_no_other(built: tuple[Path, BuildReport]) -> None:
    asked = []

    class Leads(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(307 if self.path == "/sparql" else 200)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/internal")  # type: ignore[attr-defined]
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815  # as the library calls it

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Leads) as leading:
        threading.Thread(target=leading.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{leading.server_port}"
        with servers.mastery_graph(built[0], service_hosts=host, query_seconds=10) as federating:
            answer = _ask(federating, f"ASK {{ SERVICE <http://{host}/sparql> {{ }} }}")
        leading.shutdown()
    assert answer.status_code >= 400
    assert asked == ["/sparql"]


@pytest.mark.parametrize(
    "filter_of",
    [
        'REGEX("{}", "^(a+)+$")',
        'REPLACE("{}", "(a|a)*b", "") != ""',
        'REGEX("{}", "(.*a){{25}}")',
        'REGEX("{}", "((((a{{1,100}}){{1,100}}){{1,100}}){{1,100}})")',
    ],
)
def test_a_regular_expression_takes_no_more_than_the_time_of_a_query(serving: Serving, filter_of: str) -> None:
    answer = _ask(serving, "ASK { FILTER(" + filter_of.format("a" * 5000 + "!") + ") }")
    assert answer.is_success


def test_a_keep_alive_connection_serves_on_after_an_error(serving: Serving) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(serving.address.rpartition(":")[2]))
    for query, status in [("SELECT", 400), ("ASK {}", 200)]:
        connection.request("GET", f"/sparql?{urlencode({'query': query})}")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()
