"""Stackability: whether micro-credentials add up to a target, and what is missing.

The rules STACK-OUTCOMES to STACK-HOLDER. The verdict follows from the criteria; what would close the gap comes from
the catalogue.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import ClassVar

from mastery_graph.answers.answer import Answer, Criterion, Outcome, Record
from mastery_graph.answers.assurance import ACCEPTED_CLAIMS
from mastery_graph.answers.concepts import note_on_green_skills
from mastery_graph.answers.equivalence.paths import Step, steps_of
from mastery_graph.answers.equivalence.replacement import concepts_of, replacement_criteria
from mastery_graph.answers.evidence import dataset
from mastery_graph.answers.recognition.standing import Asked, JudgedStatement, Standing, judge
from mastery_graph.answers.recognition.statements import Purpose, RecognitionStatement, recognition_statements
from mastery_graph.answers.registers import Register, not_consulted
from mastery_graph.answers.stackability.catalogue import STAND_ALONE, Found, candidates
from mastery_graph.answers.stackability.criteria import RULES, Stack, counted_credits, criteria, validity
from mastery_graph.answers.stackability.gap import Held
from mastery_graph.answers.stackability.likeness import Hint, hints
from mastery_graph.answers.stackability.outcome_coverage import (
    Assigned,
    Matcher,
    OfferedOutcome,
    TargetOutcome,
    coverage,
    offered_by,
)
from mastery_graph.answers.stackability.policy import StackPolicy, Status
from mastery_graph.answers.stackability.presets import Figure, resolved
from mastery_graph.answers.stackability.suggestions import Suggestion, suggestions
from mastery_graph.answers.stackability.target import Skills, target_of
from mastery_graph.answers.subject import Given, Subject, subjects
from mastery_graph.answers.workload import NONE, Credits
from mastery_graph.credentials.description import Description
from mastery_graph.errors import BadParameter, NoOutcomes
from mastery_graph.languages import Listed, Sentence, Share, said, together
from mastery_graph.languages.records import Said
from mastery_graph.store.protocol import Store

_NOT_USED = Sentence("None of its outcomes serves the target better than another's.")
_SAME = Sentence("It is the same learning as another credential of the stack, which counts once.")
_DESCRIBES = Sentence("It describes another credential of the stack, and is the same learning.")
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
        "Nothing speaks against it, but information is missing: "
        "{full} of {all} outcomes of the target are covered, {share} by grade."
    ),
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
    reason: Said


class Stackability(Answer):
    """Whether a stack adds up: `stackable`, `partially-stackable`, `not-stackable` or `undetermined`."""

    kind: ClassVar[str] = "stackability"

    coverage: float
    outcomes: tuple[OutcomeCoverage, ...]
    credits: RequiredAndRecognised
    gap: tuple[Missing, ...]
    suggestions: tuple[Suggestion, ...]
    left_out: tuple[LeftOut, ...]
    order: tuple[str, ...]
    """An order in which the stack can be taken."""
    policy: StackPolicy
    """The figures by which it was judged."""
    figures: tuple[Figure, ...]
    """Each figure but the day, with who gives it: the caller, a preset with its source, or a default of ours."""
    statements: tuple[JudgedStatement, ...] = ()
    """The recognition statements that speak of the credentials, with what each is worth for this question."""
    note: Said | None = None
    """What has to be known first: that claims are accepted, that the green skills shown are a provisional set."""
    not_consulted: tuple[Register, ...] = ()
    """The registers that could settle what is only claimed, and that were not consulted."""


def stackability(
    store: Store,
    credentials: Sequence[Given],
    target: Given | Skills,
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
    figures, given_by = resolved(asked)
    day = figures.on or datetime.now(UTC).date()
    figures = figures.model_copy(update={"on": day})
    if not credentials:
        raise BadParameter("A stack needs at least one credential.", "Name them in `credentials`.")
    given = subjects(store, credentials)
    described = {iri for one in given for iri in one.description.specifications}
    held = _once([one for one in given if one.description.iri not in described], day)
    wanted = target_of(store, target)
    goal = wanted.description
    matcher = Matcher(store, wanted.outcomes, figures)
    asking = Asked(body, day, purpose, target=goal.description.iri if goal else None)
    judged_statements = {one.name: _statements(store, one, asking) for one in held}
    offered = [outcome for one in held for outcome in _offered(one.description, judged_statements[one.name])]
    if not offered:
        raise NoOutcomes(
            Sentence(
                "No learning outcome is stated by {credentials}.",
                credentials=together([one.description.title for one in held]),
            ),
            Sentence(
                "State what a learner knows and can do with each credential, so that there is something to compare."
            ),
        )
    assigned = _least_doubtful(matcher, held, offered, goal, figures)
    covered = coverage(assigned)
    stack = Stack(
        store=store,
        given=tuple(given),
        held=tuple(held),
        target=goal,
        assigned=assigned,
        coverage=covered,
        required=Credits.stated(goal.description.ects, goal.description.hours) if goal else None,
        recognised=_recognised(held, assigned, judged_statements),
        policy=figures,
        statements=tuple(each for judged in judged_statements.values() for each in judged),
        purpose=purpose,
    )
    judged, order = criteria(stack)
    verdict = _verdict(covered, judged, stack)
    open_outcomes = covered < figures.threshold or any(one.grade < figures.covered_from for one in assigned)
    found = _search(stack, matcher) if open_outcomes else Found([], (), {})
    return Stackability(
        question={
            "credentials": [one.name for one in given],
            "target": wanted.asked,
            "policy": asked.model_dump(mode="json", exclude_unset=True) | {"on": day.isoformat()},
        }
        | ({"purpose": purpose} if purpose else {})
        | ({"body": body} if body else {})
        | ({"explain": True} if explain else {}),
        verdict=verdict,
        summary=_summary(verdict, covered, assigned, figures),
        criteria=(
            *judged,
            *replacement_criteria(
                store,
                [
                    *(concept for outcome in wanted.outcomes for concept in outcome.concepts),
                    *concepts_of(one.description for one in given),
                ],
            ),
        ),
        dataset=dataset(store),
        coverage=covered,
        outcomes=tuple(_outcome(one, figures) for one in assigned),
        credits=RequiredAndRecognised(required=stack.required or NONE, recognised=stack.recognised),
        gap=_gap(assigned, matcher, found, figures, offered),
        suggestions=suggestions(
            store,
            matcher,
            _held(held, offered, judged_statements),
            found,
            figures,
            required=stack.required.lower if stack.required and stack.required.upper is not None else 0.0,
            explain=explain,
        )
        if covered < figures.threshold
        else (),
        left_out=tuple(
            LeftOut(credential=one.name, reason=_why_left_out(one, held, described))
            for one in given
            if one not in stack.contributing
        ),
        order=order,
        policy=figures,
        figures=given_by,
        statements=stack.statements,
        note=_note(store, figures, _skills_shown(wanted.outcomes, offered)),
        not_consulted=not_consulted(
            store, {body.country for one in held for body in one.description.awarding_bodies if body.country}
        ),
    )


def _skills_shown(wanted: Sequence[TargetOutcome], offered: Sequence[OfferedOutcome]) -> list[str]:
    asked = [concept for outcome in wanted for concept in outcome.concepts]
    return asked + [concept for outcome in offered for concept in outcome.concepts]


def _note(store: Store, policy: StackPolicy, skills: Iterable[str]) -> str | None:
    notes = [
        ACCEPTED_CLAIMS if policy.accept_claims else None,
        note_on_green_skills(store, skills),
    ]
    told = [note for note in notes if note]
    return Listed(told, " ") if len(told) > 1 else next(iter(told), None)


def _statements(store: Store, one: Subject, asked: Asked) -> tuple[JudgedStatement, ...]:
    """Return the recognition statements that speak of a credential, of outcomes or of credits, judged."""
    description = one.description
    about = recognition_statements(store, [description.iri, *description.specifications])
    return judge([each for each in about if each.speaks_to != "level"], description, asked)


def _applying(judged: Sequence[JudgedStatement], speaks_to: str, decision: str) -> list[RecognitionStatement]:
    return [
        each.statement
        for each in judged
        if each.standing is Standing.APPLIES
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


def _why_left_out(one: Subject, held: Sequence[Subject], described: Collection[str]) -> str:
    if one.description.iri in described:
        return _DESCRIBES
    if one not in held:
        return _SAME
    return _NOT_USED if one.description.outcomes else Sentence("It states no learning outcome.")


def _least_doubtful(
    matcher: Matcher,
    held: Sequence[Subject],
    offered: Sequence[OfferedOutcome],
    goal: Subject | None,
    figures: StackPolicy,
) -> tuple[Assigned, ...]:
    """Return the best assignment, without credentials that would break a rule where others cover as much.

    A credential that is declared stand-alone, is not valid on the day, or is below the target's level is only needed
    where the coverage is less without it.
    """
    day = figures.on or datetime.now(UTC).date()
    least = goal.level.eqf if goal and figures.lower_level_share == 0 else None

    def breaks(one: Subject) -> bool:
        return (
            one.description.integration == STAND_ALONE
            or (one.description.issued and validity(one, day)[0] is Outcome.UNMET)
            or (least is not None and one.level.eqf is not None and one.level.eqf < least)
        )

    doubtful = {one.description.iri for one in held if breaks(one)}
    best = matcher.assign(offered)
    tried: set[str] = set()
    while untried := sorted({one.offered.credential for one in best if one.offered} & doubtful - tried):
        tried.add(untried[0])
        fewer = [outcome for outcome in offered if outcome.credential != untried[0]]
        without = matcher.assign(fewer)
        if coverage(without) >= coverage(best):
            best, offered = without, fewer
    return best


def _recognised(
    held: Sequence[Subject], assigned: Sequence[Assigned], judged: Mapping[str, Sequence[JudgedStatement]]
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


def _refused(counted: Credits, judged: Sequence[JudgedStatement]) -> bool:
    """Return whether a statement that applies refuses these credits: it says nothing of fewer than it names."""
    refused = [one.credits or 0.0 for one in _applying(judged, "workload", "not-accepted")]
    return counted.upper is not None and any(ects <= counted.upper for ects in refused)


def _outcome(one: Assigned, policy: StackPolicy) -> OutcomeCoverage:
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


def _search(stack: Stack, matcher: Matcher) -> Found:
    """Return what the catalogue holds for the target beside the stack."""
    least = stack.target_level if stack.policy.lower_level_share == 0 else None
    return candidates(stack.store, matcher.concepts, frozenset(stack.iris), least)


def _gap(
    assigned: Sequence[Assigned],
    matcher: Matcher,
    found: Found,
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
) -> Held:
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
    iris = {each for one in held for each in (one.description.iri, *one.description.specifications)}
    return Held(offered, frozenset(iris), share, settled)


def _verdict(covered: float, judged: tuple[Criterion, ...], stack: Stack) -> str:
    weighing = [criterion for criterion in judged if criterion.rule in RULES]
    unmet = {criterion.rule for criterion in weighing if criterion.outcome is Outcome.UNMET}
    stands_alone = any(one.description.integration == STAND_ALONE for one in stack.contributing)
    if covered == 0 or stands_alone or unmet & {"STACK-HOLDER", "STACK-PREREQUISITES"}:
        return "not-stackable"
    if not unmet:
        unknown = any(criterion.outcome is Outcome.UNKNOWN for criterion in weighing)
        return "undetermined" if unknown else "stackable"
    return "partially-stackable"


def _summary(verdict: str, covered: float, assigned: Sequence[Assigned], policy: StackPolicy) -> Sentence:
    full = sum(one.grade >= policy.covered_from for one in assigned)
    return Sentence(_SUMMARIES[verdict], full=full, all=len(assigned), share=Share(covered))
