"""Answers to stackability questions: whether micro-credentials add up to a target, and what is missing.

The rules STACK-OUTCOMES to STACK-HOLDER. The verdict follows from the criteria; the suggestions come from the
catalogue.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Answer, Criterion
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.questions.equivalence.paths import Step, steps_of
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.judging.assurance import ACCEPTED_CLAIMS
from mastery_graph.questions.judging.registers import Register, consulted_registers
from mastery_graph.questions.judging.subject import Subject, SubjectInput, read_subjects
from mastery_graph.questions.judging.workload import NO_CREDITS, Credits
from mastery_graph.questions.purposes import find_purpose, purposes_of
from mastery_graph.questions.recognition_statements.applicability import JudgedStatement
from mastery_graph.questions.stackability.catalogue import CandidateSearch
from mastery_graph.questions.stackability.gap_search import CatalogueSearch, search_catalogue
from mastery_graph.questions.stackability.judged_stack import JudgedStack, StackCase, judge_stack
from mastery_graph.questions.stackability.left_out import LeftOut, left_out
from mastery_graph.questions.stackability.outcome_coverage import Assignment, Matcher, OfferedOutcome
from mastery_graph.questions.stackability.policy import StackPolicy, Status
from mastery_graph.questions.stackability.presets import Figure, resolve_policy
from mastery_graph.questions.stackability.suggestions import Suggestion
from mastery_graph.questions.stackability.target import Skills, Target, target_of
from mastery_graph.questions.stackability.title_similarity import Hint, hints
from mastery_graph.questions.stackability.verdict import StackVerdict, summarise
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class OutcomeCoverage(Record):
    """The coverage of an outcome of the target: by which outcome of which credential, and on which path."""

    outcome: str
    title: str
    status: Status
    grade: float
    """0 to 1."""
    weight: float
    covered_by: str | None
    """The credential."""
    by_outcome: str | None
    path: tuple[Step, ...] = ()
    """The links from the target's concept to the credential's; none where both are the same."""


class RequiredAndRecognised(Record):
    """ECTS credits as intervals: required by the target, and recognised of the stack."""

    required: Credits
    recognised: Credits


class Missing(Record):
    """An outcome that the stack does not cover, and whether the catalogue has anything that serves it."""

    outcome: str
    title: str
    grade: float
    in_catalogue: bool
    hints: tuple[Hint, ...] = ()
    """Outcomes of the credentials with a similar title: never counted, for a person to check."""


class Stackability(Answer):
    """Whether a stack reaches a target, and what is missing."""

    kind: ClassVar[str] = "stackability"

    verdict: StackVerdict
    coverage: float
    """0 to 1; a lower bound where `coverage_at_most` is above it."""
    coverage_at_most: float
    """The coverage (0 to 1) that is possible at best, if the graph had complete data about the concepts."""
    outcomes: tuple[OutcomeCoverage, ...]
    credits: RequiredAndRecognised
    gap: tuple[Missing, ...]
    suggestions: tuple[Suggestion, ...]
    not_closed_because: tuple[Localized, ...]
    """Why no suggestion closes the gap; empty where one does, or where there is no gap."""
    left_out: tuple[LeftOut, ...]
    order: tuple[str, ...]
    """An order in which the stack can be taken."""
    policy: StackPolicy
    """The figures by which the stack was judged."""
    figures: tuple[Figure, ...]
    """Each figure except the day, with its origin: the caller, a preset with its source, or our default."""
    statements: tuple[JudgedStatement, ...] = ()
    """The recognition statements about the credentials, with their applicability to this question."""
    note: Localized | None = None
    """Caveats of the answer: that claims are accepted, that the green skills shown are a provisional set."""
    consulted: tuple[Register, ...] = ()
    """The registers that were consulted, with the days on which their entries were true."""
    not_consulted: tuple[Register, ...] = ()
    """The registers that were not consulted and could settle what is only claimed."""


def stackability(
    store: Store,
    credentials: Sequence[SubjectInput],
    target: SubjectInput | Skills,
    policy: StackPolicy | None = None,
    *,
    purpose: str | None = None,
    body: str | None = None,
    explain: bool = False,
) -> Stackability:
    """Return whether the credentials add up to the target, and what is missing.

    Credentials are IRIs of the graph or documents; the target too, or a green skill, or a list of skills. `body` is
    the IRI of the recognising body: the recognition statements that it made, or follows, bind it. `purpose` is the
    purpose of recognition: without one, the applicability of a statement that does not hold for every purpose is
    unknown. With `explain` each suggestion states why it was chosen. Raises `UnknownResource`, `NoOutcomes`,
    `CyclicPrerequisites`, `ContradictoryCredits`, `BadParameter` and `BadDocument`.
    """
    if not credentials:
        raise BadParameter(Message("A stack needs at least one credential."), Message("Name them in `credentials`."))
    requested = policy or StackPolicy()
    resolved, figures = resolve_policy(requested)
    resolved = resolved.model_copy(update={"on": resolved.on or datetime.now(UTC).date()})
    subjects, goal = read_subjects(store, credentials), target_of(store, target)
    purposes = purposes_of(store)
    sought = find_purpose(purposes, purpose) if purpose is not None else None
    matcher = Matcher(store, goal.outcomes, resolved)
    case = StackCase(store, goal, matcher, resolved, body, sought, frozenset(purposes))
    judged = judge_stack(case, subjects)
    question = _question(case, subjects, requested, explain=explain)
    return _answer(case, judged, search_catalogue(case, judged, explain=explain), question, figures)


def _answer(
    case: StackCase,
    judged: JudgedStack,
    search: CatalogueSearch,
    question: dict[str, object],
    figures: tuple[Figure, ...],
) -> Stackability:
    stack, store = judged.stack, case.store
    consulted, not_consulted = consulted_registers(store, _countries(stack.distinct))
    return Stackability(
        question=question,
        verdict=judged.verdict,
        summary=summarise(stack, judged.criteria, judged.verdict),
        criteria=(*judged.criteria, *_replacements(store, case.target, stack.credentials)),
        dataset=dataset_of(store),
        coverage=stack.coverage,
        coverage_at_most=stack.coverage_at_most,
        outcomes=tuple(_outcome(assignment, case.policy) for assignment in stack.assigned),
        credits=RequiredAndRecognised(required=stack.required or NO_CREDITS, recognised=stack.recognised),
        gap=_gap(case, judged, search.catalogue),
        suggestions=search.suggestions,
        not_closed_because=search.not_closed_because,
        left_out=left_out(judged, case.matcher),
        order=judged.order,
        policy=case.policy,
        figures=figures,
        statements=stack.statements,
        note=_note(store, case.policy, _skills(case.target, judged.offered)),
        consulted=consulted,
        not_consulted=not_consulted,
    )


def _question(
    case: StackCase, subjects: Sequence[Subject], requested: StackPolicy, *, explain: bool
) -> dict[str, object]:
    """Return the normalised question: parameters that were not set are left out."""
    question: dict[str, object] = {
        "credentials": [subject.name for subject in subjects],
        "target": case.target.question,
        "policy": requested.model_dump(mode="json", exclude_unset=True) | {"on": case.day.isoformat()},
    }
    if case.purpose:
        question["purpose"] = case.purpose.code
    if case.body:
        question["body"] = case.body
    if explain:
        question["explain"] = True
    return question


def _replacements(store: Store, target: Target, subjects: Sequence[Subject]) -> tuple[Criterion, ...]:
    """Return the criteria about concepts of the target and of the credentials that were replaced."""
    return replacement_criteria(
        store,
        [
            *(concept for outcome in target.outcomes for concept in outcome.concepts),
            *concepts_of(subject.description for subject in subjects),
        ],
    )


def _outcome(assignment: Assignment, policy: StackPolicy) -> OutcomeCoverage:
    path = assignment.match.path if assignment.match else None
    return OutcomeCoverage(
        outcome=assignment.target.iri,
        title=assignment.target.title,
        status=policy.status(assignment.grade),
        grade=round(assignment.grade, 4),
        weight=assignment.target.weight,
        covered_by=assignment.offered.credential if assignment.offered else None,
        by_outcome=assignment.offered.iri if assignment.offered else None,
        path=steps_of(path) if path else (),
    )


def _gap(case: StackCase, judged: JudgedStack, catalogue: CandidateSearch) -> tuple[Missing, ...]:
    """Return the outcomes of the target that are not covered."""
    match = case.matcher.match
    return tuple(
        Missing(
            outcome=assignment.target.iri,
            title=assignment.target.title,
            grade=round(assignment.grade, 4),
            in_catalogue=any(match(assignment.target, outcome) for outcome in catalogue.offered),
            hints=hints(
                assignment.target, (outcome for outcome in judged.offered if not match(assignment.target, outcome))
            ),
        )
        for assignment in judged.stack.assigned
        if assignment.grade < case.policy.covered_from
    )


def _skills(target: Target, offered: Sequence[OfferedOutcome]) -> list[str]:
    """Return the concepts of the target and of the offered outcomes, which the answer shows."""
    required = [concept for outcome in target.outcomes for concept in outcome.concepts]
    return required + [concept for outcome in offered for concept in outcome.concepts]


def _note(store: Store, policy: StackPolicy, skills: Iterable[str]) -> str | None:
    notes = [
        note
        for note in (ACCEPTED_CLAIMS if policy.accept_claims else None, note_on_green_skills(store, skills))
        if note
    ]
    return Joined(notes, " ") if len(notes) > 1 else next(iter(notes), None)


def _countries(credentials: Iterable[Subject]) -> set[str]:
    """Return the countries of the awarding bodies."""
    return {
        body.country for credential in credentials for body in credential.description.awarding_bodies if body.country
    }
