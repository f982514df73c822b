"""Conversion of descriptions to another format (see `TARGETS`), with a list of what is lost."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict
from pyoxigraph import Literal as Text
from pyoxigraph import NamedNode, Triple

from mastery_graph.credentials.collection import isolate_credential
from mastery_graph.credentials.description import NEEDED, descriptions, hours_and_duration
from mastery_graph.credentials.formats import TARGETS
from mastery_graph.credentials.formats.elm.format import UNCHECKED_PROOF
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.proofs.seal import ABSENT, Seal, seal_of
from mastery_graph.credentials.proofs.stored import stored_signatures, without_records
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.languages.records import localize
from mastery_graph.queries import named_query, term
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ELM, SKOS, XSD

if TYPE_CHECKING:
    TargetFormat = str
else:
    TargetFormat = Literal[tuple(TARGETS)]
"""The name of a format that descriptions are converted to."""


class Loss(BaseModel):
    """A loss in a conversion: its position in the document, the property, and the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pointer: str | None
    """JSON Pointer (RFC 6901) to the object in the submitted document; None if the document is not JSON."""
    subject: str
    message: str


class Conversion(BaseModel):
    """A description in the requested format, unsigned, and what was lost in the conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: TargetFormat
    document: dict[str, Any]
    lost: tuple[Loss, ...]


def convert_document(
    document: SubmittedDocument, to: TargetFormat, store: Store | None = None, language: str = "en"
) -> Conversion:
    """Return a submitted document in another format, such as ELM or Open Badges 3.0.

    With a `store`, national levels get their official labels. The messages about losses are in `language`. Raises
    `BadDocument` if there is nothing to convert.
    """
    roots = descriptions(document.store)
    if not roots:
        raise BadDocument(Message("The document contains no credential description."), NEEDED)
    return _convert(
        document.triples,
        roots,
        to,
        store,
        language,
        pointers=document.pointers,
        notes=document.notes,
        seal=document.seal if any(not signature.is_proof for signature in document.signatures) else ABSENT,
    )


def convert_description(store: Store, iri: str, to: TargetFormat, language: str = "en") -> Conversion:
    """Return a description of the graph in another format, such as ELM or Open Badges 3.0.

    Raises `UnknownResource` if the graph has no such description, and `BadParameter` if `iri` is no IRI.
    """
    description = term("iri", iri)
    seal = ABSENT
    if credential_store := isolate_credential(store, iri):
        seal = seal_of(stored_signatures(credential_store, iri), credential_store, [iri])
        description_triples = credential_store.construct(named_query("browse/graph").text)
    else:
        description_triples = store.construct(named_query("description/parts").text, {"description": description})
    triples = tuple(_with_duration_in_hours(triple) for triple in sorted(without_records(description_triples), key=str))
    if not triples:
        raise UnknownResource(
            Message("{iri} is not a description in the graph.", iri=iri), Message("Use an IRI of the catalogue.")
        )
    return _convert(triples, [iri], to, store, language, seal=seal)


def _convert(
    triples: tuple[Triple, ...],
    roots: list[str],
    to: TargetFormat,
    store: Store | None,
    language: str,
    *,
    pointers: Mapping[str, str] | None = None,
    notes: tuple[Note, ...] = (),
    seal: Seal = ABSENT,
) -> Conversion:
    form = TARGETS[to]
    labels = _labels(triples, store) if form.needs_labels else ()
    document, loss_notes = form.write([*triples, *labels], roots, pointers or {})
    if seal.status != "absent":
        loss_notes = [Note(None, "seal", _seal_message(seal)), *loss_notes]
    losses = [
        Loss(pointer=note.pointer, subject=note.subject, message=localize(note.message, language))
        for note in (*notes, *loss_notes)
    ]
    return Conversion(to=to, document=document, lost=tuple(losses))


def _seal_message(seal: Seal) -> Message:
    """Return the message that a seal is not carried over, with its status."""
    if seal.status == "broken":
        return Message("The seal of the document is broken, and nothing of it is carried over. {why}", why=seal.reason)
    if seal.status == "not-checked":
        return UNCHECKED_PROOF
    return Message("The seal covers the document as it was sent, and is not carried over.")


def _labels(triples: tuple[Triple, ...], store: Store | None) -> Iterator[Triple]:
    """Yield the official labels of the national levels without a label."""
    labelled_nodes = {triple.subject for triple in triples if triple.predicate.value == SKOS.prefLabel}
    for level in {triple.object for triple in triples if triple.predicate.value == ELM.NQFLevel} - labelled_nodes:
        if store and isinstance(level, NamedNode):
            for row in store.select(named_query("equivalence/levels").text, {"level": level}):
                yield Triple(level, NamedNode(SKOS.prefLabel), Text(row["label"].value))


def _with_duration_in_hours(triple: Triple) -> Triple:
    """Return the triple with its duration in hours, as workload is stated: a store normalises PT48H to P2D."""
    value = triple.object
    if isinstance(value, Text) and value.datatype.value == XSD.duration:
        hours, _ = hours_and_duration([value])
        if hours is not None:
            whole, minutes = divmod(hours * 60, 60)
            duration = f"PT{int(whole)}H" + (f"{int(minutes)}M" if minutes else "")
            return Triple(triple.subject, triple.predicate, Text(duration, datatype=value.datatype))
    return triple
