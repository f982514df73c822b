"""Publication of an ESCO download in a store, in one step.

For a store on disk, a new version is created with all other graphs unchanged; the previous version is kept beside it.
To an endpoint, the download is sent in batches into a staging graph, which then replaces the ESCO graph. In both, the
extract of ESCO that ships is removed in the same step.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import NamedNode, Triple

from mastery_graph.errors import BadParameter
from mastery_graph.esco.read import LoadedEsco, discard_if_full, lock_download
from mastery_graph.esco.versions import forget_esco, keep_esco
from mastery_graph.pipeline.dataset import GraphContent, read_description, write_description
from mastery_graph.pipeline.shared_description import describe_changes, mark_changing
from mastery_graph.queries import named_query
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.esco_versions import EscoVersion
from mastery_graph.store.protocol import Store
from mastery_graph.store.remote import RemoteStore
from mastery_graph.store.versions import replace_file, served_version
from mastery_graph.vocabulary import ESCO_EXTRACT_GRAPH, ESCO_GRAPH

_PROGRESS_FILE: Final = "sent.json"
_REPLACED: Final = (ESCO_GRAPH, ESCO_EXTRACT_GRAPH)
"""The graphs in whose place a download comes."""


def publish(directory: Path, loaded: LoadedEsco) -> str:
    """Publish a new version of the store with this ESCO and all other graphs unchanged; return the dataset's hash.

    Raises `StoreBusy` if another process is writing; the download is kept for the next attempt. Raises `StoreFull`.
    """
    with discard_if_full(loaded.folder.parent):
        content_hash = _switch(directory, loaded.folder, loaded.content)
    shutil.rmtree(loaded.folder.parent, ignore_errors=True)
    return content_hash


def use_kept(directory: Path, version: EscoVersion) -> str:
    """Make the ESCO of a kept version the current one again; return the hash of the dataset.

    All other graphs stay as they are now. Raises `StoreBusy`.
    """
    if version.folder is None:
        raise BadParameter(f"ESCO {version.esco} is the current one.")
    old = EmbeddedStore.open_version(version.folder)
    try:
        content = read_description(old)[ESCO_GRAPH]
    finally:
        old.close()
    return _switch(directory, version.folder, content)


@contextmanager
def preview(directory: Path, loaded: LoadedEsco) -> Iterator[Draft]:
    """Yield the store as `publish` would make it, without publishing it."""
    with _copy(directory, loaded) as draft:
        _complete(draft, directory, loaded.content)
        yield draft


@contextmanager
def preview_behind(store: Store, directory: Path, loaded: LoadedEsco) -> Iterator[Draft]:
    """Yield the dataset of an endpoint as `publish_behind` would make it, as a copy in a folder beside the download."""
    before = read_description(store)
    with _copy(directory, loaded) as draft:
        for name in before.keys() - set(_REPLACED):
            draft.replace_graph(name, store.construct(named_query("browse/graph").text, {"graph": NamedNode(name)}))
        write_description(draft, _with_esco(before, loaded.content))
        yield draft


def publish_behind(store: RemoteStore, loaded: LoadedEsco, progress: Callable[[int], None] = lambda _: None) -> str:
    """Replace the ESCO behind an endpoint; return the hash of the dataset.

    After an interruption, triples that the endpoint has already accepted are not sent again. `progress` is called with
    the number of triples sent. Until the end, the dataset is marked as changing. Raises `WritingIsOff`, `StoreBusy` and
    `StoreError`.
    """
    folder = loaded.folder.parent
    triples = _EscoTriples(loaded.folder)
    store.require_writes()
    with lock_download(folder):
        mark_changing(store, _REPLACED)
        if store.accepts_updates:
            sent_before = _sent_count(folder, store.address)
            resumes = store.staging_graph_size(ESCO_GRAPH) >= sent_before
            for count in store.fill_staging_graph(ESCO_GRAPH, triples, sent_before if resumes else 0):
                replace_file(folder / _PROGRESS_FILE, json.dumps({"endpoint": store.address, "statements": count}))
                progress(count)
            store.publish_staging_graph(ESCO_GRAPH)
        else:
            store.put(ESCO_GRAPH, triples)
        store.replace_graph(ESCO_EXTRACT_GRAPH, ())
        _, content_hash = describe_changes(store, {ESCO_GRAPH: loaded.content, ESCO_EXTRACT_GRAPH: None})
        shutil.rmtree(folder, ignore_errors=True)
    return content_hash


class _EscoTriples:
    """The triples of a download, which can be iterated repeatedly, always in the same order."""

    def __init__(self, folder: Path) -> None:
        self._engine = pyoxigraph.Store.read_only(str(folder))

    def __iter__(self) -> Iterator[Triple]:
        return (quad.triple for quad in self._engine.quads_for_pattern(None, None, None, NamedNode(ESCO_GRAPH)))


@contextmanager
def _copy(directory: Path, loaded: LoadedEsco) -> Iterator[Draft]:
    with (
        tempfile.TemporaryDirectory(dir=directory / "loading", prefix="preview-") as folder,
        Draft.copy(loaded.folder, Path(folder) / "store") as draft,
    ):
        yield draft


def _switch(directory: Path, esco: Path, content: GraphContent) -> str:
    """Publish a new version of the store with the ESCO in a folder; keep the previous version beside it."""
    with Draft.change(directory, compact=False, base=esco, create=True) as draft:
        content_hash = _complete(draft, directory, content, keep=True)
    forget_esco(directory, content.version)
    return content_hash


def _complete(draft: Draft, directory: Path, content: GraphContent, *, keep: bool = False) -> str:
    """Copy all graphs but ESCO from the current version, and describe the dataset; return its hash."""
    if served := served_version(directory):
        draft.copy_graphs(served, without=_REPLACED)
        if keep:
            keep_esco(directory, served, draft, replacement=content.version)
    return write_description(draft, _with_esco(read_description(draft), content))


def _with_esco(graphs: Mapping[str, GraphContent], content: GraphContent) -> dict[str, GraphContent]:
    """Return the described graphs with an ESCO in place of the previous one or of the extract."""
    others = {name: described for name, described in graphs.items() if name not in _REPLACED}
    return {**others, ESCO_GRAPH: content}


def _sent_count(folder: Path, address: str) -> int:
    """Return how many triples of the download in a folder an endpoint has accepted."""
    try:
        progress = json.loads((folder / _PROGRESS_FILE).read_text(encoding="utf-8"))
        return int(progress["statements"]) if progress["endpoint"] == address else 0
    except (OSError, ValueError, TypeError, KeyError):
        return 0
