"""The entries of the text index: the concepts of a store with their labels and their place in the hierarchy."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import BlankNode, NamedNode
from pyoxigraph import Literal as Text

from mastery_graph.pipeline.dataset import read_description
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ESCO, ID, NS, SKOS, graph

Role = Literal["preferred", "alternative"]

ESCO_SKILLS: Final = "http://data.europa.eu/esco/concept-scheme/skills"
GREEN_SKILLS: Final = ID + "green-skill"
_SKILL_TYPES: Final = {ESCO.Skill, NS.GreenSkill}
_CONCEPT: Final = SKOS.Concept
_GRAPHS_WITHOUT_LABELS: Final = tuple(
    graph(name) for name in ("mappings", "inferred", "statements", "credentials", "dataset")
)
"""Graphs that contain no labels of concepts."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label with its language (`und` if it has none)."""

    text: str
    language: str
    role: Role


@dataclass(slots=True)
class Entry:
    """A concept: its labels, the preferred ones first, its descriptions by language, its place in the hierarchy."""

    uri: str
    labels: list[Label] = field(default_factory=list)
    descriptions: dict[str, str] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    """Its classes, without `skos:Concept` if it has a more specific class."""
    schemes: list[str] = field(default_factory=list)
    """The schemes that it is in, the largest first."""
    broader: list[str] = field(default_factory=list)
    code: str | None = None

    @property
    def is_skill(self) -> bool:
        """Whether it is something that a person can learn: a skill, a green skill or a group of skills."""
        return ESCO_SKILLS in self.schemes or any(kind in _SKILL_TYPES for kind in self.types)

    def label(self, language: str = "en") -> str:
        """Return the preferred label in a language, else in English, else in any."""
        preferred = {label.language: label.text for label in self.labels if label.role == "preferred"}
        return preferred.get(language) or preferred.get("en") or self.labels[0].text


def read_entries(store: Store) -> list[Entry]:
    """Return an entry for each resource with a preferred label, ordered by IRI."""
    entries: dict[str, Entry] = {}
    descriptions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in store.select(named_query("concepts/labels").text):
        concept, role, text = row["concept"], row["role"].value, row["text"]
        if isinstance(concept, BlankNode) or not isinstance(text, Text) or not text.value.strip():
            continue
        entry = entries.setdefault(concept.value, Entry(concept.value))
        language = (text.language or "und").lower()
        if role == "description":
            descriptions[entry.uri, language].append(text.value)
        else:
            entry.labels.append(Label(text.value, language, "preferred" if role == "preferred" else "alternative"))
    entries = {uri: entry for uri, entry in entries.items() if any(label.role == "preferred" for label in entry.labels)}
    for (uri, language), texts in descriptions.items():
        if uri not in entries:
            continue
        entries[uri].descriptions[language] = " ".join(sorted(texts))
    _add_hierarchy(store, entries)
    for entry in entries.values():
        entry.labels.sort(key=_label_order)
    return sorted(entries.values(), key=lambda entry: entry.uri)


def words_hash(store: Store) -> str:
    """Return a hash that changes when a graph with labels changes, but not when a mapping is added."""
    digest = hashlib.sha256()
    for name, content in sorted(read_description(store).items()):
        if not name.startswith(_GRAPHS_WITHOUT_LABELS):
            digest.update(f"{name} {content.sha256}\n".encode())
    return digest.hexdigest()


def _add_hierarchy(store: Store, entries: dict[str, Entry]) -> None:
    relations: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in store.select(named_query("concepts/places").text):
        concept, value = row["concept"], row["value"]
        if isinstance(concept, NamedNode) and concept.value in entries and not isinstance(value, BlankNode):
            relations[concept.value][row["relation"].value].append(value.value)
    sizes = Counter(scheme for values in relations.values() for scheme in values["scheme"])
    for uri, values in relations.items():
        entry = entries[uri]
        entry.types = _specific_types(values["type"])
        entry.schemes = sorted(values["scheme"], key=lambda scheme: (-sizes[scheme], scheme))
        entry.broader = sorted(values["broader"])
        entry.code = min(values["code"], default=None)


def _label_order(label: Label) -> tuple[bool, bool, str, str]:
    return label.role != "preferred", label.language != "en", label.language, label.text


def _specific_types(types: Iterable[str]) -> list[str]:
    ordered = sorted(types)
    return [kind for kind in ordered if kind != _CONCEPT] or ordered
