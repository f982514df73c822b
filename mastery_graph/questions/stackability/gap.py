"""Optimal closures of a gap: the sets of micro-credentials with the smallest workload, and the next best sets.

An integer programme (rule STACK-OUTCOMES, "closing the gap"): a candidate is selected or not; each outcome, owned or
selected, serves at most one outcome of the target; the weighted grades reach the threshold; the prerequisites of a
candidate are owned or selected too; where the target requires credits, the credits that count can reach them. The sum
of the workloads is minimal. Solved by HiGHS (`highspy`); at the time limit the best set so far is returned with its
proven bound.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from mastery_graph.questions.stackability.catalogue import CatalogueCandidate
from mastery_graph.questions.stackability.outcome_coverage import Matcher, OfferedOutcome

MAX_JUDGED: Final = 25
"""The number of sets that may be refused before the search ends."""
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class CurrentHoldings:
    """The owned credentials: their outcomes, their IRIs, and the maximum ECTS credits of each outcome."""

    outcomes: Sequence[OfferedOutcome] = ()
    iris: frozenset[str] = frozenset()
    credits: Mapping[str, float] = field(default_factory=dict)
    """By the IRI of the credential; infinite where it states neither credits nor hours."""
    settled: float = 0.0
    """Credits that always count, because of a recognition statement."""
    requires: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The prerequisites of each credential that has any, by its IRI."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The IRI of the credential, by its own IRI and by the IRIs of its descriptions."""


@dataclass(frozen=True, slots=True)
class GapClosure:
    """A set of candidates that closes the gap. `bound` is the proven minimum workload, in hours, of any such set."""

    candidates: tuple[str, ...]
    hours: float
    bound: float
    optimal: bool
    """Whether it is proven that only earlier sets have a smaller workload."""


def close_gap(
    matcher: Matcher,
    holdings: CurrentHoldings,
    candidates: Sequence[CatalogueCandidate],
    threshold: float,
    *,
    max_sets: int,
    seconds: float,
    required: float = 0.0,
    accept: Callable[[GapClosure], bool] = lambda _: True,
) -> list[GapClosure]:
    """Return up to `max_sets` sets of candidates that bring the coverage to `threshold`, smallest workload first.

    `required` are the ECTS credits that must be reachable; a set that `accept` refuses is skipped in favour of the next
    best. Each set lacks at least one credential of every earlier one. An empty list means that no set closes the gap,
    or that none was found within `seconds` and `MAX_JUDGED` refused sets.
    """
    prerequisites_of_owned = frozenset(iri for requires in holdings.requires.values() for iri in requires)
    useful = remove_redundant(matcher, candidates, max_sets, required > 0, prerequisites_of_owned)
    programme = _Programme(matcher, holdings, useful, threshold, required)
    closures: list[GapClosure] = []
    refused: list[frozenset[str]] = []
    deadline = monotonic() + seconds
    while len(closures) < max_sets and len(refused) < MAX_JUDGED and (remaining := deadline - monotonic()) > 0:
        closure = programme.solve(remaining, [frozenset(earlier.candidates) for earlier in closures], refused)
        if closure is None or not closure.candidates:
            break
        if accept(closure):
            closures.append(closure)
        else:
            refused.append(frozenset(closure.candidates))
    return closures


def remove_redundant(
    matcher: Matcher,
    candidates: Sequence[CatalogueCandidate],
    max_sets: int,
    by_workload: bool,
    required_by_owned: frozenset[str] = frozenset(),
) -> list[CatalogueCandidate]:
    """Return the candidates without those that are irrelevant because enough equivalent ones cost no more.

    Two candidates are equivalent where their outcomes have the same grades, and, where credits are required
    (`by_workload`), the same workload. A set contains no more candidates of one kind than the target has outcomes, so
    that, of each kind, that many and `max_sets` others without prerequisites are enough for the best sets. Candidates
    that other candidates or owned credentials (`required_by_owned`) require are retained.
    """
    enough = max_sets + len(matcher.target)
    kinds: dict[tuple[object, ...], list[CatalogueCandidate]] = defaultdict(list)
    for candidate in candidates:
        graded = [
            tuple(match.grade if (match := matcher.match(target, outcome)) else 0.0 for target in matcher.target)
            for outcome in candidate.outcomes
        ]
        useful_grades = tuple(sorted(grades for grades in graded if any(grades)))
        share = (candidate.hours, candidate.credits.upper, candidate.outcome_count) if by_workload else ()
        kinds[(useful_grades, *share)].append(candidate)
    cheapest = {
        kind: sorted(
            (candidate for candidate in group if not candidate.requires),
            key=lambda candidate: (candidate.hours, candidate.iri),
        )[:enough]
        for kind, group in kinds.items()
        if kind[0]
    }
    retained = {candidate.iri: candidate for group in cheapest.values() for candidate in group}
    prerequisites = required_by_owned | {iri for candidate in candidates for iri in candidate.requires}
    for kind, group in kinds.items():
        for candidate in group:
            cheaper = sum(other.hours <= candidate.hours for other in cheapest.get(kind, ()))
            if candidate.requires and (candidate.iri in prerequisites or (kind[0] and cheaper < enough)):
                retained[candidate.iri] = candidate
    needed = required_by_owned | {iri for candidate in retained.values() for iri in candidate.requires}
    retained |= {candidate.iri: candidate for candidate in candidates if candidate.iri in needed}
    return [retained[iri] for iri in sorted(retained)]


class _Programme:
    """The integer programme for one target, one stack and one catalogue."""

    def __init__(
        self,
        matcher: Matcher,
        holdings: CurrentHoldings,
        candidates: list[CatalogueCandidate],
        threshold: float,
        required: float,
    ) -> None:
        self.candidates = candidates
        self._index = {candidate.iri: candidate_index for candidate_index, candidate in enumerate(candidates)}
        # An owned credential with prerequisites is a variable too: it can be used where they are owned or selected.
        self._used = {
            iri: len(candidates) + candidate_index for candidate_index, iri in enumerate(sorted(holdings.requires))
        }
        first_pair = len(candidates) + len(self._used)
        outcomes: list[tuple[OfferedOutcome, int | None]] = [(outcome, None) for outcome in holdings.outcomes]
        outcomes += [
            (outcome, candidate_index)
            for candidate_index, candidate in enumerate(candidates)
            for outcome in candidate.outcomes
        ]
        # Variables: one per candidate, per owned credential with prerequisites, and per pair of matching outcomes.
        self._pairs: list[tuple[int, int]] = []
        weighted_grades: dict[int, float] = {}
        credit_limits: dict[int, float] = {}
        for offered_index, (outcome, candidate_index) in enumerate(outcomes):
            max_credits = self._max_credits(holdings, outcome, candidate_index)
            for target_index, target in enumerate(matcher.target):
                if match := matcher.match(target, outcome):
                    variable = first_pair + len(self._pairs)
                    self._pairs.append((offered_index, target_index))
                    weighted_grades[variable] = match.grade * target.weight
                    credit_limits[variable] = min(max_credits, required)
        self._size = first_pair + len(self._pairs)
        self._first_pair = first_pair
        total = sum(target.weight for target in matcher.target)
        self._constraints = [
            *self._offered_once(outcomes),
            *self._target_once(),
            *self._prerequisites(holdings),
            _constraint(weighted_grades, low=threshold * total - _ROUNDING),
        ]
        if required > 0:
            self._constraints.append(_constraint(credit_limits, low=required - holdings.settled - _ROUNDING))

    def solve(
        self, seconds: float, earlier_sets: Sequence[frozenset[str]], refused_sets: Collection[frozenset[str]]
    ) -> GapClosure | None:
        """Return the set with the smallest workload that contains no earlier set and is not a refused one."""
        import highspy

        if not self.candidates:
            return None
        constraints = [*self._constraints]
        constraints += [
            _constraint(dict.fromkeys(self._variables(earlier), 1.0), high=len(earlier) - 1) for earlier in earlier_sets
        ]
        for refused_set in refused_sets:
            inside = set(self._variables(refused_set))
            values = {variable: 1.0 if variable in inside else -1.0 for variable in range(len(self.candidates))}
            constraints.append(_constraint(values, high=len(inside) - 1))
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("time_limit", seconds)
        solver.setOptionValue("mip_rel_gap", 0.0)
        costs = [candidate.hours for candidate in self.candidates]
        for variable in range(self._size):
            solver.addVar(0.0, 1.0)
            solver.changeColIntegrality(variable, highspy.HighsVarType.kInteger)
            solver.changeColCost(variable, costs[variable] if variable < len(costs) else 0.0)
        for constraint in constraints:
            columns, coefficients = [*constraint.values], [*constraint.values.values()]
            solver.addRow(constraint.low, constraint.high, len(columns), columns, coefficients)
        solver.run()
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        solution = solver.getSolution().col_value
        selected = [candidate for candidate, value in zip(self.candidates, solution, strict=False) if value > 0.5]
        hours = sum(candidate.hours for candidate in selected)
        return GapClosure(
            tuple(candidate.iri for candidate in selected),
            hours,
            round(min(hours, info.mip_dual_bound), 4),
            optimal=solver.getModelStatus() == highspy.HighsModelStatus.kOptimal,
        )

    def _max_credits(self, holdings: CurrentHoldings, outcome: OfferedOutcome, candidate_index: int | None) -> float:
        """Return the maximum credits that one outcome can count for."""
        if candidate_index is None:
            return holdings.credits.get(outcome.credential, 0.0)
        candidate = self.candidates[candidate_index]
        return math.inf if candidate.credits.upper is None else candidate.credits.upper / candidate.outcome_count

    def _variables(self, iris: Collection[str]) -> list[int]:
        return [self._index[iri] for iri in iris if iri in self._index]

    def _offered_once(self, outcomes: list[tuple[OfferedOutcome, int | None]]) -> list["_Constraint"]:
        uses: dict[int, dict[int, float]] = defaultdict(dict)
        for pair, (offered, _) in enumerate(self._pairs):
            uses[offered][self._first_pair + pair] = 1.0
        constraints = []
        for offered, variables in uses.items():
            outcome, variable = outcomes[offered]
            variable = self._used.get(outcome.credential) if variable is None else variable
            constraints.append(
                _constraint(variables, high=1)
                if variable is None
                else _constraint(variables | {variable: -1.0}, high=0)
            )
        return constraints

    def _target_once(self) -> list["_Constraint"]:
        uses: dict[int, dict[int, float]] = defaultdict(dict)
        for pair, (_, target_index) in enumerate(self._pairs):
            uses[target_index][self._first_pair + pair] = 1.0
        return [_constraint(variables, high=1) for variables in uses.values()]

    def _prerequisites(self, holdings: CurrentHoldings) -> list["_Constraint"]:
        """Return the constraints that prerequisites are owned (with their own prerequisites) or selected."""
        requiring = [(variable, candidate.requires) for variable, candidate in enumerate(self.candidates)]
        requiring += [(variable, holdings.requires[iri]) for iri, variable in self._used.items()]
        constraints = []
        for variable, requires in requiring:
            for required in sorted(requires):
                owner = holdings.aliases.get(required, required)
                if owner in self._used:
                    constraints.append(_constraint({variable: 1.0, self._used[owner]: -1.0}, high=0))
                elif required in holdings.iris:
                    continue
                elif required in self._index:
                    constraints.append(_constraint({variable: 1.0, self._index[required]: -1.0}, high=0))
                else:
                    constraints.append(_constraint({variable: 1.0}, high=0))
        return constraints


@dataclass(frozen=True, slots=True)
class _Constraint:
    """One linear constraint: coefficients by variable, and the interval of their sum."""

    values: Mapping[int, float]
    low: float
    high: float


def _constraint(values: Mapping[int, float], low: float = -math.inf, high: float = math.inf) -> _Constraint:
    return _Constraint(dict(values), low, high)
