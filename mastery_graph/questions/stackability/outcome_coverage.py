"""Coverage of the learning outcomes of a target: the best assignment of offered outcomes, solved exactly.

Rule STACK-OUTCOMES. A pair of outcomes has the grade of the best path between their concepts; each outcome of a
credential counts for at most one outcome of the target. The assignment that covers most, by the target's own weights,
is found by the Hungarian method (`optimal_assignment`) over outcomes in the order of their IRIs, so
that the answer is deterministic and independent of the order of the stack.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mastery_graph.credentials.description import Description
from mastery_graph.questions.answer import Evidence
from mastery_graph.questions.equivalence.paths import path_evidence
from mastery_graph.questions.judging.subject import Subject, stated_evidence
from mastery_graph.questions.mapping_closure import Path, Relation, reachable_from
from mastery_graph.questions.stackability.optimal_assignment import largest_assignment
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import TIED_TO

_SCALE = 10**9
"""Weights are scaled to whole numbers, so that sums do not depend on the order of addition."""


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """An outcome that the target requires: its IRI, its title, its concepts, its weight."""

    iri: str
    title: str
    concepts: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class OfferedOutcome:
    """An outcome that a credential attests, with the credential's IRI."""

    iri: str
    title: str
    concepts: tuple[str, ...]
    credential: str
    not_accepted_as: frozenset[str] = frozenset()
    """Outcomes and concepts as which the credential is not accepted by a recognition statement that applies."""


def offered_by(description: Description) -> list[OfferedOutcome]:
    """Return the outcomes that a description offers, with their concepts and green skills."""
    return [
        OfferedOutcome(outcome.iri, outcome.title, (*outcome.concepts, *outcome.green_skills), description.iri)
        for outcome in description.outcomes
    ]


def required_by(description: Description) -> list[TargetOutcome]:
    """Return the outcomes that a description requires as a target, by green skills where they have no concept."""
    return [
        TargetOutcome(outcome.iri, outcome.title, outcome.concepts or outcome.green_skills, outcome.weight)
        for outcome in description.outcomes
    ]


@dataclass(frozen=True, slots=True)
class OutcomeMatch:
    """How well an offered outcome serves a target's outcome: the grade (0 to 1) and its path."""

    grade: float
    path: Path | None
    """From the target's concept to the offered one; none where both are the same outcome."""

    @property
    def reversed(self) -> "OutcomeMatch":
        """The match with its path read from the other end."""
        return OutcomeMatch(self.grade, self.path.reversed if self.path else None)


@dataclass(frozen=True, slots=True)
class Assignment:
    """An outcome of the target with the offered outcome that serves it best, where one does."""

    target: TargetOutcome
    offered: OfferedOutcome | None
    match: OutcomeMatch | None

    @property
    def grade(self) -> float:
        """The grade, 0 where nothing serves the outcome."""
        return self.match.grade if self.match else 0.0


class Matcher:
    """Grades of pairs of outcomes for one target; the concepts that lead to it are read from the graph once."""

    def __init__(self, store: Store, target: Sequence[TargetOutcome], policy: StackPolicy) -> None:
        """Read the concepts that lead to the outcomes of the target, with the grade of the best path."""
        self.store = store
        self.target = tuple(sorted(target, key=lambda outcome: outcome.iri))
        self._matches: dict[str, dict[str, OutcomeMatch]] = {}
        concepts = sorted({concept for outcome in target for concept in outcome.concepts})
        for concept, paths in reachable_from(store, concepts, policy.hierarchy_steps).items():
            matches: dict[str, OutcomeMatch] = {}
            for path in paths:
                grade = policy.grades.of(path.relation) * policy.hierarchy_factor**path.steps
                best = matches.get(path.end)
                if best is None or _prefer(grade, path, best):
                    matches[path.end] = OutcomeMatch(grade, path)
            self._matches[concept] = matches

    @property
    def concepts(self) -> frozenset[str]:
        """Every concept by which an offered outcome can serve the target."""
        return frozenset(end for matches in self._matches.values() for end in matches)

    def match(self, target: TargetOutcome, offered: OfferedOutcome) -> OutcomeMatch | None:
        """Return how well an offered outcome serves one outcome of the target, or None where it does not."""
        if offered.not_accepted_as & {target.iri, *target.concepts}:
            return None
        if target.iri == offered.iri:
            return OutcomeMatch(1.0, None)
        matches = [
            match
            for target_concept in target.concepts
            for offered_concept in offered.concepts
            if (match := self._matches[target_concept].get(offered_concept)) and match.grade > 0
        ]
        return max(matches, key=lambda match: (match.grade, match.path.end if match.path else ""), default=None)

    def assign(self, offered: Iterable[OfferedOutcome]) -> tuple[Assignment, ...]:
        """Return the assignment of offered outcomes that covers most of the target, in the target's order."""
        columns = sorted(offered, key=lambda outcome: (outcome.iri, outcome.credential))
        matches = [[self.match(target, outcome) for outcome in columns] for target in self.target]
        weighted_grades = [
            [round(target.weight * match.grade * _SCALE) if match else 0 for match in row]
            for target, row in zip(self.target, matches, strict=True)
        ]
        column_of = {row: column for row, column in largest_assignment(weighted_grades) if weighted_grades[row][column]}
        return tuple(
            Assignment(target, columns[column_of[row]], matches[row][column_of[row]])
            if row in column_of
            else Assignment(target, None, None)
            for row, target in enumerate(self.target)
        )


def coverage(assigned: Iterable[Assignment]) -> float:
    """Return the mean grade over the target's outcomes, weighted by the target's own weights: 0 to 1."""
    outcomes = list(assigned)
    total = sum(outcome.target.weight for outcome in outcomes)
    return round(sum(outcome.grade * outcome.target.weight for outcome in outcomes) / total, 6) if total else 0.0


def outcome_evidence(store: Store, subjects: Iterable[Subject], assigned: Iterable[Assignment]) -> tuple[Evidence, ...]:
    """Return the quads that tie outcomes to concepts, and those of the mappings by which they were assigned."""
    paths = (assignment.match.path for assignment in assigned if assignment.match)
    return stated_evidence(subjects, *TIED_TO) + path_evidence(
        store, [link for path in paths if path for link in path.links]
    )


def _prefer(grade: float, path: Path, best: OutcomeMatch) -> bool:
    if best.path is None or grade != best.grade:
        return grade > best.grade
    order = list(Relation)
    return (order.index(path.relation), -(path.confidence or 0), len(path.links)) < (
        order.index(best.path.relation),
        -(best.path.confidence or 0),
        len(best.path.links),
    )
