"""A scanner for SPARQL texts: their form, the graphs they name, and the other servers they query.

The text is split into the tokens of the SPARQL grammar (SPARQL 1.1 Query, section 19.8), once, in linear time. The
engine has no lexer: it accepts a keyword without a space after it (`SERVICESILENT`, `SERVICEex:b`, `5SERVICE`), and
reads `<` as an IRI or as "less than", whichever fits. So a run of letters counts as each keyword in it, and where both
readings of `<` are possible, both are followed. A keyword that may or may not be present counts as present.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from mastery_graph.errors import BadQuery
from mastery_graph.languages import Message
from mastery_graph.sources.nesting import refuse_deep_query
from mastery_graph.store.lookup import is_lookup
from mastery_graph.store.protocol import Scope

LONG: Final = 10_000
"""Characters from which a text is parsed outside the event loop."""

_BASE: Final = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME: Final = rf"{_BASE}_0-9\u00B7\u0300-\u036F\u203F-\u2040"
_PREFIX: Final = rf"\-{_NAME}"
_LOCAL_ESCAPE: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%:]"
_HEX: Final = "[0-9A-Fa-f]"
_CODE_POINT: Final = rf"\\u(?![dD][89a-fA-F]){_HEX}{{4}}|\\U(?:000(?!0[dD][89a-fA-F]){_HEX}{{5}}|0010{_HEX}{{4}})"
_STRING_ESCAPE: Final = rf"\\[tbnrf\"'\\]|{_CODE_POINT}"
_GAP: Final = r"(?:[ \t\r\n]++|\#[^\n\r]*+)*+"

# Each repetition is possessive: a token that cannot be completed is scanned once, and not tried again.
_TOKEN: Final = re.compile(
    rf"""
      (?P<space>[\ \t\r\n]++)
    | (?P<comment>\#)
    | (?P<less><)
    | (?P<quote>"(?:"")?+ | '(?:'')?+)
    | (?P<hidden>[?$][{_BASE}_0-9][{_NAME}]*+ | @[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?+)
    | (?P<run>[{_PREFIX}.]*+)
      (?P<local>:(?:(?:[{_BASE}_:0-9]|{_LOCAL_ESCAPE})(?:[{_PREFIX}:]|{_LOCAL_ESCAPE})*+
        (?:\.++(?:[{_PREFIX}:]|{_LOCAL_ESCAPE})++)*+)?+)?+
    """,
    re.VERBOSE,
)
_IRI: Final = re.compile(rf"<(?P<iri>(?:[^<>\"{{}}|^`\\\x00-\x20]|{_CODE_POINT})*+)(?P<end>>)?+")
_NO_OPERAND: Final = re.compile(r"/|$|[A-Za-z][A-Za-z0-9+.\-]*+://")
"""The start of an IRI that cannot be an operand of "less than": no operand starts with a slash."""
_STRINGS: Final = {
    '"': re.compile(rf'"(?:[^"\\\n\r]|{_STRING_ESCAPE})*+(?P<end>")?+'),
    "'": re.compile(rf"'(?:[^'\\\n\r]|{_STRING_ESCAPE})*+(?P<end>')?+"),
    '"""': re.compile(rf'"""(?:[^"\\]|"(?!"")|{_STRING_ESCAPE})*+(?P<end>""")?+'),
    "'''": re.compile(rf"'''(?:[^'\\]|'(?!'')|{_STRING_ESCAPE})*+(?P<end>''')?+"),
}
_SERVICE_TARGET: Final = re.compile(
    rf"{_GAP}(?:SILENT{_GAP})?+(?:<(?P<iri>[^<>\"{{}}|^`\\\x00-\x20]*+)>|<|[?$]|[{_PREFIX}.]*+:)", re.IGNORECASE
)
_REST_OF_LINE: Final = re.compile(r"[^\n\r]*+")
_GROUP: Final = re.compile(rf"{_GAP}\{{")
_KEYWORDS: Final = ("FROM", "SERVICE", "LOAD", "USING", "WITH", "NOW", "RAND", "UUID", "BNODE")
_CLAUSES: Final = {"FROM", "USING", "WITH"}
"""Keywords outside all braces."""
_KEYWORD_PATTERN: Final = re.compile(rf"(?=({'|'.join(_KEYWORDS)}))")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPE_OR_PAIR: Final = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_OPERATIONS: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_MAX_READINGS: Final = 8
"""Readings of a text that are followed in parallel."""


@dataclass(frozen=True, slots=True)
class QueryText:
    """The properties of a SPARQL text.

    `form` is SELECT, ASK, CONSTRUCT or DESCRIBE; `operation` is the first one of an update, such as INSERT; both are
    empty if the text has none. `services` has the address after each SERVICE, empty if it is not written in full.
    `wheres` has the offset of each WHERE of an update, with the keyword before it. `steps` is the number of characters
    that were examined.
    """

    form: str
    operation: str
    keywords: frozenset[str]
    services: tuple[str, ...]
    wheres: tuple[tuple[int, str], ...]
    steps: int

    @property
    def names_its_graphs(self) -> bool:
        """Whether there is a FROM clause."""
        return "FROM" in self.keywords

    @property
    def is_update(self) -> bool:
        """Whether the text is an update."""
        return bool(self.operation)

    @property
    def is_repeatable(self) -> bool:
        """Whether the query gives the same result on the same data."""
        return not self.keywords & {"NOW", "RAND", "UUID", "BNODE", "SERVICE"}


class Query(str):
    """A SPARQL text with its properties, which are computed once for all parts of the program."""

    __slots__ = ("properties",)
    properties: QueryText

    def __new__(cls, text: str) -> "Query":
        """Parse the text."""
        query = super().__new__(cls, text)
        query.properties = parse_query(text)
        return query

    def __reduce__(self) -> tuple[type, tuple[str]]:
        """Pickle the text alone, which is parsed again in the other process."""
        return Query, (str(self),)


def parse_query(text: str) -> QueryText:
    """Return the properties of a SPARQL text, over all ways to read its escapes.

    >>> parse_query("SELECT * FROM <http://example.org/g> { ?s ?p ?from }").names_its_graphs
    True
    """
    if isinstance(text, Query):
        return text.properties
    return _parse_short(text) if len(text) < LONG else _parse(text)


def names_its_graphs(query: str) -> bool:
    """Return whether the query has a FROM clause, which defines its default graph.

    >>> names_its_graphs("SELECT * FROM <http://example.org/g> { ?s ?p ?from }")
    True
    >>> names_its_graphs("SELECT * { ?s ?p ' FROM ' }")
    False
    """
    return parse_query(query).names_its_graphs


def refuse_other_servers(query: str, allowed: frozenset[str] = frozenset()) -> None:
    """Raise `BadQuery` if the query uses a server that is not `allowed` (SPARQL 1.1 Federated Query).

    `allowed` contains hosts, with their port if it is not the default one. Addresses must be written in full.

    >>> refuse_other_servers("SELECT * { ?service ?p ?o }")
    >>> refuse_other_servers("SELECT * { SERVICE <https://a.example/sparql> { ?s ?p ?o } }", frozenset({"a.example"}))
    """
    if not _may_have("SERVICE", query):
        return
    parsed = parse_query(query)
    if "SERVICE" not in parsed.keywords:
        return
    if not allowed:
        raise BadQuery(
            Message("The query uses SERVICE to query another server, which is not allowed."),
            Message("Query each server separately, and join the results."),
        )
    for address in parsed.services:
        if _host(address) not in allowed:
            raise BadQuery(
                Message("The query uses SERVICE to query {address}, which is not allowed.", address=address)
                if address
                else Message(
                    "The query uses SERVICE to query a server that it does not name in full, which is not allowed."
                ),
                Message(
                    "Allowed servers, by SERVICE with the full address: {names}.", names=", ".join(sorted(allowed))
                ),
            )


def _host(address: str) -> str:
    """Return the host of a web address, with its port if there is one; an empty text for anything else.

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
    """Raise `BadQuery` if an update loads from an address, since nothing is fetched.

    >>> refuse_loading("INSERT DATA { <http://example.org/load> <http://example.org/p> 'LOAD' }")
    """
    if _may_have("LOAD", update) and "LOAD" in parse_query(update).keywords:
        raise BadQuery(
            Message("The update uses LOAD to load from an address, which is not allowed."),
            Message("Send the triples themselves, with INSERT DATA or to the graph store."),
        )


def with_dataset(update: str, scope: Scope) -> str:
    """Return the update with the graphs of the request as its dataset (SPARQL 1.1 Protocol, 2.2.3).

    Raises `BadQuery` if the update names its own graphs, or cannot have any.

    >>> with_dataset("DELETE {} WHERE {}", Scope(default_graphs=("http://example.org/g",)))
    'DELETE {} USING <http://example.org/g> WHERE {}'
    """
    if scope.everything:
        return update
    parsed = parse_query(update)
    if parsed.keywords & {"USING", "WITH"}:
        raise BadQuery(
            Message("Both the update (USING or WITH) and the parameters of the request name graphs."),
            Message("Name them in one place."),
        )
    using = "".join(
        f"USING {named}{NamedNode(graph)} "
        for named, graphs in (("", scope.default_graphs), ("NAMED ", scope.named_graphs))
        for graph in graphs
    )
    parts, end = [], 0
    for position, keyword in parsed.wheres:
        if keyword == "DELETE":
            raise BadQuery(
                Message("DELETE WHERE cannot be combined with the graphs that the parameters of the request name."),
                Message("Write DELETE { … } WHERE { … }."),
            )
        parts += [update[end:position], using]
        end = position
    return "".join(parts) + update[end:]


def is_repeatable(query: str) -> bool:
    """Return whether the query gives the same result on the same data: without clock, randomness and other servers.

    >>> is_repeatable("SELECT (NOW() AS ?now) {}")
    False
    """
    return parse_query(query).is_repeatable


def query_form(query: str) -> str:
    """Return the form of the query, SELECT, ASK, CONSTRUCT or DESCRIBE; an empty text if it is none of them.

    >>> query_form("PREFIX select: <http://example.org/> ASK { ?s ?p ?o }")
    'ASK'
    """
    return parse_query(query).form


def is_update(text: str) -> bool:
    """Return whether the text starts like a SPARQL 1.1 Update.

    >>> is_update("PREFIX ex: <http://example.org/> DELETE WHERE { ?s ?p ?o }"), is_update("SELECT (1 AS ?drop) {}")
    (True, False)
    """
    return parse_query(text).is_update


def require_form(query: str, *forms: str) -> None:
    """Raise `BadQuery` if the query has none of these forms, for example if it is an update."""
    if query_form(query) not in forms:
        raise BadQuery(Message("This is not a {names} query.", names=" or ".join(forms)))


def query_syntax_error(reason: str, what: str = "query") -> BadQuery:
    """Return the error for a query that the engine cannot parse, with the line and column if they are known.

    >>> query_syntax_error('error at 1:16: expected one of "$"').detail
    'The query cannot be parsed: error at line 1, column 16.'
    """
    position = re.match(r"error at (\d+):(\d+)", reason)
    message = f"error at line {position[1]}, column {position[2]}" if position else reason.partition("\n")[0]
    members: dict[str, Any] = {"line": int(position[1]), "column": int(position[2])} if position else {}
    return BadQuery(
        Message("The {what} cannot be parsed: {message}.", what=what, message=message),
        Message("See https://www.w3.org/TR/sparql11-{what}/.", what=what),
        **members,
    )


def _may_have(keyword: str, text: str) -> bool:
    """Return whether a text may contain a keyword; if not, it need not be parsed, and updates can be very long."""
    return isinstance(text, Query) or keyword in text.upper() or "\\u" in text or "\\U" in text


def _parse(text: str) -> QueryText:
    refuse_deep_query(text)
    if is_lookup(text):
        # It has no escapes and, besides its form, none of the keywords.
        form = "ASK" if text.lstrip()[:3].upper() == "ASK" else "SELECT"
        return QueryText(form, "", frozenset(), (), (), len(text))
    scans = [_Scan(reading) for reading in _readings(text)]
    leading = next((scan for scan in scans if scan.form or scan.operation), scans[0])
    return QueryText(
        form=leading.form,
        operation=leading.operation,
        keywords=frozenset().union(*(scan.keywords for scan in scans)),
        services=tuple(address for scan in scans for address in scan.services),
        wheres=tuple(scans[0].wheres),
        steps=sum(scan.steps for scan in scans),
    )


_parse_short = lru_cache(maxsize=1024)(_parse)


@dataclass(slots=True)
class _Cursor:
    """The position of one reading of the text, and the last token before it.

    `certain` marks the reading in which each `<` that can start an IRI does so.
    """

    position: int
    depth: int
    before: str
    certain: bool


class _Scan:
    """A scan of the tokens of a text, in every way in which the engine might read them."""

    def __init__(self, text: str) -> None:
        self.form = ""
        self.operation = ""
        self.keywords: set[str] = set()
        self.services: list[str] = []
        self.wheres: list[tuple[int, str]] = []
        self.steps = 0
        self._text = text
        self._prefixes: set[str] = set()
        self._line = -1, -1
        self._unclosed = {'"""': -1, "'''": -1}
        cursors = [_Cursor(0, 0, "", True)]
        while cursors:
            cursor = cursors[0] if len(cursors) == 1 else min(cursors, key=lambda cursor: cursor.position)
            if cursor.position >= len(text):
                return
            fork = self._step(cursor, is_last=len(cursors) == 1)
            if fork is not None:
                cursors.append(fork)
            if len(cursors) > 1:
                cursors = _distinct(cursors)
            if len(cursors) > _MAX_READINGS or cursor.position == _UNCLEAR:
                self._count_all(text)
                return

    def _step(self, cursor: _Cursor, *, is_last: bool) -> _Cursor | None:
        """Read the next token. Return a second cursor if it can be read in a second way."""
        text, start = self._text, cursor.position
        token = _TOKEN.match(text, start)
        if token is None:  # the last alternative matches the empty text
            raise AssertionError(start)
        cursor.position = end = token.end()
        kind = token.lastgroup
        self.steps += end - start or 1
        if kind == "space":
            return None
        if kind == "comment":
            cursor.position = self._end_of_line(start)
            return None
        before, cursor.before = cursor.before, ""
        if kind == "less":
            return self._read_less_than(cursor, start)
        if kind == "quote":
            self._read_string(cursor, start, token[0], is_last=is_last)
        elif kind == "local":
            self._read_prefixed_name(cursor, token["run"].upper(), before)
        elif kind == "run" and end > start:
            self._read_word(cursor, token[0].upper(), before)
        elif kind == "run":
            cursor.position += 1
            cursor.depth += {"{": 1, "}": -1}.get(text[start], 0)
        return None

    def _end_of_line(self, start: int) -> int:
        """Return the end of the line, which is searched once for all readings that have a comment on it."""
        if not self._line[0] <= start <= self._line[1]:
            line = _REST_OF_LINE.match(self._text, start)
            self._line = start, line.end() if line else start
            self.steps += self._line[1] - start
        return self._line[1]

    def _read_less_than(self, cursor: _Cursor, start: int) -> _Cursor | None:
        iri = _IRI.match(self._text, start)
        if iri is None:
            raise AssertionError(start)
        self.steps += len(iri[0])
        if not iri["end"]:
            return None
        fork = None if _NO_OPERAND.match(iri["iri"]) else _Cursor(start + 1, cursor.depth, "", False)
        cursor.position = iri.end()
        return fork

    def _read_string(self, cursor: _Cursor, start: int, quote: str, *, is_last: bool) -> None:
        string = _STRINGS[quote].match(self._text, start)
        if string is None:
            raise AssertionError(start)
        self.steps += len(string[0])
        if string["end"]:
            cursor.position = string.end()
        elif len(quote) == 3 and self._unclosed[quote] <= start:
            # As the engine does: an empty string, and another one after it.
            self._unclosed[quote] = string.end()
            cursor.position = start + 2
        elif len(quote) == 3:
            cursor.position = _UNCLEAR
        elif is_last:
            # The engine rejects the text here. Another engine might not: count all keywords in it.
            self._count_all(string[0])
            cursor.position = string.end()
        else:
            cursor.position = len(self._text)

    def _read_word(self, cursor: _Cursor, word: str, before: str) -> None:
        cursor.before = word
        if cursor.certain:
            self._set_form(word)
            if cursor.depth == 0 and word.endswith("WHERE"):
                self.wheres.append((cursor.position - len("WHERE"), word.removesuffix("WHERE") or before))
        for keyword in set(_KEYWORD_PATTERN.findall(word)):
            if keyword in _CLAUSES and cursor.depth > 0:
                continue
            if keyword not in {"SERVICE", "LOAD"}:
                self.keywords.add(keyword)
            elif target := _SERVICE_TARGET.match(self._text, cursor.position):
                self.steps += len(target[0])
                self.keywords.add(keyword)
                if keyword == "SERVICE":
                    self.services.append(target["iri"] or "")

    def _read_prefixed_name(self, cursor: _Cursor, prefix: str, before: str) -> None:
        """Record the keywords that the engine may read at the start of a name, such as in `SERVICEex:b`."""
        if before.endswith("PREFIX"):
            self._prefixes.add(prefix)
            return
        if cursor.certain and not prefix.startswith("PREFIX"):
            self._set_form(prefix)
        is_declared = prefix.lstrip("-.0123456789") in self._prefixes
        for keyword in set(_KEYWORD_PATTERN.findall(prefix)):
            if keyword == "SERVICE":
                group = _GROUP.match(self._text, cursor.position)
                self.steps += len(group[0]) if group else 0
                is_there = not is_declared or (group is not None and not before.endswith("GRAPH"))
            elif keyword == "LOAD":
                is_there = cursor.depth == 0 and not before
            else:
                is_clause = cursor.depth == 0 and not before and self.form != "DESCRIBE"
                is_there = is_clause or not (is_declared or (keyword in _CLAUSES and cursor.depth > 0))
            if is_there:
                self.keywords.add(keyword)
                if keyword == "SERVICE":
                    self.services.append("")

    def _set_form(self, word: str) -> None:
        """Set the form of the query, or the first operation of the update, from the first word that has it."""
        if not (self.form or self.operation):
            self.form = next((form for form in _FORMS if word.startswith(form)), "")
            self.operation = next((name for name in _OPERATIONS if word.startswith(name)), "")

    def _count_all(self, text: str) -> None:
        """Record each keyword that occurs anywhere in a text."""
        self.steps += len(text)
        keywords = set(_KEYWORD_PATTERN.findall(text.upper()))
        self.keywords |= keywords
        if "SERVICE" in keywords:
            self.services.append("")


_UNCLEAR: Final = -1


def _distinct(cursors: list[_Cursor]) -> list[_Cursor]:
    distinct: dict[tuple[int, int, str], _Cursor] = {}
    for cursor in cursors:
        same = distinct.setdefault((cursor.position, cursor.depth, cursor.before), cursor)
        same.certain = same.certain or cursor.certain
    return list(distinct.values())


def _readings(text: str) -> list[str]:
    """Return the text as it is and, if different, with its escapes resolved.

    They are resolved everywhere (SPARQL 1.1 Query, section 19.2), and after pairs of backslashes.
    """
    if "\\u" not in text and "\\U" not in text:
        return [text]
    return list(dict.fromkeys([text, _ESCAPE.sub(_character, text), _ESCAPE_OR_PAIR.sub(_character, text)]))


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    if digits is None:
        return escape[0]
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else " "
