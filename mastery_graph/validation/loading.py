"""Loading of credentials into a store: each is validated first, and has a named graph of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mastery_graph.credentials.batch import BatchItem
from mastery_graph.credentials.collection import GRAPH_PREFIX, graph_of, graphs_that_describe, loaded_graphs
from mastery_graph.errors import AdvisedAction, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.pipeline.build import GraphsInParts, replace_graphs
from mastery_graph.pipeline.dataset import GraphContent
from mastery_graph.store.protocol import WritableStore
from mastery_graph.validation.batch import AdmissionRule, DocumentJudgement, Policy, judge_documents
from mastery_graph.validation.report import ValidationReport

__all__ = ["Admission", "Policy", "admit", "remove", "remove_all"]

_BATCH_TRIPLES = 200_000
"""Triples in one batch."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The result for one document.

    `present`: the same content was loaded already; `replaced`: it replaced other content of the same credential;
    `quarantined`: the caller should set it aside. `reason` states why a document is not loaded.
    """

    sent: BatchItem
    status: Literal["loaded", "replaced", "present", "rejected", "quarantined", "unreadable"]
    graph: str | None = None
    descriptions: tuple[str, ...] = ()
    reason: str | None = None
    report: ValidationReport | None = None


def admit(
    store: WritableStore,
    items: Iterable[BatchItem],
    profile: str = "micro-credential",
    policy: Policy = "reject",
    processes: int = 1,
) -> Iterator[Admission]:
    """Load the documents that the profile admits, and yield the result for each, in input order.

    The same content is loaded once, however often it is sent. Large batches are judged by up to `processes` processes.
    The description of the dataset is updated after the last document; behind an endpoint, after each batch.
    """
    graphs = GraphsInParts(store)
    batch = _Batch(store)
    try:
        for item, judgement in judge_documents(store, items, AdmissionRule(profile, policy), batch.has, processes):
            batch.add(item, judgement)
            if batch.is_full:
                yield from batch.write(graphs)
        yield from batch.write(graphs)
    finally:
        graphs.describe()


class _Batch:
    """The documents that are written together, and the graphs that are present after that."""

    def __init__(self, store: WritableStore) -> None:
        self._store = store
        self._present = set(loaded_graphs(store))
        self._graph_of_description: dict[str, str] = {}
        self._removed: set[str] = set()
        self._added: dict[str, tuple[bytes, GraphContent]] = {}
        self._triple_count = 0
        self._admissions: list[Admission] = []

    def has(self, graph: str) -> bool:
        """Return whether a graph is present, or will be once this batch is written."""
        return graph in self._present

    @property
    def is_full(self) -> bool:
        """Whether the batch must be written before more documents are added."""
        return len(self._admissions) >= self._store.documents_at_once or self._triple_count >= _BATCH_TRIPLES

    def add(self, item: BatchItem, judgement: DocumentJudgement) -> None:
        """Add one document; it replaces other content of the same credential."""
        graph, description_iris = graph_of(item), judgement.descriptions
        if judgement.status not in {"loaded", "present"}:
            self._admissions.append(
                Admission(item, judgement.status, None, description_iris, judgement.reason, judgement.report)
            )
        elif judgement.content is None or graph in self._present:
            self._admissions.append(Admission(item, "present", graph, description_iris))
        else:
            first = next(iter(description_iris), graph)
            describing_graphs = {
                *graphs_that_describe(self._store, first),
                self._graph_of_description.get(first, graph),
            }
            replaced_graphs = (describing_graphs - {graph}) & self._present
            self._removed |= replaced_graphs - self._added.keys()
            for replaced_graph in replaced_graphs:
                self._added.pop(replaced_graph, None)
            self._present -= replaced_graphs
            self._present.add(graph)
            self._graph_of_description[first] = graph
            self._added[graph] = judgement.lines, judgement.content
            self._triple_count += judgement.content.triples
            status: Literal["replaced", "loaded"] = "replaced" if replaced_graphs else "loaded"
            self._admissions.append(
                Admission(item, status, graph, description_iris, judgement.reason, judgement.report)
            )

    def write(self, graphs: GraphsInParts) -> Iterator[Admission]:
        """Write the batch, and yield the result for each document."""
        if self._removed or self._added:
            lines = b"".join(lines for lines, _ in self._added.values())
            graphs.replace(self._removed, lines, {graph: content for graph, (_, content) in self._added.items()})
        admissions = self._admissions
        self._removed, self._added, self._admissions, self._triple_count = set(), {}, [], 0
        yield from admissions


def remove(store: WritableStore, name: str) -> list[str]:
    """Remove a loaded credential by its IRI, its hash or the name of its graph; return the removed graphs.

    Raises `UnknownResource` if none is loaded.
    """
    graphs = set(loaded_graphs(store))
    removed = [graph for graph in (name, GRAPH_PREFIX + name) if graph in graphs]
    if not removed and ":" in name:
        removed = graphs_that_describe(store, name)
    if not removed:
        raise UnknownResource(Message("No credential {name} is loaded.", name=name), action=AdvisedAction.LIST_GRAPHS)
    replace_graphs(store, {graph: [] for graph in removed})
    return removed


def remove_all(store: WritableStore) -> list[str]:
    """Remove all loaded credentials; return the removed graphs."""
    removed = list(loaded_graphs(store))
    replace_graphs(store, {}, under=GRAPH_PREFIX)
    return removed
