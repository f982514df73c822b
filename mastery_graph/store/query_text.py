"""What a query says of itself: its form, whether it names its graphs, and whether it asks another server.

The text is cut into the tokens of the SPARQL grammar (SPARQL 1.1 Query, section 19.8) that can hide a keyword: IRIs,
strings, comments, variables and prefixed names. What remains are keywords.
"""

import re
from functools import lru_cache

from mastery_graph.errors import BadQuery

_HIDING = re.compile(
    r"""
    <[^<>"{}|^`\\\x00-\x20]*>                        # IRIREF
    | \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}
    | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
    | "(?:[^"\\\n\r]|\\.)*"
    | '(?:[^'\\\n\r]|\\.)*'
    | \#[^\n\r]*                                     # comment
    | [?$]\w+                                        # variable
    | [\w.\-]*:[\w.:%\\\-]*                          # prefixed name, also the empty prefix
    | @[A-Za-z]+[\w\-]*                              # language tag
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_WORD = re.compile(r"[A-Za-z]+")


@lru_cache(maxsize=1024)
def names_its_graphs(query: str) -> bool:
    """Return whether the query has a FROM clause, which says what its default graph is.

    >>> names_its_graphs("SELECT * FROM <http://example.org/g> { ?s ?p ?from }")
    True
    >>> names_its_graphs("SELECT * { ?s ?p ' FROM ' }")
    False
    """
    return "FROM" in _keywords(query)


@lru_cache(maxsize=1024)
def refuse_other_servers(query: str) -> None:
    """Raise `BadQuery` where the query asks another server (SPARQL 1.1 Federated Query): nothing leaves this one.

    >>> refuse_other_servers("SELECT * { ?service ?p ?o }")
    """
    if "SERVICE" in _keywords(query):
        raise BadQuery(
            "The query asks another server with SERVICE, which is refused here.",
            "Ask each server by itself, and join what they answer.",
        )


@lru_cache(maxsize=1024)
def query_form(query: str) -> str:
    """Return the form of the query, SELECT, ASK, CONSTRUCT or DESCRIBE; nothing where it is none of them.

    >>> query_form("PREFIX select: <http://example.org/> ASK { ?s ?p ?o }")
    'ASK'
    """
    return next((word for word in _words(query) if word in _FORMS), "")


def require_form(query: str, *forms: str) -> None:
    """Raise `BadQuery` where the query has none of these forms, such as where it is an update."""
    if query_form(query) not in forms:
        raise BadQuery(f"This is not a {' or '.join(forms)} query.")


def does_not_parse(reason: str) -> BadQuery:
    """Return the error for a query that the engine cannot parse: where, and what stands there it does not expect.

    >>> does_not_parse('error at 1:16: expected one of "$"').detail
    'The query does not parse: error at line 1, column 16.'
    """
    place = re.match(r"error at (\d+):(\d+)", reason)
    said = f"error at line {place[1]}, column {place[2]}" if place else reason.partition("\n")[0]
    members = {"line": int(place[1]), "column": int(place[2])} if place else {}
    return BadQuery(f"The query does not parse: {said}.", "See https://www.w3.org/TR/sparql11-query/.", **members)


def _keywords(query: str) -> frozenset[str]:
    return frozenset(_words(query))


def _words(query: str) -> list[str]:
    decoded = _ESCAPE.sub(_character, query)
    return [word.upper() for word in _WORD.findall(_HIDING.sub(" ", decoded))]


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= 0x10FFFF else " "
