"""The routes of linked data: every resource has a page and RDF representations (docs/decisions: Cool URIs).

The URI of a thing is answered with 303 See Other, a redirect to the document about it (httpRange-14); a document with
200, in the negotiated format (RFC 9110, section 12) or the one that its suffix names.
"""

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pyoxigraph import Literal, NamedNode, Triple

from mastery_api import addresses
from mastery_api.dependencies import OpenStore
from mastery_api.html import rendering
from mastery_api.html.languages import language_of
from mastery_api.linked_data import representations, resource_page, vocabulary_page
from mastery_api.openapi.media_types import GRAPH_FORMATS, declare_media_types
from mastery_api.openapi.problem_schema import declare_problems
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import BadParameter, NotAcceptable, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.linked_data.json_ld import context
from mastery_graph.linked_data.resource import ResourceDescription, describe_resource, describe_vocabulary
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, FOAF, ID, NS, PROV, RDF, VOID, XSD

router = APIRouter(tags=["linked data"])

_IRI = "/:@!$&'()*+,;=-._~%?#[]"

_DOCUMENT: Final[dict[str, Any]] = {
    "response_class": Response,
    "responses": declare_media_types(["text/html", *GRAPH_FORMATS]),
    "openapi_extra": declare_problems(UnknownResource, BadParameter, NotAcceptable),
}
"""How the routes of documents about resources are declared."""

After = Annotated[
    str | None, Query(max_length=2000, description="Only resources that point to it and come after this IRI.")
]


@router.get(
    "/id/{path:path}",
    summary="The thing itself: leads to the document about it",
    status_code=303,
    response_class=Response,
)
def thing(
    path: str, suffix: representations.RequestedFormat, format_name: Annotated[str | None, Query(alias="format")] = None
) -> Response:
    """Redirect (303) to the document that describes `https://w3id.org/mastery-graph/id/{path}`."""
    document = addresses.document_path(_iri(ID + path).value)
    target = (
        addresses.representation_path(document, representations.require_offered(suffix)) if format_name else document
    )
    return RedirectResponse(
        target,
        303,
        headers={"Link": f'<{document}>; rel="describedby"', "Vary": "Accept"},
    )


@router.get("/doc/{path:path}", summary="What does the graph say of this resource of ours?", **_DOCUMENT)
def document(
    path: str, request: Request, store: OpenStore, suffix: representations.RequestedFormat, after: After = None
) -> Response:
    """Describe `https://w3id.org/mastery-graph/id/{path}`; a suffix such as `.ttl` selects the format."""
    name, _, path_suffix = path.rpartition(".")
    if name and path_suffix in representations.SUFFIXES:
        return _resource_response(request, store, ID + name, after, path_suffix)
    return _resource_response(request, store, ID + path, after, suffix)


@router.get("/resource", summary="What does the graph say of this resource, such as a concept of ESCO?", **_DOCUMENT)
def resource(
    request: Request,
    store: OpenStore,
    uri: Annotated[str, Query(max_length=2000, description="The IRI.", examples=["http://data.europa.eu/snb/eqf/5"])],
    suffix: representations.RequestedFormat,
    after: After = None,
) -> Response:
    """Describe any resource of the graph by its IRI, with the incoming triples and the graph of each triple."""
    if uri.startswith((ID, NS)) and uri not in {ID, NS}:
        return RedirectResponse(addresses.document_path(uri), 303)
    return _resource_response(request, store, uri, after, suffix)


@router.get("/ns", summary="The vocabulary", **_DOCUMENT)
def terms(request: Request, store: OpenStore, suffix: representations.RequestedFormat) -> Response:
    """Describe every term of the vocabulary; `/ns.ttl` and the like select the format."""
    return _vocabulary_response(request, store, representations.require_offered(suffix))


@router.get("/ns.{ending}", include_in_schema=False)
def terms_in_one_form(ending: str, request: Request, store: OpenStore) -> Response:
    """Describe every term of the vocabulary in the format that the suffix names."""
    return _vocabulary_response(request, store, representations.require_offered(ending))


@router.get(
    representations.CONTEXT,
    summary="The JSON-LD context of the vocabulary",
    response_class=Response,
    responses=declare_media_types(["application/ld+json"]),
)
def published_context(store: OpenStore) -> Response:
    """Return the context that the JSON-LD documents of this service refer to."""
    return JSONResponse(
        {"@context": context(store)},
        media_type=representations.JSON_LD,
        headers={"Cache-Control": "public, max-age=3600"},
    )


def _resource_response(request: Request, store: Store, iri: str, after: str | None, requested: str | None) -> Response:
    suffix = representations.require_offered(requested)
    description = describe_resource(store, _iri(iri), after)
    path = addresses.document_path(iri)
    next_page = None
    if description.following is not None:
        next_page = f"{path}{'&' if '?' in path else '?'}after={quote(description.following, safe='')}"
    links = (f'<{quote(iri, safe=_IRI)}>; rel="describes"',)
    dataset = dataset_of(store)
    document = representations.ResourceDocument(
        path=path,
        quads=(*description.outbound, *description.inbound),
        about_itself=(
            *_about(addresses.public_url(request, path), iri, description.graphs, dataset),
            *description.names_of_others(),
        ),
        links=links if next_page is None else (*links, f'<{next_page}>; rel="next"'),
    )
    if representations.SUFFIXES[suffix] == representations.HTML:
        return _page_response(request, store, description, document, next_page)
    return representations.rdf_response(request, store, document, suffix, dataset)


def _page_response(
    request: Request,
    store: Store,
    description: ResourceDescription,
    document: representations.ResourceDocument,
    next_page: str | None,
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
        following=next_page,
        graphs=[(resource_page.graph_link(NamedNode(name)), contents.get(name)) for name in description.graphs],
        forms=[
            (suffix, addresses.representation_path(document.path, suffix))
            for suffix in representations.SUFFIXES
            if suffix != "html"
        ],
    )


def _vocabulary_response(request: Request, store: Store, suffix: str) -> Response:
    vocabulary = describe_vocabulary(store)
    dataset = dataset_of(store)
    document = representations.ResourceDocument(
        path="/ns",
        quads=vocabulary.outbound,
        about_itself=_about(addresses.public_url(request, "/ns"), NS, vocabulary.graphs, dataset),
        links=(f'<{NS}>; rel="describes"', f'<{representations.CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"'),
    )
    if representations.SUFFIXES[suffix] != representations.HTML:
        return representations.rdf_response(request, store, document, suffix, dataset)
    return rendering.render(
        request,
        "vocabulary.html",
        headers=representations.headers(document, "html"),
        title=vocabulary.label(NS),
        about=resource_page.outbound(vocabulary),
        sections=vocabulary_page.sections(vocabulary),
        forms=[
            (alternative, addresses.representation_path("/ns", alternative))
            for alternative in representations.SUFFIXES
            if alternative != "html"
        ],
    )


def _about(address: str, topic: str, graphs: tuple[str, ...], dataset: Dataset) -> tuple[Triple, ...]:
    """Return the triples about a document itself: its topic, its dataset, its date, and its source graphs."""
    page = NamedNode(address)

    def triple(predicate: str, value: NamedNode | Literal) -> Triple:
        return Triple(page, NamedNode(predicate), value)

    return (
        triple(RDF.type, NamedNode(FOAF.Document)),
        triple(FOAF.primaryTopic, NamedNode(topic)),
        triple(VOID.inDataset, NamedNode(dataset.iri)),
        triple(DCTERMS.modified, Literal(dataset.built, datatype=NamedNode(XSD.dateTime))),
        *(triple(PROV.wasDerivedFrom, NamedNode(graph)) for graph in graphs),
    )


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError:
        raise BadParameter(
            Message("{text} is not an IRI.", text=repr(text)),
            Message("Give an absolute IRI, such as http://data.europa.eu/snb/eqf/5."),
        ) from None
