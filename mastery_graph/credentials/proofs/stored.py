"""Storage of checked signatures in the graph, next to the loaded credential.

Stored are the result of the check and the certificates, but no assessment of the signer, which is made for each request
as for a submitted document. A document cannot state these properties about itself.
"""

import base64
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, cast

from cryptography import x509
from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.credentials.proofs.reasons import Reason
from mastery_graph.credentials.proofs.signature import STATES, Signature, State
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import NS, RDF, XSD

_RESERVED: Final = frozenset(
    NS + name for name in ("signature", "signatureState", "signatureReason", "signer", "signedAt", "certificateChain")
)
"""The properties of credentials that only this service may write."""


def without_reserved(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples except those that state the result of a check."""
    return (triple for triple in triples if triple.predicate.value not in _RESERVED)


def without_records(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples except the records of signatures, that is, the triples of the document itself."""
    kind = NamedNode(NS.Signature)
    return (triple for triple in without_reserved(triples) if triple.object != kind)


def as_triples(signatures: Sequence[Signature], graph: str) -> list[Triple]:
    """Return the signatures of the credential in a named graph, as triples about that graph."""
    triples = []
    for number, signature in enumerate(signatures, 1):
        node = NamedNode(f"{graph}#signature-{number}")
        triples.append(Triple(NamedNode(graph), NamedNode(NS.signature), node))
        triples.append(Triple(node, NamedNode(RDF.type), NamedNode(NS.Signature)))
        triples += [Triple(node, NamedNode(NS + name), value) for name, value in _facts(signature)]
    return triples


def _facts(signature: Signature) -> Iterator[tuple[str, Literal]]:
    yield "signatureState", Literal(signature.state)
    for reason in signature.reasons:
        yield "signatureReason", Literal(reason.serialization)
    if signature.by:
        yield "signer", Literal(signature.by)
    if signature.at:
        yield "signedAt", Literal(signature.at.isoformat(), datatype=NamedNode(XSD.dateTime))
    if signature.certificates:
        chain = ",".join(base64.b64encode(certificate).decode() for certificate in signature.certificates)
        yield "certificateChain", Literal(chain)


def stored_signatures(store: Store, credential: str) -> tuple[Signature, ...]:
    """Return the stored signatures of a loaded credential; empty if there are none."""
    facts_by_signature: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in store.select(named_query("description/signatures").text, {"description": NamedNode(credential)}):
        facts_by_signature[row["signature"].value][row["fact"].value].append(row["value"].value)
    return tuple(_signature_of(facts) for _, facts in sorted(facts_by_signature.items()))


def _signature_of(facts: dict[str, list[str]]) -> Signature:
    try:
        return _parse_signature(facts)
    except ValueError:  # not written by this service
        return Signature("not-checked")


def _parse_signature(facts: dict[str, list[str]]) -> Signature:
    state = next((state for state in facts["state"] if state in STATES), "not-checked")
    encoded_chain = next(iter(facts["certificates"]), "")
    chain = (
        tuple(base64.b64decode(certificate, validate=True) for certificate in encoded_chain.split(","))
        if encoded_chain
        else ()
    )
    if chain:
        x509.load_der_x509_certificate(chain[0])
    return Signature(
        cast(State, state),
        tuple(Reason.parse(reason) for reason in facts["reason"]),
        next(iter(facts["signer"]), None),
        next((datetime.fromisoformat(moment) for moment in facts["time"]), None),
        chain,
    )
