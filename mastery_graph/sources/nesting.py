"""Limits on how deeply a text is nested, checked before it is parsed: parsers that recurse crash on deep input."""

import re
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from mastery_graph.errors import BadQuery, DocumentTooDeep
from mastery_graph.languages import Message

MAX_DEPTH: Final = 100
"""Levels of nesting."""

_STRINGS: Final = "|".join(
    (
        r'"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?+',
        r"'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?+",
        r'"(?:[^"\\\n\r]|\\.)*+"?+',
        r"'(?:[^'\\\n\r]|\\.)*+'?+",
    )
)
"""A string that is not closed ends with the text or the line: each is scanned once."""
_IRI: Final = r"<[^<>\"{}|^`\x00-\x20]*+>"
_TOKEN: Final = re.compile(
    rf"(?P<text>{_STRINGS}|\#[^\n\r]*+)|(?P<iri>{_IRI})|\\.|(?P<open>[\[({{]|<<)|(?P<close>[\])}}]|>>)"
    r"|(?P<prefix>[!^+\-](?:[ \t\r\n]*+[!^+\-])*+)",
    re.DOTALL,
)
"""Strings and comments, IRIs, brackets, and long runs of operators before a value."""


def refuse_deep_turtle(text: str) -> None:
    """Raise `DocumentTooDeep` if Turtle or N-Triples is nested too deeply."""
    if text.count("[") + text.count("(") + text.count("<<") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise _too_deep()


def refuse_deep_xml(text: str) -> None:
    """Raise `DocumentTooDeep` if XML is nested too deeply. Entities must have been refused before."""
    parser, depth = ParserCreate(), 0

    def start(_: str, __: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(text, True)
    except ExpatError:
        return  # the parser of the document reports it, with its reason


def refuse_deep_query(text: str) -> None:
    """Raise `BadQuery` if a SPARQL text is nested too deeply.

    What may be an IRI or an expression with "less than" counts in both readings.

    >>> refuse_deep_query("ASK { FILTER(1 IN (1, (2))) }")
    """
    if len(text) > MAX_DEPTH and _depth(text, is_query=True) > MAX_DEPTH:
        raise BadQuery(
            Message("The text is nested more than {most} levels deep.", most=MAX_DEPTH),
            Message("Write it with fewer brackets."),
        )


def _depth(text: str, *, is_query: bool = False) -> int:
    """Return the depth of the brackets outside strings and comments; over `MAX_DEPTH` it is not counted on."""
    depth = deepest = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "iri" and is_query:
            depth += max(sum(match[0].count(bracket) for bracket in "[(") - sum(map(match[0].count, "])")), 0)
            deepest = max(deepest, match[0].count("("), match[0].count("["))
        elif kind == "prefix" and is_query:
            deepest = max(deepest, sum(map(match[0].count, "!^+-")))
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            break
    return deepest


def _too_deep() -> DocumentTooDeep:
    return DocumentTooDeep(Message("The document is nested more than {most} levels deep.", most=MAX_DEPTH))
