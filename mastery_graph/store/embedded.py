"""The embedded store, which needs no server: Oxigraph, in memory or on disk.

Queries without limits run in this process. Queries with a time or size limit run in worker processes, which can be
killed. A store on disk is opened read-only at its current version; changes go into a new version (see `versions`).
"""

import io
import tempfile
import threading
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyoxigraph
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from mastery_graph.errors import BadSource, StoreError, StoreUnreadable, UpdateNotApplied
from mastery_graph.queries import bind, named_query
from mastery_graph.rdf import Bindings, Row
from mastery_graph.store.engine_errors import translate_engine_errors
from mastery_graph.store.lookup import ShortResult, TooLong, is_lookup
from mastery_graph.store.protocol import (
    CONFINED,
    EVERYTHING,
    UNLIMITED,
    Confinement,
    GraphSize,
    Limits,
    Scope,
    Stop,
    graph_sizes,
)
from mastery_graph.store.query_text import names_its_graphs, query_syntax_error, refuse_other_servers, require_form
from mastery_graph.store.versions import Hold, current_version, draft, hold_current_version, served_version
from mastery_graph.store.workers import Content, Workers

_BATCH_SIZE = 100_000
"""Triples passed to the bulk loader at a time: it holds them in memory, about two thousand bytes per triple."""

_BULK_FROM = 20_000
"""Number of triples from which the bulk loader, which writes new files each time, is faster than a transaction."""

_MAX_UNCOMPACTED_FILES = 20
"""Number of files up to which compacting the store does not make look-ups faster: two parts of a bulk load."""


class EmbeddedStore:
    """A store in this process: `EmbeddedStore()` in memory; on disk, `.open` to query it, `.change` to write."""

    def __init__(self, *, workers: int = 1, confinement: Confinement = CONFINED) -> None:
        """Create an empty store in memory, with at most `workers` query workers, each confined."""
        self._confinement = confinement
        self._engine = pyoxigraph.Store()
        self._directory: Path | None = None
        self._version: Path | None = None
        self._folder: Path | None = None
        self._base: Path | None = None
        self._hold: Hold | None = None
        self._max_workers = workers
        self._workers: Workers | None = None
        self._dump: Path | None = None
        self._lock = threading.Lock()
        self._is_draft = False
        self._is_partial = False
        self._has_removed_triples = False

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
        with translate_engine_errors(f"The version {version.name} cannot be opened", StoreUnreadable):
            store._hold = Hold(version)
            store._engine = pyoxigraph.Store.read_only(str(version))
        store._version = version
        return store

    @classmethod
    @contextmanager
    def change(
        cls, directory: Path, *, compact: bool = True, base: Path | None = None, create: bool = True
    ) -> Iterator["EmbeddedStore"]:
        """Yield a writable copy of the store in a folder; it becomes the current version when the block ends.

        If the block raises, the store stays as it was. If there is no store yet and `create` allows creating one, the
        copy is empty. With `compact`, the result is compacted (see `finish`), which takes time proportional to the
        size of the store. With `base`, the copy starts from the version in that folder. Raises `StoreMissing`,
        `StoreBusy`, `StoreFull` and `StoreUnreadable`.
        """
        with draft(directory, create=create) as new, cls.copy(base or served_version(directory), new) as store:
            yield store
            store.finish(compact=compact)

    @classmethod
    @contextmanager
    def copy(cls, version: Path | None, folder: Path) -> Iterator["EmbeddedStore"]:
        """Yield a writable copy of a version, or an empty store, in a new folder; the copy is not published.

        Files that the two have in common take no extra space. Raises `StoreFull` and `StoreUnreadable`.
        """
        store = cls()
        store._is_draft = True
        store._folder, store._base = folder, version
        store._has_removed_triples = version is not None
        with translate_engine_errors(f"The store at {version or folder} cannot be copied", StoreUnreadable):
            if version:
                pyoxigraph.Store.read_only(str(version)).backup(str(folder))
            store._engine = pyoxigraph.Store(str(folder))
        try:
            yield store
        finally:
            store.close()

    @property
    def version(self) -> str | None:
        """The name of the version on disk, a new one for each change; None in memory."""
        return self._version.name if self._version else None

    @property
    def is_draft(self) -> bool:
        """Whether this is a writable copy, which readers do not see until it is complete."""
        return self._is_draft

    @property
    def base(self) -> Path | None:
        """The folder of the version that a draft is based on; None for one that started empty."""
        return self._base

    def reload(self) -> bool:
        """Switch to the current version of the store on disk; return whether it has changed.

        Running queries finish on the version on which they started.
        """
        if self._directory is None:
            return False
        if current_version(self._directory) == self._version:
            return False
        version, hold = hold_current_version(self._directory)
        with translate_engine_errors(f"The store at {self._directory} cannot be opened", StoreUnreadable):
            engine = pyoxigraph.Store.read_only(str(version))
        with self._lock:
            self._engine, self._version, self._hold = engine, version, hold
            self._end_workers()
        return True

    def select(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Row]:
        """Return the solutions of a SELECT query, in the order of the query."""
        result = self._result(bind(query, bindings or {}), "SELECT", limits)
        if not isinstance(result, QuerySolutions):
            raise StoreError("A SELECT query gave no table.")
        names = [variable.value for variable in result.variables]
        with translate_engine_errors("The query failed"):
            return [
                {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in result
            ]

    def ask(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> bool:
        """Return the answer to an ASK query."""
        result = self._result(bind(query, bindings or {}), "ASK", limits)
        if not isinstance(result, QueryBoolean):
            raise StoreError("An ASK query gave no boolean.")
        return bool(result)

    def construct(self, query: str, bindings: Bindings | None = None, limits: Limits = UNLIMITED) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        bound = bind(query, bindings or {})
        require_form(bound, "CONSTRUCT", "DESCRIBE")
        if limits == UNLIMITED:
            result = self._query(bound)
            if not isinstance(result, QueryTriples):
                raise StoreError("A query for a graph gave none.")
            with translate_engine_errors("The query failed"):
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
    ) -> AsyncGenerator[bytes]:
        """Yield what `stream` yields, in an event loop; cancelling the task ends the query."""
        refuse_other_servers(query, self._confinement.hosts)
        return self._pool().stream_async(query, results, graph, scope, limits)

    def look_up(self, query: str, results: QueryResultsFormat, scope: Scope = EVERYTHING) -> bytes | None:
        """Return the serialised result of a simple look-up at once; None if the query may take longer."""
        if not (is_lookup(query) and scope.everything and not scope.unnamed):
            return None
        content = ShortResult()
        with translate_engine_errors("The query failed"), suppress(SyntaxError, TooLong):
            result = self._engine.query(query, base_iri=scope.base, use_default_graph_as_union=True)
            if isinstance(result, QuerySolutions | QueryBoolean):
                result.serialize(content, results)
                return content.getvalue()
        return None

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none. Raises `BadSource` if it does not parse.

        A draft is loaded in parts, which is several times as fast; a draft with an incomplete load is not published.
        """
        load_into_engine = self._engine.bulk_load if self._is_draft else self._engine.load
        with self._all_or_none():
            try:
                with translate_engine_errors("Loading failed"):
                    if isinstance(source, Path):
                        load_into_engine(path=str(source), format=rdf_format, to_graph=NamedNode(graph))
                    else:
                        load_into_engine(source, format=rdf_format, to_graph=NamedNode(graph))
            except SyntaxError as error:
                name = source.name if isinstance(source, Path) else "The text"
                raise BadSource(f"{name} does not parse: {error}.") from None

    def load_quads(self, lines: bytes) -> None:
        """Add N-Quads written by an engine to the graphs that they name, all or none, as `load` does."""
        in_bulk = self._is_draft and lines.count(b"\n") >= _BULK_FROM
        load_into_engine = self._engine.bulk_load if in_bulk else self._engine.load
        with self._all_or_none(), translate_engine_errors("Loading failed"):
            load_into_engine(lines, format=RdfFormat.N_QUADS, lenient=True)

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none. No triples removes the graph.

        Many triples are written to a draft in parts, so that they are never all in memory.
        """
        name = NamedNode(graph)
        quads = (Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples)
        first_quads = list(islice(quads, _BULK_FROM) if self._is_draft else quads)
        with self._all_or_none(), translate_engine_errors("Writing failed"):
            self._remove_graph(name)
            if len(first_quads) < _BULK_FROM:
                self._engine.extend(first_quads)
            else:
                self._bulk_extend(chain(first_quads, quads))

    def update(self, text: str, base: str | None = None) -> None:
        """Apply a SPARQL 1.1 update: all its operations or none. Raises `BadQuery` and `UpdateNotApplied`."""
        try:
            with translate_engine_errors("The update cannot be applied", UpdateNotApplied):
                self._engine.update(text, base_iri=base)
        except SyntaxError as error:
            raise query_syntax_error(str(error), "update") from None
        self._has_removed_triples = True
        self._end_outdated_workers()

    def change_graph(
        self, graph: NamedNode | DefaultGraph, kind: str, documents: Iterable[tuple[bytes, str]], base: str
    ) -> None:
        """Change one graph as the Graph Store HTTP Protocol defines: `replace` it, `add` to it, or `remove` it.

        Each document comes with its media type. Raises `BadSource` if one does not parse.
        """
        with translate_engine_errors("Writing failed"):
            if kind == "remove" and isinstance(graph, NamedNode):
                self._remove_graph(graph)
            elif kind in {"replace", "remove"}:
                self._has_removed_triples = True
                self._engine.clear_graph(graph)
            for content, media_type in documents:
                rdf_format = RdfFormat.from_media_type(media_type)
                try:
                    if rdf_format and rdf_format.supports_datasets:
                        refuse_named_graphs(parse(content, format=rdf_format, base_iri=base))
                    self._engine.load(content, format=rdf_format, to_graph=graph, base_iri=base)
                except (SyntaxError, ValueError) as error:
                    raise BadSource(f"The graph does not parse: {error}.") from None
            if kind != "remove" and isinstance(graph, NamedNode):
                self._engine.add_graph(graph)
        self._end_outdated_workers()

    def finish(self, *, compact: bool) -> None:
        """Flush the changes to disk; with `compact`, also purge removed triples from the files.

        The texts of terms stay in the engine's dictionary, which is never cleared. A draft that started empty, from
        which nothing was removed and which has few files, is already compact.
        Raises `StoreError` if a load was interrupted.
        """
        if self._is_partial:
            raise StoreError("A load ended half-way, so that this version is not whole.", "The store is as it was.")
        with translate_engine_errors("The store cannot be written"):
            self._engine.flush()
            if compact and (self._has_removed_triples or self._file_count() > _MAX_UNCOMPACTED_FILES):
                self._engine.optimize()

    def copy_graphs(self, version: Path, without: Collection[str]) -> None:
        """Replace all graphs by those of another version, except the graphs in `without`, which stay as they are.

        Raises `StoreError` and `StoreFull`.
        """
        with translate_engine_errors(f"The graphs of {version.name} cannot be taken over"):
            other = pyoxigraph.Store.read_only(str(version))
            for name in {*self._engine.named_graphs(), *other.named_graphs()} - set(map(NamedNode, without)):
                self._remove_graph(name)
                self._bulk_extend(other.quads_for_pattern(None, None, None, name))
        self._end_outdated_workers()

    def check(self) -> None:
        """Check that the query workers respond. Raises `StoreError` if they do not."""
        self._pool().check()

    def triples(self, graph: NamedNode) -> Iterator[Triple]:
        """Yield the triples of one graph."""
        with translate_engine_errors("Reading failed"):
            for quad in self._engine.quads_for_pattern(None, None, None, graph):
                yield quad.triple

    def dump(self, graph: NamedNode, rdf_format: RdfFormat) -> bytes:
        """Return one graph serialised, in the order of the store."""
        with translate_engine_errors("Reading failed"):
            return self._engine.dump(format=rdf_format, from_graph=graph) or b""

    def names(self) -> set[str]:
        """Return the IRIs of the named graphs, including empty ones; unlike `graphs`, without counting triples."""
        with translate_engine_errors("Reading failed"):
            return {name.value for name in self._engine.named_graphs() if isinstance(name, NamedNode)}

    def state(self, graph: NamedNode) -> bytes:
        """Return a digest that changes with the content of a graph, without holding the graph in memory."""
        hasher = _Hasher()
        with translate_engine_errors("Reading failed"):
            self._engine.dump(hasher, format=RdfFormat.N_TRIPLES, from_graph=graph)
        return hasher.digest.digest()

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
            with translate_engine_errors("The query failed"):
                return self._engine.query(query, use_default_graph_as_union=not names_its_graphs(query))
        except SyntaxError as error:
            raise query_syntax_error(str(error)) from None

    def _pool(self) -> Workers:
        with self._lock:
            if self._workers is None:
                self._workers = Workers(self._content(), self._max_workers, self._confinement)
            return self._workers

    @contextmanager
    def _all_or_none(self) -> Iterator[None]:
        """Mark a draft as partial, so that it is not published, if the block that writes to it raises."""
        was_partial, self._is_partial = self._is_partial, self._is_draft
        yield
        self._is_partial = was_partial
        self._end_outdated_workers()

    def _bulk_extend(self, quads: Iterator[Quad]) -> None:
        while batch := list(islice(quads, _BATCH_SIZE)):
            self._engine.bulk_extend(batch)

    def _remove_graph(self, name: NamedNode | BlankNode) -> None:
        if self._engine.contains_named_graph(name):
            self._has_removed_triples = True
            self._engine.remove_graph(name)

    def _file_count(self) -> int:
        return sum(1 for _ in self._folder.glob("*.sst")) if self._folder else 0

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


def refuse_named_graphs(quads: Iterable[Quad]) -> None:
    """Raise `BadSource` if a document that must be a single graph contains named graphs, as JSON-LD can."""
    if graph_name := next((quad.graph_name for quad in quads if not isinstance(quad.graph_name, DefaultGraph)), None):
        raise BadSource(
            f"The document names a graph of its own, {graph_name}.",
            "Send what is to be in the graph, without `@graph` under an `@id`.",
        )
