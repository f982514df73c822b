"""Results of an endpoint that are broken inside, and its error pages: a failure of the endpoint, whatever was asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat

from mastery_api.app import create_app
from mastery_graph.cli import run
from mastery_graph.dataset.dumps import export
from mastery_graph.errors import EndpointDown, EndpointFailed, StoreMissing
from mastery_graph.queries import named_query
from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.remote import RemoteStore
from mastery_graph.vocabulary import graph
from tests.store import servers
from tests.store.troubled import Fault, Troubled, troubled

FAULTS: tuple[Fault, ...] = get_args(Fault)
ANSWERS = {
    "levels": ("/v1/equivalence/levels?level=FiNQF Level 6&country=NOR", "application/json"),
    "grid": ("/v1/equivalence/grid?country=FIN&country=IRL", "application/json"),
    "list": ("/v1/skills", "application/json"),
    "dataset": ("/v1/dataset", "application/json"),
    "page": ("/stack", "text/html"),
    "resource": ("/id/vision/V1", "text/turtle"),
    "download": ("/v1/dataset/graphs/policy.nt", "application/n-triples"),
    "graph": (f"/graph-store?graph={graph('policy')}", "text/turtle"),
    "select": ("/sparql?query=SELECT ?s WHERE { ?s a ?c }", "text/csv"),
    "ask": ("/sparql?query=ASK { ?s ?p ?o }", "application/sparql-results+json"),
    "construct": ("/sparql?query=CONSTRUCT WHERE { ?s a ?c }", "text/turtle"),
    "named query": ("/v1/queries/equivalence/comparable-levels", "application/json"),
    "ready": ("/health/ready", "application/json"),
}
UNSEEN = {("select", "without values"), ("named query", "without values"), ("construct", "nothing")}
"""Where nobody can tell: what a client's own query must bind is not known, and an empty text is an empty graph."""
CASES = [(kind, fault) for kind in ANSWERS for fault in FAULTS if (kind, fault) not in UNSEEN]


@pytest.fixture(scope="module")
def filled(store: EmbeddedStore) -> Iterator[Endpoint]:
    with servers.oxigraph(seconds=None) as endpoint:
        theirs = RemoteStore(endpoint)
        for each in store.graphs():
            name = NamedNode(each.iri)
            theirs.replace_graph(each.iri, store.construct(named_query("browse/graph").text, {"graph": name}))
        yield endpoint


@pytest.fixture(scope="module")
def between(filled: Endpoint) -> Iterator[Troubled]:
    with troubled(filled.query) as server:
        yield server


@pytest.fixture
def faulty(between: Troubled) -> Iterator[Troubled]:
    yield between
    between.fault, between.retry_after, between.to_come = None, None, []


@pytest.fixture(scope="module")
def client(between: Troubled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        sparql_endpoint=between.address,
        endpoint_attempts=1,
        endpoint_failures=1000,
        result_cache_bytes=0,
        answers=tmp_path_factory.mktemp("answers") / "answers",
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as asking:
        yield asking


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_a_broken_result_is_a_failure_of_the_endpoint(
    client: TestClient, faulty: Troubled, kind: str, fault: Fault
) -> None:
    path, accept = ANSWERS[kind]
    client.get("/health/ready")
    faulty.fault = fault
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 502, (answer.status_code, answer.text[:300])
    faulty.fault = None
    assert client.get(path, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_result_ends_a_command_with_the_code_of_a_failed_store(
    faulty: Troubled, fault: Fault, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    faulty.fault = fault
    monkeypatch.setenv("MASTERY_SPARQL_ENDPOINT", faulty.address)
    monkeypatch.setattr("sys.argv", ["mastery-graph", "equivalence", "FiNQF Level 6", "--country", "NOR"])
    with pytest.raises(SystemExit) as ended:
        run()
    message = capfd.readouterr().err
    assert (ended.value.code, message.count("\n"), "Traceback" in message) == (3, 1, False), message


@pytest.mark.parametrize("fault", ["half", "junk", "html", "nothing"])
def test_no_export_is_made_of_broken_results(faulty: Troubled, tmp_path: Path, fault: Fault) -> None:
    faulty.fault = fault
    with pytest.raises(EndpointFailed):
        export(RemoteStore(Endpoint(query=faulty.address)), tmp_path, "nquads")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["/v1/skills", "/sparql?query=ASK {}", "/v1/dataset/graphs/policy.nt"])
def test_the_error_page_of_an_endpoint_is_not_passed_on(client: TestClient, faulty: Troubled, path: str) -> None:
    faulty.to_come = ["page"]
    answer = client.get(path)
    assert answer.status_code == 502
    assert "500" in answer.json()["detail"]
    assert "secret" not in answer.text
    assert "<html" not in answer.text


def test_a_wrong_password_names_the_settings(faulty: Troubled) -> None:
    faulty.to_come = ["refused"]
    with pytest.raises(EndpointFailed) as refused:
        RemoteStore(Endpoint(query=faulty.address)).ask("ASK {}")
    assert "MASTERY_ENDPOINT_PASSWORD" in refused.value.advice


@pytest.mark.parametrize(("sent", "passed_on"), [("7", "7"), ("Mon, 30 Nov 2026 12:00:00 GMT", "1"), (None, "1")])
def test_when_to_ask_again_is_passed_on(client: TestClient, faulty: Troubled, sent: str | None, passed_on: str) -> None:
    faulty.to_come, faulty.retry_after = ["unavailable"], sent
    answer = client.get("/sparql?query=ASK { ?a ?b ?c . }")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, passed_on)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/equivalence/levels?level=EQF 5",
        "/v1/equivalence/grid?country=FIN&country=IRL",
        "/v1/skills",
        "/v1/frameworks",
        "/v1/visions",
        "/v1/concepts?q=waste",
        "/v1/statements",
        "/v1/mappings",
        "/v1/dataset",
        "/stack",
        "/id/vision/V1",
        "/health/ready",
    ],
)
def test_an_endpoint_without_a_dataset_gives_no_answers(nowhere: TestClient, path: str) -> None:
    answer = nowhere.get(path)
    assert answer.status_code == 503, answer.text[:300]
    assert answer.json()["type"].endswith("store-missing")


@pytest.fixture(scope="module")
def empty() -> Iterator[Endpoint]:
    with servers.oxigraph() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def nowhere(empty: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(sparql_endpoint=empty.query, answers=tmp_path_factory.mktemp("answers") / "answers")
    with TestClient(create_app(settings), raise_server_exceptions=False) as asking:
        yield asking


def test_a_dataset_that_is_built_later_is_taken_up(empty: Endpoint, store: EmbeddedStore) -> None:
    asking = RemoteStore(empty, built=True)
    query = "SELECT ?s WHERE { ?s <urn:none> ?o }"
    with pytest.raises(StoreMissing):
        asking.select(query)
    with pytest.raises(StoreMissing):
        asking.ask("ASK { ?s ?p ?o }")
    description = store.construct(named_query("browse/graph").text, {"graph": NamedNode(graph("dataset"))})
    RemoteStore(empty).replace_graph(graph("dataset"), description)
    assert asking.select(query) == []
    RemoteStore(empty).replace_graph(graph("dataset"), [])
    assert list(asking.stream(query, QueryResultsFormat.CSV, RdfFormat.TURTLE))


def test_a_wrong_address_ends_a_command_with_the_code_of_a_failed_store(
    empty: Endpoint, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MASTERY_SPARQL_ENDPOINT", empty.query)
    monkeypatch.setattr("sys.argv", ["mastery-graph", "equivalence", "EQF 5"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 3
    assert empty.query in capfd.readouterr().err


def test_an_endpoint_that_is_down_stays_that(between: Troubled) -> None:
    between.to_come = ["dropped"]
    with pytest.raises(EndpointDown):
        RemoteStore(Endpoint(query=between.address, attempts=1)).ask("ASK {}")
