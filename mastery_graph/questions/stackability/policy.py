"""The assessment policy of a stackability question: the figures that the rules leave open, with our defaults."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from mastery_graph.questions.mapping_closure import Relation
from mastery_graph.records import Record

Status = Literal["covered", "partial", "missing"]
"""The status of an outcome or a skill by its grade."""
UnitShare = Annotated[float, Field(ge=0, le=1)]


class Grades(Record):
    """The grade of a pair of outcomes (0 to 1), by the relation of the credential's concept to the target's."""

    exact: UnitShare = 1.0
    close: UnitShare = 0.8
    narrower: UnitShare = 0.6
    """The credential's concept is part of what is required."""
    broader: UnitShare = 0.5
    """The credential's concept may not reach the detail."""
    related: UnitShare = 0.2

    def of(self, relation: Relation) -> float:
        """Return the grade of a relation.

        >>> Grades().of(Relation.NARROW)
        0.6
        """
        return {
            Relation.EXACT: self.exact,
            Relation.CLOSE: self.close,
            Relation.NARROW: self.narrower,
            Relation.BROAD: self.broader,
            Relation.RELATED: self.related,
        }[relation]


class StackPolicy(Record):
    """The figures by which a stack is judged; repeated in every answer, with the origin of each."""

    preset: str | None = None
    """The name of a preset (`GET /v1/policies`), whose figures apply where the caller provides none."""
    threshold: UnitShare = 1.0
    """The coverage that the stack must reach."""
    covered_from: UnitShare = 0.8
    """The grade from which an outcome counts as covered; below it, and above 0, as partly covered."""
    grades: Grades = Grades()
    hierarchy_steps: Annotated[int, Field(ge=0, le=4)] = 2
    """How many steps in the ESCO hierarchy a path may take."""
    hierarchy_factor: UnitShare = 0.8
    """The factor by which each step in the hierarchy multiplies the grade."""
    lower_level_share: UnitShare = 0.0
    """The share of the recognised credits that may come from below the target's level."""
    credits_below: Annotated[float | None, Field(gt=0)] = None
    """The number of ECTS credits below which a credential counts as a micro-credential; None: no limit."""
    identity_verification: bool = False
    """Whether the assessment must state that the learner's identity was verified."""
    accept_claims: bool = False
    """Whether claims of documents about their levels and quality assurance count."""
    on: date | None = None
    """The day on which validity is judged; today (UTC) by default."""
    solver_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    """The time limit of the search for credentials that close the gap, in seconds."""
    suggestions: Annotated[int, Field(ge=0, le=5)] = 5
    """The maximum number of suggestions for closing the gap."""

    def status(self, grade: float) -> Status:
        """Return the status of an outcome with a grade (0 to 1).

        >>> StackPolicy().status(0.8), StackPolicy().status(0.5), StackPolicy().status(0.0)
        ('covered', 'partial', 'missing')
        """
        return "covered" if grade >= self.covered_from else "partial" if grade > 0 else "missing"
