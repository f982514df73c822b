"""The store that someone else runs: any SPARQL 1.1 endpoint, over HTTP through SPARQLWrapper.

Known quirks are met here and nowhere else. Virtuoso answers ASK with a table, gives durations in seconds, and tells
only in headers where its result is not whole: `X-SQL-State` where it stopped at the time limit, `X-SPARQL-MaxRows`
where it has a limit of rows.
"""

import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any, Final
from typing import Literal as OneOf
from urllib.error import HTTPError, URLError

import httpx
from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)
from SPARQLWrapper import BASIC, DIGEST, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from mastery_graph.errors import BadQuery, BadSource, EndpointFailed, MasteryError, QueryTimeout, ResultTooLarge
from mastery_graph.queries import bind, named_query
from mastery_graph.store.protocol import (
    EVERYTHING,
    UNLIMITED,
    Bindings,
    GraphSize,
    Limits,
    Row,
    Scope,
    Stop,
    Term,
    graph_sizes,
)
from mastery_graph.store.query_text import names_its_graphs, query_form, refuse_other_servers, require_form
from mastery_graph.vocabulary import XSD

_PIECE: Final = 64 * 1024
_INSERTED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the endpoint answers queries, takes updates (SPARQL 1.1 Update) and graphs (Graph Store HTTP Protocol)."""

    query: str
    update: str | None = None
    graph_store: str | None = None
    user: str | None = None
    password: str | None = None
    authentication: OneOf["basic", "digest"] = "basic"


class RemoteStore:
    """A store behind a SPARQL 1.1 endpoint. Reads need `query`; writes need `graph_store` or `update`."""

    def __init__(self, endpoint: Endpoint, hosts: frozenset[str] = frozenset()) -> None:
        """Remember the endpoint, and the hosts that it may be made to ask; nothing is asked yet."""
        self._endpoint = endpoint
        self._hosts = hosts

    def select(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Row]:
        """Return the solutions of a SELECT query, in the order of the query."""
        bound = bind(query, bindings or {})
        require_form(bound, "SELECT")
        found = self._parsed(bound, limits)
        if not isinstance(found, QuerySolutions):
            raise EndpointFailed("The endpoint answered SELECT with a boolean.")
        names = [variable.value for variable in found.variables]
        return [
            {name: _standard(value) for name, value in zip(names, row, strict=True) if value is not None}
            for row in found
        ]

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        bound = bind(query, bindings or {})
        require_form(bound, "ASK")
        found = self._parsed(bound, limits)
        return _truth(found)

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        bound = bind(query, bindings or {})
        require_form(bound, "CONSTRUCT", "DESCRIBE")
        return self._triples(bound, EVERYTHING, limits)

    def stream(
        self,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        scope: Scope = EVERYTHING,
        limits: Limits = UNLIMITED,
        *,
        stop: Stop | None = None,
    ) -> Iterator[bytes]:
        """Yield the serialised result, written anew: not every endpoint keeps to the letter of the formats.

        The whole result has come, parsed and lies in a file without a name before the first piece is given.
        """
        require_form(query, "SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        table = query_form(query) in {"SELECT", "ASK"}
        accept = QueryResultsFormat.XML.media_type if table else RdfFormat.N_TRIPLES.media_type
        with tempfile.TemporaryFile() as received, tempfile.SpooledTemporaryFile(_PIECE) as written:
            for piece in self._pieces(query, accept, scope, limits, stop):
                received.write(piece)
            received.seek(0)
            try:
                if table:
                    found = parse_query_results(received, format=QueryResultsFormat.XML)
                    if query_form(query) == "ASK":
                        found = _boolean(_truth(found))
                    found.serialize(written, format=results)
                else:
                    triples = (quad.triple for quad in parse(received, format=RdfFormat.N_TRIPLES))
                    serialize(triples, written, format=graph)
            except SyntaxError as error:
                raise _failed(f"its result does not parse: {error}") from None
            written.seek(0)
            while piece := written.read(_PIECE):
                yield piece

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none. Raises `BadSource` where it does not parse."""
        try:
            if isinstance(source, Path):
                added = [quad.triple for quad in parse(path=str(source), format=rdf_format)]
            else:
                added = [quad.triple for quad in parse(source, format=rdf_format)]
        except SyntaxError as error:
            name = source.name if isinstance(source, Path) else "The text"
            raise BadSource(f"{name} does not parse: {error}.") from None
        present = self.construct(named_query("browse/graph").text, {"graph": NamedNode(graph)})
        self.replace_graph(graph, [*present, *added])

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none. No triples removes the graph."""
        distinct = list(dict.fromkeys(triples))
        if address := self._endpoint.graph_store:
            self._put(address, graph, distinct)
        else:
            self._insert(graph, distinct)

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        return graph_sizes(self.select(named_query("browse/graphs").text))

    def close(self) -> None:
        """Nothing is held open."""

    def _parsed(self, query: str, limits: Limits, scope: Scope = EVERYTHING) -> QuerySolutions | QueryBoolean:
        content = b"".join(self._pieces(query, QueryResultsFormat.XML.media_type, scope, limits))
        try:
            # Virtuoso names blank nodes by IRIs of its own.
            content = content.replace(b"<bnode>nodeID://", b"<bnode>")
            return parse_query_results(content, format=QueryResultsFormat.XML)
        except SyntaxError as error:
            raise _failed(f"its result does not parse: {error}") from None

    def _triples(self, query: str, scope: Scope, limits: Limits) -> list[Triple]:
        content = b"".join(self._pieces(query, RdfFormat.N_TRIPLES.media_type, scope, limits))
        try:
            return [quad.triple for quad in parse(content, format=RdfFormat.N_TRIPLES)]
        except SyntaxError as error:
            raise _failed(f"its result does not parse: {error}") from None

    def _pieces(
        self, query: str, accept: str, scope: Scope, limits: Limits, stop: Stop | None = None
    ) -> Iterator[bytes]:
        refuse_other_servers(query, self._hosts)
        stop = stop or Stop()
        start = monotonic()
        request = self._request(self._endpoint.query)
        request.setQuery(query)
        # SPARQLWrapper guesses the form, and takes some queries for updates.
        request.queryType = query_form(query) or "SELECT"
        request.addCustomHttpHeader("Accept", accept)
        if scope.everything and not names_its_graphs(query):
            # Oxigraph's server takes this for a union of all graphs; other servers ignore what they do not know.
            request.addParameter("union-default-graph", "true")
        for graph in scope.default_graphs:
            request.addParameter("default-graph-uri", graph)
        for graph in scope.named_graphs:
            request.addParameter("named-graph-uri", graph)
        if limits.seconds is not None:
            request.setTimeout(max(1, round(limits.seconds)))
            # Virtuoso ends the work at this many milliseconds; other servers ignore what they do not know.
            request.addParameter("timeout", str(round(limits.seconds * 1000)))
        size = 0
        with _answered(request, limits) as response:
            _refuse_cut(response.headers, limits)
            stop.arm(lambda: _hang_up(response))
            while piece := _read(response, limits):
                size += len(piece)
                if limits.size is not None and size > limits.size:
                    raise ResultTooLarge(f"The result is larger than {limits.size} bytes.", "Ask for less.")
                if limits.seconds is not None and monotonic() - start > limits.seconds:
                    raise _timeout(limits)
                yield piece

    def _put(self, address: str, graph: str, triples: list[Triple]) -> None:
        """Replace a graph through the Graph Store HTTP Protocol, section 5.3."""
        try:
            answer = httpx.request(
                "PUT" if triples else "DELETE",
                address,
                params={"graph": graph},
                content=serialize(triples, format=RdfFormat.N_TRIPLES) if triples else None,
                headers={"Content-Type": RdfFormat.N_TRIPLES.media_type} if triples else None,
                auth=self._authentication(),
                timeout=600,
            )
        except httpx.HTTPError as error:
            raise _failed(str(error)) from None
        if answer.is_error and not (answer.status_code == httpx.codes.NOT_FOUND and not triples):
            raise _failed(f"status {answer.status_code}: {answer.text[:300]}")

    def _insert(self, graph: str, triples: list[Triple]) -> None:
        """Replace a graph through SPARQL 1.1 Update: piece by piece into a staging graph, which is then moved."""
        if not self._endpoint.update:
            raise EndpointFailed(
                "The endpoint is for reading only.", "Give its address for updates, or for its graph store."
            )
        staging = NamedNode(f"{graph}#staging")
        self._update(f"DROP SILENT GRAPH {staging}")
        # A blank node is one node within one request only: triples with blank nodes go together.
        rest = iter(sorted(triples, key=lambda triple: "_:" not in f"{triple.subject} {triple.object}"))
        blank = sum("_:" in f"{triple.subject} {triple.object}" for triple in triples)
        at_once = max(_INSERTED_AT_ONCE, blank)
        while piece := list(islice(rest, at_once)):
            data = "\n".join(f"{triple} ." for triple in piece)
            self._update(f"INSERT DATA {{ GRAPH {staging} {{ {data} }} }}")
        self._update(f"MOVE {staging} TO {NamedNode(graph)}" if triples else f"DROP SILENT GRAPH {NamedNode(graph)}")

    def _update(self, update: str) -> None:
        request = self._request(self._endpoint.update or "")
        request.setQuery(update)
        with _answered(request, UNLIMITED) as response:
            response.read()

    def _request(self, address: str) -> SPARQLWrapper:
        request = SPARQLWrapper(address)
        request.setMethod(POST)
        request.setOnlyConneg(True)
        if self._endpoint.user:
            request.setHTTPAuth(DIGEST if self._endpoint.authentication == "digest" else BASIC)
            request.setCredentials(self._endpoint.user, self._endpoint.password)
        return request

    def _authentication(self) -> httpx.Auth | None:
        if not self._endpoint.user:
            return None
        kind = httpx.DigestAuth if self._endpoint.authentication == "digest" else httpx.BasicAuth
        return kind(self._endpoint.user, self._endpoint.password or "")


def _standard(value: Term) -> Term:
    """Return a term as the standard writes it: Virtuoso gives a duration as a number of seconds."""
    if isinstance(value, Literal) and value.datatype.value == XSD + "duration":
        try:
            return Literal(f"PT{round(float(value.value) / 60)}M", datatype=value.datatype)
        except ValueError:
            return value
    return value


def _boolean(answer: bool) -> QueryBoolean:
    document = b'{"head": {}, "boolean": %s}' % (b"true" if answer else b"false")
    boolean = parse_query_results(document, format=QueryResultsFormat.JSON)
    if not isinstance(boolean, QueryBoolean):
        raise TypeError("A boolean result was read as a table.")
    return boolean


def _truth(found: QuerySolutions | QueryBoolean) -> bool:
    """Return the answer to an ASK query, from a boolean or from the table that Virtuoso gives."""
    if isinstance(found, QueryBoolean):
        return bool(found)
    return [str(value.value) for row in found for value in row if value is not None] in (["1"], ["true"])


def _hang_up(response: Any) -> None:
    """End a connection from which another thread may be reading: it meets the end of the content too early."""
    try:
        response.fp.raw._sock.shutdown(socket.SHUT_RDWR)
    except (AttributeError, OSError):
        return


def _answered(request: SPARQLWrapper, limits: Limits) -> Any:
    """Send the request and return the response, a file. Raises what the endpoint's failure means here."""
    try:
        return request.query().response
    except QueryBadFormed as error:
        raise BadQuery(f"The endpoint does not accept the query: {_words(error)}") from None
    except SPARQLWrapperException as error:
        raise _failed(_words(error)) from None
    except HTTPError as error:
        raise _failed(f"status {error.code}: {error.read()[:300].decode(errors='replace')}") from None
    except TimeoutError:
        raise _timeout(limits) from None
    except URLError as error:
        raise (_timeout(limits) if isinstance(error.reason, TimeoutError) else _failed(str(error.reason))) from None
    except OSError as error:
        raise _failed(str(error)) from None


def _read(response: Any, limits: Limits) -> bytes:
    try:
        return bytes(response.read1(_PIECE))
    except TimeoutError:
        raise _timeout(limits) from None
    except OSError as error:
        raise _failed(str(error)) from None


def _refuse_cut(headers: Mapping[str, str], limits: Limits) -> None:
    if headers.get("X-SQL-State"):
        raise _timeout(limits)
    if most := headers.get("X-SPARQL-MaxRows"):
        raise ResultTooLarge(f"The endpoint gives no more than {most} rows, and may have left some out.", "Use LIMIT.")


def _timeout(limits: Limits) -> QueryTimeout:
    after = f" after {limits.seconds:g} seconds" if limits.seconds is not None else ""
    return QueryTimeout(f"The query was stopped{after}.", "Narrow its patterns, or ask for fewer results with LIMIT.")


def _failed(reason: str) -> MasteryError:
    return EndpointFailed(f"The SPARQL endpoint failed: {reason}", "See whether it is up, and its log.")


def _words(error: Exception) -> str:
    """Return what the endpoint said, without the wrapper's own preamble."""
    said = str(error).partition("Response:\n")[2] or str(error)
    return said.removeprefix("b").strip("'\" ")[:300]
