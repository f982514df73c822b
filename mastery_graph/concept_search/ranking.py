"""How like a text is to a concept: a few features between 0 and 1, and the score that they make up.

The weights were fitted on ESCO's own alternative labels, held out of the index (`benchmarks/mapping.py --fit`), so that
the right concept comes first; they sum to 1. The hierarchy earned no weight there: it only settles what would be equal.
Of the features only `relevance` and `neighbours` depend on the other candidates.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Final

from mastery_graph.concept_search.analysis import letters, normalize, stems
from mastery_graph.concept_search.entries import Entry, Label
from mastery_graph.concept_search.index import TextIndex

THRESHOLD: Final = 55.0
"""The score under which nothing is offered for a short text; chosen in `benchmarks/mapping.py`."""

PIECE_THRESHOLD: Final = 65.0
"""The same for a piece of a long text, where chance has more tries."""

_EXACT: Final = 100.0
_NEARLY: Final = 99.0
_TELLING: Final = 6.0
"""What a word tells that stands in one of four hundred concepts (its rarity, a natural logarithm)."""


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for a concept."""

    words: float
    """Share of words, by their rarity, that the text and the most like label have in common."""
    letters: float
    """The same for pieces of three letters: other endings, compounds, slips of the pen."""
    preferred: float
    """Share of words that the text and the preferred label have in common."""
    covered: float
    """How much of the text's words the concept's labels use, all together."""
    described: float
    """How much of the text's words its labels and its description use."""
    relevance: float
    """Its relevance (BM25) against that of the most relevant concept."""
    neighbours: float
    """How much of the relevance lies with concepts under the same broader concept."""
    telling: float = 1.0
    """How much the text tells at all: little where it is one frequent word. The rest is multiplied by it."""
    exact: bool = False
    """Whether the text is one of its labels."""

    @property
    def score(self) -> float:
        """From 0 to 100: 100 for an exact label, at most 99 for anything else."""
        if self.exact:
            return _EXACT
        total = sum(weight * float(getattr(self, name)) for name, weight in WEIGHTS.items())
        return round(min(_NEARLY, 100 * total * self.telling), 1)

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
FEATURES: Final = tuple(each.name for each in fields(Features))


@dataclass(frozen=True, slots=True)
class _Wording:
    label: Label
    stems: frozenset[str]
    letters: Counter[str]
    normal: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of an entry, as they are compared."""

    wordings: tuple[_Wording, ...]
    used: dict[str, frozenset[str]]
    """The stems of all labels, by language."""
    described: dict[str, frozenset[str]]


class LabelScorer:
    """Compares texts with the concepts of one index."""

    def __init__(self, index: TextIndex) -> None:
        """Keep the index, whose word frequencies say which words are rare."""
        self._index = index
        self._words: dict[int, _Words] = {}
        self._weights: dict[tuple[str, str], float] = {}

    def judge(
        self, text: str, candidates: Iterable[tuple[int, float]], languages: Iterable[str]
    ) -> list[tuple[int, Features, Label]]:
        """Return each candidate with its features and its most like label, in the order given."""
        found = list(candidates)
        if not found:
            return []
        relevances = {number: relevance / (found[0][1] or 1.0) for number, relevance in found}
        neighbours = self._neighbours(relevances)
        asked = {language: frozenset(stems(text, language)) for language in languages}
        return [
            (number, *self._judge(text, number, asked, relevance, neighbours[number]))
            for number, relevance in relevances.items()
        ]

    def _judge(
        self, text: str, number: int, asked: dict[str, frozenset[str]], relevance: float, neighbours: float
    ) -> tuple[Features, Label]:
        words = self._of(number)
        shown, pieces = normalize(text), letters(text)
        size = pieces.total()
        best, like, preferred, spelt = words.wordings[0].label, (-1.0, -1.0), 0.0, 0.0
        exact = False
        for wording in words.wordings:
            language = wording.label.language
            if language not in asked:
                continue
            shared = self._overlap(asked[language], wording.stems, language)
            alike = 2 * (pieces & wording.letters).total() / ((size + wording.letters.total()) or 1)
            same = wording.normal == shown
            spelt = max(spelt, alike)
            if wording.label.role == "preferred":
                preferred = max(preferred, shared)
            if (same, shared + alike) > (exact, like[0] + like[1]):
                best, like, exact = wording.label, (shared, alike), same or exact
        covered = described = information = 0.0
        for language, stems_asked in asked.items():
            whole = self._weight(stems_asked, language)
            information = max(information, whole)
            if whole:
                used = words.used.get(language, frozenset())
                either = used | words.described.get(language, frozenset())
                covered = max(covered, self._weight(stems_asked & used, language) / whole)
                described = max(described, self._weight(stems_asked & either, language) / whole)
        telling = min(information / _TELLING, 1.0)
        features = Features(
            max(like[0], 0.0), spelt, preferred, covered, described, min(relevance, 1.0), neighbours, telling, exact
        )
        return features, best

    def _overlap(self, asked: frozenset[str], used: frozenset[str], language: str) -> float:
        both = self._weight(asked, language) + self._weight(used, language)
        return 2 * self._weight(asked & used, language) / both if both else 0.0

    def _weight(self, words: Iterable[str], language: str) -> float:
        return sum(self._rarity(word, language) for word in words)

    def _rarity(self, stem: str, language: str) -> float:
        from math import log

        key = (stem, language)
        if key not in self._weights:
            if len(self._weights) > 200_000:
                self._weights.clear()
            known = self._index.frequency(stem, language)
            self._weights[key] = (
                log(1 + (self._index.size - known + 0.5) / (known + 0.5)) if known else log(1 + 2 * self._index.size)
            )
        return max(self._weights[key], 0.01)

    def _neighbours(self, relevances: dict[int, float]) -> dict[int, float]:
        """Return for each candidate how much of the relevance lies under the same broader concept, without its own."""
        from math import exp

        mass = {number: exp(4 * (relevance - 1)) for number, relevance in relevances.items()}
        above: Counter[str] = Counter()
        for number, own in mass.items():
            for broader in self._index.entry(number).broader:
                above[broader] += own  # type: ignore[assignment]  # a counter of shares
        whole = sum(mass.values())
        return {
            number: max((above[uri] - own for uri in self._index.entry(number).broader), default=0.0) / whole
            for number, own in mass.items()
        }

    def _of(self, number: int) -> _Words:
        if number not in self._words:
            if len(self._words) > 20_000:
                self._words.clear()
            self._words[number] = _words(self._index.entry(number))
        return self._words[number]


def _words(entry: Entry) -> _Words:
    wordings = tuple(
        _Wording(label, frozenset(stems(label.text, label.language)), letters(label.text), normalize(label.text))
        for label in entry.labels
    )
    used: dict[str, frozenset[str]] = {}
    for wording in wordings:
        language = wording.label.language
        used[language] = used.get(language, frozenset()) | wording.stems
    described = {language: frozenset(stems(text, language)) for language, text in entry.descriptions.items()}
    return _Words(wordings, used, described)
