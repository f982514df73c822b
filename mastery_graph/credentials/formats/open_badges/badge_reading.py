"""The reading side of the conversion: objects of a badge, and the nodes of ELM made from them."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mastery_graph.credentials.formats.open_badges.terms import UNDETERMINED
from mastery_graph.credentials.note import Note
from mastery_graph.languages import Message

Node = dict[str, Any]
"""A JSON object."""


class BadgeObject:
    """An object of the badge. Members that are not read by the end have no counterpart in ELM."""

    def __init__(self, value: Node, converter: "BadgeReading") -> None:
        self.value = value
        self.iri = str(value.get("@id", value.get("id")))
        self.converter = converter
        self.read_keys = {"id", "@id", "type", "@type", "@context"}

    def get(self, key: str) -> Any:
        """Return the value of a member, and mark it as read."""
        self.read_keys.add(key)
        return self.value.get(key)

    def text(self, key: str) -> str | None:
        """Return a text; for any other value, add a note and return None."""
        value = self.get(key)
        if isinstance(value, str) and value:
            return value
        if value not in (None, ""):
            self.note(key, Message("{key} is not a text, and is left out.", key=key))
        return None

    def number(self, key: str) -> float | None:
        """Return a number; for any other value, add a note and return None."""
        value = self.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if value is not None:
            self.note(key, Message("{key} is not a number, and is left out.", key=key))
        return None

    def objects(self, key: str) -> Iterator["BadgeObject"]:
        """Yield the objects of a property; an IRI is an object with only an id."""
        for value in as_list(self.get(key)):
            if isinstance(value, str) and value:
                yield BadgeObject({"id": value}, self.converter)
            elif isinstance(value, dict):
                yield BadgeObject(value, self.converter)
            elif value not in (None, ""):
                self.note(key, Message("{key} is not an object, and is left out.", key=key))

    def note(self, key: str, message: str) -> None:
        """Add a note on a member."""
        pointer = self.converter.pointers.get(self.iri)
        place = None if pointer is None else f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        self.converter.notes.append(Note(place, key, message))

    def note_unread(self) -> None:
        """Add a note for each member that was not read."""
        for key in self.value:
            if key not in self.read_keys:
                self.note(key, Message("{key} has no counterpart in ELM, and is left out.", key=key))


class BadgeReading:
    """The state of a conversion from a badge: positions, notes, and the language of its texts."""

    def __init__(self, pointers: dict[str, str], base: str, *, has_names: bool = False) -> None:
        self.has_names = has_names
        """Whether any object may have a `name`, as in Verifiable Credentials 2.0."""
        self.pointers = pointers
        self.base = base
        self.notes: list[Note] = []
        self.language = UNDETERMINED

    def language_map(self, text: str | None) -> dict[str, str] | None:
        """Return a text as a language map."""
        return {self.language: text} if text else None

    def new_node(self, source: BadgeObject, name: str, kind: str, **properties: Any) -> Node:
        """Return a new node for members of a badge object; its id maps to the position of that object."""
        pointer = self.pointers.get(source.iri)
        if pointer is None:
            return node_of(f"{source.iri}~{name}", kind, **properties)
        iri = f"{self.base}#{quote(pointer, safe='/')}~{name}"
        self.pointers[iri] = pointer
        return node_of(iri, kind, **properties)

    def concept(self, source: BadgeObject, iri: str | None, label: dict[str, str] | None = None) -> Any:
        """Return a concept of a published vocabulary that the object refers to."""
        return None if iri is None else self.node_for(source, iri, "Concept", prefLabel=label)

    def node_for(self, source: BadgeObject, iri: str, kind: str, **properties: Any) -> Node:
        """Return a node for an IRI that is a value in the badge."""
        if source.iri in self.pointers:
            self.pointers.setdefault(iri, self.pointers[source.iri])
        return node_of(iri, kind, **properties)


def node_of(iri: str, kind: str | list[str], **properties: Any) -> Node:
    """Return a node of ELM, without the properties that have no value."""
    members = {key: value for key, value in properties.items() if value is not None and value not in ([], {})}
    return {"id": iri, "type": kind, **members}


def lookup_prefix(table: Mapping[str, str], iri: str) -> str | None:
    """Return the value of the first prefix in a table with which an IRI begins, or None."""
    return next((value for prefix, value in table.items() if iri.startswith(prefix)), None)


def as_list(value: Any) -> list[Any]:
    """Return a value of JSON as a list: a single value is a list of one, and null an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]
