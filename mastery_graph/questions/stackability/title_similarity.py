"""Similarity of titles: hints that two learning outcomes may mean the same.

Outcomes count through concepts and mappings only (rule STACK-OUTCOMES); a similar title shows a person where a concept
may be missing.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

from mastery_graph.questions.stackability.outcome_coverage import OfferedOutcome, TargetOutcome
from mastery_graph.records import Record

MIN_SIMILARITY: Final = 0.75
"""The similarity (0 to 1) from which a hint is shown: our own value."""
_MAX_HINTS = 3


class Hint(Record):
    """An outcome of a credential with a title like that of a missing one, and the similarity of the titles (0 to 1)."""

    credential: str
    outcome: str
    title: str
    likeness: float


def hints(target: TargetOutcome, offered: Iterable[OfferedOutcome]) -> tuple[Hint, ...]:
    """Return up to three outcomes with titles similar to that of `target`, the most similar first."""
    similar = [
        Hint(
            credential=outcome.credential,
            outcome=outcome.iri,
            title=outcome.title,
            likeness=round(similarity, 2),
        )
        for outcome in offered
        if (similarity := _similarity(target.title, outcome.title)) >= MIN_SIMILARITY
    ]
    return tuple(sorted(similar, key=lambda hint: (-hint.likeness, hint.outcome))[:_MAX_HINTS])


def _similarity(text: str, other: str) -> float:
    """Return the similarity of two texts, 0 to 1, regardless of the order of their words."""
    sorted_text, sorted_other = (" ".join(sorted(title.casefold().split())) for title in (text, other))
    return SequenceMatcher(None, sorted_text, sorted_other).ratio()
