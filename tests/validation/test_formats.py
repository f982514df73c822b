"""The formats of a report: each can be read back by the tools that it is for."""

import csv
import html
import io
import json
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse

from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.languages import LANGUAGES
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.validation import validate
from mastery_graph.validation.formats import FORMATS, ValidationOutcome
from mastery_graph.vocabulary import NS, SH
from tests.validation.described import base, changed

TURTLE = b"""@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <http://example.org/> .

ex:course a elm:Qualification ;
  dcterms:title "Waste"@en ;
  elm:learningOutcome [ a elm:LearningOutcome ] .
"""
FOUND = 4


@pytest.fixture(scope="module")
def checked(store: EmbeddedStore) -> list[ValidationOutcome]:
    outcome = {"type": "LearningOutcome", "title": {"en": "=HYPERLINK(1)"}}
    broken = changed(
        base("bare"),
        [
            {"remove": "/mode"},
            {"remove": "/description"},
            {"set": "/volumeOfLearning", "to": "=P60M"},
            {"set": "/learningOutcome/1", "to": outcome},
            {"set": "/learningOutcome/2", "to": outcome},
        ],
    )
    return [
        ValidationOutcome("a b.jsonld", validate(read_value(broken), store=store)),
        ValidationOutcome("whole.jsonld", validate(read_value(base("bare")), store=store)),
        ValidationOutcome("lost.jsonld", problem="It is <not> JSON & \x00 broken."),
    ]


def _written(name: str, checked: list[ValidationOutcome], language: str = "en") -> str:
    return FORMATS[name][1](checked, language)


def test_json_is_the_model_with_the_file(checked: list[ValidationOutcome]) -> None:
    first, whole, lost = json.loads(_written("json", checked))
    assert (first["file"], first["conforms"], whole["conforms"], lost["error"]) == (
        *("a b.jsonld", False, True),
        checked[2].problem,
    )
    assert first["completeness"]["missing"] == ["form of participation", "further information"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("turtle", RdfFormat.TURTLE),
        ("jsonld", RdfFormat.JSON_LD),
        ("nt", RdfFormat.N_TRIPLES),
        ("rdfxml", RdfFormat.RDF_XML),
    ],
)
def test_rdf_is_a_shacl_report(name: str, form: RdfFormat, checked: list[ValidationOutcome]) -> None:
    quads = list(parse(_written(name, checked), format=form))
    stated = {(quad.predicate.value, getattr(quad.object, "value", "")) for quad in quads}
    assert sum(quad.predicate.value == SH + "result" for quad in quads) == FOUND
    assert {(SH + "conforms", "true"), (SH + "conforms", "false")} <= stated
    assert (NS + "pointer", "/volumeOfLearning") in stated
    assert (SH + "resultPath", "http://data.europa.eu/snb/model/elm/learningOutcome") in stated
    results = {quad.object for quad in quads if quad.predicate.value == SH + "result"}
    for needed in ("focusNode", "resultSeverity", "sourceConstraintComponent", "resultMessage", "sourceShape"):
        assert {quad.subject for quad in quads if quad.predicate.value == SH + needed} == results


def test_sarif_has_what_the_standard_asks_of_a_run(checked: list[ValidationOutcome]) -> None:
    log = json.loads(_written("sarif", checked))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) == FOUND
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        place = result["locations"][0]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.jsonld"
        assert place["physicalLocation"]["region"]["startLine"] >= 1
    assert not run["invocations"][0]["executionSuccessful"]


def test_junit_counts_failures_and_errors(checked: list[ValidationOutcome]) -> None:
    root = ElementTree.fromstring(_written("junit", checked))  # noqa: S314  # our own text
    first, whole, lost = root
    assert (root.get("failures"), root.get("errors")) == ("1", "1")
    assert [case.get("name") for case in first.iter("testcase") if case.find("failure") is not None] == [
        "form of participation"
    ]
    assert whole.get("failures") == "0"
    assert int(whole.get("tests", "0")) >= 13
    assert lost.find("testcase/error") is not None


def test_the_work_list_is_safe_in_a_spreadsheet(checked: list[ValidationOutcome]) -> None:
    rows = list(csv.reader(io.StringIO(_written("csv", checked, "fi"))))
    assert rows[0][:2] == ["Tiedosto", "Vakavuus"]
    assert len(rows) == FOUND + 2
    assert all(len(row) == len(rows[0]) for row in rows)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert any(cell == "'=P60M" for row in rows for cell in row)


def test_html_escapes_and_stands_alone(checked: list[ValidationOutcome]) -> None:
    page = _written("html", checked, "it")
    assert page.startswith("<!doctype html>")
    assert 'lang="it"' in page
    assert "&lt;not&gt;" in page
    assert "La descrizione non è conforme" in page
    assert "@media print" in page


def test_text_tells_the_place_and_the_number_that_conforms(checked: list[ValidationOutcome]) -> None:
    text = _written("text", checked)
    assert "[/volumeOfLearning]" in text
    assert "1 of 3 files conform." in text


def test_an_example_for_a_description_without_an_address_has_none() -> None:
    turtle = b"@prefix elm: <http://data.europa.eu/snb/model/elm/> .\n[] a elm:Qualification ."
    examples = [each.example for each in validate(read_document(turtle, "text/turtle"), store=MemoryStore()).findings]
    assert any(example.startswith("[] dcterms:title") for example in examples)
    assert not any("urn:" in example for example in examples)


def test_a_turtle_document_gets_its_line_and_examples_in_turtle(store: EmbeddedStore) -> None:
    report = validate(read_document(TURTLE, "text/turtle"), store=store)
    by_check = {finding.check.rpartition("#")[2]: finding for finding in report.findings}
    outcome = by_check["outcome-title"]
    assert (outcome.pointer, outcome.line, outcome.name) == (None, 5, "LearningOutcome")
    assert outcome.focus_node == "LearningOutcome"
    assert by_check["form-of-participation"].example.startswith("<http://example.org/course> elm:mode ")
    list(parse(FORMATS["turtle"][1]([ValidationOutcome("a.ttl", report)], "en"), format=RdfFormat.TURTLE))


SKIPPED = [ValidationOutcome.skipped("badge.png", "en"), ValidationOutcome.skipped("logo.svg", "en")]


@pytest.mark.parametrize("name", ["text", "json", "csv", "html", "junit", "sarif"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_skipped_files_are_named_in_each_format_that_can_hold_them(
    name: str, language: str, checked: list[ValidationOutcome]
) -> None:
    written = _written(name, [*checked, *SKIPPED], language)
    assert all(written.count(each.name) > _written(name, checked, language).count(each.name) for each in SKIPPED)


def test_skipped_files_are_counted_and_are_no_errors(checked: list[ValidationOutcome]) -> None:
    suites = ElementTree.fromstring(_written("junit", [checked[1], *SKIPPED]))  # noqa: S314  # our own text
    assert (suites.get("skipped"), suites.get("errors"), suites.get("failures")) == ("2", "0", "0")
    (run,) = json.loads(_written("sarif", [checked[1], *SKIPPED]))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"]
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["note", "note"]
    entries = json.loads(_written("json", [checked[1], *SKIPPED]))
    assert [("skipped" in entry, "error" in entry) for entry in entries] == [
        (False, False),
        (True, False),
        (True, False),
    ]


@pytest.mark.parametrize("name", ["text", "json", "html"])
def test_a_report_states_what_was_checked_and_what_was_not(name: str, checked: list[ValidationOutcome]) -> None:
    document = read_value(base("bare") | {"holidays": {"type": "Note"}})
    report = validate(document)
    assert report.checked
    assert any("/holidays" in entry for entry in report.not_checked)
    written = html.unescape(_written(name, [ValidationOutcome("a.jsonld", report)]))
    assert all(entry in written for entry in (*report.checked, *report.not_checked))
    assert checked[1].report
    assert not any("/holidays" in entry for entry in checked[1].report.not_checked)
