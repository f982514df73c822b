"""Mapping from the nodes of a graph to their positions in the source document: JSON pointers (RFC 6901) or lines."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from mastery_graph.vocabulary import RDF


@dataclass(frozen=True)
class DocumentPositions:
    """The positions of the members and values of a document's nodes, or the lines of its subjects."""

    members: dict[tuple[str, str], str] = field(default_factory=dict)
    """The pointer of the member by node and property."""
    values: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """The pointer of the value by node, property and value (its text or IRI), including the array index if any."""
    described: set[str] = field(default_factory=set)
    """The pointers of the objects that have more members than an id."""
    lines: dict[str, int] = field(default_factory=dict)
    """The first line that starts with a subject, by the IRI of the subject; for documents that are not JSON."""


def add_ids(document: object, texts: frozenset[str], base: str) -> tuple[object, dict[str, str]]:
    """Return the document with an id for every object, and the pointer of each id.

    An object without an id gets one generated from its pointer and `base`, the IRI of the document, so that objects of
    different documents never have the same id. An id that is a blank node label (`_:b0`) is replaced by one generated
    from that label, also where it is referenced. If several objects have the same id, its pointer is that of the object
    with the most members. `texts` are the names whose values are not nodes, such as language maps.
    """
    pointers: dict[str, str] = {}
    sizes: dict[str, int] = {}
    generated = {label: f"{base}#{quote(label, safe=':')}" for label in _blank_node_labels(document)}

    def walk(value: object, pointer: str) -> object:
        if isinstance(value, str):
            return generated.get(value, value)
        if isinstance(value, list):
            return [walk(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if not isinstance(value, dict) or "@value" in value:
            return value
        if "@list" in value or "@set" in value:
            return {key: walk(item, f"{pointer}/{escape_step(key)}") for key, item in value.items()}
        name = _id_of(value)
        iri = generated.get(name, name) if name else f"{base}#{quote(pointer, safe='/')}"
        if len(value) > sizes.get(iri, -1):
            sizes[iri] = len(value)
            pointers[iri] = pointer
        identified = dict(value) if name else {"@id": iri, **value}
        return {
            key: item if key == "@context" or key in texts else walk(item, f"{pointer}/{escape_step(key)}")
            for key, item in identified.items()
        }

    return walk(document, ""), pointers


def positions_of(document: object, properties: Mapping[str, str]) -> DocumentPositions:
    """Return the positions of the members and values of a document whose objects all have ids.

    `properties` maps each term to its IRI (see `properties_of`).
    """
    positions = DocumentPositions()

    def walk(value: object, pointer: str) -> None:
        if isinstance(value, list):
            for index, item in enumerate(value):
                walk(item, f"{pointer}/{index}")
        elif isinstance(value, dict):
            iri = _id_of(value)
            if len(value) > 1:
                positions.described.add(pointer)
            for key, item in value.items():
                member_pointer = f"{pointer}/{escape_step(key)}"
                if iri:
                    predicate = expand_term(key, properties)
                    _record_positions(
                        positions, iri, RDF.type if predicate == "@type" else predicate, member_pointer, item
                    )
                walk(item, member_pointer)

    walk(document, "")
    return positions


def properties_of(context: object) -> dict[str, str]:
    """Return the IRI of each term of a resolved context; the outermost definition of a term wins."""
    names: dict[str, str] = {}
    for definitions in definitions_by_level(context):
        for term, definition in definitions.items():
            name = definition.get("@id") if isinstance(definition, dict) else definition
            if not term.startswith("@") and isinstance(name, str):
                names.setdefault(term, name)
    return {term: expand_term(name, names) for term, name in names.items()}


def expand_term(name: str, properties: Mapping[str, str]) -> str:
    """Return the IRI of a term or a compact IRI; the name itself if it is neither.

    >>> expand_term("elm:mode", {"elm": "http://data.europa.eu/snb/model/elm/"})
    'http://data.europa.eu/snb/model/elm/mode'
    """
    if name in properties and properties[name] != name:
        return expand_term(properties[name], properties)
    prefix, colon, local = name.partition(":")
    return properties[prefix] + local if colon and prefix in properties and not local.startswith("//") else name


def subject_lines(text: str, media_type: str) -> dict[str, int]:
    """Return the first line of each subject of a Turtle, N-Triples or RDF/XML text."""
    lines: dict[str, int] = {}
    for number, iri in _rdf_xml_subjects(text) if media_type == "application/rdf+xml" else _turtle_subjects(text):
        lines.setdefault(iri, number)
    return lines


def _record_positions(positions: DocumentPositions, iri: str, predicate: str, pointer: str, item: object) -> None:
    positions.members.setdefault((iri, predicate), pointer)
    for index, element in enumerate(item) if isinstance(item, list) else [(None, item)]:
        element_pointer = pointer if index is None else f"{pointer}/{index}"
        if isinstance(element, dict) and not _id_of(element) and "@value" not in element:  # a language map or a list
            for key, inner in element.items():
                _record_positions(positions, iri, predicate, f"{element_pointer}/{escape_step(key)}", inner)
            continue
        text = _id_of(element) or element.get("@value") if isinstance(element, dict) else element
        if isinstance(text, str | int | float) and not isinstance(text, bool):
            positions.values.setdefault((iri, predicate, str(text)), element_pointer)


def definitions_by_level(context: object) -> Iterator[Mapping[str, object]]:
    """Yield the definitions of a resolved context: outer levels first, and the last definition of a level first."""
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
    """Return the definitions of a context in reverse order: later definitions override earlier ones."""
    parts = context if isinstance(context, list) else [context]
    return [part for part in reversed(parts) if isinstance(part, dict)]


_PREFIX = re.compile(r"^\s*@?prefix\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE)
_SUBJECT = re.compile(r"^\s*(?:<([^>\s]+)>|([\w.-]*):([\w./-]+))(?=\s|$)")
_ABOUT = re.compile(r"""rdf:(?:about|ID)\s*=\s*["']([^"']+)["']""")


def _turtle_subjects(text: str) -> Iterator[tuple[int, str]]:
    prefixes: dict[str, str] = {}
    at_statement_start = True
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _PREFIX.match(line):
            prefixes[match[1]] = match[2]
        elif at_statement_start and (match := _SUBJECT.match(line)) and (match[1] or match[2] in prefixes):
            yield number, match[1] or prefixes[match[2]] + match[3]
        code = line.partition(" #")[0].rstrip()
        at_statement_start = code.endswith(".") if code and not code.lstrip().startswith("#") else at_statement_start


def _rdf_xml_subjects(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        for iri in _ABOUT.findall(line):
            yield number, iri


def _blank_node_labels(value: object) -> Iterator[str]:
    """Yield the blank node labels that are ids of objects of a document."""
    if isinstance(value, dict):
        if (name := _id_of(value)) and name.startswith("_:"):
            yield name
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _blank_node_labels(item)


def _id_of(value: object) -> str | None:
    name = value.get("id", value.get("@id")) if isinstance(value, dict) else None
    return name if isinstance(name, str) and name else None


def escape_step(key: str) -> str:
    """Return a key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def relocate_pointer(pointers: Mapping[str, str], pointer: str) -> str:
    """Return where a pointer leads to, by the longest pointer in a table with which it begins.

    >>> relocate_pointer({"": "", "/issuer": "/badge/issuer"}, "/issuer/name")
    '/badge/issuer/name'
    """
    head, tail = pointer, ""
    while head not in pointers and head:
        head, _, step = head.rpartition("/")
        tail = f"/{step}{tail}"
    return pointers.get(head, head) + tail
