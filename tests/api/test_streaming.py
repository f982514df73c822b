"""Every route that streams gives its worker back: from a client that stalls and closes, and from one that stays."""

import inspect
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Triple

from mastery_api.application import build_application
from mastery_api.routing import single_routes
from mastery_graph.pipeline.dataset import content_of, write_description
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from tests.store import servers
from tests.store.servers import Serving, until

LARGE = ("https://w3id.org/mastery-graph/graph/statements", "http://a/graph-store/large")
"""Graphs that are larger than what the kernel keeps of a connection that nobody reads."""
ADDRESSES = {
    "/sparql": f"/sparql?{urlencode({'query': 'SELECT * { ?s ?p ?o }'})}",
    "/graph-store": f"/graph-store?graph={quote(LARGE[0])}",
    "/graph-store/{path:path}": "/graph-store/large",
    "/v1/dataset/graphs/{name:path}": "/v1/dataset/graphs/statements.nt",
    "/v1/queries/{name:path}": "/v1/queries/evidence/statements",
}
"""An address of each route that streams, whose result is large."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with results of some 20 MB."""
    folder = tmp_path_factory.mktemp("large") / "store"
    subject, predicate = NamedNode("http://example.org/s"), NamedNode("http://example.org/p")
    triples = [Triple(subject, predicate, Literal(f"{number}{'a' * 10_000}")) for number in range(2_000)]
    with Draft.change(folder) as draft:
        for graph in LARGE:
            draft.replace_graph(graph, triples)
        write_description(draft, dict.fromkeys(LARGE, content_of(triples)))
    return folder


@pytest.fixture(scope="module")
def patient(large: Path) -> Iterator[Serving]:
    """A server without a limit that would free a worker for another reason."""
    with servers.mastery_graph(large, query_workers=1, query_seconds=600, send_seconds=600) as running:
        yield running


def test_the_addresses_are_those_of_the_routes_that_stream(large: Path) -> None:
    app = build_application(Settings(store=large))
    endpoints = {route.path: getattr(route, "endpoint", None) for route in single_routes(app.router.routes)}
    sources = {
        path: inspect.getsource(endpoint if inspect.isfunction(endpoint) else type(endpoint))
        for path, endpoint in endpoints.items()
        if getattr(endpoint, "__module__", "").startswith("mastery_api")
    }
    streaming = {path for path, source in sources.items() if "stream_async(" in source}
    app.state.served.close()
    assert streaming == ADDRESSES.keys()


def test_nothing_streams_without_an_owner_that_ends_it() -> None:
    folder = Path(inspect.getfile(build_application)).parent
    assert [file.name for file in folder.rglob("*.py") if "StreamingResponse" in file.read_text(encoding="utf-8")] == []


def _stall(serving: Serving, path: str) -> socket.socket:
    """Ask for a result over a connection of its own, and take no more than its beginning."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", int(serving.address.rpartition(":")[2])))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def _ask(serving: Serving) -> httpx.Response:
    return httpx.get(f"{serving.address}/sparql", params={"query": "ASK {}"}, timeout=60)


@pytest.mark.parametrize("route", ADDRESSES)
def test_a_client_that_stalls_and_goes_leaves_its_worker_to_the_next(patient: Serving, route: str) -> None:
    for _ in range(2):
        _stall(patient, ADDRESSES[route]).close()
        assert _ask(patient).is_success
    assert httpx.get(f"{patient.address}/health/ready", timeout=60).is_success


@pytest.mark.parametrize("route", ADDRESSES)
def test_a_client_that_goes_while_it_waits_leaves_no_query_behind(patient: Serving, route: str) -> None:
    with closing(_stall(patient, ADDRESSES["/sparql"])):
        assert until(lambda: len(patient.query_workers()) == 1)
        (worker,) = patient.query_workers()
        waiting = patient.connect()
        waiting.sendall(f"GET {ADDRESSES[route]} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        waiting.close()
    assert until(lambda: not servers.is_running(worker))
    assert _ask(patient).is_success


@pytest.mark.parametrize("route", ADDRESSES)
def test_a_client_that_takes_nothing_gives_its_worker_back(large: Path, route: str) -> None:
    with (
        servers.mastery_graph(large, query_workers=1, query_seconds=600, send_seconds=1) as serving,
        closing(_stall(serving, ADDRESSES[route])),
    ):
        assert _ask(serving).is_success


def test_readiness_asks_a_worker(large: Path) -> None:
    with servers.mastery_graph(large, query_workers=1) as serving:
        ready = f"{serving.address}/health/ready"
        assert httpx.get(ready, timeout=60).is_success
        (worker,) = serving.query_workers()
        with closing(_stall(serving, ADDRESSES["/sparql"])):
            assert httpx.get(ready, timeout=60).is_success
            os.kill(worker, signal.SIGSTOP)
        assert until(lambda: not servers.is_running(worker))
        assert httpx.get(ready, timeout=60).is_success
        (worker,) = serving.query_workers()
        os.kill(worker, signal.SIGSTOP)
        assert httpx.get(ready, timeout=60).json()["type"].endswith("query-timeout")
        assert httpx.get(ready, timeout=60).is_success
