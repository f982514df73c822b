"""The questions over HTTP: policies, pathways, comparison, profile, coverage."""

import csv
import io
import re
from pathlib import Path

import httpx
import pytest

from mastery_graph.languages import translation
from mastery_graph.questions.stackability.policy import StackPolicy
from tests.conftest import DESCRIPTION
from tests.html_tables import rows

TECHNICIAN = DESCRIPTION + "green-site-technician-irl"
PAIR = [DESCRIPTION + "waste-on-site-ita", DESCRIPTION + "waste-management-irl"]


def test_every_figure_of_the_policy_is_listed_with_its_default_and_documented(client: httpx.Client) -> None:
    told = client.get("/v1/policies").json()
    names = set(StackPolicy.model_fields) - {"preset", "on"}
    assert {figure["name"] for figure in told["defaults"]} == names
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "policies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == names | {"preset", "on"}


def test_each_pilot_country_has_a_preset_whose_figures_cite_a_policy_in_the_graph(client: httpx.Client) -> None:
    presets = client.get("/v1/policies").json()["presets"]
    assert {preset["name"] for preset in presets} == {"BGR", "ESP", "FIN", "ITA"}
    for preset in presets:
        assert preset["policy"].rpartition("/")[2] == preset["name"]
        query = f"ASK {{ <{preset['policy']}> a <https://w3id.org/mastery-graph/ns#NationalPolicy> }}"
        assert client.get("/sparql", params={"query": query}).json()["boolean"]
        assert all(figure["citation"] for figure in preset["figures"].values())


@pytest.mark.parametrize("how", ["body", "address"])
def test_a_suggestion_says_why_where_that_is_asked(client: httpx.Client, how: str) -> None:
    question = {"credentials": [PAIR[1]], "target": TECHNICIAN} | ({"explain": True} if how == "body" else {})
    params = {"explain": "true"} if how == "address" else {}
    best = client.post("/v1/stackability", json=question, params=params).json()["suggestions"][0]
    assert [step["title"] for step in best["steps"]] == ["Energy audits", "Waste prevention on site"]
    assert best["why"]
    silent = client.post("/v1/stackability", json={"credentials": [PAIR[1]], "target": TECHNICIAN}).json()
    assert not silent["suggestions"][0]["why"]


def test_a_figure_that_does_not_exist_is_a_problem(client: httpx.Client) -> None:
    question = {"credentials": [PAIR[1]], "target": TECHNICIAN, "policy": {"treshold": 1}}
    answer = client.post("/v1/stackability", json=question)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "treshold" in answer.json()["detail"]


def test_recognition_is_for_employment_where_no_purpose_is_stated(client: httpx.Client) -> None:
    question = {"credential": PAIR[0], "country": "FIN", "on": "2026-06-01"}
    purposes = {
        purpose: client.post("/v1/recognition", json=question | ({"purpose": purpose} if purpose else {})).json()
        for purpose in (None, "academic", "training", "employment")
    }
    assert [purposes[purpose]["purpose"] for purpose in purposes] == [
        "employment",
        "academic",
        "training",
        "employment",
    ]
    assert purposes[None]["criteria"] == purposes["employment"]["criteria"] != purposes["academic"]["criteria"]


def test_two_descriptions_stand_side_by_side(client: httpx.Client) -> None:
    answer = client.post("/v1/compare", json={"descriptions": PAIR}).json()
    assert answer["verdict"] == "different"
    assert [aspect["aspect"] for aspect in answer["aspects"]][:2] == ["Level", "Workload"]
    refused = client.post("/v1/compare", json={"descriptions": PAIR[:1]})
    assert refused.status_code == 422


def test_a_profile_and_a_coverage_come_as_a_table_too(client: httpx.Client) -> None:
    for path, body in (("profile", {"credentials": PAIR}), ("coverage", {"descriptions": PAIR})):
        answer = client.post(f"/v1/{path}", json=body, headers={"Accept": "text/csv"})
        assert "GS02" in {row["code"] for row in csv.DictReader(io.StringIO(answer.text))}


def test_a_document_is_kept_as_its_hash_only(client: httpx.Client) -> None:
    context = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
    outcome = {"type": "LearningOutcome", "title": {"en": "Somebody's own words"}}
    document = {"@context": context, "type": "Qualification", "learningOutcome": [outcome]}
    answer = client.post("/v1/coverage", json={"descriptions": [document]}).json()
    assert [each.startswith("sha256:") for each in answer["question"]["descriptions"]] == [True]


def test_recognition_writes_a_shortfall_out_as_a_difference(client: httpx.Client) -> None:
    question = {"credential": DESCRIPTION + "environmental-management-ita", "country": "ESP", "purpose": "training"}
    answer = client.post("/v1/recognition", json=question).json()
    (difference,) = (each for each in answer["differences"] if each["criterion"] == "REC-AWARDING-BODY")
    assert (difference["aspect"], difference["substantial"]) == ("Quality", "may-be")
    assert difference["sentence"].startswith("Quality. Required: ")
    assert "the competent authority weighs it" in difference["sentence"]


def test_claims_are_accepted_where_the_question_says_so(client: httpx.Client) -> None:
    question = {"credential": DESCRIPTION + "carbon-footprint-bel", "country": "FIN", "purpose": "academic"}
    plain = client.post("/v1/recognition", json=question).json()
    accepting = client.post("/v1/recognition", json=question | {"accept_claims": True})
    assert (plain["verdict"], accepting.json()["verdict"]) == ("insufficient-information", "recognisable")
    assert plain["level"]["destination"] == []
    assert {each["label"] for each in plain["level"]["if_claim_holds"]} == {"FiNQF Level 6"}
    level = next(each for each in plain["criteria"] if each["rule"] == "REC-LEVEL")
    assert level["strength"] == "weak"
    assert {quad["origin"] for quad in level["evidence"]} == {"claimed", "referenced"}
    assert plain["not_consulted"]
    again = client.get(accepting.headers["Link"].partition(">")[0].strip("<"))
    assert again.json()["question"]["accept_claims"] is True
    page = client.get("/recognition", params=question | {"accept_claims": "true"}).text
    assert 'name="accept_claims" value="true" checked' in page
    assert accepting.json()["note"].partition(":")[0] in page
    moved = client.post("/recognition", data=question | {"accept_claims": "true"}, follow_redirects=False)
    assert "accept_claims=true" in moved.headers["Location"]


def test_an_answer_speaks_the_language_that_is_asked_for_and_keeps_its_permalink(client: httpx.Client) -> None:
    question = {"level": "FiNQF Level 5", "country": "IRL"}
    english = client.get("/v1/equivalence/levels", params=question)
    finnish = client.get("/v1/equivalence/levels", params=question, headers={"Accept-Language": "fi-FI, en;q=0.5"})
    named = client.get("/v1/equivalence/levels", params=question | {"lang": "fi", "format": "txt"})
    assert [each.headers["Content-Language"] for each in (english, finnish, named)] == ["en", "fi", "fi"]
    assert "Accept-Language" in finnish.headers["Vary"]
    assert finnish.json()["id"] == english.json()["id"]
    assert finnish.headers["Link"] == english.headers["Link"] == named.headers["Link"]
    assert "(Irlanti)" in finnish.json()["summary"]
    assert finnish.json()["summary"] in named.text
    again = client.get(f"/v1/answers/{english.json()['id']}", headers={"Accept-Language": "bg"})
    assert "(Ирландия)" in again.json()["summary"]


@pytest.mark.parametrize("language", ["it", "es", "bg", "fi"])
def test_the_page_of_an_answer_has_its_verdict_and_headings_in_the_language(
    client: httpx.Client, language: str
) -> None:
    question = {"credential": DESCRIPTION + "circular-design-fin", "country": "ESP", "purpose": "training"}
    wanted = {"Accept": "text/html", "Accept-Language": language}
    pages = {
        "recognition": client.post("/v1/recognition", json=question, headers=wanted),
        "profile": client.post("/v1/profile", json={"credentials": PAIR}, headers=wanted),
    }
    titles = [re.findall(r"<title>([^<]*)</title>", page.text) for page in pages.values()]
    verdicts = [translation(word, language) for word in ("conditional", "attested")]
    assert titles == [[f"{verdict} \N{EN DASH} mastery-graph"] for verdict in verdicts]
    columns = [
        ["criterion", "action", "actor", "vision"],
        ["code", "skill", "status", "grade", "eqf level", "attested by", "sectors"],
    ]
    assert [rows(page.text)[0] for page in pages.values()] == [
        [translation(column, language, "field" if column == "grade" else None) for column in each] for each in columns
    ]


def test_the_page_of_recognition_keeps_the_body_that_asks(client: httpx.Client) -> None:
    asked = {"credential": DESCRIPTION + "waste-on-site-ita", "country": "FIN", "purpose": "academic"}
    body = "https://example.org/college"
    shown = client.get("/recognition", params=asked | {"body": body})
    assert f'name="body" value="{body}"' in shown.text
    moved = client.post("/recognition", data=asked | {"body": body}, follow_redirects=False)
    assert "body=https%3A%2F%2Fexample.org%2Fcollege" in moved.headers["Location"]
    permalink = re.search(r'<a href="([^"]+/v1/answers/[^"]+)" rel="bookmark">', shown.text)
    assert permalink
    assert client.get(permalink[1], headers={"Accept": "application/json"}).json()["question"]["body"] == body
