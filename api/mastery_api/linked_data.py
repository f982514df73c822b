"""Linked data: what the graph says of a resource of ours, and the vocabulary, in the format that the client wants."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pyoxigraph import NamedNode, Triple, serialize

from mastery_api import negotiation, pages
from mastery_api.answering import OpenStore
from mastery_graph.answers.concepts import note_on_green_skills
from mastery_graph.errors import BadParameter, UnknownResource
from mastery_graph.queries import named_query
from mastery_graph.vocabulary import ID, PREFIXES

router = APIRouter(tags=["linked data"])


@router.get("/id/{path:path}", summary="What does the graph say of this resource?")
def resource(path: str, request: Request, store: OpenStore) -> Response:
    """Describe the resource `https://w3id.org/mastery-graph/id/{path}`."""
    try:
        iri = NamedNode(ID + path)
    except ValueError:
        raise BadParameter(f"{path!r} is not part of an IRI.") from None
    triples = store.construct(named_query("browse/resource").text, {"resource": iri})
    if not triples:
        raise UnknownResource(f"The graph says nothing of {iri.value}.")
    return _described(request, iri.value, triples, note_on_green_skills(store, [iri.value]))


@router.get("/ns", summary="The vocabulary")
def vocabulary(request: Request, store: OpenStore) -> Response:
    """Describe every term of the vocabulary."""
    return _described(request, "The vocabulary", store.construct(named_query("browse/vocabulary").text))


def _described(request: Request, title: str, triples: list[Triple], note: str | None = None) -> Response:
    offered = ["text/html", *negotiation.GRAPHS]
    named = request.query_params.get("format")
    accept = negotiation.NAMES.get(named, named) if named else request.headers.get("accept")
    chosen = negotiation.wanted(accept, offered)
    if chosen and chosen in negotiation.GRAPHS and accept not in {None, "*/*"}:
        body = serialize(triples, format=negotiation.GRAPHS[chosen], prefixes=PREFIXES)
        return Response(body, media_type=chosen, headers={"Vary": "Accept", "Access-Control-Allow-Origin": "*"})
    rows = [(_text(triple.subject), _text(triple.predicate), _text(triple.object)) for triple in triples]
    return pages.render(request, "resource.html", title=title, rows=rows, note=note, headers={"Vary": "Accept"})


def _text(term: object) -> str:
    return str(getattr(term, "value", term))
