"""The messages of `shapes/plain-messages.ttl` and `shapes/elm-known-errors.ttl`, as records."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from mastery_graph.languages import shacl_pattern
from mastery_graph.resources import folder
from mastery_graph.validation.engine.result import SEVERITY, Severity
from mastery_graph.validation.engine.shapes import Shapes
from mastery_graph.vocabulary import DCTERMS, NS, RDF, SH

FILES: Final = ("plain-messages.ttl", "elm-known-errors.ttl")
"""In `shapes/`; their texts are `sh:message` and `mg:fix`."""

_MGS: Final = "https://w3id.org/mastery-graph/shapes#"


@dataclass(frozen=True, slots=True)
class PlainMessage:
    """A message and a fix, with `{placeholders}`, and the results to which they apply."""

    name: str
    path: str | None
    component: str | None
    detail: str | None
    """The path that a nested shape must lack for the message to apply; None for any."""
    shapes: tuple[str, ...]
    """Parts of the IRIs of the shapes to which it applies; empty for any."""
    until_sealed: bool
    """Whether it applies only to documents that are not sealed yet."""
    severity: Severity | None
    """Overrides the severity of the shape; None keeps it."""
    message: str
    fix: str
    source: str
    """Where an error of the published shapes is documented; "" for a message that is not about one."""


def named_message(name: str) -> PlainMessage:
    """Return a message by its name, such as `said-of-another-type`."""
    return _messages()[_MGS + name]


def message_of_component(component: str) -> PlainMessage | None:
    """Return the message for a constraint component, whatever the path."""
    return next(
        (message for message in _messages().values() if message.component == component and not message.path), None
    )


def messages_of_path(path: str, component: str) -> Iterator[PlainMessage]:
    """Yield the messages for a path and a component, known errors first."""
    messages = [message for message in _messages().values() if message.path == path and message.component == component]
    yield from sorted(messages, key=lambda message: not message.source)


@cache
def _messages() -> dict[str, PlainMessage]:
    shapes = Shapes.of_files(*(folder("shapes") / file for file in FILES))
    return {
        subject.value: _message(shapes, subject.value)
        for subject, predicate, value in shapes.triples
        if predicate.value == RDF.type and value.value in {NS.PlainMessage, NS.KnownShapeError}
    }


def _message(shapes: Shapes, name: str) -> PlainMessage:
    def first_value(predicate: str) -> str | None:
        return next((value.value for value in shapes.values(name, predicate)), None)

    severity = first_value(SH.severity)
    return PlainMessage(
        name=name,
        path=first_value(NS.onPath),
        component=first_value(NS.onComponent),
        detail=first_value(NS.onDetail),
        shapes=tuple(value.value for value in shapes.values(name, NS.inShapes)),
        until_sealed=first_value(NS.untilSealed) == "true",
        severity=SEVERITY.get(severity, "violation") if severity else None,
        message=shacl_pattern(shapes.text(name, SH.message)),
        fix=shacl_pattern(shapes.text(name, NS.fix)),
        source=first_value(DCTERMS.source) or "",
    )
