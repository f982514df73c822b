"""A server that is told to end finishes what runs, takes nothing new, and leaves no process; a lost one is replaced."""

import http.client
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from mastery_graph.pipeline.build import BuildReport
from tests.store import servers
from tests.store.servers import Serving, until

EVERYTHING = "SELECT ?s ?p ?o ?n WHERE { ?s ?p ?o VALUES ?n { 1 2 3 4 } }"
"""Its result is larger than what the buffers of a connection hold, so that it runs until it is read."""

COUNT = "SELECT (COUNT(*) AS ?rows) WHERE { ?s ?p ?o VALUES ?n { 1 2 3 4 } }"


@contextmanager
def _sending(serving: Serving, method: str, path: str, body: bytes = b"") -> Iterator[http.client.HTTPConnection]:
    """Send a request but for the last byte of its body."""
    connection = http.client.HTTPConnection(serving.address.removeprefix("http://"), timeout=60)
    connection.putrequest(method, path)
    connection.putheader("Accept", "application/json")
    if body:
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:-1] or None)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("told", "all_of_them"),
    [(signal.SIGTERM, False), (signal.SIGHUP, False), (signal.SIGINT, False), (signal.SIGINT, True)],
)
def test_a_query_and_an_answer_that_run_are_finished_and_nothing_new_is_taken(
    built: tuple[Path, BuildReport], told: signal.Signals, *, all_of_them: bool
) -> None:
    question = b'{"text": "sort waste on a building site", "limit": 1}'
    with (
        servers.mastery_graph(built[0]) as serving,
        _sending(serving, "GET", f"/sparql?{urlencode({'query': EVERYTHING, 'format': 'csv'})}") as query,
        _sending(serving, "POST", "/v1/mapping", question) as answer,
    ):
        counted = httpx.get(f"{serving.address}/sparql", params={"query": COUNT, "format": "csv"})
        rows = query.getresponse()
        processes = serving.family()
        assert len(processes) >= 3
        for process in processes if all_of_them else [serving.pid]:  # a terminal tells all
            os.kill(process, told)
        assert until(lambda: not serving.answers("/health/live"))
        assert all(servers.is_running(process) for process in processes)
        assert rows.read().count(b"\r\n") == int(counted.text.split()[1]) + 1
        answer.send(question[-1:])
        response = answer.getresponse()
        assert (response.status, b"candidates" in response.read()) == (200, True)
        assert until(lambda: not any(servers.is_running(process) for process in processes))


@pytest.mark.parametrize("server_workers", [1, 2])
def test_a_client_that_does_not_take_its_answer_does_not_keep_the_server(
    built: tuple[Path, BuildReport], server_workers: int
) -> None:
    with (
        servers.mastery_graph(built[0], send_seconds=1, server_workers=server_workers) as serving,
        _sending(serving, "GET", f"/sparql?{urlencode({'query': EVERYTHING})}") as query,
    ):
        assert query.sock.recv(1)
        processes = serving.family()
        os.kill(serving.pid, signal.SIGTERM)
        assert until(lambda: not any(servers.is_running(process) for process in processes))


def test_a_server_process_that_is_lost_is_replaced(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], server_workers=2) as serving:
        lost = serving.server_workers()
        assert len(lost) == 2
        for process in lost:
            servers.kill(process)
        # One that is lost while it is asked how it is, is waited for.
        assert until(lambda: len(serving.server_workers() - lost) == 2, 60)
        assert until(lambda: serving.answers("/health/live"))


def test_the_server_processes_end_with_the_one_that_sees_to_them(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], server_workers=2) as serving:
        processes = serving.family()
        servers.kill(serving.pid)
        assert until(lambda: not any(servers.is_running(process) for process in processes))
