"""The form of a SPARQL text, the graphs it names, and the other servers it asks.

The text is cut into the tokens of the SPARQL grammar (SPARQL 1.1 Query, section 19.8), once, in time that grows with
its length. The engine has no lexer: it takes a keyword without a space behind it (`SERVICESILENT`, `SERVICEex:b`,
`5SERVICE`), and reads `<` as an IRI or as "less than", whichever fits. So a run of letters counts as each keyword in
it, and where both readings of `<` are possible, both are followed. What stays unclear counts as being there.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from mastery_graph.errors import BadQuery
from mastery_graph.store.lookup import looks_up
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
"""How an IRI begins that cannot be an expression behind "less than": no operand begins with a slash."""
_STRINGS: Final = {
    '"': re.compile(rf'"(?:[^"\\\n\r]|{_STRING_ESCAPE})*+(?P<end>")?+'),
    "'": re.compile(rf"'(?:[^'\\\n\r]|{_STRING_ESCAPE})*+(?P<end>')?+"),
    '"""': re.compile(rf'"""(?:[^"\\]|"(?!"")|{_STRING_ESCAPE})*+(?P<end>""")?+'),
    "'''": re.compile(rf"'''(?:[^'\\]|'(?!'')|{_STRING_ESCAPE})*+(?P<end>''')?+"),
}
_OTHER_SERVER: Final = re.compile(
    rf"{_GAP}(?:SILENT{_GAP})?+(?:<(?P<iri>[^<>\"{{}}|^`\\\x00-\x20]*+)>|<|[?$]|[{_PREFIX}.]*+:)", re.IGNORECASE
)
_LINE: Final = re.compile(r"[^\n\r]*+")
_GROUP: Final = re.compile(rf"{_GAP}\{{")
_HEEDED: Final = ("FROM", "SERVICE", "LOAD", "USING", "WITH", "NOW", "RAND", "UUID", "BNODE")
_CLAUSES: Final = {"FROM", "USING", "WITH"}
"""Keywords outside all braces."""
_HEEDED_IN: Final = re.compile(rf"(?=({'|'.join(_HEEDED)}))")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPE_OR_PAIR: Final = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_OPERATIONS: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_MAX_READINGS: Final = 8
"""Ways to read a text that are followed side by side."""


@dataclass(frozen=True, slots=True)
class QueryText:
    """The properties of a SPARQL text.

    `form` is SELECT, ASK, CONSTRUCT or DESCRIBE; `operation` is the first one of an update, such as INSERT; each is
    empty where the text has none. `services` has the address behind each SERVICE, empty where it is not written in
    full. `wheres` has the offset of each WHERE of an update, with the keyword before it. `steps` is the number of
    characters that were looked at.
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
    """A SPARQL text with its properties, for texts that several parts of the program look at."""

    __slots__ = ("properties",)
    properties: QueryText

    def __new__(cls, text: str) -> "Query":
        """Parse the text."""
        query = super().__new__(cls, text)
        query.properties = parse_query(text)
        return query

    def __reduce__(self) -> tuple[type, tuple[str]]:
        """Parse the text again in another process."""
        return Query, (str(self),)


def parse_query(text: str) -> QueryText:
    """Return the properties of a SPARQL text, of all ways in which its escapes can be read.

    >>> parse_query("SELECT * FROM <http://example.org/g> { ?s ?p ?from }").names_its_graphs
    True
    """
    if isinstance(text, Query):
        return text.properties
    return _parse_short(text) if len(text) < LONG else _parse(text)


def names_its_graphs(query: str) -> bool:
    """Return whether the query has a FROM clause, which says what its default graph is.

    >>> names_its_graphs("SELECT * FROM <http://example.org/g> { ?s ?p ?from }")
    True
    >>> names_its_graphs("SELECT * { ?s ?p ' FROM ' }")
    False
    """
    return parse_query(query).names_its_graphs


def refuse_other_servers(query: str, allowed: frozenset[str] = frozenset()) -> None:
    """Raise `BadQuery` where the query asks a server that is not `allowed` (SPARQL 1.1 Federated Query).

    `allowed` holds hosts, each with its port where it is not the usual one. An address must stand in the query in full.

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
            "The query asks another server with SERVICE, which is refused here.",
            "Ask each server by itself, and join what they answer.",
        )
    for address in parsed.services:
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
    if _may_have("LOAD", update) and "LOAD" in parse_query(update).keywords:
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
    parsed = parse_query(update)
    if parsed.keywords & {"USING", "WITH"}:
        raise BadQuery(
            "The update names its graphs with USING or WITH, and so do the parameters of the request.",
            "Name them in one place.",
        )
    using = "".join(
        f"USING {word}{NamedNode(graph)} "
        for word, graphs in (("", scope.default_graphs), ("NAMED ", scope.named_graphs))
        for graph in graphs
    )
    written, copied = [], 0
    for position, before in parsed.wheres:
        if before == "DELETE":
            raise BadQuery(
                "DELETE WHERE has no place for the graphs that the parameters of the request name.",
                "Write DELETE { … } WHERE { … }.",
            )
        written += [update[copied:position], using]
        copied = position
    return "".join(written) + update[copied:]


def is_repeatable(query: str) -> bool:
    """Return whether the query gives the same on the same data: no clock, chance or other server is in it.

    >>> is_repeatable("SELECT (NOW() AS ?now) {}")
    False
    """
    return parse_query(query).is_repeatable


def query_form(query: str) -> str:
    """Return the form of the query, SELECT, ASK, CONSTRUCT or DESCRIBE; nothing where it is none of them.

    >>> query_form("PREFIX select: <http://example.org/> ASK { ?s ?p ?o }")
    'ASK'
    """
    return parse_query(query).form


def is_update(text: str) -> bool:
    """Return whether the text begins like a SPARQL 1.1 Update.

    >>> is_update("PREFIX ex: <http://example.org/> DELETE WHERE { ?s ?p ?o }"), is_update("SELECT (1 AS ?drop) {}")
    (True, False)
    """
    return parse_query(text).is_update


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


def _may_have(keyword: str, text: str) -> bool:
    """Return whether a text need be parsed to know that a keyword is not in it: updates can be very long."""
    return isinstance(text, Query) or keyword in text.upper() or "\\u" in text or "\\U" in text


def _parse(text: str) -> QueryText:
    if looks_up(text):
        # It has no escape, and besides its form no keyword that matters.
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
class _Place:
    """A place that one way to read the text has come to, and the last token before it.

    `certain` is the way on which each `<` that can begin an IRI does.
    """

    position: int
    depth: int
    before: str
    certain: bool


class _Scan:
    """The tokens of a text, read in every way that the engine might read them."""

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
        places = [_Place(0, 0, "", True)]
        while places:
            place = places[0] if len(places) == 1 else min(places, key=lambda place: place.position)
            if place.position >= len(text):
                return
            fork = self._step(place, is_last=len(places) == 1)
            if fork is not None:
                places.append(fork)
            if len(places) > 1:
                places = _distinct(places)
            if len(places) > _MAX_READINGS or place.position == _UNCLEAR:
                self._count_all(text)
                return

    def _step(self, place: _Place, *, is_last: bool) -> _Place | None:
        """Take the next token. Return a second place where it can be read in a second way."""
        text, start = self._text, place.position
        token = _TOKEN.match(text, start)
        if token is None:  # the last alternative matches the empty text
            raise AssertionError(start)
        place.position = end = token.end()
        kind = token.lastgroup
        self.steps += end - start or 1
        if kind == "space":
            return None
        if kind == "comment":
            place.position = self._end_of_line(start)
            return None
        before, place.before = place.before, ""
        if kind == "less":
            return self._less(place, start)
        if kind == "quote":
            self._string(place, start, token[0], is_last=is_last)
        elif kind == "local":
            self._prefixed_name(place, token["run"].upper(), before)
        elif kind == "run" and end > start:
            self._word(place, token[0].upper(), before)
        elif kind == "run":
            place.position += 1
            place.depth += {"{": 1, "}": -1}.get(text[start], 0)
        return None

    def _end_of_line(self, start: int) -> int:
        """Return where the line ends, which is looked for once however many readings have a comment on it."""
        if not self._line[0] <= start <= self._line[1]:
            line = _LINE.match(self._text, start)
            self._line = start, line.end() if line else start
            self.steps += self._line[1] - start
        return self._line[1]

    def _less(self, place: _Place, start: int) -> _Place | None:
        iri = _IRI.match(self._text, start)
        if iri is None:
            raise AssertionError(start)
        self.steps += len(iri[0])
        if not iri["end"]:
            return None
        fork = None if _NO_OPERAND.match(iri["iri"]) else _Place(start + 1, place.depth, "", False)
        place.position = iri.end()
        return fork

    def _string(self, place: _Place, start: int, quote: str, *, is_last: bool) -> None:
        string = _STRINGS[quote].match(self._text, start)
        if string is None:
            raise AssertionError(start)
        self.steps += len(string[0])
        if string["end"]:
            place.position = string.end()
        elif len(quote) == 3 and self._unclosed[quote] <= start:
            # As the engine does: an empty string, and another one behind it.
            self._unclosed[quote] = string.end()
            place.position = start + 2
        elif len(quote) == 3:
            place.position = _UNCLEAR
        elif is_last:
            # The engine refuses the text here. Another one might not: whatever is in there counts.
            self._count_all(string[0])
            place.position = string.end()
        else:
            place.position = len(self._text)

    def _word(self, place: _Place, word: str, before: str) -> None:
        place.before = word
        if place.certain:
            self._begin(word)
            if place.depth == 0 and word.endswith("WHERE"):
                self.wheres.append((place.position - len("WHERE"), word.removesuffix("WHERE") or before))
        for keyword in set(_HEEDED_IN.findall(word)):
            if keyword in _CLAUSES and place.depth > 0:
                continue
            if keyword not in {"SERVICE", "LOAD"}:
                self.keywords.add(keyword)
            elif target := _OTHER_SERVER.match(self._text, place.position):
                self.steps += len(target[0])
                self.keywords.add(keyword)
                if keyword == "SERVICE":
                    self.services.append(target["iri"] or "")

    def _prefixed_name(self, place: _Place, prefix: str, before: str) -> None:
        """Count the keywords that the engine may read at the beginning of a name, such as that of `SERVICEex:b`."""
        if before.endswith("PREFIX"):
            self._prefixes.add(prefix)
            return
        if place.certain and not prefix.startswith("PREFIX"):
            self._begin(prefix)
        is_declared = prefix.lstrip("-.0123456789") in self._prefixes
        for keyword in set(_HEEDED_IN.findall(prefix)):
            if keyword == "SERVICE":
                group = _GROUP.match(self._text, place.position)
                self.steps += len(group[0]) if group else 0
                is_there = not is_declared or (group is not None and not before.endswith("GRAPH"))
            elif keyword == "LOAD":
                is_there = place.depth == 0 and not before
            else:
                is_clause = place.depth == 0 and not before and self.form != "DESCRIBE"
                is_there = is_clause or not (is_declared or (keyword in _CLAUSES and place.depth > 0))
            if is_there:
                self.keywords.add(keyword)
                if keyword == "SERVICE":
                    self.services.append("")

    def _begin(self, word: str) -> None:
        """Take the form of the query, or the first operation of the update, from the first word that has it."""
        if not (self.form or self.operation):
            self.form = next((form for form in _FORMS if word.startswith(form)), "")
            self.operation = next((name for name in _OPERATIONS if word.startswith(name)), "")

    def _count_all(self, text: str) -> None:
        """Count each keyword that is written anywhere in a text."""
        self.steps += len(text)
        written = set(_HEEDED_IN.findall(text.upper()))
        self.keywords |= written
        if "SERVICE" in written:
            self.services.append("")


_UNCLEAR: Final = -1


def _distinct(places: list[_Place]) -> list[_Place]:
    distinct: dict[tuple[int, int, str], _Place] = {}
    for place in places:
        same = distinct.setdefault((place.position, place.depth, place.before), place)
        same.certain = same.certain or place.certain
    return list(distinct.values())


def _readings(text: str) -> list[str]:
    """Return the text as it stands, and, where that differs, with its escapes resolved.

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
