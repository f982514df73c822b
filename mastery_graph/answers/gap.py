"""What in the catalogue closes the gap of a stack: the smallest workload that does, proven, and the next best.

An integer programme (rule STACK-OUTCOMES and "closing the gap"): a candidate is taken or not; each outcome, held or
taken, serves at most one outcome of the target; the grades, weighted, reach the threshold; a candidate's prerequisites
are held or taken too. The sum of the workloads is least. Solved exactly by HiGHS (`scipy.optimize.milp`); at the time
limit the best found is given with its proven bound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from mastery_graph.answers.coverage import Matcher, OfferedOutcome

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A description of the catalogue that might close the gap: its outcomes, workload in hours, prerequisites."""

    iri: str
    outcomes: tuple[OfferedOutcome, ...]
    hours: float
    requires: frozenset[str]


@dataclass(frozen=True, slots=True)
class Closing:
    """A set of candidates that closes the gap. `bound` is the proven least workload, in hours, of any such set."""

    candidates: tuple[str, ...]
    hours: float
    bound: float
    optimal: bool


def close_gap(
    matcher: Matcher,
    held: Sequence[OfferedOutcome],
    candidates: Sequence[Candidate],
    threshold: float,
    *,
    most: int,
    seconds: float,
    held_iris: frozenset[str] = frozenset(),
) -> list[Closing]:
    """Return up to `most` sets of candidates that bring the coverage to `threshold`, least workload first.

    Each later set leaves out at least one credential of every earlier one. An empty list means that no set does, or
    that none was found in `seconds`.
    """
    useful = _within_reach(sorted(candidates, key=lambda candidate: candidate.iri), held_iris)
    programme = _Programme(matcher, held, useful, threshold, held_iris)
    found: list[Closing] = []
    deadline = monotonic() + seconds
    while len(found) < most and (left := deadline - monotonic()) > 0:
        closing = programme.solve(left, [set(earlier.candidates) for earlier in found])
        if closing is None:
            break
        found.append(closing)
    return found


def _within_reach(candidates: list[Candidate], held: frozenset[str]) -> list[Candidate]:
    """Return the candidates whose prerequisites are held, or candidates that are within reach themselves."""
    reach = {candidate.iri: candidate for candidate in candidates}
    while out := [iri for iri, candidate in reach.items() if not candidate.requires <= held | reach.keys()]:
        for iri in out:
            del reach[iri]
    return list(reach.values())


class _Programme:
    """The integer programme for one target, one stack and one catalogue."""

    def __init__(
        self,
        matcher: Matcher,
        held: Sequence[OfferedOutcome],
        candidates: list[Candidate],
        threshold: float,
        held_iris: frozenset[str],
    ) -> None:
        self.candidates = candidates
        self._index = {candidate.iri: place for place, candidate in enumerate(candidates)}
        outcomes: list[tuple[OfferedOutcome, int | None]] = [(outcome, None) for outcome in held]
        outcomes += [(outcome, place) for place, candidate in enumerate(candidates) for outcome in candidate.outcomes]
        # A variable a candidate, then one a pair of outcomes that match.
        self._pairs: list[tuple[int, int, float]] = []
        for offered, (outcome, _) in enumerate(outcomes):
            for wanted, target in enumerate(matcher.target):
                if match := matcher.match(target, outcome):
                    self._pairs.append((offered, wanted, match.grade * target.weight))
        self._size = len(candidates) + len(self._pairs)
        total = sum(target.weight for target in matcher.target)
        self._constraints = [
            *self._each_serves_once(outcomes),
            *self._each_served_once(len(matcher.target)),
            *self._prerequisites(held_iris),
            self._row(
                {len(candidates) + pair: worth for pair, (_, _, worth) in enumerate(self._pairs)}, low=threshold * total
            ),
        ]

    def solve(self, seconds: float, excluded: Sequence[set[str]]) -> Closing | None:
        """Return the set of least workload that holds none of the excluded sets whole, or None."""
        rows = self._constraints + [
            self._row({self._index[iri]: 1.0 for iri in earlier}, high=len(earlier) - 1) for earlier in excluded
        ]
        if not self.candidates:
            return None
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
        return Closing(tuple(candidate.iri for candidate in taken), hours, round(bound, 4), optimal=result.status == 0)

    def _each_serves_once(self, outcomes: list[tuple[OfferedOutcome, int | None]]) -> list["_Row"]:
        rows = []
        for offered, (_, place) in enumerate(outcomes):
            uses = {len(self.candidates) + pair: 1.0 for pair, (who, _, _) in enumerate(self._pairs) if who == offered}
            if not uses:
                continue
            if place is None:
                rows.append(self._row(uses, high=1))
            else:
                rows.append(self._row(uses | {place: -1.0}, high=0))
        return rows

    def _each_served_once(self, targets: int) -> list["_Row"]:
        served: list[Mapping[int, float]] = [
            {len(self.candidates) + pair: 1.0 for pair, (_, whom, _) in enumerate(self._pairs) if whom == wanted}
            for wanted in range(targets)
        ]
        return [self._row(uses, high=1) for uses in served if uses]

    def _prerequisites(self, held: frozenset[str]) -> list["_Row"]:
        return [
            self._row({place: 1.0, self._index[required]: -1.0}, high=0)
            for place, candidate in enumerate(self.candidates)
            for required in sorted(candidate.requires - held)
        ]

    @staticmethod
    def _row(values: Mapping[int, float], low: float = -np.inf, high: float = np.inf) -> "_Row":
        return _Row(dict(values), low - _ROUNDING, high + _ROUNDING)


@dataclass(frozen=True, slots=True)
class _Row:
    """One linear constraint: coefficients by variable, and the interval of their sum."""

    values: Mapping[int, float]
    low: float
    high: float


def _joined(rows: Sequence[_Row], size: int) -> LinearConstraint:
    places = [(row, column, value) for row, line in enumerate(rows) for column, value in line.values.items()]
    matrix = csr_array(
        ([value for _, _, value in places], ([row for row, _, _ in places], [column for _, column, _ in places])),
        shape=(len(rows), size),
    )
    return LinearConstraint(matrix, [row.low for row in rows], [row.high for row in rows])
