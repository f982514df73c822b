"""The profiles, and the shapes that each comes to for a document.

Ours are files. The official ones of the European Learning Model are graphs that `mastery-graph load elm` has taken in;
each is applied with all that it imports. Under the profile `elm` the credential's own `credentialSchema` decides.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadParameter, ShapesMissing
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.resources import folder
from mastery_graph.sources.elm import ONTOLOGY, VOCABULARIES, local_name
from mastery_graph.store.protocol import Store
from mastery_graph.validation.engine import Shapes
from mastery_graph.validation.engine.shapes import without_quoted_triples
from mastery_graph.vocabulary import CRED, DESCRIPTIONS, ELM, RDFS, SKOS

PROFILES: Final[dict[str, tuple[str, ...]]] = {
    "micro-credential": ("micro-credential.ttl", "plausibility.ttl"),
    "mastery": ("micro-credential.ttl", "mastery.ttl", "plausibility.ttl"),
}
"""The shapes files of each profile of ours."""

OFFICIAL: Final[dict[str, str]] = {
    "elm": "edc-generic-full",
    "elm-no-vocabularies": "edc-generic-no-cv",
    "elm-accredited": "edc-accredited",
    "elm-diploma-supplement": "edc-diploma-supplement",
    "elm-issued-by-mandate": "edc-issued-by-mandate",
    "elm-converted": "edc-converted",
    "elm-opportunities": "loq-constraints-mdr",
    "elm-opportunities-no-vocabularies": "loq-constraints",
    "elm-accreditations": "ams-constraints-mdr",
}
"""The name of the official shapes of each profile. `elm` prefers those that the credential names."""

_DESCRIPTIONS: Final = frozenset(map(NamedNode, DESCRIPTIONS))
_KINDS: Final = {
    "elm-opportunities": frozenset(
        NamedNode(ELM + name)
        for name in (
            *("AwardingOpportunity", "LearningOpportunity", "Qualification", "Specification"),
            *(f"Learning{part}Specification" for part in ("Achievement", "Activity", "Assessment", "Entitlement")),
        )
    ),
    "elm-accreditations": frozenset({NamedNode(ELM + "Accreditation")}),
}
"""What the official profiles that are not for credentials are for."""

_KEPT: Final = 16
"""Compiled sets of shapes that are kept in memory."""


@dataclass(frozen=True, slots=True)
class ApplicableShapes:
    """What a profile comes to for one document."""

    shapes: Shapes
    names: tuple[str, ...]
    """The files of ours, or the IRIs of the official shapes, in the order in which they build on one another."""
    labels: Mapping[str, str]
    """English names of classes and properties, by IRI."""
    vocabularies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The concepts of each controlled vocabulary that is here, by the IRI of its scheme."""
    kinds: frozenset[NamedNode] = frozenset()
    """The classes that the profile is for: a document without any of them has nothing to check. Any, where empty."""
    of_credentials: bool = False
    """Whether the profile is for credentials and for descriptions of what can be awarded."""
    unknown: tuple[str, ...] = ()
    """What the credential names as its schema, and has not been taken in."""


def profiles() -> list[str]:
    """Return the names of all profiles."""
    return [*PROFILES, *OFFICIAL]


def available(store: Store) -> list[str]:
    """Return the names of the profiles that can be checked: ours, and those whose official shapes are in the store."""
    present = _present(store)
    return [*PROFILES, *(name for name, shapes in OFFICIAL.items() if shapes in present)]


@cache
def shapes_of(profile: str) -> Shapes:
    """Return the shapes of a profile of ours."""
    return Shapes.of_files(*(folder("shapes") / file for file in PROFILES[profile]))


def shapes_for(profile: str, document: SubmittedDocument, store: Store | None) -> ApplicableShapes:
    """Return the shapes of a profile for a document.

    Raises `BadParameter` for an unknown profile, and `ShapesMissing` where the official shapes have not been taken in.
    """
    if profile in PROFILES:
        return ApplicableShapes(shapes_of(profile), PROFILES[profile], {})
    if profile not in OFFICIAL:
        raise BadParameter(
            Message("There is no profile {name}.", name=repr(profile)),
            Message("Use one of {names}.", names=", ".join(profiles())),
        )
    present = _present(store) if store else {}
    schemas = sorted(_schemas(document)) if profile == "elm" else []
    named = [name for schema in schemas if (name := local_name(schema)) in present]
    roots = named or [OFFICIAL[profile]]
    if missing := [root for root in roots if root not in present]:
        raise ShapesMissing(
            f"The official shapes {', '.join(missing)} have not been taken in.",
            "Run `mastery-graph load elm DIR` with the download of the European Learning Model.",
        )
    names = _with_imports(roots, present)
    found = _official(store, tuple((present[name].graph, present[name].sha256) for name in names))
    unknown = tuple(schema for schema in schemas if local_name(schema) not in present)
    active = {value for _, value in found.shapes.active_targets.get("targetClass", ())}
    kinds = _KINDS.get(profile.removesuffix("-no-vocabularies"), _DESCRIPTIONS) & active
    return replace(
        found,
        names=tuple(present[name].iri for name in names),
        kinds=kinds,
        of_credentials=kinds <= _DESCRIPTIONS,
        unknown=unknown,
    )


@dataclass(frozen=True, slots=True)
class _Present:
    graph: str
    iri: str
    sha256: str
    imports: tuple[str, ...]


def _present(store: Store) -> dict[str, _Present]:
    """Return the official shapes that a store holds, by their name."""
    imports: dict[str, list[str]] = defaultdict(list)
    found: dict[str, tuple[str, str, str]] = {}
    for row in store.select(named_query("validation/elm-shapes").text):
        name = local_name(row["shapes"].value)
        found[name] = (row["graph"].value, row["shapes"].value, row["hash"].value)
        if "imported" in row:
            imports[name].append(local_name(row["imported"].value))
    return {name: _Present(*stated, tuple(imports[name])) for name, stated in found.items()}


def _with_imports(roots: Iterable[str], present: Mapping[str, _Present]) -> list[str]:
    """Return the names of shapes and of all that they import, each after what it builds on."""
    ordered: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in present and name not in seen:
            seen.add(name)
            for imported in present[name].imports:
                visit(imported)
            ordered[name] = None

    for root in roots:
        visit(root)
    return list(ordered)


def _schemas(document: SubmittedDocument) -> set[str]:
    """Return the IRIs of the schemas that the credential says it keeps."""
    return {
        triple.object.value
        for triple in document.triples
        if triple.predicate.value == CRED + "credentialSchema" and isinstance(triple.object, NamedNode)
    }


_Key = tuple[tuple[str, str], ...]
_kept: OrderedDict[_Key, ApplicableShapes] = OrderedDict()
_lock = Lock()


def _official(store: Store | None, key: _Key) -> ApplicableShapes:
    """Return shapes by the names and hashes of their graphs, from memory where they are there."""
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _read(store, [graph for graph, _ in key]) if store else ApplicableShapes(Shapes(()), (), {})
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _read(store: Store, graphs: list[str]) -> ApplicableShapes:
    def content(names: Iterable[str]) -> list[Triple]:
        named = [NamedNode(name) for name in names]
        return store.construct(named_query("browse/graph").text, {"graph": named}) if named else []

    labels = {
        subject.value: value.value.strip()
        for subject, predicate, value in without_quoted_triples(content([ONTOLOGY]))
        if predicate.value == RDFS + "label" and isinstance(value, Literal) and value.language in {"en", None}
    }
    concepts: dict[str, set[str]] = defaultdict(set)
    vocabularies = [each.iri for each in store.graphs() if each.iri.startswith(VOCABULARIES)]
    for subject, predicate, value in without_quoted_triples(content(vocabularies)):
        if predicate.value == SKOS + "inScheme":
            concepts[value.value].add(subject.value)
    held = {scheme: frozenset(members) for scheme, members in concepts.items()}
    return ApplicableShapes(Shapes(content(graphs)), (), labels, held)
