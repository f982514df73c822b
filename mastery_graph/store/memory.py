"""Writing to the embedded engine in transactions, and the store in memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from mastery_graph.errors import BadSource, UpdateNotApplied
from mastery_graph.languages import Message
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.engine_errors import translate_engine_errors
from mastery_graph.store.protocol import StoreOpener
from mastery_graph.store.query_text import query_syntax_error

_DOCUMENTS_AT_ONCE: Final = 2_000


class WritableEmbeddedStore(EmbeddedStore):
    """An embedded store that can be written: each change is one transaction, all or none."""

    @property
    def accepts_updates(self) -> bool:
        """Whether SPARQL 1.1 Update is possible: yes."""
        return True

    @property
    def documents_at_once(self) -> int:
        """The number of documents to write at a time."""
        return _DOCUMENTS_AT_ONCE

    @property
    def is_atomic(self) -> bool:
        """Whether readers see the changes only once all are complete: yes."""
        return True

    def mark_changing(self, graph: str, subject: NamedNode, predicate: NamedNode, value: Literal) -> None:
        """Do nothing: readers do not see an incomplete change."""

    def content_before(self) -> StoreOpener | None:
        """Return None: no other process can read this store."""
        return None

    def load(self, source: Path | bytes, rdf_format: RdfFormat, graph: str) -> None:
        """Add the triples of a file or a text to one graph, all or none. Raises `BadSource` if it does not parse."""
        with self._writing():
            try:
                with translate_engine_errors(Message("Loading failed")):
                    self._load_graph(source, rdf_format, NamedNode(graph))
            except SyntaxError as error:
                name = source.name if isinstance(source, Path) else "The text"
                raise BadSource(Message("{name} cannot be parsed: {reason}.", name=name, reason=error)) from None

    def load_quads(self, lines: bytes) -> None:
        """Write N-Quads of an engine to the new graphs that they name, all or none, as `load` does."""
        with self._writing(), translate_engine_errors(Message("Loading failed")):
            self._load_lines(lines)

    def replace_graph(self, graph: str, triples: Iterable[Triple]) -> None:
        """Make `triples` the whole content of one graph, all or none. No triples removes the graph."""
        name = NamedNode(graph)
        quads = (Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples)
        with self._writing(), translate_engine_errors(Message("Writing failed")):
            self._replace(name, quads)

    def update(self, text: str, base: str | None = None) -> None:
        """Apply a SPARQL 1.1 update: all its operations or none. Raises `BadQuery` and `UpdateNotApplied`."""
        try:
            with translate_engine_errors(Message("The update cannot be applied"), UpdateNotApplied):
                self._engine.update(text, base_iri=base)
        except SyntaxError as error:
            raise query_syntax_error(str(error), "update") from None
        self._note_removal()
        self._end_outdated_workers()

    def change_graph(
        self, graph: NamedNode | DefaultGraph, kind: str, documents: Iterable[tuple[bytes, str]], base: str
    ) -> None:
        """Change one graph as the Graph Store HTTP Protocol defines: `replace` it, `add` to it, or `remove` it.

        Each document comes with its media type. Raises `BadSource` if one does not parse.
        """
        with translate_engine_errors(Message("Writing failed")):
            if kind == "remove" and isinstance(graph, NamedNode):
                self._remove_graph(graph)
            elif kind in {"replace", "remove"}:
                self._note_removal()
                self._engine.clear_graph(graph)
            for content, media_type in documents:
                self._add_document(graph, content, media_type, base)
            if kind != "remove" and isinstance(graph, NamedNode):
                self._engine.add_graph(graph)
        self._end_outdated_workers()

    def _add_document(self, graph: NamedNode | DefaultGraph, content: bytes, media_type: str, base: str) -> None:
        rdf_format = RdfFormat.from_media_type(media_type)
        try:
            if rdf_format and rdf_format.supports_datasets:
                refuse_named_graphs(parse(content, format=rdf_format, base_iri=base))
            self._engine.load(content, format=rdf_format, to_graph=graph, base_iri=base)
        except (SyntaxError, ValueError) as error:
            raise BadSource(Message("The graph cannot be parsed: {reason}.", reason=error)) from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Make a change in the block; queries after it see the new content."""
        yield
        self._end_outdated_workers()

    def _load_graph(self, source: Path | bytes, rdf_format: RdfFormat, graph: NamedNode) -> None:
        if isinstance(source, Path):
            self._engine.load(path=str(source), format=rdf_format, to_graph=graph)
        else:
            self._engine.load(source, format=rdf_format, to_graph=graph)

    def _load_lines(self, lines: bytes) -> None:
        self._engine.load(lines, format=RdfFormat.N_QUADS, lenient=True)

    def _replace(self, graph: NamedNode, quads: Iterable[Quad]) -> None:
        new = list(quads)
        self._remove_graph(graph)
        self._engine.extend(new)

    def _remove_graph(self, graph: NamedNode | BlankNode) -> None:
        if self._engine.contains_named_graph(graph):
            self._note_removal()
            self._engine.remove_graph(graph)

    def _note_removal(self) -> None:
        """Do nothing: only a store on disk keeps the space of what is removed."""


class MemoryStore(WritableEmbeddedStore):
    """A store in the memory of this process, empty at first."""

    @classmethod
    def copy_of(cls, store: EmbeddedStore) -> "MemoryStore":
        """Return a store in memory with the content of another one."""
        copy = cls()
        copy._engine.bulk_extend(store._engine)
        return copy


def refuse_named_graphs(quads: Iterable[Quad]) -> None:
    """Raise `BadSource` if a document that must be a single graph contains named graphs, as JSON-LD can."""
    if graph_name := next((quad.graph_name for quad in quads if not isinstance(quad.graph_name, DefaultGraph)), None):
        raise BadSource(
            Message("The document names its own graph, {graph_name}.", graph_name=graph_name),
            Message("Send the content of the graph, without `@graph` under an `@id`."),
        )
