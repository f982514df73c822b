"""Findings on members of a document that are not read, by this or other software."""

import json
from collections.abc import Iterator
from typing import Final

from mastery_graph.credentials.contexts import CREDENTIALS_1, CREDENTIALS_2
from mastery_graph.credentials.ignored_members import IgnoredMember
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.languages import N_
from mastery_graph.validation.engine import Shapes
from mastery_graph.validation.report import Finding
from mastery_graph.validation.texts import Translator
from mastery_graph.vocabulary import NS

_MGS: Final = "https://w3id.org/mastery-graph/shapes#"
_JSON_LD: Final = "https://www.w3.org/TR/json-ld11/"
_USE_ONE_CONTEXT: Final = N_(
    "Name {first} in place of {second}, and state the date of issuing as “issuanceDate”; of other contexts, keep one "
    "that defines the term."
)
_MAX_CHARS: Final = 80
"""Maximum length of a name or a text in a finding, in characters."""
_ORGANISATION_EXAMPLE: Final = {"type": "Organisation", "legalName": {"en": "Example Institute"}}


def ignored_member_findings(document: SubmittedDocument, shapes: Shapes, translate: Translator) -> Iterator[Finding]:
    """Yield advice on each member that is not read, with the examples of the shapes."""
    if not document.unread:
        return
    fix_examples = [json.loads(f"{{{shapes.text(shape, NS + 'fixExample')}}}") for _, shape in shapes.property_shapes]
    examples: dict[str, object] = {"issuer": _ORGANISATION_EXAMPLE, "awardingBody": _ORGANISATION_EXAMPLE}
    for fix_example in fix_examples:
        for name, value in _examples(fix_example):
            examples.setdefault(name, value)
    for member in document.unread:
        yield _finding(member, examples.get(member.name) if member.kind == "text" else None, translate)


def _examples(example: object) -> Iterator[tuple[str, object]]:
    """Yield the members of an example except `specifiedBy`, which has a different type in each place."""
    for name, value in example.items() if isinstance(example, dict) else ():
        if isinstance(value, dict | list) and name != "specifiedBy":
            yield name, value
        yield from _examples(value)


def _finding(member: IgnoredMember, example: object, translate: Translator) -> Finding:
    check, message, fix = _texts(member)
    name = _shorten(member.name)
    return Finding(
        element=translate(N_("what is not read")),
        severity="warning" if member.kind == "protected" else "info",
        message=translate(message, name=name, value=_shorten(member.text or "")),
        pointer=member.pointer,
        focus_node=name,
        name=name,
        value=None if member.text is None else _shorten(member.text),
        fix=translate(fix, name=name, close=member.close, first=CREDENTIALS_1, second=CREDENTIALS_2),
        example=f'"{member.name}": {json.dumps(example, ensure_ascii=False)}' if example else "",
        rule=_JSON_LD,
        source=_JSON_LD,
        visions=(),
        check=_MGS + check,
    )


def _texts(member: IgnoredMember) -> tuple[str, str, str]:
    """Return the name of the check, the message and the fix."""
    if member.kind == "text":
        return (
            "text-not-read",
            N_("“{value}” is a text: “{name}” asks for an object or an address."),
            N_("Write an object with its type, or the address of one."),
        )
    if member.kind == "language":
        return (
            "languages-not-read",
            N_(
                "Two contexts define “{name}”, and the last counts: by it, “{name}” is one text without a language, "
                "so the texts by language are not read."
            ),
            _USE_ONE_CONTEXT,
        )
    if member.kind == "protected":
        return (
            "protected-term",
            N_(
                "Two contexts define “{name}”, and the first protects its definition: software that conforms to "
                "JSON-LD refuses the whole document. Here “{name}” is read as the last context defines it."
            ),
            _USE_ONE_CONTEXT,
        )
    return (
        "name-not-known",
        N_("The name “{name}” is unknown in this format; its content is not read."),
        N_("Write {close}.")
        if member.close
        else N_("Take a name of the European Learning Model, or a whole address (https://…)."),
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_CHARS else f"{text[:_MAX_CHARS]}…"
