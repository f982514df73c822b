"""The named queries: each a file in `queries/` with a header that says what it asks, takes and gives.

A parameter is an inline data block, `VALUES ?level { UNDEF }` (SPARQL 1.1 Query, section 10): the file runs as it
stands, for all values; binding puts RDF terms into the block, as data. A value is never part of the query's text, and
no value can change the query's shape. A block that stays open is left out, which does not change the solutions: joining
with UNDEF is joining with nothing. Virtuoso loses solutions over such a block, and takes longer.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from mastery_graph.errors import BadParameter, UnknownQuery
from mastery_graph.rdf import Bindings, Term
from mastery_graph.resources import folder
from mastery_graph.vocabulary import XSD

_BLOCK = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")
_OPEN_BLOCK = re.compile(
    r"""
    (?P<kept>
        \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}
      | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      | "(?:[^"\\\n\r]|\\.)*"
      | '(?:[^'\\\n\r]|\\.)*'
      | <[^<>"{}|^`\\\x00-\x20]*>
      | \\.
      )
    | (?P<comment>\#[^\n\r]*)
    | \bVALUES\s*[?$]\w+\s*\{\s*UNDEF\s*\}(?:\s*\.)?
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COMPLETE = ("", "{", "}", ".")
_ESCAPE = re.compile(r"\\\\([uU])|\\.", re.DOTALL)
_ENTRY = re.compile(r"\?(\w+)\s{2,}(.*)")
_SECTIONS = ("Parameters", "Columns", "Cost")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query: its kind (`iri`, `string`, `integer`, `date`), an example, what it means."""

    name: str
    kind: str
    example: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a query's result and what it means."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query that can be listed, cited and run by its name, such as `equivalence/comparable-levels`."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    cost: str
    text: str


@cache
def named_query(name: str) -> NamedQuery:
    """Return the query of this name.

    Raises `UnknownQuery` where there is none.

    >>> named_query("browse/dataset").question
    'Which dataset is this: its title, version, build date, content hash and licence?'
    """
    found = next((query for query in named_queries() if query.name == name), None)
    if found is None:
        raise UnknownQuery(f"There is no named query {name!r}.", "See GET /v1/queries for the list.")
    return found


@cache
def named_queries() -> tuple[NamedQuery, ...]:
    """Return all named queries, ordered by name."""
    root = folder("queries")
    return tuple(_read(path, root) for path in sorted(root.rglob("*.rq")))


def bind(query: str, bindings: Bindings) -> str:
    """Return the query with its parameters bound: the terms of `bindings` in the query's inline data blocks.

    The block of a parameter that `bindings` leaves out is removed. Raises `BadParameter` for a name that the query has
    no block for, and for blank nodes, which cannot be named across queries.

    >>> bind("SELECT * WHERE { VALUES ?s { UNDEF } ?s ?p ?o }", {"s": NamedNode("http://example.org/a")})
    'SELECT * WHERE { VALUES ?s { <http://example.org/a> } ?s ?p ?o }'
    >>> bind("SELECT * WHERE { VALUES ?s { UNDEF } ?s ?p ?o }", {})
    'SELECT * WHERE {  ?s ?p ?o }'
    """
    unknown = set(bindings) - set(_BLOCK.findall(query))
    if unknown:
        raise BadParameter(f"The query has no parameter {', '.join(sorted(unknown))}.")

    def block(match: re.Match[str]) -> str:
        terms = bindings.get(match[1])
        if terms is None:
            return match[0]
        several = terms if isinstance(terms, Sequence) else (terms,)
        return f"VALUES ?{match[1]} {{ {' '.join(_data(term) for term in several)} }}"

    return without_open_blocks(_BLOCK.sub(block, query) if bindings else query)


def without_open_blocks(query: str) -> str:
    """Return a query without its inline data blocks of one variable that hold nothing but UNDEF.

    What stands in a string, an IRI or a comment is left as it is.

    >>> without_open_blocks("SELECT * { VALUES ?s { UNDEF } ?s ?p 'VALUES ?s { UNDEF }' }")
    "SELECT * {  ?s ?p 'VALUES ?s { UNDEF }' }"
    """
    if "UNDEF" not in query.upper():
        return query
    written: list[str] = []
    before, position = "", 0
    for match in _OPEN_BLOCK.finditer(query):
        between = query[position : match.start()]
        written.append(between)
        before = between.strip()[-1:] or before
        if match["kept"] is not None:
            written.append(match[0])
            before = match[0][-1:]
        elif match["comment"] is not None:
            written.append(match[0])
        elif before not in _COMPLETE and query[match.end() :].strip():
            written.append(".")  # which the block stood for: triples before it need not end with one
            before = "."
        position = match.end()
    return "".join([*written, query[position:]])


def bind_text(query: NamedQuery, given: Iterable[tuple[str, str]]) -> str:
    """Return a named query with its parameters bound to what a person wrote: names and values, a name several times.

    Raises `BadParameter` for a name that it does not have, or a value that is not of the parameter's kind.
    """
    kinds = {parameter.name: parameter.kind for parameter in query.parameters}
    bindings: dict[str, list[Term]] = {}
    for name, value in given:
        if name not in kinds:
            takes = f"It takes: {', '.join(kinds)}." if kinds else "It takes none."
            raise BadParameter(f"The query {query.name} has no parameter {name!r}.", takes)
        bindings.setdefault(name, []).append(term(kinds[name], value))
    return bind(query.text, bindings)


def term(kind: str, value: str) -> Term:
    """Return the term that a parameter of this kind takes for a text given by a person.

    Raises `BadParameter` where the text is not of that kind.

    >>> term("integer", "5")
    <Literal value=5 datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#integer>>
    """
    try:
        if kind == "iri":
            return NamedNode(value)
        if kind == "integer":
            return Literal(str(int(value)), datatype=NamedNode(XSD + "integer"))
        if kind == "date":
            date.fromisoformat(value)
            return Literal(value, datatype=NamedNode(XSD + "date"))
        return Literal(value)
    except ValueError:
        raise BadParameter(f"{value[:100]!r} is not a value of the kind {kind}.") from None


def _data(value: Term) -> str:
    """Return a term as the inline data of a query."""
    if not isinstance(value, NamedNode | Literal):
        raise BadParameter("A blank node cannot be the value of a query's parameter.")
    return _ESCAPE.sub(_apart, str(value))


def _apart(escape: re.Match[str]) -> str:
    r"""Return an escaped backslash so that it forms no codepoint escape with a following `u`.

    Some engines replace codepoint escapes before they parse (SPARQL 1.1 Query, section 19.2), and would take the
    second half of `\\u0022` for one.
    """
    return rf"\\\U{ord(escape[1]):08X}" if escape[1] else escape[0]


def _read(path: Path, root: Path) -> NamedQuery:
    text = path.read_text(encoding="utf-8")
    sections: dict[str, list[str]] = {"": []}
    current = ""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        content = line.removeprefix("#").rstrip()
        if content.strip() in _SECTIONS:
            current = content.strip()
            sections[current] = []
        elif content.strip():
            sections[current].append(content.strip())
    entries = {
        section: [match.groups() for line in sections.get(section, []) if (match := _ENTRY.fullmatch(line))]
        for section in ("Parameters", "Columns")
    }
    return NamedQuery(
        name=path.relative_to(root).with_suffix("").as_posix(),
        question=" ".join(sections[""]),
        parameters=tuple(
            Parameter(name, *(part.strip() for part in re.split(r"\s{2,}", rest, maxsplit=2)))
            for name, rest in entries["Parameters"]
        ),
        columns=tuple(Column(name, rest.strip()) for name, rest in entries["Columns"]),
        cost=" ".join(sections.get("Cost", [])),
        text=text,
    )
