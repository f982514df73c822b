"""The format ELM: any JSON-LD document is read with its own contexts, as the standard prescribes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pyoxigraph import NamedNode, Triple

from mastery_graph.credentials.contexts import CREDENTIALS_2, context_of, names_in
from mastery_graph.credentials.formats.elm.examples import example_for, part_at
from mastery_graph.credentials.formats.elm.tree import as_json_ld
from mastery_graph.credentials.formats.format import ExamplePlace, Reading, without_contexts
from mastery_graph.credentials.formats.json_ld_triples import parse_json_ld
from mastery_graph.credentials.ignored_members import ignored_members
from mastery_graph.credentials.json_ld import without_undefined
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.pointers import add_ids, positions_of
from mastery_graph.errors import BadDocument
from mastery_graph.languages import Message
from mastery_graph.vocabulary import CRED

XML: Final = "application/xml"
"""The media type of a transcript in XML, into which no fragment of ELM fits."""
PROOF: Final = "https://w3id.org/security#proof"
UNCHECKED_PROOF: Final = Message(
    "The seal or proof covers the document as it was sent; it was not checked, and is not carried over."
)


class ElmFormat:
    """The European Learning Model, or any other JSON-LD."""

    name = "elm"
    target = "elm"
    needs_labels = False

    def detects(self, document: Mapping[str, Any]) -> bool:
        """Return whether a JSON object is JSON-LD."""
        return "@context" in document

    def read(self, document: Mapping[str, Any], base: str) -> Reading:
        """Read a document with its own contexts. Raises `ContextRefused` and `BadDocument`."""
        context = context_of(document["@context"])
        body = {key: value for key, value in document.items() if key != "@context"}
        if "proof" in body:  # its contexts are part of the proof (VC Data Integrity, section 2.4.1)
            body["proof"] = without_contexts(body["proof"])
        _refuse_nested_context(body)
        defined_members, left_out = without_undefined(body, context.active)
        identified, pointers = add_ids(defined_members, context.non_node_terms, base)
        triples = parse_json_ld(context, identified, base)  # type: ignore[arg-type]  # an object stays one
        dates = tuple(_dates_of_issuing(triples)) if CREDENTIALS_2 in names_in(document["@context"]) else ()
        return Reading(
            triples + dates,
            pointers,
            tuple(_note_on_date(triple, pointers) for triple in dates),
            positions_of(identified, context.properties),
            ignored_members(body, context, pointers),
            tuple(pointer for pointer in left_out if not pointer.startswith("/proof/")),
        )

    def example(self, example: str, place: ExamplePlace) -> str:
        """Return the part of an example that is to be added at a place, in the syntax of the document."""
        if place.media_type == XML:
            return ""
        if place.pointer is not None:
            return part_at(example, place.pointer, is_object=place.is_object)
        return example_for(example, place.media_type, place.node)

    def has_counterpart(self, example: str) -> bool:  # noqa: ARG002
        """Return True: the examples are in ELM."""
        return True

    def write(
        self, triples: Iterable[Triple], roots: Sequence[str], pointers: Mapping[str, str]
    ) -> tuple[dict[str, Any], list[Note]]:
        """Return the descriptions as one tree, without the proofs, which are noted."""
        triples = tuple(triples)
        proofs = [triple for triple in triples if triple.predicate.value == PROOF]
        document = as_json_ld((triple for triple in triples if triple not in proofs), roots)
        notes = [Note(pointers.get(_name(proof.subject)), PROOF, UNCHECKED_PROOF) for proof in proofs]
        return document, notes


def _dates_of_issuing(triples: tuple[Triple, ...]) -> Iterator[Triple]:
    """Yield a date of issuing for each credential without one: VC 2.0 uses `validFrom` instead."""
    dated_credentials = {
        triple.subject for triple in triples if triple.predicate.value in {CRED.issuanceDate, CRED.issued}
    }
    for triple in triples:
        if triple.predicate.value == CRED.validFrom and triple.subject not in dated_credentials:
            yield Triple(triple.subject, NamedNode(CRED.issued), triple.object)


def _note_on_date(triple: Triple, pointers: Mapping[str, str]) -> Note:
    return Note(
        f"{pointers.get(str(triple.subject)[1:-1], '')}/validFrom",
        "validFrom",
        Message("No date of issuing is stated; the date from which it is valid is used instead."),
    )


def _name(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else str(node)


def _refuse_nested_context(body: Mapping[str, Any]) -> None:
    if nested_pointer := _nested_context(body):
        raise BadDocument(
            Message("There is a context inside the document, at {place}.", place=nested_pointer),
            Message("Keep one context, at the top."),
        )


def _nested_context(value: Any, pointer: str = "") -> str | None:
    """Return the JSON pointer of an object with a context of its own, or None."""
    if isinstance(value, dict):
        if "@context" in value:
            return pointer or "/"
        items: Any = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return None
    return next((nested for key, item in items if (nested := _nested_context(item, f"{pointer}/{key}"))), None)
