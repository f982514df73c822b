"""The main job over HTTP, on real input."""

import csv
import io
import json
from pathlib import Path

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from tests.conftest import DESCRIPTION
from tests.credentials.sealing import altered, sealed
from tests.credentials.test_seal import SIGNER, credential

LEVELS = """PREFIX mg: <https://w3id.org/mastery-graph/ns#>
SELECT (COUNT(*) AS ?levels) WHERE { ?level a mg:NationalLevel }"""
EQF = "CONSTRUCT WHERE { <http://data.europa.eu/snb/eqf/5> <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }"


@pytest.mark.parametrize(
    ("accept", "results"),
    [
        ("application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/tab-separated-values", QueryResultsFormat.TSV),
    ],
)
def test_a_table_comes_in_the_format_asked_for(client: httpx.Client, accept: str, results: QueryResultsFormat) -> None:
    answer = client.get("/sparql", params={"query": LEVELS}, headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == accept
    assert [row["levels"].value for row in parse_query_results(answer.content, format=results)] == ["381"]


def test_a_table_comes_as_csv(client: httpx.Client) -> None:
    answer = client.post("/sparql", data={"query": LEVELS}, headers={"Accept": "text/csv"})
    assert list(csv.reader(io.StringIO(answer.text))) == [["levels"], ["381"]]


@pytest.mark.parametrize(
    ("accept", "rdf_format"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_a_graph_comes_in_the_format_asked_for(client: httpx.Client, accept: str, rdf_format: RdfFormat) -> None:
    answer = client.post("/sparql", content=EQF, headers={"Accept": accept, "Content-Type": "application/sparql-query"})
    assert [quad.object.value for quad in parse(answer.content, format=rdf_format)] == ["EQF Level 5"]


def test_levels_are_compared_with_both_referencings(client: httpx.Client) -> None:
    answer = client.get("/v1/equivalence/levels", params={"level": "FiNQF Level 5", "country": "IRL"}).json()
    assert [level["label"] for level in answer["equivalents"]] == ["IE NQF Level 6"]
    subjects = {quad["subject"] for quad in answer["criteria"][0]["evidence"]}
    assert len([subject for subject in subjects if "/referencing/" in subject]) == 2


def test_the_comparisons_of_two_countries_come_as_a_table(client: httpx.Client) -> None:
    asked = {"country": "FIN", "other": "IRL"}
    answer = client.get("/v1/equivalence/table", params=asked, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].partition(";")[0] == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert ("FiNQF Level 5", "IE NQF Level 6") in {(row["level"], row["other_level"]) for row in rows}
    assert len(client.get("/v1/equivalence/table", params=asked).json()["comparisons"]) == len(rows)


def test_the_grid_has_eight_rows_and_a_column_for_each_framework(client: httpx.Client) -> None:
    grid = client.get("/v1/equivalence/grid", params={"country": ["ITA", "ESP"]}).json()
    assert [row["eqf_level"] for row in grid["rows"]] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [column["country"] for column in grid["columns"]] == ["ITA", "ESP"]
    page = client.get("/v1/equivalence/grid", params={"country": "ITA"}, headers={"Accept": "text/html"}).text
    assert ">Italy: " in page


@pytest.mark.parametrize(("name", "seal"), [("unsigned", "absent"), ("signed", "intact")])
def test_the_annex_one_sample_is_validated(client: httpx.Client, reference: Path, name: str, seal: str) -> None:
    content = (reference / "credentials" / f"Sample-MC-Annex1-{name}.jsonld").read_bytes()
    answer = client.post("/v1/validation", content=content, headers={"Content-Type": "application/ld+json"})
    report = answer.json()
    assert (answer.status_code, report["conforms"], report["seal"]["status"]) == (200, False, seal)
    assert "type of quality assurance" in report["completeness"]["missing"]


def test_a_broken_seal_does_not_conform_over_http_and_is_no_proof_of_authenticity(client: httpx.Client) -> None:
    content = altered(sealed(credential(), SIGNER), "Waste prevention", "Waste treatment")
    report = client.post("/v1/validation", content=content, headers={"Content-Type": "application/jose+json"}).json()
    assert (report["conforms"], report["seal"]["status"]) == (False, "broken")
    assert report["seal"]["reasons"] == ["changed"]
    question = {"credential": json.loads(content), "country": "FIN", "purpose": "employment"}
    answer = client.post("/v1/recognition", json=question).json()
    outcomes = {criterion["rule"]: criterion["outcome"] for criterion in answer["criteria"]}
    assert outcomes["REC-AUTHENTICITY"] == "unmet"
    page = client.post("/check", data={"document": content.decode()}).text
    assert 'class="unmet"' in page
    assert 'class="met">The description conforms' not in page


def test_two_entries_are_stacked_towards_a_target(client: httpx.Client) -> None:
    question = {
        "credentials": [DESCRIPTION + "waste-management-irl", DESCRIPTION + "energy-saving-deu"],
        "target": DESCRIPTION + "green-site-technician-irl",
    }
    answer = client.post("/v1/stackability", json=question).json()
    assert (answer["verdict"], len(answer["criteria"]), len(answer["gap"])) == ("partially-stackable", 10, 3)


def test_an_entry_is_recognised(client: httpx.Client) -> None:
    question = {"credential": DESCRIPTION + "waste-on-site-ita", "country": "FIN", "purpose": "employment"}
    answer = client.post("/v1/recognition", json=question).json()
    assert (answer["verdict"], len(answer["criteria"])) == ("recognisable", 11)


def test_a_document_is_recognised_like_an_entry(client: httpx.Client, reference: Path) -> None:
    document = json.loads((reference / "credentials" / "Sample-MC-Annex1-signed.jsonld").read_bytes())
    answer = client.post("/v1/recognition", json={"credential": document, "country": "FIN"}).json()
    assert answer["verdict"] == "insufficient-information", "its outcomes name concepts of ESCO, which is not loaded"
    assert answer["question"]["credential"].startswith("sha256:")
