"""Markdown: pages, tables, code blocks and anchors."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page of the site: its path below the root of the site, such as `reference/rules/LEVEL-1.md`, and its text."""

    path: str
    text: str


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table; line breaks and bars in its cells are escaped.

    >>> print(table(["a", "b"], [["1", "2|3"]]))
    | a | b |
    |---|---|
    | 1 | 2\|3 |
    """
    lines = [_row(headings), "|" + "---|" * len(headings), *map(_row, rows)]
    return "\n".join(lines)


ABSENT = "\N{EN DASH}"
"""What a table shows where there is no value."""


def code_block(text: str, language: str = "") -> str:
    """Return a fenced block of code."""
    return f"```{language}\n{text.strip()}\n```"


def paragraphs(*parts: str | None) -> str:
    """Return the parts that are not empty, with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def anchor(heading: str) -> str:
    """Return the anchor that the site gives to a heading.

    >>> anchor("GET /v1/skills/{code}")
    'get-v1skillscode'
    """
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def escape(text: str) -> str:
    r"""Return a text in which nothing is read as markup, except code between backticks.

    >>> escape("a <b> [c] `d_e`")
    'a &lt;b&gt; \\[c\\] `d_e`'
    """
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if part.startswith("`") else _escape_words(part) for part in parts)


def _escape_words(text: str) -> str:
    return re.sub(r"([\[\]*_`])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"
