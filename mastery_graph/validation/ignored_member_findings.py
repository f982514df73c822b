"""Findings on what a document contains and is not read, here or by other software."""

import json
from collections.abc import Iterator
from typing import Final

from mastery_graph.credentials.contexts import CREDENTIALS_1, CREDENTIALS_2
from mastery_graph.credentials.ignored_members import IgnoredMember
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.validation.engine import Shapes
from mastery_graph.validation.report import Finding
from mastery_graph.validation.texts import Translator, said
from mastery_graph.vocabulary import NS

_CHECK: Final = "https://w3id.org/mastery-graph/shapes#"
_JSON_LD: Final = "https://www.w3.org/TR/json-ld11/"
_ONE_MODEL: Final = said(
    "Name {?first} in place of {?second}, and state the date of issuing as “issuanceDate”; of other contexts, keep one "
    "that defines the term."
)
_LONGEST: Final = 80
"""Characters of a name or a text that are shown."""
_BODY: Final = {"type": "Organisation", "legalName": {"en": "Example Institute"}}


def findings_of_unread(document: SubmittedDocument, shapes: Shapes, told: Translator) -> Iterator[Finding]:
    """Yield advice on each member that is not read; the examples are those of the shapes."""
    if not document.unread:
        return
    pieces = [json.loads(f"{{{shapes.text(shape, NS + 'fixExample')}}}") for _, shape in shapes.property_shapes]
    examples: dict[str, object] = {"issuer": _BODY, "awardingBody": _BODY}
    for piece in pieces:
        for name, value in _examples(piece):
            examples.setdefault(name, value)
    for one in document.unread:
        yield _finding(one, examples.get(one.name) if one.kind == "text" else None, told)


def _examples(piece: object) -> Iterator[tuple[str, object]]:
    """Yield the members of an example, but for `specifiedBy`, which is another thing in each place."""
    for name, value in piece.items() if isinstance(piece, dict) else ():
        if isinstance(value, dict | list) and name != "specifiedBy":
            yield name, value
        yield from _examples(value)


def _finding(one: IgnoredMember, example: object, told: Translator) -> Finding:
    check, message, fix = _words(one)
    name = _short(one.name)
    return Finding(
        element=told(said("what is not read")),
        severity="warning" if one.kind == "protected" else "info",
        message=told(message, name=name, value=_short(one.text or "")),
        pointer=one.pointer,
        focus_node=name,
        name=name,
        value=None if one.text is None else _short(one.text),
        fix=told(fix, name=name, close=one.close, first=CREDENTIALS_1, second=CREDENTIALS_2),
        example=f'"{one.name}": {json.dumps(example, ensure_ascii=False)}' if example else "",
        rule=_JSON_LD,
        source=_JSON_LD,
        visions=(),
        check=_CHECK + check,
    )


def _words(one: IgnoredMember) -> tuple[str, str, str]:
    """Return the check, the message and what to do."""
    if one.kind == "text":
        return (
            "text-not-read",
            said("“{?value}” is a text: “{?name}” asks for an object or an address."),
            said("Write an object with its type, or the address of one."),
        )
    if one.kind == "language":
        return (
            "languages-not-read",
            said(
                "Two contexts define “{?name}”, and the last counts: by it, “{?name}” is one text without a language, "
                "so the texts by language are not read."
            ),
            _ONE_MODEL,
        )
    if one.kind == "protected":
        return (
            "protected-term",
            said(
                "Two contexts define “{?name}”, and the first protects its definition: software that conforms to "
                "JSON-LD refuses the whole document. Here “{?name}” is read as the last context defines it."
            ),
            _ONE_MODEL,
        )
    return (
        "name-not-known",
        said("The name “{?name}” is not known in this format, and what it holds is not read."),
        said("Write {?close}.")
        if one.close
        else said("Take a name of the European Learning Model, or a whole address (https://…)."),
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
