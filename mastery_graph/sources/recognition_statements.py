"""Reader of recognition statements supplied by a user: Turtle, or a CSV table with the header `COLUMNS`."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from mastery_graph.errors import BadSource
from mastery_graph.languages import Message
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
"""All are required. `followed_by` and `purposes` contain values separated by `;`; the others at most one value."""

_CLASS = NS.RecognitionStatement
_LEGAL_NAME = ROV.legalName
_IRI_COLUMNS = {
    "stated_by": NS.statedBy,
    "followed_by": NS.followedBy,
    "accepts": NS.accepts,
    "accepted_as": NS.acceptedAs,
    "target": NS.towardsTarget,
    "awarding_body": NS.fromAwardingBody,
    "source": DCTERMS.source,
}
_CODE_COLUMNS = {"decision": (NS.decision, ID + "decision/"), "purposes": (NS.forPurpose, ID + "purpose/")}
_NUMBER_COLUMNS = {"credits": NS.acceptedCredits, "grade_at_least": NS.gradeAtLeast}
_DATE_COLUMNS = {
    "issued_since": NS.issuedSince,
    "in_force_from": NS.inForceFrom,
    "in_force_until": NS.inForceUntil,
}
_MULTIVALUED_COLUMNS = {"followed_by", "purposes"}


def read_recognition_statements(path: Path) -> list[Triple]:
    """Return the triples of the statements in a Turtle file (`.ttl`) or a CSV table (`.csv`).

    Raises `OntologyError` or `BadSource` with the line or the row, and if the file contains no statement. Whether each
    statement is complete is checked by the shape `shapes/statements.ttl`.
    """
    triples = list(_read_table(path)) if path.suffix.lower() == ".csv" else read_turtle(path)
    if not any(_is_statement(triple) for triple in triples):
        raise BadSource(
            Message("{name} contains no recognition statement.", name=path.name),
            Message("See docs/reference/tables.md for the two forms."),
        )
    return triples


def merge_statements(existing: list[Triple], new: list[Triple]) -> list[Triple]:
    """Return the existing triples with the new ones; a statement with the same IRI is replaced as a whole."""
    replaced = {triple.subject for triple in new if _is_statement(triple)}
    unchanged = [triple for triple in existing if triple.subject not in replaced]
    return list(dict.fromkeys([*unchanged, *new]))


def _is_statement(triple: Triple) -> bool:
    kind = triple.object
    return triple.predicate.value == RDF.type and isinstance(kind, NamedNode) and kind.value == _CLASS


def _read_table(path: Path) -> Iterator[Triple]:
    iris = set()
    for number, row in rows(path, COLUMNS):
        try:
            iri = _iri("statement", row["statement"])
            if iri in iris:
                raise ValueError("the statement is there already.")
            iris.add(iri)
            yield from list(_statement_triples(iri, row))
        except ValueError as error:
            raise bad_row(path, number, str(error)) from None


def _statement_triples(iri: str, row: TableRow) -> Iterator[Triple]:
    yield link(iri, RDF.type, _CLASS)
    for column in (*_IRI_COLUMNS, *_CODE_COLUMNS, *_NUMBER_COLUMNS, *_DATE_COLUMNS):
        text = row[column]
        values = (
            [part.strip() for part in text.split(";") if part.strip()] if column in _MULTIVALUED_COLUMNS else [text]
        )
        for value in filter(None, values):
            if column in _IRI_COLUMNS:
                yield link(iri, _IRI_COLUMNS[column], _iri(column, value))
            elif column in _CODE_COLUMNS:
                predicate, prefix = _CODE_COLUMNS[column]
                if not re.fullmatch(r"[a-z-]+", value):
                    raise ValueError(f"{column} is {value!r}, which is no code.")
                yield link(iri, predicate, prefix + value)
            elif column in _NUMBER_COLUMNS:
                yield typed(iri, _NUMBER_COLUMNS[column], _number(column, value), "decimal")
            else:
                if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                    raise ValueError(f"{column} is {value!r}, and must be a date such as 2026-01-31.")
                yield typed(iri, _DATE_COLUMNS[column], value, "date")
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
