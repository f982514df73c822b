"""The interface of a format: how it is recognised and read, and how examples and descriptions are written in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

from pyoxigraph import Triple

from mastery_graph.credentials.ignored_members import IgnoredMember
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.pointers import DocumentPositions


@dataclass(frozen=True)
class Reading:
    """The triples of a document in the terms of ELM, with their positions in the document."""

    triples: tuple[Triple, ...]
    pointers: dict[str, str] = field(default_factory=dict)
    """The JSON pointer of each node by its IRI."""
    notes: tuple[Note, ...] = ()
    """The parts that were converted partially or not at all."""
    places: DocumentPositions = field(default_factory=DocumentPositions)
    """The positions of members and values; empty for a format that is converted."""
    unread: tuple[IgnoredMember, ...] = ()
    """The members that are not read."""
    left_out: tuple[str, ...] = ()
    """The JSON pointers of the members that the contexts of the document do not define."""

    def relocate(self, origin: Callable[[str], str]) -> "Reading":
        """Return the reading with each pointer replaced by its origin, where the document was taken out of another."""
        places = self.places
        return Reading(
            self.triples,
            {node: origin(pointer) for node, pointer in self.pointers.items()},
            tuple(note if note.pointer is None else replace(note, pointer=origin(note.pointer)) for note in self.notes),
            DocumentPositions(
                {key: origin(pointer) for key, pointer in places.members.items()},
                {key: origin(pointer) for key, pointer in places.values.items()},
                {origin(pointer) for pointer in places.described},
                places.lines,
            ),
            tuple(replace(member, pointer=origin(member.pointer)) for member in self.unread),
            tuple(map(origin, self.left_out)),
        )


class ExamplePlace(NamedTuple):
    """Where an example is to be added: the position in the document, and the node that it is about."""

    media_type: str
    pointer: str | None = None
    """The JSON pointer; None for a document that is not JSON."""
    is_object: bool = False
    """Whether the value at the pointer is an object; any other value is replaced."""
    node: str | None = None
    """The IRI of the node, where the document gives it one."""


class Format(Protocol):
    """A data model in which credentials are described."""

    @property
    def name(self) -> str:
        """The name of the format, such as `open-badges`."""

    def detects(self, document: Mapping[str, Any]) -> bool:
        """Return whether a JSON object is in this format."""

    def read(self, document: Mapping[str, Any], base: str) -> Reading:
        """Read a JSON object; `base` is the IRI of the document, the prefix of generated ids. Raises `BadDocument`."""

    def example(self, example: str, place: ExamplePlace) -> str:
        """Return an example of the shapes (a fragment of ELM) as it is written in this format; "" if it has none."""

    def has_counterpart(self, example: str) -> bool:
        """Return whether the format can express an example of the shapes."""


@runtime_checkable
class WritableFormat(Format, Protocol):
    """A format that descriptions are converted to."""

    @property
    def target(self) -> str:
        """The name of the format as the target of a conversion, such as `openbadge`."""

    @property
    def needs_labels(self) -> bool:
        """Whether national levels are written with a label, which is looked up where a description has none."""

    def write(
        self, triples: Iterable[Triple], roots: Sequence[str], pointers: Mapping[str, str]
    ) -> tuple[dict[str, Any], list[Note]]:
        """Return the descriptions `roots` in this format, unsigned, and what it cannot express."""


def without_contexts(value: Any) -> Any:
    """Return a value of JSON without the contexts in it."""
    if isinstance(value, dict):
        return {key: without_contexts(item) for key, item in value.items() if key != "@context"}
    return [without_contexts(item) for item in value] if isinstance(value, list) else value
