"""What closes the gap of a stack: sets of micro-credentials of the catalogue, each as steps in the order to take them.

Rule STACK-OUTCOMES, "closing the gap". Each set is judged again with what is held, as a whole, before it is suggested:
it closes the gap and breaks no rule. Where no set does, sets are given that break no rule that is not broken already,
or that lack credits only, and say so; where there is none either, the answer says why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from time import monotonic

from mastery_graph.languages import Joined, Message, Share, join_with_and
from mastery_graph.languages.records import Localized
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.stackability.catalogue import CandidateSearch, CatalogueCandidate, titles
from mastery_graph.questions.stackability.gap import CurrentHoldings, GapClosure, close_gap
from mastery_graph.questions.stackability.outcome_coverage import Assignment, Matcher, coverage
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

_CURABLE = ("STACK-PREREQUISITES",)
"""What further credentials can mend: no set is suggested with which it is still broken."""
_MAX_REFUSED = 3
_ROUNDING = 1e-6


class Gain(Record):
    """An outcome of the target that a step serves, with the grade (0 to 1)."""

    outcome: str
    title: str
    grade: float


class PathwayStep(Record):
    """One micro-credential to take, after those before it, and what it brings."""

    credential: str
    title: str
    hours: float
    credits: Credits
    requires: tuple[str, ...]
    gains: tuple[Gain, ...]
    """Empty for one that is only there because another requires it."""


class Suggestion(Record):
    """Credentials of the catalogue that close the gap. `hours` is their workload, at 25 hours a credit."""

    credentials: tuple[str, ...]
    titles: tuple[str, ...]
    ects: float
    """The sum of the credits; of an interval, its lower end."""
    hours: float
    bound: float
    """The proven least workload of any set beside those given before, in hours."""
    optimal: bool
    """Proven to be the smallest workload (first), or the next best."""
    steps: tuple[PathwayStep, ...]
    """The pathway from what is held to the target: prerequisites come first."""
    breaks: tuple[str, ...] = ()
    """The rules that the stack would still break with these credentials."""
    why: tuple[Localized, ...] = ()
    """Why it was chosen, where that was asked."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a stack amounts to with some credentials more: the same judgement as that of a stack that is asked about."""

    verdict: str
    coverage: float
    unmet: frozenset[str]
    """The rules that it breaks."""
    assigned: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """What is to be closed: what is held and may be used, what the catalogue has, and what is required.

    `required` are the ECTS credits that the target requires, 0 where it requires none; `broken` are the rules that the
    stack breaks as it is; `doubtful` are the credentials held that would break a rule if they were used.
    """

    matcher: Matcher
    held: CurrentHoldings
    doubtful: frozenset[str]
    found: CandidateSearch
    policy: StackPolicy
    required: float
    broken: frozenset[str]


def suggestions(
    store: Store, gap: Gap, judge: Callable[[Sequence[str]], Trial], *, explain: bool = False
) -> tuple[tuple[Suggestion, ...], tuple[Localized, ...]]:
    """Return what closes the gap, the smallest workload first, and, where nothing does, why.

    `judge` judges the stack with some credentials more: a set is only suggested where the coverage then reaches the
    threshold and no rule is broken. Where no such set is found, sets are suggested with which no rule is broken that is
    not broken already, or which lack credits only: they name the rules in `breaks`. With `explain` each suggestion says
    why it was chosen.
    """
    search = _Search(store, gap, judge)
    closings = search.closings()
    if not closings:
        return (), search.why_nothing()
    called = titles(store, {iri for closing in closings for iri in closing.candidates})
    return tuple(
        _suggestion(closing, search.taken(closing), search.trial(closing).assigned, called).model_copy(
            update={
                "breaks": tuple(sorted(search.trial(closing).unmet)),
                "why": search.why(closing, closings[0], called) if explain else (),
            }
        )
        for closing in closings
    ), ()


class _Search:
    """The search in one catalogue for what closes the gap between what is held and a target."""

    def __init__(self, store: Store, gap: Gap, judge: Callable[[Sequence[str]], Trial]) -> None:
        self._store, self._gap, self._judge = store, gap, judge
        self._by_iri = {candidate.iri: candidate for candidate in gap.found.candidates}
        self._trials: dict[tuple[str, ...], Trial] = {}
        self._seconds = 0.0

    def closings(self) -> list[GapClosure]:
        """Return the closing sets: those that break no rule, else those that break what is broken already."""
        gap = self._gap
        tolerated = gap.broken - {"STACK-OUTCOMES", *_CURABLE}
        attempts = [(True, gap.required, frozenset[str]())]
        if tolerated or gap.doubtful:
            attempts.append((False, gap.required, tolerated))
        if gap.required > 0:
            attempts.append((False, 0.0, tolerated | {"STACK-WORKLOAD"}))
        for strict, required, allowed in attempts:
            if closings := self._attempt(required, allowed, without=gap.doubtful if strict else frozenset()):
                return closings
        return []

    def _attempt(self, required: float, allowed: frozenset[str], without: frozenset[str]) -> list[GapClosure]:
        gap = self._gap
        usable = [outcome for outcome in gap.held.outcomes if outcome.credential not in without]
        started = monotonic()
        closings = close_gap(
            gap.matcher,
            replace(gap.held, outcomes=usable),
            gap.found.candidates,
            gap.policy.threshold,
            most=gap.policy.suggestions,
            seconds=gap.policy.solver_seconds,
            required=required,
            accept=lambda closing: self._closes(closing, allowed),
        )
        self._seconds = max(self._seconds, monotonic() - started)
        return closings

    def _closes(self, closing: GapClosure, allowed: frozenset[str]) -> bool:
        trial = self.trial(closing)
        reached = trial.coverage >= self._gap.policy.threshold - _ROUNDING
        return reached and trial.verdict != "not-stackable" and trial.unmet <= allowed

    def trial(self, closing: GapClosure) -> Trial:
        """Return what the stack amounts to with a set."""
        if closing.candidates not in self._trials:
            self._trials[closing.candidates] = self._judge(closing.candidates)
        return self._trials[closing.candidates]

    def taken(self, closing: GapClosure) -> list[CatalogueCandidate]:
        """Return the candidates of a set."""
        return [self._by_iri[iri] for iri in closing.candidates]

    def _assigned(self, taken: Sequence[CatalogueCandidate]) -> tuple[Assignment, ...]:
        """Return the best assignment of what is held and these candidates."""
        outcomes = [outcome for candidate in taken for outcome in candidate.outcomes]
        return self._gap.matcher.assign([*self._gap.held.outcomes, *outcomes])

    def why(self, closing: GapClosure, best: GapClosure, called: Mapping[str, str]) -> tuple[Message, ...]:
        """Return why a set was chosen: its cost beside others, what each part is there for, what was left out."""
        required = self._gap.policy.threshold
        taken = self.taken(closing)
        if closing is best:
            if closing.optimal:
                proven = Message("no other set has less")
            else:
                proven = Message("none is proven to have less than {bound}", bound=closing.bound)
            reasons = [
                Message(
                    "It has {hours} hours; of {number} candidates, {proven}.",
                    hours=closing.hours,
                    number=len(self._gap.found.candidates),
                    proven=proven,
                )
            ]
        else:
            reasons = [Message("It has {hours} hours more than the smallest set.", hours=closing.hours - best.hours)]
        requires_of_held = {iri for requires in self._gap.held.requires.values() for iri in requires}
        for candidate in taken:
            without = coverage(self._assigned([other for other in taken if other is not candidate]))
            requiring = [called[other.iri] for other in taken if candidate.iri in other.requires]
            title = called[candidate.iri]
            if without < required - _ROUNDING:
                reasons.append(
                    Message(
                        "Without {title} the coverage is {coverage}; {asked} is asked.",
                        title=title,
                        coverage=Share(without),
                        asked=Share(required),
                    )
                )
            elif requiring:
                reasons.append(
                    Message(
                        "{title} is there because {other} requires it.", title=title, other=join_with_and(requiring)
                    )
                )
            elif candidate.iri in requires_of_held:
                reasons.append(Message("{title} is there because what is held requires it.", title=title))
            else:
                reasons.append(Message("{title} is there for its credits.", title=title))
        return (*reasons, *self._left_out())

    def why_nothing(self) -> tuple[Message, ...]:
        """Return why no set closes the gap: what nothing covers, what was ruled out and by what, the time limit."""
        gap = self._gap
        if gap.policy.suggestions == 0:
            return (Message("No suggestion was requested."),)
        offered = [*gap.held.outcomes, *gap.found.offered]
        uncovered = [
            target.title
            for target in gap.matcher.target
            if not any(gap.matcher.match(target, outcome) for outcome in offered)
        ]
        reasons = []
        if uncovered:
            reasons.append(
                Message("No description in the catalogue covers: {outcomes}.", outcomes=Joined(uncovered, "; "))
            )
        reached = coverage(self._assigned(gap.found.candidates))
        if reached < gap.policy.threshold - _ROUNDING:
            reasons.append(
                Message(
                    "With every candidate in the catalogue the coverage is {coverage}; {required} is required.",
                    coverage=Share(reached),
                    required=Share(gap.policy.threshold),
                )
            )
        reasons += self._left_out()
        called = titles(self._store, {iri for candidates in self._trials for iri in candidates})
        for candidates, trial in list(self._trials.items())[:_MAX_REFUSED]:
            reasons.append(
                Message(
                    "With {credentials} the stack would break {rules}.",
                    credentials=join_with_and([called[iri] for iri in candidates]),
                    rules=", ".join(sorted(trial.unmet)),
                )
                if trial.unmet
                else Message(
                    "With {credentials} the coverage is {coverage} as a whole.",
                    credentials=join_with_and([called[iri] for iri in candidates]),
                    coverage=Share(trial.coverage),
                )
            )
        if self._seconds >= gap.policy.solver_seconds:
            reasons.append(
                Message("The search ended at its time limit of {seconds} seconds.", seconds=gap.policy.solver_seconds)
            )
        if not reasons:
            reasons.append(Message("No set of the candidates in the catalogue closes it without breaking a rule."))
        return tuple(reasons)

    def _left_out(self) -> list[Message]:
        return [
            Message("Left out of the search: {number}, because {why}.", number=number, why=why)
            for why, number in sorted(self._gap.found.left_out.items())
        ]


def _suggestion(
    closing: GapClosure, taken: Sequence[CatalogueCandidate], assigned: Sequence[Assignment], called: Mapping[str, str]
) -> Suggestion:
    inside = {candidate.iri: candidate for candidate in taken}
    order = TopologicalSorter({iri: sorted(one.requires & inside.keys()) for iri, one in sorted(inside.items())})
    return Suggestion(
        credentials=closing.candidates,
        titles=tuple(called[iri] for iri in closing.candidates),
        ects=round(sum(candidate.credits.lower for candidate in taken), 4),
        hours=closing.hours,
        bound=closing.bound,
        optimal=closing.optimal,
        steps=tuple(_step(inside[iri], assigned, called[iri]) for iri in order.static_order()),
    )


def _step(candidate: CatalogueCandidate, assigned: Sequence[Assignment], title: str) -> PathwayStep:
    return PathwayStep(
        credential=candidate.iri,
        title=title,
        hours=candidate.hours,
        credits=candidate.credits,
        requires=tuple(sorted(candidate.requires)),
        gains=tuple(
            Gain(outcome=one.target.iri, title=one.target.title, grade=round(one.grade, 4))
            for one in assigned
            if one.offered and one.offered.credential == candidate.iri
        ),
    )
