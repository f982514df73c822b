"""Drafts: writable copies of a version of a store on disk, which become the current version in one step."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import NamedNode, Quad, RdfFormat

from mastery_graph.errors import StoreError, StoreUnreadable
from mastery_graph.languages import Message
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.engine_errors import translate_engine_errors
from mastery_graph.store.memory import MemoryStore, WritableEmbeddedStore
from mastery_graph.store.protocol import Store, StoreOpener
from mastery_graph.store.versions import new_version, served_version

_BATCH_SIZE: Final = 100_000
"""Triples passed to the bulk loader at a time: it holds them in memory, about two thousand bytes per triple."""

_BULK_FROM: Final = 20_000
"""Number of triples from which the bulk loader, which writes new files each time, is faster than a transaction."""

_MAX_UNCOMPACTED_FILES: Final = 20
"""Number of files up to which compacting the store does not make look-ups faster: two parts of a bulk load."""


class Draft(WritableEmbeddedStore):
    """A writable copy of a version on disk, which readers do not see until it is complete.

    Many triples are written in parts, which is several times as fast as one transaction; a draft in which a change
    ended half-way is not published.
    """

    def __init__(self, folder: Path, base: Path | None) -> None:
        """Copy the version in the folder `base`, or nothing, to a new folder. Raises `StoreFull`, `StoreUnreadable`."""
        super().__init__()
        self._folder = folder
        self._base = base
        self._is_partial = False
        self._has_removed_triples = base is not None
        with translate_engine_errors(
            Message("The store at {directory} cannot be copied", directory=base or folder), StoreUnreadable
        ):
            if base:
                pyoxigraph.Store.read_only(str(base)).backup(str(folder))
            self._engine = pyoxigraph.Store(str(folder))

    @classmethod
    @contextmanager
    def change(
        cls, directory: Path, *, compact: bool = True, base: Path | None = None, create: bool = True
    ) -> Iterator["Draft"]:
        """Yield a draft of the store in a folder; it becomes the current version when the block ends.

        If the block raises, the store stays as it was. If there is no store yet and `create` allows creating one, the
        draft is empty. With `compact`, the result is compacted (see `finish`), which takes time proportional to the
        size of the store. With `base`, the draft starts from the version in that folder. Raises `StoreMissing`,
        `StoreBusy`, `StoreFull` and `StoreUnreadable`.
        """
        with (
            new_version(directory, create=create) as folder,
            cls.copy(base or served_version(directory), folder) as draft,
        ):
            yield draft
            draft.finish(compact=compact)

    @classmethod
    @contextmanager
    def copy(cls, version: Path | None, folder: Path) -> Iterator["Draft"]:
        """Yield a draft of a version, or an empty one, in a new folder; it is not published.

        Files that the two have in common take no extra space. Raises `StoreFull` and `StoreUnreadable`.
        """
        draft = cls(folder, version)
        try:
            yield draft
        finally:
            draft.close()

    def content_before(self) -> StoreOpener:
        """Return an opener, for other processes, of the version that this draft is based on."""
        return _BaseOpener(self._base)

    def copy_graphs(self, version: Path, without: Collection[str]) -> None:
        """Replace all graphs by those of another version, except the graphs in `without`, which stay as they are.

        Raises `StoreError` and `StoreFull`.
        """
        with translate_engine_errors(Message("The graphs of {name} cannot be copied", name=version.name)):
            other = pyoxigraph.Store.read_only(str(version))
            for name in {*self._engine.named_graphs(), *other.named_graphs()} - set(map(NamedNode, without)):
                self._remove_graph(name)
                self._bulk_extend(other.quads_for_pattern(None, None, None, name))
        self._end_outdated_workers()

    def finish(self, *, compact: bool) -> None:
        """Flush the changes to disk; with `compact`, also purge removed triples from the files.

        The texts of terms stay in the engine's dictionary, which is never cleared. A draft that started empty, from
        which nothing was removed and which has few files, is already compact.
        Raises `StoreError` if a load was interrupted.
        """
        if self._is_partial:
            raise StoreError(
                Message("A load was interrupted, so this version is incomplete."), Message("The store is unchanged.")
            )
        with translate_engine_errors(Message("The store cannot be written")):
            self._engine.flush()
            if compact and (self._has_removed_triples or self._file_count() > _MAX_UNCOMPACTED_FILES):
                self._engine.optimize()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Make a change in the block; if it raises, the draft is partial and cannot be published."""
        was_partial, self._is_partial = self._is_partial, True
        yield
        self._is_partial = was_partial
        self._end_outdated_workers()

    def _load_graph(self, source: Path | bytes, rdf_format: RdfFormat, graph: NamedNode) -> None:
        if isinstance(source, Path):
            self._engine.bulk_load(path=str(source), format=rdf_format, to_graph=graph)
        else:
            self._engine.bulk_load(source, format=rdf_format, to_graph=graph)

    def _load_lines(self, lines: bytes) -> None:
        if lines.count(b"\n") < _BULK_FROM:
            super()._load_lines(lines)
        else:
            self._engine.bulk_load(lines, format=RdfFormat.N_QUADS, lenient=True)

    def _replace(self, graph: NamedNode, quads: Iterable[Quad]) -> None:
        """Replace a graph; many quads are written in parts, so that they are never all in memory."""
        remaining = iter(quads)
        first_quads = list(islice(remaining, _BULK_FROM))
        if len(first_quads) < _BULK_FROM:
            super()._replace(graph, first_quads)
        else:
            self._remove_graph(graph)
            self._bulk_extend(chain(first_quads, remaining))

    def _bulk_extend(self, quads: Iterator[Quad]) -> None:
        while batch := list(islice(quads, _BATCH_SIZE)):
            self._engine.bulk_extend(batch)

    def _note_removal(self) -> None:
        self._has_removed_triples = True

    def _file_count(self) -> int:
        return sum(1 for _ in self._folder.glob("*.sst"))


@dataclass(frozen=True, slots=True)
class _BaseOpener:
    """An opener of the version in a folder; of an empty store if there is none."""

    version: Path | None

    def __call__(self) -> Store:
        return EmbeddedStore.open_version(self.version) if self.version else MemoryStore()
