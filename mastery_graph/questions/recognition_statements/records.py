"""Recognition statements of authorities and institutions, as records read from the graph.

A statement records who accepts what as what, for which purposes and under which conditions. Two statements may
contradict each other (STATEMENT-4). A refusal covers only what it names.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from pyoxigraph import NamedNode

from mastery_graph.errors import BadParameter
from mastery_graph.languages import N_, Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Evidence
from mastery_graph.questions.equivalence.levels import Level, levels
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.purposes import Purpose, purposes_of
from mastery_graph.rdf import Bindings, Row, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF


class RecognitionStatement(Record):
    """A statement: who accepts what as what, with its purposes, conditions, period and sources."""

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
    purpose_names: Annotated[SkipJsonSchema[tuple[Localized, ...]], Field(exclude=True)] = ()
    """The names of the purposes, for sentences."""

    def binds(self, body: str | None) -> bool:
        """Return whether the statement binds a body (STATEMENT-3)."""
        return body is not None and body in {self.stated_by, *self.followed_by}

    def contradicts(self, other: "RecognitionStatement") -> bool:
        """Return whether the statements cannot both hold (STATEMENT-4); two refusals always can."""
        if self.speaks_to != other.speaks_to:
            return False
        both_accept = self.decision == other.decision == "accepted"
        if self.decision == other.decision and not both_accept:
            return False
        if self.speaks_to == "workload":
            return self.target == other.target and (
                self.credits != other.credits if both_accept else _accepts_refused_credits(self, other)
            )
        if self.speaks_to == "outcomes":
            return not both_accept and self.accepted_as == other.accepted_as
        return not _both_possible(self, other) if both_accept else _same_level(self, other)


def recognition_statements(
    store: Store, accepts: Iterable[str] = (), stated_by: str | None = None
) -> tuple[RecognitionStatement, ...]:
    """Return the statements of the graph: all, those about one of `accepts`, or those of one body (`stated_by`).

    Raises `BadParameter` for a text that is not an IRI.
    """
    bindings: Bindings = {}
    try:
        if nodes := [NamedNode(iri) for iri in dict.fromkeys(accepts)]:
            bindings = {"accepts": list(nodes)}
        if stated_by is not None:
            bindings = {**bindings, "statedBy": NamedNode(stated_by)}
    except ValueError:
        raise BadParameter(
            Message("Statements are found by IRIs."), Message("Give the IRI of what it accepts, or of the body.")
        ) from None
    grouped: dict[str, list[Row]] = {}
    for row in store.select(named_query("recognition/statements").text, bindings):
        grouped.setdefault(term_text(row["statement"]), []).append(row)
    level_uris = {row["acceptedAs"].value for rows in grouped.values() for row in rows if _is_iri(row, "acceptedAs")}
    known_levels = {level.uri: level for level in levels(store, sorted(level_uris))}
    purposes = purposes_of(store) if grouped else {}
    return tuple(_statement(rows, known_levels, purposes) for rows in grouped.values())


def describe_statement(statement: RecognitionStatement) -> Message:
    """Return a statement as one sentence."""
    if statement.credits is not None:
        acceptance = Message("for {credits} ECTS towards {target}", credits=statement.credits, target=statement.target)
    else:
        acceptance = Message("as {what}", what=statement.level.label if statement.level else statement.accepted_as)
    if statement.in_force_until:
        period = Message("from {day} until {end}", day=statement.in_force_from, end=statement.in_force_until)
    else:
        period = Message("from {day}", day=statement.in_force_from)
    return Message(
        N_("{body} accepts {thing} {what} (for {purposes}, {days}).")
        if statement.decision == "accepted"
        else N_("{body} does not accept {thing} {what} (for {purposes}, {days})."),
        body=statement.stated_by_name or statement.stated_by,
        thing=statement.accepts,
        what=acceptance,
        purposes=Joined(statement.purpose_names),
        days=period,
    )


def statement_evidence(store: Store, statements: Iterable[RecognitionStatement]) -> tuple[Evidence, ...]:
    """Return the quads of the statements."""
    return evidence_about(store, [statement.iri for statement in statements])


def _accepts_refused_credits(statement: RecognitionStatement, other: RecognitionStatement) -> bool:
    """Return whether one statement accepts at least as many credits as the other refuses."""
    accepting, refusing = (statement, other) if statement.decision == "accepted" else (other, statement)
    return (accepting.credits or 0.0) >= (refusing.credits or 0.0)


def _both_possible(statement: RecognitionStatement, other: RecognitionStatement) -> bool:
    """Return whether something can be accepted as both levels: the same level, or two at one EQF level.

    Two levels without a referencing can both hold only if they are of different frameworks.
    """
    if statement.accepted_as == other.accepted_as:
        return True
    if statement.level is None or other.level is None:
        return False
    if statement.level.eqf_level is None or other.level.eqf_level is None:
        return statement.level.framework_uri != other.level.framework_uri
    return statement.level.eqf_level == other.level.eqf_level


def _same_level(statement: RecognitionStatement, other: RecognitionStatement) -> bool:
    """Return whether both name the same level, or a national level and the EQF level that it is referenced to.

    Two national levels at one EQF level differ: something may be accepted as one and not as the other (LEVEL-3).
    """
    if statement.accepted_as == other.accepted_as:
        return True
    if statement.level is None or other.level is None or statement.level.eqf_level != other.level.eqf_level:
        return False
    return statement.level.eqf_level is not None and None in {statement.level.country, other.level.country}


def _is_iri(row: Row, column: str) -> bool:
    return isinstance(row.get(column), NamedNode)


def _statement(
    rows: Sequence[Row], known_levels: Mapping[str, Level], purposes: Mapping[str, Purpose]
) -> RecognitionStatement:
    first = rows[0]

    def value(name: str) -> str | None:
        return term_text(first[name]) if name in first else None

    def values(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(term_text(row[name]) for row in rows if name in row))

    accepted_as = value("acceptedAs")
    level = known_levels.get(accepted_as or "")
    is_level = level is not None or (accepted_as or "").startswith(EQF)
    return RecognitionStatement.model_validate(
        {
            "iri": term_text(first["statement"]),
            "stated_by": term_text(first["statedBy"]),
            "stated_by_name": value("name"),
            "followed_by": values("followedBy"),
            "accepts": term_text(first["accepts"]),
            "decision": term_text(first["decision"]),
            "accepted_as": accepted_as,
            "level": level,
            "speaks_to": "workload" if accepted_as is None else "level" if is_level else "outcomes",
            "credits": parse_number(value("credits")),
            "target": value("target"),
            "purposes": values("purpose"),
            "purpose_names": tuple(purposes[code].name if code in purposes else code for code in values("purpose")),
            "grade_at_least": parse_number(value("grade")),
            "issued_since": value("issuedSince"),
            "awarding_body": value("awardingBody"),
            "in_force_from": term_text(first["from"]),
            "in_force_until": value("until"),
            "sources": values("source"),
        }
    )


def parse_number(text: str | None) -> float | None:
    """Parse a number with a decimal point or comma; return None for anything else."""
    try:
        return float((text or "").strip().replace(",", "."))
    except ValueError:
        return None
