"""The spans of a text that may name a concept: a short text and its sentences, else clauses and word windows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SHORT: Final = 8
"""The number of words up to which a text may be a single name, or a few names in separate sentences or lines."""
_WINDOW_WORDS: Final = 6
_WINDOW_STEP: Final = 3
_CLAUSE: Final = re.compile(r"[^.,;:!?()\[\]{}|/\n\r\t\u2022\u00b7\u2013\u2014\"\u201c\u201d<>]+")
_SENTENCE: Final = re.compile(r"(?:[^.;!?\n\r\u2022|]|[.!?](?!\s))+")
"""A sentence or a line; a full stop within a word, as in 3.1, does not end it."""
_WORD: Final = re.compile(r"\w[\w'\u2019&+#-]*")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a text, from the character `start` up to `end`."""

    text: str
    start: int
    end: int


def spans(text: str) -> list[Span]:
    """Return the distinct spans of a text that may name a concept, in the order of the text.

    >>> [span.text for span in spans("You sort waste; you save energy in old and new buildings, every single day.")]
    ['You sort waste', 'you save energy in old and new buildings', 'every single day']
    >>> [span.text for span in spans("sort waste. save energy")]
    ['sort waste. save energy', 'sort waste', 'save energy']
    """
    words = list(_WORD.finditer(text))
    if not words:
        return []
    if len(words) <= SHORT:
        candidates = [_span(text, words), *(_span(text, sentence) for sentence in _sentences(text))]
    else:
        candidates = list(_windows(text))
    return list({span.text.casefold(): span for span in candidates}.values())


def _span(text: str, words: Sequence[re.Match[str]]) -> Span:
    return Span(text[words[0].start() : words[-1].end()], words[0].start(), words[-1].end())


def _sentences(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the words of each sentence or line."""
    for sentence in _SENTENCE.finditer(text):
        if words := list(_WORD.finditer(text, sentence.start(), sentence.end())):
            yield words


def _windows(text: str) -> Iterator[Span]:
    for clause in _CLAUSE.finditer(text):
        words = list(_WORD.finditer(text, clause.start(), clause.end()))
        if not words:
            continue
        starts = range(0, max(len(words) - _WINDOW_WORDS, 0) + _WINDOW_STEP, _WINDOW_STEP) if len(words) > SHORT else ()
        word_windows = [words[start : start + _WINDOW_WORDS] for start in starts] or [words]
        for window in word_windows:
            if window:
                yield _span(text, window)
