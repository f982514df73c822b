"""Each named query, over a small graph of made-up things: exactly these rows, in this order.

`graph.trig` has something for each branch of a query to return and something for it to leave out; `expected.yaml`
has the rows. A row is written with ` | ` between its columns: an IRI by its prefix, a literal by its value (and
language), `_` for a blank node, `-` for what is not bound. The rows of a query without an order, and the triples of a
graph, are sorted.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import BlankNode, Literal, RdfFormat, parse

from mastery_graph.queries import NamedQuery, bind_text, named_queries, named_query
from mastery_graph.rdf import Term
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import PREFIXES

FOLDER = Path(__file__).parent
EXPECTED: dict[str, list[dict[str, Any]]] = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))
CASES = [(name, case["with"], case["rows"]) for name, cases in EXPECTED.items() for case in cases]
WHOLE = {"browse/everything", "browse/properties"}
"""What returns a row for whatever there is; its expectation is counted in the file."""
QUADS = list(parse((FOLDER / "graph.trig").read_bytes(), format=RdfFormat.TRIG))
OURS = {"qdr": "http://example.org/level/", "sk": "http://example.org/esco/skill/", "ex": "http://example.org/"}
NAMESPACES = PREFIXES | {"esk": "http://data.europa.eu/esco/skill/"} | OURS


@pytest.fixture(scope="module")
def small() -> Iterator[EmbeddedStore]:
    store = MemoryStore()
    graphs: dict[str, list[Any]] = {}
    for quad in QUADS:
        graphs.setdefault(str(quad.graph_name.value), []).append(quad.triple)
    for iri, triples in graphs.items():
        store.replace_graph(iri, triples)
    yield store
    store.close()


def written(term: Term | None) -> str:
    if term is None:
        return "-"
    if isinstance(term, BlankNode):
        return "_"
    if isinstance(term, Literal):
        return f"{term.value}@{term.language}" if term.language else term.value
    prefix = max((name for name, iri in NAMESPACES.items() if term.value.startswith(iri)), key=_length, default="")
    return f"{prefix}:{term.value.removeprefix(NAMESPACES[prefix])}" if prefix else f"<{term.value}>"


def _length(prefix: str) -> int:
    return len(NAMESPACES[prefix])


def rows_of(store: EmbeddedStore, query: NamedQuery, values: dict[str, str]) -> list[str]:
    text = bind_text(query, values.items())
    if "\nCONSTRUCT" in text:
        parts = ((triple.subject, triple.predicate, triple.object) for triple in store.construct(text))
        return sorted(" | ".join(map(written, part)) for part in parts)
    columns = [column.name for column in query.columns]
    rows = [" | ".join(written(row.get(column)) for column in columns) for row in store.select(text)]
    return rows if "\nORDER BY" in text else sorted(rows)


@pytest.mark.parametrize(("name", "values", "rows"), CASES, ids=[f"{name} {values}" for name, values, _ in CASES])
def test_a_query_returns_exactly_these_rows(
    small: EmbeddedStore, name: str, values: dict[str, str], rows: list[str]
) -> None:
    query = named_query(name)
    expanded = {key: _expanded(value) for key, value in values.items()}
    assert rows_of(small, query, expanded) == rows


def _expanded(value: str) -> str:
    prefix, colon, name = value.partition(":")
    return NAMESPACES[prefix] + name if colon and prefix in NAMESPACES else value


def test_everything_and_the_properties_of_everything_are_the_whole_graph(small: EmbeddedStore) -> None:
    assert rows_of(small, named_query("browse/everything"), {}) == sorted(
        " | ".join(map(written, (triple.subject, triple.predicate, triple.object)))
        for triple in {quad.triple for quad in QUADS}
    )
    counted = Counter(written(quad.predicate) for quad in QUADS)
    rows = rows_of(small, named_query("browse/properties"), {})
    assert sorted(rows) == sorted(f"{name} | {number}" for name, number in counted.items())
    assert [int(row.split(" | ")[1]) for row in rows] == sorted(counted.values(), reverse=True)


def test_each_query_has_an_expectation_with_rows_and_each_of_its_columns_a_value() -> None:
    assert set(EXPECTED) | WHOLE == {query.name for query in named_queries()}
    for query in named_queries():
        if query.name in WHOLE:
            continue
        rows = [row.split(" | ") for case in EXPECTED[query.name] for row in case["rows"]]
        bound = {column.name for row in rows for column, value in zip(query.columns, row, strict=True) if value != "-"}
        assert bound == {column.name for column in query.columns}, query.name


def test_each_parameter_of_a_query_is_tried() -> None:
    assert any(query.parameters for query in named_queries())
    for query in named_queries():
        tried = {name for case in EXPECTED.get(query.name, []) for name in case["with"]}
        assert tried == {parameter.name for parameter in query.parameters}, query.name
