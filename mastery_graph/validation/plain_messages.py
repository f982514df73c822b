"""The words of `shapes/plain-messages.ttl` and `shapes/elm-known-errors.ttl`, as records."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from mastery_graph.resources import folder
from mastery_graph.validation.engine.result import SEVERITY, Severity
from mastery_graph.validation.engine.shapes import Shapes
from mastery_graph.vocabulary import DCTERMS, NS, RDF, SH

FILES: Final = ("plain-messages.ttl", "elm-known-errors.ttl")
"""In `shapes/`; their texts are `sh:message` and `mg:fix`."""

_MGS: Final = "https://w3id.org/mastery-graph/shapes#"


@dataclass(frozen=True, slots=True)
class PlainMessage:
    """A message and how to mend it, with `{?blanks}`, and the results that it is for."""

    name: str
    path: str | None
    component: str | None
    detail: str | None
    """The path of what a nested shape lacks, where the message is for that alone."""
    shapes: tuple[str, ...]
    """The beginnings of the IRIs of the shapes that it is for; empty for any."""
    until_sealed: bool
    """Whether it is for documents that are not sealed yet, alone."""
    severity: Severity | None
    """In place of that of the shape; None keeps it."""
    message: str
    fix: str
    source: str
    """Where an error of the published shapes is told of; "" for a message that speaks of none."""


def named_message(name: str) -> PlainMessage:
    """Return a message by its name, such as `said-of-another-type`."""
    return _messages()[_MGS + name]


def message_of_component(component: str) -> PlainMessage | None:
    """Return the message for a constraint component, whatever the path."""
    return next((each for each in _messages().values() if each.component == component and not each.path), None)


def messages_of_path(path: str, component: str) -> Iterator[PlainMessage]:
    """Yield the messages for a path and a component, known errors first."""
    found = [each for each in _messages().values() if each.path == path and each.component == component]
    yield from sorted(found, key=lambda each: not each.source)


@cache
def _messages() -> dict[str, PlainMessage]:
    said = Shapes.of_files(*(folder("shapes") / file for file in FILES))
    return {
        subject.value: _message(said, subject.value)
        for subject, predicate, value in said.statements
        if predicate.value == RDF + "type" and value.value in {NS + "PlainMessage", NS + "KnownShapeError"}
    }


def _message(said: Shapes, name: str) -> PlainMessage:
    def one(predicate: str) -> str | None:
        return next((value.value for value in said.values(name, predicate)), None)

    severity = one(SH + "severity")
    return PlainMessage(
        name=name,
        path=one(NS + "onPath"),
        component=one(NS + "onComponent"),
        detail=one(NS + "onDetail"),
        shapes=tuple(value.value for value in said.values(name, NS + "inShapes")),
        until_sealed=one(NS + "untilSealed") == "true",
        severity=SEVERITY.get(severity, "violation") if severity else None,
        message=said.text(name, SH + "message"),
        fix=said.text(name, NS + "fix"),
        source=one(DCTERMS + "source") or "",
    )
