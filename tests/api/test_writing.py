"""Updates and the graph store: with the token only, all or none, whatever ends the work and whenever."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from mastery_api.app import create_app
from mastery_graph.changes.client import update
from mastery_graph.errors import OutOfMemory, QueryTimeout
from mastery_graph.pipeline.dataset import content_of, read_description
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import EVERYTHING
from mastery_graph.tokens import Token

TOKEN = "only-for-this-test"  # noqa: S105  # it opens nothing
HASH = hashlib.sha256(TOKEN.encode()).hexdigest()
BEARER = {"Authorization": f"Bearer {TOKEN}"}
TURTLE = {**BEARER, "Content-Type": "text/turtle"}
GRAPH = "http://example.org/graph"
COUNT = {"query": "SELECT (COUNT(*) AS ?n) { GRAPH <http://example.org/graph> { ?s ?p ?o } }", "format": "csv"}
SET_ALL = (
    "DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} INSERT {{ GRAPH ?g {{ ?s ?p {value} }} }} "
    "WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER (?g = <http://example.org/graph>) }}"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Draft.change(tmp_path) as draft:
        made = [NamedNode(f"http://example.org/{n}") for n in range(500)]
        draft.replace_graph(GRAPH, [Triple(one, NamedNode("http://example.org/p"), Literal(0)) for one in made])
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=folder, tokens=(Token(HASH),), write_bytes=30_000_000))) as client:
        yield client


def _slug(answer: object) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]  # type: ignore[attr-defined]  # a response


def test_nothing_is_written_where_no_token_is_configured(folder: Path) -> None:
    with TestClient(create_app(Settings(store=folder))) as closed:
        answers = [
            closed.post("/sparql", data={"update": "DROP ALL"}, headers=BEARER),
            closed.put("/graph-store", params={"graph": GRAPH}, content="", headers=TURTLE),
            closed.delete("/graph-store", params={"graph": GRAPH}, headers=BEARER),
        ]
        assert [(answer.status_code, _slug(answer)) for answer in answers] == [(403, "writing-is-off")] * 3


@pytest.mark.parametrize("sent", ["", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {HASH}"])
def test_a_request_without_the_token_is_refused(client: TestClient, sent: str) -> None:
    answers = [
        client.post("/sparql", data={"update": "DROP ALL"}, headers={"Authorization": sent}),
        client.delete("/graph-store", params={"graph": GRAPH}, headers={"Authorization": sent}),
    ]
    assert [(answer.status_code, _slug(answer)) for answer in answers] == [(401, "token-refused")] * 2
    assert all(answer.headers["www-authenticate"].startswith("Bearer") for answer in answers)
    assert client.get("/sparql", params=COUNT).text.split() == ["n", "500"]


def test_an_update_is_seen_by_the_next_query_and_changes_the_hash(client: TestClient) -> None:
    before = client.get("/sparql", params=COUNT)
    text = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <a> <b> <c> }} }}"
    sent = {**BEARER, "Content-Type": "application/sparql-update"}
    assert client.post("/sparql", content=text, headers=sent).status_code == 204
    after = client.get("/sparql", params=COUNT, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.text.split()) == (200, ["n", "501"])
    first = client.get("/health/ready").json()["dataset"]["content_hash"]
    assert client.post("/sparql", data={"update": f"CLEAR GRAPH <{GRAPH}>"}, headers=BEARER).status_code == 204
    assert client.get("/health/ready").json()["dataset"]["content_hash"] != first


@pytest.mark.parametrize(
    ("text", "scope", "said"),
    [
        ("INSERT DATA { <a> <b> }", {}, "line 1, column"),
        ("LOAD <http://127.0.0.1:9/>", {}, "LOAD"),
        ("LOAD SILENT <file:///etc/hostname> INTO GRAPH <a>", {}, "LOAD"),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", {}, "SERVICE"),
        ("INSERT { <a> <b> <c> } USING <g> WHERE { }", {"using-graph-uri": GRAPH}, "USING"),
        ("DELETE WHERE { <a> <b> ?c }", {"using-graph-uri": GRAPH}, "DELETE WHERE"),
        ("DROP GRAPH <http://example.org/graph> ; CLEAR GRAPH <http://example.org/none>", {}, "cannot be applied"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(
    client: TestClient, text: str, scope: dict[str, str], said: str
) -> None:
    answer = client.post("/sparql", params=scope, data={"update": text}, headers=BEARER)
    assert (answer.status_code, _slug(answer)) == (400, "update-not-applied" if "applied" in said else "bad-query")
    assert said in answer.json()["detail"]
    assert client.get("/sparql", params=COUNT).text.split() == ["n", "500"]


def test_a_graph_is_put_read_added_to_and_removed(client: TestClient) -> None:
    at = {"graph": "http://example.org/new"}
    ask = {"Accept": "text/turtle"}
    assert client.get("/graph-store", params=at, headers=ask).status_code == 404
    assert client.put("/graph-store", params=at, content="<a> <b> 1 .", headers=TURTLE).status_code == 201
    assert client.put("/graph-store", params=at, content="<a> <b> 2 .", headers=TURTLE).status_code == 204
    assert client.post("/graph-store", params=at, content="<a> <b> 3 .", headers=TURTLE).status_code == 204
    held = client.get("/graph-store", params=at, headers=ask)
    assert sorted(str(quad.object.value) for quad in parse(held.content, RdfFormat.TURTLE)) == ["2", "3"]
    asked = client.head("/graph-store", params=at)
    assert (asked.status_code, asked.headers.get("content-length")) == (200, None)
    assert client.delete("/graph-store", params=at, headers=BEARER).status_code == 204
    assert client.delete("/graph-store", params=at, headers=BEARER).status_code == 404


@pytest.mark.parametrize(
    "name", ["http://example.org/graph#", "http://example.org/graph?", "http://example.org/./graph"]
)
def test_a_graph_is_named_by_its_very_address(client: TestClient, name: str) -> None:
    assert client.put("/graph-store", params={"graph": name}, content="<a> <b> 1 .", headers=TURTLE).status_code == 201
    assert client.get("/sparql", params=COUNT).text.split() == ["n", "500"]
    described = client.get("/v1/dataset").json()["graphs"]
    files = {
        file["media_type"]: file["address"] for part in described if part["graph"] == name for file in part["files"]
    }
    held = client.get(files["application/n-triples"])
    assert (held.status_code, held.text.count("\n")) == (200, 1)
    assert client.get("/v1/dataset", headers={"Accept": "text/turtle"}).status_code == 200
    assert client.delete("/graph-store", params={"graph": name}, headers=BEARER).status_code == 204
    assert client.get("/sparql", params=COUNT).text.split() == ["n", "500"]


def test_a_graph_may_have_an_address_of_the_graph_store(client: TestClient) -> None:
    assert client.put("/graph-store/a%20b", content="<a> <b> 1 .", headers=TURTLE).status_code == 201
    assert client.get("/graph-store/a%20b", headers={"Accept": "application/n-triples"}).text.count("\n") == 1


def test_the_graph_without_a_name_is_kept_apart(client: TestClient) -> None:
    assert client.put("/graph-store?default", content="<a> <b> 1 .", headers=TURTLE).status_code == 204
    held = client.get("/graph-store?default", headers={"Accept": "application/n-triples"})
    assert held.text.count("\n") == 1


def test_several_files_are_added_together_and_their_blank_nodes_kept_apart(client: TestClient) -> None:
    files = [
        ("one", ("one.ttl", "<a> <b> _:x .", "text/turtle; charset=utf-8")),
        ("two", ("two.nt", "<http://testserver/a> <http://testserver/b> _:x .", "application/n-triples")),
    ]
    at = {"graph": "http://example.org/form"}
    assert client.post("/graph-store", params=at, files=files, headers=BEARER).status_code == 201
    held = client.get("/graph-store", params=at, headers={"Accept": "text/turtle"})
    assert len(list(parse(held.content, RdfFormat.TURTLE))) == 2


def test_a_large_graph_in_a_form_stays_in_memory(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    files = {"file": ("large.ttl", "<a> <b> 1 .\n" + 300_000 * f"#{70 * '-'}\n", "text/turtle")}
    assert client.post("/graph-store", files=files, headers=BEARER).status_code == 201


TURTLE_FILE = ("a.ttl", "<a> <b> 1 .", "text/turtle")


@pytest.mark.parametrize(
    ("files", "fields", "status", "slug"),
    [
        ([TURTLE_FILE, ("b.ttl", "<a> <b>", "text/turtle")], {}, 400, "bad-source"),
        ([TURTLE_FILE, ("b.txt", "<a> <b> 2 .", "text/plain")], {}, 415, "unsupported-format"),
        ([TURTLE_FILE, ("b.trig", "<a> { <a> <b> 2 }", "application/trig")], {}, 415, "unsupported-format"),
        ([TURTLE_FILE], {"more": "text"}, 400, "bad-parameter"),
        ([TURTLE_FILE, ("b.ttl", "# " + 31_000_000 * "-", "text/turtle")], {}, 413, "document-too-large"),
    ],
)
def test_of_a_form_all_files_are_added_or_none(
    client: TestClient, files: list[tuple[str, str, str]], fields: dict[str, str], status: int, slug: str
) -> None:
    named = [("file", one) for one in files]
    answer = client.post("/graph-store", params={"graph": GRAPH}, files=named, data=fields, headers=BEARER)
    assert (answer.status_code, _slug(answer)) == (status, slug)
    assert client.get("/sparql", params=COUNT).text.split() == ["n", "500"]


@pytest.mark.parametrize(
    ("params", "kind", "content", "status"),
    [
        ({}, "text/turtle", "", 400),
        ({"graph": "no iri"}, "text/turtle", "", 400),
        ({"graph": GRAPH}, "text/html", "<p>", 415),
        ({"graph": GRAPH}, "text/turtle", "<a> <b>", 400),
        ({"graph": GRAPH}, "application/rdf+xml", '<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><r>&c;</r>', 422),
        ({"graph": GRAPH}, "application/rdf+xml", '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', 422),
        ({"graph": GRAPH}, "application/ld+json", '{"@context": "http://127.0.0.1:9/"}', 400),
        ({"graph": GRAPH}, "application/ld+json", '{"@id": "urn:g", "@graph": [{"@id": "urn:a", "urn:b": 1}]}', 400),
    ],
)
def test_what_is_no_graph_changes_nothing(
    client: TestClient, params: dict[str, str], kind: str, content: str, status: int
) -> None:
    answer = client.put("/graph-store", params=params, content=content, headers={**BEARER, "Content-Type": kind})
    assert answer.status_code == status
    assert client.get("/sparql", params=COUNT).text.split() == ["n", "500"]


def test_a_change_ends_at_its_limits_and_changes_nothing(folder: Path) -> None:
    endless = "INSERT { <http://a/a> <http://a/b> ?n } WHERE { { SELECT (COUNT(*) AS ?n) { %s } } }"
    patterns = " ".join(f"GRAPH ?g{i} {{ ?a{i} ?b{i} ?c{i} }}" for i in range(6))
    with pytest.raises((QueryTimeout, OutOfMemory)):
        update(folder, endless % patterns, EVERYTHING, 3, 1_000_000_000)
    store = EmbeddedStore.open(folder)
    assert [graph.triples for graph in store.graphs()] == [500]
    store.close()


def test_killed_at_any_moment_an_update_is_whole_or_has_not_been(folder: Path) -> None:
    chance = random.Random(20)  # noqa: S311  # moments, not secrets
    began = time.monotonic()
    _run(folder, 1).wait()
    whole = time.monotonic() - began
    outcomes = set()
    moments = [0.0, *(chance.uniform(0.3, 1.1) * whole for _ in range(18)), 600.0]
    for value, moment in enumerate(moments, start=2):
        process = _run(folder, value)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        store = EmbeddedStore.open(folder)
        triples = list(store.triples(NamedNode(GRAPH)))
        values = {triple.object.value for triple in triples}
        outcomes.add(values == {str(value)})
        assert (len(triples), len(values)) == (500, 1)
        assert read_description(store)[GRAPH] == content_of(triples)
        store.close()
    assert outcomes == {True, False}


def _run(folder: Path, value: int) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from pathlib import Path; from mastery_graph.changes.client import update; "
        "from mastery_graph.store.protocol import EVERYTHING; "
        "update(Path(sys.argv[1]), sys.argv[2], EVERYTHING, 60, None)"
    )
    command = [sys.executable, "-c", code, str(folder), SET_ALL.format(value=value)]
    return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
