"""Admit credentials to a store: each is validated on the way in, and loaded into a named graph of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mastery_graph.credentials.batch import BatchItem
from mastery_graph.credentials.collection import GRAPH_PREFIX, graph_of, graphs_that_describe, loaded_graphs
from mastery_graph.errors import UnknownResource
from mastery_graph.pipeline.build import GraphsInParts, replace_graphs
from mastery_graph.pipeline.dataset import GraphContent
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.validation.batch import AdmissionRule, DocumentJudgement, Policy, judge_documents
from mastery_graph.validation.report import ValidationReport

__all__ = ["Admission", "Policy", "admit", "remove", "remove_all"]

_AT_ONCE_IN_DRAFT = 2_000
_AT_ONCE_BEHIND_ENDPOINT = 500
"""Documents that are taken together."""
_STATEMENTS_AT_ONCE = 200_000
"""Statements that are written together."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of one document.

    `present` is one that was there already, `replaced` one that took the place of another content of the same
    credential, `quarantined` one that the caller is to keep aside. `reason` says why one is not loaded.
    """

    sent: BatchItem
    status: Literal["loaded", "replaced", "present", "rejected", "quarantined", "unreadable"]
    graph: str | None = None
    descriptions: tuple[str, ...] = ()
    reason: str | None = None
    report: ValidationReport | None = None


def admit(
    store: Store,
    sent: Iterable[BatchItem],
    profile: str = "micro-credential",
    policy: Policy = "reject",
    processes: int = 1,
) -> Iterator[Admission]:
    """Load the documents that the profile admits, and yield what became of each, in their order.

    The same content is loaded once, however often it is sent. Many are judged by several `processes`, where more than
    one is allowed. The dataset is described when the last is loaded; behind an endpoint, with each part.
    """
    graphs = GraphsInParts(store)
    part = _Part(store)
    try:
        for one, judgement in judge_documents(store, sent, AdmissionRule(profile, policy), part.has, processes):
            part.take(one, judgement)
            if part.is_full:
                yield from part.written(graphs)
        yield from part.written(graphs)
    finally:
        graphs.describe()


class _Part:
    """The documents that are written together, and all graphs that are there then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._most = _AT_ONCE_IN_DRAFT if isinstance(store, EmbeddedStore) else _AT_ONCE_BEHIND_ENDPOINT
        self._present = set(loaded_graphs(store))
        self._held: dict[str, str] = {}
        self._gone: set[str] = set()
        self._new: dict[str, tuple[bytes, GraphContent]] = {}
        self._statements = 0
        self._admissions: list[Admission] = []

    def has(self, graph: str) -> bool:
        """Return whether a graph is there, or will be when this part is written."""
        return graph in self._present

    @property
    def is_full(self) -> bool:
        """Whether it is to be written before more is taken."""
        return len(self._admissions) >= self._most or self._statements >= _STATEMENTS_AT_ONCE

    def take(self, sent: BatchItem, judgement: DocumentJudgement) -> None:
        """Take one document, in the place of what was there of the same credential."""
        graph, described = graph_of(sent), judgement.descriptions
        if judgement.status not in {"loaded", "present"}:
            self._admissions.append(
                Admission(sent, judgement.status, None, described, judgement.reason, judgement.report)
            )
        elif judgement.content is None or graph in self._present:
            self._admissions.append(Admission(sent, "present", graph, described))
        else:
            first = next(iter(described), graph)
            speaking = {*graphs_that_describe(self._store, first), self._held.get(first, graph)}
            old = (speaking - {graph}) & self._present
            self._gone |= old - self._new.keys()
            for each in old:
                self._new.pop(each, None)
            self._present -= old
            self._present.add(graph)
            self._held[first] = graph
            self._new[graph] = judgement.lines, judgement.content
            self._statements += judgement.content.triples
            status: Literal["replaced", "loaded"] = "replaced" if old else "loaded"
            self._admissions.append(Admission(sent, status, graph, described, judgement.reason, judgement.report))

    def written(self, graphs: GraphsInParts) -> Iterator[Admission]:
        """Write what was taken, and yield what became of it."""
        if self._gone or self._new:
            lines = b"".join(lines for lines, _ in self._new.values())
            graphs.replace(self._gone, lines, {graph: content for graph, (_, content) in self._new.items()})
        admissions = self._admissions
        self._gone, self._new, self._admissions, self._statements = set(), {}, [], 0
        yield from admissions


def remove(store: Store, name: str) -> list[str]:
    """Remove a loaded credential, by its IRI, its hash or the name of its graph; return the graphs that are gone.

    Raises `UnknownResource` where none is loaded.
    """
    graphs = set(loaded_graphs(store))
    found = [each for each in (name, GRAPH_PREFIX + name) if each in graphs]
    if not found and ":" in name:
        found = graphs_that_describe(store, name)
    if not found:
        raise UnknownResource(f"No credential {name} is loaded.", "`mastery-graph info` lists the graphs.")
    replace_graphs(store, {each: [] for each in found})
    return found


def remove_all(store: Store) -> list[str]:
    """Remove all loaded credentials; return the graphs that are gone."""
    found = list(loaded_graphs(store))
    replace_graphs(store, {}, under=GRAPH_PREFIX)
    return found
