"""An ESCO download that has been read becomes the ESCO of a store: all of it in one step, or nothing.

Of a store on disk it makes a new version, with all else as it is; the version before is kept beside it. An endpoint is
sent it piece by piece, into a graph beside the one of ESCO, which then takes its place.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import NamedNode, Triple

from mastery_graph.errors import BadParameter
from mastery_graph.esco.read import LoadedEsco, lock_download
from mastery_graph.esco.versions import ESCO_GRAPH, forget_esco, keep_esco
from mastery_graph.pipeline.dataset import GraphContent, mark_changing, read_description, write_description
from mastery_graph.queries import named_query
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.esco_versions import EscoVersion
from mastery_graph.store.remote import RemoteStore
from mastery_graph.store.versions import replace_file, served_version

_SENT: Final = "sent.json"


def publish(directory: Path, loaded: LoadedEsco) -> str:
    """Make a new version of the store with this ESCO and all else as it is; return the hash of the dataset.

    Raises `StoreBusy` where another process is writing: what was read is kept for the next try.
    """
    content_hash = _switch(directory, loaded.folder, loaded.content)
    shutil.rmtree(loaded.folder.parent, ignore_errors=True)
    return content_hash


def use_kept(directory: Path, kept: EscoVersion) -> str:
    """Make the ESCO of a version that is kept the current one again; return the hash of the dataset.

    All else stays as it is now. Raises `StoreBusy`.
    """
    if kept.folder is None:
        raise BadParameter(f"ESCO {kept.esco} is the current one.")
    old = EmbeddedStore.open_version(kept.folder)
    try:
        content = read_description(old)[ESCO_GRAPH]
    finally:
        old.close()
    return _switch(directory, kept.folder, content)


@contextmanager
def preview(directory: Path, loaded: LoadedEsco) -> Iterator[EmbeddedStore]:
    """Give the store as `publish` would make it; what is served stays what it is."""
    with _copy(directory, loaded) as draft:
        _complete(draft, directory, loaded.content)
        yield draft


@contextmanager
def preview_behind(store: RemoteStore, directory: Path, loaded: LoadedEsco) -> Iterator[EmbeddedStore]:
    """Give what is behind an endpoint as `publish_behind` would make it, as a copy in a folder beside the download."""
    before = read_description(store)
    with _copy(directory, loaded) as draft:
        for name in before.keys() - {ESCO_GRAPH}:
            draft.replace_graph(name, store.construct(named_query("browse/graph").text, {"graph": NamedNode(name)}))
        write_description(draft, before | {ESCO_GRAPH: loaded.content})
        yield draft


def publish_behind(store: RemoteStore, loaded: LoadedEsco, progress: Callable[[int], None] = lambda _: None) -> str:
    """Put this ESCO behind an endpoint, in the place of the one before; return the hash of the dataset.

    What the endpoint has taken of it before an interruption is not sent again. `progress` is told how many statements
    it has. Until the end, the dataset says of itself that it is being changed. Raises `WritingIsOff`, `StoreBusy` and
    `StoreError`.
    """
    place = loaded.folder.parent
    statements = _Statements(loaded.folder)
    store.require_writes()
    with lock_download(place):
        mark_changing(store)
        if store.makes_beside:
            there = _sent(place, store.address)
            goes_on = store.size_beside(ESCO_GRAPH) >= there
            for sent in store.fill_beside(ESCO_GRAPH, statements, there if goes_on else 0):
                replace_file(place / _SENT, json.dumps({"endpoint": store.address, "statements": sent}))
                progress(sent)
            store.move_beside(ESCO_GRAPH)
        else:
            store.put(ESCO_GRAPH, statements)
        content_hash = write_description(store, read_description(store) | {ESCO_GRAPH: loaded.content})
        shutil.rmtree(place, ignore_errors=True)
    return content_hash


class _Statements:
    """The statements of a download that was read, as often as they are asked for, always in the same order."""

    def __init__(self, folder: Path) -> None:
        self._engine = pyoxigraph.Store.read_only(str(folder))

    def __iter__(self) -> Iterator[Triple]:
        return (quad.triple for quad in self._engine.quads_for_pattern(None, None, None, NamedNode(ESCO_GRAPH)))


@contextmanager
def _copy(directory: Path, loaded: LoadedEsco) -> Iterator[EmbeddedStore]:
    with (
        tempfile.TemporaryDirectory(dir=directory / "loading", prefix="preview-") as place,
        EmbeddedStore.copy(loaded.folder, Path(place) / "store") as draft,
    ):
        yield draft


def _switch(directory: Path, esco: Path, content: GraphContent) -> str:
    """Make a new version of the store with the ESCO that is in a folder; keep the one before beside it."""
    with EmbeddedStore.change(directory, compact=False, base=esco, create=True) as draft:
        content_hash = _complete(draft, directory, content, keep=True)
    forget_esco(directory, content.version)
    return content_hash


def _complete(draft: EmbeddedStore, directory: Path, content: GraphContent, *, keep: bool = False) -> str:
    """Take all but ESCO over from the version that is served, and describe the dataset; return its hash."""
    if served := served_version(directory):
        draft.take_graphs(served, without=[ESCO_GRAPH])
        if keep:
            keep_esco(directory, served, draft, instead=content.version)
    return write_description(draft, read_description(draft) | {ESCO_GRAPH: content})


def _sent(place: Path, address: str) -> int:
    """Return how many statements an endpoint has taken of what is in a folder."""
    try:
        told = json.loads((place / _SENT).read_text(encoding="utf-8"))
        return int(told["statements"]) if told["endpoint"] == address else 0
    except (OSError, ValueError, TypeError, KeyError):
        return 0
