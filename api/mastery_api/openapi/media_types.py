"""The media types of responses beside JSON, with their schemas, as routes declare them."""

from collections.abc import Iterable
from typing import Any, Final

from mastery_api import negotiation

_TEXT: Final = {"type": "string"}
_JSON_LD: Final = {
    "title": "JsonLd",
    "description": "A JSON-LD document.",
    "anyOf": [{"type": "object", "additionalProperties": True}, {"type": "array", "items": {"type": "object"}}],
}
_SPARQL_RESULTS: Final = {
    "title": "SparqlResults",
    "description": "SPARQL 1.1 Query Results JSON Format.",
    "type": "object",
    "required": ["head"],
    "properties": {
        "head": {"type": "object", "additionalProperties": True},
        "results": {
            "type": "object",
            "required": ["bindings"],
            "properties": {"bindings": {"type": "array", "items": {"type": "object"}}},
        },
        "boolean": {"type": "boolean"},
    },
}
_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "application/ld+json": _JSON_LD,
    "application/sparql-results+json": _SPARQL_RESULTS,
    "application/sarif+json": {
        "title": "SarifLog",
        "description": "SARIF 2.1.0.",
        "type": "object",
        "required": ["version", "runs"],
        "additionalProperties": True,
    },
}

ANSWER: Final = ("application/ld+json", "text/html", "text/plain")
"""The formats of an answer beside JSON."""
TABULAR_ANSWER: Final = (*ANSWER, "text/csv")
"""The formats of an answer with a table, beside JSON."""
GRAPH_FORMATS: Final = tuple(negotiation.GRAPHS)
"""The formats of a graph."""
SPARQL_RESULTS: Final = _SPARQL_RESULTS


def declare_media_types(
    media_types: Iterable[str], status: int = 200, schemas: dict[str, dict[str, Any]] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route with these media types, which are texts unless they have a known schema."""
    known = _SCHEMAS | (schemas or {})
    return {status: {"content": {media_type: {"schema": known.get(media_type, _TEXT)} for media_type in media_types}}}
