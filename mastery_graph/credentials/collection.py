"""The loaded credentials of a store: each has a named graph, whose name contains the hash of the document.

Two credentials may use the same IRI for their learner or anything else. The triples of a credential are therefore read
from its own graph only, never from the union of graphs.
"""

from collections.abc import Iterator
from typing import Any

from pyoxigraph import NamedNode, Triple

from mastery_graph.credentials.batch import BatchItem
from mastery_graph.credentials.proofs.stored import as_triples, without_reserved
from mastery_graph.credentials.reading import SUBMITTED, SubmittedDocument
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.store.memory import MemoryStore
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import graph

GRAPH_PREFIX = graph("credentials/")
"""The prefix of the named graphs of loaded credentials."""

_LOCAL_PREFIX = "urn:epass:"
"""The prefix of IRIs of the EU's credential builder that are local to a credential, such as `urn:epass:person:1`."""


def graph_of(item: BatchItem) -> str:
    """Return the named graph of a document; documents with the same content have the same graph."""
    return GRAPH_PREFIX + item.sha256


def loadable_triples(document: SubmittedDocument) -> list[Triple]:
    """Return the triples to load for a document: all but its images, and the results of its signature checks.

    IRIs that are local to the document are replaced by globally unique ones.
    """
    triples = document.store.construct(named_query("browse/graph").text, {"graph": NamedNode(SUBMITTED)})
    document_triples = [
        Triple(
            _globalize(triple.subject, document.sha256), triple.predicate, _globalize(triple.object, document.sha256)
        )
        for triple in without_reserved(triples)
    ]
    return document_triples + as_triples(document.signatures, GRAPH_PREFIX + document.sha256)


def graphs_that_describe(store: Store, iri: str) -> list[str]:
    """Return the graphs of the loaded credentials that contain a description."""
    rows = store.select(named_query("description/own-graphs").text, {"description": NamedNode(iri)})
    return [str(row["graph"].value) for row in rows]


def loaded_graphs(store: Store) -> Iterator[str]:
    """Yield the named graphs of all loaded credentials."""
    return (named_graph.iri for named_graph in store.graphs() if named_graph.iri.startswith(GRAPH_PREFIX))


def isolate_credential(store: Store, iri: str) -> MemoryStore | None:
    """Return a store with only the loaded credential that contains the description `iri`, or None if there is none.

    Raises `BadParameter` if several credentials contain it: the IRI of one of the credentials is needed then.
    """
    graphs = graphs_that_describe(store, iri)
    if not graphs:
        return None
    if len(graphs) > 1:
        raise BadParameter(
            Message("{graphs} loaded credentials describe {iri}.", graphs=len(graphs), iri=iri),
            Message("Name one of the credentials by its IRI."),
        )
    isolated = MemoryStore()
    isolated.replace_graph(
        graphs[0], store.construct(named_query("browse/graph").text, {"graph": NamedNode(graphs[0])})
    )
    return isolated


def _globalize(term: Any, sha256: str) -> Any:
    if isinstance(term, NamedNode) and term.value.startswith(_LOCAL_PREFIX):
        return NamedNode(f"urn:sha256:{sha256}#{term.value.removeprefix(_LOCAL_PREFIX)}")
    return term
