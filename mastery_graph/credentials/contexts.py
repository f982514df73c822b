"""Resolution of JSON-LD contexts.

Known contexts are read from `ontology/contexts/`; these files expand a document as the published contexts do, which is
tested with real samples. Other contexts are rejected, unless the operator allows their host in `MASTERY_CONTEXT_HOSTS`.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Final

from mastery_graph.credentials.fetching import fetch_context
from mastery_graph.credentials.json_ld import ActiveContext
from mastery_graph.credentials.pointers import definitions_by_level, properties_of
from mastery_graph.errors import ContextRefused
from mastery_graph.languages import Message
from mastery_graph.options import current_options
from mastery_graph.resources import folder

ELM: Final = "http://data.europa.eu/snb/model/context/edc-ap"
CREDENTIALS_1: Final = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

MAX_CONTEXTS = 30
"""The limit on context references in a document; each is replaced by a whole vocabulary, so many would inflate it."""

_FILES = {
    ELM: "elm.jsonld",
    CREDENTIALS_1: "verifiable-credential.jsonld",
    CREDENTIALS_2: "verifiable-credential-2.jsonld",
}
_BADGE_CONTEXTS = {
    OPEN_BADGES,
    *(f"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.{patch}.json" for patch in (0, 1, 2)),
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
}
"""Known; `mastery_graph.credentials.formats.open_badges` maps them to ELM without a context."""
_CLR_CONTEXTS = {
    "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
    *(f"https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.{patch}.json" for patch in (0, 1)),
}
"""Known: a learner record has the terms of Open Badges 3.0."""
_EDUCREDENTIAL_CONTEXT = re.compile(
    r"https://raw\.githubusercontent\.com/educredentials/obv3-examples/[\w./-]+/educredential\.json"
)
"""The context of the Dutch extension, in any version of its repository: mapped without it, as Open Badges are."""
_BADGE_2_CONTEXTS = {"https://w3id.org/openbadges/v2", "https://openbadgespec.org/v2/context.json"}
"""Known; `mastery_graph.credentials.formats.open_badges_2` maps them to Open Badges 3.0."""
_PROOF_CONTEXTS = {
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
"""Known and ignored: they define the parts of proofs and status lists, which are not read."""
_IGNORED_CONTEXTS = _BADGE_CONTEXTS | _CLR_CONTEXTS | _BADGE_2_CONTEXTS | _PROOF_CONTEXTS


@dataclass(frozen=True)
class Context:
    """A resolved context with cached lookups."""

    value: object

    @cached_property
    def text(self) -> str:
        """The context as JSON without `@protected`, so that a parser accepts redefined terms."""
        return json.dumps(_remove_protection(self.value))

    @cached_property
    def redefined_term_names(self) -> tuple[str, ...]:
        """The protected terms that a later part redefines: JSON-LD 1.1 (4.1.11) rejects such a context."""
        protected: dict[str, object] = {}
        redefined_terms: dict[str, None] = {}
        for part in _as_list(self.value):
            definitions = part if isinstance(part, dict) else {}
            for term, definition in definitions.items():
                if term in protected and protected[term] != _expand_definition(definition):
                    redefined_terms[term] = None
                elif _is_protected(definition, definitions) and not term.startswith("@"):
                    protected[term] = _expand_definition(definition)
        return tuple(redefined_terms)

    @cached_property
    def overridden_language_terms(self) -> frozenset[str]:
        """The terms that an earlier part defines as language maps and a later part redefines."""
        return frozenset(
            term
            for part in _as_list(self.value)
            if isinstance(part, dict)
            for term, definition in part.items()
            if _is_by_language(definition) and term not in self.language_terms
        )

    @cached_property
    def language_terms(self) -> frozenset[str]:
        """The terms whose values are language maps."""
        return frozenset(term for term, definition in self.active.terms.items() if _is_by_language(definition))

    @cached_property
    def non_node_terms(self) -> frozenset[str]:
        """The names whose values are not nodes: language maps, other maps, nested members, JSON."""
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
        """The active context at the root of a document."""
        return ActiveContext.of(self.value)

    @cached_property
    def properties(self) -> Mapping[str, str]:
        """The IRI of each term."""
        return properties_of(self.value)

    @cached_property
    def terms(self) -> Mapping[str, object]:
        """The definition of each term and keyword; the outermost definition of a term wins."""
        terms: dict[str, object] = {}
        for definitions in definitions_by_level(self.value):
            for term, definition in definitions.items():
                terms.setdefault(term, definition)
        return terms


def context_of(context: object) -> Context:
    """Return a context of a document, resolved; a context that only references known ones is cached.

    Raises `ContextRefused` (see `resolve_context`).
    """
    parts = _as_list(context)
    names = tuple(part for part in parts if isinstance(part, str) and _is_known(part))
    return _context_of_names(names) if len(names) == len(parts) else Context(resolve_context(context))


@lru_cache(maxsize=64)
def _context_of_names(names: tuple[str, ...]) -> Context:
    return Context(resolve_context(list(names)))


def resolve_context(context: object) -> object:
    """Return a context with every reference replaced by the referenced context.

    Raises `ContextRefused` for one that is neither known nor allowed, and for more than `MAX_CONTEXTS` references.
    """
    references = 0

    def load(name: str) -> object:
        nonlocal references
        references += 1
        if references > MAX_CONTEXTS:
            raise ContextRefused(
                Message("The document names more than {most} contexts.", most=MAX_CONTEXTS),
                Message("Name each context once, at the top."),
            )
        return _read_known(name) if _is_known(name) else fetch_allowed(name)

    def fetch_allowed(name: str) -> object:
        hosts = current_options().context_hosts
        if not hosts:
            raise ContextRefused(Message("The document names the unknown context {context}.", context=name), _advice())
        return _resolve(fetch_context(name, hosts), load)

    return _resolve(context, load)


def _is_by_language(definition: object) -> bool:
    return isinstance(definition, dict) and definition.get("@container") == "@language"


def _is_protected(definition: object, part: Mapping[str, object]) -> bool:
    protected = definition.get("@protected") if isinstance(definition, dict) else None
    return part.get("@protected") is True if protected is None else protected is True


def _expand_definition(definition: object) -> object:
    """Return the definition of a term as an object without `@protected`."""
    if isinstance(definition, dict):
        return {key: value for key, value in definition.items() if key != "@protected"}
    return {"@id": definition}


def _remove_protection(context: object) -> object:
    if isinstance(context, list):
        return [_remove_protection(part) for part in context]
    if isinstance(context, dict):
        return {key: _remove_protection(value) for key, value in context.items() if key != "@protected"}
    return context


def names_in(context: object) -> frozenset[str]:
    """Return the references (URLs) in a context, as they are written but without a trailing slash."""
    return frozenset(part.rstrip("/") for part in _as_list(context) if isinstance(part, str))


def _resolve(context: object, load: Callable[[str], object]) -> object:
    if isinstance(context, str):
        return load(context)
    if isinstance(context, list):
        return [part for item in context for part in _as_list(_resolve(item, load))]
    if isinstance(context, dict):
        if "@import" in context:
            raise ContextRefused(Message("The document's context uses @import, which would be fetched."), _advice())
        return {
            term: definition | {"@context": _resolve(definition["@context"], load)}
            if isinstance(definition, dict) and "@context" in definition
            else definition
            for term, definition in context.items()
        }
    return context


def _is_known(name: str) -> bool:
    return (
        name.rstrip("/") in _FILES
        or name.rstrip("/") in _IGNORED_CONTEXTS
        or bool(_EDUCREDENTIAL_CONTEXT.fullmatch(name))
    )


@cache
def _read_known(name: str) -> object:
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
