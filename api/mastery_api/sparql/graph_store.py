"""The SPARQL 1.1 Graph Store HTTP Protocol: reads whole graphs and, with a token, replaces, extends and removes them.

A graph is named by `?graph=IRI`, by `?default` (the default graph), or by a URL below `/graph-store/`. A form may
contain several files to add.
"""

import asyncio
from collections.abc import MutableMapping
from typing import Any, Literal
from urllib.parse import urljoin
from uuid import uuid4

from pyoxigraph import NamedNode, QueryResultsFormat
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mastery_api import negotiation, problems
from mastery_api.authorization import require_token
from mastery_api.lanes import Lanes, Turn
from mastery_api.middleware.rate_limit import client_of, run_while_connected
from mastery_api.sparql.protocol import read_body
from mastery_api.sparql.streaming import StreamedResult
from mastery_api.store_writer import StoreWriter
from mastery_api.writer_threads import run_in_writer_thread
from mastery_graph.changes.client import GraphChange, RdfDocument
from mastery_graph.changes.preconditions import Precondition, graph_tag, names_content
from mastery_graph.errors import (
    BadParameter,
    MasteryError,
    MethodRefused,
    NotAcceptable,
    ScopeRefused,
    UnknownResource,
    UnsupportedFormat,
)
from mastery_graph.languages import Message
from mastery_graph.pipeline.dataset import DATASET_GRAPH, read_description
from mastery_graph.queries import bind, named_query
from mastery_graph.rdf import is_iri
from mastery_graph.settings import Settings
from mastery_graph.store.protocol import Limits, Scope
from mastery_graph.store.versioned import VersionedStore
from mastery_graph.vocabulary import GRAPH

_METHODS = "GET, HEAD, OPTIONS, PUT, POST, DELETE"
_OPEN_GRAPHS = GRAPH + "credentials/"
"""The graphs in our own namespace that are not reserved."""
_DERIVED_GRAPHS = (GRAPH + "inferred", DATASET_GRAPH)
_DEFAULT_GRAPH = Scope(unnamed=True)


class GraphStore:
    """The graph store endpoint of one store."""

    def __init__(
        self,
        served: VersionedStore,
        settings: Settings,
        lanes: Lanes,
        store_writer: StoreWriter,
    ) -> None:
        """Read from the served store, taking turns in the lanes, and write to it."""
        self._lanes = lanes
        self._served = served
        self._settings = settings
        self._store_writer = store_writer

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            if request.method in {"GET", "HEAD"}:
                await run_while_connected(receive, self._read_in_queue(request, receive, send))
                return
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except MasteryError as error:
            response = problems.problem_response(request, error, {"Vary": "Accept"})
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": _METHODS})
        if request.method not in {"PUT", "POST", "DELETE"}:
            raise MethodRefused(
                Message("The method {method} is not allowed.", method=request.method),
                Message("Allowed: {methods}.", methods=_METHODS),
                allow=_METHODS,
            )
        self._require_scope(request)
        documents = () if request.method == "DELETE" else await _documents(request, self._settings.write_bytes)
        return await run_in_writer_thread(self._write, request, documents)

    def _require_scope(self, request: Request) -> None:
        """Check the token: graphs that ship and those that the build derives are not for every writer."""
        graph = None if request.method == "POST" and _names_no_graph(request) else _graph_of(request)
        is_reserved = graph is not None and graph.startswith(GRAPH) and not graph.startswith(_OPEN_GRAPHS)
        require_token(request, self._settings, "reserved" if is_reserved else "graphs")
        if graph in _DERIVED_GRAPHS:
            raise ScopeRefused(
                Message("The graph {graph} is written by the software alone.", graph=graph),
                Message("Change the graphs that it is derived from."),
            )

    async def _read_in_queue(self, request: Request, receive: Any, send: Any) -> None:
        graph = _graph_of(request)
        client = client_of(request.scope, self._settings.client_header)
        async with self._lanes.turn(client, self._settings.query_seconds) as turn:
            response = await asyncio.to_thread(self._read, request, graph, turn)
            await response(request.scope, receive, send)

    def _read(self, request: Request, graph: str | None, turn: Turn) -> Response:
        store = self._served.current()
        if graph is None and not store.has_unnamed_graph:
            raise BadParameter(
                Message("With a remote endpoint, the default graph cannot be read."), Message("Name a graph.")
            )
        accept = request.headers.get("accept")
        media_type = negotiation.best_match(accept, list(negotiation.GRAPHS))
        if media_type is None:
            raise NotAcceptable(
                Message("None of {accept} is available.", accept=accept),
                Message("Available: {names}.", names=", ".join(negotiation.GRAPHS)),
            )
        if graph is not None and not store.has_graph(_iri(graph)):
            raise UnknownResource(Message("There is no graph {graph}.", graph=graph))
        headers = {"Vary": "Accept"}
        content = read_description(store).get(graph or "")
        if content:
            headers["ETag"] = graph_tag(content.sha256, negotiation.GRAPHS[media_type].file_extension)
            if names_content(request.headers.get("if-none-match", ""), content.sha256):
                return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            answer = Response(headers=headers, media_type=media_type)
            del answer.headers["content-length"]  # the length of the content is unknown before it is read
            return answer
        if graph is None:
            query, scope = named_query("browse/everything").text, _DEFAULT_GRAPH
        else:
            query, scope = bind(named_query("browse/graph").text, {"graph": NamedNode(graph)}), Scope()
        limits = Limits(turn.seconds_left, self._settings.result_bytes)
        rdf_format = negotiation.GRAPHS[media_type]
        pieces = store.stream_async(query, QueryResultsFormat.JSON, rdf_format, scope, limits, observer=turn)
        return StreamedResult(pieces, media_type, headers, self._settings.send_seconds, turn)

    def _write(self, request: Request, documents: tuple[RdfDocument, ...]) -> Response:
        store = self._served.current()
        is_new = request.method == "POST" and _names_no_graph(request)
        graph = urljoin(str(request.base_url), f"graph-store/{uuid4()}") if is_new else _graph_of(request)
        exists = graph is None or (not is_new and store.has_graph(_iri(graph)))
        condition = Precondition(request.headers.get("if-match"), request.headers.get("if-none-match"))
        if request.method == "DELETE":
            if not exists:
                raise UnknownResource(Message("There is no graph {graph}.", graph=graph))
            change = GraphChange("remove", graph, condition=condition)
        else:
            kind: Literal["add", "replace"] = "add" if request.method == "POST" else "replace"
            change = GraphChange(kind, graph, documents, graph or str(request.url), condition)
        self._store_writer.change_graph(change)
        headers = {"Location": str(graph)} if is_new else None
        return Response(status_code=204 if exists else 201, headers=headers)


async def _documents(request: Request, max_bytes: int) -> tuple[RdfDocument, ...]:
    """Return the submitted graph; for a POSTed form (section 5.5 of the protocol), each of its files."""
    media_type = _media_type(request.headers.get("content-type", "text/turtle"))
    if request.method != "POST" or media_type != "multipart/form-data":
        return (RdfDocument(await read_body(request, max_bytes), _require_graph_format(media_type)),)
    try:
        async with request.form(max_fields=0) as form:
            files = [file for _, file in form.multi_items() if isinstance(file, UploadFile)]
            parts = [(await file.read(), _media_type(file.content_type or "")) for file in files]
    except HTTPException as error:
        raise BadParameter(
            Message("The form cannot be read: {detail}", detail=error.detail),
            Message("Send files, and no other fields."),
        ) from None
    if not parts:
        raise BadParameter(
            Message("The form contains no file."), Message("Send one file or more, each with its media type.")
        )
    return tuple(RdfDocument(content, _require_graph_format(media_type)) for content, media_type in parts)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _require_graph_format(media_type: str) -> str:
    if media_type not in negotiation.GRAPHS or media_type in {"application/n-quads", "application/trig"}:
        raise UnsupportedFormat(
            Message("Graphs of the type {media_type} are not supported.", media_type=media_type or "(none)"),
            Message("Send Turtle, or another RDF format."),
        )
    return media_type


def _names_no_graph(request: Request) -> bool:
    return not request.path_params.get("path") and not request.query_params


def _graph_of(request: Request) -> str | None:
    """Return the IRI of the graph that the request names; None for the default graph."""
    parameters = request.query_params.multi_items()
    if request.path_params.get("path") and not parameters:
        return str(request.url.replace(path=request.scope["raw_path"].decode()))
    names = [name for name, _ in parameters]
    if names == ["default"]:
        return None
    if names == ["graph"]:
        graph = parameters[0][1]
        return graph if is_iri(graph) else _iri(urljoin(str(request.url.replace(query="")), graph)).value
    raise BadParameter(Message("The request must name one graph."), Message("Use ?graph=IRI or ?default."))


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError as error:
        raise BadParameter(Message("{text} is not an IRI: {reason}.", text=text, reason=error)) from None
