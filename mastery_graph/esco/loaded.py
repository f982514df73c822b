"""What a store contains of ESCO: nothing, the extract that ships, or a download that was loaded."""

from dataclasses import dataclass

from mastery_graph.pipeline.dataset import GraphContent, read_description
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ESCO_EXTRACT_GRAPH, ESCO_GRAPH


@dataclass(frozen=True, slots=True)
class EscoInStore:
    """The ESCO in a store: the graph that contains it, and its description."""

    graph: str
    content: GraphContent

    @property
    def is_extract(self) -> bool:
        """Whether it is only the extract that ships."""
        return self.graph == ESCO_EXTRACT_GRAPH


def esco_in(store: Store) -> EscoInStore | None:
    """Return the ESCO in a store, or None if it contains none, as its description states."""
    described = read_description(store)
    return next(
        (EscoInStore(name, described[name]) for name in (ESCO_GRAPH, ESCO_EXTRACT_GRAPH) if name in described), None
    )


def has_only_extract(store: Store) -> bool:
    """Return whether a store contains the extract of ESCO that ships, and no other ESCO."""
    esco = esco_in(store)
    return esco is not None and esco.is_extract
