"""Changes behind an endpoint by clients: a SPARQL update, or a graph that is replaced, added to or removed.

The effect of an update is determined by reading every graph before and after; it is one request, as atomic as the
endpoint makes it. Before the data, the description of the dataset is marked as changing; afterwards it is rewritten.
"""

from contextlib import suppress

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from mastery_graph.changes.client import GraphChange, RdfDocument
from mastery_graph.errors import BadParameter, BadSource, MasteryError, StoreError
from mastery_graph.languages import Message
from mastery_graph.pipeline.dataset import (
    DATASET_GRAPH,
    GraphContent,
    content_of,
    read_description,
)
from mastery_graph.pipeline.shared_description import describe_changes, mark_changing
from mastery_graph.queries import named_query
from mastery_graph.store.memory import refuse_named_graphs
from mastery_graph.store.protocol import Scope
from mastery_graph.store.query_text import refuse_loading, refuse_other_servers, with_dataset
from mastery_graph.store.remote import RemoteStore


def update(store: RemoteStore, text: str, scope: Scope, seconds: float) -> None:
    """Forward a SPARQL 1.1 update, once, and update the description of the dataset.

    Raises `WritingIsOff`, `BadQuery`, `QueryTimeout` and `StoreError`.
    """
    refuse_loading(text)
    refuse_other_servers(text)
    scoped_text = with_dataset(text, scope)
    store.require_writes(updates=True)
    before = _contents(store)
    mark_changing(store)
    try:
        store.update(scoped_text, scope.base, seconds)
    except MasteryError:
        with suppress(StoreError):
            _describe(store, before)
        raise
    _describe(store, before)


def change_graph(store: RemoteStore, change: GraphChange) -> None:
    """Replace, add to or remove one graph, and update the description of the dataset.

    Raises `BadParameter` for the unnamed graph, `BadSource` and `EntitiesRefused` if a document cannot be read,
    `WritingIsOff` and `StoreError`.
    """
    if change.graph is None:
        raise BadParameter(
            Message("With a remote endpoint, the default graph cannot be written."), Message("Name a graph.")
        )
    new = [triple for document in change.documents for triple in _parse(document, change.base)]
    store.require_writes()
    contents = read_description(store)
    change.condition.require(contents[change.graph].sha256 if change.graph in contents else None)
    mark_changing(store, [change.graph])
    if change.kind == "add":
        store.add(change.graph, new)
    else:
        store.replace_graph(change.graph, new)
    describe_changes(store, {change.graph: _content(store, change.graph)})


def _parse(document: RdfDocument, base: str) -> list[Triple]:
    document.refuse_dangers()
    rdf_format = RdfFormat.from_media_type(document.media_type)
    try:
        # equal blank node labels in two documents are different nodes
        quads = list(parse(document.content, format=rdf_format, base_iri=base, rename_blank_nodes=True))
        refuse_named_graphs(quads)
        return [quad.triple for quad in quads]
    except (SyntaxError, ValueError) as error:
        raise BadSource(Message("The graph cannot be parsed: {reason}.", reason=error)) from None


def _content(store: RemoteStore, graph: str) -> GraphContent:
    """Return the current content of a named graph as the endpoint stores it, which may differ from what it was sent."""
    return content_of(store.construct(named_query("browse/graph").text, {"graph": NamedNode(graph)}))


def _contents(store: RemoteStore) -> dict[str, GraphContent]:
    """Return the current content of each named graph."""
    return {graph.iri: _content(store, graph.iri) for graph in store.graphs() if graph.iri != DATASET_GRAPH}


def _describe(store: RemoteStore, before: dict[str, GraphContent]) -> None:
    """Update the description of graphs that have changed, or that are not as described.

    A graph that is neither described nor changed is left out, such as internal graphs of an engine.
    """
    known = read_description(store)
    contents = _contents(store)
    changes: dict[str, GraphContent | None] = {
        name: content
        for name, content in contents.items()
        if (name in known and content.sha256 != known[name].sha256)
        or (name not in known and content != before.get(name))
    }
    describe_changes(store, changes | dict.fromkeys(known.keys() - contents.keys()))
