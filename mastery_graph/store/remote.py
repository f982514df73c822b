"""The store that someone else runs: any SPARQL 1.1 endpoint, over HTTP.

What endpoints make of the standard formats is met here: Virtuoso answers ASK with a table, names blank nodes by IRIs of
its own, and gives durations in seconds.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from io import SEEK_END
from itertools import chain, islice
from pathlib import Path
from typing import IO, Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)
from pyoxigraph import Store as Engine

from mastery_graph.errors import BadSource, EndpointFailed, WritingIsOff
from mastery_graph.queries import bind, named_query
from mastery_graph.store.circuit import CircuitState
from mastery_graph.store.endpoint import PIECE, Connection, Endpoint, refuse_error, unreadable
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

_INSERTED_AT_ONCE: Final = 500
_PUT_AT_ONCE: Final = 20_000
"""Triples in one request: Virtuoso ends in a deadlock with itself over a hundred thousand."""
_IN_MEMORY: Final = 1_000_000
_NOT_FOUND: Final = 404
_NUMBER: Final = re.compile(r"\d+(\.\d+)?$")
_ANY: Final = NamedNode("urn:any")


class RemoteStore:
    """A store behind a SPARQL 1.1 endpoint. Reads need `query`; writes need `graph_store` or `update`."""

    def __init__(self, endpoint: Endpoint, hosts: frozenset[str] = frozenset()) -> None:
        """Remember the endpoint, and the hosts that it may be made to ask; nothing is asked yet."""
        self._endpoint = endpoint
        self._connection = Connection(endpoint)
        self._hosts = hosts

    @property
    def address(self) -> str:
        """Where it is asked."""
        return self._endpoint.query

    @property
    def circuit(self) -> CircuitState:
        """Whether the endpoint is up, as far as is known."""
        return self._connection.circuit

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
        with self._received(bound, RdfFormat.N_TRIPLES.media_type, EVERYTHING, limits) as received:
            try:
                return [_standard_triple(quad.triple) for quad in parse(received, format=RdfFormat.N_TRIPLES)]
            except SyntaxError as error:
                raise unreadable(error, _end(received), limits) from None

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
        with (
            self._received(query, accept, scope, limits, stop) as received,
            tempfile.SpooledTemporaryFile(PIECE) as written,
        ):
            try:
                _rewrite(received, written, query_form(query), results, graph)
            except SyntaxError as error:
                raise unreadable(error, _end(received), limits) from None
            written.seek(0)
            while piece := written.read(PIECE):
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
        """Make `triples` the whole content of one graph, all or none. No triples removes the graph.

        A graph that is too large for one request is made beside, and moved. Raises `WritingIsOff`.
        """
        distinct = list(dict.fromkeys(triples))
        if self._endpoint.graph_store and (len(distinct) <= _PUT_AT_ONCE or not self._endpoint.update):
            self.put(graph, distinct)
            return
        self.require_writes(updates=True)
        if not distinct:
            self._update(f"DROP SILENT GRAPH {NamedNode(graph)}")
            return
        for _ in self.fill_beside(graph, distinct):
            pass
        self.move_beside(graph)

    @property
    def makes_beside(self) -> bool:
        """Whether a graph can be made beside another one and moved into its place, which takes SPARQL 1.1 Update."""
        return self._endpoint.update is not None

    def fill_beside(self, graph: str, triples: Iterable[Triple], after: int = 0) -> Iterator[int]:
        """Write distinct triples to a graph beside another one, piece by piece; yield how many are there by then.

        `triples` is gone through twice. Where the first `after` of them are there from a former try, which had the same
        triples in the same order, it goes on behind them; else it begins with an empty graph.
        """
        beside = _beside(graph)
        if not after:
            self._update(f"DROP SILENT GRAPH {beside}")
        # A blank node is one node within one request only: triples with blank nodes go together, before the others.
        blank = [triple for triple in triples if _has_blank_nodes(triple)]
        rest = (triple for triple in triples if not _has_blank_nodes(triple))
        at_once = _PUT_AT_ONCE if self._endpoint.graph_store else _INSERTED_AT_ONCE
        there = 0
        for piece in chain([blank] if blank else [], iter(lambda: list(islice(rest, at_once)), [])):
            there += len(piece)
            if there <= after:
                continue
            if self._endpoint.graph_store:
                with _NTriples(piece) as written:
                    self._send("POST", beside.value, written)
            else:
                data = "\n".join(f"{triple} ." for triple in piece)
                self._update(f"INSERT DATA {{ GRAPH {beside} {{ {data} }} }}")
            yield there

    def size_beside(self, graph: str) -> int:
        """Return the number of triples of the graph beside another one."""
        return next((one.triples for one in self.graphs() if one.iri == _beside(graph).value), 0)

    def move_beside(self, graph: str) -> None:
        """Put the graph that was made beside another one into its place."""
        self._update(f"MOVE {_beside(graph)} TO {NamedNode(graph)}")

    def require_writes(self, *, updates: bool = False) -> None:
        """Raise `WritingIsOff` where there is no address for writes, or, with `updates`, none for updates."""
        if not self._endpoint.update and (updates or not self._endpoint.graph_store):
            raise WritingIsOff(
                f"The endpoint takes no {'updates' if updates else 'writes'}: no address is set for them.",
                f"Set MASTERY_SPARQL_UPDATE_ENDPOINT{'' if updates else ' or MASTERY_GRAPH_STORE_ENDPOINT'}.",
            )

    def update(self, text: str, base: str | None = None, seconds: float | None = None) -> None:
        """Send a SPARQL 1.1 update, once, as one request. Raises `WritingIsOff`, `BadQuery` and `QueryTimeout`."""
        self.require_writes(updates=True)
        self._update(f"BASE {NamedNode(base)}\n{text}" if base else text, seconds)

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        return graph_sizes(self.select(named_query("browse/graphs").text))

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def _parsed(self, query: str, limits: Limits) -> QuerySolutions | QueryBoolean:
        with self._received(query, QueryResultsFormat.XML.media_type, EVERYTHING, limits) as received:
            content = received.read()
        try:
            return parse_query_results(content, format=QueryResultsFormat.XML)
        except SyntaxError as error:
            raise unreadable(error, content, limits) from None

    def _received(self, query: str, accept: str, scope: Scope, limits: Limits, stop: Stop | None = None) -> IO[bytes]:
        """Return the whole result of a query, in the format that is accepted."""
        refuse_other_servers(query, self._hosts)
        fields: dict[str, str | tuple[str, ...]] = {
            "query": query,
            "default-graph-uri": scope.default_graphs,
            "named-graph-uri": scope.named_graphs,
        }
        if scope.everything and not names_its_graphs(query):
            # Oxigraph's server takes this for a union of all graphs; other servers ignore what they do not know.
            fields["union-default-graph"] = "true"
        if limits.seconds is not None and self._endpoint.timeout != "none":
            fields["timeout"] = _time_limit(limits.seconds, self._endpoint.timeout)
        received = self._connection.result(fields, accept, limits, stop)
        return _with_plain_blank_nodes(received) if accept == QueryResultsFormat.XML.media_type else received

    def put(self, graph: str, triples: Iterable[Triple]) -> None:
        """Replace a graph by the Graph Store HTTP Protocol, section 5.3, in one request; what is sent is streamed."""
        with _NTriples(triples) as written:
            if written.size:
                self._send("PUT", graph, written)
                return
        answer = self._connection.send("DELETE", self._endpoint.graph_store or "", params={"graph": graph})
        if answer.status_code != _NOT_FOUND:
            refuse_error(answer)

    def _send(self, method: str, graph: str, content: "_NTriples") -> None:
        address, params = self._endpoint.graph_store or "", {"graph": graph}
        headers = {"Content-Type": RdfFormat.N_TRIPLES.media_type, "Content-Length": str(content.size)}
        refuse_error(self._connection.send(method, address, params=params, content=content, headers=headers))

    def _update(self, update: str, seconds: float | None = None) -> None:
        within = {} if seconds is None else {"seconds": seconds}
        refuse_error(self._connection.send("POST", self._endpoint.update or "", data={"update": update}, **within))


class _NTriples:
    """Triples as N-Triples, a line each, in a file without a name: sent piece by piece, and again where it must be."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed on leaving
        self._file.writelines(f"{triple} .\n".encode() for triple in triples)
        self.size = self._file.tell()

    def __enter__(self) -> "_NTriples":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece


def _time_limit(seconds: float, how: str) -> str:
    """Return a time limit as an endpoint reads it.

    >>> [_time_limit(2.5, how) for how in ("milliseconds", "seconds", "duration")]
    ['2500', '2.5', '2500ms']
    """
    milliseconds = round(seconds * 1000)
    return {"milliseconds": f"{milliseconds}", "seconds": f"{seconds:g}", "duration": f"{milliseconds}ms"}[how]


def _rewrite(received: IO[bytes], written: IO[bytes], form: str, results: QueryResultsFormat, graph: RdfFormat) -> None:
    """Write what has been received in the format asked for. The parsed result ends here, in the thread it began in."""
    if form == "SELECT":
        parse_query_results(received, format=QueryResultsFormat.XML).serialize(written, format=results)
    elif form == "ASK":
        answer = _truth(parse_query_results(received, format=QueryResultsFormat.XML))
        _boolean(answer).serialize(written, format=results)
    else:
        triples = (_standard_triple(quad.triple) for quad in parse(received, format=RdfFormat.N_TRIPLES))
        serialize(triples, written, format=graph)


def _with_plain_blank_nodes(table: IO[bytes]) -> IO[bytes]:
    """Return a table with blank nodes as the standard writes them: Virtuoso names them by IRIs of its own."""
    plain = tempfile.SpooledTemporaryFile(PIECE)  # noqa: SIM115  # closed by whoever reads it
    with table:
        plain.writelines(line.replace(b"<bnode>nodeID://", b"<bnode>") for line in table)
    plain.seek(0)
    return plain


def _standard(value: Term) -> Term:
    """Return a term as the standard writes it: Virtuoso gives durations as `216000.0` seconds, or as `2` months."""
    if not isinstance(value, Literal) or value.datatype.value != XSD + "duration" or not _NUMBER.match(value.value):
        return value
    written = f"PT{value.value}S" if "." in value.value else f"P{value.value}M"
    store = Engine()
    store.add(Quad(_ANY, _ANY, Literal(written, datatype=value.datatype)))  # which writes values in canonical form
    return next(term for quad in store if isinstance(term := quad.object, Literal))


def _beside(graph: str) -> NamedNode:
    return NamedNode(f"{graph}#staging")


def _has_blank_nodes(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def _standard_triple(triple: Triple) -> Triple:
    if isinstance(triple.object, Literal):
        return Triple(triple.subject, triple.predicate, _standard(triple.object))
    return triple


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


def _end(file: IO[bytes]) -> bytes:
    file.seek(max(0, file.seek(0, SEEK_END) - PIECE))
    return file.read()
