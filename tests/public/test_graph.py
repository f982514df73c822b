"""The public interface for Python: what it exports, and that its answers are those of the command line and of HTTP."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest

import mastery_graph as mg
from mastery_graph.credentials.reading import read_document
from mastery_graph.errors import (
    BadParameter,
    BadQuery,
    InputError,
    NotAnIRI,
    ShapesMissing,
    StoreMissing,
    UnknownCountry,
)
from mastery_graph.pipeline.build import BuildReport
from tests.conftest import DESCRIPTION

SITE = DESCRIPTION + "waste-on-site-ita"
AUDIT = DESCRIPTION + "energy-audit-irl"
TECHNICIAN = DESCRIPTION + "green-site-technician-irl"
PUBLIC = {
    "Graph",
    "MasteryError",
    "RemoteGraph",
    "__version__",
    "as_text",
    "connect",
    "convert",
    "open",
    "validate",
}


@pytest.fixture(scope="module")
def graph(built: tuple[Path, BuildReport]) -> mg.Graph:
    return mg.open(built[0])


@pytest.fixture(scope="module")
def sample(reference: Path) -> Path:
    return reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"


def test_the_exported_names_are_these_and_each_can_be_used() -> None:
    assert set(mg.__all__) == PUBLIC
    assert {name for name in PUBLIC if getattr(mg, name) is None} == set()
    assert set(dir(mg)) >= PUBLIC
    with pytest.raises(AttributeError, match="has no attribute 'opened'"):
        _ = mg.opened


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import mastery_graph; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names] == [
        "mastery_graph"
    ]


def test_opening_a_graph_leaves_out_what_its_first_question_does_not_need(built: tuple[Path, BuildReport]) -> None:
    code = f"import sys, mastery_graph as mg; mg.open({str(built[0])!r}).dataset; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"mastery_graph", "pyoxigraph"} <= set(done.stdout.split())
    heavy = {"owlrl", "pyshacl", "highspy", "rdflib", "networkx", "tantivy", "fastapi", "uvicorn", "pandas", "typer"}
    assert heavy & set(done.stdout.split()) == set()


def test_the_graph_answers_as_the_service_does(graph: mg.Graph, client: httpx.Client, sample: Path) -> None:
    document = json.loads(sample.read_text(encoding="utf-8"))
    day = date(2026, 6, 1)
    pairs = [
        (
            graph.recognise(document, "FIN", "academic", on=day),
            ("/v1/recognition", {"credential": document, "country": "FIN", "purpose": "academic", "on": "2026-06-01"}),
        ),
        (
            graph.stack([SITE, AUDIT], TECHNICIAN, {"threshold": 0.5}, explain=True),
            (
                "/v1/stackability",
                {"credentials": [SITE, AUDIT], "target": TECHNICIAN, "policy": {"threshold": 0.5}, "explain": True},
            ),
        ),
        (graph.compare(SITE, AUDIT), ("/v1/compare", {"descriptions": [SITE, AUDIT]})),
        (graph.profile([SITE], "FIN"), ("/v1/profile", {"credentials": [SITE], "policy": {"preset": "FIN"}})),
        (graph.coverage([SITE, AUDIT]), ("/v1/coverage", {"descriptions": [SITE, AUDIT]})),
        (graph.map_text("sort waste", limit=3), ("/v1/mapping", {"text": "sort waste", "limit": 3})),
    ]
    for answer, (path, question) in pairs:
        assert answer.id == client.post(path, json=question).raise_for_status().json()["id"], path
        assert mg.as_text(answer).startswith(f"{answer.verdict}\n")


def test_a_description_is_a_file_its_content_or_an_iri(graph: mg.Graph, sample: Path) -> None:
    content = sample.read_bytes()
    forms = [sample, str(sample), content, json.loads(content), read_document(content)]
    reports = [graph.validate(form) for form in forms]
    assert {report.summary for report in reports} == {reports[0].summary}
    assert graph.recognise(SITE, "FIN").question["credential"] == SITE
    with pytest.raises(NotAnIRI):
        graph.recognise("no-such-file.jsonld", "FIN")
    with pytest.raises(InputError, match="cannot be read"):
        graph.validate("no-such-file.jsonld")


def test_a_table_of_levels_is_a_table_of_rows(graph: mg.Graph) -> None:
    assert graph.level_table(["FIN"], ["IRL"]).table()
    with pytest.raises(UnknownCountry):
        graph.eqf_grid("XXX")


def test_validation_without_a_graph_says_what_was_not_compared_with_it(graph: mg.Graph, sample: Path) -> None:
    alone, within = mg.validate(sample), graph.validate(sample)
    assert [finding.check for finding in alone.findings if finding.severity == "violation"] == [
        finding.check for finding in within.findings if finding.severity == "violation"
    ]
    assert len(alone.not_checked) > len(within.not_checked)
    assert "Only an extract of ESCO is loaded" in " ".join(set(within.not_checked) - set(alone.not_checked))
    with pytest.raises(ShapesMissing):
        mg.validate(sample, profile="elm")


def test_conversion_needs_no_graph_for_a_document(graph: mg.Graph, sample: Path) -> None:
    assert mg.convert(sample, "openbadge").document == graph.convert(sample, "openbadge").document
    assert graph.convert(SITE, "elm").document["@context"]


def test_a_query_gives_rows_of_python_values(graph: mg.Graph) -> None:
    rows = graph.query(
        "SELECT ?a ?b ?c ?d ?e { BIND (1 AS ?a) BIND (0.5 AS ?b) BIND (true AS ?c) BIND ('x'@en AS ?d) }"
    )
    assert rows == [{"a": 1, "b": 0.5, "c": True, "d": "x", "e": None}]
    assert graph.query("browse/dataset")[0]["hash"] == graph.dataset.content_hash
    (row,) = graph.query("equivalence/concepts", concept="https://w3id.org/mastery-graph/id/green-skill/GS01")[:1]
    assert row["concept"].endswith("GS01")


def test_a_query_that_cannot_be_a_table_is_refused(graph: mg.Graph) -> None:
    with pytest.raises(BadQuery):
        graph.query("CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(BadParameter, match="named query"):
        graph.query("SELECT * { ?s ?p ?o }", s="urn:a")


def test_a_store_that_is_missing_or_an_endpoint_can_be_named(tmp_path: Path, client: httpx.Client) -> None:
    with pytest.raises(StoreMissing):
        mg.open(tmp_path / "slip")
    with mg.open(endpoint=str(client.base_url.join("/sparql"))) as remote:
        assert remote.equivalent_levels("FiNQF Level 5", country="IRL").equivalents[0].label == "IE NQF Level 6"
