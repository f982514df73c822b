"""Read a submitted document: ELM or W3C VC as JSON-LD, a signed one (JAdES), Open Badges, Turtle, N-Triples or RDF/XML.

A JSON document becomes a graph in which each node leads back to its place in the document. Nothing is fetched, but
contexts from hosts that the operator has named.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse
from pyoxigraph import Literal as Text

from mastery_graph.credentials.contexts import CREDENTIALS_1, CREDENTIALS_2, ELM, Context, context_of, names_in
from mastery_graph.credentials.ignored_members import IgnoredMember, ignored_members
from mastery_graph.credentials.json_ld import without_undefined
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.open_badges import EXTENSIONS, as_elm, is_badge
from mastery_graph.credentials.pointers import DocumentPositions, add_ids, positions_of, subject_lines
from mastery_graph.credentials.proofs.jws import COMPACT, parse_compact, verify_signatures
from mastery_graph.credentials.proofs.jwt_claims import Claimed, credential_of, is_of_another_issuer
from mastery_graph.credentials.proofs.reasons import Code, Reason
from mastery_graph.credentials.proofs.seal import Seal, proof_signatures, seal_of
from mastery_graph.credentials.proofs.signature import Signature
from mastery_graph.credentials.strict_json import decode_utf8, parse_json
from mastery_graph.errors import BadDocument, ContextRefused, DocumentTooLarge, UnsupportedFormat
from mastery_graph.languages import EnglishText, Joined, Message
from mastery_graph.queries import named_query
from mastery_graph.sources.entities import refuse_entities
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import CRED, DESCRIPTIONS, RDF, XSD, graph

MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""Bytes."""
SUBMITTED = graph("credentials/submitted")
"""The named graph that holds a submitted document in its own store."""

_ROOTS = frozenset(map(NamedNode, DESCRIPTIONS))
_LONGEST_TEXT = 10_000
"""Characters: a longer text is an embedded image."""

_BY_ENDING = {
    "jsonld": "application/ld+json",
    "json": "application/ld+json",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "xml": "application/rdf+xml",
}
_COMPACT = re.compile(COMPACT.pattern.encode())
"""A signed document in compact serialisation."""
_PROOF = NamedNode("https://w3id.org/security#proof")
_STATUS = NamedNode(CRED + "credentialStatus")
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
    """A document as it was sent: its triples, and where in the text each node stands."""

    triples: tuple[Triple, ...]
    sha256: str
    signatures: tuple[Signature, ...] = ()
    """The signatures around it and the proofs in it, as they were checked."""
    pointers: dict[str, str] = field(default_factory=dict)
    """From the IRI of a node to its JSON pointer; empty for formats that are not JSON."""
    format: Literal["elm", "open-badges"] = "elm"
    """What it was written in."""
    notes: tuple[Note, ...] = ()
    """What was taken over only in part, or not at all."""
    places: DocumentPositions = field(default_factory=DocumentPositions)
    """Where members and values stand, or the lines of subjects; nothing for open badges, which have other members."""
    media_type: str = "application/ld+json"
    unread: tuple[IgnoredMember, ...] = ()
    """What stands in it and is not read; nothing for open badges and for formats that are not JSON."""
    left_out: tuple[str, ...] = ()
    """The JSON pointers of the members that its contexts do not define, but for the parts of proofs."""

    @cached_property
    def seal(self) -> Seal:
        """What its signatures are worth: whether it is unchanged, and whether its signer is verified."""
        roots = self.store.select(named_query("description/roots").text) if self.signatures else []
        return seal_of(self.signatures, self.store, [str(row["description"].value) for row in roots])

    @cached_property
    def content(self) -> frozenset[str]:
        """What it says, however it is written: its triples, without the addresses that were made for it."""
        own = f"urn:sha256:{self.sha256}"
        return frozenset(str(triple).replace(own, "") for triple in self.triples)

    @cached_property
    def store(self) -> EmbeddedStore:
        """The document by itself, in a store; without embedded images, and with durations as they are written."""
        store = EmbeddedStore()
        store.replace_graph(SUBMITTED, (_as_written(triple) for triple in self.triples if not _is_image(triple)))
        return store


def read_document(content: bytes, media_type: str | None = None, name: str | None = None) -> SubmittedDocument:
    """Read a document. Its kind is told by the media type, the ending of its name, or its first character.

    Raises `DocumentTooLarge`, `UnsupportedFormat`, `ContextRefused`, and `BadDocument` with the line and column.
    """
    refuse_size(len(content))
    digest = hashlib.sha256(content).hexdigest()
    base = f"urn:sha256:{digest}"
    kind = _kind(content, media_type, name)
    if kind not in _JSON:
        text = decode_utf8(content)
        places = DocumentPositions(lines=subject_lines(text, kind))
        triples = _rdf(text, kind, base)
        return SubmittedDocument(triples, digest, _proofs(None, triples), places=places, media_type=kind)
    document = parse_compact(decode_utf8(content)) or parse_json(content)
    if isinstance(document, dict) and "payload" in document and ("signatures" in document or "protected" in document):
        payload, signatures = verify_signatures(document)
        return _leaving_it_as_it_is(lambda: _sealed(parse_json(payload), digest, base, signatures))
    if isinstance(document, dict) and document.get("proof"):
        return _leaving_it_as_it_is(lambda: _json_ld(Claimed(document), digest, base, ()))
    return _json_ld(Claimed(document), digest, base, ())


def _sealed(payload: Any, digest: str, base: str, signatures: tuple[Signature, ...]) -> SubmittedDocument:
    """Return the document within an envelope."""
    claimed = credential_of(payload)
    if is_of_another_issuer(claimed):
        other = Reason(Code.OTHER_ISSUER, claimed.issuer or "")
        signatures = tuple(replace(signature, reasons=(*signature.reasons, other)) for signature in signatures)
    if isinstance(claimed.credential, dict) and "vct" in claimed.credential and "@context" not in claimed.credential:
        raise BadDocument(Message("The document is an SD-JWT VC, which is a format of its own that is not read."))
    return _json_ld(claimed, digest, base, signatures)


def _leaving_it_as_it_is(read: Callable[[], SubmittedDocument]) -> SubmittedDocument:
    """Read a document that is sealed or carries a proof: where it is refused, nobody is advised to change it."""
    advice = Message(
        "Leave it as it is: a change would break its seal or proof. Ask its issuer for a form that is read."
    )
    try:
        return read()
    except ContextRefused as error:
        hosts = Message("The operator may also allow the host of a context (MASTERY_CONTEXT_HOSTS).")
        raise ContextRefused(error.detail, Joined([advice, hosts], " ")) from None
    except BadDocument as error:
        raise type(error)(error.detail, advice, **error.members) from None


def _proofs(proof: object, triples: Iterable[Triple]) -> tuple[Signature, ...]:
    """Return the proofs of a document, as its member `proof` or, however it is written, as its triples have them."""
    if proof:
        return proof_signatures(proof)
    return proof_signatures([{}]) if any(triple.predicate == _PROOF for triple in triples) else ()


def refuse_size(length: int) -> None:
    """Refuse a document of more than `LARGEST` bytes. Raises `DocumentTooLarge`."""
    if length > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(
            Message(
                "The document has {length} bytes; at most {most} are read.", length=length, most=MAX_DOCUMENT_BYTES
            ),
            Message("Leave out embedded images, or send the credential without its display part."),
        )


def read_value(document: object) -> SubmittedDocument:
    """Read a document that is a JSON value already, as it comes within a larger request."""
    return read_document(json.dumps(document).encode(), "application/ld+json")


def _kind(content: bytes, media_type: str | None, name: str | None) -> str:
    plain = (media_type or "").partition(";")[0].strip().lower()
    if plain in _JSON or plain in _RDF:
        return plain
    if plain and plain not in {"application/octet-stream", "text/plain", "application/x-www-form-urlencoded"}:
        raise UnsupportedFormat(
            f"Documents of the type {plain} are not read.", f"Send one of {', '.join(sorted(_JSON | _RDF.keys()))}."
        )
    if kind := _BY_ENDING.get((name or "").rpartition(".")[2].lower()):
        return kind
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return "application/ld+json" if start in {b"{", b"["} or _COMPACT.fullmatch(content) else "text/turtle"


def _json_ld(claimed: Claimed, digest: str, base: str, signatures: tuple[Signature, ...]) -> SubmittedDocument:
    document = claimed.credential
    if not isinstance(document, dict) or "@context" not in document:
        raise BadDocument(
            Message("The document is not a JSON-LD object with a context."),
            Message(
                "Begin it with {context}.",
                context='"@context": ["https://www.w3.org/2018/credentials/v1", '
                '"http://data.europa.eu/snb/model/context/edc-ap"]',
            ),
        )
    context = context_of(document["@context"])
    body = {key: value for key, value in document.items() if key != "@context"}
    if "proof" in body:
        body["proof"] = _without_contexts(body["proof"])
    if nested := _nested_context(body):
        raise BadDocument(
            Message("There is a context inside the document, at {place}.", place=nested),
            Message("Keep one context, at the top."),
        )
    notes = list(claimed.notes)
    badge = is_badge(document)
    read, left_out = (body, ()) if badge else without_undefined(body, context.active)
    identified, pointers = add_ids(read, frozenset() if badge else context.without_objects, base)
    if badge:
        context = context_of([CREDENTIALS_1, CREDENTIALS_2, EXTENSIONS, ELM])
        identified, further = as_elm(identified, pointers, base)  # type: ignore[arg-type]  # an object stays one
        notes += further
        identified, _ = without_undefined(identified, context.active)
    triples = _with_names(_expanded(context, identified, base), base)  # type: ignore[arg-type]  # an object stays one
    if not badge and CREDENTIALS_2 in names_in(document["@context"]):
        dates = tuple(_dates_of_issuing(triples))
        triples += dates
        notes += [
            Note(
                f"{pointers.get(str(each.subject)[1:-1], '')}/validFrom",
                "validFrom",
                Message("No date of issuing is stated; the date from which it is valid stands for it."),
            )
            for each in dates
        ]
    triples += tuple(_status(document, triples, base))
    places = DocumentPositions() if badge else positions_of(identified, context.properties)
    return SubmittedDocument(
        triples,
        digest,
        (*signatures, *_proofs(document.get("proof"), triples)),
        pointers,
        "open-badges" if badge else "elm",
        notes=tuple(notes),
        places=places,
        unread=() if badge else ignored_members(body, context, pointers),
        left_out=tuple(pointer for pointer in left_out if not pointer.startswith("/proof/")),
    )


def _without_contexts(value: Any) -> Any:
    """Return a proof without the contexts in it, which are part of it (VC Data Integrity, section 2.4.1)."""
    if isinstance(value, dict):
        return {key: _without_contexts(item) for key, item in value.items() if key != "@context"}
    return [_without_contexts(item) for item in value] if isinstance(value, list) else value


def _status(document: Mapping[str, Any], triples: Iterable[Triple], base: str) -> Iterator[Triple]:
    """Yield that a credential names a status, where its contexts have no word for it: it is never passed over."""
    if document.get("credentialStatus") and not any(triple.predicate == _STATUS for triple in triples):
        roots = (triple for triple in triples if triple.predicate.value == RDF + "type" and triple.object in _ROOTS)
        for triple in roots:
            yield Triple(triple.subject, _STATUS, NamedNode(f"{base}#/credentialStatus"))


def _expanded(context: Context, body: dict[str, Any], base: str) -> tuple[Triple, ...]:
    """Return the triples of a JSON-LD document. The parser takes no text of 16 MB: long ones are put aside for it."""
    aside: dict[str, str] = {}
    text = json.dumps({"@context": None, **_without_long_texts(body, aside)}).replace("null", context.text, 1)
    try:
        triples = dict.fromkeys(quad.triple for quad in parse(text, format=RdfFormat.JSON_LD, base_iri=base))
    except (SyntaxError, ValueError) as error:
        raise BadDocument(Message("The document is not valid JSON-LD: {why}.", why=EnglishText(error))) from None
    if not aside:
        return tuple(triples)
    return tuple(
        Triple(each.subject, each.predicate, _with_value(each.object, aside[each.object.value]))
        if isinstance(each.object, Text) and each.object.value in aside
        else each
        for each in triples
    )


def _without_long_texts(value: Any, aside: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: item if key in {"id", "@id", "type", "@type", "@context"} else _without_long_texts(item, aside)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without_long_texts(item, aside) for item in value]
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        name = f"urn:mastery-graph:text:{hashlib.sha256(value.encode()).hexdigest()}"
        aside[name] = value
        return name
    return value


def _with_value(literal: Text, value: str) -> Text:
    if literal.language:
        return Text(value, language=literal.language)
    return Text(value, datatype=literal.datatype)


def _nested_context(value: Any, pointer: str = "") -> str | None:
    if isinstance(value, dict):
        if "@context" in value:
            return pointer or "/"
        items: Any = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return None
    return next((found for key, item in items if (found := _nested_context(item, f"{pointer}/{key}"))), None)


def _rdf(text: str, kind: str, base: str) -> tuple[Triple, ...]:
    if kind == "application/rdf+xml":
        refuse_entities(text)
    try:
        parsed = parse(text, format=_RDF[kind], base_iri=base, rename_blank_nodes=True)
        triples = [quad.triple for quad in parsed]
    except (SyntaxError, ValueError) as error:
        raise BadDocument(
            Message("The document does not parse as {kind}: {why}.", kind=kind, why=EnglishText(error))
        ) from None
    except MemoryError:
        raise BadDocument(
            "The document has a single text of more than 16 MB.", "Leave out the embedded image, or send JSON-LD."
        ) from None
    if not triples:
        raise BadDocument(Message("The document says nothing."))
    if any(isinstance(triple.object, Triple) for triple in triples):
        raise BadDocument("The document says something of a statement (RDF 1.2), which is not read.", "Leave it out.")
    return _with_names(triples, base)


def _with_names(triples: Sequence[Triple], base: str) -> tuple[Triple, ...]:
    """Return the triples with an IRI for each description that has none: it can be asked about by its name alone."""
    unnamed = (
        triple.subject
        for triple in triples
        if isinstance(triple.subject, BlankNode) and triple.predicate.value == RDF + "type" and triple.object in _ROOTS
    )
    names: dict[object, NamedNode] = {
        node: NamedNode(f"{base}#unnamed-{number}") for number, node in enumerate(dict.fromkeys(unnamed), 1)
    }
    return tuple(
        Triple(names.get(each.subject, each.subject), each.predicate, names.get(each.object, each.object))
        for each in triples
    )


def _is_image(triple: Triple) -> bool:
    return isinstance(triple.object, Text) and len(triple.object.value) > _LONGEST_TEXT


def _as_written(triple: Triple) -> Triple:
    """Return the triple with a duration as plain text: a store would write PT60H as P2DT12H."""
    value = triple.object
    if isinstance(value, Text) and value.datatype.value == XSD + "duration":
        return Triple(triple.subject, triple.predicate, Text(value.value))
    return triple


def _dates_of_issuing(triples: tuple[Triple, ...]) -> Iterator[Triple]:
    """Yield a date of issuing for each credential without one: VC 2.0 has `validFrom` in its place."""
    dated = {each.subject for each in triples if each.predicate.value in {CRED + "issuanceDate", CRED + "issued"}}
    for each in triples:
        if each.predicate.value == CRED + "validFrom" and each.subject not in dated:
            yield Triple(each.subject, NamedNode(CRED + "issued"), each.object)
