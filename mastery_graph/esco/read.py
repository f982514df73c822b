"""The reader of ESCO downloads: streaming into a separate engine, in bounded memory, resumable.

::

    DIR/loading/esco/state.json    which download, how many of its triples are stored, whether it is complete
    DIR/loading/esco/lines-N       the N-th part of the triples, as sorted N-Triples lines
    DIR/loading/esco/store         the same triples in an engine
    DIR/loading/esco/sent.json     how many of them an endpoint has accepted

The triples are stored in parts. An interrupted load continues after the last stored part: the download is read again up
to that point, which is fast, and nothing is written twice.
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Triple

from mastery_graph.errors import AdvisedAction, BadSource, StoreBusy, StoreFull
from mastery_graph.pipeline.dataset import GraphContent, content_of_lines, line_of
from mastery_graph.pipeline.triple_spool import merged_lines
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.engine_errors import translate_engine_errors
from mastery_graph.store.versions import replace_file
from mastery_graph.vocabulary import ESCO_GRAPH

_BATCH_SIZE: Final = 250_000
"""Triples in a part, which bounds the loss by an interruption and the memory needed."""


@dataclass(frozen=True, slots=True)
class _State:
    download: str
    parts: int = 0
    statements: int = 0
    """Triples of the download that are in the parts, including duplicates."""
    version: str | None = None
    content: GraphContent | None = None
    """Known once the download is complete."""


@dataclass(frozen=True, slots=True)
class LoadedEsco:
    """A complete download in a separate engine: the folder of the engine, and its content."""

    folder: Path
    content: GraphContent
    resumed_after: int
    """The number of triples that were stored by an interrupted load."""


def read_download(
    directory: Path,
    download: EscoDownload,
    *,
    version: str | None = None,
    issued: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> LoadedEsco:
    """Load a download into a separate engine beside the store in a folder; resume an interrupted load.

    `version` and `issued` (ISO 8601 day; today by default) describe the download; without `version`, the file names or
    the RDF itself must state it. `progress` is called with the number of bytes read. Raises `BadSource`, `StoreBusy` if
    another process loads ESCO, `StoreFull` and `StoreError`.
    """
    folder = directory / "loading" / "esco"
    with lock_download(folder):
        state = _load_state(folder, download)
        resumed_after = state.statements
        if state.content is None:
            with discard_if_full(folder), translate_engine_errors(f"The download cannot be written to {folder}"):
                state = _read(folder, state, download, progress)
    known_version = version or download.version or state.version
    if known_version is None or state.content is None:
        raise BadSource("Nothing tells the version of this ESCO download.", action=AdvisedAction.NAME_VERSION)
    day = issued or datetime.now(UTC).strftime("%Y-%m-%d")
    return LoadedEsco(folder / "store", replace(state.content, version=known_version, issued=day), resumed_after)


@contextmanager
def lock_download(folder: Path) -> Iterator[None]:
    """Lock the folder of a download. Raises `StoreBusy` if another process loads ESCO, and `StoreError`."""
    with translate_engine_errors(f"{folder} cannot be written"):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder.parent / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy("Another process is loading ESCO into this store.", "Try again later.") from None
        yield


@contextmanager
def discard_if_full(folder: Path) -> Iterator[None]:
    """Remove the folder of a download if the disk gets full in the block: it takes the room that the store needs."""
    try:
        yield
    except StoreFull:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _load_state(folder: Path, download: EscoDownload) -> _State:
    """Return how far this download has been read; remove the parts of another download."""
    try:
        stored = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        state = _State(**{**stored, "content": stored["content"] and GraphContent(**stored["content"])})
        if state.download == download.fingerprint:
            return state
    except (OSError, ValueError, TypeError, KeyError):
        pass
    shutil.rmtree(folder)
    folder.mkdir()
    return _State(download.fingerprint)


def _read(folder: Path, state: _State, download: EscoDownload, progress: Callable[[int], None]) -> _State:
    engine = pyoxigraph.Store(str(folder / "store"))
    with_blank_nodes: list[Triple] = []
    triples = _without_blank_nodes(download.triples(progress), with_blank_nodes)
    for _ in islice(triples, state.statements):
        pass
    while batch := list(islice(triples, _BATCH_SIZE)):
        _write(folder, state.parts, engine, map(line_of, batch))
        state = replace(
            state, parts=state.parts + 1, statements=state.statements + len(batch), version=download.version
        )
        _save_state(folder, state)
    if with_blank_nodes:
        _write(folder, state.parts, engine, _canonical(with_blank_nodes))
        state = replace(state, parts=state.parts + 1)
    engine.optimize()
    state = replace(state, version=download.version, content=content_of_lines(_merge(folder, state.parts)))
    _save_state(folder, state)
    for number in range(state.parts):
        (folder / f"lines-{number}").unlink()
    return state


def _without_blank_nodes(triples: Iterable[Triple], with_blank_nodes: list[Triple]) -> Iterator[Triple]:
    """Yield the triples without blank nodes; collect the others, which are named once all are known."""
    for triple in triples:
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            with_blank_nodes.append(triple)
        else:
            yield triple


def _canonical(triples: Iterable[Triple]) -> Iterator[bytes]:
    dataset = Dataset(Quad(*triple) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return (line_of(quad.triple) for quad in dataset)


def _write(folder: Path, number: int, engine: pyoxigraph.Store, lines: Iterable[bytes]) -> None:
    path = folder / f"lines-{number}"
    with path.open("wb") as file:
        file.writelines(sorted(set(lines)))
    engine.bulk_load(path=str(path), format=RdfFormat.N_TRIPLES, to_graph=NamedNode(ESCO_GRAPH))
    engine.flush()


def _save_state(folder: Path, state: _State) -> None:
    replace_file(folder / "state.json", json.dumps(asdict(state)))


def _merge(folder: Path, parts: int) -> Iterator[bytes]:
    """Return the lines of all parts in order, without duplicates."""
    return merged_lines(folder / f"lines-{number}" for number in range(parts))
