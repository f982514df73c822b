"""Reader of submitted documents: ELM or W3C VC as JSON-LD, signed (JAdES), Open Badges, Turtle, N-Triples, RDF/XML.

A JSON document becomes a graph whose nodes map back to positions in the document. Nothing is fetched except contexts
from hosts that the operator allows.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from pyoxigraph import Literal as Text
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from mastery_graph.credentials.containers.envelopes import EmbeddedCredential, parts_of
from mastery_graph.credentials.containers.pictures import badge_in_picture
from mastery_graph.credentials.containers.transcripts import TranscriptPart, is_transcript, transcript_parts
from mastery_graph.credentials.formats import detect_format
from mastery_graph.credentials.formats.elm.format import XML
from mastery_graph.credentials.formats.json_ld_triples import MAX_LITERAL_CHARS, ROOTS, name_descriptions
from mastery_graph.credentials.formats.open_badges.format import badge_of_claims
from mastery_graph.credentials.ignored_members import IgnoredMember
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.pointers import DocumentPositions, subject_lines
from mastery_graph.credentials.proofs.disclosures import disclose, disclosures_of
from mastery_graph.credentials.proofs.jws import COMPACT, parse_compact, verify_signatures
from mastery_graph.credentials.proofs.jwt_claims import ClaimedCredential, credential_of, has_other_issuer
from mastery_graph.credentials.proofs.reasons import Code, Reason
from mastery_graph.credentials.proofs.seal import Seal, proof_signatures, seal_of
from mastery_graph.credentials.proofs.signature import Signature
from mastery_graph.credentials.strict_json import decode_utf8, parse_json
from mastery_graph.credentials.unreadable import refuse_file_kind, refuse_object_kind
from mastery_graph.errors import BadDocument, ContextRefused, DocumentTooLarge, UnsupportedFormat
from mastery_graph.languages import EnglishText, Joined, Message
from mastery_graph.queries import named_query
from mastery_graph.sources.entities import refuse_entities
from mastery_graph.sources.nesting import refuse_deep_turtle, refuse_deep_xml
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import CRED, RDF, XSD, graph

MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""The limit on the size of a document, in bytes."""
MAX_TRIPLES = 50_000
"""The limit on the number of statements of a document."""
SUBMITTED = graph("credentials/submitted")
"""The named graph of a submitted document in its own store."""

_BY_EXTENSION = {
    "jsonld": "application/ld+json",
    "json": "application/ld+json",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "xml": "application/rdf+xml",
}
_COMPACT_JWS = re.compile(COMPACT.pattern.encode())
"""A signed document in compact serialisation."""
_PROOF = NamedNode("https://w3id.org/security#proof")
_CREDENTIAL_STATUS = NamedNode(CRED.credentialStatus)
_JSON = {
    "application/json",
    "application/ld+json",
    "application/vc+json",
    "application/jose+json",
    "application/jose",
    "application/jwt",
    "application/vc+jwt",
    "application/vc+ld+json",
}
_RDF = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
}


@dataclass(frozen=True)
class SubmittedDocument:
    """A submitted document: its triples, and the position of each node in the text."""

    triples: tuple[Triple, ...]
    sha256: str
    signatures: tuple[Signature, ...] = ()
    """The results of checking its enveloping signatures and embedded proofs."""
    pointers: dict[str, str] = field(default_factory=dict)
    """The JSON pointer of each node by its IRI; empty for formats other than JSON."""
    format: str = "elm"
    """The name of the format of the document as submitted (see `formats`)."""
    notes: tuple[Note, ...] = ()
    """The parts that were converted partially or not at all."""
    places: DocumentPositions = field(default_factory=DocumentPositions)
    """The positions of members and values, or the lines of subjects; empty for Open Badges, which are converted."""
    media_type: str = "application/ld+json"
    unread: tuple[IgnoredMember, ...] = ()
    """The members that are not read; empty for Open Badges and formats other than JSON."""
    left_out: tuple[str, ...] = ()
    """The JSON pointers of the members that its contexts do not define, except for parts of proofs."""

    @cached_property
    def seal(self) -> Seal:
        """The seal: whether the document is unchanged, and whether its signer is verified."""
        roots = self.store.select(named_query("description/roots").text) if self.signatures else []
        return seal_of(self.signatures, self.store, [str(row["description"].value) for row in roots])

    @cached_property
    def content(self) -> frozenset[str]:
        """The content independent of serialisation: its triples, without the IRI of the document in generated ids."""
        own = f"urn:sha256:{self.sha256}"
        return frozenset(str(triple).replace(own, "") for triple in self.triples)

    @cached_property
    def store(self) -> MemoryStore:
        """A store with only this document, without embedded images and with durations as they are written."""
        store = MemoryStore()
        store.replace_graph(
            SUBMITTED, (_with_plain_duration(triple) for triple in self.triples if not _is_image(triple))
        )
        return store


_PartType = TypeVar("_PartType", EmbeddedCredential, TranscriptPart)


@dataclass(frozen=True, slots=True)
class _Source:
    """What was sent: its hash, its IRI, and where the members of the credential are in it."""

    sha256: str
    origin: Callable[[str], str] | None = None

    @property
    def base(self) -> str:
        """The IRI of the document, which is the prefix of generated ids."""
        return f"urn:sha256:{self.sha256}"

    def part(self, origin: Callable[[str], str]) -> "_Source":
        """Return the source of a credential in this document."""
        outer = self.origin
        return _Source(self.sha256, (lambda pointer: outer(origin(pointer))) if outer else origin)


def read_document(content: bytes, media_type: str | None = None, name: str | None = None) -> SubmittedDocument:
    """Read a document. Its format is inferred from its first bytes, the media type and the file extension.

    Raises `DocumentTooLarge`, `UnsupportedFormat`, `ContextRefused`, and `BadDocument` with the line and column.
    """
    refuse_size(len(content))
    document = _read_document(content, media_type, name)
    _refuse_triples(document)
    return document


def _refuse_triples(document: SubmittedDocument) -> None:
    if (number := len(document.triples)) > MAX_TRIPLES:
        raise DocumentTooLarge(
            Message("The document has {number} statements; at most {most} are read.", number=number, most=MAX_TRIPLES),
            Message("Send its credentials one by one."),
        )


def _read_document(content: bytes, media_type: str | None, name: str | None) -> SubmittedDocument:
    source = _Source(hashlib.sha256(content).hexdigest())
    if badge := badge_in_picture(content):
        content, media_type, name = badge, None, None
    refuse_file_kind(content)
    kind = _infer_media_type(content, media_type, name)
    if kind not in _JSON:
        text = decode_utf8(content)
        if is_transcript(text):
            return read_transcript(_only(transcript_parts(text)), source.sha256)
        places = DocumentPositions(lines=subject_lines(text, kind))
        triples = _parse_rdf(text, kind, source.base)
        return SubmittedDocument(triples, source.sha256, _proofs(None, triples), places=places, media_type=kind)
    return _read_json(parse_compact(decode_utf8(content)) or parse_json(content), source)


def _read_json(document: Any, source: _Source) -> SubmittedDocument:
    """Read a JSON value: a credential, a signed one, or a document that contains one."""
    if isinstance(document, dict) and "payload" in document and ("signatures" in document or "protected" in document):
        payload, signatures = verify_signatures(document)
        return _advise_against_changes(lambda: _read_token(document, parse_json(payload), source, signatures))
    if parts := parts_of(document):
        return _read_part(_only(parts), source)
    if isinstance(document, dict) and document.get("proof"):
        return _advise_against_changes(lambda: _read_json_ld(ClaimedCredential(document), source, ()))
    return _read_json_ld(ClaimedCredential(document), source, ())


def _only(parts: Sequence[_PartType]) -> _PartType:
    """Return the only credential in a document. Raises `BadDocument` if there are several."""
    if len(parts) > 1:
        raise BadDocument(
            Message("The document contains {number} credentials.", number=len(parts)),
            Message("Send one of them; a check takes all of them at once."),
        )
    return parts[0]


def read_transcript(part: TranscriptPart, sha256: str) -> SubmittedDocument:
    """Read a passed course of an ELMO transcript; `sha256` is the hash of what was sent."""
    signatures = (Signature("not-checked", (Reason(Code.XML_SIGNATURE),)),) if part.is_signed else ()
    source = _Source(sha256, part.origin)
    document = _read_json_ld(ClaimedCredential(part.credential, part.notes), source, signatures)
    _refuse_triples(document)
    return replace(document, media_type=XML)


def read_part(part: EmbeddedCredential, sha256: str) -> SubmittedDocument:
    """Read a credential in a document; `sha256` is its hash."""
    document = _read_part(part, _Source(sha256))
    _refuse_triples(document)
    return document


def _read_part(part: EmbeddedCredential, source: _Source) -> SubmittedDocument:
    """Read a credential in a document: an object, or a token, whose members have no position of their own."""
    if isinstance(part.credential, str):
        token = parse_compact(part.credential)
        if token is None:
            refuse_file_kind(part.credential.encode())
            raise BadDocument(Message("The credential in the document is a text that is not a signed token."))
        return _read_json(token, source.part(lambda _: part.origin("")))
    return _read_json(part.credential, source.part(part.origin))


def _read_token(
    envelope: Mapping[str, Any], payload: Any, source: _Source, signatures: tuple[Signature, ...]
) -> SubmittedDocument:
    """Read the payload of a signed document, with its disclosures in place if it is an SD-JWT."""
    disclosures = disclosures_of(envelope)
    if not disclosures and "_sd_alg" not in (payload if isinstance(payload, dict) else {}):
        return _read_payload(payload, source, signatures)
    disclosed = disclose(payload, disclosures)
    if not disclosed.are_signed:
        reason = Reason(Code.OTHER_DISCLOSURES)
        signatures = tuple(replace(signature, state="broken", reasons=(reason,)) for signature in signatures)
    document = _read_payload(disclosed.claims, source, signatures)
    if not disclosed.hidden:
        return document
    message = Message("Claims that are not disclosed: {number}. What they state is unknown.", number=disclosed.hidden)
    return replace(document, notes=(*document.notes, Note(None, "_sd", message)))


def _read_payload(payload: Any, source: _Source, signatures: tuple[Signature, ...]) -> SubmittedDocument:
    """Read the payload of a signed document. The signature of a presentation is its holder's, and is not a seal."""
    if parts := parts_of(payload):
        document = _read_part(_only(parts), source)
        message = Message("The signature of the presentation is its holder's: it is not the seal of the credential.")
        return replace(document, notes=(*document.notes, Note(None, "signature", message)))
    claimed = credential_of(payload)
    if has_other_issuer(claimed):
        reason = Reason(Code.OTHER_ISSUER, claimed.issuer or "")
        signatures = tuple(replace(signature, reasons=(*signature.reasons, reason)) for signature in signatures)
    if isinstance(claimed.credential, dict) and "vct" in claimed.credential and "@context" not in claimed.credential:
        claimed = replace(claimed, credential=badge_of_claims(claimed.credential))
    return _read_json_ld(claimed, source, signatures)


def _advise_against_changes(read: Callable[[], SubmittedDocument]) -> SubmittedDocument:
    """Call `read` for a sealed document; replace the advice of an error, as a change would break the seal."""
    advice = Message(
        "Leave it as it is: a change would break its seal or proof. Ask its issuer for a form that is read."
    )
    try:
        return read()
    except ContextRefused as error:
        hosts = Message("The operator may also allow the host of a context (MASTERY_CONTEXT_HOSTS).")
        raise ContextRefused(error.detail, Joined([advice, hosts], " ")) from None
    except BadDocument as error:
        raise type(error)(error.detail, advice, error.action, **error.members) from None


def _proofs(proof: object, triples: Iterable[Triple]) -> tuple[Signature, ...]:
    """Return the proofs of a document, from its member `proof` or else from its triples."""
    if proof:
        return proof_signatures(proof)
    return proof_signatures([{}]) if any(triple.predicate == _PROOF for triple in triples) else ()


def refuse_size(length: int) -> None:
    """Raise `DocumentTooLarge` for a document of more than `MAX_DOCUMENT_BYTES` bytes."""
    if length > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(
            Message(
                "The document has {length} bytes; at most {most} are read.", length=length, most=MAX_DOCUMENT_BYTES
            ),
            Message("Leave out embedded images, or send the credential without its display part."),
        )


def read_value(document: object) -> SubmittedDocument:
    """Read a document that is a parsed JSON value, as part of a larger request."""
    return read_document(json.dumps(document).encode(), "application/ld+json")


def _infer_media_type(content: bytes, media_type: str | None, name: str | None) -> str:
    essence = (media_type or "").partition(";")[0].strip().lower()
    if essence in _JSON or essence in _RDF:
        return essence
    if essence and essence not in {"application/octet-stream", "text/plain", "application/x-www-form-urlencoded"}:
        raise UnsupportedFormat(
            Message("Documents of the type {essence} are not supported.", essence=essence),
            Message("Send one of {names}.", names=", ".join(sorted(_JSON | _RDF.keys()))),
        )
    if kind := _BY_EXTENSION.get((name or "").rpartition(".")[2].lower()):
        return kind
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return "application/ld+json" if start in {b"{", b"["} or _COMPACT_JWS.fullmatch(content) else "text/turtle"


def _read_json_ld(claimed: ClaimedCredential, source: _Source, signatures: tuple[Signature, ...]) -> SubmittedDocument:
    document = claimed.credential
    if isinstance(document, dict):
        refuse_object_kind(document)
    form = detect_format(document) if isinstance(document, dict) else None
    if form is None:
        raise BadDocument(
            Message("The document is not a JSON-LD object with a context."),
            Message(
                "Begin it with {context}.",
                context='"@context": ["https://www.w3.org/2018/credentials/v1", '
                '"http://data.europa.eu/snb/model/context/edc-ap"]',
            ),
        )
    reading = form.read(document, source.base)
    triples = (*reading.triples, *_missing_status(document, reading.triples, source.base))
    if source.origin:
        reading = reading.relocate(source.origin)
    return SubmittedDocument(
        triples,
        source.sha256,
        (*signatures, *_proofs(document.get("proof"), triples)),
        reading.pointers,
        form.name,
        notes=(*claimed.notes, *reading.notes),
        places=reading.places,
        unread=reading.unread,
        left_out=reading.left_out,
    )


def _missing_status(document: Mapping[str, Any], triples: Iterable[Triple], base: str) -> Iterator[Triple]:
    """Yield the status of a credential if its contexts do not define `credentialStatus`: it must not be ignored."""
    if document.get("credentialStatus") and not any(triple.predicate == _CREDENTIAL_STATUS for triple in triples):
        roots = (triple for triple in triples if triple.predicate.value == RDF.type and triple.object in ROOTS)
        for triple in roots:
            yield Triple(triple.subject, _CREDENTIAL_STATUS, NamedNode(f"{base}#/credentialStatus"))


def _parse_rdf(text: str, kind: str, base: str) -> tuple[Triple, ...]:
    if kind == "application/rdf+xml":
        refuse_entities(text)
        refuse_deep_xml(text)
    else:
        refuse_deep_turtle(text)
    try:
        quads = parse(text, format=_RDF[kind], base_iri=base, rename_blank_nodes=True)
        triples = [quad.triple for quad in quads]
    except (SyntaxError, ValueError) as error:
        raise BadDocument(
            Message("The document does not parse as {kind}: {why}.", kind=kind, why=EnglishText(error))
        ) from None
    except MemoryError:
        raise BadDocument(
            Message("The document has a single text of more than 16 MB."),
            Message("Leave out the embedded image, or send JSON-LD."),
        ) from None
    if not triples:
        raise BadDocument(Message("The document contains no data."))
    if any(isinstance(triple.object, Triple) for triple in triples):
        raise BadDocument(
            Message("The document contains a statement about a statement (RDF 1.2), which is not supported."),
            Message("Remove it."),
        )
    return name_descriptions(triples, base)


def _is_image(triple: Triple) -> bool:
    return isinstance(triple.object, Text) and len(triple.object.value) > MAX_LITERAL_CHARS


def _with_plain_duration(triple: Triple) -> Triple:
    """Return the triple with its duration as a plain literal: a store would normalise PT60H to P2DT12H."""
    value = triple.object
    if isinstance(value, Text) and value.datatype.value == XSD.duration:
        return Triple(triple.subject, triple.predicate, Text(value.value))
    return triple
