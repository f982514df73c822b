"""Documents and queries that are deep or large are refused before a parser crashes or a report grows without end."""

import json
from pathlib import Path

import pytest

from mastery_graph.changes.client import RdfDocument
from mastery_graph.credentials import batch
from mastery_graph.credentials.batch import documents, documents_in
from mastery_graph.credentials.reading import MAX_TRIPLES, read_document
from mastery_graph.errors import BadQuery, DocumentTooDeep, DocumentTooLarge, OntologyError
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.store.query_text import Query
from mastery_graph.validation import validate
from mastery_graph.validation.engine.result import MAX_RESULTS

DEEP_TURTLE = [
    "<urn:a> <urn:b> " + "[ <urn:b> " * 20_000 + "1" + "]" * 20_000 + " .",
    "<urn:a> <urn:b> " + "( " * 20_000 + ")" * 20_000 + " .",
    "<urn:a> <urn:b> " + "<<( " * 20_000,
]
DEEP_XML = "<a>" * 50_000 + "</a>" * 50_000


@pytest.mark.parametrize("text", DEEP_TURTLE)
def test_deep_turtle_meets_no_parser(text: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentTooDeep):
        read_document(text.encode(), "text/turtle")
    with pytest.raises(DocumentTooDeep):
        RdfDocument(text.encode(), "text/turtle").refuse_dangers()
    file = tmp_path / "deep.ttl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OntologyError, match="levels"):
        read_turtle(file)


def test_deep_xml_meets_no_parser() -> None:
    with pytest.raises(DocumentTooDeep):
        read_document(DEEP_XML.encode(), "application/rdf+xml")
    with pytest.raises(DocumentTooDeep):
        RdfDocument(DEEP_XML.encode(), "application/rdf+xml").refuse_dangers()


@pytest.mark.parametrize(
    "text",
    [
        '<urn:a> <urn:b> "' + "[" * 1000 + '" .',
        "<urn:a> <urn:b> '''" + "( \\' " * 500 + "''' .",
        "# " + "[" * 1000 + "\n<urn:a> <urn:b> <urn:c> .",
        "<urn:a> <urn:b> " + ", ".join("[ <urn:c> (1) ]" for _ in range(500)) + " .",
        "<urn:a> <urn:b> " + "[ <urn:b> " * 90 + "1" + "]" * 90 + " .",
    ],
)
def test_what_is_not_deep_is_read(text: str) -> None:
    assert read_document(text.encode(), "text/turtle").triples


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 5000 + "}" * 5000,
        "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
        "ASK { ?s ?p " + "[ ?p " * 20_000 + "1" + "]" * 20_000 + " }",
        "ASK { FILTER(" + "!" * 30_000 + "true) }",
        "ASK { FILTER(" + "- " * 30_000 + "1 < 2) }",
        "ASK { FILTER(1<" + "(" * 5000 + "1" + ")" * 5000 + ") }",
        "INSERT DATA { <urn:a> <urn:b> " + "[ <urn:b> " * 20_000 + "1" + "]" * 20_000 + " }",
    ],
)
def test_a_deep_query_meets_no_parser(text: str) -> None:
    with pytest.raises(BadQuery, match="levels"):
        Query(text)


@pytest.mark.parametrize(
    "text",
    [
        'ASK { ?s ?p "' + "(" * 1000 + '" }',
        "ASK { ?s ?p ?o } # " + "{" * 1000,
        "ASK { ?s <http://example.org/#> ?o . " + "{ ?s ?p [] } " * 500 + " }",
        "ASK { ?s ?p '" + "-" * 1000 + "' }",
    ],
)
def test_a_query_that_is_not_deep_is_read(text: str) -> None:
    assert Query(text).properties.form == "ASK"


def test_a_document_of_too_many_statements_is_refused() -> None:
    lines = "".join(f"<urn:a{number}> <urn:b> <urn:c> .\n" for number in range(MAX_TRIPLES + 1))
    with pytest.raises(DocumentTooLarge):
        read_document(lines.encode(), "application/n-triples")


@pytest.mark.parametrize("name", ["many.jsonl", "many.json"])
def test_as_many_documents_are_read_as_an_archive_may_have(name: str) -> None:
    parts = ["{}"] * (batch.MAX_FILES + 10)
    content = "\n".join(parts) if name.endswith("l") else f"[{','.join(parts)}]"
    items = list(documents_in(content.encode(), name))
    assert len(items) == batch.MAX_FILES + 1
    assert items[-1].error is not None


def test_a_device_without_end_is_refused() -> None:
    (item,) = documents([Path("/dev/zero")])
    assert isinstance(item.error, DocumentTooLarge)


def test_a_report_lists_the_first_findings_and_counts_the_others() -> None:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"],
        "id": "urn:credential:1",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "credentialSubject": {
            "id": "urn:person:1",
            "type": "Person",
            "hasClaim": [{"id": f"urn:claim:{number}", "type": "LearningAchievement"} for number in range(400)],
        },
    }
    report = validate(read_document(json.dumps(document).encode()))
    listed = [finding for finding in report.findings if finding.component]
    assert len(listed) == MAX_RESULTS
    assert any(text.endswith("the first 1000 are.") for text in report.not_checked)
    assert not report.conforms
