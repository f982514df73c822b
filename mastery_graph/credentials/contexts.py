"""JSON-LD contexts: what a name in `@context` stands for.

The known contexts are reading contexts of our own in `ontology/contexts/`; they expand a document as the published
ones do, which a test proves on real samples. Anything else is refused by name, unless the operator has named its host
in `MASTERY_CONTEXT_HOSTS`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Final

from mastery_graph.credentials.fetching import fetch_context
from mastery_graph.credentials.json_ld import ActiveContext
from mastery_graph.credentials.pointers import levels, properties_of
from mastery_graph.errors import ContextRefused
from mastery_graph.languages import Message
from mastery_graph.resources import folder
from mastery_graph.settings import Settings

ELM: Final = "http://data.europa.eu/snb/model/context/edc-ap"
CREDENTIALS_1: Final = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

MAX_CONTEXTS = 30
"""Names of contexts in one document; each stands for a whole vocabulary, so that many would make a document grow."""

_FILES = {
    ELM: "elm.jsonld",
    CREDENTIALS_1: "verifiable-credential.jsonld",
    CREDENTIALS_2: "verifiable-credential-2.jsonld",
}
_BADGES = {
    OPEN_BADGES,
    *(f"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.{patch}.json" for patch in (0, 1, 2)),
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
}
"""Known, and mapped to ELM by `mastery_graph.credentials.open_badges`, not by a context."""
_BADGES_2 = {"https://w3id.org/openbadges/v2", "https://openbadgespec.org/v2/context.json"}
"""Known, and refused by name: Open Badges 2.0 is another model."""
_PROOFS = {
    "https://w3id.org/security/data-integrity/v1",
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/suites/ed25519-2018/v1",
    "https://w3id.org/security/suites/ed25519-2020/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://w3id.org/security/v1",
    "https://w3id.org/security/v2",
    "https://w3id.org/vc-revocation-list-2020/v1",
    "https://w3id.org/vc/status-list/2021/v1",
    "https://w3id.org/vc/status-list/v1",
}
"""Known, and left aside: they name the parts of proofs and status lists, which are not read."""


@dataclass(frozen=True)
class Context:
    """A resolved context, and what is worked out from it once."""

    value: object

    @cached_property
    def text(self) -> str:
        """The context as JSON, as a parser that refuses a redefined term reads it: nothing in it is protected."""
        return json.dumps(_unprotected(self.value))

    @cached_property
    def redefined(self) -> tuple[str, ...]:
        """The protected terms that a later part defines otherwise: JSON-LD 1.1 (4.1.11) refuses such a context."""
        protected: dict[str, object] = {}
        found: dict[str, None] = {}
        for part in _as_list(self.value):
            definitions = part if isinstance(part, dict) else {}
            for term, definition in definitions.items():
                if term in protected and protected[term] != _expanded(definition):
                    found[term] = None
                elif _is_protected(definition, definitions) and not term.startswith("@"):
                    protected[term] = _expanded(definition)
        return tuple(found)

    @cached_property
    def once_by_language(self) -> frozenset[str]:
        """The terms that one part defines as texts by language, and a later part otherwise."""
        return frozenset(
            term
            for part in _as_list(self.value)
            if isinstance(part, dict)
            for term, definition in part.items()
            if _is_by_language(definition) and term not in self.language_terms
        )

    @cached_property
    def language_terms(self) -> frozenset[str]:
        """The terms whose values are maps from a language to a text."""
        return frozenset(term for term, definition in self.active.terms.items() if _is_by_language(definition))

    @cached_property
    def without_objects(self) -> frozenset[str]:
        """The names whose value is no object of the graph: maps from a language or a key, nested members, JSON."""
        names = {"@nest", "@reverse", *self.active.terms}
        return frozenset(
            name
            for name in names
            if self.active.keyword(name) in {"@nest", "@reverse"}
            or self.active.definition(name).get("@type") == "@json"
            or self.active.container(name) & {"@id", "@index", "@language", "@type"}
        )

    @cached_property
    def active(self) -> ActiveContext:
        """What it defines for the outermost object of a document."""
        return ActiveContext.of(self.value)

    @cached_property
    def properties(self) -> Mapping[str, str]:
        """The IRI that each term stands for."""
        return properties_of(self.value)

    @cached_property
    def terms(self) -> Mapping[str, object]:
        """The definition of each term and keyword, the outermost of a term."""
        found: dict[str, object] = {}
        for definitions in levels(self.value):
            for term, definition in definitions.items():
                found.setdefault(term, definition)
        return found


def context_of(written: object) -> Context:
    """Return a context of a document, resolved; one that only names known contexts is worked out once.

    Raises what `resolved` raises.
    """
    parts = _as_list(written)
    names = tuple(part for part in parts if isinstance(part, str) and _is_known(part))
    return _of_names(names) if len(names) == len(parts) else Context(resolve_context(written))


@lru_cache(maxsize=64)
def _of_names(names: tuple[str, ...]) -> Context:
    return Context(resolve_context(list(names)))


def resolve_context(context: object) -> object:
    """Return a context with every name in it replaced by what it stands for.

    Raises `ContextRefused` for one that is neither known nor allowed, and for more than `MOST` names.
    """
    names = 0

    def look_up(name: str) -> object:
        nonlocal names
        names += 1
        if names > MAX_CONTEXTS:
            raise ContextRefused(
                Message("The document names more than {most} contexts.", most=MAX_CONTEXTS),
                Message("Name each context once, at the top."),
            )
        return _known(name) if _is_known(name) else _allowed(name)

    def _allowed(name: str) -> object:
        if name.rstrip("/") in _BADGES_2:
            raise ContextRefused(
                Message("The document is Open Badges 2.0, which is not read; Open Badges 3.0 is."),
                Message("Export the badge as Open Badges 3.0, or describe the credential in ELM."),
            )
        hosts = Settings().context_hosts
        if not hosts:
            raise ContextRefused(
                Message("The document names the context {context}, which is not known here.", context=name), _advice()
            )
        return _resolved(fetch_context(name, hosts), look_up)

    return _resolved(context, look_up)


def _is_by_language(definition: object) -> bool:
    return isinstance(definition, dict) and definition.get("@container") == "@language"


def _is_protected(definition: object, part: Mapping[str, object]) -> bool:
    stated = definition.get("@protected") if isinstance(definition, dict) else None
    return part.get("@protected") is True if stated is None else stated is True


def _expanded(definition: object) -> object:
    """Return the definition of a term as an object, without whether it is protected."""
    if isinstance(definition, dict):
        return {key: value for key, value in definition.items() if key != "@protected"}
    return {"@id": definition}


def _unprotected(context: object) -> object:
    if isinstance(context, list):
        return [_unprotected(part) for part in context]
    if isinstance(context, dict):
        return {key: _unprotected(value) for key, value in context.items() if key != "@protected"}
    return context


def names_in(context: object) -> frozenset[str]:
    """Return the names in a context, as they are written."""
    return frozenset(part.rstrip("/") for part in _as_list(context) if isinstance(part, str))


def _resolved(context: object, look_up: Callable[[str], object]) -> object:
    if isinstance(context, str):
        return look_up(context)
    if isinstance(context, list):
        return [part for one in context for part in _as_list(_resolved(one, look_up))]
    if isinstance(context, dict):
        if "@import" in context:
            raise ContextRefused(Message("The document's context uses @import, which would be fetched."), _advice())
        return {
            term: definition | {"@context": _resolved(definition["@context"], look_up)}
            if isinstance(definition, dict) and "@context" in definition
            else definition
            for term, definition in context.items()
        }
    return context


def _is_known(name: str) -> bool:
    return name.rstrip("/") in _FILES or name in _BADGES or name in _PROOFS


@cache
def _known(name: str) -> object:
    file = _FILES.get(name.rstrip("/"))
    if file is None:
        return {}
    return json.loads((folder("ontology") / "contexts" / file).read_text(encoding="utf-8"))["@context"]


def _advice() -> str:
    return Message(
        "Contexts are fetched only from hosts that the operator names in MASTERY_CONTEXT_HOSTS. Use {contexts}, or "
        "write the context into the document.",
        contexts=", ".join([*_FILES, OPEN_BADGES]),
    )


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
