"""What a query says of itself: its form, whether it names its graphs, and which other servers it asks.

The text is cut into the tokens of the SPARQL grammar (SPARQL 1.1 Query, section 19.8) that can hide a keyword: IRIs,
strings, comments, variables and prefixed names. What remains are keywords.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from mastery_graph.errors import BadQuery
from mastery_graph.store.lookup import looks_up
from mastery_graph.store.protocol import Scope

_TOKEN = re.compile(
    r"""
    (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<hidden>
        \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}
      | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      | "(?:[^"\\\n\r]|\\.)*"
      | '(?:[^'\\\n\r]|\\.)*'
      | \#[^\n\r]*                                     # comment
      | [?$]\w+                                        # variable
      | [\w.\-]*:(?:[\w.:%\-]|\\[_~.\-!$&'()*+,;=/?\#@%])*   # prefixed name, its escapes, the empty prefix
      | @[A-Za-z]+[\w\-]*                              # language tag
      )
    | (?P<word>[A-Za-z]+)
    | (?P<brace>[{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPE_OR_PAIR = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LONGEST_KEPT = 10_000
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_OPERATIONS = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")


def names_its_graphs(query: str) -> bool:
    """Return whether the query has a FROM clause, which says what its default graph is.

    >>> names_its_graphs("SELECT * FROM <http://example.org/g> { ?s ?p ?from }")
    True
    >>> names_its_graphs("SELECT * { ?s ?p ' FROM ' }")
    False
    """
    return "FROM" in _keywords(query)


def refuse_other_servers(query: str, allowed: frozenset[str] = frozenset()) -> None:
    """Raise `BadQuery` where the query asks a server that is not `allowed` (SPARQL 1.1 Federated Query).

    `allowed` holds hosts, each with its port where it is not the usual one. An address must stand in the query in full.

    >>> refuse_other_servers("SELECT * { ?service ?p ?o }")
    >>> refuse_other_servers("SELECT * { SERVICE <https://a.example/sparql> { ?s ?p ?o } }", frozenset({"a.example"}))
    """
    if "SERVICE" not in _keywords(query):
        return
    if not allowed:
        raise BadQuery(
            "The query asks another server with SERVICE, which is refused here.",
            "Ask each server by itself, and join what they answer.",
        )
    for text in _readings(query):
        for address in _services(text):
            if _host(address) not in allowed:
                raise BadQuery(
                    f"The query asks another server, {address or 'which it does not name in full'}; refused here.",
                    f"Servers that may be asked, by SERVICE <address in full>: {', '.join(sorted(allowed))}.",
                )


def _host(address: str) -> str:
    """Return the host of an address of the web, with its port where one is named; of what is none, nothing.

    >>> _host("https://A.example/sparql"), _host("https://a.e]xample/"), _host("ftp://a.example/")
    ('a.example', '', '')
    """
    if not address.lower().startswith(("http://", "https://")):
        return ""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


def refuse_loading(update: str) -> None:
    """Raise `BadQuery` where an update loads from an address: nothing is fetched.

    >>> refuse_loading("INSERT DATA { <http://example.org/load> <http://example.org/p> 'LOAD' }")
    """
    if "LOAD" in _keywords(update):
        raise BadQuery(
            "The update loads from an address with LOAD, which is refused here.",
            "Send the triples themselves, with INSERT DATA or to the graph store.",
        )


def with_dataset(update: str, scope: Scope) -> str:
    """Return the update with the graphs that the protocol names as its dataset (SPARQL 1.1 Protocol, 2.2.3).

    Raises `BadQuery` where the update names its own, or has no place for them.

    >>> with_dataset("DELETE {} WHERE {}", Scope(default_graphs=("http://example.org/g",)))
    'DELETE {} USING <http://example.org/g> WHERE {}'
    """
    if scope.everything:
        return update
    if _keywords(update) & {"USING", "WITH"}:
        raise BadQuery(
            "The update names its graphs with USING or WITH, and so do the parameters of the request.",
            "Name them in one place.",
        )
    using = "".join(
        f"USING {word}{NamedNode(graph)} "
        for word, graphs in (("", scope.default_graphs), ("NAMED ", scope.named_graphs))
        for graph in graphs
    )
    text = _ESCAPE.sub(_character, update)
    written, copied, depth, before = [], 0, 0, ""
    for token in _TOKEN.finditer(text):
        word = (token["word"] or "").upper()
        if token["brace"]:
            depth += 1 if token["brace"] == "{" else -1
        if word == "WHERE" and depth == 0:
            if before == "DELETE":
                raise BadQuery(
                    "DELETE WHERE has no place for the graphs that the parameters of the request name.",
                    "Write DELETE { … } WHERE { … }.",
                )
            written += [text[copied : token.start()], using]
            copied = token.start()
        if not (token["hidden"] or "").startswith("#"):
            before = word
    return "".join(written) + text[copied:]


def is_repeatable(query: str) -> bool:
    """Return whether the query gives the same on the same data: no clock, chance or other server is in it.

    >>> is_repeatable("SELECT (NOW() AS ?now) {}")
    False
    """
    return not _keywords(query) & {"NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"}


def query_form(query: str) -> str:
    """Return the form of the query, SELECT, ASK, CONSTRUCT or DESCRIBE; nothing where it is none of them.

    >>> query_form("PREFIX select: <http://example.org/> ASK { ?s ?p ?o }")
    'ASK'
    """
    return next((word for word in _words(query) if word in _FORMS), "")


def is_update(text: str) -> bool:
    """Return whether the text begins like a SPARQL 1.1 Update.

    >>> is_update("PREFIX ex: <http://example.org/> DELETE WHERE { ?s ?p ?o }"), is_update("SELECT (1 AS ?drop) {}")
    (True, False)
    """
    return next((word in _OPERATIONS for word in _words(text) if word in _FORMS or word in _OPERATIONS), False)


def require_form(query: str, *forms: str) -> None:
    """Raise `BadQuery` where the query has none of these forms, such as where it is an update."""
    if query_form(query) not in forms:
        raise BadQuery(f"This is not a {' or '.join(forms)} query.")


def does_not_parse(reason: str, what: str = "query") -> BadQuery:
    """Return the error for a query that the engine cannot parse: where, and what stands there it does not expect.

    >>> does_not_parse('error at 1:16: expected one of "$"').detail
    'The query does not parse: error at line 1, column 16.'
    """
    place = re.match(r"error at (\d+):(\d+)", reason)
    said = f"error at line {place[1]}, column {place[2]}" if place else reason.partition("\n")[0]
    members = {"line": int(place[1]), "column": int(place[2])} if place else {}
    return BadQuery(f"The {what} does not parse: {said}.", f"See https://www.w3.org/TR/sparql11-{what}/.", **members)


def _keywords(query: str) -> frozenset[str]:
    return frozenset(_words(query))


def _words(query: str) -> tuple[str, ...]:
    return _short_words(query) if len(query) < _LONGEST_KEPT else _words_of(query)


def _words_of(query: str) -> tuple[str, ...]:
    """Return the keywords in capitals, of each way in which the escapes of the text can be read."""
    if looks_up(query):
        # It has no escape, and beside its form no keyword that is asked about here.
        return ("ASK" if query.lstrip()[:3].upper() == "ASK" else "SELECT",)
    return tuple(token["word"].upper() for text in _readings(query) for token in _TOKEN.finditer(text) if token["word"])


_short_words = lru_cache(maxsize=1024)(_words_of)


def _services(text: str) -> Iterator[str]:
    """Yield what follows each SERVICE: an address in full, or nothing where it is a variable or a prefixed name."""
    awaited = False
    for token in _TOKEN.finditer(text):
        word = (token["word"] or "").upper()
        comment = (token["hidden"] or "").startswith("#")
        if awaited and word != "SILENT" and not comment:
            yield token["iri"][1:-1] if token["iri"] else ""
            awaited = False
        awaited = awaited or word == "SERVICE"


def _readings(text: str) -> Iterator[str]:
    """Yield the text with its escapes resolved: as they stand, and, where that differs, after pairs of backslashes."""
    resolved = _ESCAPE.sub(_character, text)
    yield resolved
    if "\\\\" in text and (other := _ESCAPE_OR_PAIR.sub(_character, text)) != resolved:
        yield other


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    if digits is None:
        return escape[0]
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else " "
