"""Where in the text of a JSON document the values are that JSON pointers (RFC 6901) name."""

import contextlib
import json
import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_TEXT: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_PLAIN: Final = re.compile(r"[^\s,\]}]+")


@dataclass(frozen=True, slots=True)
class TextRange:
    """A value in a text: the characters from `start` to before `end`, and its first line (from 1)."""

    start: int
    end: int
    line: int


def value_ranges(text: str) -> dict[str, TextRange]:
    r"""Return the place of each value of a JSON document by its pointer; where it is broken, of what could be read.

    >>> places('{"a": [1,\n 2]}')["/a/1"]
    Place(start=11, end=12, line=2)
    """
    found: dict[str, tuple[int, int]] = {}
    with contextlib.suppress(_Broken, RecursionError):
        _value(text, _skip(text, 0), "", found)
    breaks = [match.start() for match in re.finditer("\n", text)]
    return {pointer: _place(start, end, breaks) for pointer, (start, end) in found.items()}


class _Broken(Exception):
    """The text is not JSON from here on."""


def _value(text: str, at: int, pointer: str, found: dict[str, tuple[int, int]]) -> int:
    """Read the value that begins at `at`, note its place, and return where it ends."""
    first = text[at : at + 1]
    if first == "{":
        end = _object(text, at + 1, pointer, found)
    elif first == "[":
        end = _array(text, at + 1, pointer, found)
    else:
        end = _ended(_TEXT.match(text, at) if first == '"' else _PLAIN.match(text, at))
    found[pointer] = (at, end)
    return end


def _object(text: str, at: int, pointer: str, found: dict[str, tuple[int, int]]) -> int:
    at = _skip(text, at)
    while text[at : at + 1] != "}":
        end = _ended(_TEXT.match(text, at))
        name = json.loads(text[at:end], strict=False)
        at = _skip(text, end)
        if text[at : at + 1] != ":":
            raise _Broken
        at = _skip(text, _value(text, _skip(text, at + 1), f"{pointer}/{_escaped(name)}", found))
        at = _following(text, at, "}")
    return at + 1


def _array(text: str, at: int, pointer: str, found: dict[str, tuple[int, int]]) -> int:
    at, place = _skip(text, at), 0
    while text[at : at + 1] != "]":
        at = _skip(text, _value(text, at, f"{pointer}/{place}", found))
        at, place = _following(text, at, "]"), place + 1
    return at + 1


def _following(text: str, at: int, closing: str) -> int:
    """Return where the next member begins, or where the bracket closes."""
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    if text[at : at + 1] == closing:
        return at
    raise _Broken


def _skip(text: str, at: int) -> int:
    return _ended(_SPACE.match(text, at))


def _ended(match: re.Match[str] | None) -> int:
    if match is None:
        raise _Broken
    return match.end()


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _place(start: int, end: int, breaks: list[int]) -> TextRange:
    return TextRange(start, end, bisect_left(breaks, start) + 1)
