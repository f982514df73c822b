"""Representations of a document of the graph: HTML, and the RDF formats with or without named graphs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pyoxigraph import Quad, RdfFormat, Triple, serialize

from mastery_api import addresses, negotiation
from mastery_graph import __version__
from mastery_graph.dataset_identity import Dataset
from mastery_graph.errors import NotAcceptable
from mastery_graph.languages import Message
from mastery_graph.linked_data.json_ld import context, to_json_ld
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import PREFIXES

HTML: Final = "text/html"
JSON_LD: Final = "application/ld+json"
SUFFIXES: Final = {
    "html": HTML,
    "ttl": "text/turtle",
    "jsonld": JSON_LD,
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
"""The suffix of the path of a document, by representation."""

CONTEXT: Final = "/context.jsonld"


@dataclass(frozen=True, slots=True)
class ResourceDocument:
    """A document of the graph: its path, its quads, and the triples about the document itself."""

    path: str
    quads: Sequence[Quad]
    about_itself: Sequence[Triple]
    links: tuple[str, ...] = ()
    """Further values of the Link header."""


def _requested_suffix(
    request: Request,
    format_name: Annotated[
        str | None, Query(alias="format", description=f"In place of the Accept header: {', '.join(SUFFIXES)}.")
    ] = None,
) -> str | None:
    """Return the suffix of the requested representation, by `?format=` or the Accept header; None if not offered."""
    if format_name in SUFFIXES:
        return format_name
    accept = negotiation.effective_accept(format_name, request.headers.get("accept"))
    media_type = negotiation.best_match(accept, list(SUFFIXES.values()))
    return next((suffix for suffix, candidate in SUFFIXES.items() if candidate == media_type), None)


RequestedFormat = Annotated[str | None, Depends(_requested_suffix)]
"""The suffix of the requested representation, or None if it is not offered."""


def require_offered(suffix: str | None) -> str:
    """Return the suffix if such a representation is offered. Raises `NotAcceptable`."""
    if suffix not in SUFFIXES:
        raise NotAcceptable(
            Message("The document is not available in any of the requested formats."),
            Message("Available: {names}.", names=", ".join(SUFFIXES)),
        )
    return suffix


def headers(document: ResourceDocument, suffix: str) -> dict[str, str]:
    """Return the headers of a representation, with links to the canonical document and the alternatives."""
    others = (
        f'<{addresses.representation_path(document.path, other)}>; rel="alternate"; type="{media_type}"'
        for other, media_type in SUFFIXES.items()
        if other != suffix
    )
    return {
        "Vary": "Accept",
        "Content-Location": addresses.representation_path(document.path, suffix),
        "Link": ", ".join([f'<{document.path}>; rel="canonical"', *others, *document.links]),
    }


def rdf_response(request: Request, store: Store, document: ResourceDocument, suffix: str, dataset: Dataset) -> Response:
    """Return a document in one of the RDF formats, or 304 if the client has the current version."""
    response_headers = headers(document, suffix) | {"ETag": f'W/"{dataset.content_hash[:32]}-{__version__}-{suffix}"'}
    if negotiation.etag_matches(request.headers.get("if-none-match"), response_headers["ETag"][3:-1]):
        return Response(status_code=304, headers=response_headers)
    media_type = SUFFIXES[suffix]
    if media_type == JSON_LD:
        triples = (*document.about_itself, *(quad.triple for quad in document.quads))
        body = to_json_ld(triples, context(store), addresses.public_url(request, CONTEXT))
        return Response(json.dumps(body, ensure_ascii=False), media_type=JSON_LD, headers=response_headers)
    rdf_format = RdfFormat.from_media_type(media_type)
    if rdf_format is None:
        raise ValueError(media_type)
    own = [Quad(*triple) for triple in document.about_itself]
    if rdf_format.supports_datasets:
        content = serialize([*own, *document.quads], format=rdf_format, prefixes=PREFIXES)
    else:
        distinct = dict.fromkeys((*document.about_itself, *(quad.triple for quad in document.quads)))
        content = serialize(distinct, format=rdf_format, prefixes=PREFIXES)
    return Response(content, media_type=media_type, headers=response_headers)
