"""Each concept of a store with its words and its place: what the text index is made of."""

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
_SKILL_TYPES: Final = {ESCO + "Skill", NS + "GreenSkill"}
_PLAIN: Final = SKOS + "Concept"
_WORDLESS: Final = tuple(graph(name) for name in ("mappings", "inferred", "statements", "credentials", "dataset"))
"""Graphs whose change changes no label of a concept."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label in its language (`und` where none is given)."""

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
    """Its classes, without `skos:Concept` where it has a class of its own."""
    schemes: list[str] = field(default_factory=list)
    """The schemes that it is in, the largest first."""
    broader: list[str] = field(default_factory=list)
    code: str | None = None

    @property
    def is_skill(self) -> bool:
        """Whether it names something that a person can learn: a skill, a green skill or a group of skills."""
        return ESCO_SKILLS in self.schemes or any(each in _SKILL_TYPES for each in self.types)

    def label(self, language: str = "en") -> str:
        """Return the preferred label in a language, or in English, or in whichever there is."""
        preferred = {label.language: label.text for label in self.labels if label.role == "preferred"}
        return preferred.get(language) or preferred.get("en") or self.labels[0].text


def read_entries(store: Store) -> list[Entry]:
    """Return everything that has a preferred label, ordered by IRI."""
    entries: dict[str, Entry] = {}
    described: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in store.select(named_query("concepts/labels").text):
        concept, role, text = row["concept"], row["role"].value, row["text"]
        if isinstance(concept, BlankNode) or not isinstance(text, Text) or not text.value.strip():
            continue
        entry = entries.setdefault(concept.value, Entry(concept.value))
        language = (text.language or "und").lower()
        if role == "description":
            described[entry.uri, language].append(text.value)
        else:
            entry.labels.append(Label(text.value, language, "preferred" if role == "preferred" else "alternative"))
    entries = {uri: entry for uri, entry in entries.items() if any(each.role == "preferred" for each in entry.labels)}
    for (uri, language), texts in described.items():
        if uri not in entries:
            continue
        entries[uri].descriptions[language] = " ".join(sorted(texts))
    _place(store, entries)
    for entry in entries.values():
        entry.labels.sort(key=_order)
    return sorted(entries.values(), key=lambda entry: entry.uri)


def words_hash(store: Store) -> str:
    """Return a hash that changes when a graph with labels changes, and not when a mapping is added."""
    digest = hashlib.sha256()
    for name, content in sorted(read_description(store).items()):
        if not name.startswith(_WORDLESS):
            digest.update(f"{name} {content.sha256}\n".encode())
    return digest.hexdigest()


def _place(store: Store, entries: dict[str, Entry]) -> None:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in store.select(named_query("concepts/places").text):
        concept, value = row["concept"], row["value"]
        if isinstance(concept, NamedNode) and concept.value in entries and not isinstance(value, BlankNode):
            found[concept.value][row["relation"].value].append(value.value)
    sizes = Counter(scheme for each in found.values() for scheme in each["scheme"])
    for uri, place in found.items():
        entry = entries[uri]
        entry.types = _own(place["type"])
        entry.schemes = sorted(place["scheme"], key=lambda scheme: (-sizes[scheme], scheme))
        entry.broader = sorted(place["broader"])
        entry.code = min(place["code"], default=None)


def _order(label: Label) -> tuple[bool, bool, str, str]:
    return label.role != "preferred", label.language != "en", label.language, label.text


def _own(types: Iterable[str]) -> list[str]:
    several = sorted(types)
    return [each for each in several if each != _PLAIN] or several
