"""Writing behind an endpoint, over HTTP and by commands: told in the dataset, refused without an address."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from mastery_graph.pipeline.build import replace_graph
from mastery_graph.pipeline.dataset import content_of, read_description
from mastery_graph.pipeline.shared_description import mark_changing
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.remote import RemoteStore
from mastery_graph.vocabulary import DCTERMS, RDF, SKOS, graph
from tests.api.test_writing import BEARER, COUNT, GRAPH, HASH, TURTLE
from tests.store import servers

CONCEPT = NamedNode("http://example.org/concept")
NEW = "http://example.org/new"
THINGS = [Triple(NamedNode(f"http://example.org/{n}"), NamedNode("http://example.org/p"), Literal(0)) for n in range(5)]
CONCEPTS = [
    Triple(CONCEPT, NamedNode(RDF + "type"), NamedNode(SKOS + "Concept")),
    Triple(CONCEPT, NamedNode(SKOS + "prefLabel"), Literal("sorting waste", language="en")),
    Triple(CONCEPT, NamedNode(DCTERMS + "description"), Literal("Sorts waste.", language="en")),
]
STATEMENTS = Path(__file__).resolve().parents[2] / "docs" / "examples" / "statements.ttl"


@dataclass(frozen=True)
class Behind:
    client: httpx.Client
    store: RemoteStore
    settings: dict[str, Any]


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    running = (
        servers.oxigraph() if request.param == "oxigraph" else servers.virtuoso(tmp_path_factory.mktemp("virtuoso"))
    )
    with running as found:
        yield found


@pytest.fixture(scope="module")
def serving(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    store = RemoteStore(endpoint)
    replace_graph(store, GRAPH, THINGS)
    settings = {
        "sparql_endpoint": endpoint.query,
        "sparql_update_endpoint": endpoint.update,
        "graph_store_endpoint": endpoint.graph_store,
        "endpoint_user": endpoint.user,
        "endpoint_password": endpoint.password,
        "endpoint_authentication": endpoint.authentication,
        "answers": tmp_path_factory.mktemp("answers"),
    }
    with servers.mastery_graph(tokens=HASH, **settings) as running, running.client() as client:
        yield Behind(client, store, settings)


@pytest.fixture
def behind(serving: Behind) -> Behind:
    for name, triples in {GRAPH: THINGS, "http://example.org/concepts": CONCEPTS}.items():
        content = serialize(triples, format=RdfFormat.TURTLE)
        assert serving.client.put("/graph-store", params={"graph": name}, content=content, headers=TURTLE).is_success
    return serving


def content_hash(client: httpx.Client) -> str:
    return str(client.get("/health/ready").json()["dataset"]["content_hash"])


def told(store: RemoteStore, name: str) -> bool:
    """Whether the dataset says of a graph what it holds."""
    triples = store.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
    return read_description(store).get(name) == (content_of(triples) if triples else None)


def test_an_update_is_seen_by_the_next_query_and_told_in_the_dataset(behind: Behind) -> None:
    client, first = behind.client, content_hash(behind.client)
    before = client.get("/sparql", params=COUNT)
    text = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <http://example.org/a> <http://example.org/b> <c> }} }}"
    sent = {**BEARER, "Content-Type": "application/sparql-update"}
    assert client.post("/sparql", content=text, headers=sent).status_code == 204
    after = client.get("/sparql", params=COUNT, headers={"If-None-Match": before.headers["etag"]})
    assert (before.text.split(), after.status_code, after.text.split()) == (["n", "5"], 200, ["n", "6"])
    assert content_hash(client) != first
    assert told(behind.store, GRAPH)
    assert behind.store.ask(f"ASK {{ ?s ?p <{client.base_url.join('/c')}> }}")
    assert client.post("/sparql", data={"update": f"CLEAR GRAPH <{GRAPH}>"}, headers=BEARER).status_code == 204
    assert client.get("/sparql", params=COUNT).text.split() == ["n", "0"]
    assert told(behind.store, GRAPH)


@pytest.mark.parametrize("text", ["INSERT DATA { <a> <b> }", "LOAD <http://127.0.0.1:9/>"])
def test_an_update_that_is_refused_changes_nothing(behind: Behind, text: str) -> None:
    before = content_hash(behind.client)
    answer = behind.client.post("/sparql", data={"update": text}, headers=BEARER)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "bad-query")
    assert content_hash(behind.client) == before
    assert told(behind.store, GRAPH)


def test_a_graph_is_put_added_to_and_removed(behind: Behind) -> None:
    client, at = behind.client, {"graph": NEW}
    assert client.put("/graph-store", params=at, content="<a> <b> 2 .", headers=TURTLE).status_code == 201
    assert client.post("/graph-store", params=at, content="<a> <b> 3 .", headers=TURTLE).status_code == 204
    held = client.get("/graph-store", params=at, headers={"Accept": "text/turtle"})
    assert sorted(str(quad.object.value) for quad in parse(held.content, RdfFormat.TURTLE)) == ["2", "3"]
    assert told(behind.store, NEW)
    assert client.put("/graph-store", params=at, content="<a> <b>", headers=TURTLE).status_code == 400
    assert client.delete("/graph-store", params=at, headers=BEARER).status_code == 204
    assert client.get("/graph-store", params=at, headers={"Accept": "text/turtle"}).status_code == 404
    assert NEW not in read_description(behind.store)
    assert client.put("/graph-store?default", content="<a> <b> 2 .", headers=TURTLE).status_code == 400


def test_the_files_of_a_form_are_added_together_or_not_at_all(behind: Behind) -> None:
    client, at = behind.client, {"graph": NEW}

    def post(*contents: str) -> int:
        files = [("file", ("a.ttl", content, "text/turtle")) for content in contents]
        return client.post("/graph-store", params=at, files=files, headers=BEARER).status_code

    assert post("<a> <b> _:x .", "<a> <b>") == 400
    assert NEW not in read_description(behind.store)
    assert post("<a> <b> _:x .", "<a> <b> _:x .") == 201
    assert read_description(behind.store)[NEW].triples == 2
    client.delete("/graph-store", params=at, headers=BEARER)


def test_a_decision_is_kept(behind: Behind) -> None:
    asked = {"subject": "waste", "object": CONCEPT.value, "accepted": True, "author": "Maria Rossi"}
    kept = [behind.client.post("/v1/mappings", json=asked, headers=BEARER).status_code for _ in range(2)]
    assert kept == [201, 200]
    rows = behind.client.get("/v1/mappings").json()["mappings"]
    assert [row["author_label"] for row in rows] == [["Maria Rossi"]]


def test_new_labels_are_found_at_once(behind: Behind) -> None:
    def found() -> list[str]:
        answer = behind.client.get("/v1/concepts", params={"q": "compost"})
        assert answer.is_success, answer.text
        return [each["uri"] for each in answer.json()]

    assert found() == []
    concept = f'<{NEW}> a <{SKOS}Concept> ; <{SKOS}prefLabel> "composting"@en .'
    assert behind.client.put("/graph-store", params={"graph": NEW}, content=concept, headers=TURTLE).is_success
    assert found() == [NEW]
    behind.client.delete("/graph-store", params={"graph": NEW}, headers=BEARER)


def test_a_change_that_broke_off_leaves_no_old_hash_and_nothing_kept(behind: Behind) -> None:
    assert "etag" in behind.client.get("/sparql", params=COUNT).headers
    before = content_hash(behind.client)
    mark_changing(behind.store)
    with servers.mastery_graph(**behind.settings) as serving, serving.client() as afterwards:
        assert content_hash(afterwards).startswith("changing-")
        assert "etag" not in afterwards.get("/sparql", params=COUNT).headers
    behind.client.put("/graph-store", params={"graph": NEW}, content="<a> <b> 2 .", headers=TURTLE)
    behind.client.delete("/graph-store", params={"graph": NEW}, headers=BEARER)
    assert content_hash(behind.client) == before


def test_statements_are_loaded_by_a_command(behind: Behind) -> None:
    done = _load(behind.settings)
    assert (done.returncode, done.stdout) == (0, "Loaded 1 recognition statements; the store holds 1.\n")
    assert read_description(behind.store)[graph("statements")].triples == 12


def test_without_an_address_for_writes_each_is_refused(behind: Behind) -> None:
    reading = {
        name: value for name, value in behind.settings.items() if name in {"sparql_endpoint", "answers"} and value
    }
    before = content_hash(behind.client)
    with servers.mastery_graph(tokens=HASH, **reading) as serving, serving.client() as client:
        decision = {"subject": "waste", "object": CONCEPT.value, "accepted": True, "author": "Maria Rossi"}
        answers = [
            client.post("/sparql", data={"update": "DROP ALL"}, headers=BEARER),
            client.put("/graph-store", params={"graph": GRAPH}, content="<a> <b> 1 .", headers=TURTLE),
            client.post("/v1/mappings", json=decision, headers=BEARER),
        ]
    assert [(each.status_code, each.json()["type"].rpartition("/")[2]) for each in answers] == [
        (403, "writing-is-off")
    ] * 3
    assert "MASTERY_SPARQL_UPDATE_ENDPOINT" in answers[0].json()["advice"]
    refused = _load(reading)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert content_hash(behind.client) == before


def _load(settings: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    environment = {f"MASTERY_{name.upper()}": str(value) for name, value in settings.items() if value}
    return subprocess.run(
        [sys.executable, "-m", "mastery_graph.cli", "load", "statements", str(STATEMENTS)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
