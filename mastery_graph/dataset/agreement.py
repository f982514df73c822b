"""The agreement of an endpoint's graphs with their description, without which no copy of them is given out.

A store of ours is described whenever it changes. Behind an endpoint others write too, and engines cut what they give.
Sizes are compared, and not hashes: an engine may write a value in another way than it was sent.
"""

from pyoxigraph import NamedNode

from mastery_graph.errors import EndpointFailed
from mastery_graph.pipeline.dataset import GraphContent
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.store.remote import RemoteStore


def require_described_size(store: Store, graph: str, described: GraphContent) -> None:
    """Raise `EndpointFailed` where a graph behind an endpoint has another size than its description."""
    if not isinstance(store, RemoteStore):
        return
    rows = store.select(named_query("browse/graph-size").text, {"graph": NamedNode(graph)})
    size = sum(int(row["triples"].value) for row in rows)
    if size != described.triples:
        raise EndpointFailed(
            f"The graph {graph} has {size} statements, and the dataset describes {described.triples}.",
            "Something else wrote to the endpoint. An update through the service, such as INSERT DATA {}, describes "
            "the dataset as it is.",
        )
