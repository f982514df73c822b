"""Named queries: listed, described, run in every format, and safe against any value."""

from functools import cache
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store
from pyparsing import ParseResults
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from mastery_api import negotiation
from mastery_graph.errors import BadParameter
from mastery_graph.queries import bind, named_queries, named_query, term

ORDINARY = {"iri": "http://example.org/ordinary", "string": "ordinary", "integer": "7", "date": "2026-11-24"}
TAKING = [(query.name, one.name, one.kind) for query in named_queries() for one in query.parameters]


def shape(part: Any, variable: str, found: list[Any]) -> Any:
    """Return the parsed query as plain values, the data of one parameter's blocks taken out into `found`."""
    if isinstance(part, CompValue):
        if part.name == "InlineData" and [str(one) for one in part["var"]] == [variable]:
            found.append(part["value"])
            return ("InlineData", variable)
        return (part.name, tuple((key, shape(part[key], variable, found)) for key in sorted(part)))
    if isinstance(part, ParseResults | list | tuple) and not isinstance(part, str | bytes):
        return tuple(shape(one, variable, found) for one in part)
    return part if not hasattr(part, "n3") else part.n3()


def parsed(name: str, variable: str, kind: str, value: str) -> tuple[Any, list[Any]]:
    found: list[Any] = []
    text = bind(named_query(name).text, {variable: term(kind, value)})
    return shape(parseQuery(text), variable, found), found


@cache
def ordinary(name: str, variable: str, kind: str) -> tuple[Any, int]:
    plain, found = parsed(name, variable, kind, ORDINARY[kind])
    return plain, len(found)


def flat(values: Any) -> list[Any]:
    if isinstance(values, CompValue):
        return [values["string"]]
    if isinstance(values, str):
        return [values]
    return [one for part in values for one in flat(part)]


HOSTILE = [
    '" } } ; DROP ALL #',
    "'''\"\"\"\n}",
    "\\u0022 } UNION { ?s ?p ?o } #",
    '\\" } SERVICE <http://evil.example/> { ?s ?p ?o }',
    "\r\n# comment\r\n}",
    "http://example.org/> } ?s ?p ?o . { <http://example.org/",
    "http://example.org/\\u003E",
    "5 } UNION { ?s ?p ?o",
    '2026-11-24" } #',
    "\u2028\u2029\x85\x0b\x0c",
    "@en",
    "^^<x>",
    "\\",
    "",
    " ",
    "?x",
    "UNDEF",
    "\x00",
    "\ufffe",
    "\U0001f600",
]


def _with_hostile(test: Any) -> Any:
    for place in (0, len(TAKING) // 2):
        for value in HOSTILE:
            test = example(asked=TAKING[place], value=value)(test)
    return test


@_with_hostile
@settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    asked=st.sampled_from(TAKING),
    value=st.one_of(
        st.text(),
        st.sampled_from(HOSTILE),
        st.text(alphabet="\\\"'{}<>#\n\r ?$.;^@u0123E", min_size=1),
        st.builds("http://example.org/{}".format, st.text()),
    ),
)
def test_no_value_of_a_parameter_changes_the_shape_of_a_query(asked: tuple[str, str, str], value: str) -> None:
    name, variable, kind = asked
    try:
        bound, found = parsed(name, variable, kind, value)
    except BadParameter:
        return  # a value that is none of this kind is refused
    plain, blocks = ordinary(name, variable, kind)
    assert bound == plain
    assert len(found) == blocks > 0
    for data in found:
        terms = flat(data)
        assert len(terms) == 1
        if kind == "integer":
            assert int(terms[0]) == int(value)
        else:
            assert str(terms[0]) == value


def test_the_shape_test_sees_a_query_whose_shape_did_change() -> None:
    name, variable, kind = next(one for one in TAKING if one[2] == "string")
    text = named_query(name).text.replace("UNDEF }", '"x" } ?evil ?p ?o .', 1)
    assert shape(parseQuery(text), variable, []) != ordinary(name, variable, kind)[0]


@pytest.mark.parametrize(
    ("kind", "value"), [("integer", "5.5"), ("integer", "9" * 5000), ("date", "tomorrow"), ("iri", "x y")]
)
def test_a_value_of_another_kind_is_refused(kind: str, value: str) -> None:
    with pytest.raises(BadParameter):
        term(kind, value)


def test_a_query_is_listed_with_what_it_takes_gives_and_costs(client: httpx.Client) -> None:
    listed = {one["name"]: one for one in client.get("/v1/queries").json()}
    assert set(listed) == {query.name for query in named_queries()}
    one = listed["browse/concepts"]
    assert one["parameters"] == {"text": "string"}
    assert one["takes"][0]["example"] == "waste"
    assert [column["name"] for column in one["columns"]] == ["concept", "label"]
    assert one["cost"].startswith("Reads every preferred label")
    assert client.get(one["address"], params={"text": "circular"}).json()["results"]["bindings"]


@pytest.mark.parametrize("form", ["turtle", "jsonld", "nt", "rdfxml"])
def test_the_queries_are_described_in_rdf(client: httpx.Client, form: str) -> None:
    answer = client.get("/v1/queries", params={"format": form})
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type == negotiation.NAMES[form]
    described = Store()
    described.load(answer.content, format=RdfFormat.from_media_type(media_type))
    rows = described.query(
        """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT ?name ?text { ?q a sh:SPARQLExecutable ; rdfs:label ?name ; rdfs:comment ?question .
          { ?q a sh:SPARQLSelectExecutable ; sh:select ?text }
          UNION { ?q a sh:SPARQLConstructExecutable ; sh:construct ?text } }"""
    )
    found = {row["name"].value: row["text"].value for row in rows}
    assert found == {query.name: query.text for query in named_queries()}


@pytest.mark.parametrize("media_type", negotiation.TABLES)
def test_a_table_comes_in_every_format_of_results(client: httpx.Client, media_type: str) -> None:
    answer = client.get("/v1/queries/browse/dataset", headers={"Accept": media_type})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert "mastery-graph" in answer.text


@pytest.mark.parametrize("media_type", negotiation.GRAPHS)
def test_a_graph_comes_in_every_format_of_rdf(client: httpx.Client, media_type: str) -> None:
    vision = "https://w3id.org/mastery-graph/id/vision/V1"
    answer = client.get("/v1/queries/browse/resource", params={"resource": vision}, headers={"Accept": media_type})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert "understandable micro-credentials" in answer.text


def test_a_parameter_given_twice_takes_either_value(client: httpx.Client) -> None:
    asked = "/v1/queries/browse/green-skills?code=GS01&code=GS02&format=csv"
    codes = {line.split(",")[1] for line in client.get(asked).text.splitlines()[1:]}
    assert codes == {"GS01", "GS02"}


def test_what_a_query_does_not_take_or_give_is_refused(client: httpx.Client) -> None:
    assert client.get("/v1/queries/browse/dataset?surprise=1").status_code == 400
    assert client.get("/v1/queries/browse/dataset", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/v1/queries/none").status_code == 404
