"""Reader of submitted documents: ELM or W3C VC as JSON-LD, signed (JAdES), Open Badges, Turtle, N-Triples, RDF/XML.

A JSON document becomes a graph whose nodes map back to positions in the document. Nothing is fetched except contexts
from hosts that the operator allows.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pyoxigraph import Literal as Text
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from mastery_graph.credentials.formats import detect_format
from mastery_graph.credentials.formats.json_ld_triples import MAX_LITERAL_CHARS, ROOTS, name_descriptions
from mastery_graph.credentials.ignored_members import IgnoredMember
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.pointers import DocumentPositions, subject_lines
from mastery_graph.credentials.proofs.jws import COMPACT, parse_compact, verify_signatures
from mastery_graph.credentials.proofs.jwt_claims import ClaimedCredential, credential_of, has_other_issuer
from mastery_graph.credentials.proofs.reasons import Code, Reason
from mastery_graph.credentials.proofs.seal import Seal, proof_signatures, seal_of
from mastery_graph.credentials.proofs.signature import Signature
from mastery_graph.credentials.strict_json import decode_utf8, parse_json
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


def read_document(content: bytes, media_type: str | None = None, name: str | None = None) -> SubmittedDocument:
    """Read a document. Its format is inferred from the media type, the file extension, or its first character.

    Raises `DocumentTooLarge`, `UnsupportedFormat`, `ContextRefused`, and `BadDocument` with the line and column.
    """
    refuse_size(len(content))
    document = _read_document(content, media_type, name)
    if (number := len(document.triples)) > MAX_TRIPLES:
        raise DocumentTooLarge(
            Message("The document has {number} statements; at most {most} are read.", number=number, most=MAX_TRIPLES),
            Message("Send its credentials one by one."),
        )
    return document


def _read_document(content: bytes, media_type: str | None, name: str | None) -> SubmittedDocument:
    digest = hashlib.sha256(content).hexdigest()
    base = f"urn:sha256:{digest}"
    kind = _infer_media_type(content, media_type, name)
    if kind not in _JSON:
        text = decode_utf8(content)
        places = DocumentPositions(lines=subject_lines(text, kind))
        triples = _parse_rdf(text, kind, base)
        return SubmittedDocument(triples, digest, _proofs(None, triples), places=places, media_type=kind)
    document = parse_compact(decode_utf8(content)) or parse_json(content)
    if isinstance(document, dict) and "payload" in document and ("signatures" in document or "protected" in document):
        payload, signatures = verify_signatures(document)
        return _advise_against_changes(lambda: _read_payload(parse_json(payload), digest, base, signatures))
    if isinstance(document, dict) and document.get("proof"):
        return _advise_against_changes(lambda: _read_json_ld(ClaimedCredential(document), digest, base, ()))
    return _read_json_ld(ClaimedCredential(document), digest, base, ())


def _read_payload(payload: Any, digest: str, base: str, signatures: tuple[Signature, ...]) -> SubmittedDocument:
    """Read the payload of a signed document."""
    claimed = credential_of(payload)
    if has_other_issuer(claimed):
        reason = Reason(Code.OTHER_ISSUER, claimed.issuer or "")
        signatures = tuple(replace(signature, reasons=(*signature.reasons, reason)) for signature in signatures)
    if isinstance(claimed.credential, dict) and "vct" in claimed.credential and "@context" not in claimed.credential:
        raise BadDocument(Message("The document is an SD-JWT VC, which is a format of its own that is not read."))
    return _read_json_ld(claimed, digest, base, signatures)


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


def _read_json_ld(
    claimed: ClaimedCredential, digest: str, base: str, signatures: tuple[Signature, ...]
) -> SubmittedDocument:
    document = claimed.credential
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
    reading = form.read(document, base)
    triples = (*reading.triples, *_missing_status(document, reading.triples, base))
    return SubmittedDocument(
        triples,
        digest,
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
