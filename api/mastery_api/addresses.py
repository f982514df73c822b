"""Paths and URLs of the documents in which this service describes resources (docs/decisions, Cool URIs).

A resource of our own, `https://w3id.org/mastery-graph/id/X`, is at `/id/X`, which redirects to the document `/doc/X`.
A term of the vocabulary is in the document `/ns`. Any other resource is described at `/resource?uri=`.
"""

from urllib.parse import quote

from fastapi import Request

from mastery_graph.vocabulary import ID, NS

_UNQUOTED = "/:@!$&'()*+,;=-._~"


def document_path(iri: str) -> str:
    """Return the path of the document that describes a resource.

    >>> document_path("https://w3id.org/mastery-graph/id/vision/V1")
    '/doc/vision/V1'
    >>> document_path("http://data.europa.eu/snb/eqf/5")
    '/resource?uri=http%3A%2F%2Fdata.europa.eu%2Fsnb%2Feqf%2F5'
    """
    if iri.startswith(ID) and iri != ID:
        return f"/doc/{quote(iri.removeprefix(ID), safe=_UNQUOTED)}"
    if iri.startswith(NS):
        return f"/ns#{iri.removeprefix(NS)}".rstrip("#")
    return f"/resource?uri={quote(iri, safe='')}"


def representation_path(path: str, suffix: str) -> str:
    """Return the path of one representation of a document, such as Turtle: a suffix, or `format=` if there is a query.

    >>> representation_path("/doc/vision/V1", "ttl"), representation_path("/resource?uri=urn%3Ax", "ttl")
    ('/doc/vision/V1.ttl', '/resource?uri=urn%3Ax&format=ttl')
    """
    return f"{path}&format={suffix}" if "?" in path else f"{path}.{suffix}"


def public_url(request: Request, path: str) -> str:
    """Return the public URL of a path of this service."""
    public_address: str | None = request.app.state.settings.public_address
    return (public_address or str(request.base_url)).rstrip("/") + path
