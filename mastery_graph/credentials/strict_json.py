"""JSON as RFC 8259 has it, and no more: UTF-8, no key twice, no NaN, no half characters, no endless depth."""

import json
from collections.abc import Mapping
from math import isinf
from typing import Any, Final, NoReturn

from mastery_graph.errors import BadDocument, BadEncoding, DocumentTooDeep
from mastery_graph.languages import EnglishText, Message, said

MAX_DEPTH = 100
"""Levels of nesting."""

_MARKS = {b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}

_FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "Expecting ',' delimiter": (
        said("a comma or a closing bracket is missing"),
        said('Put a comma between two values, close each bracket, and write a quotation mark within a text as \\".'),
    ),
    "Expecting property name": (
        said("a name in double quotation marks is missing"),
        said(
            "Put each name in straight double quotation marks. Take out comments, and a comma before a bracket closes."
        ),
    ),
    "Expecting ':' delimiter": (said("a colon is missing"), said("Put a colon between each name and its value.")),
    "Expecting value": (
        said("a value is missing"),
        said(
            "Put each text in straight double quotation marks. Take out comments, and a comma before a bracket closes."
        ),
    ),
    "Extra data": (
        said("something follows the end of the document"),
        said("Take out what stands after its closing bracket."),
    ),
    "Invalid control character": (
        said("a line break, a tab or another control character stands within a text"),
        said("Write a line break within a text as \\n and a tab as \\t, and close each text with a quotation mark."),
    ),
    "Unterminated string": (
        said("a text is not closed"),
        said("Close the text with a quotation mark. Where the end of the document is missing, export it again."),
    ),
    "Invalid \\": (
        said("a backslash stands before what may not follow it"),
        said("Write a backslash within a text as \\\\."),
    ),
    "Illegal trailing comma": (said("a comma stands before a bracket closes"), said("Take out the comma.")),
}
"""How each message of Python's decoder begins; what we say in its place, and what to do."""


def parse_json(content: bytes, deepest: int = MAX_DEPTH) -> Any:
    """Return the value of a JSON text; a byte order mark of UTF-8 is passed over.

    Raises `BadEncoding`, `DocumentTooDeep`, and `BadDocument` with the line and column.

    >>> parsed(b'{"a": 1}')
    {'a': 1}
    """
    text = decode_utf8(content)
    try:
        document = json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_no_number, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise _not_json(error) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise BadDocument(Message("The document has a number that is too long to be read.")) from None
    _refuse_depth(document, deepest)
    if "\\u" in text:
        _refuse_half_characters(document)
    return document


def _not_json(error: json.JSONDecodeError) -> BadDocument:
    """Return why a text is no JSON, where, and what to do."""
    why, advice = next(
        ((Message(why), Message(advice)) for start, (why, advice) in _FAULTS.items() if error.msg.startswith(start)),
        (EnglishText(error.msg), ""),
    )
    return BadDocument(
        Message(
            "The document is not JSON: {why} at line {line}, column {column}.",
            why=why,
            line=error.lineno,
            column=error.colno,
        ),
        advice,
        line=error.lineno,
        column=error.colno,
    )


def decode_utf8(content: bytes) -> str:
    """Return the text of a document in UTF-8. Raises `BadEncoding`."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            raise BadEncoding(Message("The document is {encoding}.", encoding=name), Message("Save it as UTF-8."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadEncoding(
            Message("The document is not UTF-8: byte {place} cannot be read.", place=error.start),
            Message("Save it as UTF-8."),
            byte=error.start,
        ) from None
    if text[:4].count("\0"):
        raise BadEncoding(Message("The document seems to be UTF-16 or UTF-32."), Message("Save it as UTF-8."))
    return text


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadDocument(
                Message("The key {key} stands twice in one object.", key=repr(key)), Message("Keep one of them.")
            )
        found[key] = value
    return found


def _no_number(name: str) -> NoReturn:
    raise BadDocument(
        Message("The document has {name}, which is no JSON.", name=name), Message("Leave the property out.")
    )


def _finite(number: str) -> float:
    """Return a number. Raises `ValueError` where it is too large for one."""
    if isinf(value := float(number)):
        raise ValueError(number)
    return value


def _refuse_depth(document: Any, deepest: int) -> None:
    level = [document]
    for _ in range(deepest):
        level = [
            item
            for value in level
            if isinstance(value, dict | list)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise _too_deep()


def _refuse_half_characters(document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadEncoding(Message("The document has half of a surrogate pair, which is no character.")) from None


def _too_deep() -> DocumentTooDeep:
    return DocumentTooDeep(Message("The document is nested more than {most} levels deep.", most=MAX_DEPTH))
