"""The SPARQL 1.1 Protocol for queries, as a plain ASGI application.

`GET ?query=`, `POST` as a form, or `POST` of `application/sparql-query`. Updates are refused. The result is sent as it
is made; where it ends too early, the connection breaks, so that nobody takes a cut result for a whole one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from pyoxigraph import QueryResultsFormat, RdfFormat
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from mastery_api import negotiation, problems
from mastery_graph.errors import BadParameter, DocumentTooLarge, InputError, MasteryError, UnsupportedFormat
from mastery_graph.settings import Settings
from mastery_graph.store.protocol import Limits, Scope, Store
from mastery_graph.store.query_text import query_form

Scope_ = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LONGEST_QUERY = 1_000_000
_OPEN = {"Access-Control-Allow-Origin": "*", "Vary": "Accept"}


class NotAcceptable(InputError):
    """None of the formats that the client accepts is on offer."""

    slug = "not-acceptable"
    title = "No acceptable format"
    status = 406


class MethodRefused(InputError):
    """Only reading is possible here."""

    slug = "method-refused"
    title = "Method not allowed"
    status = 405


class Sparql:
    """The endpoint for one store."""

    def __init__(self, store: Callable[[], Store], settings: Settings, page: Callable[[Request], Response]) -> None:
        """Answer from the store that `store` gives; `page` is shown to browsers that come without a query."""
        self._store = store
        self._page = page
        self._limits = Limits(settings.query_seconds, settings.result_bytes)

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            if request.method == "OPTIONS":
                response: Response = Response(
                    status_code=204,
                    headers={**_OPEN, "Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "*"},
                )
            else:
                sent = await _parameters(request)
                if not sent.get("query") and request.method in {"GET", "HEAD"}:
                    response = await asyncio.to_thread(self._without_query, request)
                else:
                    await self._answer(request, sent, send)
                    return
        except ClientDisconnect:
            return
        except MasteryError as error:
            response = JSONResponse(
                problems.problem(error, "/sparql"),
                error.status,
                headers={**_OPEN, **problems.headers(error)},
                media_type=problems.MEDIA_TYPE,
            )
        await response(scope, receive, send)

    def _without_query(self, request: Request) -> Response:
        offered = ["text/html", *negotiation.GRAPHS]
        chosen = negotiation.wanted(request.headers.get("accept"), offered)
        if chosen and chosen in negotiation.GRAPHS and request.headers.get("accept", "*/*") != "*/*":
            return Response(
                service_description(str(request.url.replace(query="")), negotiation.GRAPHS[chosen]),
                media_type=chosen,
                headers=_OPEN,
            )
        return self._page(request)

    async def _answer(self, request: Request, sent: dict[str, list[str]], send: Send) -> None:
        query, scope = _query(sent)
        media_type, results, graph = _formats(request, sent, query)
        pieces = self._store().stream(query, results, graph, scope, self._limits)
        first = await asyncio.to_thread(_next, pieces)
        head = {
            **_OPEN,
            "Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
        }
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(name.lower().encode(), value.encode()) for name, value in head.items()],
            }
        )
        try:
            while first is not None:
                following = await asyncio.to_thread(_next, pieces)
                if request.method != "HEAD":
                    body = {"type": "http.response.body", "body": first, "more_body": following is not None}
                    await send(body)
                first = following
            if request.method == "HEAD":
                await send({"type": "http.response.body", "body": b""})
        finally:
            close = getattr(pieces, "close", None)
            if close:
                await asyncio.to_thread(close)


def service_description(endpoint: str, rdf_format: RdfFormat) -> bytes:
    """Return the description of the endpoint (SPARQL 1.1 Service Description)."""
    from pyoxigraph import BlankNode, NamedNode, Triple, serialize

    service = BlankNode("service")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    formats = "http://www.w3.org/ns/formats/"
    said: list[tuple[str, str]] = [
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", sd + "Service"),
        (sd + "endpoint", endpoint),
        (sd + "supportedLanguage", sd + "SPARQL11Query"),
        (sd + "feature", sd + "UnionDefaultGraph"),
        *(
            (sd + "resultFormat", formats + name)
            for name in (
                "SPARQL_Results_JSON",
                "SPARQL_Results_XML",
                "SPARQL_Results_CSV",
                "SPARQL_Results_TSV",
                "Turtle",
                "N-Triples",
                "JSON-LD",
                "RDF_XML",
            )
        ),
    ]
    triples = [Triple(service, NamedNode(predicate), NamedNode(value)) for predicate, value in said]
    return serialize(triples, format=rdf_format) or b""


async def _parameters(request: Request) -> dict[str, list[str]]:
    """Return what the request sends (SPARQL 1.1 Protocol, section 2.1)."""
    if request.method not in {"GET", "HEAD", "POST"}:
        raise MethodRefused(f"{request.method} is not used here.", "Send the query by GET or POST.")
    in_address = parse_qs(request.url.query, keep_blank_values=True)
    if request.method != "POST":
        return in_address
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_QUERY:
            raise DocumentTooLarge(f"The query is longer than {_LONGEST_QUERY} bytes.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadParameter("The query is not UTF-8.") from None
    if kind == "application/sparql-query":
        return {**in_address, "query": [text]}
    if kind == "application/x-www-form-urlencoded":
        return {**in_address, **parse_qs(text, keep_blank_values=True)}
    if kind == "application/sparql-update":
        raise MethodRefused("Updates are not taken here.", "This endpoint is for reading.")
    raise UnsupportedFormat(
        f"A query of the type {kind or '(none)'} is not read.",
        "Send application/sparql-query, or a form with the field query.",
    )


def _query(sent: dict[str, list[str]]) -> tuple[str, Scope]:
    if "update" in sent:
        raise MethodRefused("Updates are not taken here.", "This endpoint is for reading.")
    queries = sent.get("query", [])
    if len(queries) != 1 or not queries[0].strip():
        raise BadParameter("There must be one query.", "Send it in the parameter `query`.")
    scope = Scope(tuple(sent.get("default-graph-uri", ())), tuple(sent.get("named-graph-uri", ())))
    if query_form(queries[0]) == "" and any(
        word in queries[0].upper() for word in ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "MOVE", "COPY")
    ):
        raise MethodRefused("This looks like an update, and updates are not taken here.", "Ask SELECT or CONSTRUCT.")
    return queries[0], scope


def _formats(request: Request, sent: dict[str, list[str]], query: str) -> tuple[str, QueryResultsFormat, RdfFormat]:
    """Return the media type to answer with, and the formats for a table and for a graph."""
    table = query_form(query) not in {"CONSTRUCT", "DESCRIBE"}
    offered = list(negotiation.TABLES if table else negotiation.GRAPHS)
    named = sent.get("format", [])
    accept = negotiation.NAMES.get(named[0], named[0]) if named else request.headers.get("accept")
    chosen = negotiation.wanted(accept, offered)
    if chosen is None:
        raise NotAcceptable(f"None of {accept} is on offer for this query.", f"On offer: {', '.join(offered)}.")
    if table:
        return chosen, negotiation.TABLES[chosen], RdfFormat.TURTLE
    return chosen, QueryResultsFormat.JSON, negotiation.GRAPHS[chosen]


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
