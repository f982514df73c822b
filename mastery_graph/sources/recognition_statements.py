"""Recognition statements that a user brings: Turtle, or a CSV table with the header that `COLUMNS` names."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from mastery_graph.errors import BadSource
from mastery_graph.rdf import link, typed, words
from mastery_graph.sources.tables import TableRow, bad_row, rows
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import DCTERMS, ID, NS, RDF, ROV

COLUMNS = (
    "statement",
    "stated_by",
    "stated_by_name",
    "followed_by",
    "accepts",
    "decision",
    "accepted_as",
    "credits",
    "target",
    "purposes",
    "grade_at_least",
    "issued_since",
    "awarding_body",
    "in_force_from",
    "in_force_until",
    "source",
)
"""All must be there. `followed_by` and `purposes` hold several values separated by `;`; the rest one, or none."""

_CLASS = NS + "RecognitionStatement"
_LEGAL_NAME = ROV + "legalName"
_IRIS = {
    "stated_by": NS + "statedBy",
    "followed_by": NS + "followedBy",
    "accepts": NS + "accepts",
    "accepted_as": NS + "acceptedAs",
    "target": NS + "towardsTarget",
    "awarding_body": NS + "fromAwardingBody",
    "source": DCTERMS + "source",
}
_CODES = {"decision": (NS + "decision", ID + "decision/"), "purposes": (NS + "forPurpose", ID + "purpose/")}
_NUMBERS = {"credits": NS + "acceptedCredits", "grade_at_least": NS + "gradeAtLeast"}
_DAYS = {
    "issued_since": NS + "issuedSince",
    "in_force_from": NS + "inForceFrom",
    "in_force_until": NS + "inForceUntil",
}
_SEVERAL = {"followed_by", "purposes"}


def read_recognition_statements(path: Path) -> list[Triple]:
    """Return the triples of the statements in a Turtle file (`.ttl`) or a CSV table (`.csv`).

    Raises `OntologyError` or `BadSource` with the line or the row, and where the file holds no statement. Whether each
    statement says all that it must is for the shape `shapes/statements.ttl`.
    """
    triples = list(_from_table(path)) if path.suffix.lower() == ".csv" else read_turtle(path)
    if not any(_is_statement(triple) for triple in triples):
        raise BadSource(f"{path.name} holds no recognition statement.", "See docs/tables.md for the two forms.")
    return triples


def merge_statements(present: list[Triple], new: list[Triple]) -> list[Triple]:
    """Return the present statements with the new ones; one with the same IRI is replaced as a whole."""
    replaced = {triple.subject for triple in new if _is_statement(triple)}
    kept = [triple for triple in present if triple.subject not in replaced]
    return list(dict.fromkeys([*kept, *new]))


def _is_statement(triple: Triple) -> bool:
    kind = triple.object
    return triple.predicate.value == RDF + "type" and isinstance(kind, NamedNode) and kind.value == _CLASS


def _from_table(path: Path) -> Iterator[Triple]:
    seen = set()
    for number, row in rows(path, COLUMNS):
        try:
            iri = _iri("statement", row["statement"])
            if iri in seen:
                raise ValueError("the statement is there already.")
            seen.add(iri)
            yield from list(_statement(iri, row))
        except ValueError as error:
            raise bad_row(path, number, str(error)) from None


def _statement(iri: str, row: TableRow) -> Iterator[Triple]:
    yield link(iri, RDF + "type", _CLASS)
    for column in (*_IRIS, *_CODES, *_NUMBERS, *_DAYS):
        text = row[column]
        values = [part.strip() for part in text.split(";") if part.strip()] if column in _SEVERAL else [text]
        for value in filter(None, values):
            if column in _IRIS:
                yield link(iri, _IRIS[column], _iri(column, value))
            elif column in _CODES:
                predicate, beginning = _CODES[column]
                if not re.fullmatch(r"[a-z-]+", value):
                    raise ValueError(f"{column} is {value!r}, which is no code.")
                yield link(iri, predicate, beginning + value)
            elif column in _NUMBERS:
                yield typed(iri, _NUMBERS[column], _number(column, value), "decimal")
            else:
                if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                    raise ValueError(f"{column} is {value!r}, and must be a date such as 2026-01-31.")
                yield typed(iri, _DAYS[column], value, "date")
    if row["stated_by_name"]:
        yield words(row["stated_by"], _LEGAL_NAME, row["stated_by_name"])


def _iri(column: str, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", text):
        raise ValueError(f"{column} is {text!r}, and must be an IRI.")
    return text


def _number(column: str, text: str) -> str:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"{column} is {text!r}, and must be a number.") from None
    if not number.is_finite():
        raise ValueError(f"{column} is {text!r}, and must be a number.")
    return f"{number:f}"
