"""A whole ESCO download, read into an engine of its own: as a stream, in bounded memory, resumable.

::

    DIR/loading/esco/state.json    which download, how many of its statements are kept, whether it is whole
    DIR/loading/esco/lines-N       the N-th part of the statements, as sorted N-Triples lines
    DIR/loading/esco/store         the same in an engine
    DIR/loading/esco/sent.json     how much of it an endpoint has taken

The statements are kept part by part. What is interrupted goes on after the last part that was kept: the download is
read again up to there, which is quick, and nothing of it is written twice.
"""

import fcntl
import heapq
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Triple

from mastery_graph.errors import BadSource, StoreBusy
from mastery_graph.esco.versions import ESCO_GRAPH
from mastery_graph.pipeline.dataset import GraphContent, content_of_lines, line_of
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.engine_errors import translate_engine_errors
from mastery_graph.store.versions import replace_file

_AT_ONCE: Final = 250_000
"""Statements in a part: what an interruption costs at most, and what decides how much memory is needed."""


@dataclass(frozen=True, slots=True)
class _State:
    download: str
    parts: int = 0
    statements: int = 0
    """Statements of the download that are in the parts, those that came twice counted twice."""
    version: str | None = None
    content: GraphContent | None = None
    """Known once the download is whole."""


@dataclass(frozen=True, slots=True)
class LoadedEsco:
    """A whole download, kept in an engine of its own: the folder of that, and its content."""

    folder: Path
    content: GraphContent
    resumed_after: int
    """How many statements were there already from an interrupted load."""


def read_download(
    directory: Path,
    download: EscoDownload,
    *,
    version: str | None = None,
    issued: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> LoadedEsco:
    """Bring a download into an engine of its own beside the store in a folder; go on where a former try ended.

    `version` and `issued` (ISO 8601 day; today by default) are told of it; without `version`, names of files, or the
    RDF itself, must tell. `progress` is told the bytes that have been read. Raises `BadSource`, `StoreBusy` where
    another process loads ESCO, `StoreFull` and `StoreError`.
    """
    place = directory / "loading" / "esco"
    with lock_download(place):
        state = _state(place, download)
        before = state.statements
        if state.content is None:
            with translate_engine_errors(f"The download cannot be written to {place}"):
                state = _read(place, state, download, progress)
    named = version or download.version or state.version
    if named is None or state.content is None:
        raise BadSource("Nothing tells the version of this ESCO download.", "Say it, as in --version 1.2.0.")
    day = issued or datetime.now(UTC).strftime("%Y-%m-%d")
    return LoadedEsco(place / "store", replace(state.content, version=named, issued=day), before)


@contextmanager
def lock_download(place: Path) -> Iterator[None]:
    """Have the folder of a download to oneself. Raises `StoreBusy` where another process loads ESCO, `StoreError`."""
    with translate_engine_errors(f"{place} cannot be written"):
        place.mkdir(parents=True, exist_ok=True)
        lock = (place.parent / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy("Another process is loading ESCO into this store.", "Try again later.") from None
        yield


def _state(place: Path, download: EscoDownload) -> _State:
    """Return how far this download has been read; what is kept of another one goes."""
    try:
        told = json.loads((place / "state.json").read_text(encoding="utf-8"))
        state = _State(**{**told, "content": told["content"] and GraphContent(**told["content"])})
        if state.download == download.fingerprint:
            return state
    except (OSError, ValueError, TypeError, KeyError):
        pass
    shutil.rmtree(place)
    place.mkdir()
    return _State(download.fingerprint)


def _read(place: Path, state: _State, download: EscoDownload, progress: Callable[[int], None]) -> _State:
    engine = pyoxigraph.Store(str(place / "store"))
    aside: list[Triple] = []
    statements = _without_blank_nodes(download.triples(progress), aside)
    for _ in islice(statements, state.statements):
        pass
    while part := list(islice(statements, _AT_ONCE)):
        _write(place, state.parts, engine, map(line_of, part))
        state = replace(state, parts=state.parts + 1, statements=state.statements + len(part), version=download.version)
        _keep(place, state)
    if aside:
        _write(place, state.parts, engine, _canonical(aside))
        state = replace(state, parts=state.parts + 1)
    engine.optimize()
    state = replace(state, version=download.version, content=content_of_lines(_merged(place, state.parts)))
    _keep(place, state)
    for number in range(state.parts):
        (place / f"lines-{number}").unlink()
    return state


def _without_blank_nodes(triples: Iterable[Triple], aside: list[Triple]) -> Iterator[Triple]:
    """Yield the triples without blank nodes; put the others aside, which get their names once all are known."""
    for triple in triples:
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            aside.append(triple)
        else:
            yield triple


def _canonical(triples: Iterable[Triple]) -> Iterator[bytes]:
    dataset = Dataset(Quad(*triple) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return (line_of(quad.triple) for quad in dataset)


def _write(place: Path, number: int, engine: pyoxigraph.Store, lines: Iterable[bytes]) -> None:
    path = place / f"lines-{number}"
    with path.open("wb") as file:
        file.writelines(sorted(set(lines)))
    engine.bulk_load(path=str(path), format=RdfFormat.N_TRIPLES, to_graph=NamedNode(ESCO_GRAPH))
    engine.flush()


def _keep(place: Path, state: _State) -> None:
    replace_file(place / "state.json", json.dumps(asdict(state)))


def _merged(place: Path, parts: int) -> Iterator[bytes]:
    """Yield the lines of all parts in order, each once."""
    with ExitStack() as stack:
        files = [stack.enter_context((place / f"lines-{number}").open("rb")) for number in range(parts)]
        before = b""
        for line in heapq.merge(*files):
            if line != before:
                yield line
            before = line
