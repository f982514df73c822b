"""The search for concepts named in a text: candidates from the index, ranked by similarity, cut at a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mastery_graph.concept_search.analysis import normalize
from mastery_graph.concept_search.entries import Entry, Label
from mastery_graph.concept_search.index import ALL, SKILLS, Selection, TextIndex
from mastery_graph.concept_search.ranking import PIECE_THRESHOLD, THRESHOLD, Features, LabelScorer
from mastery_graph.concept_search.spans import Span, spans

_MAX_CANDIDATES: Final = 30
"""Candidates that are ranked for a short text."""
_MAX_CANDIDATES_PER_SPAN: Final = 15
"""Candidates that are ranked for each span of a long text."""
_MAX_COMPLETIONS: Final = 60


@dataclass(frozen=True, slots=True)
class ConceptCandidate:
    """A concept that a text may name, with its score, the features, the most similar label, and the span."""

    entry: Entry
    score: float
    features: Features
    label: Label
    span: Span


class Finder:
    """A search for concepts in the index of one dataset."""

    def __init__(self, index: TextIndex) -> None:
        """Create a finder for an index."""
        self.index = index
        self._scorer = LabelScorer(index)

    def find(
        self,
        text: str,
        limit: int = 10,
        *,
        language: str | None = None,
        selection: Selection = SKILLS,
        threshold: float | None = None,
    ) -> list[ConceptCandidate]:
        """Return the concepts that the text names, the most similar first; none if nothing is similar enough.

        A text of several sentences, or of more than a few words, is searched span by span. `language` is that of the
        text, if it is known; else all languages of the index are tried. `threshold` overrides the lowest score.
        """
        text_spans = spans(text)
        max_candidates = _MAX_CANDIDATES if len(text_spans) == 1 else _MAX_CANDIDATES_PER_SPAN
        lowest = lowest_score(text) if threshold is None else threshold
        best: dict[str, ConceptCandidate] = {}
        for span in text_spans:
            for candidate in self._find_in_span(span, language, selection, max_candidates):
                known = best.get(candidate.entry.uri)
                if candidate.score >= lowest and (known is None or candidate.score > known.score):
                    best[candidate.entry.uri] = candidate
        return sorted(best.values(), key=_candidate_order)[:limit]

    def complete(self, text: str, limit: int = 10, *, selection: Selection = ALL) -> list[tuple[Entry, Label]]:
        """Return concepts with a label that contains each word of the text; the last word may be incomplete.

        Labels that start with the text come first, then shorter ones.
        """
        normal_text = normalize(text)
        words = normal_text.split()
        matches = []
        for number in self.index.completions(text, _MAX_COMPLETIONS, selection):
            entry = self.index.entry(number)
            label = min(entry.labels, key=lambda label: _completion_order(label, normal_text, words))
            matches.append((_completion_order(label, normal_text, words), entry.uri, entry, label))
        return [(entry, label) for _, _, entry, label in sorted(matches, key=lambda match: match[:2])[:limit]]

    def entry(self, uri: str) -> Entry | None:
        """Return the concept with this IRI, or None."""
        return next(map(self.index.entry, self.index.numbers("uri", uri)), None)

    def coded(self, code: str) -> list[Entry]:
        """Return the concepts with this code in their framework."""
        return [self.index.entry(number) for number in self.index.numbers("code", code)] if code else []

    def _find_in_span(
        self, span: Span, language: str | None, selection: Selection, max_candidates: int
    ) -> Sequence[ConceptCandidate]:
        languages = [language] if language in self.index.languages else list(self.index.languages)
        candidates = self.index.relevant(span.text, languages, max_candidates, selection)
        return [
            ConceptCandidate(self.index.entry(number), features.score, features, label, span)
            for number, features, label in self._scorer.score_all(span.text, candidates, languages)
        ]


def lowest_score(text: str) -> float:
    """Return the score that a concept must reach to be returned for this text."""
    return PIECE_THRESHOLD if len(spans(text)) > 1 else THRESHOLD


def _candidate_order(candidate: ConceptCandidate) -> tuple[float, bool, str]:
    return -candidate.score, candidate.label.role != "preferred", candidate.entry.uri


def _completion_order(label: Label, normal_text: str, words: Sequence[str]) -> tuple[bool, bool, bool, int, str]:
    normal_label = normalize(label.text)
    label_words = normal_label.split()
    is_match = all(word in label_words for word in words[:-1]) and any(
        label_word.startswith(words[-1]) for label_word in label_words
    )
    return (
        not is_match,
        not normal_label.startswith(normal_text),
        label.role != "preferred",
        len(normal_label),
        label.text,
    )
