"""Workload as intervals of ECTS credits, from credits or hours.

An ECTS credit stands for 25 to 30 hours (ECTS Users' Guide 2015, section 2.2), so hours give an interval of credits.
Months and weeks are never turned into hours.
"""

from fractions import Fraction
from typing import Self

from mastery_graph.credentials.workload import HOURS_PER_CREDIT, credits_agree_with_hours
from mastery_graph.languages import Message
from mastery_graph.records import Record


class Credits(Record):
    """An interval of ECTS credits: `lower` and `upper` are equal where credits are stated; `upper` None is open."""

    lower: float
    upper: float | None

    @classmethod
    def of(cls, ects: Fraction | None, hours: Fraction | None) -> Self:
        """Return the credits of a description that states ECTS credits, or hours only, or neither.

        Where it states both and they do not agree, the interval contains both: which is meant is not known.

        >>> Credits.of(None, Fraction(60)), Credits.of(Fraction(5), Fraction(60))
        (Credits(lower=2.0, upper=2.4), Credits(lower=2.0, upper=5.0))
        """
        if ects is None and hours is None:
            return cls(lower=0.0, upper=None)
        ends = [] if ects is None else [ects]
        if hours is not None and (ects is None or not credits_agree_with_hours(ects, hours)):
            ends += [hours / HOURS_PER_CREDIT[1], hours / HOURS_PER_CREDIT[0]]
        return cls(lower=round(float(min(ends)), 4), upper=round(float(max(ends)), 4))

    def part(self, share: Fraction) -> "Credits":
        """Return a share (0 to 1) of the credits."""
        upper = None if self.upper is None else round(float(Fraction(self.upper).limit_denominator(10**6) * share), 4)
        return Credits(lower=round(float(Fraction(self.lower).limit_denominator(10**6) * share), 4), upper=upper)

    def plus(self, other: "Credits") -> "Credits":
        """Return the sum of two intervals."""
        upper = None if self.upper is None or other.upper is None else round(self.upper + other.upper, 4)
        return Credits(lower=round(self.lower + other.lower, 4), upper=upper)

    def __str__(self) -> str:
        return str(self.words)

    @property
    def words(self) -> Message:
        """The credits in words."""
        if self.upper is None:
            return Message("at least {least} ECTS", least=self.lower) if self.lower else Message("unknown")
        if self.lower == self.upper:
            return Message("{ects} ECTS", ects=self.lower)
        return Message("{least} to {most} ECTS", least=self.lower, most=self.upper)


NO_CREDITS = Credits(lower=0.0, upper=0.0)


def hours_at_most(ects: Fraction | None, hours: Fraction | None) -> Fraction | None:
    """Return the workload in hours by which suggestions are ranked: the stated hours, or 25 hours a credit."""
    if hours is not None:
        return hours
    return ects * HOURS_PER_CREDIT[0] if ects is not None else None
