"""Signatures in the graph: written beside a loaded credential, and read again when a question is about it.

What is kept is what was checked, with the certificates, and no judgement of the signer: that one is made when the
question is asked, as it is for a document. A document cannot state these properties of itself.
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
"""The properties that only this service writes of a credential."""


def without_reserved(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples but those that would state the outcome of a check."""
    return (triple for triple in triples if triple.predicate.value not in _RESERVED)


def without_records(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples but those that record signatures: what the document itself states."""
    kind = NamedNode(NS + "Signature")
    return (triple for triple in without_reserved(triples) if triple.object != kind)


def as_triples(signatures: Sequence[Signature], graph: str) -> list[Triple]:
    """Return the signatures of the credential that a named graph contains, as triples about that graph."""
    triples = []
    for number, signature in enumerate(signatures, 1):
        node = NamedNode(f"{graph}#signature-{number}")
        triples.append(Triple(NamedNode(graph), NamedNode(NS + "signature"), node))
        triples.append(Triple(node, NamedNode(RDF + "type"), NamedNode(NS + "Signature")))
        triples += [Triple(node, NamedNode(NS + name), value) for name, value in _facts(signature)]
    return triples


def _facts(signature: Signature) -> Iterator[tuple[str, Literal]]:
    yield "signatureState", Literal(signature.state)
    for reason in signature.reasons:
        yield "signatureReason", Literal(reason.written)
    if signature.by:
        yield "signer", Literal(signature.by)
    if signature.at:
        yield "signedAt", Literal(signature.at.isoformat(), datatype=NamedNode(XSD + "dateTime"))
    if signature.certificates:
        chain = ",".join(base64.b64encode(certificate).decode() for certificate in signature.certificates)
        yield "certificateChain", Literal(chain)


def stored_signatures(store: Store, credential: str) -> tuple[Signature, ...]:
    """Return the signatures that the graph records of a loaded credential; none where it records none."""
    recorded: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in store.select(named_query("description/signatures").text, {"description": NamedNode(credential)}):
        recorded[row["signature"].value][row["fact"].value].append(row["value"].value)
    return tuple(_signature(facts) for _, facts in sorted(recorded.items()))


def _signature(facts: dict[str, list[str]]) -> Signature:
    try:
        return _read(facts)
    except ValueError:  # whatever wrote this into the graph, it was not this service
        return Signature("not-checked")


def _read(facts: dict[str, list[str]]) -> Signature:
    state = next((each for each in facts["state"] if each in STATES), "not-checked")
    written = next(iter(facts["certificates"]), "")
    chain = tuple(base64.b64decode(each, validate=True) for each in written.split(",")) if written else ()
    if chain:
        x509.load_der_x509_certificate(chain[0])
    return Signature(
        cast(State, state),
        tuple(Reason.parse(reason) for reason in facts["reason"]),
        next(iter(facts["signer"]), None),
        next((datetime.fromisoformat(moment) for moment in facts["time"]), None),
        chain,
    )
