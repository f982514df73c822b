"""SPARQL queries in shapes, and what SHACL forbids in them (SHACL 5.2.1, 5.3.1, Appendix A)."""

import re
from collections.abc import Iterator
from typing import Final

from mastery_graph.validation.engine.shapes import Shapes
from mastery_graph.vocabulary import SH

_QUERIES: Final = (SH.select, SH.ask, SH.construct, SH.update)
_LITERALS_AND_COMMENTS: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>"{}|^`\\\s]*>|#[^\n]*'
)
FORBIDDEN: Final = ("SERVICE", "FROM", "MINUS", "VALUES")
"""Forbidden in queries with pre-bound variables; SERVICE and FROM in targets too: other data than the document."""


def constraint_queries(shapes: Shapes) -> Iterator[tuple[str, str, str]]:
    """Yield the IRI of each constraint, target or validator in SPARQL, the kind of its query, and the text."""
    for subject, predicate, value in shapes.triples:
        if predicate.value in _QUERIES:
            yield subject.value, predicate.value.removeprefix(SH), value.value


def strip_literals(text: str) -> str:
    """Return a query without its strings, IRIs and comments.

    >>> strip_literals('SELECT $this { $this <urn:p> "VALUES" } # MINUS').strip()
    'SELECT $this { $this     }'
    """
    return _LITERALS_AND_COMMENTS.sub(" ", text)


def first_keyword(text: str, *keywords: str) -> str | None:
    """Return the first of these keywords in a query."""
    match = re.search(rf"(?<![?$:\w-])({'|'.join(keywords)})\b", strip_literals(text), re.IGNORECASE)
    return match[1].upper() if match else None


def has_subquery(kind: str, text: str) -> bool:
    """Return whether a query contains a subquery."""
    return len(re.findall(r"\bSELECT\b", strip_literals(text), re.IGNORECASE)) > (kind == "select")
