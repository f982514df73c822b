"""Read a submitted document: ELM or W3C VC as JSON-LD, a signed one (JAdES), Turtle, N-Triples or RDF/XML.

A JSON document becomes a graph in which each node leads back to its place in the document. Nothing is fetched.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyoxigraph import Literal, RdfFormat, Triple, parse

from mastery_graph.credentials.contexts import language_terms, resolved
from mastery_graph.credentials.pointers import with_ids
from mastery_graph.credentials.seal import ABSENT, Seal, unseal
from mastery_graph.errors import BadDocument, DocumentTooLarge, UnsupportedFormat
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import XSD, graph

LARGEST = 20 * 1024 * 1024
"""Bytes."""
DEEPEST = 100
"""Levels of nesting in JSON."""
SUBMITTED = graph("credentials/submitted")
"""The named graph that holds a submitted document in its own store."""

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
_JSON = {
    "application/json",
    "application/ld+json",
    "application/vc+json",
    "application/jose+json",
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
    seal: Seal = ABSENT
    pointers: dict[str, str] = field(default_factory=dict)
    """From the IRI of a node to its JSON pointer; empty for formats that are not JSON."""

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
    if len(content) > LARGEST:
        raise DocumentTooLarge(
            f"The document has {len(content)} bytes; at most {LARGEST} are read.",
            "Leave out embedded images, or send the credential without its display part.",
        )
    digest = hashlib.sha256(content).hexdigest()
    base = f"urn:sha256:{digest}"
    kind = _kind(content, media_type, name)
    if kind not in _JSON:
        return SubmittedDocument(tuple(_rdf(content, kind, base)), digest)
    document = _json(content)
    seal = ABSENT
    if isinstance(document, dict) and "payload" in document and ("signatures" in document or "protected" in document):
        payload, seal = unseal(document)
        document = _json(payload)
    triples, pointers = _json_ld(document, base)
    return SubmittedDocument(triples, digest, seal, pointers)


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
    start = content.lstrip()[:1]
    return "application/ld+json" if start in {b"{", b"["} else "text/turtle"


def _json(content: bytes) -> Any:
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
    except UnicodeDecodeError as error:
        raise BadDocument(f"The document is not UTF-8: byte {error.start} cannot be read.") from None
    except json.JSONDecodeError as error:
        raise BadDocument(
            f"The document is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            line=error.lineno,
            column=error.colno,
        ) from None
    except RecursionError:
        raise _too_deep() from None
    _refuse_depth(document)
    return document


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadDocument(f"The key {key!r} stands twice in one object.", "Keep one of them.")
        found[key] = value
    return found


def _refuse_depth(document: Any) -> None:
    level = [document]
    for _ in range(DEEPEST):
        level = [
            item
            for value in level
            if isinstance(value, dict | list)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> BadDocument:
    return BadDocument(f"The document is nested more than {DEEPEST} levels deep.")


def _json_ld(document: Any, base: str) -> tuple[tuple[Triple, ...], dict[str, str]]:
    if not isinstance(document, dict) or "@context" not in document:
        raise BadDocument(
            "The document is not a JSON-LD object with a context.",
            'Begin it with "@context": ["https://www.w3.org/2018/credentials/v1", '
            '"http://data.europa.eu/snb/model/context/edc-ap"].',
        )
    context = resolved(document["@context"])
    body = {key: value for key, value in document.items() if key != "@context"}
    if nested := _nested_context(body):
        raise BadDocument(f"There is a context inside the document, at {nested}.", "Keep one context, at the top.")
    identified, pointers = with_ids(body, language_terms(context), base)
    text = json.dumps({"@context": context, **identified})  # type: ignore[dict-item]  # an object stays one
    try:
        quads = list(parse(text, format=RdfFormat.JSON_LD, base_iri=base))
    except SyntaxError as error:
        raise BadDocument(f"The document is not valid JSON-LD: {error}.") from None
    return tuple(dict.fromkeys(quad.triple for quad in quads)), pointers


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


def _rdf(content: bytes, kind: str, base: str) -> list[Triple]:
    if kind == "application/rdf+xml" and re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise BadDocument("The document declares a document type or entities, which are not read.", "Remove them.")
    try:
        parsed = parse(content, format=_RDF[kind], base_iri=base, rename_blank_nodes=True)
        triples = [quad.triple for quad in parsed]
    except (SyntaxError, UnicodeDecodeError) as error:
        raise BadDocument(f"The document does not parse as {kind}: {error}.") from None
    if not triples:
        raise BadDocument("The document says nothing.")
    return triples


def _is_image(triple: Triple) -> bool:
    return isinstance(triple.object, Literal) and len(triple.object.value) > _LONGEST_TEXT


def _as_written(triple: Triple) -> Triple:
    """Return the triple with a duration as plain text: a store would write PT60H as P2DT12H."""
    value = triple.object
    if isinstance(value, Literal) and value.datatype.value == XSD + "duration":
        return Triple(triple.subject, triple.predicate, Literal(value.value))
    return triple
