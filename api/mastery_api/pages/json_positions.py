"""Positions of values in the text of a JSON document, by JSON pointer (RFC 6901)."""

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
    """The position of a value in a text: from character `start` to before `end`, and its first line (from 1)."""

    start: int
    end: int
    line: int


def value_ranges(text: str) -> dict[str, TextRange]:
    r"""Return the range of each value of a JSON document by its pointer; of a malformed one, as far as it is readable.

    >>> value_ranges('{"a": [1,\n 2]}')["/a/1"]
    TextRange(start=11, end=12, line=2)
    """
    spans: dict[str, tuple[int, int]] = {}
    with contextlib.suppress(_MalformedJson, RecursionError):
        _scan_value(text, _skip(text, 0), "", spans)
    breaks = [match.start() for match in re.finditer("\n", text)]
    return {pointer: _text_range(start, end, breaks) for pointer, (start, end) in spans.items()}


class _MalformedJson(Exception):
    """The text is not JSON at this position."""


def _scan_value(text: str, at: int, pointer: str, spans: dict[str, tuple[int, int]]) -> int:
    """Record the position of the value that starts at `at`, and return its end."""
    first = text[at : at + 1]
    if first == "{":
        end = _scan_object(text, at + 1, pointer, spans)
    elif first == "[":
        end = _scan_array(text, at + 1, pointer, spans)
    else:
        end = _end_of(_TEXT.match(text, at) if first == '"' else _PLAIN.match(text, at))
    spans[pointer] = (at, end)
    return end


def _scan_object(text: str, at: int, pointer: str, spans: dict[str, tuple[int, int]]) -> int:
    at = _skip(text, at)
    while text[at : at + 1] != "}":
        end = _end_of(_TEXT.match(text, at))
        name = json.loads(text[at:end], strict=False)
        at = _skip(text, end)
        if text[at : at + 1] != ":":
            raise _MalformedJson
        at = _skip(text, _scan_value(text, _skip(text, at + 1), f"{pointer}/{_escape_pointer(name)}", spans))
        at = _next_member(text, at, "}")
    return at + 1


def _scan_array(text: str, at: int, pointer: str, spans: dict[str, tuple[int, int]]) -> int:
    at, index = _skip(text, at), 0
    while text[at : at + 1] != "]":
        at = _skip(text, _scan_value(text, at, f"{pointer}/{index}", spans))
        at, index = _next_member(text, at, "]"), index + 1
    return at + 1


def _next_member(text: str, at: int, closing: str) -> int:
    """Return the position of the next member, or of the closing bracket."""
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    if text[at : at + 1] == closing:
        return at
    raise _MalformedJson


def _skip(text: str, at: int) -> int:
    return _end_of(_SPACE.match(text, at))


def _end_of(match: re.Match[str] | None) -> int:
    if match is None:
        raise _MalformedJson
    return match.end()


def _escape_pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _text_range(start: int, end: int, breaks: list[int]) -> TextRange:
    return TextRange(start, end, bisect_left(breaks, start) + 1)
