"""The build of a store from the curated sources: read, check, derive, write, describe.

Nothing is written before everything is read, checked and derived. Graphs loaded by a user (ESCO, credentials,
recognition statements) are left as they are. The extract of ESCO is written only while no ESCO is loaded; like a loaded
ESCO, it is neither checked against our shapes nor part of what the closure is derived from.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyoxigraph import Triple

from mastery_graph.pipeline.checks import check
from mastery_graph.pipeline.closure import closure
from mastery_graph.pipeline.dataset import GraphContent, content_of, read_description, write_description
from mastery_graph.pipeline.replacement import (
    LevelDifference,
    countries_lost,
    level_differences,
    refuse_removal,
    removals,
)
from mastery_graph.pipeline.shared_description import describe_changes, mark_changing
from mastery_graph.resources import folder
from mastery_graph.sources.esco_extract import describe_extract
from mastery_graph.sources.green_skills import read_green_skills
from mastery_graph.sources.referencings import read_referencings
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.store.protocol import WritableStore
from mastery_graph.vocabulary import ESCO_EXTRACT_GRAPH, ESCO_GRAPH, graph

_GRAPH_OF_FILE = {
    "mastery.ttl": "ontology",
    "eqf.ttl": "frameworks",
    "nqf.ttl": "frameworks",
    "further-frameworks.ttl": "frameworks",
    "referencing-reports.ttl": "frameworks",
    "visions.ttl": "policy",
    "quality.ttl": "policy",
    "micro-credential.ttl": "policy",
    "policies.ttl": "policy",
    "rules.ttl": "policy",
    "purposes.ttl": "policy",
    "remedies.ttl": "policy",
    "registers.ttl": "policy",
    "catalogue.ttl": "catalogue",
    "register-example.ttl": "registers/example",
}
_EXTRACT_FILE = "esco-extract.ttl"


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of a build. The two tables, if set, replace those that ship with the package."""

    ontology: Path = field(default_factory=lambda: folder("ontology"))
    shapes: Path = field(default_factory=lambda: folder("shapes"))
    green_skills: Path | None = None
    """A set of green skills with its mappings: Turtle, or CSV."""
    referencings: Path | None = None
    """A table of national levels and their EQF levels: CSV."""
    replace: bool = False
    """Whether shipped content that is not in these sources may be removed."""

    @property
    def are_shipped(self) -> bool:
        """Whether nothing replaces the shipped sources."""
        return self.ontology == folder("ontology") and not self.green_skills and not self.referencings


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The result of a build: the graphs with their sizes and hashes, and the hash of the dataset."""

    graphs: dict[str, GraphContent]
    content_hash: str
    differences: tuple[LevelDifference, ...] = ()
    """The levels that the sources reference to another EQF level than the shipped ones."""


def build(store: WritableStore, sources: Sources, progress: Callable[[str], None] = lambda _: None) -> BuildReport:
    """Build the graph into a store and return what was built.

    `progress` is called with a text for each step. Raises `OntologyError`, `BadSource`, `WouldRemove` and
    `GraphCheckFailed` before anything is written, and `StoreError` if the store fails.
    """
    progress("Reading the sources")
    graphs = read_graphs(sources)
    everything = [triple for triples in graphs.values() for triple in triples]
    differences: list[LevelDifference] = []
    if not sources.are_shipped:
        progress("Comparing with what ships")
        shipped = [triple for triples in read_graphs(Sources()).values() for triple in triples]
        differences = level_differences(shipped, everything)
        if not sources.replace:
            refuse_removal(removals(shipped, everything), countries_lost(shipped, everything), differences)
    progress("Checking the graph against its shapes")
    check(everything, sources.shapes / "ontology.ttl")
    progress("Deriving the OWL RL closure")
    graphs[graph("inferred")] = closure(everything)
    progress("Writing the store")
    described = read_description(store)
    contents = described | {name: content_of(triples) for name, triples in graphs.items()}
    if ESCO_GRAPH not in described:
        graphs[ESCO_EXTRACT_GRAPH], contents[ESCO_EXTRACT_GRAPH] = read_extract(sources)
    mark_changing(store, graphs)
    for name, triples in graphs.items():
        store.replace_graph(name, triples)
    return BuildReport(contents, write_description(store, contents), tuple(differences))


def read_graphs(sources: Sources) -> dict[str, list[Triple]]:
    """Read the sources and return the asserted graphs by IRI. Raises `OntologyError` and `BadSource`."""
    graphs: dict[str, list[Triple]] = {}
    for file, name in _GRAPH_OF_FILE.items():
        if file == "nqf.ttl" and sources.referencings:
            triples = read_referencings(sources.referencings)
        else:
            triples = read_turtle(sources.ontology / file)
        graphs.setdefault(graph(name), []).extend(triples)
    green_skills = read_green_skills(sources.green_skills or sources.ontology / "green-skills.ttl")
    graphs[graph("green-skills")] = green_skills.skills
    graphs[graph("mappings")] = green_skills.mappings
    return graphs


def read_extract(sources: Sources) -> tuple[list[Triple], GraphContent]:
    """Read the extract of ESCO; return its triples and their description. Raises `OntologyError`.

    It is the shipped one where the folder of the sources has none.
    """
    file = sources.ontology / _EXTRACT_FILE
    extract = describe_extract(read_turtle(file if file.exists() else folder("ontology") / _EXTRACT_FILE))
    return extract.triples, replace(content_of(extract.triples), version=extract.version, issued=extract.issued)


def replace_graph(store: WritableStore, name: str, triples: list[Triple]) -> BuildReport:
    """Replace one graph of a built store, such as an imported one, and update the description of the dataset."""
    return replace_graphs(store, {name: triples})


class GraphsInParts:
    """A writer that replaces graphs of a built store in parts, and updates the description of the dataset.

    A store whose changes are atomic is described once, at the end. Another one, in which an interrupted change remains,
    is described after each part.
    """

    def __init__(self, store: WritableStore) -> None:
        """Write to a store; nothing is written yet."""
        self._store = store
        self._changes: dict[str, GraphContent | None] = {}

    def replace(self, obsolete: Iterable[str], lines: bytes, contents: Mapping[str, GraphContent]) -> None:
        """Remove some graphs, and add new ones, passed as N-Quads together with their sizes and hashes."""
        removed = list(obsolete)
        mark_changing(self._store, removed)
        for name in removed:
            self._store.replace_graph(name, ())
        self._store.load_quads(lines)
        self._changes |= dict.fromkeys(removed) | dict(contents)
        if not self._store.is_atomic:
            self.describe()

    def describe(self) -> None:
        """Update the description of the dataset if it is out of date."""
        if self._changes:
            describe_changes(self._store, self._changes)
            self._changes = {}


def replace_graphs(store: WritableStore, graphs: Mapping[str, list[Triple]], under: str | None = None) -> BuildReport:
    """Replace graphs of a built store, and update the description of the dataset.

    Graphs whose IRIs start with `under` and that are not among the new ones are removed; so are new graphs without
    content, and the extract of ESCO if ESCO is among the new ones.
    """
    described = read_description(store)
    obsolete = [name for name in described if under and name.startswith(under) and name not in graphs]
    if ESCO_GRAPH in graphs and ESCO_EXTRACT_GRAPH in described:
        obsolete.append(ESCO_EXTRACT_GRAPH)
    mark_changing(store, [*obsolete, *graphs])
    for name in obsolete:
        store.replace_graph(name, ())
    for name, triples in graphs.items():
        store.replace_graph(name, triples)
    changes: dict[str, GraphContent | None] = dict.fromkeys(obsolete)
    return BuildReport(
        *describe_changes(store, changes | {name: content_of(triples) for name, triples in graphs.items()})
    )
