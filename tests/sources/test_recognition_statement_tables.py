"""Recognition statements of a table, triple by triple, and the shape that each statement must have."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from mastery_graph.errors import BadSource, GraphCheckFailed
from mastery_graph.pipeline.checks import check
from mastery_graph.rdf import link, typed, words
from mastery_graph.resources import folder
from mastery_graph.sources.recognition_statements import COLUMNS, read_recognition_statements
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import DCTERMS, ID, NS, PREFIXES, RDF, ROV

STATEMENT = "https://example.org/statement/1"
ROW = {
    "statement": STATEMENT,
    "stated_by": "https://example.org/university",
    "stated_by_name": "Example University",
    "followed_by": "https://example.org/college; https://example.org/academy",
    "accepts": "https://example.org/course",
    "decision": "accepted",
    "credits": "2.5",
    "target": "https://example.org/degree",
    "purposes": "academic;training",
    "grade_at_least": "7",
    "issued_since": "2025-01-31",
    "awarding_body": "https://example.org/institute",
    "in_force_from": "2026-01-01",
    "in_force_until": "2027-12-31",
    "source": "https://example.org/register",
}
SHAPE = folder("shapes") / "statements.ttl"
PURPOSES = read_turtle(folder("ontology") / "purposes.ttl")
"""The shape looks up here which purposes exist."""


def table(folder_: Path, *rows: dict[str, str]) -> Path:
    file = folder_ / "statements.csv"
    lines = [",".join(COLUMNS), *(",".join(row.get(column, "") for column in COLUMNS) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def turtle(text: str) -> list[Triple]:
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    stated = f"{prefixes}@prefix ex: <https://example.org/> .\n{text}"
    return [quad.triple for quad in parse(stated, format=RdfFormat.TURTLE)]


def test_each_column_of_a_statement_becomes_its_triples(tmp_path: Path) -> None:
    triples = read_recognition_statements(table(tmp_path, ROW))
    assert len(triples) == len(set(triples))
    assert set(triples) == {
        link(STATEMENT, RDF + "type", NS + "RecognitionStatement"),
        link(STATEMENT, NS + "statedBy", "https://example.org/university"),
        words("https://example.org/university", ROV + "legalName", "Example University"),
        link(STATEMENT, NS + "followedBy", "https://example.org/college"),
        link(STATEMENT, NS + "followedBy", "https://example.org/academy"),
        link(STATEMENT, NS + "accepts", "https://example.org/course"),
        link(STATEMENT, NS + "decision", ID + "decision/accepted"),
        typed(STATEMENT, NS + "acceptedCredits", "2.5", "decimal"),
        link(STATEMENT, NS + "towardsTarget", "https://example.org/degree"),
        link(STATEMENT, NS + "forPurpose", ID + "purpose/academic"),
        link(STATEMENT, NS + "forPurpose", ID + "purpose/training"),
        typed(STATEMENT, NS + "gradeAtLeast", "7", "decimal"),
        typed(STATEMENT, NS + "issuedSince", "2025-01-31", "date"),
        link(STATEMENT, NS + "fromAwardingBody", "https://example.org/institute"),
        typed(STATEMENT, NS + "inForceFrom", "2026-01-01", "date"),
        typed(STATEMENT, NS + "inForceUntil", "2027-12-31", "date"),
        link(STATEMENT, DCTERMS + "source", "https://example.org/register"),
    }
    check([*triples, *PURPOSES], SHAPE)


def test_one_iri_for_two_statements_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="row 3: the statement is there already"):
        read_recognition_statements(table(tmp_path, ROW, ROW | {"accepts": "https://example.org/other"}))


WHOLE = f"""
ex:s a mg:RecognitionStatement ; mg:statedBy ex:university ; mg:accepts ex:course ;
  mg:decision <{ID}decision/accepted> ; mg:forPurpose <{ID}purpose/academic> ;
  mg:inForceFrom "2026-01-01"^^xsd:date ; dcterms:source ex:register .
"""
ACCEPTED_AS = "ex:s mg:acceptedAs ex:module ."


@pytest.mark.parametrize(
    "further",
    [
        ACCEPTED_AS,
        "ex:s mg:acceptedCredits 2.0 ; mg:towardsTarget ex:degree .",
        ACCEPTED_AS + "ex:s mg:inForceUntil '2026-01-01'^^xsd:date .",
        ACCEPTED_AS + "ex:s mg:followedBy ex:college , ex:academy ; mg:gradeAtLeast 7.0 .",
    ],
)
def test_a_statement_that_says_what_it_must_passes(further: str) -> None:
    check([*turtle(WHOLE + further), *PURPOSES], SHAPE)


@pytest.mark.parametrize(
    ("taken", "further", "message"),
    [
        ("mg:statedBy ex:university ;", ACCEPTED_AS, "the one body that made it"),
        ("", ACCEPTED_AS + "ex:s mg:statedBy ex:college .", "the one body that made it"),
        ("mg:accepts ex:course ;", ACCEPTED_AS, "the one thing that it speaks of"),
        ("", ACCEPTED_AS + "ex:s mg:accepts ex:other .", "the one thing that it speaks of"),
        ("", ACCEPTED_AS + f"ex:s mg:forPurpose <{ID}purpose/hobby> .", "not one of those that the graph describes"),
        ("", ACCEPTED_AS + "ex:s mg:acceptedAs ex:other .", "more than one thing"),
        ("", ACCEPTED_AS + "ex:s mg:followedBy 'College' .", "follows it"),
        ("", ACCEPTED_AS + "ex:s mg:gradeAtLeast 6.0 , 7.0 .", "least grade"),
        ("", ACCEPTED_AS + "ex:s mg:gradeAtLeast 'good' .", "least grade"),
        ("", ACCEPTED_AS + "ex:s mg:issuedSince '2025-01-01'^^xsd:date , '2026-01-01'^^xsd:date .", "first day"),
        ("", ACCEPTED_AS + "ex:s mg:fromAwardingBody ex:a , ex:b .", "awarding body"),
        ("", ACCEPTED_AS + "ex:s mg:inForceUntil '2027-01-01'^^xsd:date , '2028-01-01'^^xsd:date .", "last day"),
        ("", ACCEPTED_AS + "ex:s mg:inForceUntil '2025-12-31'^^xsd:date .", "ends before it begins"),
        ("", "ex:s mg:acceptedCredits 2.0 .", "either as what"),
        ("", "ex:s mg:acceptedCredits 2.0 , 3.0 ; mg:towardsTarget ex:degree .", "accepted credits"),
        ("", "ex:s mg:acceptedCredits 0.0 ; mg:towardsTarget ex:degree .", "accepted credits"),
        ("", "ex:s mg:acceptedCredits 2.0 ; mg:towardsTarget ex:degree , ex:other .", "target of the credits"),
        ("", "ex:s mg:towardsTarget ex:degree .", "either as what"),
    ],
)
def test_a_statement_without_a_part_or_with_one_too_many_is_refused(taken: str, further: str, message: str) -> None:
    assert taken in WHOLE
    with pytest.raises(GraphCheckFailed) as caught:
        check([*turtle(WHOLE.replace(taken, "") + further), *PURPOSES], SHAPE)
    problems = caught.value.members["problems"]
    assert isinstance(problems, list)
    assert len(problems) == 1
    assert message in problems[0]
