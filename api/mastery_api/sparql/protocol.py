"""Parsing of requests of the SPARQL 1.1 Protocol (section 2): one query or one update, and its dataset."""

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

from pydantic_core import Url
from starlette.datastructures import URL
from starlette.requests import Request

from mastery_graph.errors import (
    BadParameter,
    BadQuery,
    DocumentTooLarge,
    MasteryError,
    MethodRefused,
    UnsupportedFormat,
)
from mastery_graph.languages import Message
from mastery_graph.rdf import is_iri
from mastery_graph.store.protocol import EVERYTHING, Scope
from mastery_graph.store.query_text import LONG, Query

MAX_QUERY_BYTES: Final = 1_000_000
_MAX_PARAMETERS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"


METHODS: Final = "GET, HEAD, OPTIONS, POST"
"""The methods of the SPARQL Protocol."""


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """A query or an update, the graphs of its dataset, and the format requested by `?format=`."""

    query: Query | None = None
    update: str | None = None
    scope: Scope = EVERYTHING
    format: str | None = None


async def parse_request(request: Request, max_update_bytes: int, check_token: Callable[[], None]) -> SparqlRequest:
    """Parse a request. A bare GET contains neither a query nor an update.

    `check_token` raises if the request is not authorised to update, before an update is read. Raises `MethodRefused`,
    `UnsupportedFormat`, `DocumentTooLarge` and `BadParameter`.
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        raise MethodRefused(
            Message("The method {method} is not allowed.", method=request.method),
            Message("Send a query by GET or POST, an update by POST."),
            allow=METHODS,
        )
    parameters = _parameters(request.scope["query_string"])
    if request.method == "POST":
        media_type = _media_type(request)
        if media_type == _UPDATE:
            check_token()
        content = await read_body(request, _max_bytes(media_type, max_update_bytes, check_token))
        if media_type == _FORM:
            for name, values in _fields(content).items():
                parameters.setdefault(name, []).extend(values)
        else:
            parameters.setdefault("query" if media_type == _QUERY else "update", []).append(_text(content))
    elif "update" in parameters:
        raise MethodRefused(Message("Updates cannot be sent by GET."), Message("Send it by POST."), allow=METHODS)
    return await _build_request(request, parameters)


def _max_bytes(media_type: str, max_update_bytes: int, check_token: Callable[[], None]) -> int:
    """Return the limit of a body. A form may contain an update: without a token, it has the limit of a query."""
    try:
        if media_type != _QUERY:
            check_token()
            return max(max_update_bytes, MAX_QUERY_BYTES)
    except MasteryError:
        pass
    return MAX_QUERY_BYTES


async def _build_request(request: Request, parameters: dict[str, list[str]]) -> SparqlRequest:
    text, update = _single_value(parameters, "query"), _single_value(parameters, "update")
    if text is not None and update is not None:
        raise BadParameter(Message("A query and an update were sent together."), Message("Send them separately."))
    if request.method == "POST" and text is None and update is None:
        raise BadParameter(Message("The request contains no query."), Message("Send it in the parameter `query`."))
    query = None if text is None else await parse_query(text)
    if query is not None and query.properties.is_update:
        if request.method == "POST":
            raise BadQuery(Message("An update was sent as a query."), Message("Send it in the parameter `update`."))
        raise MethodRefused(
            Message("An update was sent as a query."), Message("Use SELECT, ASK, CONSTRUCT or DESCRIBE."), allow=METHODS
        )
    prefix = "using" if update is not None else "default"
    named_prefix = "using-named" if update is not None else "named"
    scope = Scope(
        _graphs(parameters, f"{prefix}-graph-uri"),
        _graphs(parameters, f"{named_prefix}-graph-uri"),
        _base_url(request.scope),
    )
    return SparqlRequest(query, update, scope, _single_value(parameters, "format"))


async def parse_query(text: str) -> Query:
    """Parse a query; a long one in a thread, so that it does not block the event loop."""
    return await asyncio.to_thread(Query, text) if len(text) >= LONG else Query(text)


def _base_url(scope: MutableMapping[str, Any]) -> str:
    """Return the URL of the request without its query: the base of relative IRIs."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    server = scope.get("server")
    return _url(scope.get("scheme", "http"), host, tuple(server) if server else None, scope["path"])


@lru_cache(maxsize=256)
def _url(scheme: str, host: bytes, server: tuple[str, int] | None, path: str) -> str:
    headers = [(b"host", host)] if host else []
    return str(URL(scope={"scheme": scheme, "headers": headers, "server": server, "path": path}))


def _graphs(parameters: dict[str, list[str]], name: str) -> tuple[str, ...]:
    """Return the graphs in the dataset parameter of this name."""
    for graph in parameters.get(name, ()):
        if not is_iri(graph):
            raise BadParameter(
                Message("{name} must be an absolute IRI; {graph} is not one.", name=name, graph=repr(graph[:200]))
            )
    return tuple(parameters.get(name, ()))


def _single_value(parameters: dict[str, list[str]], name: str) -> str | None:
    values = parameters.get(name, [])
    if len(values) > 1:
        raise BadParameter(
            Message("The parameter {name} was sent {values} times.", name=name, values=len(values)),
            Message("Send it once."),
        )
    if name != "format" and values and not values[0].strip():
        raise BadParameter(Message("The parameter {name} is empty.", name=name))
    return values[0] if values else None


def _parameters(query_string: bytes) -> dict[str, list[str]]:
    """Return the same as `_fields` by the URL parser of pydantic, which is four times as fast."""
    if query_string.isascii() and b"#" not in query_string and query_string.count(b"&") < _MAX_PARAMETERS:
        pairs = Url(f"http://localhost/?{query_string.decode()}").query_params()
        if not any("\ufffd" in name or "\ufffd" in value for name, value in pairs):
            parameters: dict[str, list[str]] = {}
            for name, value in pairs:
                parameters.setdefault(name, []).append(value)
            return parameters
    return _fields(query_string)


def _fields(content: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(content.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise BadParameter(Message("A parameter is not UTF-8.")) from None
    except ValueError:
        raise BadParameter(
            Message("There are more than {max_parameters} parameters.", max_parameters=_MAX_PARAMETERS)
        ) from None


def _media_type(request: Request) -> str:
    media_type, _, rest = request.headers.get("content-type", "").partition(";")
    media_type = media_type.strip().lower()
    if media_type not in {_FORM, _QUERY, _UPDATE}:
        raise UnsupportedFormat(
            Message("Queries of the type {media_type} are not supported.", media_type=media_type or "(none)"),
            Message(
                "Send a query as {query} or in the form field `query`, an update as {update} or in "
                "the form field `update`.",
                query=_QUERY,
                update=_UPDATE,
            ),
        )
    charset = rest.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise UnsupportedFormat(
            Message("The charset {charset} is not supported.", charset=charset), Message("Send UTF-8.")
        )
    return media_type


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadParameter(Message("The query is not UTF-8.")) from None


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the body of a request. Raises `DocumentTooLarge` as soon as it is longer than `max_bytes` bytes."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > max_bytes:
        raise DocumentTooLarge(Message("The query is longer than {max_bytes} bytes.", max_bytes=max_bytes))
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > max_bytes:
            raise DocumentTooLarge(Message("The query is longer than {max_bytes} bytes.", max_bytes=max_bytes))
    return bytes(content)
