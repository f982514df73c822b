"""Judgement of a stack against a target: the assignment, the credits, the criteria and the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mastery_graph.errors import NoOutcomes
from mastery_graph.languages import Message, join_with_and
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.judging.subject import Subject
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.purposes import Purpose
from mastery_graph.questions.recognition_statements.applicability import JudgedStatement, RecognitionContext
from mastery_graph.questions.stackability.criteria import Stack, criteria, validity
from mastery_graph.questions.stackability.doubtful_credentials import assign_least_doubtful
from mastery_graph.questions.stackability.missing_concepts import PotentialMatcher
from mastery_graph.questions.stackability.outcome_coverage import Assignment, Matcher, OfferedOutcome, coverage
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.stack_credits import recognised_credits, recognised_credits_at_most
from mastery_graph.questions.stackability.statement_effects import offered_outcomes, statements_about
from mastery_graph.questions.stackability.target import Target
from mastery_graph.questions.stackability.verdict import StackVerdict, unmet_rules, verdict_of
from mastery_graph.store.protocol import Store


@dataclass(frozen=True)
class StackCase:
    """The parts of a question that are the same for the stack and for each suggestion."""

    store: Store
    target: Target
    matcher: Matcher
    policy: StackPolicy
    """Its day is always set."""
    body: str | None
    purpose: Purpose | None
    purposes: frozenset[str]
    """The codes of all purposes in the graph."""

    @property
    def day(self) -> date:
        """The day of the question (UTC)."""
        return self.policy.on or datetime.now(UTC).date()

    @property
    def context(self) -> RecognitionContext:
        """The parts of the question on which recognition statements depend."""
        goal = self.target.description
        target = goal.description.iri if goal else None
        return RecognitionContext(self.body, self.day, self.purpose, target, self.purposes)


@dataclass(frozen=True)
class JudgedStack:
    """A stack with its criteria and its verdict."""

    stack: Stack
    criteria: tuple[Criterion, ...]
    order: tuple[str, ...]
    verdict: StackVerdict
    offered: tuple[OfferedOutcome, ...]
    statements: Mapping[str, tuple[JudgedStatement, ...]]
    """The recognition statements about each credential, by its name."""
    described: frozenset[str]
    """The descriptions of issued credentials that are in the stack too."""

    @property
    def unmet(self) -> frozenset[str]:
        """The rules of stackability that it breaks."""
        return unmet_rules(self.criteria)


@dataclass(frozen=True, slots=True)
class _Reach:
    """The coverage and the credits of an assignment, as far as known and at best."""

    recognised: Credits
    coverage_at_most: float
    open_concepts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Selection:
    """The credentials that count: without duplicates, and without descriptions of credentials in the stack."""

    credentials: tuple[Subject, ...]
    """All credentials of the stack."""
    distinct: tuple[Subject, ...]
    described: frozenset[str]
    statements: Mapping[str, tuple[JudgedStatement, ...]]
    offered: tuple[OfferedOutcome, ...]


def judge_stack(case: StackCase, credentials: Sequence[Subject]) -> JudgedStack:
    """Judge a stack: deduplicate, assign outcomes, judge. Raises `NoOutcomes` and `CyclicPrerequisites`."""
    selection = _deduplicate(case, credentials)
    stack = _assign(case, selection)
    judgements, order = criteria(stack)
    verdict = verdict_of(stack, judgements)
    return JudgedStack(stack, judgements, order, verdict, selection.offered, selection.statements, selection.described)


def _deduplicate(case: StackCase, credentials: Sequence[Subject]) -> _Selection:
    """Return the credentials that count, with the statements about them and the outcomes that they offer."""
    described = frozenset(iri for credential in credentials for iri in credential.description.specifications)
    distinct = _distinct(
        [credential for credential in credentials if credential.description.iri not in described], case.day
    )
    statements = {credential.name: statements_about(case.store, credential, case.context) for credential in distinct}
    offered = _offered(distinct, statements)
    return _Selection(tuple(credentials), tuple(distinct), described, statements, tuple(offered))


def _assign(case: StackCase, selection: _Selection) -> Stack:
    """Return the stack with each outcome of the target assigned to the best outcome that is offered."""
    goal, distinct, statements = case.target.description, selection.distinct, selection.statements
    level = goal.level.eqf if goal else None
    assigned = assign_least_doubtful(case.matcher, distinct, selection.offered, level, case.policy)
    reach = _reach(case, distinct, selection.offered, assigned, statements)
    return Stack(
        store=case.store,
        credentials=selection.credentials,
        distinct=distinct,
        target=goal,
        assigned=assigned,
        coverage=coverage(assigned),
        required=Credits.of(goal.description.ects, goal.description.hours) if goal else None,
        recognised=reach.recognised,
        policy=case.policy,
        coverage_at_most=reach.coverage_at_most,
        open_concepts=reach.open_concepts,
        statements=tuple(statement for judged in statements.values() for statement in judged),
        purpose=case.purpose,
    )


def _distinct(credentials: Sequence[Subject], day: date) -> list[Subject]:
    """Return the credentials without duplicates of the same learning; valid ones are preferred."""
    if len(credentials) < 2:
        return list(credentials)
    names: list[str] = []
    learning: set[object] = set()
    for credential in sorted(credentials, key=lambda credential: validity(credential, day)[0] is Outcome.UNMET):
        if learning.isdisjoint(credential.learning):
            names.append(credential.name)
        learning |= credential.learning
    return [credential for credential in credentials if credential.name in names]


def _offered(
    credentials: Sequence[Subject], statements: Mapping[str, Sequence[JudgedStatement]]
) -> list[OfferedOutcome]:
    """Return the outcomes that the credentials offer. Raises `NoOutcomes` where there is none."""
    offered = [
        outcome
        for credential in credentials
        for outcome in offered_outcomes(credential.description, statements[credential.name])
    ]
    if not offered:
        raise NoOutcomes(
            Message(
                "No learning outcome is stated by {credentials}.",
                credentials=join_with_and([credential.description.title for credential in credentials]),
            ),
            Message(
                "State what a learner knows and can do with each credential, so that there is something to compare."
            ),
        )
    return offered


def _reach(
    case: StackCase,
    credentials: Sequence[Subject],
    offered: Sequence[OfferedOutcome],
    assigned: Sequence[Assignment],
    statements: Mapping[str, Sequence[JudgedStatement]],
) -> _Reach:
    """Return the credits of an assignment, and what coverage and credits could be with complete data."""
    covered = coverage(assigned)
    recognised = recognised_credits(credentials, assigned, statements)
    if covered >= 1:
        return _Reach(recognised, covered)
    potential = PotentialMatcher(case.matcher, offered, case.policy)
    at_most = max(covered, coverage(potential.assign(offered)))
    if at_most <= covered:
        return _Reach(recognised, at_most)
    used = {assignment.offered for assignment in assigned if assignment.offered}
    unused = [outcome for outcome in offered if outcome not in used]
    return _Reach(
        recognised_credits_at_most(recognised, potential, credentials, unused, statements),
        at_most,
        _open_concepts(potential, offered),
    )


def _open_concepts(potential: PotentialMatcher, offered: Sequence[OfferedOutcome]) -> frozenset[str]:
    """Return the unknown concepts because of which some outcome could serve the target better than is known."""
    return frozenset(
        concept
        for target in potential.target
        for outcome in offered
        for concept in potential.open_concepts(target, outcome)
    )
