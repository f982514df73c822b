"""Detection of look-ups: queries with one triple pattern, which cost less than a round trip to a query worker.

The cost of such a query is bounded: it reads the triples that match its pattern one by one from an index, and each
makes a row. It contains no filter, path, order or function that could cost more, and it is abandoned once its result
gets long.
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
_MAX_QUERY_CHARS: Final = 1000
_MAX_RESULT_BYTES: Final = 50_000


class TooLong(Exception):
    """The result is longer than a look-up may return."""


class ShortResult(io.BytesIO):
    """A buffer for a result that raises `TooLong` when the result gets long."""

    def write(self, data: bytes) -> int:  # type: ignore[override]  # pyoxigraph writes bytes
        """Append the next part."""
        if self.tell() + len(data) > _MAX_RESULT_BYTES:
            raise TooLong
        return super().write(data)


def is_lookup(query: str) -> bool:
    """Return whether a query is SELECT or ASK with just one triple pattern that contains at least one constant term.

    >>> is_lookup("SELECT ?p ?o WHERE { <http://example.org/a> ?p ?o }")
    True
    >>> is_lookup("SELECT ?p ?o WHERE { <http://example.org/a> ?p ?o . ?o ?q ?r }"), is_lookup("ASK { ?s ?p ?o }")
    (False, False)
    """
    return len(query) < _MAX_QUERY_CHARS and _is_single_pattern(query)


@lru_cache(maxsize=1024)
def _is_single_pattern(query: str) -> bool:
    match = _LOOKUP.fullmatch(query)
    if not match:
        return False
    variables = [term for term in match.groups() if not term.startswith("<")]
    # With a repeated variable the engine would also read triples that make no row.
    return len(variables) < len(match.groups()) and len({name[1:] for name in variables}) == len(variables)
