"""The triples of a JSON-LD document whose contexts are resolved and whose objects have ids."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from mastery_graph.credentials.contexts import Context
from mastery_graph.errors import BadDocument
from mastery_graph.languages import EnglishText, Message
from mastery_graph.vocabulary import DESCRIPTIONS, RDF

MAX_LITERAL_CHARS: Final = 10_000
"""Characters. A longer text is considered an embedded image."""
ROOTS: Final = frozenset(map(NamedNode, DESCRIPTIONS))


def parse_json_ld(context: Context, body: dict[str, Any], base: str) -> tuple[Triple, ...]:
    """Return the triples of a document without its `@context`. Raises `BadDocument`.

    The parser rejects literals of 16 MB, so long ones are replaced while it runs.
    """
    long_texts: dict[str, str] = {}
    text = json.dumps({"@context": None, **_without_long_texts(body, long_texts)}).replace("null", context.text, 1)
    try:
        triples = dict.fromkeys(quad.triple for quad in parse(text, format=RdfFormat.JSON_LD, base_iri=base))
    except (SyntaxError, ValueError) as error:
        raise BadDocument(Message("The document is not valid JSON-LD: {why}.", why=EnglishText(error))) from None
    if not long_texts:
        return name_descriptions(tuple(triples), base)
    restored = tuple(
        Triple(triple.subject, triple.predicate, _replace_value(triple.object, long_texts[triple.object.value]))
        if isinstance(triple.object, Literal) and triple.object.value in long_texts
        else triple
        for triple in triples
    )
    return name_descriptions(restored, base)


def name_descriptions(triples: Sequence[Triple], base: str) -> tuple[Triple, ...]:
    """Return the triples with an IRI for each blank description: queries need an IRI to select a description."""
    unnamed = (
        triple.subject
        for triple in triples
        if isinstance(triple.subject, BlankNode) and triple.predicate.value == RDF.type and triple.object in ROOTS
    )
    names: dict[object, NamedNode] = {
        node: NamedNode(f"{base}#unnamed-{number}") for number, node in enumerate(dict.fromkeys(unnamed), 1)
    }
    return tuple(
        Triple(names.get(triple.subject, triple.subject), triple.predicate, names.get(triple.object, triple.object))
        for triple in triples
    )


def _without_long_texts(value: Any, long_texts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: item if key in {"id", "@id", "type", "@type", "@context"} else _without_long_texts(item, long_texts)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without_long_texts(item, long_texts) for item in value]
    if isinstance(value, str) and len(value) > MAX_LITERAL_CHARS:
        name = f"urn:mastery-graph:text:{hashlib.sha256(value.encode()).hexdigest()}"
        long_texts[name] = value
        return name
    return value


def _replace_value(literal: Literal, value: str) -> Literal:
    if literal.language:
        return Literal(value, language=literal.language)
    return Literal(value, datatype=literal.datatype)
