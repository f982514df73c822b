"""A description of the graph as a document, so that it can be validated like one that is sent."""

import hashlib

from pyoxigraph import NamedNode, RdfFormat, serialize

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store


def as_document(store: Store, iri: str) -> SubmittedDocument:
    """Return a description of the graph, with its parts, as a document without a text of its own."""
    triples = store.construct(named_query("description/parts").text, {"description": NamedNode(iri)})
    content = serialize(sorted(triples, key=str), format=RdfFormat.N_TRIPLES) or b""
    return SubmittedDocument(tuple(triples), hashlib.sha256(content).hexdigest())
