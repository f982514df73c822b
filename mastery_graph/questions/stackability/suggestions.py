"""Suggestions for closing the gap of a stack: sets of micro-credentials of the catalogue, as ordered steps.

Rule STACK-OUTCOMES, "closing the gap". Before a set is suggested, it is judged together with the owned credentials: it
closes the gap and breaks no rule. Where no set does, sets are suggested that break only rules that are broken already,
or that only lack credits, with these rules; where there is none either, the answer states why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from time import monotonic

from mastery_graph.languages import Joined, Message, Share, join_with_and, ngettext
from mastery_graph.languages.records import Localized
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.stackability.catalogue import CandidateSearch, CatalogueCandidate, titles
from mastery_graph.questions.stackability.gap import CurrentHoldings, GapClosure, close_gap
from mastery_graph.questions.stackability.outcome_coverage import Assignment, Matcher, coverage
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.verdict import StackVerdict
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

_FIXABLE = ("STACK-PREREQUISITES",)
"""Rules that further credentials can fix: a set that still breaks one is never suggested."""
_MAX_REFUSED = 3
_ROUNDING = 1e-6


class Gain(Record):
    """An outcome of the target that a step serves, with the grade (0 to 1)."""

    outcome: str
    title: str
    grade: float


class PathwayStep(Record):
    """A micro-credential to take after those before it, and the outcomes that it covers."""

    credential: str
    title: str
    hours: float
    credits: Credits
    requires: tuple[str, ...]
    gains: tuple[Gain, ...]
    """Empty for a credential that is only a prerequisite."""


class Suggestion(Record):
    """Credentials of the catalogue that close the gap. `hours` is their workload, at 25 hours a credit."""

    credentials: tuple[str, ...]
    titles: tuple[str, ...]
    ects: float
    """The sum of the credits; of an interval, its lower end."""
    hours: float
    bound: float
    """The proven minimum workload of any set other than the earlier ones, in hours."""
    optimal: bool
    """Proven to be the smallest workload (first), or the next best."""
    steps: tuple[PathwayStep, ...]
    """The pathway from the owned credentials to the target: prerequisites come first."""
    breaks: tuple[str, ...] = ()
    """The rules that the stack would still break with these credentials."""
    why: tuple[Localized, ...] = ()
    """Why it was chosen, where an explanation was requested."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The judgement of the stack with additional credentials, made in the same way as that of the stack itself."""

    verdict: StackVerdict
    coverage: float
    unmet: frozenset[str]
    """The rules that the stack then breaks."""
    assigned: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap to close: the owned credentials, the candidates of the catalogue, and the requirements.

    `required` are the ECTS credits that the target requires, 0 where it requires none; `broken` are the rules that the
    stack breaks as it is; `doubtful` are the owned credentials that would break a rule if they were used.
    """

    matcher: Matcher
    holdings: CurrentHoldings
    doubtful: frozenset[str]
    catalogue: CandidateSearch
    policy: StackPolicy
    required: float
    broken: frozenset[str]


def suggestions(
    store: Store, gap: Gap, judge: Callable[[Sequence[str]], Trial], *, explain: bool = False
) -> tuple[tuple[Suggestion, ...], tuple[Localized, ...]]:
    """Return the sets that close the gap, smallest workload first; where there is none, the reasons.

    `judge` judges the stack with additional credentials: a set is only suggested where the coverage then reaches the
    threshold and no rule is broken. Where no such set is found, sets are suggested that break only rules that are
    broken already, or that only lack credits: they name the rules in `breaks`. With `explain` each suggestion states
    why it was chosen.
    """
    search = _Search(store, gap, judge)
    closures = search.closures()
    if not closures:
        return (), search.reasons_for_none()
    titles_by_iri = titles(store, {iri for closure in closures for iri in closure.candidates})
    return tuple(
        _suggestion(closure, search.candidates_of(closure), search.trial(closure).assigned, titles_by_iri).model_copy(
            update={
                "breaks": tuple(sorted(search.trial(closure).unmet)),
                "why": search.reasons(closure, closures[0], titles_by_iri) if explain else (),
            }
        )
        for closure in closures
    ), ()


class _Search:
    """A search of one catalogue for sets that close the gap between the owned credentials and a target."""

    def __init__(self, store: Store, gap: Gap, judge: Callable[[Sequence[str]], Trial]) -> None:
        self._store, self._gap, self._judge = store, gap, judge
        self._by_iri = {candidate.iri: candidate for candidate in gap.catalogue.candidates}
        self._trials: dict[tuple[str, ...], Trial] = {}
        self._seconds = 0.0

    def closures(self) -> list[GapClosure]:
        """Return the sets that close the gap: those that break no rule, else those that break rules broken already."""
        gap = self._gap
        tolerated = gap.broken - {"STACK-OUTCOMES", *_FIXABLE}
        attempts = [(True, gap.required, frozenset[str]())]
        if tolerated or gap.doubtful:
            attempts.append((False, gap.required, tolerated))
        if gap.required > 0:
            attempts.append((False, 0.0, tolerated | {"STACK-WORKLOAD"}))
        for strict, required, allowed in attempts:
            if closures := self._attempt(required, allowed, without=gap.doubtful if strict else frozenset()):
                return closures
        return []

    def _attempt(self, required: float, allowed: frozenset[str], without: frozenset[str]) -> list[GapClosure]:
        gap = self._gap
        usable = [outcome for outcome in gap.holdings.outcomes if outcome.credential not in without]
        started = monotonic()
        closures = close_gap(
            gap.matcher,
            replace(gap.holdings, outcomes=usable),
            gap.catalogue.candidates,
            gap.policy.threshold,
            max_sets=gap.policy.suggestions,
            seconds=gap.policy.solver_seconds,
            required=required,
            accept=lambda closure: self._is_acceptable(closure, allowed),
        )
        self._seconds = max(self._seconds, monotonic() - started)
        return closures

    def _is_acceptable(self, closure: GapClosure, allowed: frozenset[str]) -> bool:
        trial = self.trial(closure)
        reached = trial.coverage >= self._gap.policy.threshold - _ROUNDING
        return reached and trial.verdict is not StackVerdict.NOT_STACKABLE and trial.unmet <= allowed

    def trial(self, closure: GapClosure) -> Trial:
        """Return the judgement of the stack with a set, judged once for each set."""
        if closure.candidates not in self._trials:
            self._trials[closure.candidates] = self._judge(closure.candidates)
        return self._trials[closure.candidates]

    def candidates_of(self, closure: GapClosure) -> list[CatalogueCandidate]:
        """Return the candidates of a set."""
        return [self._by_iri[iri] for iri in closure.candidates]

    def _best_assignment(self, candidates: Sequence[CatalogueCandidate]) -> tuple[Assignment, ...]:
        """Return the best assignment of the owned outcomes and those of these candidates."""
        outcomes = [outcome for candidate in candidates for outcome in candidate.outcomes]
        return self._gap.matcher.assign([*self._gap.holdings.outcomes, *outcomes])

    def reasons(self, closure: GapClosure, best: GapClosure, titles_by_iri: Mapping[str, str]) -> tuple[Message, ...]:
        """Return why a set was chosen: its workload, the purpose of each credential, and what was excluded."""
        candidates = self.candidates_of(closure)
        return (
            self._workload_reason(closure, best),
            *(self._candidate_reason(candidate, candidates, titles_by_iri) for candidate in candidates),
            *self._exclusions(),
        )

    def _workload_reason(self, closure: GapClosure, best: GapClosure) -> Message:
        """Return how the workload of a set compares with that of other sets."""
        if closure is not best:
            return ngettext(
                "It has {count} hour more than the smallest set.",
                "It has {count} hours more than the smallest set.",
                closure.hours - best.hours,
            )
        if closure.optimal:
            proven = Message("no other set has less")
        else:
            proven = Message("none is proven to have less than {bound}", bound=closure.bound)
        return ngettext(
            "It has {count} hour; of {number} candidates, {proven}.",
            "It has {count} hours; of {number} candidates, {proven}.",
            closure.hours,
            number=len(self._gap.catalogue.candidates),
            proven=proven,
        )

    def _candidate_reason(
        self,
        candidate: CatalogueCandidate,
        candidates: Sequence[CatalogueCandidate],
        titles_by_iri: Mapping[str, str],
    ) -> Message:
        """Return why a candidate is in its set: for the coverage, as a prerequisite, or for its credits."""
        required = self._gap.policy.threshold
        title = titles_by_iri[candidate.iri]
        without = coverage(self._best_assignment([other for other in candidates if other is not candidate]))
        if without < required - _ROUNDING:
            return Message(
                "Without {title} the coverage is {coverage}; {asked} is asked.",
                title=title,
                coverage=Share(without),
                asked=Share(required),
            )
        requiring = [titles_by_iri[other.iri] for other in candidates if candidate.iri in other.requires]
        if requiring:
            return Message("{title} is there because {other} requires it.", title=title, other=join_with_and(requiring))
        if any(candidate.iri in requires for requires in self._gap.holdings.requires.values()):
            return Message("{title} is there because what is held requires it.", title=title)
        return Message("{title} is there for its credits.", title=title)

    def reasons_for_none(self) -> tuple[Message, ...]:
        """Return why no set closes the gap: outcomes without coverage, exclusions, refused sets, the time limit."""
        gap = self._gap
        if gap.policy.suggestions == 0:
            return (Message("No suggestion was requested."),)
        reasons = [*self._coverage_reasons(), *self._exclusions(), *self._refusals()]
        if self._seconds >= gap.policy.solver_seconds:
            reasons.append(
                ngettext(
                    "The search ended at its time limit of {count} second.",
                    "The search ended at its time limit of {count} seconds.",
                    gap.policy.solver_seconds,
                )
            )
        if not reasons:
            reasons.append(Message("No set of the candidates in the catalogue closes it without breaking a rule."))
        return tuple(reasons)

    def _coverage_reasons(self) -> list[Message]:
        """Return which outcomes nothing covers, and the coverage with every candidate where it is too low."""
        gap = self._gap
        offered = [*gap.holdings.outcomes, *gap.catalogue.offered]
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
        reached = coverage(self._best_assignment(gap.catalogue.candidates))
        if reached < gap.policy.threshold - _ROUNDING:
            reasons.append(
                Message(
                    "With every candidate in the catalogue the coverage is {coverage}; {required} is required.",
                    coverage=Share(reached),
                    required=Share(gap.policy.threshold),
                )
            )
        return reasons

    def _refusals(self) -> list[Message]:
        """Return why the first sets that were tried were refused."""
        titles_by_iri = titles(self._store, {iri for candidates in self._trials for iri in candidates})
        return [
            Message(
                "With {credentials} the stack would break {rules}.",
                credentials=join_with_and([titles_by_iri[iri] for iri in candidates]),
                rules=", ".join(sorted(trial.unmet)),
            )
            if trial.unmet
            else Message(
                "With {credentials} the coverage is {coverage} as a whole.",
                credentials=join_with_and([titles_by_iri[iri] for iri in candidates]),
                coverage=Share(trial.coverage),
            )
            for candidates, trial in list(self._trials.items())[:_MAX_REFUSED]
        ]

    def _exclusions(self) -> list[Message]:
        """Return how many micro-credentials were excluded from the search, by the reason."""
        return [
            Message("Left out of the search: {number}, because {why}.", number=number, why=reason)
            for reason, number in sorted(self._gap.catalogue.left_out.items())
        ]


def _suggestion(
    closure: GapClosure,
    candidates: Sequence[CatalogueCandidate],
    assigned: Sequence[Assignment],
    titles_by_iri: Mapping[str, str],
) -> Suggestion:
    by_iri = {candidate.iri: candidate for candidate in candidates}
    order = TopologicalSorter(
        {iri: sorted(candidate.requires & by_iri.keys()) for iri, candidate in sorted(by_iri.items())}
    )
    return Suggestion(
        credentials=closure.candidates,
        titles=tuple(titles_by_iri[iri] for iri in closure.candidates),
        ects=round(sum(candidate.credits.lower for candidate in candidates), 4),
        hours=closure.hours,
        bound=closure.bound,
        optimal=closure.optimal,
        steps=tuple(_step(by_iri[iri], assigned, titles_by_iri[iri]) for iri in order.static_order()),
    )


def _step(candidate: CatalogueCandidate, assigned: Sequence[Assignment], title: str) -> PathwayStep:
    return PathwayStep(
        credential=candidate.iri,
        title=title,
        hours=candidate.hours,
        credits=candidate.credits,
        requires=tuple(sorted(candidate.requires)),
        gains=tuple(
            Gain(outcome=assignment.target.iri, title=assignment.target.title, grade=round(assignment.grade, 4))
            for assignment in assigned
            if assignment.offered and assignment.offered.credential == candidate.iri
        ),
    )
