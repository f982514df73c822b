"""What closes the gap of a stack: sets of micro-credentials of the catalogue, each as steps in the order to take them.

Rule STACK-OUTCOMES, "closing the gap". A set breaks no rule of its own: what is stand-alone, below the level or without
a workload is left out; where credits cannot be reached by any set, sets that reach the outcomes alone are given, and
say so.
"""

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from mastery_graph.answers.answer import Record
from mastery_graph.answers.stackability.catalogue import Candidate, Found, titles
from mastery_graph.answers.stackability.gap import Closing, Held, close_gap
from mastery_graph.answers.stackability.outcome_coverage import Assigned, Matcher, coverage
from mastery_graph.answers.stackability.policy import StackPolicy
from mastery_graph.answers.workload import Credits
from mastery_graph.languages import Sentence, Share, together
from mastery_graph.languages.records import Said
from mastery_graph.store.protocol import Store

_ATTEMPTS = 10
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
    why: tuple[Said, ...] = ()
    """Why it was chosen, where that was asked."""


def suggestions(
    store: Store,
    matcher: Matcher,
    held: Held,
    found: Found,
    policy: StackPolicy,
    *,
    required: float,
    explain: bool = False,
) -> tuple[Suggestion, ...]:
    """Return what closes the gap, the smallest workload first, up to `policy.suggestions` sets.

    `required` are the ECTS credits that the target asks for, 0 where it asks for none. With `explain` each says why it
    was chosen.
    """
    search = _Search(matcher, held, found, policy)
    closings = search.closings(required)
    breaks: tuple[str, ...] = ()
    if not closings and required > 0:
        closings, breaks = search.closings(0.0), ("STACK-WORKLOAD",)
    called = titles(store, {iri for closing in closings for iri in closing.candidates})
    return tuple(
        _suggestion(
            closing,
            search.taken(closing),
            search.assigned(search.taken(closing)),
            called,
        ).model_copy(update={"breaks": breaks, "why": search.why(closing, closings[0], called) if explain else ()})
        for closing in closings
    )


class _Search:
    """The search in one catalogue for what closes the gap between what is held and a target."""

    def __init__(self, matcher: Matcher, held: Held, found: Found, policy: StackPolicy) -> None:
        self._matcher, self._held, self._found, self._policy = matcher, held, found, policy
        self._by_iri = {candidate.iri: candidate for candidate in found.candidates}

    def closings(self, required: float) -> list[Closing]:
        """Return the closing sets, without those that the best assignment counts for fewer credits than required."""
        refused: set[frozenset[str]] = set()
        closings: list[Closing] = []
        for _ in range(_ATTEMPTS):
            closings = close_gap(
                self._matcher,
                self._held,
                self._found.candidates,
                self._policy.threshold,
                most=self._policy.suggestions,
                seconds=self._policy.solver_seconds,
                required=required,
                refused=refused,
            )
            short = {
                frozenset(closing.candidates) for closing in closings if self._credits(closing) < required - _ROUNDING
            }
            if not short:
                return closings
            refused |= short
        return [closing for closing in closings if frozenset(closing.candidates) not in refused]

    def taken(self, closing: Closing) -> list[Candidate]:
        """Return the candidates of a set."""
        return [self._by_iri[iri] for iri in closing.candidates]

    def assigned(self, taken: Sequence[Candidate]) -> tuple[Assigned, ...]:
        """Return the best assignment of what is held and these candidates."""
        return self._matcher.assign([*self._held.outcomes, *(outcome for one in taken for outcome in one.outcomes)])

    def why(self, closing: Closing, best: Closing, called: Mapping[str, str]) -> tuple[Sentence, ...]:
        """Return why a set was chosen: its cost beside others, what each part is there for, what was left out."""
        asked = self._policy.threshold
        taken = self.taken(closing)
        if closing is best:
            if closing.optimal:
                proven = Sentence("no other set has less")
            else:
                proven = Sentence("none is proven to have less than {bound}", bound=closing.bound)
            told = [
                Sentence(
                    "It has {hours} hours; of {number} candidates, {proven}.",
                    hours=closing.hours,
                    number=len(self._found.candidates),
                    proven=proven,
                )
            ]
        else:
            told = [Sentence("It has {hours} hours more than the smallest set.", hours=closing.hours - best.hours)]
        for one in taken:
            without = coverage(self.assigned([other for other in taken if other is not one]))
            requiring = [called[other.iri] for other in taken if one.iri in other.requires]
            if without < asked - _ROUNDING:
                told.append(
                    Sentence(
                        "Without {title} the coverage is {coverage}; {asked} is asked.",
                        title=called[one.iri],
                        coverage=Share(without),
                        asked=Share(asked),
                    )
                )
            elif requiring:
                told.append(
                    Sentence(
                        "{title} is there because {other} requires it.",
                        title=called[one.iri],
                        other=together(requiring),
                    )
                )
            else:
                told.append(Sentence("{title} is there for its credits.", title=called[one.iri]))
        return (
            *told,
            *(
                Sentence("Left out of the search: {number}, because {why}.", number=number, why=why)
                for why, number in sorted(self._found.left_out.items())
            ),
        )

    def _credits(self, closing: Closing) -> float:
        """Return the credits that the best assignment of a set counts at most."""
        total = self._held.settled
        for one in self.assigned(self.taken(closing)):
            if one.offered is None:
                continue
            if candidate := self._by_iri.get(one.offered.credential):
                upper = candidate.credits.upper
                total += float("inf") if upper is None else upper / candidate.outcome_count
            else:
                total += self._held.credits.get(one.offered.credential, 0.0)
        return total


def _suggestion(
    closing: Closing, taken: Sequence[Candidate], assigned: Sequence[Assigned], called: Mapping[str, str]
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


def _step(candidate: Candidate, assigned: Sequence[Assigned], title: str) -> PathwayStep:
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
