"""Parameters that are left open: their blocks never reach an engine, and leaving them out changes nothing."""

from pathlib import Path

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat
from pyoxigraph import Store as Engine

from mastery_graph.queries import NamedQuery, bind, named_queries, named_query, term, without_open_blocks
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.remote import RemoteStore
from tests.store import servers
from tests.store.troubled import troubled

QUERIES = [pytest.param(query, id=query.name) for query in named_queries()]
DATA = Path(__file__).resolve().parents[2] / "ontology"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The curated files in one named graph, asked as the text stands: nothing of ours is between."""
    filled = Engine()
    for file in ("eqf.ttl", "catalogue.ttl", "visions.ttl"):
        filled.load(path=str(DATA / file), format=RdfFormat.TURTLE)
    return filled


def answer(engine: Engine, text: str) -> object:
    result = engine.query(text, use_default_graph_as_union=True)
    if isinstance(result, QuerySolutions):
        return sorted(str([str(value) for value in row]) for row in result)
    return sorted(map(str, result)) if isinstance(result, QueryTriples) else bool(result)


@pytest.mark.parametrize("query", QUERIES)
def test_a_named_query_without_its_open_blocks_has_the_same_solutions(engine: Engine, query: NamedQuery) -> None:
    bound = bind(query.text, {})
    assert "UNDEF" not in bound
    assert answer(engine, bound) == answer(engine, query.text)


@pytest.mark.parametrize("query", [each for each in QUERIES if each.values[0].parameters])
def test_one_bound_parameter_leaves_no_open_block(query: NamedQuery) -> None:
    assert query.parameters
    for parameter in query.parameters:
        value = term(parameter.kind, parameter.example)
        bound = bind(query.text, {parameter.name: value})
        assert "UNDEF" not in bound
        assert bound.count(f"VALUES ?{parameter.name} {{") == query.text.count(f"VALUES ?{parameter.name} {{ UNDEF")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("SELECT * { ?s ?p ?o VALUES ?s { UNDEF } ?o ?q ?r }", "SELECT * { ?s ?p ?o . ?o ?q ?r }"),
        ("SELECT * { ?s ?p ?o . # all\n VALUES ?s {UNDEF} . ?o ?q ?r }", "SELECT * { ?s ?p ?o . # all\n  ?o ?q ?r }"),
        ("SELECT * { ?s ?p ?o } LIMIT 2 values $s { UNDEF }", "SELECT * { ?s ?p ?o } LIMIT 2 "),
        ("SELECT * { FILTER (?o < 2) VALUES ?s { UNDEF } ?s ?p ?o }", "SELECT * { FILTER (?o < 2) . ?s ?p ?o }"),
        ('SELECT * { ?s ?p "VALUES ?s { UNDEF }" }', 'SELECT * { ?s ?p "VALUES ?s { UNDEF }" }'),
        ("SELECT * { ?s ?p '''\"'VALUES ?s { UNDEF }''' }", "SELECT * { ?s ?p '''\"'VALUES ?s { UNDEF }''' }"),
        ("SELECT * { VALUES ?s { <a:b> UNDEF } ?s ?p ?o }", "SELECT * { VALUES ?s { <a:b> UNDEF } ?s ?p ?o }"),
    ],
)
def test_only_open_blocks_are_left_out(engine: Engine, written: str, sent: str) -> None:
    assert without_open_blocks(written) == sent
    assert answer(engine, sent) == answer(engine, written)


def test_no_endpoint_is_sent_an_open_block() -> None:
    text = named_query("equivalence/comparable-levels").text
    with servers.oxigraph() as endpoint, troubled(endpoint.query) as between:
        store = RemoteStore(Endpoint(query=between.address))
        store.select(text)
        assert b"UNDEF" not in between.last
        b"".join(store.stream(text, QueryResultsFormat.JSON, RdfFormat.TURTLE))
        assert b"UNDEF" not in between.last


def test_the_embedded_store_answers_an_open_parameter_for_all_values(store: EmbeddedStore) -> None:
    text = named_query("equivalence/comparable-levels").text
    levels = {row["level"] for row in store.select(text)}
    one = next(iter(sorted(levels, key=str)))
    assert len(levels) > 1
    assert {row["level"] for row in store.select(text, {"level": one})} == {one}
