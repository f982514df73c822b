"""Find the concepts that a text names: the index looks candidates up, likeness ranks them, a threshold abstains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mastery_graph.concept_search.analysis import normalize
from mastery_graph.concept_search.entries import Entry, Label
from mastery_graph.concept_search.index import ALL, SKILLS, Selection, TextIndex
from mastery_graph.concept_search.ranking import PIECE_THRESHOLD, THRESHOLD, Features, LabelScorer
from mastery_graph.concept_search.spans import Span, spans

_CONSIDERED: Final = 30
"""Candidates whose likeness is judged, for a short text."""
_CONSIDERED_IN_A_SPAN: Final = 15
"""The same for each piece of a long text."""
_COMPLETED: Final = 60


@dataclass(frozen=True, slots=True)
class ConceptCandidate:
    """A concept that a text may name, with its score, the reasons, the label that is most like, and where."""

    entry: Entry
    score: float
    features: Features
    label: Label
    span: Span


class Finder:
    """Finds concepts in the index of one dataset."""

    def __init__(self, index: TextIndex) -> None:
        """Search this index."""
        self.index = index
        self._judge = LabelScorer(index)

    def find(
        self,
        text: str,
        limit: int = 10,
        *,
        language: str | None = None,
        selection: Selection = SKILLS,
        threshold: float | None = None,
    ) -> list[ConceptCandidate]:
        """Return the concepts that the text names, the most like first; none where nothing is like enough.

        A text of several sentences, or of more than a few words, is searched piece by piece. `language` is that of the
        text, where it is known; else all languages of the index are tried. `threshold` is the lowest score, in place of
        ours.
        """
        pieces = spans(text)
        considered = _CONSIDERED if len(pieces) == 1 else _CONSIDERED_IN_A_SPAN
        lowest = lowest_score(text) if threshold is None else threshold
        best: dict[str, ConceptCandidate] = {}
        for span in pieces:
            for candidate in self._in_span(span, language, selection, considered):
                before = best.get(candidate.entry.uri)
                if candidate.score >= lowest and (before is None or candidate.score > before.score):
                    best[candidate.entry.uri] = candidate
        return sorted(best.values(), key=_rank)[:limit]

    def complete(self, text: str, limit: int = 10, *, selection: Selection = ALL) -> list[tuple[Entry, Label]]:
        """Return concepts with a label that has each word of the text, the last perhaps unfinished.

        Labels that begin with the text come first, then the short ones.
        """
        asked = normalize(text)
        words = asked.split()
        found = []
        for number in self.index.beginning(text, _COMPLETED, selection):
            entry = self.index.entry(number)
            label = min(entry.labels, key=lambda each: _how_far(each, asked, words))
            found.append((_how_far(label, asked, words), entry.uri, entry, label))
        return [(entry, label) for _, _, entry, label in sorted(found, key=lambda each: each[:2])[:limit]]

    def entry(self, uri: str) -> Entry | None:
        """Return the concept with this IRI, or None."""
        return next(map(self.index.entry, self.index.numbers("uri", uri)), None)

    def coded(self, code: str) -> list[Entry]:
        """Return the concepts that have this code in their framework."""
        return [self.index.entry(number) for number in self.index.numbers("code", code)] if code else []

    def _in_span(
        self, span: Span, language: str | None, selection: Selection, considered: int
    ) -> Sequence[ConceptCandidate]:
        languages = [language] if language in self.index.languages else list(self.index.languages)
        relevant = self.index.relevant(span.text, languages, considered, selection)
        return [
            ConceptCandidate(self.index.entry(number), features.score, features, label, span)
            for number, features, label in self._judge.judge(span.text, relevant, languages)
        ]


def lowest_score(text: str) -> float:
    """Return the score that a concept must reach to be offered for this text."""
    return PIECE_THRESHOLD if len(spans(text)) > 1 else THRESHOLD


def _rank(candidate: ConceptCandidate) -> tuple[float, bool, str]:
    return -candidate.score, candidate.label.role != "preferred", candidate.entry.uri


def _how_far(label: Label, asked: str, words: Sequence[str]) -> tuple[bool, bool, bool, int, str]:
    shown = normalize(label.text)
    parts = shown.split()
    has = all(word in parts for word in words[:-1]) and any(part.startswith(words[-1]) for part in parts)
    return not has, not shown.startswith(asked), label.role != "preferred", len(shown), label.text
