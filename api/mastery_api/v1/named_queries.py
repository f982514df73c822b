"""The named queries: listed with what each asks, takes, gives and costs; run with bound terms; described in RDF.

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
from mastery_api.fair_queue import seconds_left
from mastery_api.sparql.streaming import StreamedResult
from mastery_graph.queries import NamedQuery, bind_text, named_queries, named_query
from mastery_graph.store.protocol import Limits
from mastery_graph.store.query_text import Query as SparqlText
from mastery_graph.store.query_text import query_form
from mastery_graph.vocabulary import DCTERMS, PREFIXES, RDF, RDFS, SH, SKOS, XSD

router = APIRouter(prefix="/v1", tags=["queries"])

_SCHEMA: Final = "https://schema.org/"
_DATATYPES: Final = {"string": XSD + "string", "integer": XSD + "integer", "date": XSD + "date"}
_VARY: Final = {"Vary": "Accept"}
_JSON: Final = "application/json"


class QueryParameter(BaseModel):
    """A parameter of a query; one that is left out stays open, one that is given several times takes any of them."""

    name: str
    kind: str
    example: str
    meaning: str


class QueryColumn(BaseModel):
    """A column of the result."""

    name: str
    meaning: str


class QuerySummary(BaseModel):
    """A named query: its question, what it takes (`parameters`: name to kind), what it gives, and what it costs."""

    name: str
    question: str
    parameters: dict[str, str]
    takes: list[QueryParameter]
    columns: list[QueryColumn]
    cost: str
    result: str
    """`table` or `graph`."""
    address: str
    """Where it runs."""
    text: str
    """The query itself, which runs as it stands: for all values of its parameters."""


@router.get("/queries", response_model=list[QuerySummary], summary="Which questions can be asked of the graph by name?")
def queries(
    request: Request,
    named: Annotated[str | None, Query(alias="format", description="json, or turtle, jsonld, nt, rdfxml.")] = None,
) -> Response:
    """List the named queries: JSON, or RDF that other tools can read, by Accept or `?format=`."""
    accept = negotiation.effective_accept(named, request.headers.get("accept"))
    chosen = negotiation.best_match(accept, [_JSON, *negotiation.GRAPHS]) or _JSON
    if chosen == _JSON:
        summaries = [_summary(query).model_dump() for query in named_queries()]
        return JSONResponse(summaries, headers=_VARY)
    triples = [triple for query in named_queries() for triple in _described(query, request)]
    content = serialize(triples, format=negotiation.GRAPHS[chosen], prefixes=PREFIXES)
    return Response(content, media_type=chosen, headers=_VARY)


@router.get("/queries/{name:path}", summary="The answer of a named query")
def query(name: str, request: Request, store: OpenStore) -> Response:
    """Run a named query; its parameters come in the address, and are bound as terms.

    A table comes as JSON, XML, CSV or TSV, a graph as Turtle, JSON-LD, N-Triples or RDF/XML.
    """
    asked = named_query(name)
    written = ((key, value) for key, value in request.query_params.multi_items() if key != "format")
    bound = SparqlText(bind_text(asked, written))
    table = bound.properties.form in {"SELECT", "ASK"}
    offered = list(negotiation.TABLES if table else negotiation.GRAPHS)
    named = request.query_params.get("format")
    accept = negotiation.effective_accept(named, request.headers.get("accept"))
    # browsers and others that ask for a page get the result all the same
    chosen = negotiation.best_match(accept, offered) or (offered[0] if "text/html" in (accept or "") else None)
    if chosen is None:
        raise negotiation.NotAcceptable(
            f"None of {accept} is on offer for this query.", f"On offer: {', '.join(offered)}."
        )
    settings = request.app.state.settings
    pieces = request.app.state.pieces.of(
        store,
        bound,
        negotiation.TABLES.get(chosen, QueryResultsFormat.JSON),
        negotiation.GRAPHS.get(chosen, RdfFormat.TURTLE),
        limits=Limits(seconds_left(request), settings.result_bytes),
    )
    return StreamedResult(pieces, chosen, _VARY, settings.send_seconds)


def _summary(asked: NamedQuery) -> QuerySummary:
    return QuerySummary(
        name=asked.name,
        question=asked.question,
        parameters={one.name: one.kind for one in asked.parameters},
        takes=[
            QueryParameter(name=one.name, kind=one.kind, example=one.example, meaning=one.meaning)
            for one in asked.parameters
        ],
        columns=[QueryColumn(name=one.name, meaning=one.meaning) for one in asked.columns],
        cost=asked.cost,
        result="table" if query_form(asked.text) in {"SELECT", "ASK"} else "graph",
        address=f"/v1/queries/{asked.name}",
        text=asked.text,
    )


def _described(asked: NamedQuery, request: Request) -> Iterator[Triple]:
    form = query_form(asked.text).capitalize()
    node = NamedNode(addresses.public_url(request, f"/v1/queries/{asked.name}"))

    def say(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

    yield say(node, RDF + "type", NamedNode(SH + "SPARQLExecutable"))
    yield say(node, RDF + "type", NamedNode(f"{SH}SPARQL{form}Executable"))
    yield say(node, RDFS + "label", Literal(asked.name))
    yield say(node, RDFS + "comment", Literal(asked.question, language="en"))
    yield say(node, SKOS + "note", Literal(asked.cost, language="en"))
    yield say(node, SH + form.lower(), Literal(asked.text))
    yield say(node, _SCHEMA + "target", NamedNode(addresses.public_url(request, "/sparql")))
    yield say(node, DCTERMS + "isPartOf", NamedNode(addresses.public_url(request, "/v1/queries")))
    for one in asked.parameters:
        parameter = BlankNode()
        yield say(node, SH + "parameter", parameter)
        yield say(parameter, RDF + "type", NamedNode(SH + "Parameter"))
        yield say(parameter, SH + "path", NamedNode(f"{node.value}#{one.name}"))
        yield say(parameter, SH + "name", Literal(one.name))
        yield say(parameter, SH + "description", Literal(one.meaning, language="en"))
        yield say(parameter, SKOS + "example", Literal(one.example))
        yield say(parameter, SH + "optional", Literal(True))
        if one.kind == "iri":
            yield say(parameter, SH + "nodeKind", NamedNode(SH + "IRI"))
        else:
            yield say(parameter, SH + "datatype", NamedNode(_DATATYPES[one.kind]))
