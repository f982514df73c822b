"""The profiles, and the shapes that each applies to a document.

Our shapes are files. The official shapes of the European Learning Model are graphs that `mastery-graph load elm` has
loaded; they are applied with their imports. With the profile `elm`, the `credentialSchema` of the credential decides.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import AdvisedAction, BadParameter, ShapesMissing
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
"""The shapes files of each of our profiles."""

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
_PROFILE_CLASSES: Final = {
    "elm-opportunities": frozenset(
        NamedNode(ELM + name)
        for name in (
            *("AwardingOpportunity", "LearningOpportunity", "Qualification", "Specification"),
            *(f"Learning{part}Specification" for part in ("Achievement", "Activity", "Assessment", "Entitlement")),
        )
    ),
    "elm-accreditations": frozenset({NamedNode(ELM.Accreditation)}),
}
"""The classes to which the official profiles apply that are not for credentials."""

_CACHE_SIZE: Final = 16
"""Compiled sets of shapes kept in memory."""


@dataclass(frozen=True, slots=True)
class ApplicableShapes:
    """The shapes that a profile applies to one document."""

    shapes: Shapes
    names: tuple[str, ...]
    """Our files, or the IRIs of the official shapes, each after those that it imports."""
    labels: Mapping[str, str]
    """English names of classes and properties, by IRI."""
    vocabularies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The concepts of each loaded controlled vocabulary, by the IRI of its scheme."""
    kinds: frozenset[NamedNode] = frozenset()
    """The classes to which the profile applies: a document without any has nothing to check. Empty for any class."""
    of_credentials: bool = False
    """Whether the profile applies to credentials and to descriptions of what can be awarded."""
    unknown: tuple[str, ...] = ()
    """The schemas of the credential that have not been loaded."""


def profiles() -> list[str]:
    """Return the names of all profiles."""
    return [*PROFILES, *OFFICIAL]


def available(store: Store) -> list[str]:
    """Return the names of the profiles that can be checked: ours, and those with official shapes in the store."""
    official = _official_shapes(store)
    return [*PROFILES, *(name for name, shapes in OFFICIAL.items() if shapes in official)]


@cache
def shapes_of(profile: str) -> Shapes:
    """Return the shapes of one of our profiles."""
    return Shapes.of_files(*(folder("shapes") / file for file in PROFILES[profile]))


def shapes_for(profile: str, document: SubmittedDocument, store: Store | None) -> ApplicableShapes:
    """Return the shapes of a profile for a document.

    Raises `BadParameter` for an unknown profile, and `ShapesMissing` if the official shapes have not been loaded.
    """
    if profile in PROFILES:
        return ApplicableShapes(shapes_of(profile), PROFILES[profile], {})
    if profile not in OFFICIAL:
        raise BadParameter(
            Message("There is no profile {name}.", name=repr(profile)),
            Message("Use one of {names}.", names=", ".join(profiles())),
        )
    official = _official_shapes(store) if store else {}
    schemas = sorted(_schemas(document)) if profile == "elm" else []
    schema_names = [name for schema in schemas if (name := local_name(schema)) in official]
    roots = schema_names or [OFFICIAL[profile]]
    if missing := [root for root in roots if root not in official]:
        raise ShapesMissing(
            Message("The official shapes {names} have not been loaded.", names=", ".join(missing)),
            action=AdvisedAction.LOAD_SHAPES,
        )
    names = _with_imports(roots, official)
    applicable = _cached_shapes(store, tuple((official[name].graph, official[name].sha256) for name in names))
    unknown = tuple(schema for schema in schemas if local_name(schema) not in official)
    target_classes = {value for _, value in applicable.shapes.active_targets.get("targetClass", ())}
    profile_classes = _PROFILE_CLASSES.get(profile.removesuffix("-no-vocabularies"), _DESCRIPTIONS) & target_classes
    return replace(
        applicable,
        names=tuple(official[name].iri for name in names),
        kinds=profile_classes,
        of_credentials=profile_classes <= _DESCRIPTIONS,
        unknown=unknown,
    )


@dataclass(frozen=True, slots=True)
class _OfficialShapes:
    graph: str
    iri: str
    sha256: str
    imports: tuple[str, ...]


def _official_shapes(store: Store) -> dict[str, _OfficialShapes]:
    """Return the official shapes in a store by name."""
    imports: dict[str, list[str]] = defaultdict(list)
    descriptions: dict[str, tuple[str, str, str]] = {}
    for row in store.select(named_query("validation/elm-shapes").text):
        name = local_name(row["shapes"].value)
        descriptions[name] = (row["graph"].value, row["shapes"].value, row["hash"].value)
        if "imported" in row:
            imports[name].append(local_name(row["imported"].value))
    return {name: _OfficialShapes(*description, tuple(imports[name])) for name, description in descriptions.items()}


def _with_imports(roots: Iterable[str], official: Mapping[str, _OfficialShapes]) -> list[str]:
    """Return the names of shapes and of their imports, each after those that it imports."""
    ordered: dict[str, None] = {}
    visited: set[str] = set()

    def visit(name: str) -> None:
        if name in official and name not in visited:
            visited.add(name)
            for imported in official[name].imports:
                visit(imported)
            ordered[name] = None

    for root in roots:
        visit(root)
    return list(ordered)


def _schemas(document: SubmittedDocument) -> set[str]:
    """Return the IRIs of the schemas that the credential states."""
    return {
        triple.object.value
        for triple in document.triples
        if triple.predicate.value == CRED.credentialSchema and isinstance(triple.object, NamedNode)
    }


_Key = tuple[tuple[str, str], ...]
_cache: OrderedDict[_Key, ApplicableShapes] = OrderedDict()
_lock = Lock()


def _cached_shapes(store: Store | None, key: _Key) -> ApplicableShapes:
    """Return shapes by the names and hashes of their graphs, from memory if possible."""
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    applicable = _read_shapes(store, [graph for graph, _ in key]) if store else ApplicableShapes(Shapes(()), (), {})
    with _lock:
        _cache[key] = applicable
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return applicable


def _read_shapes(store: Store, graphs: list[str]) -> ApplicableShapes:
    def content(names: Iterable[str]) -> list[Triple]:
        nodes = [NamedNode(name) for name in names]
        return store.construct(named_query("browse/graph").text, {"graph": nodes}) if nodes else []

    labels = {
        subject.value: value.value.strip()
        for subject, predicate, value in without_quoted_triples(content([ONTOLOGY]))
        if predicate.value == RDFS.label and isinstance(value, Literal) and value.language in {"en", None}
    }
    concepts: dict[str, set[str]] = defaultdict(set)
    vocabularies = [graph.iri for graph in store.graphs() if graph.iri.startswith(VOCABULARIES)]
    for subject, predicate, value in without_quoted_triples(content(vocabularies)):
        if predicate.value == SKOS.inScheme:
            concepts[value.value].add(subject.value)
    concepts_of_scheme = {scheme: frozenset(members) for scheme, members in concepts.items()}
    return ApplicableShapes(Shapes(content(graphs)), (), labels, concepts_of_scheme)
