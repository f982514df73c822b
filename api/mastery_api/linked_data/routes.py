"""Linked data: every resource has a page and machine forms (docs/decisions: addresses of things and documents).

A thing is answered with 303 See Other, which leads to the document about it (httpRange-14); a document with 200, in
the form that the client wants (RFC 9110, section 12) or that its address names.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pyoxigraph import Literal, NamedNode, Triple

from mastery_api import addresses
from mastery_api.dependencies import OpenStore
from mastery_api.html import rendering
from mastery_api.html.languages import language_of
from mastery_api.linked_data import representations, resource_page, vocabulary_page
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.linked_data.json_ld import context
from mastery_graph.linked_data.resource import ResourceDescription, describe_resource, describe_vocabulary
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, FOAF, ID, NS, PROV, RDF, VOID, XSD

router = APIRouter(tags=["linked data"])

_IRI = "/:@!$&'()*+,;=-._~%?#[]"

After = Annotated[
    str | None, Query(max_length=2000, description="Only resources that point to it and come after this IRI.")
]


@router.get("/id/{path:path}", summary="The thing itself: leads to the document about it", status_code=303)
def thing(
    path: str, asked: representations.RequestedFormat, named: Annotated[str | None, Query(alias="format")] = None
) -> Response:
    """Answer 303 See Other: the document that describes `https://w3id.org/mastery-graph/id/{path}`."""
    document = addresses.document_path(_iri(ID + path).value)
    target = addresses.representation_path(document, representations.require_offered(asked)) if named else document
    return RedirectResponse(
        target,
        303,
        headers={"Link": f'<{document}>; rel="describedby"', "Vary": "Accept"},
    )


@router.get("/doc/{path:path}", summary="What does the graph say of this resource of ours?")
def document(
    path: str, request: Request, store: OpenStore, asked: representations.RequestedFormat, after: After = None
) -> Response:
    """Describe `https://w3id.org/mastery-graph/id/{path}`; an ending such as `.ttl` names the form."""
    name, _, ending = path.rpartition(".")
    if name and ending in representations.SUFFIXES:
        return _described(request, store, ID + name, after, ending)
    return _described(request, store, ID + path, after, asked)


@router.get("/resource", summary="What does the graph say of this resource, such as a concept of ESCO?")
def resource(
    request: Request,
    store: OpenStore,
    uri: Annotated[str, Query(max_length=2000, description="The IRI.", examples=["http://data.europa.eu/snb/eqf/5"])],
    asked: representations.RequestedFormat,
    after: After = None,
) -> Response:
    """Describe any resource of the graph by its IRI, with what points to it and the graph of each statement."""
    if uri.startswith((ID, NS)) and uri not in {ID, NS}:
        return RedirectResponse(addresses.document_path(uri), 303)
    return _described(request, store, uri, after, asked)


@router.get("/ns", summary="The vocabulary")
def terms(request: Request, store: OpenStore, asked: representations.RequestedFormat) -> Response:
    """Describe every term of the vocabulary; `/ns.ttl` and the like name the form."""
    return _vocabulary(request, store, representations.require_offered(asked))


@router.get("/ns.{ending}", include_in_schema=False)
def terms_in_one_form(ending: str, request: Request, store: OpenStore) -> Response:
    """Describe every term of the vocabulary in the form that the address names."""
    return _vocabulary(request, store, representations.require_offered(ending))


@router.get(representations.CONTEXT, summary="The JSON-LD context of the vocabulary")
def published_context(store: OpenStore) -> Response:
    """Give the context that the JSON-LD documents of this service refer to."""
    return JSONResponse(
        {"@context": context(store)},
        media_type=representations.JSON_LD,
        headers={"Cache-Control": "public, max-age=3600"},
    )


def _described(request: Request, store: Store, iri: str, after: str | None, asked: str | None) -> Response:
    ending = representations.require_offered(asked)
    description = describe_resource(store, _iri(iri), after)
    path = addresses.document_path(iri)
    following = None
    if description.following is not None:
        following = f"{path}{'&' if '?' in path else '?'}after={quote(description.following, safe='')}"
    links = (f'<{quote(iri, safe=_IRI)}>; rel="describes"',)
    which = dataset_of(store)
    document = representations.ResourceDocument(
        path=path,
        quads=(*description.outbound, *description.inbound),
        about_itself=(
            *_about(addresses.public_url(request, path), iri, description.graphs, which),
            *description.names_of_others(),
        ),
        links=links if following is None else (*links, f'<{following}>; rel="next"'),
    )
    if representations.SUFFIXES[ending] == representations.HTML:
        return _page(request, store, description, document, following)
    return representations.rdf_response(request, store, document, ending, which)


def _page(
    request: Request,
    store: Store,
    description: ResourceDescription,
    document: representations.ResourceDocument,
    following: str | None,
) -> Response:
    contents, language = read_description(store), language_of(request)
    return rendering.render(
        request,
        "resource.html",
        headers=representations.headers(document, "html"),
        title=description.label(description.iri, language) or resource_page.compact_iri(description.iri),
        iri=description.iri,
        names=resource_page.names(description),
        note=note_on_green_skills(store, [description.iri]),
        outbound=resource_page.outbound(description, language),
        inbound=resource_page.inbound(description, language),
        following=following,
        graphs=[(resource_page.graph_link(NamedNode(name)), contents.get(name)) for name in description.graphs],
        forms=[
            (ending, addresses.representation_path(document.path, ending))
            for ending in representations.SUFFIXES
            if ending != "html"
        ],
    )


def _vocabulary(request: Request, store: Store, ending: str) -> Response:
    described = describe_vocabulary(store)
    which = dataset_of(store)
    document = representations.ResourceDocument(
        path="/ns",
        quads=described.outbound,
        about_itself=_about(addresses.public_url(request, "/ns"), NS, described.graphs, which),
        links=(f'<{NS}>; rel="describes"', f'<{representations.CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"'),
    )
    if representations.SUFFIXES[ending] != representations.HTML:
        return representations.rdf_response(request, store, document, ending, which)
    return rendering.render(
        request,
        "vocabulary.html",
        headers=representations.headers(document, "html"),
        title=described.label(NS),
        about=resource_page.outbound(described),
        sections=vocabulary_page.sections(described),
        forms=[
            (other, addresses.representation_path("/ns", other))
            for other in representations.SUFFIXES
            if other != "html"
        ],
    )


def _about(address: str, topic: str, graphs: tuple[str, ...], which: Dataset) -> tuple[Triple, ...]:
    """Return what a document says of itself: its topic, the dataset, its date, and the graphs that it is made from."""
    page = NamedNode(address)

    def say(predicate: str, value: NamedNode | Literal) -> Triple:
        return Triple(page, NamedNode(predicate), value)

    return (
        say(RDF + "type", NamedNode(FOAF + "Document")),
        say(FOAF + "primaryTopic", NamedNode(topic)),
        say(VOID + "inDataset", NamedNode(which.iri)),
        say(DCTERMS + "modified", Literal(which.built, datatype=NamedNode(XSD + "dateTime"))),
        *(say(PROV + "wasDerivedFrom", NamedNode(graph)) for graph in graphs),
    )


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError:
        raise BadParameter(
            f"{text!r} is no IRI.", "Give an absolute IRI, such as http://data.europa.eu/snb/eqf/5."
        ) from None
