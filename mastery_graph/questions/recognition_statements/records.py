"""Recognition statements: what authorities and institutions have settled, as the graph has it.

Who accepts what as what, for which purposes, under which conditions, and which of them cannot both hold (STATEMENT-4).
A refusal refuses what it names, and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

from pyoxigraph import NamedNode

from mastery_graph.errors import BadParameter
from mastery_graph.languages import Joined, Message, said
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Evidence
from mastery_graph.questions.equivalence.levels import Level, levels
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.rdf import Bindings, Row, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF

Purpose = Literal["academic", "training", "employment"]


class RecognitionStatement(Record):
    """Who accepts what as what, for which purposes, under which conditions, from when to when, on which sources."""

    iri: str
    stated_by: str
    stated_by_name: str | None
    followed_by: tuple[str, ...]
    accepts: str
    decision: Literal["accepted", "not-accepted"]
    accepted_as: str | None
    """A level, an outcome or a skill; None where it is accepted for credits."""
    level: Level | None
    """The level, where `accepted_as` is one that the graph knows."""
    speaks_to: Literal["level", "outcomes", "workload"]
    credits: float | None
    """ECTS credits towards `target`."""
    target: str | None
    purposes: tuple[str, ...]
    grade_at_least: float | None
    issued_since: date | None
    awarding_body: str | None
    in_force_from: date
    in_force_until: date | None
    sources: tuple[str, ...]

    def binds(self, body: str | None) -> bool:
        """Return whether the statement binds a body (STATEMENT-3)."""
        return body is not None and body in {self.stated_by, *self.followed_by}

    def contradicts(self, other: "RecognitionStatement") -> bool:
        """Return whether both cannot hold (STATEMENT-4): two refusals always can."""
        if self.speaks_to != other.speaks_to:
            return False
        both_accept = self.decision == other.decision == "accepted"
        if self.decision == other.decision and not both_accept:
            return False
        if self.speaks_to == "workload":
            return self.target == other.target and (
                self.credits != other.credits if both_accept else _accepts_what_is_refused(self, other)
            )
        if self.speaks_to == "outcomes":
            return not both_accept and self.accepted_as == other.accepted_as
        return not _both_possible(self, other) if both_accept else _one_level(self, other)


def recognition_statements(
    store: Store, accepts: Iterable[str] = (), stated_by: str | None = None
) -> tuple[RecognitionStatement, ...]:
    """Return the statements of the graph: all, those that speak of one of `accepts`, those of one body.

    Raises `BadParameter` for a text that is no IRI.
    """
    bindings: Bindings = {}
    try:
        if things := [NamedNode(iri) for iri in dict.fromkeys(accepts)]:
            bindings = {"accepts": list(things)}
        if stated_by is not None:
            bindings = {**bindings, "statedBy": NamedNode(stated_by)}
    except ValueError:
        raise BadParameter(
            "A statement is found by IRIs.", "Give the IRI of what it accepts, or of the body."
        ) from None
    grouped: dict[str, list[Row]] = {}
    for row in store.select(named_query("recognition/statements").text, bindings):
        grouped.setdefault(term_text(row["statement"]), []).append(row)
    named = {row["acceptedAs"].value for rows in grouped.values() for row in rows if _is_named(row, "acceptedAs")}
    known = {level.uri: level for level in levels(store, sorted(named))}
    return tuple(_statement(rows, known) for rows in grouped.values())


def describe_statement(one: RecognitionStatement) -> Message:
    """Return a statement as a sentence."""
    if one.credits is not None:
        what = Message("for {credits} ECTS towards {target}", credits=one.credits, target=one.target)
    else:
        what = Message("as {what}", what=one.level.label if one.level else one.accepted_as)
    if one.in_force_until:
        days = Message("from {day} until {end}", day=one.in_force_from, end=one.in_force_until)
    else:
        days = Message("from {day}", day=one.in_force_from)
    return Message(
        said("{body} accepts {thing} {what} (for {purposes}, {days}).")
        if one.decision == "accepted"
        else said("{body} does not accept {thing} {what} (for {purposes}, {days})."),
        body=one.stated_by_name or one.stated_by,
        thing=one.accepts,
        what=what,
        purposes=Joined(Message(purpose) for purpose in one.purposes),
        days=days,
    )


def statement_evidence(store: Store, about: Iterable[RecognitionStatement]) -> tuple[Evidence, ...]:
    """Return the quads of these statements."""
    return evidence_about(store, [one.iri for one in about])


def _accepts_what_is_refused(one: RecognitionStatement, other: RecognitionStatement) -> bool:
    """Return whether the one that accepts does so for as many credits as the other refuses, or more."""
    accepting, refusing = (one, other) if one.decision == "accepted" else (other, one)
    return (accepting.credits or 0.0) >= (refusing.credits or 0.0)


def _both_possible(one: RecognitionStatement, other: RecognitionStatement) -> bool:
    """Return whether something can be accepted as both levels: as the same, or as two at one EQF level.

    Of two levels of one framework only their referencings say so; what a level without one compares with is open.
    """
    if one.accepted_as == other.accepted_as:
        return True
    if one.level is None or other.level is None:
        return False
    if one.level.eqf_level is None or other.level.eqf_level is None:
        return one.level.framework_uri != other.level.framework_uri
    return one.level.eqf_level == other.level.eqf_level


def _one_level(one: RecognitionStatement, other: RecognitionStatement) -> bool:
    """Return whether both name one level: the same, or a national level and the EQF level that it is referenced to.

    Two national levels at one EQF level are two: something may be accepted as one and not as the other (LEVEL-3).
    """
    if one.accepted_as == other.accepted_as:
        return True
    if one.level is None or other.level is None or one.level.eqf_level != other.level.eqf_level:
        return False
    return one.level.eqf_level is not None and None in {one.level.country, other.level.country}


def _is_named(row: Row, column: str) -> bool:
    return isinstance(row.get(column), NamedNode)


def _statement(rows: Sequence[Row], known: Mapping[str, Level]) -> RecognitionStatement:
    first = rows[0]

    def one(name: str) -> str | None:
        return term_text(first[name]) if name in first else None

    def several(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(term_text(row[name]) for row in rows if name in row))

    accepted_as = one("acceptedAs")
    level = known.get(accepted_as or "")
    is_level = level is not None or (accepted_as or "").startswith(EQF)
    return RecognitionStatement.model_validate(
        {
            "iri": term_text(first["statement"]),
            "stated_by": term_text(first["statedBy"]),
            "stated_by_name": one("name"),
            "followed_by": several("followedBy"),
            "accepts": term_text(first["accepts"]),
            "decision": term_text(first["decision"]),
            "accepted_as": accepted_as,
            "level": level,
            "speaks_to": "workload" if accepted_as is None else "level" if is_level else "outcomes",
            "credits": parse_number(one("credits")),
            "target": one("target"),
            "purposes": several("purpose"),
            "grade_at_least": parse_number(one("grade")),
            "issued_since": one("issuedSince"),
            "awarding_body": one("awardingBody"),
            "in_force_from": term_text(first["from"]),
            "in_force_until": one("until"),
            "sources": several("source"),
        }
    )


def parse_number(written: str | None) -> float | None:
    """Return a number as it is written, with a point or a comma; None where it is none."""
    try:
        return float((written or "").strip().replace(",", "."))
    except ValueError:
        return None
