"""The SPARQL protocol, errors as problem details, negotiation and headers."""

import json
import re
from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from mastery_api.app import create_app
from mastery_graph.build.pipeline import BuildReport
from mastery_graph.settings import Settings
from tests.conftest import DESCRIPTION

ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE {" + "".join(f"?a{i} ?b{i} ?c{i} . " for i in range(20)) + "}"


@pytest.mark.parametrize(
    ("method", "arguments", "status", "slug"),
    [
        ("GET", {"params": {"query": "SELECT *"}}, 400, "bad-query"),
        ("GET", {"params": {"query": "DROP ALL"}}, 405, "method-refused"),
        ("POST", {"data": {"update": "DROP ALL"}}, 405, "method-refused"),
        (
            "POST",
            {"content": "DROP ALL", "headers": {"Content-Type": "application/sparql-update"}},
            405,
            "method-refused",
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
    client: TestClient, method: str, arguments: dict[str, object], status: int, slug: str
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
def test_every_error_is_a_problem_with_a_stable_type(client: TestClient, path: str, status: int, slug: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, slug)


def test_a_document_that_cannot_be_read_is_refused_in_words(client: TestClient) -> None:
    answer = client.post("/v1/validation", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "line 1" in answer.json()["detail"]


def test_a_service_description_is_given_on_a_bare_request_for_rdf(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    assert "sparql-service-description#Service" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/sparql", "/ns", "/id/vision/V1", "/v1/equivalence/levels?level=EQF%205"]
)
def test_a_browser_gets_a_page_without_inline_script_or_foreign_address(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert re.findall(r'<script(?! type="module" src="/static/built/[^"]+"></script>)', answer.text) == []
    assert 'src="http' not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("accept", ["application/json", "application/ld+json", "text/html", "text/plain"])
def test_an_answer_has_four_faces(client: TestClient, accept: str) -> None:
    answer = client.get(
        "/v1/equivalence/levels", params={"level": "EQF 5", "country": "FIN"}, headers={"Accept": accept}
    )
    assert answer.headers["content-type"].partition(";")[0] == accept
    assert "comparable" in answer.text
    assert "not a decision" in answer.text


def test_linked_data_is_given_in_the_format_asked_for(client: TestClient) -> None:
    answer = client.get("/id/vision/V1", headers={"Accept": "text/turtle"})
    assert "Measurable, comparable and understandable micro-credentials" in answer.text


def test_the_green_skills_are_marked_provisional(client: TestClient) -> None:
    answer = client.get("/v1/skills").json()
    assert answer["provisional"] is True
    assert "not public" in answer["note"]
    first = answer["skills"][0]
    assert set(first["names"]) == {"en", "it", "es", "bg", "fi"}
    assert client.get(f"/v1/skills/{first['code']}").json()["skills"][0]["mappings"]


@pytest.mark.parametrize("face", ["html", "text", "json", "jsonld"])
def test_every_face_that_shows_green_skills_says_that_they_are_provisional(client: TestClient, face: str) -> None:
    skill = client.get("/v1/skills").json()["skills"][0]["uri"]
    answer = client.get("/v1/equivalence/skills", params={"skill": skill, "format": face})
    assert "working set" in answer.text
    assert "working set" in client.get("/").text
    path = skill.removeprefix("https://w3id.org/mastery-graph")
    assert "working set" in client.get(path, headers={"Accept": "text/html"}).text


def test_knowledge_is_listed(client: TestClient) -> None:
    assert [one["label"] for one in client.get("/v1/frameworks/FIN").json()]
    assert len(client.get("/v1/frameworks").json()) == 44
    assert [one["code"] for one in client.get("/v1/visions").json()] == [f"V{n}" for n in range(1, 9)]
    assert client.get("/v1/visions/V2").json()["properties"]["inStage"] == ["Design"]
    assert client.get("/v1/concepts", params={"q": "Circular"}).json()
    assert client.get("/v1/mappings").json()["mappings"]
    assert client.get("/v1/mappings?format=tsv").text.startswith("subject_id\t")


def test_every_named_query_can_be_run_with_its_own_examples(client: TestClient) -> None:
    from mastery_graph.queries import named_queries

    for query in named_queries():
        parameters = {parameter.name: parameter.example for parameter in query.parameters}
        answer = client.get(f"/v1/queries/{query.name}", params=parameters)
        assert answer.status_code == 200, (query.name, answer.text)
        assert query.question.endswith("?")
        assert query.cost


def test_health(client: TestClient) -> None:
    assert client.get("/health/live").json()["status"] == "up"
    assert client.get("/health/ready").json()["dataset"]["content_hash"]


def test_an_example_of_a_question_is_in_the_contract(client: TestClient) -> None:
    contract = client.get("/openapi.json").json()
    assert DESCRIPTION in json.dumps(contract["components"]["schemas"]["StackQuestion"])


def test_no_request_breaks_the_server(built: tuple[Path, BuildReport]) -> None:
    app = create_app(Settings(store=built[0], query_seconds=5))
    contract = schemathesis.openapi.from_asgi("/openapi.json", app)
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
    assert tried > 15
