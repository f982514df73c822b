"""The workload of an ECTS credit in hours (ECTS Users' Guide 2015, section 2.2)."""

from fractions import Fraction

HOURS_PER_CREDIT = (25, 30)
"""The minimum and maximum hours per ECTS credit."""


def credits_agree_with_hours(ects: Fraction, hours: Fraction) -> bool:
    """Return whether credits and hours agree: 25 to 30 hours per credit.

    >>> credits_agree_with_hours(Fraction(2), Fraction(60)), credits_agree_with_hours(Fraction(2), Fraction(20))
    (True, False)
    """
    minimum, maximum = HOURS_PER_CREDIT
    return ects * minimum <= hours <= ects * maximum
