"""The Reconciliation Service API against its published schemas and examples, 0.2 and the draft of 1.0, in a session."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from tests.store import servers

SUITES = Path(__file__).resolve().parents[3] / "shared" / "suites"
OLD, NEW = SUITES / "reconciliation-0.2", SUITES / "reconciliation-1.0-draft"
ROOTS = {OLD: "/reconcile", NEW: "/reconcile/1.0-draft"}
SKILL = "http://data.europa.eu/esco/model#Skill"
COLUMN = ["conduct energy audit", "Show initiative", "monitring composting", "blah blah blah"]

pytestmark = pytest.mark.skipif(not OLD.is_dir(), reason="the published suites (../shared/suites) are not beside this")


@pytest.fixture(scope="module")
def service(with_esco: Path) -> Iterator[httpx.Client]:
    with servers.mastery_graph(with_esco) as serving, serving.client() as client:
        yield client


def validator(suite: Path, name: str) -> Draft7Validator:
    def retrieve(uri: str) -> Resource[Any]:
        file = "openapi.json" if "swagger.io" in uri else uri.rpartition("/")[2]
        content = json.loads((suite / "schemas" / file).read_text(encoding="utf-8"))
        return Resource(content, DRAFT7)

    schema = json.loads((suite / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return Draft7Validator(schema, registry=Registry(retrieve=retrieve))  # type: ignore[call-arg]


def valid(suite: Path, name: str, content: Any) -> Any:
    validator(suite, name).validate(content)
    return content


def examples(suite: Path, name: str, kind: str) -> list[Path]:
    return sorted((suite / "examples" / name / kind).glob("*.json"))


def published(kind: str) -> list[Any]:
    return [
        pytest.param(suite, name, file, id=f"{suite.name}-{name}-{file.stem}")
        for suite in (OLD, NEW)
        for name in ("reconciliation-query-batch", "data-extension-query")
        for file in examples(suite, name, kind)
    ]


def send(service: httpx.Client, suite: Path, name: str, content: Any) -> Any:
    if suite == OLD:
        key = "queries" if name == "reconciliation-query-batch" else "extend"
        return service.post("/reconcile", data={key: json.dumps(content)})
    path = "match" if name == "reconciliation-query-batch" else "extend"
    return service.post(f"{ROOTS[suite]}/{path}", json=content)


@pytest.mark.parametrize("suite", [OLD, NEW], ids=["0.2", "1.0-draft"])
def test_the_manifest_is_valid(service: httpx.Client, suite: Path) -> None:
    manifest = valid(suite, "manifest", service.get(ROOTS[suite]).json())
    assert manifest["defaultTypes"][0]["id"] == SKILL


@pytest.mark.parametrize(("suite", "name", "file"), published("valid"))
def test_every_published_query_is_answered_in_a_valid_form(
    service: httpx.Client, suite: Path, name: str, file: Path
) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    answer = send(service, suite, name, content)
    assert answer.status_code == 200, answer.text
    form = "reconciliation-result-batch" if name == "reconciliation-query-batch" else "data-extension-response"
    given = valid(suite, form, answer.json())
    if name == "reconciliation-query-batch" and suite == OLD:
        assert given.keys() == content.keys()
    elif name == "reconciliation-query-batch":
        assert len(given["results"]) == len(content["queries"])


@pytest.mark.parametrize(("suite", "name", "file"), published("invalid"))
def test_every_published_invalid_query_is_refused(service: httpx.Client, suite: Path, name: str, file: Path) -> None:
    answer = send(service, suite, name, json.loads(file.read_text(encoding="utf-8")))
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("suite", [OLD, NEW], ids=["0.2", "1.0-draft"])
@pytest.mark.parametrize(
    "name",
    [
        "manifest",
        "reconciliation-result-batch",
        "data-extension-response",
        "data-extension-property-proposal",
        "suggest-entities-response",
        "suggest-properties-response",
        "suggest-types-response",
    ],
)
def test_the_schemas_tell_the_published_examples_apart(suite: Path, name: str) -> None:
    judge = validator(suite, name)
    assert [*examples(suite, name, "valid"), *examples(suite, name, "invalid")]
    for file in examples(suite, name, "valid"):
        assert judge.is_valid(json.loads(file.read_text(encoding="utf-8"))), file
    for file in examples(suite, name, "invalid"):
        assert not judge.is_valid(json.loads(file.read_text(encoding="utf-8"))), file


def test_a_session_of_0_2_from_the_manifest_to_the_extended_column(service: httpx.Client) -> None:
    manifest = service.get("/reconcile").json()
    queries = {f"q{place}": {"query": text, "type": SKILL, "limit": 3} for place, text in enumerate(COLUMN)}
    answer = service.post("/reconcile", data={"queries": json.dumps(queries)}).json()
    matched = [answer[name]["result"] for name in queries]
    check_column(matched)
    suggest = manifest["suggest"]["entity"]
    found = service.get(suggest["service_url"] + suggest["service_path"], params={"prefix": "monitor comp"}).json()
    chosen = valid(OLD, "suggest-entities-response", found)["result"][0]
    assert chosen["name"] == "monitor composting"
    flyout = suggest["flyout_service_url"] + suggest["flyout_service_path"].replace("${id}", chosen["id"])
    assert "monitor composting" in service.get(flyout).json()["html"]
    shown = service.get(manifest["preview"]["url"].replace("{{id}}", chosen["id"]))
    assert "monitor composting" in shown.text
    assert "frame-ancestors *" in shown.headers["content-security-policy"]
    propose = manifest["extend"]["propose_properties"]
    offered = service.get(propose["service_url"] + propose["service_path"], params={"type": SKILL}).json()
    valid(OLD, "data-extension-property-proposal", offered)
    ids = [matched[0][0]["id"], chosen["id"]]
    wanted = {"ids": ids, "properties": [{"id": "broader"}, {"id": "alternative", "settings": {"limit": "2"}}]}
    extended = service.post("/reconcile", data={"extend": json.dumps(wanted)}).json()
    valid(OLD, "data-extension-response", extended)
    assert list(extended["rows"]) == ids
    assert extended["rows"][ids[0]]["broader"][0]["name"]
    assert len(extended["rows"][ids[0]]["alternative"]) == 2


def test_a_session_of_the_draft_of_1_0(service: httpx.Client) -> None:
    root = "/reconcile/1.0-draft"
    queries = [
        {"type": SKILL, "limit": 3, "conditions": [{"matchType": "name", "propertyValue": text}]} for text in COLUMN
    ]
    answer = service.post(f"{root}/match", json={"queries": queries}).json()
    matched = [each["candidates"] for each in answer["results"]]
    check_column(matched)
    found = service.get(f"{root}/suggest/entity", params={"prefix": "monitor comp"}).json()
    chosen = valid(NEW, "suggest-entities-response", found)["result"][0]
    assert "monitor composting" in service.get(f"{root}/preview", params={"id": chosen["id"]}).text
    valid(NEW, "data-extension-property-proposal", service.get(f"{root}/extend/propose").json())
    wanted = {"ids": [chosen["id"]], "properties": [{"id": "framework"}]}
    extended = valid(NEW, "data-extension-response", service.post(f"{root}/extend", json=wanted).json())
    assert extended["rows"][0]["properties"][0]["values"]


def check_column(matched: list[list[dict[str, Any]]]) -> None:
    exact, written_otherwise, misspelt, nonsense = matched
    assert (exact[0]["score"], exact[0]["match"]) == (100, True)
    assert (written_otherwise[0]["score"], written_otherwise[0]["match"]) == (100, True)
    assert misspelt[0]["name"] == "monitor composting"
    assert misspelt[0]["score"] < 100
    assert not misspelt[0]["match"]
    assert nonsense == []
    assert all(sum(each["match"] for each in candidates) <= 1 for candidates in matched)
    assert all(each["features"] for candidates in matched for each in candidates)


def test_a_condition_that_is_required_leaves_the_others_out(service: httpx.Client) -> None:
    scheme = "http://data.europa.eu/esco/concept-scheme/skills"
    condition = {"matchType": "property", "propertyId": "framework", "propertyValue": scheme, "required": True}
    name = {"matchType": "name", "propertyValue": "prevent and manage waste"}
    free, bound = service.post(
        "/reconcile/1.0-draft/match", json={"queries": [{"conditions": [name]}, {"conditions": [name, condition]}]}
    ).json()["results"]
    assert free["candidates"][0]["name"] == "Prevent and manage waste"
    assert all("green-skill" not in each["id"] for each in bound["candidates"])


def test_a_concept_is_found_by_its_identifier_or_its_code(service: httpx.Client) -> None:
    queries = {
        "code": {"properties": [{"pid": "code", "v": "S1.2"}]},
        "none": {"properties": [{"pid": "code", "v": "nowhere"}]},
    }
    answer = service.get("/reconcile", params={"queries": json.dumps(queries)}).json()
    assert [each["score"] for each in answer["code"]["result"]] == [100]
    assert answer["none"]["result"] == []
    uri = answer["code"]["result"][0]["id"]
    condition = {"matchType": "id", "propertyValue": uri}
    found = service.post("/reconcile/1.0-draft/match", json={"queries": [{"conditions": [condition]}]}).json()
    assert [each["id"] for each in found["results"][0]["candidates"]] == [uri]


@pytest.mark.parametrize("kind", ["property", "type"])
@pytest.mark.parametrize("suite", [OLD, NEW], ids=["0.2", "1.0-draft"])
def test_properties_and_types_are_suggested(service: httpx.Client, suite: Path, kind: str) -> None:
    answer = service.get(f"{ROOTS[suite]}/suggest/{kind}", params={"prefix": "e" if kind == "type" else "b"}).json()
    name = "suggest-types-response" if kind == "type" else "suggest-properties-response"
    assert valid(suite, name, answer)["result"]
    shown = service.get(f"/reconcile/flyout/{kind}", params={"id": answer["result"][0]["id"]})
    assert answer["result"][0]["name"] in shown.json()["html"]


def test_a_callback_is_answered_as_jsonp_and_nothing_else_is_run(service: httpx.Client) -> None:
    answer = service.get("/reconcile", params={"callback": "jsonp123"})
    assert answer.headers["content-type"].startswith("application/javascript")
    assert answer.text.startswith("/**/jsonp123({")
    assert service.get("/reconcile", params={"callback": "alert(1)//"}).status_code == 400


def test_pages_of_other_origins_may_ask(service: httpx.Client) -> None:
    asking = {"Origin": "https://refine.example", "Access-Control-Request-Method": "POST"}
    for path in ("/reconcile", "/reconcile/1.0-draft/match"):
        assert service.options(path, headers=asking).headers["access-control-allow-origin"] == "*"
    shown = service.get("/reconcile/suggest/type", headers={"Origin": "https://refine.example"})
    assert shown.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"queries": "{"}, 400),
        ({}, 400),
        ({"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(51)})}, 413),
        ({"extend": json.dumps({"ids": ["x"], "properties": [{"id": "label", "settings": {"limit": "many"}}]})}, 400),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(
    service: httpx.Client, data: dict[str, str], status: int
) -> None:
    answer = service.post("/reconcile", data=data)
    assert answer.status_code == status
    assert answer.json()["detail"]
