"""Queries that look something up: one triple pattern, which costs less than the way to a query worker.

What such a query takes is known beforehand: it reads the statements that fit its pattern, one after the other from an
index, and each gives a row. There is no filter, path, order or function in it that could make more of them, and its
result is given up once it is long.
"""

import io
import re
from functools import lru_cache
from typing import Final

_TERM: Final = r"(<[^<>\"{}|^`\\\x00-\x20]*+>|[?$]\w++)"
_LOOKUP: Final = re.compile(
    rf"\s*+(?:SELECT\s++(?:\*|[?$]\w++(?:\s++[?$]\w++)*+)|ASK)\s*+(?:WHERE\s*+)?+"
    rf"\{{\s*+{_TERM}\s*+{_TERM}\s*+{_TERM}\s*+(?:\.\s*+)?+\}}"
    r"\s*+(?:LIMIT\s++[0-9]{1,9}+\s*+)?+(?:\#[^\r\n\\]*+\s*+)?+",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_QUERY: Final = 1000
_LONGEST_RESULT: Final = 50_000


class TooLong(Exception):
    """The result is longer than what is made at once."""


class ShortResult(io.BytesIO):
    """A result that is written, which raises `TooLong` where it gets long."""

    def write(self, data: bytes) -> int:  # type: ignore[override]  # pyoxigraph writes bytes
        """Take the next part."""
        if self.tell() + len(data) > _LONGEST_RESULT:
            raise TooLong
        return super().write(data)


def looks_up(query: str) -> bool:
    """Return whether a query is SELECT or ASK with one triple pattern, which names a term at least, and nothing else.

    >>> looks_up("SELECT ?p ?o WHERE { <http://example.org/a> ?p ?o }")
    True
    >>> looks_up("SELECT ?p ?o WHERE { <http://example.org/a> ?p ?o . ?o ?q ?r }"), looks_up("ASK { ?s ?p ?o }")
    (False, False)
    """
    return len(query) < _LONGEST_QUERY and _fits(query)


@lru_cache(maxsize=1024)
def _fits(query: str) -> bool:
    found = _LOOKUP.fullmatch(query)
    if not found:
        return False
    variables = [term for term in found.groups() if not term.startswith("<")]
    # A variable that comes twice would have the engine read statements that give no row.
    return len(variables) < len(found.groups()) and len({name[1:] for name in variables}) == len(variables)
