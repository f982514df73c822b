"""Likeness of texts: a hint that two learning outcomes may mean the same, and never more.

Outcomes count through concepts and mappings only (rule STACK-OUTCOMES); a text that reads alike tells a person where to
look for a concept that was not stated.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

from mastery_graph.questions.stackability.outcome_coverage import OfferedOutcome, TargetOutcome
from mastery_graph.records import Record

MIN_SIMILARITY: Final = 0.75
"""The likeness from which a hint is given, 0 to 1: a figure of our own."""
_HINTS = 3


class Hint(Record):
    """An outcome of a credential that reads like one that is missing, with the likeness of the two texts (0 to 1)."""

    credential: str
    outcome: str
    title: str
    likeness: float


def hints(wanted: TargetOutcome, offered: Iterable[OfferedOutcome]) -> tuple[Hint, ...]:
    """Return up to three outcomes whose titles read like that of `wanted`, the most alike first."""
    alike = [
        Hint(
            credential=one.credential,
            outcome=one.iri,
            title=one.title,
            likeness=round(likeness, 2),
        )
        for one in offered
        if (likeness := _likeness(wanted.title, one.title)) >= MIN_SIMILARITY
    ]
    return tuple(sorted(alike, key=lambda hint: (-hint.likeness, hint.outcome))[:_HINTS])


def _likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1, whatever the order of their words."""
    left, right = (" ".join(sorted(text.casefold().split())) for text in (one, other))
    return SequenceMatcher(None, left, right).ratio()
