"""The forms in which a document of the graph is given: HTML, and the RDF formats with or without named graphs."""

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
"""The ending of a document's address in each form."""

CONTEXT: Final = "/context.jsonld"


@dataclass(frozen=True, slots=True)
class ResourceDocument:
    """A document of the graph: its path, the quads that it holds, and what it says of itself."""

    path: str
    quads: Sequence[Quad]
    about_itself: Sequence[Triple]
    links: tuple[str, ...] = ()
    """Further values of the Link header."""


def _asked(
    request: Request,
    named: Annotated[
        str | None, Query(alias="format", description=f"In place of the Accept header: {', '.join(SUFFIXES)}.")
    ] = None,
) -> str | None:
    """Return the ending of the form that a request asks for, by `?format=` or the Accept header; None for no such."""
    if named in SUFFIXES:
        return named
    accept = negotiation.effective_accept(named, request.headers.get("accept"))
    media_type = negotiation.best_match(accept, list(SUFFIXES.values()))
    return next((ending for ending, offered in SUFFIXES.items() if offered == media_type), None)


RequestedFormat = Annotated[str | None, Depends(_asked)]
"""The ending of the form that a request asks for, or None where it asks for none that is on offer."""


def require_offered(ending: str | None) -> str:
    """Return the ending of a form that there is. Raises `NotAcceptable`."""
    if ending not in SUFFIXES:
        raise negotiation.NotAcceptable(
            "The document is in none of the formats asked for.", f"On offer: {', '.join(SUFFIXES)}."
        )
    return ending


def headers(document: ResourceDocument, ending: str) -> dict[str, str]:
    """Return the headers of a document in one form: what it is a form of, and which others there are."""
    others = (
        f'<{addresses.representation_path(document.path, other)}>; rel="alternate"; type="{media_type}"'
        for other, media_type in SUFFIXES.items()
        if other != ending
    )
    return {
        "Vary": "Accept",
        "Content-Location": addresses.representation_path(document.path, ending),
        "Link": ", ".join([f'<{document.path}>; rel="canonical"', *others, *document.links]),
    }


def rdf_response(request: Request, store: Store, document: ResourceDocument, ending: str, dataset: Dataset) -> Response:
    """Return a document in one of the RDF formats, or 304 where the client has it already."""
    said = headers(document, ending) | {"ETag": f'W/"{dataset.content_hash[:32]}-{__version__}-{ending}"'}
    if said["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=said)
    media_type = SUFFIXES[ending]
    if media_type == JSON_LD:
        triples = (*document.about_itself, *(quad.triple for quad in document.quads))
        body = to_json_ld(triples, context(store), addresses.public_url(request, CONTEXT))
        return Response(json.dumps(body, ensure_ascii=False), media_type=JSON_LD, headers=said)
    rdf_format = RdfFormat.from_media_type(media_type)
    if rdf_format is None:
        raise ValueError(media_type)
    own = [Quad(*triple) for triple in document.about_itself]
    if rdf_format.supports_datasets:
        content = serialize([*own, *document.quads], format=rdf_format, prefixes=PREFIXES)
    else:
        distinct = dict.fromkeys((*document.about_itself, *(quad.triple for quad in document.quads)))
        content = serialize(distinct, format=rdf_format, prefixes=PREFIXES)
    return Response(content, media_type=media_type, headers=said)
