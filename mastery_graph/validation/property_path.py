"""A parser of property paths (SPARQL 1.1 Query, section 9.1) in results of validation.

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
    """Return a parsed path; a text that is not a path is the IRI of a property."""
    if not path.startswith(("<", "(", "^")):
        return path
    tokens = [match[2] or f"<{match[1]}" for match in _TOKEN.finditer(path)]
    return _alternatives(tokens)


def properties(path: Path) -> Iterator[str]:
    """Yield the IRIs of the properties in a path.

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
    first = tokens.pop(0)
    if first == "^":
        return ("^", _step(tokens))
    if first == "(":
        path = _alternatives(tokens)
        tokens.pop(0)
    else:
        path = first[1:]
    while tokens and tokens[0] in "?*+":
        path = (tokens.pop(0), path)
    return path
