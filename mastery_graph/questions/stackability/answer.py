"""Stackability: whether micro-credentials add up to a target, and what is missing.

The rules STACK-OUTCOMES to STACK-HOLDER. The verdict follows from the criteria; what would close the gap comes from
the catalogue.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import ClassVar

from mastery_graph.credentials.description import Description
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadDocument, BadParameter, ContradictoryCredits, CyclicPrerequisites, NoOutcomes
from mastery_graph.languages import Joined, Message, Share, join_with_and, said
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Answer, Criterion, Outcome
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.questions.equivalence.paths import Step, steps_of
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.judging.assurance import ACCEPTED_CLAIMS
from mastery_graph.questions.judging.registers import Register, not_consulted
from mastery_graph.questions.judging.subject import Subject, SubjectInput, read_subjects
from mastery_graph.questions.judging.workload import NONE, Credits
from mastery_graph.questions.recognition_statements.applicability import (
    Applicability,
    JudgedStatement,
    RecognitionContext,
    judge_statements,
)
from mastery_graph.questions.recognition_statements.records import Purpose, RecognitionStatement, recognition_statements
from mastery_graph.questions.stackability.catalogue import CandidateSearch, candidates
from mastery_graph.questions.stackability.criteria import RULES, Stack, counted_credits, criteria, validity
from mastery_graph.questions.stackability.gap import CurrentHoldings
from mastery_graph.questions.stackability.missing_concepts import PotentialMatcher
from mastery_graph.questions.stackability.outcome_coverage import (
    Assignment,
    Matcher,
    OfferedOutcome,
    TargetOutcome,
    coverage,
    offered_by,
)
from mastery_graph.questions.stackability.policy import StackPolicy, Status
from mastery_graph.questions.stackability.presets import Figure, resolve_policy
from mastery_graph.questions.stackability.suggestions import Gap, Suggestion, Trial, suggestions
from mastery_graph.questions.stackability.target import Skills, Target, target_of
from mastery_graph.questions.stackability.title_similarity import Hint, hints
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

_NOT_USED = Message("None of its outcomes serves the target better than another's.")
_SERVES_NOTHING = Message("None of its outcomes is known to serve the target.")
_SAME = Message("It is the same learning as another credential of the stack, which counts once.")
_DESCRIBES = Message("It describes another credential of the stack, and is the same learning.")
_SUMMARIES = {
    "stackable": said(
        "The credentials add up to the target: {full} of {all} outcomes of the target are covered, {share} by grade."
    ),
    "partially-stackable": said(
        "The credentials add up to a part of the target: "
        "{full} of {all} outcomes of the target are covered, {share} by grade."
    ),
    "not-stackable": said(
        "The credentials do not add up to the target: "
        "{full} of {all} outcomes of the target are covered, {share} by grade."
    ),
    "undetermined": said(
        "Information is missing: {full} of {all} outcomes of the target are known to be covered, {share} by grade."
    ),
}

_DECIDED = {
    "partially-stackable": said("Not met: {criteria}."),
    "not-stackable": said("Decided by: {criteria}."),
    "undetermined": said("Not known: {criteria}."),
}


class OutcomeCoverage(Record):
    """An outcome of the target: how far it is covered, by which credential's outcome, and on which path."""

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
    """ECTS credits as intervals: what the target asks, and what the stack brings."""

    required: Credits
    recognised: Credits


class Missing(Record):
    """An outcome that the stack does not cover, and whether anything in the catalogue serves it."""

    outcome: str
    title: str
    grade: float
    in_catalogue: bool
    hints: tuple[Hint, ...] = ()
    """Outcomes of the credentials that read alike and are not tied to it: never counted, worth a look."""


class LeftOut(Record):
    """A credential that is not used, and why."""

    credential: str
    reason: Localized


class Stackability(Answer):
    """Whether a stack adds up: `stackable`, `partially-stackable`, `not-stackable` or `undetermined`."""

    kind: ClassVar[str] = "stackability"

    coverage: float
    """0 to 1; a lower bound where `coverage_at_most` is above it."""
    coverage_at_most: float
    """What the coverage could be at best (0 to 1), if what the graph does not know of the concepts were known."""
    outcomes: tuple[OutcomeCoverage, ...]
    credits: RequiredAndRecognised
    gap: tuple[Missing, ...]
    suggestions: tuple[Suggestion, ...]
    not_closed_because: tuple[Localized, ...]
    """Why nothing in the catalogue closes the gap; empty where something does, or where there is no gap."""
    left_out: tuple[LeftOut, ...]
    order: tuple[str, ...]
    """An order in which the stack can be taken."""
    policy: StackPolicy
    """The figures by which it was judged."""
    figures: tuple[Figure, ...]
    """Each figure but the day, with who gives it: the caller, a preset with its source, or a default of ours."""
    statements: tuple[JudgedStatement, ...] = ()
    """The recognition statements that speak of the credentials, with what each is worth for this question."""
    note: Localized | None = None
    """What has to be known first: that claims are accepted, that the green skills shown are a provisional set."""
    not_consulted: tuple[Register, ...] = ()
    """The registers that could settle what is only claimed, and that were not consulted."""


def stackability(
    store: Store,
    credentials: Sequence[SubjectInput],
    target: SubjectInput | Skills,
    policy: StackPolicy | None = None,
    *,
    purpose: Purpose | None = None,
    body: str | None = None,
    explain: bool = False,
) -> Stackability:
    """Return whether the credentials add up to the target, and what is missing.

    Credentials are IRIs of the graph or documents; the target too, or a green skill, or a list of skills. `body` is
    the IRI of the body that asks: the recognition statements that it made, or follows, bind it; `purpose` is what it
    asks for: without one, a statement that does not hold for every purpose is left open. With `explain` each
    suggestion says why it was chosen. Raises
    `UnknownResource`, `NoOutcomes`, `CyclicPrerequisites`, `ContradictoryCredits`, `BadParameter` and `BadDocument`.
    """
    asked = policy or StackPolicy()
    figures, given_by = resolve_policy(asked)
    figures = figures.model_copy(update={"on": figures.on or datetime.now(UTC).date()})
    if not credentials:
        raise BadParameter("A stack needs at least one credential.", "Name them in `credentials`.")
    given = read_subjects(store, credentials)
    wanted = target_of(store, target)
    case = _Case(store, wanted, Matcher(store, wanted.outcomes, figures), figures, body, purpose)
    judged = _judge(case, given)
    stack = judged.stack
    found, suggested, not_closed_because = _closing(case, judged, explain=explain)
    serving = {
        outcome.credential
        for outcome in judged.offered
        if any(case.matcher.match(wanted_outcome, outcome) for wanted_outcome in case.matcher.target)
    }
    return Stackability(
        question={
            "credentials": [one.name for one in given],
            "target": wanted.asked,
            "policy": asked.model_dump(mode="json", exclude_unset=True) | {"on": stack.day.isoformat()},
        }
        | ({"purpose": purpose} if purpose else {})
        | ({"body": body} if body else {})
        | ({"explain": True} if explain else {}),
        verdict=judged.verdict,
        summary=_summary(judged),
        criteria=(
            *judged.criteria,
            *replacement_criteria(
                store,
                [
                    *(concept for outcome in wanted.outcomes for concept in outcome.concepts),
                    *concepts_of(one.description for one in given),
                ],
            ),
        ),
        dataset=dataset_of(store),
        coverage=stack.coverage,
        coverage_at_most=stack.coverage_at_most,
        outcomes=tuple(_outcome(one, figures) for one in stack.assigned),
        credits=RequiredAndRecognised(required=stack.required or NONE, recognised=stack.recognised),
        gap=_gap(stack.assigned, case.matcher, found, figures, judged.offered),
        suggestions=suggested,
        not_closed_because=not_closed_because,
        left_out=tuple(
            LeftOut(credential=one.name, reason=_why_left_out(one, stack.held, judged.described, serving))
            for one in given
            if one not in stack.contributing
        ),
        order=judged.order,
        policy=figures,
        figures=given_by,
        statements=stack.statements,
        note=_note(store, figures, _skills_shown(wanted.outcomes, judged.offered)),
        not_consulted=not_consulted(
            store,
            {
                awarding_body.country
                for credential in stack.held
                for awarding_body in credential.description.awarding_bodies
                if awarding_body.country
            },
        ),
    )


@dataclass(frozen=True)
class _Case:
    """What a stack is judged against, and for whom: the same for a stack and for each suggestion."""

    store: Store
    target: Target
    matcher: Matcher
    policy: StackPolicy
    """Its day is always there."""
    body: str | None
    purpose: Purpose | None


@dataclass(frozen=True)
class _Judged:
    """A stack with its criteria and its verdict."""

    stack: Stack
    criteria: tuple[Criterion, ...]
    order: tuple[str, ...]
    verdict: str
    offered: tuple[OfferedOutcome, ...]
    statements: Mapping[str, tuple[JudgedStatement, ...]]
    """The recognition statements that speak of each credential, by its name."""
    described: frozenset[str]
    """The descriptions of which an issued credential is in the stack too."""

    @property
    def unmet(self) -> frozenset[str]:
        """The rules of stackability that it breaks."""
        return frozenset(
            criterion.rule
            for criterion in self.criteria
            if criterion.rule in RULES and criterion.outcome is Outcome.UNMET
        )


def _judge(case: _Case, given: Sequence[Subject]) -> _Judged:
    """Return a stack, judged. Raises `NoOutcomes` and `CyclicPrerequisites`."""
    goal, figures, matcher = case.target.description, case.policy, case.matcher
    day = figures.on or datetime.now(UTC).date()
    described = frozenset(iri for credential in given for iri in credential.description.specifications)
    held = _once([credential for credential in given if credential.description.iri not in described], day)
    asking = RecognitionContext(case.body, day, case.purpose, target=goal.description.iri if goal else None)
    statements = {credential.name: _statements(case.store, credential, asking) for credential in held}
    offered = [
        outcome for credential in held for outcome in _offered(credential.description, statements[credential.name])
    ]
    if not offered:
        raise NoOutcomes(
            Message(
                "No learning outcome is stated by {credentials}.",
                credentials=join_with_and([credential.description.title for credential in held]),
            ),
            Message(
                "State what a learner knows and can do with each credential, so that there is something to compare."
            ),
        )
    assigned = _least_doubtful(matcher, held, offered, goal, figures)
    covered = coverage(assigned)
    at_most = covered
    open_concepts: frozenset[str] = frozenset()
    recognised = _recognised(held, assigned, statements)
    if covered < 1:
        potential = PotentialMatcher(matcher, offered, figures)
        at_most = max(covered, coverage(potential.assign(offered)))
        if at_most > covered:
            open_concepts = _open_concepts(potential, offered)
            used = {outcome.offered for outcome in assigned if outcome.offered}
            unused = [outcome for outcome in offered if outcome not in used]
            recognised = _recognised_at_most(recognised, potential, held, unused, statements)
    stack = Stack(
        store=case.store,
        given=tuple(given),
        held=tuple(held),
        target=goal,
        assigned=assigned,
        coverage=covered,
        required=Credits.stated(goal.description.ects, goal.description.hours) if goal else None,
        recognised=recognised,
        policy=figures,
        coverage_at_most=at_most,
        open_concepts=open_concepts,
        statements=tuple(statement for judged in statements.values() for statement in judged),
        purpose=case.purpose,
    )
    judged, order = criteria(stack)
    verdict = _verdict(covered, judged, stack)
    return _Judged(stack, judged, order, verdict, tuple(offered), statements, described)


def _closing(
    case: _Case, judged: _Judged, *, explain: bool
) -> tuple[CandidateSearch, tuple[Suggestion, ...], tuple[Localized, ...]]:
    """Return what the catalogue has for the target, what closes the gap, and why nothing does."""
    stack, policy = judged.stack, case.policy
    gaping = stack.coverage < policy.threshold or "STACK-PREREQUISITES" in judged.unmet
    if not gaping and all(outcome.grade >= policy.covered_from for outcome in stack.assigned):
        return CandidateSearch([], (), {}), (), ()
    held = _held(stack.held, judged.offered, judged.statements)
    required_by_held = frozenset(iri for requires in held.requires.values() for iri in requires)
    found = candidates(
        case.store,
        case.matcher.concepts,
        frozenset(stack.iris),
        stack.target_level if policy.lower_level_share == 0 else None,
        required=required_by_held,
        credits_below=policy.credits_below,
    )
    if not gaping:
        return found, (), ()

    def trial(added: Sequence[str]) -> Trial:
        try:
            again = _judge(case, read_subjects(case.store, [*stack.given, *added]))
        except (CyclicPrerequisites, BadDocument, ContradictoryCredits):
            return Trial("not-stackable", 0.0, frozenset({"STACK-PREREQUISITES"}))
        return Trial(again.verdict, again.stack.coverage, again.unmet, again.stack.assigned)

    gap = Gap(
        matcher=case.matcher,
        held=held,
        doubtful=_doubtful(stack.held, stack.target_level, policy),
        found=found,
        policy=policy,
        required=stack.required.lower if stack.required and stack.required.upper is not None else 0.0,
        broken=judged.unmet,
    )
    return found, *suggestions(case.store, gap, trial, explain=explain)


def _skills_shown(wanted: Sequence[TargetOutcome], offered: Sequence[OfferedOutcome]) -> list[str]:
    asked = [concept for outcome in wanted for concept in outcome.concepts]
    return asked + [concept for outcome in offered for concept in outcome.concepts]


def _note(store: Store, policy: StackPolicy, skills: Iterable[str]) -> str | None:
    notes = [
        ACCEPTED_CLAIMS if policy.accept_claims else None,
        note_on_green_skills(store, skills),
    ]
    told = [note for note in notes if note]
    return Joined(told, " ") if len(told) > 1 else next(iter(told), None)


def _statements(store: Store, one: Subject, asked: RecognitionContext) -> tuple[JudgedStatement, ...]:
    """Return the recognition statements that speak of a credential, of outcomes or of credits, judged."""
    description = one.description
    about = recognition_statements(store, [description.iri, *description.specifications])
    return judge_statements([each for each in about if each.speaks_to != "level"], description, asked)


def _applying(judged: Sequence[JudgedStatement], speaks_to: str, decision: str) -> list[RecognitionStatement]:
    return [
        each.statement
        for each in judged
        if each.standing is Applicability.APPLIES
        and (each.statement.speaks_to, each.statement.decision) == (speaks_to, decision)
    ]


def _offered(description: Description, judged: Sequence[JudgedStatement] = ()) -> list[OfferedOutcome]:
    """Return what a description offers: its outcomes, and those as which a statement that applies accepts it."""
    refused = frozenset(each.accepted_as or "" for each in _applying(judged, "outcomes", "not-accepted"))
    own = [replace(outcome, not_accepted_as=refused) for outcome in offered_by(description)]
    accepted = dict.fromkeys(each.accepted_as or "" for each in _applying(judged, "outcomes", "accepted"))
    return own + [OfferedOutcome(iri, description.title, (iri,), description.iri, refused) for iri in accepted]


def _once(given: Sequence[Subject], day: date) -> list[Subject]:
    """Return the credentials without those that are the same learning as another, which is valid if one of them is."""
    if len(given) < 2:
        return list(given)
    kept: list[str] = []
    known: set[object] = set()
    for one in sorted(given, key=lambda one: validity(one, day)[0] is Outcome.UNMET):
        if known.isdisjoint(one.learning):
            kept.append(one.name)
        known |= one.learning
    return [one for one in given if one.name in kept]


def _why_left_out(
    one: Subject, held: Sequence[Subject], described: Collection[str], serving: Collection[str]
) -> Message:
    """Return why a credential is not used; `serving` are the IRIs of the credentials that could serve the target."""
    if one.description.iri in described:
        return _DESCRIBES
    if one not in held:
        return _SAME
    if not one.description.outcomes:
        return Message("It states no learning outcome.")
    return _NOT_USED if one.description.iri in serving else _SERVES_NOTHING


def _least_doubtful(
    matcher: Matcher,
    held: Sequence[Subject],
    offered: Sequence[OfferedOutcome],
    goal: Subject | None,
    figures: StackPolicy,
) -> tuple[Assignment, ...]:
    """Return the best assignment, without credentials that would break a rule where others cover as much.

    A credential that is declared stand-alone, is not valid on the day, is below the target's level, has too many
    credits or lacks a prerequisite is only needed where the coverage is less without it.
    """
    level = goal.level.eqf if goal else None
    doubtful = _doubtful(held, level, figures) | _without_prerequisites(held)
    best = matcher.assign(offered)
    tried: set[str] = set()
    while untried := sorted({one.offered.credential for one in best if one.offered} & doubtful - tried):
        tried.add(untried[0])
        fewer = [outcome for outcome in offered if outcome.credential != untried[0]]
        without = matcher.assign(fewer)
        if coverage(without) >= coverage(best):
            best, offered = without, fewer
    return best


def _doubtful(held: Sequence[Subject], target_level: int | None, policy: StackPolicy) -> frozenset[str]:
    """Return the credentials that would break a rule if an outcome of theirs were used, whatever else is held."""
    day = policy.on or datetime.now(UTC).date()
    least = target_level if policy.lower_level_share == 0 else None
    return frozenset(
        credential.description.iri
        for credential in held
        if credential.description.stand_alone
        or (credential.description.issued and validity(credential, day)[0] is Outcome.UNMET)
        or (least is not None and credential.level.eqf is not None and credential.level.eqf < least)
        or (
            policy.credits_below is not None
            and credential.description.ects is not None
            and credential.description.ects >= policy.credits_below
        )
    )


def _without_prerequisites(held: Sequence[Subject]) -> frozenset[str]:
    """Return the credentials of which a prerequisite, or one of a prerequisite, is not held."""
    own = {iri: credential.description.iri for credential in held for iri in _iris(credential)}
    lacking = {
        credential.description.iri
        for credential in held
        if any(required not in own for required in credential.description.requires)
    }
    while (
        further := {
            credential.description.iri
            for credential in held
            if any(own.get(required) in lacking for required in credential.description.requires)
        }
        - lacking
    ):
        lacking |= further
    return frozenset(lacking)


def _iris(credential: Subject) -> tuple[str, ...]:
    """Return every IRI that a credential stands for: its own, and those of its descriptions."""
    return (*credential.description.specifications, credential.description.iri)


def _recognised(
    held: Sequence[Subject], assigned: Sequence[Assignment], judged: Mapping[str, Sequence[JudgedStatement]]
) -> Credits:
    """Return the credits that the used outcomes stand for: each credential counts in proportion (STACK-OVERLAP).

    Where a recognition statement says for how many credits a credential is accepted, it counts for those.
    """
    total = NONE
    for one in held:
        accepted = _applying(judged[one.name], "workload", "accepted")
        counted = counted_credits(one.description, assigned)
        if accepted:
            total = total.plus(Credits.stated(Fraction(str(accepted[0].credits)), None))
        elif not _refused(counted, judged[one.name]):
            total = total.plus(counted)
    return total


def _open_concepts(potential: PotentialMatcher, offered: Sequence[OfferedOutcome]) -> frozenset[str]:
    """Return the unknown concepts because of which some outcome could serve the target better than is known."""
    return frozenset(
        concept
        for target in potential.target
        for outcome in offered
        for concept in potential.open_concepts(target, outcome)
    )


def _recognised_at_most(
    recognised: Credits,
    potential: PotentialMatcher,
    held: Sequence[Subject],
    unused: Sequence[OfferedOutcome],
    judged: Mapping[str, Sequence[JudgedStatement]],
) -> Credits:
    """Return the credits with the upper end that they could have if every unused outcome that may serve did."""
    upper = recognised.upper
    for credential in held:
        description = credential.description
        if _applying(judged[credential.name], "workload", "accepted"):
            continue
        further = [
            outcome
            for outcome in unused
            if outcome.credential == description.iri
            and any(potential.leaves_open(target, outcome) for target in potential.target)
        ]
        stated = Credits.stated(description.ects, description.hours)
        if further and not _refused(stated, judged[credential.name]):
            part = stated.part(Fraction(len(further), len(description.outcomes) or 1))
            upper = None if upper is None or part.upper is None else round(upper + part.upper, 4)
    return Credits(lower=recognised.lower, upper=upper)


def _refused(counted: Credits, judged: Sequence[JudgedStatement]) -> bool:
    """Return whether a statement that applies refuses these credits: it says nothing of fewer than it names."""
    refused = [one.credits or 0.0 for one in _applying(judged, "workload", "not-accepted")]
    return counted.upper is not None and any(ects <= counted.upper for ects in refused)


def _outcome(one: Assignment, policy: StackPolicy) -> OutcomeCoverage:
    path = one.match.path if one.match else None
    return OutcomeCoverage(
        outcome=one.target.iri,
        title=one.target.title,
        status=policy.status(one.grade),
        grade=round(one.grade, 4),
        weight=one.target.weight,
        covered_by=one.offered.credential if one.offered else None,
        by_outcome=one.offered.iri if one.offered else None,
        path=steps_of(path) if path else (),
    )


def _gap(
    assigned: Sequence[Assignment],
    matcher: Matcher,
    found: CandidateSearch,
    policy: StackPolicy,
    offered: Sequence[OfferedOutcome],
) -> tuple[Missing, ...]:
    return tuple(
        Missing(
            outcome=one.target.iri,
            title=one.target.title,
            grade=round(one.grade, 4),
            in_catalogue=any(matcher.match(one.target, outcome) for outcome in found.offered),
            hints=hints(one.target, (each for each in offered if not matcher.match(one.target, each))),
        )
        for one in assigned
        if one.grade < policy.covered_from
    )


def _held(
    held: Sequence[Subject], offered: Sequence[OfferedOutcome], judged: Mapping[str, Sequence[JudgedStatement]]
) -> CurrentHoldings:
    """Return what is held, with the credits that each of its outcomes can count for at most."""
    share: dict[str, float] = {}
    settled = 0.0
    for one in held:
        description = one.description
        if accepted := _applying(judged[one.name], "workload", "accepted"):
            settled += accepted[0].credits or 0.0
            continue
        stated = Credits.stated(description.ects, description.hours)
        if not _refused(stated, judged[one.name]):
            upper = stated.upper
            share[description.iri] = float("inf") if upper is None else upper / (len(description.outcomes) or 1)
    aliases = {iri: credential.description.iri for credential in held for iri in _iris(credential)}
    requires = {
        credential.description.iri: frozenset(credential.description.requires)
        for credential in held
        if credential.description.requires
    }
    return CurrentHoldings(offered, frozenset(aliases), share, settled, requires, aliases)


def _verdict(covered: float, judged: tuple[Criterion, ...], stack: Stack) -> str:
    """Return the first verdict that fits; a coverage of 0 that is a lower bound refuses nothing."""
    weighing = [criterion for criterion in judged if criterion.rule in RULES]
    unmet = {criterion.rule for criterion in weighing if criterion.outcome is Outcome.UNMET}
    stands_alone = any(credential.description.stand_alone for credential in stack.contributing)
    nothing_covered = covered == 0 and not stack.open_concepts
    if nothing_covered or stands_alone or unmet & {"STACK-HOLDER", "STACK-PREREQUISITES"}:
        return "not-stackable"
    if unmet:
        return "partially-stackable"
    unknown = any(criterion.outcome is Outcome.UNKNOWN for criterion in weighing)
    return "undetermined" if unknown else "stackable"


def _summary(judged: _Judged) -> Joined:
    """Return what the stack amounts to, and the criterion that decided."""
    stack = judged.stack
    full = sum(outcome.grade >= stack.policy.covered_from for outcome in stack.assigned)
    summary = Message(_SUMMARIES[judged.verdict], full=full, all=len(stack.assigned), share=Share(stack.coverage))
    decided = [Joined((criterion.title, f"({criterion.rule})"), " ") for criterion in _deciding(judged)]
    if not decided:
        return Joined([summary], " ")
    return Joined([summary, Message(_DECIDED[judged.verdict], criteria=Joined(decided, "; "))], " ")


def _deciding(judged: _Judged) -> list[Criterion]:
    """Return the criteria that decided the verdict: those that refuse, or all that are unmet or unknown."""
    by_rule = {criterion.rule: criterion for criterion in judged.criteria}
    if judged.verdict == "not-stackable":
        refusing: list[str] = [rule for rule in ("STACK-HOLDER", "STACK-PREREQUISITES") if rule in judged.unmet]
        if any(credential.description.stand_alone for credential in judged.stack.contributing):
            refusing.append("STACK-INTEGRATION")
        nothing_covered = judged.stack.coverage == 0 and not judged.stack.open_concepts
        return [by_rule[rule] for rule in (["STACK-OUTCOMES"] if nothing_covered else []) + refusing]
    outcome = {"partially-stackable": Outcome.UNMET, "undetermined": Outcome.UNKNOWN}.get(judged.verdict)
    return [criterion for criterion in judged.criteria if criterion.rule in RULES and criterion.outcome is outcome]
