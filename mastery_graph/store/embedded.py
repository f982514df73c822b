"""The embedded store, which needs no server: queries to Oxigraph, in memory or on disk.

Queries without limits run in this process. Queries with a time or size limit run in worker processes, which can be
killed. A store on disk is opened read-only at its current version; changes go into a new version (see `draft`).
"""

import io
import tempfile
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyoxigraph
from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from mastery_graph.errors import StoreError, StoreUnreadable
from mastery_graph.languages import Message
from mastery_graph.queries import bind, named_query
from mastery_graph.rdf import Bindings, Row
from mastery_graph.store.engine_errors import translate_engine_errors
from mastery_graph.store.lookup import ShortResult, TooLong, is_lookup
from mastery_graph.store.protocol import (
    CONFINED,
    EVERYTHING,
    UNLIMITED,
    CircuitState,
    Confinement,
    GraphSize,
    Limits,
    ProcessObserver,
    Scope,
    Stop,
    graph_sizes,
)
from mastery_graph.store.query_text import names_its_graphs, query_syntax_error, refuse_other_servers, require_form
from mastery_graph.store.versions import Hold, current_version, hold_current_version
from mastery_graph.store.workers import Content, Workers


class EmbeddedStore:
    """A store in this process that is read; `MemoryStore` and `Draft` are also written."""

    def __init__(self, *, workers: int = 1, confinement: Confinement = CONFINED) -> None:
        """Create a store without content, with at most `workers` query workers, each confined."""
        self._confinement = confinement
        self._engine = pyoxigraph.Store()
        self._directory: Path | None = None
        self._version: Path | None = None
        self._hold: Hold | None = None
        self._max_workers = workers
        self._workers: Workers | None = None
        self._dump: Path | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, directory: Path, *, workers: int = 2, confinement: Confinement = CONFINED) -> "EmbeddedStore":
        """Open the current version of the store in a folder for queries. Raises `StoreMissing`, `StoreUnreadable`."""
        store = cls(workers=workers, confinement=confinement)
        store._directory = directory
        store.reload()
        return store

    @classmethod
    def open_version(cls, version: Path, *, workers: int = 2, confinement: Confinement = CONFINED) -> "EmbeddedStore":
        """Open one version of a store for queries, current or not. Raises `StoreUnreadable`."""
        store = cls(workers=workers, confinement=confinement)
        with translate_engine_errors(
            Message("The version {name} cannot be opened", name=version.name), StoreUnreadable
        ):
            store._hold = Hold(version)
            store._engine = pyoxigraph.Store.read_only(str(version))
        store._version = version
        return store

    @property
    def version(self) -> str | None:
        """The name of the version on disk, a new one for each change; None in memory."""
        return self._version.name if self._version else None

    @property
    def endpoint_state(self) -> CircuitState | None:
        """None: there is no endpoint."""
        return None

    @property
    def is_exclusive(self) -> bool:
        """Whether only this software writes to the store: yes."""
        return True

    @property
    def has_unnamed_graph(self) -> bool:
        """Whether the graph without a name can be read and written: yes."""
        return True

    def reload(self) -> bool:
        """Switch to the current version of the store on disk; return whether it has changed.

        Running queries finish on the version on which they started.
        """
        if self._directory is None:
            return False
        if current_version(self._directory) == self._version:
            return False
        version, hold = hold_current_version(self._directory)
        with translate_engine_errors(
            Message("The store at {directory} cannot be opened", directory=self._directory), StoreUnreadable
        ):
            engine = pyoxigraph.Store.read_only(str(version))
        with self._lock:
            self._engine, self._version, self._hold = engine, version, hold
            self._end_workers()
        return True

    def select(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Row]:
        """Return the solutions of a SELECT query, in the order of the query."""
        result = self._result(bind(query, bindings or {}), "SELECT", limits)
        if not isinstance(result, QuerySolutions):
            raise StoreError(Message("A SELECT query returned no table."))
        names = [variable.value for variable in result.variables]
        with translate_engine_errors(Message("The query failed")):
            return [
                {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in result
            ]

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        result = self._result(bind(query, bindings or {}), "ASK", limits)
        if not isinstance(result, QueryBoolean):
            raise StoreError(Message("An ASK query returned no boolean."))
        return bool(result)

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        bound = bind(query, bindings or {})
        require_form(bound, "CONSTRUCT", "DESCRIBE")
        if limits == UNLIMITED:
            result = self._query(bound)
            if not isinstance(result, QueryTriples):
                raise StoreError(Message("A query for a graph returned none."))
            with translate_engine_errors(Message("The query failed")):
                return list(result)
        pieces = self.stream(bound, QueryResultsFormat.JSON, RdfFormat.N_TRIPLES, limits=limits)
        return [quad.triple for quad in parse(b"".join(pieces), format=RdfFormat.N_TRIPLES)]

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
        """Yield the serialised result in pieces, from a worker process."""
        refuse_other_servers(query, self._confinement.hosts)
        return self._pool().stream(query, results, graph, scope, limits, stop=stop)

    def stream_async(
        self,
        query: str,
        results: QueryResultsFormat,
        graph: RdfFormat,
        scope: Scope = EVERYTHING,
        limits: Limits = UNLIMITED,
        *,
        observer: ProcessObserver | None = None,
    ) -> AsyncGenerator[bytes]:
        """Yield what `stream` yields, in an event loop; cancelling the task ends the query.

        With an `observer`, whoever calls bounds the number of queries that run at the same time.
        """
        refuse_other_servers(query, self._confinement.hosts)
        return self._pool().stream_async(query, results, graph, scope, limits, observer=observer)

    def look_up(self, query: str, results: QueryResultsFormat, scope: Scope = EVERYTHING) -> bytes | None:
        """Return the serialised result of a simple look-up at once; None if the query may take longer."""
        if not (is_lookup(query) and scope.everything and not scope.unnamed):
            return None
        content = ShortResult()
        with translate_engine_errors(Message("The query failed")), suppress(SyntaxError, TooLong):
            result = self._engine.query(query, base_iri=scope.base, use_default_graph_as_union=True)
            if isinstance(result, QuerySolutions | QueryBoolean):
                result.serialize(content, results)
                return content.getvalue()
        return None

    def check(self) -> None:
        """Check that the query workers respond. Raises `StoreError` if they do not."""
        self._pool().check()

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        """Yield the triples of one graph."""
        with translate_engine_errors(Message("Reading failed")):
            for quad in self._engine.quads_for_pattern(None, None, None, graph):
                yield quad.triple

    def dump(self, graph: NamedNode, rdf_format: RdfFormat) -> bytes:
        """Return one graph serialised, in the order of the store."""
        with translate_engine_errors(Message("Reading failed")):
            return self._engine.dump(format=rdf_format, from_graph=graph) or b""

    def names(self) -> set[str]:
        """Return the IRIs of the named graphs, including empty ones; unlike `graphs`, without counting triples."""
        with translate_engine_errors(Message("Reading failed")):
            return {name.value for name in self._engine.named_graphs() if isinstance(name, NamedNode)}

    def state(self, graph: NamedNode) -> bytes:
        """Return a digest that changes with the content of a graph, without holding the graph in memory."""
        hasher = _Hasher()
        with translate_engine_errors(Message("Reading failed")):
            self._engine.dump(hasher, format=RdfFormat.N_TRIPLES, from_graph=graph)
        return hasher.digest.digest()

    def has_graph(self, graph: NamedNode) -> bool:
        """Return whether there is a graph of this name, empty or not."""
        return bool(self.select(named_query("browse/graph-exists").text, {"graph": graph}))

    def graphs(self) -> list[GraphSize]:
        """Return the named graphs with their sizes, ordered by IRI."""
        return graph_sizes(self.select(named_query("browse/graphs").text))

    def retire(self) -> None:
        """Stop accepting queries by workers; running ones finish, and then the files are closed."""
        self._end_outdated_workers()

    def close(self) -> None:
        """End the workers and close the files."""
        with self._lock:
            self._end_workers()
            self._engine = pyoxigraph.Store()
            self._hold = None

    def _result(self, query: str, form: str, limits: Limits) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Return the result of a SELECT or ASK query, run in this process or, if there are limits, in a worker."""
        require_form(query, form)
        if limits == UNLIMITED:
            return self._query(query)
        pieces = self.stream(query, QueryResultsFormat.JSON, RdfFormat.N_TRIPLES, limits=limits)
        return parse_query_results(b"".join(pieces), format=QueryResultsFormat.JSON)

    def _query(self, query: str) -> QuerySolutions | QueryBoolean | QueryTriples:
        refuse_other_servers(query)
        try:
            with translate_engine_errors(Message("The query failed")):
                return self._engine.query(query, use_default_graph_as_union=not names_its_graphs(query))
        except SyntaxError as error:
            raise query_syntax_error(str(error)) from None

    def _pool(self) -> Workers:
        with self._lock:
            if self._workers is None:
                self._workers = Workers(self._content(), self._max_workers, self._confinement)
            return self._workers

    def _content(self) -> Content:
        """Return what the workers open: the version on disk, or a dump of the store in memory."""
        if self._version:
            return Content("directory", self._version, self._hold)
        with tempfile.NamedTemporaryFile(prefix="mastery-graph-", suffix=".nq", delete=False) as file:
            self._engine.dump(file, format=RdfFormat.N_QUADS)
            self._dump = Path(file.name)
        return Content("dump", self._dump)

    def _end_outdated_workers(self) -> None:
        with self._lock:
            self._end_workers()

    def _end_workers(self) -> None:
        if self._workers:
            self._workers.close()
            self._workers = None
        if self._dump:
            self._dump.unlink(missing_ok=True)
            self._dump = None


class _Hasher(io.BytesIO):
    """A file object that hashes what is written to it and stores nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.digest = sha256()

    def write(self, piece: Any) -> int:
        self.digest.update(piece)
        return len(piece)
