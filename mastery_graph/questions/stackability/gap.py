"""Closing a gap: the sets of micro-credentials with the smallest workload that do, proven, and the next best.

An integer programme (rule STACK-OUTCOMES, "closing the gap"): a candidate is taken or not; each outcome, held or taken,
serves at most one outcome of the target; the grades, weighted, reach the threshold; a candidate's prerequisites are
held or taken too; where the target asks for credits, those that count can reach them. The sum of the workloads is
least. Solved by HiGHS (`scipy.optimize.milp`); at the time limit the best found is given with its proven bound.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

from mastery_graph.questions.stackability.catalogue import CatalogueCandidate
from mastery_graph.questions.stackability.outcome_coverage import Matcher, OfferedOutcome

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

MAX_JUDGED: Final = 25
"""How many sets may be refused before the search ends."""
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class CurrentHoldings:
    """What is held: its outcomes, its IRIs, and the ECTS credits that each outcome can count for at most."""

    outcomes: Sequence[OfferedOutcome] = ()
    iris: frozenset[str] = frozenset()
    credits: Mapping[str, float] = field(default_factory=dict)
    """By the IRI of the credential; infinite where it states neither credits nor hours."""
    settled: float = 0.0
    """Credits that count whatever is used, because a recognition statement says so."""
    requires: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The prerequisites of each credential that has some, by its IRI."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The credential that an IRI stands for, where that is not its own: the description of an issued one."""


@dataclass(frozen=True, slots=True)
class GapClosure:
    """A set of candidates that closes the gap. `bound` is the proven least workload, in hours, of any such set."""

    candidates: tuple[str, ...]
    hours: float
    bound: float
    optimal: bool
    """True where nothing cheaper is left beside the sets before it."""


def close_gap(
    matcher: Matcher,
    held: CurrentHoldings,
    candidates: Sequence[CatalogueCandidate],
    threshold: float,
    *,
    most: int,
    seconds: float,
    required: float = 0.0,
    accept: Callable[[GapClosure], bool] = lambda _: True,
) -> list[GapClosure]:
    """Return up to `most` sets of candidates that bring the coverage to `threshold`, least workload first.

    `required` are the ECTS credits that must be within reach; a set that `accept` refuses is passed over, and the next
    best is sought. Each later set leaves out at least one credential of every earlier one. An empty list means that no
    set closes the gap, or that none was found in `seconds` and `MAX_JUDGED` sets.
    """
    needed = frozenset(iri for requires in held.requires.values() for iri in requires)
    kept = remove_redundant(matcher, candidates, most, required > 0, needed)
    programme = _Programme(matcher, held, kept, threshold, required)
    closings: list[GapClosure] = []
    refused: list[frozenset[str]] = []
    deadline = monotonic() + seconds
    while len(closings) < most and len(refused) < MAX_JUDGED and (left := deadline - monotonic()) > 0:
        closing = programme.solve(left, [frozenset(earlier.candidates) for earlier in closings], refused)
        if closing is None or not closing.candidates:
            break
        if accept(closing):
            closings.append(closing)
        else:
            refused.append(frozenset(closing.candidates))
    return closings


def remove_redundant(
    matcher: Matcher,
    candidates: Sequence[CatalogueCandidate],
    most: int,
    by_workload: bool,
    needed_by_held: frozenset[str] = frozenset(),
) -> list[CatalogueCandidate]:
    """Return the candidates without those that cannot matter, because enough others offer the same for no more.

    Two candidates offer the same where their outcomes have the same grades, and, where credits are asked
    (`by_workload`), the same workload. A set takes no more of one kind than the target has outcomes, so that, of each
    kind, that many and `most` others without prerequisites are enough for the best sets. What another candidate
    requires stays, and so does what is required by what is held (`needed_by_held`).
    """
    enough = most + len(matcher.target)
    kinds: dict[tuple[object, ...], list[CatalogueCandidate]] = defaultdict(list)
    for candidate in candidates:
        graded = [
            tuple(match.grade if (match := matcher.match(wanted, outcome)) else 0.0 for wanted in matcher.target)
            for outcome in candidate.outcomes
        ]
        useful = tuple(sorted(grades for grades in graded if any(grades)))
        share = (candidate.hours, candidate.credits.upper, candidate.outcome_count) if by_workload else ()
        kinds[(useful, *share)].append(candidate)
    free = {
        kind: sorted((one for one in alike if not one.requires), key=lambda one: (one.hours, one.iri))[:enough]
        for kind, alike in kinds.items()
        if kind[0]
    }
    kept = {one.iri: one for alike in free.values() for one in alike}
    asked = needed_by_held | {iri for one in candidates for iri in one.requires}
    for kind, alike in kinds.items():
        for one in alike:
            cheaper = sum(other.hours <= one.hours for other in free.get(kind, ()))
            if one.requires and (one.iri in asked or (kind[0] and cheaper < enough)):
                kept[one.iri] = one
    needed = needed_by_held | {iri for one in kept.values() for iri in one.requires}
    kept |= {one.iri: one for one in candidates if one.iri in needed}
    return [kept[iri] for iri in sorted(kept)]


class _Programme:
    """The integer programme for one target, one stack and one catalogue."""

    def __init__(
        self,
        matcher: Matcher,
        held: CurrentHoldings,
        candidates: list[CatalogueCandidate],
        threshold: float,
        required: float,
    ) -> None:
        self.candidates = candidates
        self._index = {candidate.iri: place for place, candidate in enumerate(candidates)}
        # What is held and requires something is a variable too: it can be used where its prerequisites are there.
        self._used = {iri: len(candidates) + place for place, iri in enumerate(sorted(held.requires))}
        first_pair = len(candidates) + len(self._used)
        outcomes: list[tuple[OfferedOutcome, int | None]] = [(outcome, None) for outcome in held.outcomes]
        outcomes += [(outcome, place) for place, candidate in enumerate(candidates) for outcome in candidate.outcomes]
        # A variable a candidate, one a held credential that requires something, one a pair of outcomes that match.
        self._pairs: list[tuple[int, int]] = []
        worth: dict[int, float] = {}
        share: dict[int, float] = {}
        for offered, (outcome, place) in enumerate(outcomes):
            counts = self._share(held, outcome, place)
            for wanted, target in enumerate(matcher.target):
                if match := matcher.match(target, outcome):
                    variable = first_pair + len(self._pairs)
                    self._pairs.append((offered, wanted))
                    worth[variable] = match.grade * target.weight
                    share[variable] = min(counts, required)
        self._size = first_pair + len(self._pairs)
        self._first_pair = first_pair
        total = sum(target.weight for target in matcher.target)
        self._constraints = [
            *self._each_serves_once(outcomes),
            *self._each_served_once(),
            *self._prerequisites(held),
            _row(worth, low=threshold * total - _ROUNDING),
        ]
        if required > 0:
            self._constraints.append(_row(share, low=required - held.settled - _ROUNDING))

    def solve(
        self, seconds: float, excluded: Sequence[frozenset[str]], refused: Collection[frozenset[str]]
    ) -> GapClosure | None:
        """Return the set of least workload that holds none of the excluded sets whole and is none of the refused."""
        import numpy as np
        from scipy.optimize import Bounds, milp

        if not self.candidates:
            return None
        rows = [*self._constraints]
        rows += [_row(dict.fromkeys(self._places(earlier), 1.0), high=len(earlier) - 1) for earlier in excluded]
        for each in refused:
            inside = set(self._places(each))
            values = {place: 1.0 if place in inside else -1.0 for place in range(len(self.candidates))}
            rows.append(_row(values, high=len(inside) - 1))
        cost = np.zeros(self._size)
        cost[: len(self.candidates)] = [candidate.hours for candidate in self.candidates]
        result = milp(
            cost,
            integrality=np.ones(self._size),
            bounds=Bounds(0, 1),
            constraints=_joined(rows, self._size),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        if result.x is None:
            return None
        taken = [candidate for candidate, value in zip(self.candidates, result.x, strict=False) if value > 0.5]
        hours = sum(candidate.hours for candidate in taken)
        bound = hours if result.mip_dual_bound is None else min(hours, float(result.mip_dual_bound))
        return GapClosure(
            tuple(candidate.iri for candidate in taken), hours, round(bound, 4), optimal=result.status == 0
        )

    def _share(self, held: CurrentHoldings, outcome: OfferedOutcome, place: int | None) -> float:
        """Return the credits that one outcome can count for at most."""
        if place is None:
            return held.credits.get(outcome.credential, 0.0)
        candidate = self.candidates[place]
        return math.inf if candidate.credits.upper is None else candidate.credits.upper / candidate.outcome_count

    def _places(self, iris: Collection[str]) -> list[int]:
        return [self._index[iri] for iri in iris if iri in self._index]

    def _each_serves_once(self, outcomes: list[tuple[OfferedOutcome, int | None]]) -> list["_Row"]:
        uses: dict[int, dict[int, float]] = defaultdict(dict)
        for pair, (offered, _) in enumerate(self._pairs):
            uses[offered][self._first_pair + pair] = 1.0
        rows = []
        for offered, variables in uses.items():
            outcome, place = outcomes[offered]
            place = self._used.get(outcome.credential) if place is None else place
            rows.append(_row(variables, high=1) if place is None else _row(variables | {place: -1.0}, high=0))
        return rows

    def _each_served_once(self) -> list["_Row"]:
        served: dict[int, dict[int, float]] = defaultdict(dict)
        for pair, (_, wanted) in enumerate(self._pairs):
            served[wanted][self._first_pair + pair] = 1.0
        return [_row(variables, high=1) for variables in served.values()]

    def _prerequisites(self, held: CurrentHoldings) -> list["_Row"]:
        """Return that what is taken or used has what it requires: held with its own prerequisites, or taken too."""
        requiring = [(place, candidate.requires) for place, candidate in enumerate(self.candidates)]
        requiring += [(place, held.requires[iri]) for iri, place in self._used.items()]
        rows = []
        for place, requires in requiring:
            for required in sorted(requires):
                own = held.aliases.get(required, required)
                if own in self._used:
                    rows.append(_row({place: 1.0, self._used[own]: -1.0}, high=0))
                elif required in held.iris:
                    continue
                elif required in self._index:
                    rows.append(_row({place: 1.0, self._index[required]: -1.0}, high=0))
                else:
                    rows.append(_row({place: 1.0}, high=0))
        return rows


@dataclass(frozen=True, slots=True)
class _Row:
    """One linear constraint: coefficients by variable, and the interval of their sum."""

    values: Mapping[int, float]
    low: float
    high: float


def _row(values: Mapping[int, float], low: float = -math.inf, high: float = math.inf) -> _Row:
    return _Row(dict(values), low, high)


def _joined(rows: Sequence[_Row], size: int) -> "LinearConstraint":
    from scipy.optimize import LinearConstraint
    from scipy.sparse import csr_array

    places = [(row, column, value) for row, line in enumerate(rows) for column, value in line.values.items()]
    matrix = csr_array(
        ([value for _, _, value in places], ([row for row, _, _ in places], [column for _, column, _ in places])),
        shape=(len(rows), size),
    )
    return LinearConstraint(matrix, [row.low for row in rows], [row.high for row in rows])
