"""Requests made to bring the server down: refused as problems, before they are read where that is possible."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from mastery_api.app import create_app
from mastery_graph.credentials.reading import MAX_DOCUMENT_BYTES
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.settings import Settings
from tests.store import servers
from tests.store.servers import ENDLESS, Serving

TYPE = "https://w3id.org/mastery-graph/problem/"
ELM = "http://data.europa.eu/snb/model/context/edc-ap"


@pytest.mark.parametrize("path", ["/v1/validation", "/v1/stackability", "/sparql"])
def test_a_body_over_the_limit_is_refused_by_its_length_alone(client: httpx.Client, path: str) -> None:
    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port, timeout=60)
    headers = {"Content-Length": str(MAX_DOCUMENT_BYTES + 1), "Content-Type": "application/json"}
    connection.request("POST", path, body=b"{}", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["type"]) == (413, TYPE + "document-too-large")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/v1/validation", "/v1/stackability", "/v1/recognition", "/sparql"])
def test_a_body_without_a_length_is_refused_at_the_limit_and_not_read_on(
    built: tuple[Path, BuildReport], path: str
) -> None:
    asked, said = 0, []

    async def receive() -> dict[str, object]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b" " * 1_000_000, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", b"application/sparql-query" if path == "/sparql" else b"application/json")],
    }
    asyncio.run(create_app(Settings(store=built[0]))(scope, receive, send))
    assert said[0]["status"] == 413
    assert json.loads(said[1]["body"])["type"] == TYPE + "document-too-large"
    assert asked <= MAX_DOCUMENT_BYTES // 1_000_000 + 1


@pytest.mark.parametrize(
    ("content", "kind", "slug"),
    [
        (b'{"a": 1', "application/json", "bad-document"),
        ('{"a": "è"}'.encode("utf-16"), "application/json", "bad-encoding"),
        ('{"a": "è"}'.encode("latin-1"), "application/json", "bad-encoding"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/ld+json", "document-too-deep"),
        (json.dumps({"@context": [ELM] * 50_000}).encode(), "application/json", "context-refused"),
        (b'{"@context": "https://evil.example/"}', "application/json", "context-refused"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/rdf+xml", "entities-refused"),
        (b"%PDF-1.7", "application/pdf", "unsupported-format"),
        (b"", "application/json", "bad-document"),
        (b'{"payload": "", "protected": "e30"}', "application/jose+json", "bad-document"),
    ],
)
def test_each_hostile_document_is_a_problem_of_its_own(
    client: httpx.Client, content: bytes, kind: str, slug: str
) -> None:
    answer = client.post("/v1/validation", content=content, headers={"Content-Type": kind})
    assert answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == TYPE + slug


@pytest.mark.parametrize(
    "credential",
    [
        '{"@context": NaN}',
        '{"@context": "x", "a": ' + "[" * 500 + "]" * 500 + "}",
        '{"@context": {}, "\\ud800": 1}',
        '{"@context": {}, "a": ' + "9" * 5000 + "}",
        "[" * 20_000,
        '"\\ud800"',
    ],
)
def test_a_hostile_document_within_a_question_is_a_problem(client: httpx.Client, credential: str) -> None:
    body = f'{{"credential": {credential}, "country": "FIN"}}'
    answer = client.post("/v1/recognition", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture(scope="module")
def impatient(built: tuple[Path, BuildReport]) -> Iterator[Serving]:
    with servers.mastery_graph(built[0], head_seconds=1, body_seconds=1, query_seconds=3) as serving:
        yield serving


def _told(connection: socket.socket) -> bytes:
    """All that the server says until it ends the connection."""
    told = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            told += piece
    return told


@pytest.mark.parametrize(
    "head", [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: a", b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000]
)
def test_a_head_that_does_not_come_is_not_waited_for(impatient: Serving, head: bytes) -> None:
    with impatient.connect(20) as connection:
        connection.sendall(head)
        assert _told(connection) == b""
    assert httpx.get(f"{impatient.address}/health/live").is_success


@pytest.mark.parametrize(("begun", "drop"), [(b"", b"\r\n"), (b"GET / HTTP/1.1\r\nX: ", b"a")])
def test_a_head_that_comes_drop_by_drop_is_given_up(impatient: Serving, begun: bytes, drop: bytes) -> None:
    with impatient.connect(20) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.settimeout(0.1)
        connection.sendall(begun)
        sent = 0
        with suppress(ConnectionError):
            while sent < 100:
                connection.sendall(drop)
                sent += 1
                with suppress(TimeoutError):
                    if not connection.recv(65536):
                        break
    assert 2 < sent < 100


@pytest.mark.parametrize("between", [b"", b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_what_was_asked_before_a_head_that_does_not_come_is_answered(impatient: Serving, between: bytes) -> None:
    slow = f"GET /sparql?{urlencode({'query': ENDLESS})} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    with impatient.connect(20) as connection:
        connection.sendall(slow + between + b"GET / HTTP/1.1\r\nX: a")
        told = _told(connection)
    assert b"query-timeout" in told
    assert told.count(b"HTTP/1.1 200 ") == bool(between)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /health/live\r\n\r\n", 505),
        (b"GET /health/live HTTP/0.9\r\nHost: a\r\n\r\n", 505),
        (b"GET /health/live HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 400_000 + b"\r\n\r\n", 431),
        (b"GET /health/live HTTP/1.1\r\nHost: a\r\n" + b"X: aaaaaaaa\r\n" * 50_000 + b"\r\n", 431),
    ],
)
def test_a_complete_head_that_is_not_answered_is_a_problem(impatient: Serving, head: bytes, status: int) -> None:
    with impatient.connect(20) as connection:
        connection.sendall(head)
        told = _told(connection)
    assert told.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(told.partition(b"\r\n\r\n")[2])["status"] == status


@pytest.mark.parametrize("chunk", [b"-1\r\n", b"FFFFFFFFFFFFFFFFF\r\n", b"2\r\n{}XX0\r\n\r\n", b"3\n{}\n\n0\n\n"])
def test_a_broken_chunk_is_a_problem_and_ends_the_connection(impatient: Serving, chunk: bytes) -> None:
    with impatient.connect(20) as connection:
        head = b"POST /v1/validation HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + chunk + b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        told = _told(connection)
    assert told.startswith(b"HTTP/1.1 400 ")
    assert told.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("size", [400_001, 2_000_000])
def test_a_head_without_end_is_refused(impatient: Serving, size: int) -> None:
    with impatient.connect(20) as connection:
        with suppress(ConnectionError):
            connection.sendall(b"GET / HTTP/1.1\r\nX: ".ljust(size, b"a"))
        told = _told(connection)
    # With more to read than it wants, the server may reset the connection before the client has read why.
    assert told.startswith(b"HTTP/1.1 431 ") or (not told and size > 400_001)
    assert httpx.get(f"{impatient.address}/health/live").is_success


@pytest.mark.parametrize(("length", "status"), [(60_000, 200), (70_000, 414)])
def test_a_query_in_an_address_is_answered_up_to_the_length_of_an_address(
    impatient: Serving, length: int, status: int
) -> None:
    connection = http.client.HTTPConnection(impatient.address.removeprefix("http://"), timeout=60)
    connection.request("GET", f"/sparql?query=ASK+%7B%7D+%23{'a' * length}", headers={"Accept": "application/json"})
    answer = connection.getresponse()
    assert (answer.status, "boolean" in json.load(answer)) == (status, status == 200)
    connection.close()


@pytest.mark.parametrize(
    "said",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_a_problem_and_ends_the_connection(impatient: Serving, said: bytes) -> None:
    with impatient.connect(20) as connection:
        connection.sendall(said)
        head, _, content = _told(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n")
    assert json.loads(content)["status"] == 400


LONG = "x" * 60_000


@pytest.mark.parametrize(
    "request_of_a_long_text",
    [
        {"method": "GET", "url": "/v1/equivalence/levels", "params": {"level": LONG}},
        {"method": "GET", "url": "/v1/equivalence/levels", "params": {"level": "EQF 5", "esco": LONG}},
        {"method": "GET", "url": f"/v1/skills/{LONG}"},
        {"method": "GET", "url": f"/v1/queries/{LONG}"},
        {"method": "GET", "url": "/v1/queries/browse/sources", "params": {LONG: "a"}},
        {"method": "GET", "url": "/graph-store", "params": {"graph": LONG}},
        {"method": "POST", "url": "/v1/recognition", "json": {LONG: 1}},
        {"method": "POST", "url": "/v1/stackability", "json": {"target": {"skills": [LONG]}, "credentials": [{}]}},
        {"method": "POST", "url": "/v1/validation", "json": {"@context": LONG}},
        {"method": "POST", "url": "/sparql", "data": {"query": f"SELECT * {{ SERVICE <http://{LONG}> {{}} }}"}},
    ],
)
def test_an_error_repeats_no_long_text(client: httpx.Client, request_of_a_long_text: dict[str, Any]) -> None:
    answer = client.request(**request_of_a_long_text, headers={"Accept": "application/json"})
    assert 400 <= answer.status_code < 500
    assert LONG not in answer.json().get("detail", "") + answer.json().get("advice", "")


@pytest.mark.parametrize("path", ["/v1/validation", "/v1/recognition", "/sparql"])
def test_a_body_that_comes_slowly_is_refused(impatient: Serving, path: str) -> None:
    connection = http.client.HTTPConnection(impatient.address.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", path)
    kind = "application/sparql-query" if path == "/sparql" else "application/json"
    for name, value in {"Content-Type": kind, "Content-Length": "20", "Accept": "application/json"}.items():
        connection.putheader(name, value)
    connection.endheaders(b"{")
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["type"]) == (408, TYPE + "request-too-slow")
    connection.close()


def test_a_client_that_waits_for_its_answer_is_not_slow(impatient: Serving) -> None:
    waited = httpx.post(f"{impatient.address}/sparql", data={"query": ENDLESS}, timeout=60)
    assert waited.json()["type"] == TYPE + "query-timeout"


def test_a_client_that_does_not_read_is_not_read_from_either(impatient: Serving) -> None:
    request = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
    most = 60_000_000
    with impatient.connect(3) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sent = 0
        with suppress(TimeoutError, ConnectionError):
            while sent < most:
                sent += connection.send(request * 1000)
    assert sent < most / 2
    assert httpx.get(f"{impatient.address}/health/live").is_success


def test_short_requests_one_after_the_other_are_all_answered(built: tuple[Path, BuildReport]) -> None:
    request, number = b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 900 + b"\r\n\r\n", 1500
    with servers.mastery_graph(built[0], request_rate="") as serving, serving.connect(60) as connection:
        sending = threading.Thread(target=connection.sendall, args=(request * number,))
        sending.start()
        answers = b""
        while answers.count(b"HTTP/1.1 200 ") < number and (piece := connection.recv(1_000_000)):
            answers += piece
        sending.join()
    assert answers.count(b"HTTP/1.1 200 ") == number


def test_an_update_without_a_token_is_refused_before_it_is_read(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], tokens="ab" * 32) as serving, serving.connect(20) as connection:
        head = "POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-update\r\nContent-Length: 99000000"
        connection.sendall(head.encode() + b"\r\n\r\nINSERT")
        assert connection.recv(65536).startswith(b"HTTP/1.1 401 ")
