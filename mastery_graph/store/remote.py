"""The store that someone else runs: any SPARQL 1.1 endpoint, over HTTP.

Nothing is read, added to and written back: triples are added by requests that add. A named graph that is read whole is
counted, because engines cut results at limits of their own, and Virtuoso a graph without a sign.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from time import monotonic
from typing import IO, Final

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple, parse, serialize

from mastery_graph.errors import BadQuery, BadSource, EndpointFailed, StoreMissing, WritingIsOff
from mastery_graph.queries import bind, named_query, without_open_blocks
from mastery_graph.rdf import Bindings, Row
from mastery_graph.store.circuit import CircuitState
from mastery_graph.store.endpoint import PIECE, Endpoint, EndpointConnection, refuse_error, too_many_rows
from mastery_graph.store.endpoint_results import read_boolean, read_rows, read_triples, rewrite
from mastery_graph.store.protocol import EVERYTHING, UNLIMITED, GraphSize, Limits, Scope, Stop, graph_sizes
from mastery_graph.store.query_text import names_its_graphs, query_form, refuse_other_servers, require_form

_INSERTED_AT_ONCE: Final = 500
_PUT_AT_ONCE: Final = 20_000
"""Triples in one request: Virtuoso ends in a deadlock with itself over a hundred thousand."""
_IN_MEMORY: Final = 1_000_000
_NOT_FOUND: Final = 404
_ROW_LIMIT_SECONDS: Final = 60.0
"""How long the row limit of an engine is taken to be as it was last seen."""
_ROW_LIMIT: Final = 'SELECT (bif:virtuoso_ini_item_value("SPARQL", "ResultSetMaxRows") AS ?rows) WHERE {}'
"""How Virtuoso is asked for its row limit: no standard has a query for it."""
_TABLE: Final = QueryResultsFormat.JSON.media_type


class RemoteStore:
    """A store behind a SPARQL 1.1 endpoint. Reads need `query`; writes need `graph_store` or `update`."""

    def __init__(self, endpoint: Endpoint, hosts: frozenset[str] = frozenset(), *, built: bool = False) -> None:
        """Remember the endpoint, and the hosts that it may be made to ask; nothing is asked yet.

        With `built`, `select` and `ask` raise `StoreMissing` in place of an empty answer where the endpoint holds no
        dataset of ours, as at a wrong address.
        """
        self._endpoint = endpoint
        self._connection = EndpointConnection(endpoint)
        self._hosts = hosts
        self._needs_dataset = built
        self._known_row_limit: tuple[float, int | None] | None = None

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
        rows = self._rows(bound, limits)
        if not rows:
            self._require_dataset()
        return rows

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        bound = bind(query, bindings or {})
        require_form(bound, "ASK")
        with self._received(bound, _TABLE, EVERYTHING, limits) as received:
            answer = read_boolean(received, limits)
        if not answer:
            self._require_dataset()
        return answer

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query; a named graph (`browse/graph`) whole, or not at all.

        Raises `EndpointFailed` where the endpoint gives only a part of a graph, and `ResultTooLarge` where its row
        limit is seen to have cut another result.
        """
        bound = bind(query, bindings or {})
        require_form(bound, "CONSTRUCT", "DESCRIBE")
        triples = self._triples(bound, limits)
        if graph := _graph_read_by(bound):
            return self._whole_graph(graph, triples, limits)
        self._refuse_cut(query_form(bound), len(triples))
        return triples

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

        The whole result has come, parsed, checked and lies in a file without a name before the first piece is given.
        """
        require_form(query, "SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        query = without_open_blocks(query)
        form = query_form(query)
        accept = _TABLE if form in {"SELECT", "ASK"} else RdfFormat.N_TRIPLES.media_type
        with (
            self._received(query, accept, scope, limits, stop) as received,
            tempfile.SpooledTemporaryFile(PIECE) as written,
        ):
            number = rewrite(received, written, form, (results, graph), limits)
            whole = _graph_read_by(query) if scope.everything else None
            if whole is None:
                self._refuse_cut(form, number)
            elif number != self._size(whole, limits):
                received.seek(0)
                triples = self._whole_graph(whole, read_triples(received, limits), limits)
                written.seek(0)
                written.truncate()
                serialize(triples, written, format=graph)
            written.seek(0)
            while piece := written.read(PIECE):
                yield piece

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none. Raises `BadSource` where it does not parse."""
        try:
            if isinstance(source, Path):
                triples = [quad.triple for quad in parse(path=str(source), format=rdf_format)]
            else:
                triples = [quad.triple for quad in parse(source, format=rdf_format)]
        except SyntaxError as error:
            name = source.name if isinstance(source, Path) else "The text"
            raise BadSource(f"{name} does not parse: {error}.") from None
        self.add(graph, triples)

    def add(self, graph: str, triples: Iterable[Triple]) -> None:
        """Add triples to one graph, all or none as far as the endpoint keeps its requests whole; nothing is read.

        More than one request takes is gathered in a graph beside it first. Raises `WritingIsOff`.
        """
        self.require_writes()
        distinct = list(dict.fromkeys(triples))
        if not distinct:
            return
        if self._endpoint.graph_store and (len(distinct) <= _PUT_AT_ONCE or not self._endpoint.update):
            with _NTriples(distinct) as written:
                self._send("POST", graph, written)
        elif len(distinct) <= _INSERTED_AT_ONCE:
            self._insert(NamedNode(graph), distinct)
        else:
            for _ in self.fill_beside(graph, distinct):
                pass
            self._update(f"ADD {_beside(graph)} TO {NamedNode(graph)} ; DROP SILENT GRAPH {_beside(graph)}")

    def replace_value(self, graph: str, subject: NamedNode, predicate: NamedNode, value: Literal) -> None:
        """Replace the values that a subject has for a predicate in one graph by another; none becomes none.

        One update does it. Without an address for updates, the graph is read whole and put.
        """
        if self._endpoint.update:
            old = f"GRAPH {NamedNode(graph)} {{ {subject} {predicate} ?old }}"
            new = f"GRAPH {NamedNode(graph)} {{ {subject} {predicate} {value} }}"
            self._update(f"DELETE {{ {old} }} INSERT {{ {new} }} WHERE {{ {old} }}")
            return
        present = self.construct(named_query("browse/graph").text, {"graph": NamedNode(graph)})
        kept = [triple for triple in present if (triple.subject, triple.predicate) != (subject, predicate)]
        if len(kept) < len(present):
            self.replace_graph(graph, [*kept, Triple(subject, predicate, value)])

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
                self._insert(beside, piece)
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

    def _rows(self, query: str, limits: Limits) -> list[Row]:
        with self._received(query, _TABLE, EVERYTHING, limits) as received:
            return read_rows(received, limits)

    def _triples(self, query: str, limits: Limits) -> list[Triple]:
        with self._received(query, RdfFormat.N_TRIPLES.media_type, EVERYTHING, limits) as received:
            return read_triples(received, limits)

    def _require_dataset(self) -> None:
        """Raise `StoreMissing` where a dataset is needed and there is none."""
        if self._needs_dataset:
            if not self._rows(named_query("browse/dataset").text, UNLIMITED):
                raise StoreMissing(
                    f"The endpoint {self._endpoint.place} holds no mastery-graph dataset.",
                    "Check the address, and that its default graph is the union of all graphs; or build the dataset "
                    "into it with `mastery-graph build`.",
                )
            self._needs_dataset = False

    def _size(self, graph: NamedNode, limits: Limits) -> int:
        """Return the number of triples of a graph, which no row limit cuts."""
        rows = self._rows(bind(named_query("browse/graph-size").text, {"graph": graph}), limits)
        return sum(int(row["triples"].value) for row in rows)

    def _whole_graph(self, graph: NamedNode, triples: list[Triple], limits: Limits) -> list[Triple]:
        """Return the triples of a graph, of which these were given; they are all of it, or it is read in pages."""
        distinct = list(dict.fromkeys(triples))
        if len(distinct) == (size := self._size(graph, limits)):
            return distinct
        if self._connection.is_virtuoso and 0 < len(distinct) < size:
            distinct = self._in_pages(graph, len(distinct), size, limits)
            size = self._size(graph, limits)
            if len(distinct) == size:
                return distinct
        raise EndpointFailed(
            f"The endpoint gave {len(distinct)} of the {size} statements of the graph {graph.value}.",
            "Its limit of rows may be in the way, which its operator can raise (docs/distributed-engines.md), or the "
            "graph was being changed: then try again.",
        )

    def _in_pages(self, graph: NamedNode, given: int, size: int, limits: Limits) -> list[Triple]:
        """Return the triples of a graph of which the endpoint gave fewer than it holds, page by page.

        For Virtuoso, whose blank nodes have the same names in each result, and which goes through a graph in the same
        order each time; whether nothing is missing is for the caller to count.
        """
        query = bind(named_query("browse/graph").text, {"graph": graph})
        page = max(1, given * 4 // 5)
        gathered: dict[Triple, None] = {}
        for offset in range(0, size, page):
            gathered |= dict.fromkeys(self._triples(f"{query}\nLIMIT {page} OFFSET {offset}", limits))
        return list(gathered)

    def _refuse_cut(self, form: str, triples: int) -> None:
        """Raise `ResultTooLarge` where the row limit of Virtuoso has cut a constructed graph, which has no sign of it.

        The limit is one of distinct triples: it gives one more than that, and no more.
        """
        if triples and form == "CONSTRUCT" and self._connection.is_virtuoso:
            limit = self._row_limit()
            if limit is not None and triples > limit:
                raise too_many_rows(limit)

    def _row_limit(self) -> int | None:
        """Return the row limit that Virtuoso is set to; None where there is none, or it does not say."""
        known = self._known_row_limit
        if known is None or monotonic() - known[0] > _ROW_LIMIT_SECONDS:
            try:
                rows = self._rows(_ROW_LIMIT, UNLIMITED)
            except (BadQuery, EndpointFailed):
                return None  # an account that may not call the function
            value = rows[0].get("rows") if rows else None
            limit = int(value.value) if value is not None and value.value.isdecimal() else None
            self._known_row_limit = known = (monotonic(), limit)
        return known[1]

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
        if limits.seconds is None or self._endpoint.timeout == "none" or self._connection.is_virtuoso:
            return self._connection.result(fields, accept, limits, stop)
        timed = {**fields, "timeout": _time_limit(limits.seconds, self._endpoint.timeout)}
        received = self._connection.result(timed, accept, limits, stop)
        if self._connection.is_virtuoso:
            # A time limit makes Virtuoso give whatever it has by then, at times without a sign.
            received.close()
            return self._connection.result(fields, accept, limits, stop)
        return received

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

    def _insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        data = "\n".join(f"{triple} ." for triple in triples)
        self._update(f"INSERT DATA {{ GRAPH {graph} {{ {data} }} }}")

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


def _graph_read_by(query: str) -> NamedNode | None:
    """Return the graph that a query reads whole, where it is `browse/graph` with one graph bound.

    >>> _graph_read_by(bind(named_query("browse/graph").text, {"graph": NamedNode("http://example.org/g")}))
    <NamedNode value=http://example.org/g>
    """
    beginning, _, end = named_query("browse/graph").text.partition("{ UNDEF }")
    if not query.startswith(beginning) or not query.endswith(end):
        return None
    block = re.fullmatch(r"\{ <([^<>]*)> \}", query[len(beginning) : len(query) - len(end)])
    return NamedNode(block[1]) if block and "\\" not in block[1] else None


def _beside(graph: str) -> NamedNode:
    return NamedNode(f"{graph}#staging")


def _has_blank_nodes(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
