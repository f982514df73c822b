"""A description in another format, and what that format cannot carry."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict
from pyoxigraph import Literal as Text
from pyoxigraph import NamedNode, Triple

from mastery_graph.credentials.collection import alone
from mastery_graph.credentials.description import NEEDED, descriptions, hours_and_duration
from mastery_graph.credentials.elm_writing import as_json_ld
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.open_badges.writing import as_badge
from mastery_graph.credentials.proofs.seal import ABSENT, Seal, seal_of
from mastery_graph.credentials.proofs.stored import stored_signatures, without_records
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import BadDocument, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.languages.records import localize
from mastery_graph.queries import named_query, term
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ELM, SKOS, XSD

PROOF: Final = "https://w3id.org/security#proof"
_UNCHECKED: Final = Message(
    "The seal or proof covers the document as it was sent; it was not checked, and is not carried over."
)

Format = Literal["elm", "openbadge"]


class Loss(BaseModel):
    """Something that could not be carried: where it stands in the document, the property, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pointer: str | None
    """JSON Pointer (RFC 6901) to the object in the submitted document; None for what is not JSON."""
    subject: str
    message: str


class Conversion(BaseModel):
    """A description in the format that was asked for, unsigned, and what it could not carry over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Format
    document: dict[str, Any]
    lost: tuple[Loss, ...]


def convert_document(
    given: SubmittedDocument, to: Format, store: Store | None = None, language: str = "en"
) -> Conversion:
    """Return a submitted document as ELM JSON-LD, or as an Open Badges 3.0 credential or achievement.

    With a `store`, national levels are called by their official labels. What could not be carried is told in
    `language`. Raises `BadDocument` where there is nothing to convert.
    """
    roots = descriptions(given.store)
    if not roots:
        raise BadDocument("The document holds no credential description.", NEEDED)
    return _converted(
        given.triples,
        roots,
        to,
        store,
        language,
        pointers=given.pointers,
        notes=given.notes,
        seal=given.seal if any(not each.is_proof for each in given.signatures) else ABSENT,
    )


def convert_description(store: Store, iri: str, to: Format, language: str = "en") -> Conversion:
    """Return a description of the graph as ELM JSON-LD, or as an Open Badges 3.0 credential or achievement.

    Raises `UnknownResource` where the graph has no such description, and `BadParameter` for what is no IRI.
    """
    description = term("iri", iri)
    seal = ABSENT
    if own := alone(store, iri):
        seal = seal_of(stored_signatures(own, iri), own, [iri])
        found = own.construct(named_query("browse/graph").text)
    else:
        found = store.construct(named_query("description/parts").text, {"description": description})
    triples = tuple(_in_hours(triple) for triple in sorted(without_records(found), key=str))
    if not triples:
        raise UnknownResource(f"{iri} is not a description in the graph.", "Take an IRI of the catalogue.")
    return _converted(triples, [iri], to, store, language, seal=seal)


def _converted(
    triples: tuple[Triple, ...],
    roots: list[str],
    to: Format,
    store: Store | None,
    language: str,
    *,
    pointers: Mapping[str, str] | None = None,
    notes: tuple[Note, ...] = (),
    seal: Seal = ABSENT,
) -> Conversion:
    lost: list[Note] = []
    if to == "elm":
        proofs = [triple for triple in triples if triple.predicate.value == PROOF]
        document = as_json_ld(tuple(triple for triple in triples if triple not in proofs), roots)
        lost = [Note((pointers or {}).get(_iri(triple.subject)), PROOF, _UNCHECKED) for triple in proofs]
    else:
        document, lost = as_badge([*triples, *_labels(triples, store)], roots, pointers)
    if seal.status != "absent":
        lost = [Note(None, "seal", _of_seal(seal)), *lost]
    said = [
        Loss(pointer=note.pointer, subject=note.subject, message=localize(note.message, language))
        for note in (*notes, *lost)
    ]
    return Conversion(to=to, document=document, lost=tuple(said))


def _of_seal(seal: Seal) -> Message:
    """Return that a seal is not carried over, and what it was worth."""
    if seal.status == "broken":
        return Message("The seal of the document is broken, and nothing of it is carried over. {why}", why=seal.reason)
    if seal.status == "not-checked":
        return _UNCHECKED
    return Message("The seal covers the document as it was sent, and is not carried over.")


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _labels(triples: tuple[Triple, ...], store: Store | None) -> Iterator[Triple]:
    """Yield the official labels of the national levels that say none."""
    labelled = {each.subject for each in triples if each.predicate.value == SKOS + "prefLabel"}
    for level in {each.object for each in triples if each.predicate.value == ELM + "NQFLevel"} - labelled:
        if store and isinstance(level, NamedNode):
            for row in store.select(named_query("equivalence/levels").text, {"level": level}):
                yield Triple(level, NamedNode(SKOS + "prefLabel"), Text(row["label"].value))


def _in_hours(triple: Triple) -> Triple:
    """Return the triple with a duration in hours, as workload is written: a store keeps PT48H as P2D."""
    value = triple.object
    if isinstance(value, Text) and value.datatype.value == XSD + "duration":
        hours, _ = hours_and_duration([value])
        if hours is not None:
            whole, minutes = divmod(hours * 60, 60)
            written = f"PT{int(whole)}H" + (f"{int(minutes)}M" if minutes else "")
            return Triple(triple.subject, triple.predicate, Text(written, datatype=value.datatype))
    return triple
