"""A query that looks something up gets at once what a query worker would have told; all else goes to a worker."""

from collections.abc import Iterator

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple

from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import EVERYTHING, Scope

A, SAYS, MANY = (NamedNode(f"http://example.org/{name}") for name in ("a", "says", "many"))
FORMATS = [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.CSV, QueryResultsFormat.TSV]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    folder = tmp_path_factory.mktemp("lookup")
    with Draft.change(folder) as draft:
        same = Triple(A, SAYS, Literal("one", language="en"))
        draft.replace_graph("http://example.org/one", [same, Triple(A, SAYS, A)])
        draft.replace_graph("http://example.org/two", [same, Triple(A, SAYS, Literal('"two"\n'))])
        draft.replace_graph("http://example.org/long", [Triple(MANY, SAYS, Literal(n)) for n in range(2000)])
    opened = EmbeddedStore.open(folder, workers=1)
    yield opened
    opened.close()


@pytest.mark.parametrize("results", FORMATS, ids=str)
@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?p ?o WHERE { <http://example.org/a> ?p ?o }",
        "select * {<http://example.org/a>?p ?o.}",
        "SELECT ?s $p\n{ ?s ?p <http://example.org/a> } # } FILTER (false) {",
        "SELECT ?o ?other { <http://example.org/a> <http://example.org/says> ?o } LIMIT 1",
        "SELECT * { <http://example.org/nothing> ?p ?o }",
        "ASK { <http://example.org/a> <http://example.org/says> <http://example.org/a> }",
        "ASK WHERE { <http://example.org/many> <http://example.org/says> ?o }",
    ],
)
def test_what_is_looked_up_is_what_a_worker_tells(
    store: EmbeddedStore, query: str, results: QueryResultsFormat
) -> None:
    told = b"".join(store.stream(query, results, RdfFormat.TURTLE))
    assert store.look_up(query, results) == told


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o WHERE { <http://example.org/many> ?p ?o }",
        "SELECT * { ?s ?p ?o }",
        "SELECT * { ?s <http://example.org/says> ?s }",
        "SELECT * { ?x <http://example.org/says> $x }",
        "SELECT * { <http://example.org/a> ?p ?o . ?o ?q ?r }",
        "SELECT * { <http://example.org/a> <http://example.org/says>* ?o }",
        "SELECT * { <http://example.org/a> ?p ?o FILTER (?o > 1) }",
        "SELECT * { <http://example.org/a> ?p ?o } ORDER BY ?o",
        "SELECT DISTINCT ?o { <http://example.org/a> ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { <http://example.org/many> ?p ?o }",
        "SELECT * FROM <http://example.org/one> { <http://example.org/a> ?p ?o }",
        "SELECT * { SERVICE <http://example.org/a> { ?s ?p ?o } }",
        "SELECT * { <http://example.org/a> ?p ?o } # comment\n FILTER",
        "SELECT * { <http://example.org/a> ?p ?o } # \\u000A ORDER BY ?o",
        "SELECT * { <http://example.org/\\u003E> ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { <http://example.org/a> ?p ?o }",
        "SELECT WHERE { <http://example.org/a> ?p ?o }",
        "SELECT * { <relative> ?p ?o }",
    ],
)
def test_what_may_take_more_goes_to_a_worker(store: EmbeddedStore, query: str) -> None:
    assert store.look_up(query, QueryResultsFormat.JSON) is None


@pytest.mark.parametrize(
    "scope", [Scope(default_graphs=("http://example.org/one",)), Scope(unnamed=True)], ids=["named", "unnamed"]
)
def test_a_query_of_some_graphs_goes_to_a_worker(store: EmbeddedStore, scope: Scope) -> None:
    query = "SELECT ?o { <http://example.org/a> <http://example.org/says> ?o }"
    assert store.look_up(query, QueryResultsFormat.JSON, EVERYTHING) is not None
    assert store.look_up(query, QueryResultsFormat.JSON, scope) is None
