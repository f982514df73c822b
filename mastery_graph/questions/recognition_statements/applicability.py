"""What recognition statements are worth for a question, and whether they settle it (STATEMENT-1 to STATEMENT-4).

A statement settles the criterion that it speaks to and no other; a condition that cannot be judged leaves it unknown;
it binds the body that made it and those that follow it, and is a hint to others; statements that contradict each other
are shown, not weighed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import get_args

from mastery_graph.credentials.description import Description
from mastery_graph.languages import Joined, Message, said
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Criterion, Outcome, Strength
from mastery_graph.questions.equivalence.levels import Level
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.mapping_closure import paths_to_esco
from mastery_graph.questions.recognition_statements.records import (
    Purpose,
    RecognitionStatement,
    describe_statement,
    parse_number,
    statement_evidence,
)
from mastery_graph.questions.rules import Rules
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF, TIED_TO

RULES = ("STATEMENT-1", "STATEMENT-2", "STATEMENT-3", "STATEMENT-4")


class Applicability(StrEnum):
    """What a statement is worth for a question."""

    APPLIES = "applies"
    UNKNOWN = "unknown"
    HINT = "hint"
    CONTRADICTED = "contradicted"
    DOES_NOT_APPLY = "does-not-apply"


class JudgedStatement(Record):
    """A statement with what it is worth for the question, and why."""

    statement: RecognitionStatement
    standing: Applicability
    explanation: Localized
    contradicts: tuple[str, ...] = ()
    """The other statements on the same matter that cannot hold beside it, whether or not they bind (STATEMENT-4)."""


@dataclass(frozen=True, slots=True)
class RecognitionContext:
    """What a question is about, as far as a statement depends on it: who asks, on which day (UTC), for what.

    Where a question has no purpose, a statement that does not hold for every purpose is left open.
    """

    body: str | None
    day: date
    purpose: Purpose | None = None
    target: str | None = None


def judge_statements(
    about: Sequence[RecognitionStatement], description: Description, asked: RecognitionContext
) -> tuple[JudgedStatement, ...]:
    """Return what each statement is worth for a description and a question.

    Statements that are in force, binding and with their conditions fulfilled apply, unless two of them contradict each
    other.
    """
    judged = [
        JudgedStatement(statement=one, standing=standing, explanation=why)
        for one in about
        for standing, why in [_standing(one, description, asked)]
    ]
    concerning = [one for one in judged if one.standing is not Applicability.DOES_NOT_APPLY]
    applying = {one.statement.iri for one in concerning if one.standing is Applicability.APPLIES}
    return tuple(_against_others(one, concerning, applying) if one in concerning else one for one in judged)


def apply_statements(
    judged: Sequence[JudgedStatement], speaks_to: str, criterion: Criterion, store: Store, compared: Sequence[Level]
) -> Criterion:
    """Return a criterion as the statements that apply settle it, with those that do not shown (STATEMENT-1).

    `compared` are the levels of the destination that the credential compares with. An acceptance settles the criterion
    as met; a refusal settles the level as unmet where, with other refusals, it leaves none of these levels.
    """
    applying = [
        one.statement
        for one in judged
        if one.standing is Applicability.APPLIES and one.statement.speaks_to == speaks_to
    ]
    if not applying:
        return criterion
    cited = statement_evidence(store, applying) + criterion.evidence
    outcome, settling = _settling(applying, store, compared)
    if outcome is None:
        told = Message(
            "A recognition statement applies, and does not settle this (STATEMENT-1): {statements} {explanation}",
            statements=Joined(dict.fromkeys([*map(describe_statement, applying), *map(_open_because, applying)]), " "),
            explanation=criterion.explanation,
        )
        return criterion.model_copy(update={"explanation": told, "evidence": cited})
    told = Message(
        "Settled by a recognition statement (STATEMENT-1): {statement} Without it: {outcome}. {explanation}",
        statement=Joined((describe_statement(one) for one in settling), " "),
        outcome=Message(criterion.outcome.value),
        explanation=criterion.explanation,
    )
    return criterion.model_copy(
        update={"outcome": outcome, "strength": Strength.STRONG, "explanation": told, "evidence": cited}
    )


def _settling(
    applying: Sequence[RecognitionStatement], store: Store, compared: Sequence[Level]
) -> tuple[Outcome | None, list[RecognitionStatement]]:
    """Return as what statements on one criterion settle it, and which of them do; None where none does.

    REC-OUTCOMES asks whether the outcomes lead to ESCO: to be accepted as what leads there settles it, and to be
    refused as one skill takes no outcome away.
    """
    accepting = [
        one
        for one in applying
        if one.decision == "accepted" and (one.speaks_to == "level" or _leads_to_esco(store, one.accepted_as or ""))
    ]
    if accepting:
        return Outcome.MET, accepting
    refusing = [one for one in applying if one.decision == "not-accepted"]
    refused = {one.accepted_as for one in refusing}
    against = [{level.uri, f"{EQF}{level.eqf_level}"} & refused for level in compared]
    if not against or not all(against):
        return None, []
    return Outcome.UNMET, [one for one in refusing if any(one.accepted_as in names for names in against)]


def _open_because(one: RecognitionStatement) -> Message:
    """Return why a statement that applies does not settle the criterion that it speaks to."""
    if one.speaks_to == "level":
        return Message("A refusal of one level says nothing of the others.")
    if one.decision == "accepted":
        return Message("Nothing known here leads from that to ESCO.")
    return Message("A refusal as one outcome or skill takes no stated outcome away.")


def _leads_to_esco(store: Store, accepted_as: str) -> bool:
    """Return whether a skill, or one that an outcome is tied to, is of ESCO or mapped to it."""
    tied = [quad.object for quad in evidence_about(store, [accepted_as], TIED_TO) if quad.object_type == "iri"]
    return bool(paths_to_esco(store, (accepted_as, *tied)))


def statement_criteria(store: Store, rules: Rules, judged: Sequence[JudgedStatement]) -> tuple[Criterion, ...]:
    """Return the criteria of the rules STATEMENT-1 to STATEMENT-4; none where no statement speaks of the thing."""
    if not judged:
        return ()
    found = {one.standing for one in judged}
    applies = Applicability.APPLIES in found
    unsure = bool(found & {Applicability.UNKNOWN, Applicability.CONTRADICTED})
    contradicting = [one for one in judged if one.contradicts]
    idle = Outcome.MET if applies else Outcome.NOT_APPLICABLE

    def criterion(rule: str, outcome: Outcome, kinds: set[Applicability], otherwise: str) -> Criterion:
        told = [one for one in judged if one.standing in kinds]
        words = Joined((text for one in told for text in (describe_statement(one.statement), one.explanation)), " ")
        return rules.criterion(
            rule,
            outcome,
            words if told else Message(otherwise),
            statement_evidence(store, [one.statement for one in told]),
        )

    return (
        criterion(
            "STATEMENT-1",
            Outcome.UNKNOWN if unsure and not applies else idle,
            {Applicability.APPLIES, Applicability.DOES_NOT_APPLY},
            said("No recognition statement is known to apply."),
        ),
        criterion(
            "STATEMENT-2",
            Outcome.UNKNOWN if Applicability.UNKNOWN in found else idle,
            {Applicability.UNKNOWN},
            said("No condition of a statement is left open."),
        ),
        criterion("STATEMENT-3", idle, {Applicability.HINT}, said("No statement is a mere hint.")),
        rules.criterion(
            "STATEMENT-4",
            Outcome.UNMET if contradicting else idle,
            Joined(map(_contradiction, contradicting), " ")
            if contradicting
            else Message("No two statements contradict each other."),
            statement_evidence(store, [one.statement for one in contradicting]),
        ),
    )


def _standing(
    one: RecognitionStatement, description: Description, asked: RecognitionContext
) -> tuple[Applicability, str]:
    if one.speaks_to == "workload" and one.target != asked.target:
        return Applicability.DOES_NOT_APPLY, Message("The question is not about the target of its credits.")
    if asked.purpose is not None and asked.purpose not in one.purposes:
        other = Message("It does not hold for the purpose {purpose}.", purpose=Message(asked.purpose))
        return Applicability.DOES_NOT_APPLY, other
    if asked.day < one.in_force_from or (one.in_force_until and asked.day > one.in_force_until):
        return Applicability.DOES_NOT_APPLY, Message("It is not in force on {day}.", day=asked.day)
    unknown = []
    for met, why in _conditions(one, description, asked):
        if met is False:
            return Applicability.DOES_NOT_APPLY, why
        if met is None:
            unknown.append(why)
    if not one.binds(asked.body):
        if asked.body is None:
            return Applicability.HINT, Message("A hint only: no body is named that asks.")
        return Applicability.HINT, Message("A hint only: {body} has not declared to follow it.", body=asked.body)
    if unknown:
        return Applicability.UNKNOWN, Joined(unknown, " ")
    return Applicability.APPLIES, Message("It is in force, binds the body that asks, and its conditions are fulfilled.")


def _conditions(
    one: RecognitionStatement, description: Description, asked: RecognitionContext
) -> Iterable[tuple[bool | None, str]]:
    """Yield each condition as fulfilled, not fulfilled or unknown (None), with the reason (STATEMENT-2)."""
    if asked.purpose is None and set(get_args(Purpose)) - set(one.purposes):
        purposes = Joined(Message(purpose) for purpose in one.purposes)
        yield None, Message("It holds for {purposes} only, and the question names no purpose.", purposes=purposes)
    if one.issued_since:
        issued = description.issued_at.date() if description.issued_at else None
        yield (
            None if issued is None else issued >= one.issued_since,
            Message(
                "It asks for a credential issued since {day}; this one {issued}.",
                day=one.issued_since,
                issued=_issued(issued),
            ),
        )
    if one.awarding_body:
        given = description.awarding_body.iri if description.awarding_body else None
        yield (
            None if given is None else given == one.awarding_body,
            Message(
                "It asks for the awarding body {asked}; here it is {given}.",
                asked=one.awarding_body,
                given=given or Message("not stated"),
            ),
        )
    if one.grade_at_least is not None:
        grades = [grade for item in description.assessments if (grade := parse_number(item.grade)) is not None]
        stated = ", ".join(f"{grade:g}" for grade in grades) or Message("not stated as a number")
        yield (
            None if not grades else max(grades) >= one.grade_at_least,
            Message(
                "It asks for the grade {asked} at least; here it is {given}.", asked=one.grade_at_least, given=stated
            ),
        )


def _issued(day: date | None) -> Message:
    return Message("was issued on {day}", day=day) if day else Message("states no date of issuing")


def _against_others(
    judged: JudgedStatement, concerning: Sequence[JudgedStatement], applying: Collection[str]
) -> JudgedStatement:
    """Return a statement with those that contradict it; it settles nothing where one of them applies as well."""
    others = tuple(each.statement.iri for each in concerning if judged.statement.contradicts(each.statement))
    binding = [iri for iri in others if iri in applying]
    if judged.statement.iri not in applying or not binding:
        return judged.model_copy(update={"contradicts": others})
    why = Message("It contradicts {others}; both are shown, and neither settles anything.", others=", ".join(binding))
    return judged.model_copy(update={"standing": Applicability.CONTRADICTED, "explanation": why, "contradicts": others})


def _contradiction(judged: JudgedStatement) -> Joined:
    """Return a statement with what contradicts it, in words."""
    contradicted = Message("It contradicts {others}; neither is weighed.", others=", ".join(judged.contradicts))
    return Joined([describe_statement(judged.statement), contradicted], " ")
