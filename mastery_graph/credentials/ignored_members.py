"""What stands in a JSON document and is not read.

JSON-LD drops a name that its context does not have, and takes a text for an address where the context wants an object.
Where two contexts define one term, the last counts; where the first protects it, a conforming processor refuses both.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, islice
from typing import Final, Literal

from mastery_graph.credentials.contexts import Context
from mastery_graph.credentials.pointers import escape_step
from mastery_graph.vocabulary import NS

MAX_MEMBERS: Final = 100
"""That are told of one document."""

_OURS: Final = (
    *("appliesIndicator", "attestsGreenSkill", "integration", "qualityAssuranceType", "qualityStatement", "requires"),
)
"""Properties of our own, which no context has: they are written with their whole address."""
_OPEN: Final = frozenset(
    {"proof", "credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence", "relatedResource"}
    | {"renderMethod", "confidenceMethod"}
)
"""Where a verifiable credential holds what other specifications name."""
_ADDRESS: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|_:|[#/])\S*")
_ALIKE: Final = 0.8
"""From here on, a name is taken for another one that was misspelt (0 to 1)."""


@dataclass(frozen=True, slots=True)
class IgnoredMember:
    """A member that is not read, and where it stands.

    `kind` says why: the *name* is not known, and `close` is a known one that is like it; it holds a *text*, which is
    `text`, where an object or an address is wanted; it holds texts by *language*, and the context that is named last
    defines the name as one text. A *protected* term is read, and is one that other software does not read.
    """

    pointer: str
    name: str
    text: str | None = None
    close: str | None = None
    kind: Literal["name", "text", "language", "protected"] = "name"


def ignored_members(document: object, context: Context, named: Mapping[str, str]) -> tuple[IgnoredMember, ...]:
    """Return what of a document is not read, up to `MOST`; `named` are the ids of its objects."""
    terms = context.terms
    properties = {term.casefold(): term for term, definition in terms.items() if isinstance(definition, dict)}
    properties |= {name.casefold(): NS + name for name in _OURS}

    def walk(value: object, pointer: str, name: str, wanted: bool) -> Iterator[IgnoredMember]:
        if isinstance(value, list):
            for place, item in enumerate(value):
                yield from walk(item, f"{pointer}/{place}", name, wanted)
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from member(key, item, f"{pointer}/{escape_step(key)}")
        elif wanted and isinstance(value, str) and value.strip() and value not in named and not _is_address(value):
            yield IgnoredMember(pointer, name, value, kind="text")

    def member(key: str, value: object, pointer: str) -> Iterator[IgnoredMember]:
        definition = terms.get(key)
        if key not in terms:
            if ":" not in key and not key.startswith("@") and "@vocab" not in terms:
                yield IgnoredMember(pointer, key, close=_close(key, properties))
        elif context.active.keyword(key) == "@id":
            if isinstance(value, str) and re.search(r"\S\s+\S", value):
                yield IgnoredMember(pointer, key, value, kind="text")
        elif key in context.once_by_language and isinstance(value, dict) and "@value" not in value:
            yield IgnoredMember(pointer, key, kind="language")
        elif isinstance(definition, str):
            yield from walk(value, pointer, key, wanted=False)
        elif isinstance(definition, dict) and key not in _OPEN and _is_plain(definition):
            yield from walk(value, pointer, key, wanted=definition.get("@type") == "@id")

    refused = (IgnoredMember("/@context", term, kind="protected") for term in context.redefined)
    return tuple(islice(chain(refused, walk(document, "", "", wanted=False)), MAX_MEMBERS))


def _is_address(value: str) -> bool:
    return _ADDRESS.fullmatch(value) is not None


def _is_plain(definition: Mapping[str, object]) -> bool:
    """Return whether the values of a term are objects, texts or lists of them, and no map with keys of its own."""
    return definition.get("@container") in (None, "@set", "@list") and definition.get("@type") != "@json"


def _close(name: str, properties: Mapping[str, str]) -> str | None:
    found = get_close_matches(name.casefold(), properties, n=1, cutoff=_ALIKE)
    return properties[found[0]] if found else None
