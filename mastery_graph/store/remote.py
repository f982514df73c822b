"""The remote store: any SPARQL 1.1 endpoint, over HTTP.

Triples are added by requests that add, never by reading a graph and writing it back. When a complete named graph is
read, its triples are counted, because engines truncate results at their own limits, and Virtuoso does so silently.
"""

import re
import tempfile
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, groupby, islice
from pathlib import Path
from time import monotonic
from typing import IO, Final

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple, parse, serialize

from mastery_graph.errors import AdvisedAction, BadQuery, BadSource, EndpointFailed, StoreMissing, WritingIsOff
from mastery_graph.languages import Message
from mastery_graph.queries import bind, named_query, without_open_blocks
from mastery_graph.rdf import Bindings, Row
from mastery_graph.store.endpoint import PIECE, Endpoint, EndpointConnection, refuse_error, too_many_rows
from mastery_graph.store.endpoint_results import read_boolean, read_rows, read_triples, rewrite
from mastery_graph.store.protocol import (
    EVERYTHING,
    UNLIMITED,
    CircuitState,
    GraphSize,
    Limits,
    ProcessObserver,
    Scope,
    Stop,
    StoreOpener,
    graph_sizes,
)
from mastery_graph.store.query_text import names_its_graphs, query_form, refuse_other_servers, require_form
from mastery_graph.store.threads import stream_in_threads

_INSERT_BATCH_SIZE: Final = 500
_PUT_BATCH_SIZE: Final = 20_000
"""Triples in one request: with more than a hundred thousand, Virtuoso runs into a deadlock."""
_DOCUMENTS_AT_ONCE: Final = 500
_MAX_BYTES_IN_MEMORY: Final = 1_000_000
_NOT_FOUND: Final = 404
_ROW_LIMIT_SECONDS: Final = 60.0
"""How long the known row limit of an engine is reused before it is queried again."""
_ROW_LIMIT: Final = 'SELECT (bif:virtuoso_ini_item_value("SPARQL", "ResultSetMaxRows") AS ?rows) WHERE {}'
"""The query for the row limit of Virtuoso: there is no standard one."""
_TABLE: Final = QueryResultsFormat.JSON.media_type


class RemoteStore:
    """A store behind a SPARQL 1.1 endpoint. Reads need `query`; writes need `graph_store` or `update`."""

    def __init__(
        self, endpoint: Endpoint, hosts: frozenset[str] = frozenset(), *, built: bool = False, threads: int = 2
    ) -> None:
        """Prepare the connection to an endpoint; `hosts` may be queried with SERVICE. Nothing is sent yet.

        At most `threads` threads wait for results of `stream_async`.

        With `built`, `select` and `ask` raise `StoreMissing` instead of returning an empty result if the endpoint
        contains no mastery-graph dataset, for example because the address is wrong.
        """
        self._endpoint = endpoint
        self._connection = EndpointConnection(endpoint)
        self._hosts = hosts
        self._needs_dataset = built
        self._known_row_limit: tuple[float, int | None] | None = None
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="query")

    @property
    def address(self) -> str:
        """The address for queries."""
        return self._endpoint.query

    @property
    def version(self) -> None:
        """None: an endpoint has no versions."""
        return None

    @property
    def endpoint_state(self) -> CircuitState | None:
        """Whether the endpoint is up, as far as is known."""
        return self._connection.circuit

    @property
    def is_exclusive(self) -> bool:
        """Whether only this software writes to the store: no."""
        return False

    @property
    def has_unnamed_graph(self) -> bool:
        """Whether the graph without a name can be read and written: no, engines differ too much in what it is."""
        return False

    @property
    def is_atomic(self) -> bool:
        """Whether readers see the changes only once all are complete: no, each request at once."""
        return False

    @property
    def documents_at_once(self) -> int:
        """The number of documents to write at a time."""
        return _DOCUMENTS_AT_ONCE

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
        with self._fetch(bound, _TABLE, EVERYTHING, limits) as result:
            answer = read_boolean(result, limits)
        if not answer:
            self._require_dataset()
        return answer

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query; a named graph (`browse/graph`) completely or not at all.

        Raises `EndpointFailed` if the endpoint returns only a part of a graph, and `ResultTooLarge` if another result
        has been truncated by its row limit.
        """
        bound = bind(query, bindings or {})
        require_form(bound, "CONSTRUCT", "DESCRIBE")
        triples = self._triples(bound, limits)
        if graph := _graph_of_query(bound):
            return self._complete_graph(graph, triples, limits)
        self._refuse_truncated(query_form(bound), len(triples))
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
        """Yield the result, serialised again, because not every endpoint follows the formats exactly.

        The complete result is received, parsed, checked and stored in a temporary file before the first piece.
        """
        require_form(query, "SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        query = without_open_blocks(query)
        form = query_form(query)
        accept = _TABLE if form in {"SELECT", "ASK"} else RdfFormat.N_TRIPLES.media_type
        with (
            self._fetch(query, accept, scope, limits, stop) as result,
            tempfile.SpooledTemporaryFile(PIECE) as output,
        ):
            triple_count = rewrite(result, output, form, (results, graph), limits)
            graph_name = _graph_of_query(query) if scope.everything else None
            if graph_name is None:
                self._refuse_truncated(form, triple_count)
            elif triple_count != self._size(graph_name, limits):
                result.seek(0)
                triples = self._complete_graph(graph_name, read_triples(result, limits), limits)
                output.seek(0)
                output.truncate()
                serialize(triples, output, format=graph)
            output.seek(0)
            while piece := output.read(PIECE):
                yield piece

    def stream_async(
        self,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        scope: Scope = EVERYTHING,
        limits: Limits = UNLIMITED,
        *,
        observer: ProcessObserver | None = None,  # noqa: ARG002  # as in the protocol
    ) -> AsyncGenerator[bytes]:
        """Yield what `stream` yields, in an event loop; cancelling the task ends the query. No process is observed."""
        stop = Stop()
        return stream_in_threads(self._threads, self.stream(query, results, graph, scope, limits, stop=stop), stop)

    def look_up(self, query: str, results: QueryResultsFormat, scope: Scope = EVERYTHING) -> None:
        """Return None: each query takes a request."""

    def has_graph(self, graph: NamedNode) -> bool:
        """Return whether a graph contains triples: engines drop empty graphs, or treat every name as an empty graph."""
        return bool(self.select(named_query("browse/graph-holds").text, {"graph": graph}))

    def check(self) -> None:
        """Do nothing: whether the endpoint answers is known from the next query."""

    def content_before(self) -> StoreOpener | None:
        """Return None: the content before a change is not kept."""
        return None

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none. Raises `BadSource` if it does not parse."""
        try:
            if isinstance(source, Path):
                triples = [quad.triple for quad in parse(path=str(source), format=rdf_format)]
            else:
                triples = [quad.triple for quad in parse(source, format=rdf_format)]
        except SyntaxError as error:
            name = source.name if isinstance(source, Path) else "The text"
            raise BadSource(Message("{name} cannot be parsed: {reason}.", name=name, reason=error)) from None
        self.add(graph, triples)

    def add(self, graph: str, triples: Iterable[Triple]) -> None:
        """Add triples to one graph, all or none as far as the endpoint's requests are atomic; nothing is read.

        If one request cannot hold them all, they are collected in a staging graph first. Raises `WritingIsOff`.
        """
        self.require_writes()
        distinct = list(dict.fromkeys(triples))
        if not distinct:
            return
        if self._endpoint.graph_store and (len(distinct) <= _PUT_BATCH_SIZE or not self._endpoint.update):
            with _NTriples(distinct) as content:
                self._send("POST", graph, content)
        elif len(distinct) <= _INSERT_BATCH_SIZE:
            self._insert(NamedNode(graph), distinct)
        else:
            for _ in self.fill_staging_graph(graph, distinct):
                pass
            self._update(
                f"ADD {_staging_graph(graph)} TO {NamedNode(graph)} ; DROP SILENT GRAPH {_staging_graph(graph)}"
            )

    def load_quads(self, lines: bytes) -> None:
        """Write N-Quads, ordered by graph, to the new graphs that they name, each all or none."""
        quads = parse(lines, format=RdfFormat.N_QUADS)
        for graph, group in groupby(quads, key=lambda quad: quad.graph_name):
            self.replace_graph(str(graph)[1:-1], [quad.triple for quad in group])

    def mark_changing(self, graph: str, subject: NamedNode, predicate: NamedNode, value: Literal) -> None:
        """Replace the values of a subject and predicate in one graph, if there are any, by another value.

        This takes one update. Without an address for updates, the graph is read and replaced.
        """
        if self._endpoint.update:
            old = f"GRAPH {NamedNode(graph)} {{ {subject} {predicate} ?old }}"
            new = f"GRAPH {NamedNode(graph)} {{ {subject} {predicate} {value} }}"
            self._update(f"DELETE {{ {old} }} INSERT {{ {new} }} WHERE {{ {old} }}")
            return
        present = self.construct(named_query("browse/graph").text, {"graph": NamedNode(graph)})
        others = [triple for triple in present if (triple.subject, triple.predicate) != (subject, predicate)]
        if len(others) < len(present):
            self.replace_graph(graph, [*others, Triple(subject, predicate, value)])

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none. No triples removes the graph.

        A graph that is too large for one request is written to a staging graph and moved. Raises `WritingIsOff`.
        """
        distinct = list(dict.fromkeys(triples))
        if self._endpoint.graph_store and (len(distinct) <= _PUT_BATCH_SIZE or not self._endpoint.update):
            self.put(graph, distinct)
            return
        self.require_writes(updates=True)
        if not distinct:
            self._update(f"DROP SILENT GRAPH {NamedNode(graph)}")
            return
        for _ in self.fill_staging_graph(graph, distinct):
            pass
        self.publish_staging_graph(graph)

    @property
    def accepts_updates(self) -> bool:
        """Whether there is an address for SPARQL 1.1 Update, which a staging graph needs, too."""
        return self._endpoint.update is not None

    def fill_staging_graph(self, graph: str, triples: Iterable[Triple], after: int = 0) -> Iterator[int]:
        """Write distinct triples to the staging graph of a graph in batches; yield the number written so far.

        `triples` is iterated twice. If the first `after` of them were written by an interrupted call with the same
        triples in the same order, it continues after them; else it starts with an empty graph.
        """
        staging = _staging_graph(graph)
        if not after:
            self._update(f"DROP SILENT GRAPH {staging}")
        # A blank node keeps its identity only within one request: triples with blank nodes are sent together, first.
        with_blank_nodes = [triple for triple in triples if _has_blank_nodes(triple)]
        rest = (triple for triple in triples if not _has_blank_nodes(triple))
        batch_size = _PUT_BATCH_SIZE if self._endpoint.graph_store else _INSERT_BATCH_SIZE
        count = 0
        for batch in chain(
            [with_blank_nodes] if with_blank_nodes else [], iter(lambda: list(islice(rest, batch_size)), [])
        ):
            count += len(batch)
            if count <= after:
                continue
            if self._endpoint.graph_store:
                with _NTriples(batch) as content:
                    self._send("POST", staging.value, content)
            else:
                self._insert(staging, batch)
            yield count

    def staging_graph_size(self, graph: str) -> int:
        """Return the number of triples of the staging graph of a graph."""
        return next((size.triples for size in self.graphs() if size.iri == _staging_graph(graph).value), 0)

    def publish_staging_graph(self, graph: str) -> None:
        """Replace a graph by its staging graph."""
        self._update(f"MOVE {_staging_graph(graph)} TO {NamedNode(graph)}")

    def require_writes(self, *, updates: bool = False) -> None:
        """Raise `WritingIsOff` if there is no address for writes or, with `updates`, none for updates."""
        if not self._endpoint.update and (updates or not self._endpoint.graph_store):
            raise WritingIsOff(
                Message("Writing to the endpoint is disabled: no address is set for updates."),
                Message("Set {names}.", names="MASTERY_SPARQL_UPDATE_ENDPOINT")
                if updates
                else Message("Set {names}.", names="MASTERY_SPARQL_UPDATE_ENDPOINT / MASTERY_GRAPH_STORE_ENDPOINT"),
            )

    def update(self, text: str, base: str | None = None, seconds: float | None = None) -> None:
        """Send a SPARQL 1.1 update, once, as one request. Raises `WritingIsOff`, `BadQuery` and `QueryTimeout`."""
        self.require_writes(updates=True)
        self._update(f"BASE {NamedNode(base)}\n{text}" if base else text, seconds)

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        return graph_sizes(self.select(named_query("browse/graphs").text))

    def retire(self) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections and end the threads."""
        self._threads.shutdown(wait=False)
        self._connection.close()

    def _rows(self, query: str, limits: Limits) -> list[Row]:
        with self._fetch(query, _TABLE, EVERYTHING, limits) as result:
            return read_rows(result, limits)

    def _triples(self, query: str, limits: Limits) -> list[Triple]:
        with self._fetch(query, RdfFormat.N_TRIPLES.media_type, EVERYTHING, limits) as result:
            return read_triples(result, limits)

    def _require_dataset(self) -> None:
        """Raise `StoreMissing` if a dataset is required and there is none."""
        if self._needs_dataset:
            if not self._rows(named_query("browse/dataset").text, UNLIMITED):
                raise StoreMissing(
                    Message("The endpoint {place} contains no mastery-graph dataset.", place=self._endpoint.place),
                    Message("Check the address, and that its default graph is the union of all graphs."),
                    AdvisedAction.BUILD_STORE,
                )
            self._needs_dataset = False

    def _size(self, graph: NamedNode, limits: Limits) -> int:
        """Return the number of triples of a graph, which is not affected by row limits."""
        rows = self._rows(bind(named_query("browse/graph-size").text, {"graph": graph}), limits)
        return sum(int(row["triples"].value) for row in rows)

    def _complete_graph(self, graph: NamedNode, triples: list[Triple], limits: Limits) -> list[Triple]:
        """Return `triples` if they are the complete graph, else read it in pages. Raises `EndpointFailed`."""
        distinct = list(dict.fromkeys(triples))
        if len(distinct) == (size := self._size(graph, limits)):
            return distinct
        if self._connection.is_virtuoso and 0 < len(distinct) < size:
            distinct = self._read_pages(graph, len(distinct), size, limits)
            size = self._size(graph, limits)
            if len(distinct) == size:
                return distinct
        raise EndpointFailed(
            Message(
                "The endpoint returned {distinct} of the {size} statements of the graph {value}.",
                distinct=len(distinct),
                size=size,
                value=graph.value,
            ),
            Message(
                "Its row limit may be too low (see docs/how-to/distributed-engines.md), or the graph "
                "was being changed: then try again."
            ),
        )

    def _read_pages(self, graph: NamedNode, received: int, size: int, limits: Limits) -> list[Triple]:
        """Return the triples of a graph, read in pages smaller than the `received` triples of a truncated result.

        This works for Virtuoso, which uses the same blank node names in each result and iterates over a graph in the
        same order each time. The caller must count whether triples are missing.
        """
        query = bind(named_query("browse/graph").text, {"graph": graph})
        page_size = max(1, received * 4 // 5)
        triples: dict[Triple, None] = {}
        for offset in range(0, size, page_size):
            triples |= dict.fromkeys(self._triples(f"{query}\nLIMIT {page_size} OFFSET {offset}", limits))
        return list(triples)

    def _refuse_truncated(self, form: str, triples: int) -> None:
        """Raise `ResultTooLarge` if the row limit of Virtuoso has silently truncated a constructed graph.

        The limit counts distinct triples: Virtuoso returns one more than that, and no more.
        """
        if triples and form == "CONSTRUCT" and self._connection.is_virtuoso:
            limit = self._row_limit()
            if limit is not None and triples > limit:
                raise too_many_rows(limit)

    def _row_limit(self) -> int | None:
        """Return the configured row limit of Virtuoso; None if there is none or it cannot be queried."""
        known_limit = self._known_row_limit
        if known_limit is None or monotonic() - known_limit[0] > _ROW_LIMIT_SECONDS:
            try:
                rows = self._rows(_ROW_LIMIT, UNLIMITED)
            except (BadQuery, EndpointFailed):
                return None  # an account that may not call the function
            value = rows[0].get("rows") if rows else None
            limit = int(value.value) if value is not None and value.value.isdecimal() else None
            self._known_row_limit = known_limit = (monotonic(), limit)
        return known_limit[1]

    def _fetch(self, query: str, accept: str, scope: Scope, limits: Limits, stop: Stop | None = None) -> IO[bytes]:
        """Send a query and return its complete result in the format `accept`."""
        refuse_other_servers(query, self._hosts)
        fields: dict[str, str | tuple[str, ...]] = {
            "query": query,
            "default-graph-uri": scope.default_graphs,
            "named-graph-uri": scope.named_graphs,
        }
        if scope.everything and not names_its_graphs(query):
            # Oxigraph's server then uses the union of all graphs; other servers ignore unknown parameters.
            fields["union-default-graph"] = "true"
        if limits.seconds is None or self._endpoint.timeout == "none" or self._connection.is_virtuoso:
            return self._connection.result(fields, accept, limits, stop)
        fields_with_timeout = {**fields, "timeout": _time_limit(limits.seconds, self._endpoint.timeout)}
        result = self._connection.result(fields_with_timeout, accept, limits, stop)
        if self._connection.is_virtuoso:
            # With a time limit, Virtuoso returns what it has found by then, at times silently.
            result.close()
            return self._connection.result(fields, accept, limits, stop)
        return result

    def put(self, graph: str, triples: Iterable[Triple]) -> None:
        """Replace a graph by the Graph Store HTTP Protocol, section 5.3, in one streamed request."""
        with _NTriples(triples) as content:
            if content.size:
                self._send("PUT", graph, content)
                return
        response = self._connection.send("DELETE", self._endpoint.graph_store or "", params={"graph": graph})
        if response.status_code != _NOT_FOUND:
            refuse_error(response)

    def _send(self, method: str, graph: str, content: "_NTriples") -> None:
        address, params = self._endpoint.graph_store or "", {"graph": graph}
        headers = {"Content-Type": RdfFormat.N_TRIPLES.media_type, "Content-Length": str(content.size)}
        refuse_error(self._connection.send(method, address, params=params, content=content, headers=headers))

    def _insert(self, graph: NamedNode, triples: Iterable[Triple]) -> None:
        data = "\n".join(f"{triple} ." for triple in triples)
        self._update(f"INSERT DATA {{ GRAPH {graph} {{ {data} }} }}")

    def _update(self, update: str, seconds: float | None = None) -> None:
        options = {} if seconds is None else {"seconds": seconds}
        refuse_error(self._connection.send("POST", self._endpoint.update or "", data={"update": update}, **options))


class _NTriples:
    """Triples as N-Triples lines in a temporary file, which can be streamed repeatedly."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._file = tempfile.SpooledTemporaryFile(_MAX_BYTES_IN_MEMORY)  # noqa: SIM115  # closed on leaving
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


def _time_limit(seconds: float, unit: str) -> str:
    """Return a time limit in the format of an endpoint.

    >>> [_time_limit(2.5, unit) for unit in ("milliseconds", "seconds", "duration")]
    ['2500', '2.5', '2500ms']
    """
    milliseconds = round(seconds * 1000)
    return {"milliseconds": f"{milliseconds}", "seconds": f"{seconds:g}", "duration": f"{milliseconds}ms"}[unit]


def _graph_of_query(query: str) -> NamedNode | None:
    """Return the graph that a query reads completely, if it is `browse/graph` with one graph bound; else None.

    >>> _graph_of_query(bind(named_query("browse/graph").text, {"graph": NamedNode("http://example.org/g")}))
    <NamedNode value=http://example.org/g>
    """
    prefix, _, suffix = named_query("browse/graph").text.partition("{ UNDEF }")
    if not query.startswith(prefix) or not query.endswith(suffix):
        return None
    block = re.fullmatch(r"\{ <([^<>]*)> \}", query[len(prefix) : len(query) - len(suffix)])
    return NamedNode(block[1]) if block and "\\" not in block[1] else None


def _staging_graph(graph: str) -> NamedNode:
    return NamedNode(f"{graph}#staging")


def _has_blank_nodes(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
