"""JSON pointers (RFC 6901) from the nodes of a graph back to the places in the document that they came from."""

from collections.abc import Mapping
from urllib.parse import quote


def with_ids(document: object, texts: frozenset[str], base: str) -> tuple[object, dict[str, str]]:
    """Return the document with an id for every object, and the pointer of each id.

    An object without an id gets one made from its pointer and `base`, the IRI of the document, so that the objects of
    two documents are never taken for one. `texts` are the terms whose values are maps from a language to a text, and
    so no objects of their own.
    """
    pointers: dict[str, str] = {}

    def walk(value: object, pointer: str) -> object:
        if isinstance(value, list):
            return [walk(item, f"{pointer}/{place}") for place, item in enumerate(value)]
        if not isinstance(value, dict) or "@value" in value:
            return value
        if "@list" in value or "@set" in value:
            return {key: walk(item, f"{pointer}/{_escaped(key)}") for key, item in value.items()}
        named = _name(value)
        iri = named or f"{base}#{quote(pointer, safe='/')}"
        pointers.setdefault(iri, pointer)
        identified = dict(value) if named else {"@id": iri, **value}
        return {
            key: item if key == "@context" or key in texts else walk(item, f"{pointer}/{_escaped(key)}")
            for key, item in identified.items()
        }

    return walk(document, ""), pointers


def _name(value: Mapping[str, object]) -> str | None:
    name = value.get("id", value.get("@id"))
    return name if isinstance(name, str) and name else None


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
