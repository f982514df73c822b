"""A strict JSON parser (RFC 8259): UTF-8, no duplicate keys, no NaN, no lone surrogates, limited depth."""

import json
from collections.abc import Mapping
from math import isinf
from typing import Any, Final, NoReturn

from mastery_graph.errors import BadDocument, BadEncoding, DocumentTooDeep
from mastery_graph.languages import N_, EnglishText, Message

MAX_DEPTH = 100
"""Levels of nesting."""

_BYTE_ORDER_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}

_SYNTAX_ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "Expecting ',' delimiter": (
        N_("a comma or a closing bracket is missing"),
        N_('Put a comma between two values, close each bracket, and write a quotation mark within a text as \\".'),
    ),
    "Expecting property name": (
        N_("a name in double quotation marks is missing"),
        N_("Put each name in straight double quotation marks. Take out comments, and a comma before a bracket closes."),
    ),
    "Expecting ':' delimiter": (N_("a colon is missing"), N_("Put a colon between each name and its value.")),
    "Expecting value": (
        N_("a value is missing"),
        N_("Put each text in straight double quotation marks. Take out comments, and a comma before a bracket closes."),
    ),
    "Extra data": (
        N_("something follows the end of the document"),
        N_("Remove what follows its closing bracket."),
    ),
    "Invalid control character": (
        N_("a text contains a line break, a tab or another control character"),
        N_("Write a line break within a text as \\n and a tab as \\t, and close each text with a quotation mark."),
    ),
    "Unterminated string": (
        N_("a text is not closed"),
        N_("Close the text with a quotation mark. Where the end of the document is missing, export it again."),
    ),
    "Invalid \\": (
        N_("a backslash is followed by a character that may not follow it"),
        N_("Write a backslash within a text as \\\\."),
    ),
    "Illegal trailing comma": (N_("there is a comma before a closing bracket"), N_("Take out the comma.")),
}
"""The prefix of a message of Python's decoder, with the replacement message and the advice."""


def parse_json(content: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value of a JSON text; a UTF-8 byte order mark is ignored.

    Raises `BadEncoding`, `DocumentTooDeep`, and `BadDocument` with the line and column.

    >>> parse_json(b'{"a": 1}')
    {'a': 1}
    """
    text = decode_utf8(content)
    try:
        document = json.loads(
            text, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant, parse_float=_parse_finite
        )
    except json.JSONDecodeError as error:
        raise _syntax_error(error) from None
    except RecursionError:
        raise _depth_error() from None
    except ValueError:
        raise BadDocument(Message("The document has a number that is too long to be read.")) from None
    _refuse_depth(document, max_depth)
    if "\\u" in text:
        _refuse_lone_surrogates(document)
    return document


def _syntax_error(error: json.JSONDecodeError) -> BadDocument:
    """Return the error for invalid JSON, with the position and an advice."""
    why, advice = next(
        (
            (Message(why), Message(advice))
            for prefix, (why, advice) in _SYNTAX_ERRORS.items()
            if error.msg.startswith(prefix)
        ),
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
    for byte_order_mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(byte_order_mark):
            raise BadEncoding(Message("The document is {encoding}.", encoding=encoding), Message("Save it as UTF-8."))
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


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise BadDocument(
                Message("The key {key} occurs twice in one object.", key=repr(key)), Message("Keep one of them.")
            )
        members[key] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise BadDocument(
        Message("The document contains {name}, which is not valid JSON.", name=name), Message("Leave the property out.")
    )


def _parse_finite(number: str) -> float:
    """Return a number. Raises `ValueError` if it is too large for a float."""
    if isinf(value := float(number)):
        raise ValueError(number)
    return value


def _refuse_depth(document: Any, max_depth: int) -> None:
    level = [document]
    for _ in range(max_depth):
        level = [
            item
            for value in level
            if isinstance(value, dict | list)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise _depth_error()


def _refuse_lone_surrogates(document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadEncoding(
            Message("The document contains half of a surrogate pair, which is not a character.")
        ) from None


def _depth_error() -> DocumentTooDeep:
    return DocumentTooDeep(Message("The document is nested more than {most} levels deep.", most=MAX_DEPTH))
