"""How many hours of work an ECTS credit stands for (ECTS Users' Guide 2015, section 2.2)."""

from fractions import Fraction

HOURS_PER_CREDIT = (25, 30)
"""The least and the most hours that an ECTS credit stands for."""


def credits_agree_with_hours(ects: Fraction, hours: Fraction) -> bool:
    """Return whether credits and hours agree: 25 to 30 hours a credit.

    >>> agree(Fraction(2), Fraction(60)), agree(Fraction(2), Fraction(20))
    (True, False)
    """
    least, most = HOURS_PER_CREDIT
    return ects * least <= hours <= ects * most
