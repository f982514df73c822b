"""A description of the graph as a document, so that it can be validated like a submitted one."""

import hashlib

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from mastery_graph.credentials.description import hours_and_duration
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import XSD


def as_document(store: Store, iri: str) -> SubmittedDocument:
    """Return a description of the graph, with its parts, as a document without source text."""
    parts = store.construct(named_query("description/parts").text, {"description": NamedNode(iri)})
    triples = [_with_duration_in_hours(triple) for triple in parts]
    content = serialize(sorted(triples, key=str), format=RdfFormat.N_TRIPLES) or b""
    return SubmittedDocument(tuple(triples), hashlib.sha256(content).hexdigest())


def _with_duration_in_hours(triple: Triple) -> Triple:
    """Return the triple with its duration in hours: stores turn PT48H into P2D (`docs/decisions/0003`)."""
    value = triple.object
    if isinstance(value, Literal) and value.datatype.value == XSD.duration:
        hours, _ = hours_and_duration([value])
        if hours is not None and hours.denominator == 1:
            return Triple(triple.subject, triple.predicate, Literal(f"PT{hours}H", datatype=value.datatype))
    return triple
