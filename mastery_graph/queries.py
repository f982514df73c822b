"""The named queries: files in `queries/` with a header that documents their question, parameters and columns.

A parameter is an inline data block, `VALUES ?level { UNDEF }` (SPARQL 1.1 Query, section 10): the file runs without
changes, for all values; binding puts RDF terms into the block, as data. So no value can change the structure of the
query. A block that stays unbound is removed, which does not change the solutions, since a join with UNDEF has no
effect. Virtuoso loses solutions with such a block, and takes longer.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from mastery_graph.errors import AdvisedAction, BadParameter, UnknownQuery
from mastery_graph.languages import Message
from mastery_graph.rdf import Bindings, Term
from mastery_graph.resources import folder
from mastery_graph.vocabulary import XSD

_BLOCK = re.compile(r"VALUES \?(\w+) \{ UNDEF \}")
_OPEN_BLOCK = re.compile(
    r"""
    (?P<opaque>
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
_TRIPLE_ENDS = ("", "{", "}", ".")
_ESCAPE = re.compile(r"\\\\([uU])|\\.", re.DOTALL)
_ENTRY = re.compile(r"\?(\w+)\s{2,}(.*)")
_SECTIONS = ("Parameters", "Columns", "Cost")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query: its kind (`iri`, `string`, `integer`, `date`), an example, its meaning."""

    name: str
    kind: str
    example: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a query's result and its meaning."""

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
    """Return the query with this name.

    Raises `UnknownQuery` if there is none.

    >>> named_query("browse/dataset").question
    'Which dataset is this: its title, version, build date, content hash and licence?'
    """
    query = next((candidate for candidate in named_queries() if candidate.name == name), None)
    if query is None:
        raise UnknownQuery(
            Message("There is no named query {name}.", name=repr(name)), action=AdvisedAction.LIST_QUERIES
        )
    return query


@cache
def named_queries() -> tuple[NamedQuery, ...]:
    """Return all named queries, ordered by name."""
    root = folder("queries")
    return tuple(_read(path, root) for path in sorted(root.rglob("*.rq")))


def bind(query: str, bindings: Bindings) -> str:
    """Return the query with its parameters bound: the terms of `bindings` in the query's inline data blocks.

    The block of a parameter that is not in `bindings` is removed. Raises `BadParameter` for a name without a block in
    the query, and for blank nodes, which cannot be named across queries.

    >>> bind("SELECT * WHERE { VALUES ?s { UNDEF } ?s ?p ?o }", {"s": NamedNode("http://example.org/a")})
    'SELECT * WHERE { VALUES ?s { <http://example.org/a> } ?s ?p ?o }'
    >>> bind("SELECT * WHERE { VALUES ?s { UNDEF } ?s ?p ?o }", {})
    'SELECT * WHERE {  ?s ?p ?o }'
    """
    unknown = set(bindings) - set(_BLOCK.findall(query))
    if unknown:
        raise BadParameter(Message("The query has no parameter {names}.", names=", ".join(sorted(unknown))))

    def block(match: re.Match[str]) -> str:
        terms = bindings.get(match[1])
        if terms is None:
            return match[0]
        values = terms if isinstance(terms, Sequence) else (terms,)
        return f"VALUES ?{match[1]} {{ {' '.join(_inline_data(term) for term in values)} }}"

    return without_open_blocks(_BLOCK.sub(block, query) if bindings else query)


def without_open_blocks(query: str) -> str:
    """Return a query without its inline data blocks of one variable that contain only UNDEF.

    Strings, IRIs and comments are left unchanged.

    >>> without_open_blocks("SELECT * { VALUES ?s { UNDEF } ?s ?p 'VALUES ?s { UNDEF }' }")
    "SELECT * {  ?s ?p 'VALUES ?s { UNDEF }' }"
    """
    if "UNDEF" not in query.upper():
        return query
    parts: list[str] = []
    last_character, position = "", 0
    for match in _OPEN_BLOCK.finditer(query):
        between = query[position : match.start()]
        parts.append(between)
        last_character = between.strip()[-1:] or last_character
        if match["opaque"] is not None:
            parts.append(match[0])
            last_character = match[0][-1:]
        elif match["comment"] is not None:
            parts.append(match[0])
        elif last_character not in _TRIPLE_ENDS and query[match.end() :].strip():
            parts.append(".")  # instead of the block: triples before it need not end with one
            last_character = "."
        position = match.end()
    return "".join([*parts, query[position:]])


def bind_text(query: NamedQuery, values: Iterable[tuple[str, str]]) -> str:
    """Return a named query with its parameters bound to texts: pairs of name and value; names may be repeated.

    Raises `BadParameter` for an unknown name, or a value that is not of the parameter's kind.
    """
    kinds = {parameter.name: parameter.kind for parameter in query.parameters}
    bindings: dict[str, list[Term]] = {}
    for name, value in values:
        if name not in kinds:
            advice = (
                Message("Its parameters: {names}.", names=", ".join(kinds))
                if kinds
                else Message("It has no parameters.")
            )
            raise BadParameter(
                Message("The query {name} has no parameter {parameter}.", name=query.name, parameter=repr(name)), advice
            )
        bindings.setdefault(name, []).append(term(kinds[name], value))
    return bind(query.text, bindings)


def term(kind: str, value: str) -> Term:
    """Return the term for a text, for a parameter of this kind.

    Raises `BadParameter` if the text is not of that kind.

    >>> term("integer", "5")
    <Literal value=5 datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#integer>>
    """
    try:
        if kind == "iri":
            return NamedNode(value)
        if kind == "integer":
            return Literal(str(int(value)), datatype=NamedNode(XSD.integer))
        if kind == "date":
            date.fromisoformat(value)
            return Literal(value, datatype=NamedNode(XSD.date))
        return Literal(value)
    except ValueError:
        raise BadParameter(
            Message("{value} is not a value of the kind {kind}.", value=repr(value[:100]), kind=kind)
        ) from None


def _inline_data(value: Term) -> str:
    """Return a term as the inline data of a query."""
    if not isinstance(value, NamedNode | Literal):
        raise BadParameter(Message("A blank node cannot be the value of a query's parameter."))
    return _ESCAPE.sub(_separate_escape, str(value))


def _separate_escape(escape: re.Match[str]) -> str:
    r"""Return an escaped backslash so that it forms no codepoint escape with a following `u`.

    Some engines replace codepoint escapes before they parse (SPARQL 1.1 Query, section 19.2), and would interpret the
    second half of `\\u0022` as one.
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
