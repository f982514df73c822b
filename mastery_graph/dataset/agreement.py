"""The check that an endpoint's graphs agree with their description, which is required before they are given out.

The embedded store is described whenever it changes. Behind an endpoint others may write too, and engines may truncate
results, or keep a value in another form than it was sent.
"""

from typing import Final

from pyoxigraph import NamedNode

from mastery_graph.errors import EndpointFailed
from mastery_graph.languages import Message
from mastery_graph.pipeline.dataset import GraphContent, content_of
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store

_ADVICE: Final = Message(
    "Another program wrote to the endpoint. An update through the service, such as INSERT DATA {}, describes the "
    "dataset as it is."
)


def require_described_size(store: Store, graph: str, described: GraphContent) -> None:
    """Raise `EndpointFailed` if the size of a graph behind an endpoint differs from its description."""
    if store.is_exclusive:
        return
    rows = store.select(named_query("browse/graph-size").text, {"graph": NamedNode(graph)})
    size = sum(int(row["triples"].value) for row in rows)
    if size != described.triples:
        raise EndpointFailed(
            Message(
                "The graph {graph} has {size} statements, and the dataset describes {triples}.",
                graph=graph,
                size=size,
                triples=described.triples,
            ),
            _ADVICE,
        )


def require_described_content(store: Store, graph: str, described: GraphContent) -> None:
    """Raise `EndpointFailed` if the size or the hash of a graph behind an endpoint differs from its description.

    The graph is read completely.
    """
    require_described_size(store, graph, described)
    if store.is_exclusive:
        return
    content = content_of(store.construct(named_query("browse/graph").text, {"graph": NamedNode(graph)}))
    if content.sha256 != described.sha256:
        raise EndpointFailed(
            Message("The content of the graph {graph} is not the one that the dataset describes.", graph=graph), _ADVICE
        )
