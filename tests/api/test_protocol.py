"""The SPARQL protocol, errors as problem details, negotiation and headers."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from starlette.requests import Request

from mastery_api.negotiation import GRAPHS, NAMES
from mastery_api.sparql.protocol import SparqlRequest, parse_request
from mastery_graph.errors import MasteryError
from tests.conftest import DESCRIPTION
from tests.store.servers import ENDLESS

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}
LEVEL = "http://data.europa.eu/snb/eqf/5"
PREFIXED = "PREFIX ex: <http://example.org/> "


@pytest.mark.parametrize(
    ("method", "arguments", "status", "slug"),
    [
        ("GET", {"params": {"query": "SELECT *"}}, 400, "bad-query"),
        ("GET", {"params": {"query": "DROP ALL"}}, 405, "method-refused"),
        ("GET", {"params": {"update": "DROP ALL"}}, 405, "method-refused"),
        ("POST", {"data": {"query": "DROP ALL"}}, 400, "bad-query"),
        *(
            ("GET", {"params": {"query": "ASK {}", f"{kind}-graph-uri": graph}}, 400, "bad-parameter")
            for kind in ("default", "named")
            for graph in ("graph", "", "http://a b")
        ),
        ("POST", {"data": {"update": "CLEAR ALL", "using-graph-uri": "graph"}}, 400, "bad-parameter"),
        ("POST", {"data": {"update": "DROP ALL"}}, 403, "writing-is-off"),
        ("POST", {"data": {"query": ["ASK {}", "ASK {}"]}}, 400, "bad-parameter"),
        ("POST", {"data": {"query": "ASK {}", "update": "DROP ALL"}}, 400, "bad-parameter"),
        ("POST", {"content": "query=%FF", "headers": FORM}, 400, "bad-parameter"),
        ("POST", {"content": "&".join("a=" for _ in range(1001)), "headers": FORM}, 400, "bad-parameter"),
        ("POST", {"content": b"x" * 1_000_001, "headers": QUERY}, 413, "document-too-large"),
        ("POST", {"content": b"\xff", "headers": QUERY}, 400, "bad-parameter"),
        (
            "POST",
            {"content": "ASK {}", "headers": {"Content-Type": "application/sparql-query; charset=UTF-16"}},
            415,
            "unsupported-format",
        ),
        ("GET", {"params": {"query": "ASK {}", "format": "png"}}, 406, "not-acceptable"),
        (
            "POST",
            {"content": "DROP ALL", "headers": {"Content-Type": "application/sparql-update"}},
            403,
            "writing-is-off",
        ),
        ("POST", {"content": "x", "headers": {"Content-Type": "application/json"}}, 415, "unsupported-format"),
        ("POST", {"data": {"other": "x"}}, 400, "bad-parameter"),
        ("DELETE", {}, 405, "method-refused"),
        ("GET", {"params": {"query": "ASK {}"}, "headers": {"Accept": "image/png"}}, 406, "not-acceptable"),
        ("GET", {"params": {"query": "SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }"}}, 400, "bad-query"),
        ("GET", {"params": {"query": ENDLESS}}, 503, "query-timeout"),
    ],
)
def test_what_the_endpoint_refuses_is_a_problem(
    client: httpx.Client, method: str, arguments: dict[str, object], status: int, slug: str
) -> None:
    answer = client.request(method, "/sparql", **arguments)  # type: ignore[arg-type]  # keyword arguments of a request
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"https://w3id.org/mastery-graph/problem/{slug}"
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/v1/equivalence/levels?level=EQF%209", 404, "unknown-level"),
        ("/v1/equivalence/levels", 422, "bad-parameter"),
        ("/v1/skills/none", 404, "unknown-resource"),
        ("/v1/queries/none", 404, "unknown-query"),
        ("/v1/queries/equivalence/levels?surprise=1", 400, "bad-parameter"),
        ("/id/none", 404, "unknown-resource"),
    ],
)
def test_every_error_is_a_problem_with_a_stable_type(client: httpx.Client, path: str, status: int, slug: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, slug)


def test_a_document_that_cannot_be_read_is_refused_in_words(client: httpx.Client) -> None:
    answer = client.post("/v1/validation", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "line 1" in answer.json()["detail"]


@pytest.mark.parametrize(
    "hidden",
    [
        "SELECT * { ?s ex:a\\#b ?o . SERVICE <http://a.example/> { } }",
        "SELECT * { ?s ex:a\\'b ?o . SERVICE <http://a.example/> { } } # '",
        "SELECT * { ?s ?p '\\\\u0027' . SERVICE <http://a.example/> { } }",
        "SELECT * { \\u0053ERVICE <http://a.example/> { } }",
    ],
)
def test_another_server_is_not_asked_however_the_query_is_written(client: httpx.Client, hidden: str) -> None:
    answer = client.get("/sparql", params={"query": PREFIXED + hidden})
    assert (answer.status_code, "SERVICE" in answer.json()["detail"]) == (400, True)


def test_a_query_that_does_not_parse_says_where(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT *\nWHERE { ?s ?p }"}).json()
    assert (answer["line"], answer["column"]) == (2, 16)


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("text/csv;q=0.5, application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/*;q=0.1, text/csv;q=0.9", "text/csv"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/json"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
    ],
)
def test_a_table_comes_as_the_client_wants_it_most(client: httpx.Client, accept: str, answered: str) -> None:
    for query in ("SELECT (1 AS ?n) {}", "ASK {}"):
        answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == answered
        assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("name", ["turtle", "nt", "jsonld", "rdfxml", "nq", "trig"])
@pytest.mark.parametrize("query", ["CONSTRUCT { <a> <b> ?s } WHERE { ?s ?p ?o } LIMIT 1", f"DESCRIBE <{LEVEL}>"])
def test_a_graph_comes_in_each_format_by_its_short_name(client: httpx.Client, name: str, query: str) -> None:
    answer = client.get("/sparql", params={"query": query, "format": name}, headers={"Accept": "text/csv"})
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type == NAMES[name]
    assert len(list(parse(answer.content, format=GRAPHS[media_type]))) >= 1


def test_addresses_in_a_query_are_relative_to_the_endpoint(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT (<a> AS ?a) {}"}, headers={"Accept": "text/csv"})
    assert answer.text.splitlines()[1] == client.base_url.join("/a")


def test_the_parameters_of_a_form_are_read_beside_those_of_the_address(client: httpx.Client) -> None:
    graph = "https://w3id.org/mastery-graph/graph/policy"
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    answers = [
        client.post("/sparql", params={"default-graph-uri": graph}, data={"query": query, "format": "csv"}),
        client.post("/sparql", params={"default-graph-uri": graph, "format": "csv"}, content=query, headers=QUERY),
        client.get("/sparql", params={"default-graph-uri": graph, "query": query, "format": "csv"}),
        client.get(
            "/sparql", params={"query": f"SELECT (COUNT(*) AS ?n) FROM <{graph}> {{ ?s ?p ?o }}", "format": "csv"}
        ),
    ]
    everything = client.get("/sparql", params={"query": query, "format": "csv"})
    assert len({answer.text for answer in answers}) == 1
    assert int(everything.text.split()[1]) > int(answers[0].text.split()[1]) > 100


def test_a_result_that_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    asked = {"query": "SELECT * { ?s ?p ?o } LIMIT 3"}
    first = client.get("/sparql", params=asked)
    again = client.get("/sparql", params=asked, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = client.get("/sparql", params=asked, headers={"If-None-Match": first.headers["etag"], "Accept": "text/csv"})
    assert (other.status_code, other.headers["etag"] == first.headers["etag"]) == (200, False)
    assert "etag" not in client.get("/sparql", params={"query": "SELECT (NOW() AS ?now) {}"}).headers


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_results_are_compressed_as_the_client_wants(client: httpx.Client, encoding: str) -> None:
    asked = {"query": "SELECT * { ?s ?p ?o } LIMIT 300", "format": "csv"}
    plain = client.get("/sparql", params=asked, headers={"Accept-Encoding": "identity"})
    packed = client.get("/sparql", params=asked, headers={"Accept-Encoding": encoding})
    assert (packed.headers["content-encoding"], packed.text) == (encoding, plain.text)
    assert "Accept-Encoding" in packed.headers["vary"]


def test_a_result_that_is_compressed_leaves_the_next_as_it_is(client: httpx.Client) -> None:
    changing = {"query": "SELECT ?s ?p ?o (NOW() AS ?now) { ?s ?p ?o }", "format": "csv"}
    for _ in range(2):
        packed = client.get("/sparql", params=changing, headers={"Accept-Encoding": "gzip"})
        assert (packed.headers["content-encoding"], packed.text[:9]) == ("gzip", "s,p,o,now")
    plain = client.get("/sparql", params={"query": "ASK {}", "format": "csv"}, headers={"Accept-Encoding": "identity"})
    assert (plain.text, "content-encoding" in plain.headers) == ("true", False)


def test_a_page_of_another_site_may_ask(client: httpx.Client) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    allowed = client.options("/sparql", headers={**asked, "Access-Control-Request-Headers": "content-type"})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-headers"] == "content-type"
    for query in ("ASK {}", "ASK {"):
        answer = client.get("/sparql", params={"query": query}, headers={"Origin": "https://a.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("encoding", ["identity", "gzip", None])
@pytest.mark.parametrize("path", ["/sparql?query=ASK+{}", "/sparql?query=ASK+{", "/sparql", "/v1/skills/GS01", "/none"])
def test_every_response_says_who_may_read_it_and_what_it_varies_by(
    client: httpx.Client, path: str, encoding: str | None
) -> None:
    client.headers.pop("accept-encoding", None)
    answer = client.get(path, headers={"Accept-Encoding": encoding} if encoding else {})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src" in answer.headers["content-security-policy"]
    assert "x-request-id" in answer.headers
    if encoding is None:
        assert "Accept-Encoding" in answer.headers["vary"]


def _read(method: str, sent: bytes) -> SparqlRequest | str:
    """What is read from parameters, in the address or as a form, or what is wrong with them."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent if method == "POST" else b""}

    scope = {
        "type": "http",
        "method": method,
        "path": "/sparql",
        "server": ("a.example", 80),
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
        "query_string": sent if method == "GET" else b"",
    }
    try:
        return asyncio.run(parse_request(Request(scope, receive), 1000, lambda: None))
    except MasteryError as error:
        return error.detail


_SENT = st.lists(
    st.tuples(st.sampled_from(["query", "format", "named-graph-uri", "ä"]), st.text(max_size=8)), max_size=4
)


@given(_SENT.map(lambda pairs: urlencode(pairs, errors="replace").encode()))
@example(b"format=a#b&format=c")
@example(b"format=%FF")
@example(b"%FF=a")
@example(b"format=%EF%BF%BD")
@example("format=ä".encode())
@example(b"format")
@example(b"&&=b&format=c=d+%2")
@example(b"&" * 1000)
def test_parameters_of_an_address_are_read_as_those_of_a_form(sent: bytes) -> None:
    asked = b"query=ASK+%7B%7D&" + sent
    assert _read("GET", asked) == _read("POST", asked)


def test_options_and_head_tell_what_there_is(client: httpx.Client) -> None:
    assert client.options("/sparql").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.request("DELETE", "/sparql").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    asked = {"query": "SELECT * { ?s ?p ?o } LIMIT 3"}
    plain = {"Accept-Encoding": "identity"}
    got, headed = (client.request(method, "/sparql", params=asked, headers=plain) for method in ("GET", "HEAD"))
    assert (headed.status_code, headed.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert headed.headers[name] == got.headers[name]
    assert client.head("/sparql", params={"query": "ASK {"}).status_code == 400


def test_a_service_description_is_given_on_a_bare_request_for_rdf(client: httpx.Client) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    described = {(str(quad.predicate.value), str(quad.object)) for quad in parse(answer.content, RdfFormat.TURTLE)}
    sd, void = "http://www.w3.org/ns/sparql-service-description#", "http://rdfs.org/ns/void#"
    assert (f"{sd}endpoint", f"<{client.base_url.join('/sparql')}>") in described
    assert (f"{sd}supportedLanguage", f"<{sd}SPARQL11Query>") in described
    assert (f"{sd}supportedLanguage", f"<{sd}SPARQL11Update>") not in described
    assert (f"{sd}name", "<https://w3id.org/mastery-graph/graph/policy>") in described
    assert sum(predicate == f"{void}triples" for predicate, _ in described) > 5


@pytest.mark.parametrize("path", ["/", "/sparql", "/ns", "/id/vision/V1", "/v1/equivalence/levels?level=EQF%205"])
def test_a_browser_gets_a_page_without_inline_script_or_foreign_address(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert re.findall(r'<script(?! type="module" src="/static/built/[^"]+"></script>)', answer.text) == []
    assert 'src="http' not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("accept", ["application/json", "application/ld+json", "text/html", "text/plain"])
def test_an_answer_has_four_faces(client: httpx.Client, accept: str) -> None:
    answer = client.get(
        "/v1/equivalence/levels", params={"level": "EQF 5", "country": "FIN"}, headers={"Accept": accept}
    )
    assert answer.headers["content-type"].partition(";")[0] == accept
    verdicts = re.findall(r"(?:not-)?comparable\b", answer.text)
    assert "comparable" in verdicts
    assert "not-comparable" not in verdicts
    assert "not a decision" in answer.text


def test_linked_data_is_given_in_the_format_asked_for(client: httpx.Client) -> None:
    answer = client.get("/id/vision/V1", headers={"Accept": "text/turtle"})
    assert "Measurable, comparable and understandable micro-credentials" in answer.text


def test_the_green_skills_are_marked_provisional(client: httpx.Client) -> None:
    answer = client.get("/v1/skills").json()
    assert answer["provisional"] is True
    assert "not public" in answer["note"]
    first = answer["skills"][0]
    assert set(first["names"]) == {"en", "it", "es", "bg", "fi"}
    assert client.get(f"/v1/skills/{first['code']}").json()["skills"][0]["mappings"]


@pytest.mark.parametrize("face", ["html", "text", "json", "jsonld"])
def test_every_face_that_shows_green_skills_says_that_they_are_provisional(client: httpx.Client, face: str) -> None:
    skill = client.get("/v1/skills").json()["skills"][0]["uri"]
    answer = client.get("/v1/equivalence/skills", params={"skill": skill, "format": face})
    assert "working set" in answer.text
    assert "working set" in client.get("/").text
    path = skill.removeprefix("https://w3id.org/mastery-graph")
    assert "working set" in client.get(path, headers={"Accept": "text/html"}).text


def test_knowledge_is_listed(client: httpx.Client) -> None:
    assert [one["label"] for one in client.get("/v1/frameworks/FIN").json()]
    assert len(client.get("/v1/frameworks").json()) == 44
    assert [one["code"] for one in client.get("/v1/visions").json()] == [f"V{n}" for n in range(1, 9)]
    assert client.get("/v1/visions/V2").json()["properties"]["inStage"] == ["Design"]
    assert client.get("/v1/concepts", params={"q": "Circular"}).json()
    assert client.get("/v1/mappings").json()["mappings"]
    assert client.get("/v1/mappings?format=tsv").text.startswith("#mapping_set_id")


WITHOUT_ROWS = {
    "description/entry-requirements",
    "description/own-graphs",
    "description/signatures",
    "equivalence/denied-mappings",
    "equivalence/hierarchy-links",
    "equivalence/known-concepts",
    "equivalence/replacement-links",
    "esco/concepts-by-type",
    "esco/languages",
    "esco/relations",
    "esco/standings",
    "evidence/statements-of-description",
    "recognition/statements",
    "validation/elm-shapes",
    "validation/esco-concepts",
}
"""What returns nothing with its own example over the graph as it ships: it asks for what a user loads."""


def test_every_named_query_can_be_run_with_its_own_examples(client: httpx.Client) -> None:
    from mastery_graph.queries import named_queries

    empty = set()
    for query in named_queries():
        parameters = {parameter.name: parameter.example for parameter in query.parameters}
        answer = client.get(f"/v1/queries/{query.name}", params=parameters | {"format": "csv"})
        if "\nCONSTRUCT" in query.text:
            answer = client.get(f"/v1/queries/{query.name}", params=parameters | {"format": "nt"})
        assert answer.status_code == 200, (query.name, answer.text)
        assert query.question.endswith("?")
        assert query.cost
        if "\nCONSTRUCT" in query.text:
            rows = answer.text.splitlines()
        else:
            header, *rows = answer.text.splitlines()
            assert header.split(",") == [column.name for column in query.columns], query.name
        if not rows:
            empty.add(query.name)
    assert empty == WITHOUT_ROWS


def test_health(client: httpx.Client) -> None:
    assert client.get("/health/live").json()["status"] == "up"
    assert client.get("/health/ready").json()["dataset"]["content_hash"]


def test_an_example_of_a_question_is_in_the_contract(client: httpx.Client) -> None:
    contract = client.get("/openapi.json").json()
    assert DESCRIPTION in json.dumps(contract["components"]["schemas"]["StackQuestion"])


def test_no_request_breaks_the_server(client: httpx.Client) -> None:
    contract = schemathesis.openapi.from_url(str(client.base_url.join("/openapi.json")))
    tried = 0
    for result in contract.get_all_operations():
        operation = result.ok()

        @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            answer = case.call()
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0] == "application/problem+json"

        ask()
        tried += 1
    methods = [method for path in contract.raw_schema["paths"].values() for method in path]
    assert tried == len(methods) > 15
