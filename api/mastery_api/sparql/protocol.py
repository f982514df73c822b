"""What a request says by the SPARQL 1.1 Protocol (section 2): one query or one update, and the graphs that it sees."""

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

from pydantic_core import Url
from starlette.datastructures import URL
from starlette.requests import Request

from mastery_graph.errors import BadParameter, BadQuery, DocumentTooLarge, InputError, UnsupportedFormat
from mastery_graph.rdf import is_iri
from mastery_graph.store.protocol import EVERYTHING, Scope
from mastery_graph.store.query_text import LONG, Query

LONGEST_QUERY: Final = 1_000_000
_MOST_PARAMETERS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"


class MethodRefused(InputError):
    """This method is not used at this address."""

    slug = "method-refused"
    title = "Method not allowed"
    status = 405


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """A query or an update, the graphs that it names as its dataset, and the format asked for by `?format=`."""

    query: Query | None = None
    update: str | None = None
    scope: Scope = EVERYTHING
    format: str | None = None


async def parse_request(request: Request, longest_update: int, may_update: Callable[[], None]) -> SparqlRequest:
    """Read a request. Neither a query nor an update is asked by a bare GET.

    `may_update` raises where the request may not update, before an update is read. Raises `MethodRefused`,
    `UnsupportedFormat`, `DocumentTooLarge` and `BadParameter`.
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        raise MethodRefused(f"{request.method} is not used here.", "Send a query by GET or POST, an update by POST.")
    sent = _parameters(request.scope["query_string"])
    if request.method == "POST":
        kind = _media_type(request)
        if kind == _UPDATE:
            may_update()
        longest = longest_update if kind == _UPDATE else LONGEST_QUERY
        content = await read_body(request, max(longest, LONGEST_QUERY) if kind != _QUERY else LONGEST_QUERY)
        if kind == _FORM:
            for name, values in _fields(content).items():
                sent.setdefault(name, []).extend(values)
        else:
            sent.setdefault("query" if kind == _QUERY else "update", []).append(_text(content))
    elif "update" in sent:
        raise MethodRefused("An update is not sent by GET.", "Send it by POST.")
    return await _asked(request, sent)


async def _asked(request: Request, sent: dict[str, list[str]]) -> SparqlRequest:
    text, update = _only(sent, "query"), _only(sent, "update")
    if text is not None and update is not None:
        raise BadParameter("A query and an update were sent together.", "Send each by itself.")
    if request.method == "POST" and text is None and update is None:
        raise BadParameter("There is no query.", "Send it in the parameter `query`.")
    query = None if text is None else await parse_aside(text)
    if query is not None and query.properties.is_update:
        if request.method == "POST":
            raise BadQuery("This is an update, sent as a query.", "Send it in the parameter `update`.")
        raise MethodRefused("This is an update, sent as a query.", "Ask SELECT, ASK, CONSTRUCT or DESCRIBE.")
    prefix = "using" if update is not None else "default"
    named = "using-named" if update is not None else "named"
    scope = Scope(_graphs(sent, f"{prefix}-graph-uri"), _graphs(sent, f"{named}-graph-uri"), _address(request.scope))
    return SparqlRequest(query, update, scope, _only(sent, "format"))


async def parse_aside(text: str) -> Query:
    """Parse a query; where it is long, in a thread, so that no other request waits for it."""
    return await asyncio.to_thread(Query, text) if len(text) >= LONG else Query(text)


def _address(scope: MutableMapping[str, Any]) -> str:
    """Return the address that is asked, without what is asked: relative IRIs of the query are relative to it."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    server = scope.get("server")
    return _written(scope.get("scheme", "http"), host, tuple(server) if server else None, scope["path"])


@lru_cache(maxsize=256)
def _written(scheme: str, host: bytes, server: tuple[str, int] | None, path: str) -> str:
    headers = [(b"host", host)] if host else []
    return str(URL(scope={"scheme": scheme, "headers": headers, "server": server, "path": path}))


def _graphs(sent: dict[str, list[str]], name: str) -> tuple[str, ...]:
    """Return the graphs that are named as this part of the dataset."""
    for graph in sent.get(name, ()):
        if not is_iri(graph):
            raise BadParameter(f"{name} must be an absolute IRI, and {graph[:200]!r} is none.")
    return tuple(sent.get(name, ()))


def _only(sent: dict[str, list[str]], name: str) -> str | None:
    values = sent.get(name, [])
    if len(values) > 1:
        raise BadParameter(f"The parameter {name} was sent {len(values)} times.", "Send it once.")
    if name != "format" and values and not values[0].strip():
        raise BadParameter(f"The parameter {name} is empty.")
    return values[0] if values else None


def _parameters(written: bytes) -> dict[str, list[str]]:
    """Return what `_fields` does, by the parser of URLs that pydantic brings, which takes a quarter of the time."""
    if written.isascii() and b"#" not in written and written.count(b"&") < _MOST_PARAMETERS:
        pairs = Url(f"http://localhost/?{written.decode()}").query_params()
        if not any("\ufffd" in name or "\ufffd" in value for name, value in pairs):
            found: dict[str, list[str]] = {}
            for name, value in pairs:
                found.setdefault(name, []).append(value)
            return found
    return _fields(written)


def _fields(content: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(content.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeDecodeError:
        raise BadParameter("A parameter is not UTF-8.") from None
    except ValueError:
        raise BadParameter(f"There are more than {_MOST_PARAMETERS} parameters.") from None


def _media_type(request: Request) -> str:
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in {_FORM, _QUERY, _UPDATE}:
        raise UnsupportedFormat(
            f"A query of the type {kind or '(none)'} is not read.",
            f"Send {_QUERY}, or a form with the field query; an update as {_UPDATE}, or in the field update.",
        )
    charset = rest.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise UnsupportedFormat(f"The charset {charset} is not read.", "Send UTF-8.")
    return kind


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadParameter("The query is not UTF-8.") from None


async def read_body(request: Request, longest: int) -> bytes:
    """Return the body of a request. Raises `DocumentTooLarge` as soon as it is longer than `longest` bytes."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > longest:
            raise DocumentTooLarge(f"What was sent is longer than {longest} bytes.")
    return bytes(content)
