"""Where in a text a concept may be named: itself and its sentences where it is short, else clauses and runs of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SHORT: Final = 8
"""Words up to which a text is taken for one name, or for a few that stand in sentences or lines of their own."""
_WINDOW: Final = 6
_STEP: Final = 3
_CLAUSE: Final = re.compile(r"[^.,;:!?()\[\]{}|/\n\r\t\u2022\u00b7\u2013\u2014\"\u201c\u201d<>]+")
_SENTENCE: Final = re.compile(r"(?:[^.;!?\n\r\u2022|]|[.!?](?!\s))+")
"""A sentence or a line: a point within a word, as in 3.1, ends none."""
_WORD: Final = re.compile(r"\w[\w'\u2019&+#-]*")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: from the character `start` up to `end`."""

    text: str
    start: int
    end: int


def spans(text: str) -> list[Span]:
    """Return the pieces of a text that may name a concept, each once, in the order of the text.

    >>> [span.text for span in spans("You sort waste; you save energy in old and new buildings, every single day.")]
    ['You sort waste', 'you save energy in old and new buildings', 'every single day']
    >>> [span.text for span in spans("sort waste. save energy")]
    ['sort waste. save energy', 'sort waste', 'save energy']
    """
    words = list(_WORD.finditer(text))
    if not words:
        return []
    if len(words) <= SHORT:
        pieces = [_span(text, words), *(_span(text, each) for each in _sentences(text))]
    else:
        pieces = list(_pieces(text))
    return list({span.text.casefold(): span for span in pieces}.values())


def _span(text: str, words: Sequence[re.Match[str]]) -> Span:
    return Span(text[words[0].start() : words[-1].end()], words[0].start(), words[-1].end())


def _sentences(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the words of each sentence or line."""
    for sentence in _SENTENCE.finditer(text):
        if words := list(_WORD.finditer(text, sentence.start(), sentence.end())):
            yield words


def _pieces(text: str) -> Iterator[Span]:
    for clause in _CLAUSE.finditer(text):
        words = list(_WORD.finditer(text, clause.start(), clause.end()))
        if not words:
            continue
        windows = range(0, max(len(words) - _WINDOW, 0) + _STEP, _STEP) if len(words) > SHORT else ()
        runs = [words[start : start + _WINDOW] for start in windows] or [words]
        for run in runs:
            if run:
                yield _span(text, run)
