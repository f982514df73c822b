"""The applicability of recognition statements to a question, and their effect on criteria (STATEMENT-1 to STATEMENT-4).

A statement settles only the criterion that it concerns. Where a condition cannot be judged, the applicability is
unknown. A statement binds the body that made it and those that follow it; for others it is a hint. Statements that
contradict each other are shown and settle nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from mastery_graph.credentials.description import Description
from mastery_graph.languages import N_, Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Criterion, Outcome, Strength
from mastery_graph.questions.equivalence.levels import Level
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.mapping_closure import paths_to_esco
from mastery_graph.questions.purposes import Purpose
from mastery_graph.questions.recognition_statements.records import (
    RecognitionStatement,
    describe_statement,
    parse_number,
    statement_evidence,
)
from mastery_graph.questions.rules import Judge, Judgement, Rules
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF, TIED_TO


class Applicability(StrEnum):
    """Whether a statement applies to a question."""

    APPLIES = "applies"
    UNKNOWN = "unknown"
    HINT = "hint"
    CONTRADICTED = "contradicted"
    DOES_NOT_APPLY = "does-not-apply"


class JudgedStatement(Record):
    """A statement with its applicability to the question, and why."""

    statement: RecognitionStatement
    standing: Applicability
    explanation: Localized
    contradicts: tuple[str, ...] = ()
    """The other statements on the same matter that cannot hold beside it, whether or not they bind (STATEMENT-4)."""


@dataclass(frozen=True, slots=True)
class RecognitionContext:
    """The parts of a question on which statements depend: the recognising body, the day (UTC), the purpose, the target.

    Where a question has no purpose, the applicability of a statement that does not hold for every purpose is unknown.
    """

    body: str | None
    day: date
    purpose: Purpose | None = None
    target: str | None = None
    purposes: frozenset[str] = frozenset()
    """The codes of all purposes in the graph."""


def judge_statements(
    statements: Sequence[RecognitionStatement], description: Description, context: RecognitionContext
) -> tuple[JudgedStatement, ...]:
    """Judge whether each statement applies to a description and a question.

    A statement applies if it is in force, is binding and has its conditions fulfilled, unless another statement that
    applies contradicts it.
    """
    judgements = [
        JudgedStatement(statement=statement, standing=applicability, explanation=why)
        for statement in statements
        for applicability, why in [_applicability(statement, description, context)]
    ]
    relevant = [judgement for judgement in judgements if judgement.standing is not Applicability.DOES_NOT_APPLY]
    applying = {judgement.statement.iri for judgement in relevant if judgement.standing is Applicability.APPLIES}
    return tuple(
        _with_contradictions(judgement, relevant, applying) if judgement in relevant else judgement
        for judgement in judgements
    )


def apply_statements(
    judgements: Sequence[JudgedStatement], speaks_to: str, criterion: Criterion, store: Store, compared: Sequence[Level]
) -> Criterion:
    """Return a criterion as settled by the statements that apply; others that apply are cited (STATEMENT-1).

    `compared` are the levels of the destination that the credential compares with. An acceptance settles the criterion
    as met; a refusal settles the level as unmet where, with other refusals, it leaves none of these levels.
    """
    applying = [
        judgement.statement
        for judgement in judgements
        if judgement.standing is Applicability.APPLIES and judgement.statement.speaks_to == speaks_to
    ]
    if not applying:
        return criterion
    evidence = statement_evidence(store, applying) + criterion.evidence
    outcome, decisive = _settlement(applying, store, compared)
    if outcome is None:
        explanation = Message(
            "A recognition statement applies, and does not settle this (STATEMENT-1): {statements} {explanation}",
            statements=Joined(
                dict.fromkeys([*map(describe_statement, applying), *map(_reason_not_settled, applying)]), " "
            ),
            explanation=criterion.explanation,
        )
        return criterion.model_copy(update={"explanation": explanation, "evidence": evidence})
    explanation = Message(
        "Settled by a recognition statement (STATEMENT-1): {statement} Without it: {outcome}. {explanation}",
        statement=Joined((describe_statement(statement) for statement in decisive), " "),
        outcome=Message(criterion.outcome.value),
        explanation=criterion.explanation,
    )
    return criterion.model_copy(
        update={"outcome": outcome, "strength": Strength.STRONG, "explanation": explanation, "evidence": evidence}
    )


def _settlement(
    applying: Sequence[RecognitionStatement], store: Store, compared: Sequence[Level]
) -> tuple[Outcome | None, list[RecognitionStatement]]:
    """Return the outcome that statements settle for one criterion (None where they do not), and the decisive ones.

    REC-OUTCOMES asks whether the outcomes lead to ESCO: an acceptance as something that leads to ESCO settles it; a
    refusal as one skill removes no outcome.
    """
    accepting = [
        statement
        for statement in applying
        if statement.decision == "accepted"
        and (statement.speaks_to == "level" or _leads_to_esco(store, statement.accepted_as or ""))
    ]
    if accepting:
        return Outcome.MET, accepting
    refusing = [statement for statement in applying if statement.decision == "not-accepted"]
    refused = {statement.accepted_as for statement in refusing}
    refused_names = [{level.uri, f"{EQF}{level.eqf_level}"} & refused for level in compared]
    if not refused_names or not all(refused_names):
        return None, []
    return Outcome.UNMET, [
        statement for statement in refusing if any(statement.accepted_as in names for names in refused_names)
    ]


def _reason_not_settled(statement: RecognitionStatement) -> Message:
    """Return why a statement that applies does not settle the criterion that it concerns."""
    if statement.speaks_to == "level":
        return Message("A refusal of one level says nothing of the others.")
    if statement.decision == "accepted":
        return Message("No known mapping links that to ESCO.")
    return Message("A refusal as one outcome or skill takes no stated outcome away.")


def _leads_to_esco(store: Store, accepted_as: str) -> bool:
    """Return whether a skill, or a concept that an outcome is tied to, is in ESCO or mapped to it."""
    concepts = [quad.object for quad in evidence_about(store, [accepted_as], TIED_TO) if quad.object_type == "iri"]
    return bool(paths_to_esco(store, (accepted_as, *concepts)))


def statement_criteria(store: Store, rules: Rules, judgements: Sequence[JudgedStatement]) -> tuple[Criterion, ...]:
    """Return the criteria of the rules STATEMENT-1 to STATEMENT-4; none without statements."""
    return tuple(rules.judge(RULES, _StatementCase(store, judgements))) if judgements else ()


@dataclass(frozen=True, slots=True)
class _StatementCase:
    """What is judged: the statements, each with its applicability."""

    store: Store
    judgements: Sequence[JudgedStatement]

    @property
    def applicabilities(self) -> set[Applicability]:
        """The applicabilities that occur."""
        return {judgement.standing for judgement in self.judgements}

    @property
    def default_outcome(self) -> Outcome:
        """The outcome where nothing is unclear: met if a statement applies."""
        return Outcome.MET if Applicability.APPLIES in self.applicabilities else Outcome.NOT_APPLICABLE

    def describe(self, outcome: Outcome, selection: set[Applicability], otherwise: str) -> Judgement:
        """Return an outcome with the statements of some applicabilities, or with a text if there are none."""
        selected = [judgement for judgement in self.judgements if judgement.standing in selection]
        texts = (
            text for judgement in selected for text in (describe_statement(judgement.statement), judgement.explanation)
        )
        description = Joined(texts, " ") if selected else Message(otherwise)
        return outcome, description, statement_evidence(self.store, [judgement.statement for judgement in selected])


def _applying(case: _StatementCase) -> Judgement:
    """Judge whether a statement applies (STATEMENT-1)."""
    is_unclear = bool(case.applicabilities & {Applicability.UNKNOWN, Applicability.CONTRADICTED})
    applies = Applicability.APPLIES in case.applicabilities
    return case.describe(
        Outcome.UNKNOWN if is_unclear and not applies else case.default_outcome,
        {Applicability.APPLIES, Applicability.DOES_NOT_APPLY},
        N_("No recognition statement is known to apply."),
    )


def _open_conditions(case: _StatementCase) -> Judgement:
    """Judge whether the conditions of the statements can be judged (STATEMENT-2)."""
    return case.describe(
        Outcome.UNKNOWN if Applicability.UNKNOWN in case.applicabilities else case.default_outcome,
        {Applicability.UNKNOWN},
        N_("No condition of a statement is left open."),
    )


def _hints(case: _StatementCase) -> Judgement:
    """Judge which statements bind only others (STATEMENT-3)."""
    return case.describe(case.default_outcome, {Applicability.HINT}, N_("No statement is a mere hint."))


def _contradictions(case: _StatementCase) -> Judgement:
    """Judge whether statements contradict each other (STATEMENT-4)."""
    contradicting = [judgement for judgement in case.judgements if judgement.contradicts]
    return (
        Outcome.UNMET if contradicting else case.default_outcome,
        Joined(map(_contradiction, contradicting), " ")
        if contradicting
        else Message("No two statements contradict each other."),
        statement_evidence(case.store, [judgement.statement for judgement in contradicting]),
    )


def _applicability(
    statement: RecognitionStatement, description: Description, context: RecognitionContext
) -> tuple[Applicability, str]:
    if statement.speaks_to == "workload" and statement.target != context.target:
        return Applicability.DOES_NOT_APPLY, Message("The question is not about the target of its credits.")
    if context.purpose is not None and context.purpose.code not in statement.purposes:
        explanation = Message("It does not hold for the purpose {purpose}.", purpose=context.purpose.name)
        return Applicability.DOES_NOT_APPLY, explanation
    if context.day < statement.in_force_from or (statement.in_force_until and context.day > statement.in_force_until):
        return Applicability.DOES_NOT_APPLY, Message("It is not in force on {day}.", day=context.day)
    open_reasons = []
    for is_met, reason in _conditions(statement, description, context):
        if is_met is False:
            return Applicability.DOES_NOT_APPLY, reason
        if is_met is None:
            open_reasons.append(reason)
    if not statement.binds(context.body):
        if context.body is None:
            return Applicability.HINT, Message("Advisory only: the question names no recognising body.")
        return Applicability.HINT, Message(
            "Advisory only: {body} has not declared that it follows it.", body=context.body
        )
    if open_reasons:
        return Applicability.UNKNOWN, Joined(open_reasons, " ")
    return Applicability.APPLIES, Message("It is in force, binds the body that asks, and its conditions are fulfilled.")


def _conditions(
    statement: RecognitionStatement, description: Description, context: RecognitionContext
) -> Iterable[tuple[bool | None, str]]:
    """Yield each condition as fulfilled, not fulfilled or unknown (None), with the reason (STATEMENT-2)."""
    if context.purpose is None and context.purposes - set(statement.purposes):
        purposes = Joined(statement.purpose_names)
        yield None, Message("It holds for {purposes} only, and the question names no purpose.", purposes=purposes)
    if statement.issued_since:
        issued = description.issued_at.date() if description.issued_at else None
        yield (
            None if issued is None else issued >= statement.issued_since,
            Message(
                "It asks for a credential issued since {day}; this one {issued}.",
                day=statement.issued_since,
                issued=_issuing_date(issued),
            ),
        )
    if statement.awarding_body:
        awarding_body = description.awarding_body.iri if description.awarding_body else None
        yield (
            None if awarding_body is None else awarding_body == statement.awarding_body,
            Message(
                "Required awarding body: {asked}. Stated: {given}.",
                asked=statement.awarding_body,
                given=awarding_body or Message("not stated"),
            ),
        )
    if statement.grade_at_least is not None:
        grades = [grade for item in description.assessments if (grade := parse_number(item.grade)) is not None]
        grades_in_words = ", ".join(f"{grade:g}" for grade in grades) or Message("not stated as a number")
        yield (
            None if not grades else max(grades) >= statement.grade_at_least,
            Message(
                "Required grade: at least {asked}. Stated: {given}.",
                asked=statement.grade_at_least,
                given=grades_in_words,
            ),
        )


def _issuing_date(day: date | None) -> Message:
    return Message("was issued on {day}", day=day) if day else Message("states no date of issuing")


def _with_contradictions(
    judgement: JudgedStatement, judgements: Sequence[JudgedStatement], applying: Collection[str]
) -> JudgedStatement:
    """Return a statement with those that contradict it; it settles nothing where one of them also applies."""
    contradicted = tuple(
        other.statement.iri for other in judgements if judgement.statement.contradicts(other.statement)
    )
    binding = [iri for iri in contradicted if iri in applying]
    if judgement.statement.iri not in applying or not binding:
        return judgement.model_copy(update={"contradicts": contradicted})
    why = Message("It contradicts {others}; both are shown, and neither settles anything.", others=", ".join(binding))
    return judgement.model_copy(
        update={"standing": Applicability.CONTRADICTED, "explanation": why, "contradicts": contradicted}
    )


def _contradiction(judgement: JudgedStatement) -> Joined:
    """Return a statement and the statements that contradict it, in words."""
    contradicted = Message("It contradicts {others}; neither is weighed.", others=", ".join(judgement.contradicts))
    return Joined([describe_statement(judgement.statement), contradicted], " ")


RULES: Final[Mapping[str, Judge[_StatementCase]]] = {
    "STATEMENT-1": _applying,
    "STATEMENT-2": _open_conditions,
    "STATEMENT-3": _hints,
    "STATEMENT-4": _contradictions,
}
"""The rules of the criteria on recognition statements, in the order of the answer."""
