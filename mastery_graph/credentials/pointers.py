"""JSON pointers (RFC 6901) from the nodes of a graph back to the places in the document that they came from."""

from collections.abc import Mapping
from urllib.parse import quote

_SCHEME = "urn:mastery-graph:pointer:"


def with_ids(document: object, texts: frozenset[str]) -> tuple[object, dict[str, str]]:
    """Return the document with an id for every object, and the pointer of each id.

    An object without an id gets one made from its pointer. `texts` are the terms whose values are maps from a language
    to a text, and so no objects of their own.
    """
    pointers: dict[str, str] = {}
    return _walk(document, "", texts, pointers), pointers


def _walk(value: object, pointer: str, texts: frozenset[str], pointers: dict[str, str]) -> object:
    if isinstance(value, list):
        return [_walk(item, f"{pointer}/{place}", texts, pointers) for place, item in enumerate(value)]
    if not isinstance(value, dict) or "@value" in value:
        return value
    if "@list" in value or "@set" in value:
        return {key: _walk(item, f"{pointer}/{_escaped(key)}", texts, pointers) for key, item in value.items()}
    named = _name(value)
    iri = named or _SCHEME + quote(pointer or "/", safe="/")
    pointers.setdefault(iri, pointer)
    identified = dict(value) if named else {"@id": iri, **value}
    return {
        key: item if key == "@context" or key in texts else _walk(item, f"{pointer}/{_escaped(key)}", texts, pointers)
        for key, item in identified.items()
    }


def _name(value: Mapping[str, object]) -> str | None:
    name = value.get("id", value.get("@id"))
    return name if isinstance(name, str) and name else None


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
