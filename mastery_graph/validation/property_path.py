"""Property paths (SPARQL 1.1 Query, section 9.1), as results of validation tell them.

>>> parse("<urn:a>/(<urn:b>|^<urn:c>)?")
('/', 'urn:a', ('?', ('|', 'urn:b', ('^', 'urn:c'))))
>>> parse("http://example.org/name")
'http://example.org/name'
"""

import re
from collections.abc import Iterator
from typing import Any

Path = str | tuple[Any, ...]
"""The IRI of a property, or an operator (one of `/ | ^ ? * +`) with its paths."""

_TOKEN = re.compile(r"<([^>]*)>|([/|^?*+()])")


def parse(path: str) -> Path:
    """Return a path read from its text; a text that is no path is taken as the IRI of a property."""
    if not path.startswith(("<", "(", "^")):
        return path
    tokens = [match[2] or f"<{match[1]}" for match in _TOKEN.finditer(path)]
    return _alternatives(tokens)


def properties(path: Path) -> Iterator[str]:
    """Yield the IRI of each property of a path.

    >>> sorted(properties(parse("<urn:a>/(<urn:b>|^<urn:c>)?")))
    ['urn:a', 'urn:b', 'urn:c']
    """
    if isinstance(path, str):
        yield path
    else:
        for part in path[1:]:
            yield from properties(part)


def _alternatives(tokens: list[str]) -> Path:
    parts = [_sequence(tokens)]
    while tokens and tokens[0] == "|":
        tokens.pop(0)
        parts.append(_sequence(tokens))
    return parts[0] if len(parts) == 1 else ("|", *parts)


def _sequence(tokens: list[str]) -> Path:
    parts = [_step(tokens)]
    while tokens and tokens[0] == "/":
        tokens.pop(0)
        parts.append(_step(tokens))
    return parts[0] if len(parts) == 1 else ("/", *parts)


def _step(tokens: list[str]) -> Path:
    piece = tokens.pop(0)
    if piece == "^":
        return ("^", _step(tokens))
    if piece == "(":
        path = _alternatives(tokens)
        tokens.pop(0)
    else:
        path = piece[1:]
    while tokens and tokens[0] in "?*+":
        path = (tokens.pop(0), path)
    return path
