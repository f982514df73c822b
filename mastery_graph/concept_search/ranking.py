"""The similarity of a text and a concept: a few features between 0 and 1, and a score computed from them.

The weights were fitted on ESCO's own alternative labels, held out of the index (`benchmarks/mapping.py --fit`), so that
the right concept comes first; they sum to 1. The hierarchy got almost no weight there: it only breaks ties.
Only the features `relevance` and `neighbours` depend on the other candidates.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Final

from mastery_graph.concept_search.analysis import letters, normalize, stems
from mastery_graph.concept_search.entries import Entry, Label
from mastery_graph.concept_search.index import TextIndex

THRESHOLD: Final = 55.0
"""The lowest score of a candidate for a short text; determined by `benchmarks/mapping.py`."""

PIECE_THRESHOLD: Final = 65.0
"""The lowest score for a span of a long text, in which chance matches are more likely."""

_EXACT_SCORE: Final = 100.0
_MAX_INEXACT: Final = 99.0
_SPECIFIC_RARITY: Final = 6.0
"""The rarity of a word that occurs in one of four hundred concepts (a natural logarithm)."""


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a candidate, which support that the text names it."""

    words: float
    """Share of words, weighted by rarity, that the text and the most similar label have in common."""
    letters: float
    """The same for trigrams, which match other endings, compounds and typing errors."""
    preferred: float
    """Share of words that the text and the preferred label have in common."""
    covered: float
    """Share of the text's words that occur in any of the concept's labels."""
    described: float
    """Share of the text's words that occur in its labels or its description."""
    relevance: float
    """Its relevance (BM25) relative to that of the most relevant candidate."""
    neighbours: float
    """Share of the relevance of candidates under the same broader concept."""
    telling: float = 1.0
    """How specific the text is: low for a single frequent word. The weighted sum is multiplied by it."""
    exact: bool = False
    """Whether the text equals one of its labels."""

    @property
    def score(self) -> float:
        """From 0 to 100: 100 for an exact label, at most 99 for anything else."""
        if self.exact:
            return _EXACT_SCORE
        total = sum(weight * float(getattr(self, name)) for name, weight in WEIGHTS.items())
        return round(min(_MAX_INEXACT, 100 * total * self.telling), 1)

    def as_dict(self) -> dict[str, float | bool]:
        """Return the features by name."""
        return {name: value if isinstance(value, bool) else round(value, 3) for name, value in asdict(self).items()}


WEIGHTS: Final[dict[str, float]] = {
    "words": 0.08,
    "letters": 0.28,
    "preferred": 0.12,
    "covered": 0.06,
    "described": 0.28,
    "relevance": 0.17,
    "neighbours": 0.01,
}
FEATURES: Final = tuple(feature.name for feature in fields(Features))


@dataclass(frozen=True, slots=True)
class _LabelWords:
    label: Label
    stems: frozenset[str]
    letters: Counter[str]
    normal: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of an entry, prepared for comparison."""

    wordings: tuple[_LabelWords, ...]
    used: dict[str, frozenset[str]]
    """The stems of all labels, by language."""
    described: dict[str, frozenset[str]]


class LabelScorer:
    """A comparison of texts with the concepts of one index."""

    def __init__(self, index: TextIndex) -> None:
        """Use an index, whose word frequencies define the rarity of words."""
        self._index = index
        self._entry_words: dict[int, _Words] = {}
        self._weights: dict[tuple[str, str], float] = {}

    def score_all(
        self, text: str, candidates: Iterable[tuple[int, float]], languages: Iterable[str]
    ) -> list[tuple[int, Features, Label]]:
        """Return the candidates with their features and their most similar labels, in the same order."""
        ranked = list(candidates)
        if not ranked:
            return []
        relevances = {number: relevance / (ranked[0][1] or 1.0) for number, relevance in ranked}
        neighbours = self._neighbours(relevances)
        text_stems = {language: frozenset(stems(text, language)) for language in languages}
        return [
            (number, *self._score(text, number, text_stems, relevance, neighbours[number]))
            for number, relevance in relevances.items()
        ]

    def _score(
        self, text: str, number: int, text_stems: dict[str, frozenset[str]], relevance: float, neighbours: float
    ) -> tuple[Features, Label]:
        words = self._words_of(number)
        normal_text, trigrams = normalize(text), letters(text)
        trigram_count = trigrams.total()
        best, best_similarity, preferred, best_letter_share = words.wordings[0].label, (-1.0, -1.0), 0.0, 0.0
        exact = False
        for wording in words.wordings:
            language = wording.label.language
            if language not in text_stems:
                continue
            word_share = self._overlap(text_stems[language], wording.stems, language)
            letter_share = 2 * (trigrams & wording.letters).total() / ((trigram_count + wording.letters.total()) or 1)
            is_same = wording.normal == normal_text
            best_letter_share = max(best_letter_share, letter_share)
            if wording.label.role == "preferred":
                preferred = max(preferred, word_share)
            if (is_same, word_share + letter_share) > (exact, best_similarity[0] + best_similarity[1]):
                best, best_similarity, exact = wording.label, (word_share, letter_share), is_same or exact
        covered = described = information = 0.0
        for language, stems_of_text in text_stems.items():
            total_weight = self._weight(stems_of_text, language)
            information = max(information, total_weight)
            if total_weight:
                label_stems = words.used.get(language, frozenset())
                all_stems = label_stems | words.described.get(language, frozenset())
                covered = max(covered, self._weight(stems_of_text & label_stems, language) / total_weight)
                described = max(described, self._weight(stems_of_text & all_stems, language) / total_weight)
        specificity = min(information / _SPECIFIC_RARITY, 1.0)
        features = Features(
            max(best_similarity[0], 0.0),
            best_letter_share,
            preferred,
            covered,
            described,
            min(relevance, 1.0),
            neighbours,
            specificity,
            exact,
        )
        return features, best

    def _overlap(self, first: frozenset[str], second: frozenset[str], language: str) -> float:
        total = self._weight(first, language) + self._weight(second, language)
        return 2 * self._weight(first & second, language) / total if total else 0.0

    def _weight(self, words: Iterable[str], language: str) -> float:
        return sum(self._rarity(word, language) for word in words)

    def _rarity(self, stem: str, language: str) -> float:
        from math import log

        key = (stem, language)
        if key not in self._weights:
            if len(self._weights) > 200_000:
                self._weights.clear()
            frequency = self._index.frequency(stem, language)
            self._weights[key] = (
                log(1 + (self._index.size - frequency + 0.5) / (frequency + 0.5))
                if frequency
                else log(1 + 2 * self._index.size)
            )
        return max(self._weights[key], 0.01)

    def _neighbours(self, relevances: dict[int, float]) -> dict[int, float]:
        """Return, by candidate, the share of the relevance of other candidates under the same broader concept."""
        from math import exp

        weights = {number: exp(4 * (relevance - 1)) for number, relevance in relevances.items()}
        by_broader: Counter[str] = Counter()
        for number, weight in weights.items():
            for broader in self._index.entry(number).broader:
                by_broader[broader] += weight  # type: ignore[assignment]  # a counter of shares
        total = sum(weights.values())
        return {
            number: max((by_broader[uri] - weight for uri in self._index.entry(number).broader), default=0.0) / total
            for number, weight in weights.items()
        }

    def _words_of(self, number: int) -> _Words:
        if number not in self._entry_words:
            if len(self._entry_words) > 20_000:
                self._entry_words.clear()
            self._entry_words[number] = _entry_words(self._index.entry(number))
        return self._entry_words[number]


def _entry_words(entry: Entry) -> _Words:
    wordings = tuple(
        _LabelWords(label, frozenset(stems(label.text, label.language)), letters(label.text), normalize(label.text))
        for label in entry.labels
    )
    stems_by_language: dict[str, frozenset[str]] = {}
    for wording in wordings:
        language = wording.label.language
        stems_by_language[language] = stems_by_language.get(language, frozenset()) | wording.stems
    description_stems = {language: frozenset(stems(text, language)) for language, text in entry.descriptions.items()}
    return _Words(wordings, stems_by_language, description_stems)
