"""The check that an endpoint's graphs agree with their description, which is required before they are exported.

The embedded store is described whenever it changes. Behind an endpoint others may write too, and engines may truncate
results. Sizes are compared, not hashes: an engine may change the lexical form of a value.
"""

from pyoxigraph import NamedNode

from mastery_graph.errors import EndpointFailed
from mastery_graph.languages import Message
from mastery_graph.pipeline.dataset import GraphContent
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store


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
            Message(
                "Another program wrote to the endpoint. An update through the service, such as INSERT "
                "DATA {}, describes the dataset as it is."
            ),
        )
