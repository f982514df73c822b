"""The way back from a graph to the document that it was read from: JSON pointers (RFC 6901), or lines of a text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from mastery_graph.vocabulary import RDF


@dataclass(frozen=True)
class DocumentPositions:
    """Where in a document the members and values of its nodes stand, or the lines of its subjects."""

    members: dict[tuple[str, str], str] = field(default_factory=dict)
    """From a node and a property to the pointer of the member."""
    values: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """From a node, a property and a value (its text or IRI) to the pointer of the value, within its array if any."""
    described: set[str] = field(default_factory=set)
    """The pointers of the objects that say more than their id."""
    lines: dict[str, int] = field(default_factory=dict)
    """From the IRI of a subject to the first line that begins with it; for a document that is not JSON."""


def add_ids(document: object, texts: frozenset[str], base: str) -> tuple[object, dict[str, str]]:
    """Return the document with an id for every object, and the pointer of each id.

    An object without an id gets one made from its pointer and `base`, the IRI of the document, so that the objects of
    two documents are never taken for one; so does one with the label of a blank node (`_:b0`), from that label,
    wherever it is named. Of several objects with one id, the one that says most has the pointer.
    `texts` are the names whose values are no objects of their own, such as maps from a language to a text.
    """
    pointers: dict[str, str] = {}
    sizes: dict[str, int] = {}
    made = {label: f"{base}#{quote(label, safe=':')}" for label in _labels(document)}

    def walk(value: object, pointer: str) -> object:
        if isinstance(value, str):
            return made.get(value, value)
        if isinstance(value, list):
            return [walk(item, f"{pointer}/{place}") for place, item in enumerate(value)]
        if not isinstance(value, dict) or "@value" in value:
            return value
        if "@list" in value or "@set" in value:
            return {key: walk(item, f"{pointer}/{escape_step(key)}") for key, item in value.items()}
        named = _name(value)
        iri = made.get(named, named) if named else f"{base}#{quote(pointer, safe='/')}"
        if len(value) > sizes.get(iri, -1):
            sizes[iri] = len(value)
            pointers[iri] = pointer
        identified = dict(value) if named else {"@id": iri, **value}
        return {
            key: item if key == "@context" or key in texts else walk(item, f"{pointer}/{escape_step(key)}")
            for key, item in identified.items()
        }

    return walk(document, ""), pointers


def positions_of(document: object, properties: Mapping[str, str]) -> DocumentPositions:
    """Return where the members and values of a document stand whose objects all have ids.

    `properties` gives the IRI of each term (see `properties_of`).
    """
    places = DocumentPositions()

    def walk(value: object, pointer: str) -> None:
        if isinstance(value, list):
            for place, item in enumerate(value):
                walk(item, f"{pointer}/{place}")
        elif isinstance(value, dict):
            iri = _name(value)
            if len(value) > 1:
                places.described.add(pointer)
            for key, item in value.items():
                at = f"{pointer}/{escape_step(key)}"
                if iri:
                    predicate = expand_term(key, properties)
                    _note(places, iri, RDF + "type" if predicate == "@type" else predicate, at, item)
                walk(item, at)

    walk(document, "")
    return places


def properties_of(context: object) -> dict[str, str]:
    """Return the IRI that each term of a resolved context stands for; the outermost definition of a term counts."""
    found: dict[str, str] = {}
    for definitions in levels(context):
        for term, definition in definitions.items():
            name = definition.get("@id") if isinstance(definition, dict) else definition
            if not term.startswith("@") and isinstance(name, str):
                found.setdefault(term, name)
    return {term: expand_term(name, found) for term, name in found.items()}


def expand_term(name: str, properties: Mapping[str, str]) -> str:
    """Return the IRI of a term or a compact IRI; the name itself where it is neither.

    >>> expanded("elm:mode", {"elm": "http://data.europa.eu/snb/model/elm/"})
    'http://data.europa.eu/snb/model/elm/mode'
    """
    if name in properties and properties[name] != name:
        return expand_term(properties[name], properties)
    prefix, colon, local = name.partition(":")
    return properties[prefix] + local if colon and prefix in properties and not local.startswith("//") else name


def subject_lines(text: str, media_type: str) -> dict[str, int]:
    """Return the line at which each subject of a Turtle, N-Triples or RDF/XML text is first told of."""
    found: dict[str, int] = {}
    for number, iri in _abouts(text) if media_type == "application/rdf+xml" else _subjects(text):
        found.setdefault(iri, number)
    return found


def _note(places: DocumentPositions, iri: str, predicate: str, pointer: str, item: object) -> None:
    places.members.setdefault((iri, predicate), pointer)
    for place, one in enumerate(item) if isinstance(item, list) else [(None, item)]:
        at = pointer if place is None else f"{pointer}/{place}"
        if isinstance(one, dict) and not _name(one) and "@value" not in one:  # texts by language, or a list
            for key, inner in one.items():
                _note(places, iri, predicate, f"{at}/{escape_step(key)}", inner)
            continue
        text = _name(one) or one.get("@value") if isinstance(one, dict) else one
        if isinstance(text, str | int | float) and not isinstance(text, bool):
            places.values.setdefault((iri, predicate, str(text)), at)


def levels(context: object) -> Iterator[Mapping[str, object]]:
    """Yield the definitions of a resolved context, the outermost first; of several at one level, the last one first."""
    level = _parts(context)
    while level:
        yield from level
        level = [
            part
            for definitions in level
            for definition in definitions.values()
            if isinstance(definition, dict) and "@context" in definition
            for part in _parts(definition["@context"])
        ]


def _parts(context: object) -> list[Mapping[str, object]]:
    """Return the definitions of a context, those that are written last first: they replace the others."""
    parts = context if isinstance(context, list) else [context]
    return [part for part in reversed(parts) if isinstance(part, dict)]


_PREFIX = re.compile(r"^\s*@?prefix\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE)
_SUBJECT = re.compile(r"^\s*(?:<([^>\s]+)>|([\w.-]*):([\w./-]+))(?=\s|$)")
_ABOUT = re.compile(r"""rdf:(?:about|ID)\s*=\s*["']([^"']+)["']""")


def _subjects(text: str) -> Iterator[tuple[int, str]]:
    prefixes: dict[str, str] = {}
    begins = True
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _PREFIX.match(line):
            prefixes[match[1]] = match[2]
        elif begins and (match := _SUBJECT.match(line)) and (match[1] or match[2] in prefixes):
            yield number, match[1] or prefixes[match[2]] + match[3]
        bare = line.partition(" #")[0].rstrip()
        begins = bare.endswith(".") if bare and not bare.lstrip().startswith("#") else begins


def _abouts(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        for iri in _ABOUT.findall(line):
            yield number, iri


def _labels(value: object) -> Iterator[str]:
    """Yield the labels of blank nodes that objects of a document have for an id."""
    if isinstance(value, dict):
        if (name := _name(value)) and name.startswith("_:"):
            yield name
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _labels(item)


def _name(value: object) -> str | None:
    name = value.get("id", value.get("@id")) if isinstance(value, dict) else None
    return name if isinstance(name, str) and name else None


def escape_step(key: str) -> str:
    """Return a key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
