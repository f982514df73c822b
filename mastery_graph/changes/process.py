"""The process that makes one change of a store, for `mastery_graph.changes.client`.

It reads the change from standard input: a line of JSON, then the update or the graphs. An error is told as JSON.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from mastery_graph.errors import MasteryError, StoreBusy
from mastery_graph.pipeline.dataset import DATASET_GRAPH, content_of, read_description, write_description
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.worker import apply_limits, exit_with_parent


def main(connection: str, directory: str, memory: str) -> int:
    """Make the change that standard input tells, or leave the store as it is; return the exit code."""
    apply_limits(int(memory) if memory else None, network=False)
    exit_with_parent(int(connection))
    wanted = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    waiting = Retrying(
        retry=retry_if_exception_type(StoreBusy),
        stop=stop_after_delay(wanted["seconds"]),
        wait=wait_fixed(0.05),
        reraise=True,
    )
    try:
        waiting(_change, Path(directory), wanted, content)
    except MasteryError as error:
        told = {"kind": type(error).__name__, "detail": error.detail, "advice": error.advice, "members": error.members}
        print(json.dumps(told))
        return 1
    return 0


def _change(directory: Path, wanted: dict[str, Any], content: bytes) -> None:
    with EmbeddedStore.change(directory, compact=False, create=False) as draft:
        if wanted["kind"] == "update":
            before = _states(draft)
            draft.update(content.decode(), wanted["base"])
            after = _states(draft)
            _describe(draft, {iri for iri in before.keys() | after.keys() if before.get(iri) != after.get(iri)})
        else:
            graph = NamedNode(wanted["graph"]) if wanted["graph"] else DefaultGraph()
            draft.change_graph(graph, wanted["kind"], _documents(wanted, content), wanted["base"])
            _describe(draft, {wanted["graph"]} if wanted["graph"] else set())


def _documents(wanted: dict[str, Any], content: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield each document, which stand one after the other, with its media type."""
    start = 0
    for length, media_type in wanted["documents"]:
        yield content[start : start + length], media_type
        start += length


def _states(store: EmbeddedStore) -> dict[str, bytes]:
    """Return what tells each state of each named graph from another; an update may have changed any of them."""
    return {iri: store.state(NamedNode(iri)) for iri in store.names()}


def _describe(store: EmbeddedStore, changed: set[str]) -> None:
    """Describe the dataset anew: the graphs that have changed are measured, and those that are not described yet."""
    contents = read_description(store)
    present = store.names()
    for iri in (changed | (present - contents.keys())) - {DATASET_GRAPH}:
        measured = content_of(store.triples(NamedNode(iri)))
        if iri not in contents or contents[iri].sha256 != measured.sha256:
            contents[iri] = measured
    write_description(store, {iri: content for iri, content in contents.items() if iri in present and content.triples})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
