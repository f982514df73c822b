"""Virtuoso with the limits that it comes with: nothing of a larger graph gets lost, and nothing is cut unseen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple, parse

from mastery_api.app import create_app
from mastery_graph.dataset.dumps import export
from mastery_graph.errors import EndpointFailed, ResultTooLarge
from mastery_graph.pipeline.dataset import DATASET_GRAPH, content_of, read_description, write_description
from mastery_graph.pipeline.shared_description import mark_changing
from mastery_graph.queries import named_query
from mastery_graph.settings import Settings
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.protocol import CHANGING, Limits
from mastery_graph.store.remote import RemoteStore
from mastery_graph.vocabulary import graph
from tests.api.test_writing import BEARER, HASH
from tests.store import servers

LARGE = graph("large")
SIZE = 12_345
LIMIT = 10_000
WHOLE = named_query("browse/graph").text
P = NamedNode("http://example.org/p")
TRIPLES = [Triple(NamedNode(f"http://example.org/{n}"), P, Literal(f" {n} ")) for n in range(SIZE)]
CONTENT = content_of(TRIPLES)
MORE = "<urn:a> <urn:b> 'one more' ."
EVERYTHING = f"{{ GRAPH <{LARGE}> {{ ?s ?p ?o }} }}"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with servers.virtuoso(tmp_path_factory.mktemp("virtuoso")) as running:
        yield running


@pytest.fixture(scope="module")
def filled(endpoint: Endpoint) -> RemoteStore:
    """A described dataset of one graph that is over the row limit."""
    filled = RemoteStore(endpoint)
    filled.replace_graph(LARGE, TRIPLES)
    write_description(filled, {LARGE: CONTENT})
    return filled


@pytest.fixture
def store(filled: RemoteStore) -> Iterator[RemoteStore]:
    """That dataset, to change."""
    yield filled
    filled.update(f"DELETE WHERE {{ GRAPH <{LARGE}> {{ <urn:a> ?p ?o }} }}")
    write_description(filled, {LARGE: CONTENT})


@pytest.fixture(scope="module")
def client(endpoint: Endpoint, filled: RemoteStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    assert filled.address == endpoint.query
    settings = Settings(
        sparql_endpoint=endpoint.query,
        sparql_update_endpoint=endpoint.update,
        graph_store_endpoint=endpoint.graph_store,
        endpoint_user=endpoint.user,
        endpoint_password=endpoint.password,
        endpoint_authentication=endpoint.authentication,
        answers=tmp_path_factory.mktemp("answers") / "answers",
        tokens=HASH,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as asking:
        yield asking


def size(store: RemoteStore, name: str = LARGE) -> int:
    return {each.iri: each.triples for each in store.graphs()}.get(name, 0)


def described(store: RemoteStore) -> dict[str, int]:
    return {name: content.triples for name, content in read_description(store).items()}


def test_the_server_cuts_what_is_read_without_care(endpoint: Endpoint, filled: RemoteStore) -> None:
    rows = RemoteStore(endpoint)._triples(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {EVERYTHING}", Limits())
    assert len(rows) < size(filled)


def test_a_graph_over_the_row_limit_is_read_whole(filled: RemoteStore) -> None:
    triples = filled.construct(WHOLE, {"graph": NamedNode(LARGE)})
    assert set(triples) == set(TRIPLES)


@pytest.mark.parametrize("source", ["load", "add"])
def test_adding_to_a_graph_over_the_row_limit_keeps_the_rest(store: RemoteStore, source: str) -> None:
    if source == "load":
        store.load(MORE.encode(), RdfFormat.TURTLE, LARGE)
    else:
        store.add(LARGE, [Triple(NamedNode("urn:a"), P, P)])
    assert size(store) == SIZE + 1


@pytest.mark.parametrize("addresses", ["update", "graph_store"])
def test_more_than_one_request_takes_is_added_by_either_address(endpoint: Endpoint, addresses: str) -> None:
    other = {"update": "graph_store", "graph_store": "update"}[addresses]
    fields = {name: getattr(endpoint, name) for name in ("query", "user", "password", "authentication", addresses)}
    store = RemoteStore(Endpoint(**{**fields, other: None}))
    store.replace_graph(graph("parts"), TRIPLES[:1])
    store.add(graph("parts"), TRIPLES[:1200])
    assert size(store, graph("parts")) == 1200
    assert size(store, graph("parts") + "#staging") == 0


def test_announcing_a_change_keeps_the_description(store: RemoteStore) -> None:
    before = size(store, DATASET_GRAPH)
    mark_changing(store)
    assert size(store, DATASET_GRAPH) == before
    assert store.select(named_query("browse/dataset").text)[0]["hash"].value.startswith(CHANGING)
    assert described(store) == {LARGE: SIZE}


def test_a_graph_is_added_to_over_http(client: TestClient, store: RemoteStore) -> None:
    answer = client.post(
        "/graph-store",
        params={"graph": LARGE},
        content=MORE.encode(),
        headers={**BEARER, "Content-Type": "text/turtle"},
    )
    assert answer.status_code == 204, answer.text
    assert size(store) == SIZE + 1
    assert described(store) == {LARGE: SIZE + 1}


def test_an_update_of_a_graph_over_the_row_limit_changes_its_hash(client: TestClient, store: RemoteStore) -> None:
    before = read_description(store)[LARGE].sha256
    update = f"INSERT DATA {{ GRAPH <{LARGE}> {{ {MORE} }} }}"
    answer = client.post("/sparql", content=update, headers={**BEARER, "Content-Type": "application/sparql-update"})
    assert answer.status_code == 204, answer.text
    after = read_description(store)
    assert (after[LARGE].triples, set(after)) == (SIZE + 1, {LARGE})
    assert after[LARGE].sha256 != before


@pytest.mark.parametrize("path", ["/v1/dataset/graphs/large.nt", f"/graph-store?graph={LARGE}"])
def test_a_download_is_whole(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/n-triples"})
    assert answer.status_code == 200
    assert {quad.triple for quad in parse(answer.content, format=RdfFormat.N_TRIPLES)} == set(TRIPLES)


def test_a_graph_that_is_not_as_described_is_not_given_out(
    client: TestClient, store: RemoteStore, tmp_path: Path
) -> None:
    store.add(LARGE, [Triple(NamedNode("urn:a"), P, P)])
    answer = client.get("/v1/dataset/graphs/large.nt")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (502, "endpoint-failed")
    with pytest.raises(EndpointFailed, match=str(SIZE)):
        export(store, tmp_path / "dump", "nquads")
    assert not list(tmp_path.glob("dump/*.nq"))
    nothing = client.post(
        "/sparql", content="INSERT DATA {}", headers={**BEARER, "Content-Type": "application/sparql-update"}
    )
    assert nothing.status_code == 204
    assert client.get("/v1/dataset/graphs/large.nt").status_code == 200


def test_an_export_of_a_graph_with_another_value_is_refused(
    client: TestClient, store: RemoteStore, tmp_path: Path
) -> None:
    replacement = f"INSERT DATA {{ GRAPH <{LARGE}> {{ {MORE} }} }}"
    update = {**BEARER, "Content-Type": "application/sparql-update"}
    assert client.post("/sparql", content=replacement, headers=update).status_code == 204
    store.update(f"DELETE WHERE {{ GRAPH <{LARGE}> {{ <urn:a> ?p ?o }} }}")
    store.add(LARGE, [Triple(NamedNode("urn:a"), P, NamedNode("urn:other"))])
    with pytest.raises(EndpointFailed, match="content"):
        export(store, tmp_path / "dump", "nquads")
    assert client.post("/sparql", content="INSERT DATA {}", headers=update).status_code == 204
    export(store, tmp_path / "dump", "nquads")


def test_an_export_is_whole_and_holds_no_graph_of_the_engine(filled: RemoteStore, tmp_path: Path) -> None:
    export(filled, tmp_path, "nquads")
    quads = list(parse(path=str(next(tmp_path.glob("*.nq"))), format=RdfFormat.N_QUADS))
    assert {quad.graph_name for quad in quads} == {NamedNode(LARGE), NamedNode(DATASET_GRAPH)}
    assert {quad.triple for quad in quads if quad.graph_name == NamedNode(LARGE)} == set(TRIPLES)


@pytest.mark.parametrize(
    "query",
    [
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {EVERYTHING}",
        f"CONSTRUCT {{ ?s ?p ?o . ?s <urn:q> ?o }} WHERE {EVERYTHING}",
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {EVERYTHING} LIMIT 11000",
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {EVERYTHING} OFFSET 11000",
        f"SELECT ?s WHERE {EVERYTHING}",
        f"SELECT ?s WHERE {EVERYTHING} ORDER BY ?s LIMIT 5000 OFFSET 6000",
    ],
)
def test_a_result_that_the_row_limit_cuts_is_refused(filled: RemoteStore, query: str) -> None:
    with pytest.raises(ResultTooLarge, match="rows") as refused:
        b"".join(filled.stream(query, QueryResultsFormat.JSON, RdfFormat.N_TRIPLES))
    assert "ResultSetMaxRows" in refused.value.advice
    if not query.startswith("SELECT"):
        with pytest.raises(ResultTooLarge):
            filled.construct(query)


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        (f"CONSTRUCT {{ ?s ?p ?o }} WHERE {EVERYTHING} LIMIT {LIMIT}", LIMIT),
        (f"CONSTRUCT {{ <urn:a> ?p <urn:b> }} WHERE {EVERYTHING}", 1),
        (f"CONSTRUCT {{ ?s ?p ?o }} WHERE {EVERYTHING} LIMIT 10 OFFSET 11000", 10),
    ],
)
def test_a_result_within_the_row_limit_is_given(filled: RemoteStore, query: str, lines: int) -> None:
    content = b"".join(filled.stream(query, QueryResultsFormat.JSON, RdfFormat.N_TRIPLES))
    assert content.count(b"\n") == lines


def test_no_time_limit_is_sent_that_would_make_virtuoso_give_parts(endpoint: Endpoint) -> None:
    """The pairs take longer than the limit; what has come by then is no answer."""
    store = RemoteStore(Endpoint(query=endpoint.query, timeout="milliseconds"))
    assert store.ask("ASK { ?s ?p ?o }", limits=Limits(seconds=5))
    pairs = "SELECT ?a WHERE { ?a ?b ?c . ?d ?e ?f . FILTER(STRLEN(STR(?a)) > STRLEN(STR(?f))) } LIMIT 2000"
    content = b"".join(store.stream(pairs, QueryResultsFormat.CSV, RdfFormat.TURTLE, limits=Limits(seconds=20)))
    assert content.count(b"\n") == 2001


def test_values_keep_their_blanks_and_their_forms(filled: RemoteStore) -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    values = [
        Literal("  two  "),
        Literal("\tx\n", language="en"),
        *(Literal(text, datatype=NamedNode(xsd + "duration")) for text in ("P2DT12H", "P2M")),
        *(Literal(text, datatype=NamedNode(xsd + "boolean")) for text in ("true", "false")),
    ]
    filled.replace_graph(graph("values"), [Triple(P, P, value) for value in values])
    query = f"SELECT ?o WHERE {{ GRAPH <{graph('values')}> {{ ?s ?p ?o }} }}"
    assert {row["o"] for row in filled.select(query)} == set(values)
    tsv = b"".join(filled.stream(query, QueryResultsFormat.TSV, RdfFormat.TURTLE)).decode()
    assert all(str(value) in tsv or value.value in tsv for value in values)
    filled.replace_graph(graph("values"), [])
