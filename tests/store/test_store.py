"""What every store does, whichever engine holds it: one specification, run on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple, parse, parse_query_results

from mastery_graph.errors import BadParameter, BadQuery, BadSource, MasteryError, QueryTimeout, ResultTooLarge
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.memory import MemoryStore
from mastery_graph.store.protocol import UNLIMITED, Limits, Scope, Store
from mastery_graph.store.remote import RemoteStore
from tests.store import servers

ONE, TWO = "http://example.org/graph/one", "http://example.org/graph/two"
LEVEL = NamedNode("http://data.europa.eu/snb/qdr/c_670e54c7")
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
TURTLE = b"""
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://data.europa.eu/snb/qdr/c_670e54c7> skos:prefLabel "FiNQF Level 5"@en , "Viitekehys \\"5\\"\\nrivi"@fi ;
  skos:notation 5 , 0.5 , true , "2026-11-24"^^<http://www.w3.org/2001/XMLSchema#date> .
"""
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE {" + "".join(f"?a{i} ?b{i} ?c{i} . " for i in range(20)) + "}"


@pytest.fixture(scope="module")
def endpoint_of_oxigraph() -> Iterator[Endpoint]:
    with servers.oxigraph() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def endpoint_of_virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with servers.virtuoso(tmp_path_factory.mktemp("virtuoso")) as endpoint:
        yield endpoint


@pytest.fixture(params=["memory", "disk", "oxigraph", "virtuoso"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        opened: Store = MemoryStore()
        _fill(opened)
    elif request.param == "disk":
        with Draft.change(tmp_path) as draft:
            _fill(draft)
        opened = EmbeddedStore.open(tmp_path)
    else:
        opened = RemoteStore(request.getfixturevalue(f"endpoint_of_{request.param}"))
        _fill(opened)
    yield opened
    opened.close()


@pytest.fixture(params=["memory", "draft", "oxigraph", "virtuoso"])
def writable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "draft":
        with Draft.copy(None, tmp_path / "draft") as draft:
            yield draft
    else:
        opened: Store = (
            MemoryStore()
            if request.param == "memory"
            else RemoteStore(request.getfixturevalue(f"endpoint_of_{request.param}"))
        )
        opened.replace_graph(ONE, [])
        opened.replace_graph(TWO, [])
        yield opened
        opened.close()


def _fill(store: Store) -> None:
    store.replace_graph(ONE, [quad.triple for quad in parse(TURTLE, format=RdfFormat.TURTLE)])
    store.replace_graph(TWO, [Triple(LEVEL, NamedNode("http://example.org/p"), Literal("two"))])


def _ours(store: Store) -> dict[str, int]:
    return {graph.iri: graph.triples for graph in store.graphs() if graph.iri.startswith("http://example.org/")}


def test_a_query_sees_the_union_of_the_graphs(store: Store) -> None:
    query = "SELECT ?o WHERE { VALUES ?s { UNDEF } ?s <http://example.org/p> ?o }"
    assert store.select(query, {"s": LEVEL}) == [{"o": Literal("two")}]


def test_terms_come_back_as_they_went_in(store: Store) -> None:
    rows = store.select(f"SELECT ?o WHERE {{ {LEVEL} {LABEL} ?o }} ORDER BY ?o")
    assert rows == [
        {"o": Literal("FiNQF Level 5", language="en")},
        {"o": Literal('Viitekehys "5"\nrivi', language="fi")},
    ]


def test_a_bound_parameter_takes_one_term_or_several(store: Store) -> None:
    query = "SELECT ?g WHERE { VALUES ?g { UNDEF } GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    assert [row["g"] for row in store.select(query, {"g": NamedNode(ONE)})] == [NamedNode(ONE)]
    both = [NamedNode(ONE), NamedNode(TWO)]
    assert [row["g"] for row in store.select(query, {"g": both})] == both


@pytest.mark.parametrize("hostile", ['"} } DROP ALL #', "'''", "\\", "\n# ", "?x", "} UNION { ?s ?p ?o"])
def test_a_value_cannot_change_the_shape_of_a_query(store: Store, hostile: str) -> None:
    query = f"SELECT ?s WHERE {{ VALUES ?label {{ UNDEF }} ?s {LABEL} ?label }}"
    assert store.select(query, {"label": Literal(hostile)}) == []


def test_a_parameter_that_the_query_lacks_is_refused(store: Store) -> None:
    with pytest.raises(BadParameter, match="no parameter level"):
        store.select("SELECT * WHERE { ?s ?p ?o }", {"level": LEVEL})


def test_an_unbound_variable_has_no_entry(store: Store) -> None:
    rows = store.select(
        f"SELECT ?s ?missing WHERE {{ ?s <http://example.org/p> ?o OPTIONAL {{ ?s <{ONE}> ?missing }} }}"
    )
    assert rows == [{"s": LEVEL}]


@pytest.mark.parametrize(("label", "answer"), [("FiNQF Level 5", True), ("FiNQF Level 55", False)])
def test_ask_answers_yes_and_no(store: Store, label: str, answer: bool) -> None:
    query = f"ASK {{ VALUES ?label {{ UNDEF }} ?s {LABEL} ?label }}"
    assert store.ask(query, {"label": Literal(label, language="en")}) is answer


def test_construct_gives_triples(store: Store) -> None:
    triples = store.construct("CONSTRUCT { ?s <http://example.org/q> ?o } WHERE { ?s <http://example.org/p> ?o }")
    assert triples == [Triple(LEVEL, NamedNode("http://example.org/q"), Literal("two"))]


@pytest.mark.parametrize(
    "results", [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.TSV], ids=["json", "xml", "tsv"]
)
def test_a_stream_is_the_result_in_the_format_asked_for(store: Store, results: QueryResultsFormat) -> None:
    query = f"SELECT ?o WHERE {{ {LEVEL} <http://example.org/p> ?o }}"
    content = b"".join(store.stream(query, results, RdfFormat.TURTLE))
    assert [row["o"] for row in parse_query_results(content, format=results)] == [Literal("two")]


def test_blank_nodes_are_told_apart_in_rows_and_streams(writable: Store) -> None:
    nodes = [BlankNode(), BlankNode()]
    writable.replace_graph(ONE, [Triple(node, LABEL, Literal("same")) for node in nodes])
    query = f"SELECT ?s ?o FROM <{ONE}> WHERE {{ ?s ?p ?o }}"
    content = b"".join(writable.stream(query, QueryResultsFormat.XML, RdfFormat.TURTLE))
    streamed = [row["s"] for row in parse_query_results(content, format=QueryResultsFormat.XML)]
    assert len({row["s"] for row in writable.select(query)}) == len(set(streamed)) == 2
    assert all(isinstance(node, BlankNode) for node in streamed)


def test_a_streamed_ask_is_a_boolean(store: Store) -> None:
    content = b"".join(store.stream("ASK { ?s ?p ?o }", QueryResultsFormat.JSON, RdfFormat.TURTLE))
    assert bool(parse_query_results(content, format=QueryResultsFormat.JSON))


def test_a_streamed_graph_is_in_the_format_asked_for(store: Store) -> None:
    query = f"CONSTRUCT WHERE {{ {LEVEL} <http://example.org/p> ?o }}"
    content = b"".join(store.stream(query, QueryResultsFormat.JSON, RdfFormat.TURTLE))
    assert [quad.object for quad in parse(content, format=RdfFormat.TURTLE)] == [Literal("two")]


def test_the_scope_says_which_graphs_are_the_default_graph(store: Store) -> None:
    query = f"SELECT ?p WHERE {{ {LEVEL} ?p ?o }}"
    scope = Scope(default_graphs=(TWO,))
    content = b"".join(store.stream(query, QueryResultsFormat.JSON, RdfFormat.TURTLE, scope))
    assert len(list(parse_query_results(content, format=QueryResultsFormat.JSON))) == 1


def test_from_says_which_graphs_are_the_default_graph(store: Store) -> None:
    assert len(store.select("SELECT ?p FROM <http://example.org/graph/two> WHERE { ?s ?p ?o }")) == 1


def test_a_query_that_does_not_parse_is_refused(store: Store) -> None:
    with pytest.raises(BadQuery):
        store.select("SELECT * WHERE { ?s ?p")


@pytest.mark.parametrize("form", ["ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"])
@pytest.mark.parametrize("limits", [UNLIMITED, Limits(seconds=20)], ids=["unlimited", "limited"])
def test_select_refuses_another_form(store: Store, form: str, limits: Limits) -> None:
    with pytest.raises(BadQuery, match="not a SELECT query"):
        store.select(form, limits=limits)


@pytest.mark.parametrize("keyword", ["SERVICE", "service", "SERVICE SILENT", "\\u0053ERVICE"])
def test_no_other_server_is_asked(store: Store, keyword: str) -> None:
    with pytest.raises(BadQuery):
        store.select(f"SELECT * WHERE {{ {keyword} <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}")


def test_an_update_is_not_a_query(store: Store) -> None:
    with pytest.raises(MasteryError):
        list(store.stream(f"DROP GRAPH <{ONE}>", QueryResultsFormat.JSON, RdfFormat.TURTLE))
    assert _ours(store) == {ONE: 6, TWO: 1}


def test_a_query_ends_at_its_time_limit_and_the_next_one_is_answered(store: Store) -> None:
    with pytest.raises(QueryTimeout):
        store.select(ENDLESS, limits=Limits(seconds=1))
    assert store.ask(f"ASK {{ {LEVEL} ?p ?o }}", limits=Limits(seconds=20))


def test_a_result_over_its_size_is_refused_not_cut(store: Store) -> None:
    query = f"SELECT * WHERE {{ {LEVEL} ?p ?o }}"
    with pytest.raises(ResultTooLarge):
        store.select(query, limits=Limits(size=100))
    assert len(store.select(query, limits=Limits(size=100_000))) == 7


def test_the_graphs_are_listed_with_their_sizes(store: Store) -> None:
    assert _ours(store) == {ONE: 6, TWO: 1}


def test_replacing_a_graph_leaves_the_others(writable: Store) -> None:
    _fill(writable)
    writable.replace_graph(ONE, [Triple(LEVEL, LABEL, Literal("new"))])
    assert _ours(writable) == {ONE: 1, TWO: 1}
    writable.replace_graph(ONE, [])
    assert _ours(writable) == {TWO: 1}


def test_a_large_graph_is_written_whole(writable: Store) -> None:
    writable.replace_graph(ONE, (Triple(LEVEL, LABEL, Literal(f"label {n}")) for n in range(2500)))
    assert _ours(writable) == {ONE: 2500}


def test_a_graph_too_large_for_one_request_is_made_beside_and_moved(endpoint_of_virtuoso: Endpoint) -> None:
    store = RemoteStore(endpoint_of_virtuoso)
    store.replace_graph(ONE, (Triple(LEVEL, LABEL, Literal(f"label {n}")) for n in range(20_001)))
    assert _ours(store)[ONE] == 20_001
    assert not [graph for graph in store.graphs() if "staging" in graph.iri]


def test_loading_adds_to_a_graph(writable: Store) -> None:
    _fill(writable)
    writable.load(b"<http://example.org/a> <http://example.org/p> 1 .", RdfFormat.TURTLE, TWO)
    assert _ours(writable) == {ONE: 6, TWO: 2}


def test_a_text_that_does_not_parse_changes_nothing(writable: Store) -> None:
    _fill(writable)
    with pytest.raises(BadSource, match="line 2"):
        writable.load(b"<http://example.org/a> <http://example.org/p> 1 .\n<broken", RdfFormat.TURTLE, TWO)
    assert _ours(writable) == {ONE: 6, TWO: 1}
