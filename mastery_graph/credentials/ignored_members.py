"""Detection of members of a JSON document that are not read.

JSON-LD ignores names that are not in the context, and reads a text as an IRI where the context expects an object. If
two contexts define a term, the last definition applies; if the first is protected, a conforming processor rejects both.
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
"""The limit on the ignored members that are returned for a document."""

_OWN_PROPERTIES: Final = (
    *("appliesIndicator", "attestsGreenSkill", "integration", "qualityAssuranceType", "qualityStatement", "requires"),
)
"""Properties of this project, which are in no context and must be written as full IRIs."""
_EXTENSION_POINTS: Final = frozenset(
    {"proof", "credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence", "relatedResource"}
    | {"renderMethod", "confidenceMethod"}
)
"""The extension points of verifiable credentials, whose members other specifications define."""
_IRI_REFERENCE: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|_:|[#/])\S*")
_MIN_SIMILARITY: Final = 0.8
"""The similarity (0 to 1) from which a name is considered a misspelling of another."""


@dataclass(frozen=True, slots=True)
class IgnoredMember:
    """A member that is not read, with its position.

    `kind` is the reason. *name*: the name is unknown; `close` is a similar known name. *text*: it contains a text
    (`text`) where an object or an IRI is expected. *language*: it contains a language map, but the last context defines
    the name as a single text. *protected*: the term is read here, but other software rejects it.
    """

    pointer: str
    name: str
    text: str | None = None
    close: str | None = None
    kind: Literal["name", "text", "language", "protected"] = "name"


def ignored_members(document: object, context: Context, ids: Mapping[str, str]) -> tuple[IgnoredMember, ...]:
    """Return up to `MAX_MEMBERS` members that are not read; the keys of `ids` are the ids of the document's objects."""
    terms = context.terms
    properties = {term.casefold(): term for term, definition in terms.items() if isinstance(definition, dict)}
    properties |= {name.casefold(): NS + name for name in _OWN_PROPERTIES}

    def walk(value: object, pointer: str, name: str, expects_node: bool) -> Iterator[IgnoredMember]:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, f"{pointer}/{index}", name, expects_node)
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from member(key, item, f"{pointer}/{escape_step(key)}")
        elif (
            expects_node
            and isinstance(value, str)
            and value.strip()
            and value not in ids
            and not _is_iri_reference(value)
        ):
            yield IgnoredMember(pointer, name, value, kind="text")

    def member(key: str, value: object, pointer: str) -> Iterator[IgnoredMember]:
        definition = terms.get(key)
        if key not in terms:
            if ":" not in key and not key.startswith("@") and "@vocab" not in terms:
                yield IgnoredMember(pointer, key, close=_closest_name(key, properties))
        elif context.active.keyword(key) == "@id":
            if isinstance(value, str) and re.search(r"\S\s+\S", value):
                yield IgnoredMember(pointer, key, value, kind="text")
        elif key in context.overridden_language_terms and isinstance(value, dict) and "@value" not in value:
            yield IgnoredMember(pointer, key, kind="language")
        elif isinstance(definition, str):
            yield from walk(value, pointer, key, expects_node=False)
        elif isinstance(definition, dict) and key not in _EXTENSION_POINTS and _has_plain_values(definition):
            yield from walk(value, pointer, key, expects_node=definition.get("@type") == "@id")

    protected = (IgnoredMember("/@context", term, kind="protected") for term in context.redefined_term_names)
    return tuple(islice(chain(protected, walk(document, "", "", expects_node=False)), MAX_MEMBERS))


def _is_iri_reference(value: str) -> bool:
    return _IRI_REFERENCE.fullmatch(value) is not None


def _has_plain_values(definition: Mapping[str, object]) -> bool:
    """Return whether the values of a term are objects, texts or lists of them rather than maps or JSON."""
    return definition.get("@container") in (None, "@set", "@list") and definition.get("@type") != "@json"


def _closest_name(name: str, properties: Mapping[str, str]) -> str | None:
    matches = get_close_matches(name.casefold(), properties, n=1, cutoff=_MIN_SIMILARITY)
    return properties[matches[0]] if matches else None
