"""The routes of named queries: list (question, parameters, columns, cost), execution, and description in RDF.

The RDF description follows SHACL's vocabulary for executables, as in the SPARQL examples of SIB
(https://github.com/sib-swiss/sparql-examples): the question, the query's text, the endpoint that answers it.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple, serialize

from mastery_api import addresses, negotiation
from mastery_api.dependencies import OpenStore
from mastery_api.lanes import turn_of
from mastery_api.openapi.media_types import GRAPH_FORMATS, SPARQL_RESULTS, declare_media_types
from mastery_api.openapi.problem_schema import declare_problems
from mastery_api.sparql.streaming import StreamedResult
from mastery_graph.errors import BadParameter, NotAcceptable, UnknownQuery
from mastery_graph.languages import Message
from mastery_graph.queries import NamedQuery, bind_text, named_queries, named_query
from mastery_graph.store.protocol import Limits
from mastery_graph.store.query_text import Query as SparqlText
from mastery_graph.store.query_text import query_form
from mastery_graph.vocabulary import DCTERMS, PREFIXES, RDF, RDFS, SH, SKOS, XSD

router = APIRouter(prefix="/v1", tags=["queries"])

_SCHEMA: Final = "https://schema.org/"
_DATATYPES: Final = {"string": XSD.string, "integer": XSD.integer, "date": XSD.date}
_VARY: Final = {"Vary": "Accept"}
_JSON: Final = "application/json"


class QueryParameter(BaseModel):
    """A parameter of a query; if omitted, it is unbound; if repeated, any of its values matches."""

    name: str
    kind: str
    example: str
    meaning: str


class QueryColumn(BaseModel):
    """A column of the result."""

    name: str
    meaning: str


class QuerySummary(BaseModel):
    """A named query: its question, its parameters (`parameters`: name to kind), its columns, and its cost."""

    name: str
    question: str
    parameters: dict[str, str]
    takes: list[QueryParameter]
    columns: list[QueryColumn]
    cost: str
    result: str
    """`table` or `graph`."""
    address: str
    """The path of the route that runs it."""
    text: str
    """The text of the query, which runs unchanged, for all values of its parameters."""


@router.get(
    "/queries",
    response_model=list[QuerySummary],
    summary="Which questions can be asked of the graph by name?",
    responses=declare_media_types(GRAPH_FORMATS),
)
def queries(
    request: Request,
    format_name: Annotated[
        str | None, Query(alias="format", description="json, or turtle, jsonld, nt, rdfxml.")
    ] = None,
) -> Response:
    """List the named queries: JSON, or RDF that other tools can read, by Accept or `?format=`."""
    accept = negotiation.effective_accept(format_name, request.headers.get("accept"))
    chosen = negotiation.best_match(accept, [_JSON, *negotiation.GRAPHS]) or _JSON
    if chosen == _JSON:
        summaries = [_summary(query).model_dump() for query in named_queries()]
        return JSONResponse(summaries, headers=_VARY)
    triples = [triple for query in named_queries() for triple in _describe(query, request)]
    content = serialize(triples, format=negotiation.GRAPHS[chosen], prefixes=PREFIXES)
    return Response(content, media_type=chosen, headers=_VARY)


@router.get(
    "/queries/{name:path}",
    summary="The answer of a named query",
    response_class=Response,
    responses=declare_media_types([*negotiation.TABLES, *negotiation.GRAPHS], schemas={_JSON: SPARQL_RESULTS}),
    openapi_extra=declare_problems(UnknownQuery, BadParameter, NotAcceptable),
)
def query(name: str, request: Request, store: OpenStore) -> Response:
    """Run a named query; its parameters are passed in the URL and bound as terms.

    A table is returned as JSON, XML, CSV or TSV, a graph as Turtle, JSON-LD, N-Triples or RDF/XML.
    """
    definition = named_query(name)
    arguments = ((key, value) for key, value in request.query_params.multi_items() if key != "format")
    query_text = SparqlText(bind_text(definition, arguments))
    table = query_text.properties.form in {"SELECT", "ASK"}
    offered = list(negotiation.TABLES if table else negotiation.GRAPHS)
    format_name = request.query_params.get("format")
    accept = negotiation.effective_accept(format_name, request.headers.get("accept"))
    # browsers and other clients that accept only HTML get the result anyway
    chosen = negotiation.best_match(accept, offered) or (offered[0] if "text/html" in (accept or "") else None)
    if chosen is None:
        raise NotAcceptable(
            Message("None of {accept} is available for this query.", accept=accept),
            Message("Available: {names}.", names=", ".join(offered)),
        )
    settings, turn = request.app.state.settings, turn_of(request)
    pieces = store.stream_async(
        query_text,
        negotiation.TABLES.get(chosen, QueryResultsFormat.JSON),
        negotiation.GRAPHS.get(chosen, RdfFormat.TURTLE),
        limits=Limits(turn.seconds_left, settings.result_bytes),
        observer=turn,
    )
    return StreamedResult(pieces, chosen, _VARY, settings.send_seconds, turn)


def _summary(query: NamedQuery) -> QuerySummary:
    return QuerySummary(
        name=query.name,
        question=query.question,
        parameters={parameter.name: parameter.kind for parameter in query.parameters},
        takes=[
            QueryParameter(
                name=parameter.name, kind=parameter.kind, example=parameter.example, meaning=parameter.meaning
            )
            for parameter in query.parameters
        ],
        columns=[QueryColumn(name=column.name, meaning=column.meaning) for column in query.columns],
        cost=query.cost,
        result="table" if query_form(query.text) in {"SELECT", "ASK"} else "graph",
        address=f"/v1/queries/{query.name}",
        text=query.text,
    )


def _describe(query: NamedQuery, request: Request) -> Iterator[Triple]:
    form = query_form(query.text).capitalize()
    node = NamedNode(addresses.public_url(request, f"/v1/queries/{query.name}"))

    def triple(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

    yield triple(node, RDF.type, NamedNode(SH.SPARQLExecutable))
    yield triple(node, RDF.type, NamedNode(f"{SH}SPARQL{form}Executable"))
    yield triple(node, RDFS.label, Literal(query.name))
    yield triple(node, RDFS.comment, Literal(query.question, language="en"))
    yield triple(node, SKOS.note, Literal(query.cost, language="en"))
    yield triple(node, SH + form.lower(), Literal(query.text))
    yield triple(node, _SCHEMA + "target", NamedNode(addresses.public_url(request, "/sparql")))
    yield triple(node, DCTERMS.isPartOf, NamedNode(addresses.public_url(request, "/v1/queries")))
    for parameter in query.parameters:
        parameter_node = BlankNode()
        yield triple(node, SH.parameter, parameter_node)
        yield triple(parameter_node, RDF.type, NamedNode(SH.Parameter))
        yield triple(parameter_node, SH.path, NamedNode(f"{node.value}#{parameter.name}"))
        yield triple(parameter_node, SH.name, Literal(parameter.name))
        yield triple(parameter_node, SH.description, Literal(parameter.meaning, language="en"))
        yield triple(parameter_node, SKOS.example, Literal(parameter.example))
        yield triple(parameter_node, SH.optional, Literal(True))
        if parameter.kind == "iri":
            yield triple(parameter_node, SH.nodeKind, NamedNode(SH.IRI))
        else:
            yield triple(parameter_node, SH.datatype, NamedNode(_DATATYPES[parameter.kind]))
