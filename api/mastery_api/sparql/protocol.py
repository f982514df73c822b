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

from mastery_graph.errors import BadParameter, BadQuery, DocumentTooLarge, InputError, MasteryError, UnsupportedFormat
from mastery_graph.rdf import is_iri
from mastery_graph.store.protocol import EVERYTHING, Scope
from mastery_graph.store.query_text import LONG, Query

MAX_QUERY_BYTES: Final = 1_000_000
_MAX_PARAMETERS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"


class MethodRefused(InputError):
    """The resource does not support this method."""

    slug = "method-refused"
    title = "Method not allowed"
    status = 405


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
        raise MethodRefused(f"{request.method} is not used here.", "Send a query by GET or POST, an update by POST.")
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
        raise MethodRefused("An update is not sent by GET.", "Send it by POST.")
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
        raise BadParameter("A query and an update were sent together.", "Send each by itself.")
    if request.method == "POST" and text is None and update is None:
        raise BadParameter("There is no query.", "Send it in the parameter `query`.")
    query = None if text is None else await parse_query(text)
    if query is not None and query.properties.is_update:
        if request.method == "POST":
            raise BadQuery("This is an update, sent as a query.", "Send it in the parameter `update`.")
        raise MethodRefused("This is an update, sent as a query.", "Ask SELECT, ASK, CONSTRUCT or DESCRIBE.")
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
            raise BadParameter(f"{name} must be an absolute IRI, and {graph[:200]!r} is none.")
    return tuple(parameters.get(name, ()))


def _single_value(parameters: dict[str, list[str]], name: str) -> str | None:
    values = parameters.get(name, [])
    if len(values) > 1:
        raise BadParameter(f"The parameter {name} was sent {len(values)} times.", "Send it once.")
    if name != "format" and values and not values[0].strip():
        raise BadParameter(f"The parameter {name} is empty.")
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
        raise BadParameter("A parameter is not UTF-8.") from None
    except ValueError:
        raise BadParameter(f"There are more than {_MAX_PARAMETERS} parameters.") from None


def _media_type(request: Request) -> str:
    media_type, _, rest = request.headers.get("content-type", "").partition(";")
    media_type = media_type.strip().lower()
    if media_type not in {_FORM, _QUERY, _UPDATE}:
        raise UnsupportedFormat(
            f"A query of the type {media_type or '(none)'} is not read.",
            f"Send {_QUERY}, or a form with the field query; an update as {_UPDATE}, or in the field update.",
        )
    charset = rest.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise UnsupportedFormat(f"The charset {charset} is not read.", "Send UTF-8.")
    return media_type


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadParameter("The query is not UTF-8.") from None


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the body of a request. Raises `DocumentTooLarge` as soon as it is longer than `max_bytes` bytes."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > max_bytes:
        raise DocumentTooLarge(f"What was sent is longer than {max_bytes} bytes.")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > max_bytes:
            raise DocumentTooLarge(f"What was sent is longer than {max_bytes} bytes.")
    return bytes(content)
