"""The search over names: every word of a query, in any order, by its letters, its stem, or with one wrong letter."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from mastery_graph.concept_search.analysis import normalize, stems

_MIN_INNER_CHARS: Final = 3
"""The length from which a word is also looked for within words, as in compounds."""
_MIN_FUZZY_CHARS: Final = 4
"""The length from which a word may differ in one letter."""


class NameIndex:
    """The names of things, to search. A thing is its number in the sequence of names."""

    def __init__(self, names: Sequence[str], languages: Collection[str]) -> None:
        """Index the names of each thing, joined by spaces, in these languages (ISO 639-1)."""
        self._languages = tuple(languages)
        self._size = len(names)
        self._things: dict[str, set[int]] = defaultdict(set)
        for number, text in enumerate(names):
            for word in normalize(text).split():
                self._things[word].add(number)

    def find(self, query: str, language: str = "en") -> list[int]:
        """Return the things with a name for each word of the query, which is in English or in this language.

        >>> index = NameIndex(["DQR Level 6 Germany", "EQF Level 6", "Prevent and manage waste"], ["en"])
        >>> index.find("level 6 german"), index.find("managing the wste"), index.find("waste 6")
        ([0], [2], [])
        """
        words = normalize(query).split()
        telling_words = [word for word in words if stems(word, "en") and stems(word, language)]
        things = set(range(self._size)) if words else set()
        for word in telling_words or words:
            things &= self._with_word(word)
        return sorted(things)

    def _with_word(self, word: str) -> set[int]:
        """Return the things with a word that contains this one; if there is none, one like it."""
        if word.isdecimal():
            return self._things.get(word, set())
        is_inner = len(word) >= _MIN_INNER_CHARS
        roots = {root for language in self._languages for root in stems(word, language)} | {word}
        return (
            self._of(known for known in self._things if known.startswith(word) or (is_inner and word in known))
            or self._of(known for known in self._things for root in roots if is_inflected(root, known))
            or self._of(known for known in self._things for root in roots if is_misspelt(root, known))
        )

    def _of(self, words: Iterable[str]) -> set[int]:
        return set().union(*(self._things[word] for word in words))


def is_inflected(root: str, word: str) -> bool:
    """Return whether a word begins with the stem of another."""
    return len(root) >= _MIN_INNER_CHARS and word.startswith(root)


def is_misspelt(text: str, word: str) -> bool:
    """Return whether a text is the beginning of a word but for one letter: missing, added, wrong or swapped.

    >>> [is_misspelt(text, "waste") for text in ("wste", "wwaste", "waxt", "awste", "water")]
    [True, True, True, True, False]
    """
    if len(text) < _MIN_FUZZY_CHARS:
        return False
    at = next((at for at, (own, other) in enumerate(zip(text, word, strict=False)) if own != other), len(word))
    rest, other = text[at:], word[at:]
    return (
        other[1:].startswith(rest)
        or other.startswith(rest[1:])
        or other[1:].startswith(rest[1:])
        or (rest[:2] == other[1::-1] and other[2:].startswith(rest[2:]))
    )
