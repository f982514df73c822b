"""The credentials that a store holds: each in a named graph of its own, called by the hash of its content.

Two credentials may name their learner, or anything else, by the same IRI. What one of them states is therefore read
from its own graph only, never from the union.
"""

from collections.abc import Iterator
from typing import Any

from pyoxigraph import NamedNode, Triple

from mastery_graph.credentials.batch import BatchItem
from mastery_graph.credentials.proofs.stored import as_triples, without_reserved
from mastery_graph.credentials.reading import SUBMITTED, SubmittedDocument
from mastery_graph.errors import BadParameter
from mastery_graph.queries import named_query
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import graph

UNDER = graph("credentials/")
"""Begins the names of the graphs of loaded credentials."""

_LOCAL = "urn:epass:"
"""Begins the names that the EU's credential builder gives within one credential only, such as `urn:epass:person:1`."""


def graph_of(sent: BatchItem) -> str:
    """Return the name of the graph of a document: the same content has the same name."""
    return UNDER + sent.sha256


def content(document: SubmittedDocument) -> list[Triple]:
    """Return what is loaded of a document: all but images, and its signatures as they were checked.

    Names that hold only within it become its own.
    """
    triples = document.store.construct(named_query("browse/graph").text, {"graph": NamedNode(SUBMITTED)})
    stated = [
        Triple(_own(triple.subject, document.sha256), triple.predicate, _own(triple.object, document.sha256))
        for triple in without_reserved(triples)
    ]
    return stated + as_triples(document.signatures, UNDER + document.sha256)


def graphs_that_describe(store: Store, iri: str) -> list[str]:
    """Return the graphs of loaded credentials that speak of this description."""
    rows = store.select(named_query("description/own-graphs").text, {"description": NamedNode(iri)})
    return [str(row["graph"].value) for row in rows]


def loaded(store: Store) -> Iterator[str]:
    """Yield the graphs of all loaded credentials."""
    return (each.iri for each in store.graphs() if each.iri.startswith(UNDER))


def alone(store: Store, iri: str) -> EmbeddedStore | None:
    """Return a store that holds only the loaded credential that describes this, or None where none does.

    Raises `BadParameter` where several do: then the credential is to be named, not a part of it.
    """
    found = graphs_that_describe(store, iri)
    if not found:
        return None
    if len(found) > 1:
        raise BadParameter(
            f"{len(found)} loaded credentials speak of {iri}.", "Name one of the credentials by its IRI."
        )
    own = EmbeddedStore()
    own.replace_graph(found[0], store.construct(named_query("browse/graph").text, {"graph": NamedNode(found[0])}))
    return own


def _own(term: Any, sha256: str) -> Any:
    if isinstance(term, NamedNode) and term.value.startswith(_LOCAL):
        return NamedNode(f"urn:sha256:{sha256}#{term.value.removeprefix(_LOCAL)}")
    return term
