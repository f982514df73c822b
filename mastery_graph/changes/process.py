"""The process that makes one change of a store, for `mastery_graph.changes.client`.

It reads the change from standard input: a line of JSON, then the update or the graphs. An error is printed as JSON.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from mastery_graph.changes.preconditions import Precondition
from mastery_graph.errors import MasteryError, StoreBusy
from mastery_graph.pipeline.dataset import DATASET_GRAPH, content_of, read_description, write_description
from mastery_graph.store.draft import Draft
from mastery_graph.store.worker import apply_limits, exit_with_parent


def main(connection: str, directory: str, memory: str) -> int:
    """Make the change described on standard input, or leave the store unchanged; return the exit code."""
    apply_limits(int(memory) if memory else None, network=False)
    exit_with_parent(int(connection))
    request = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    retry = Retrying(
        retry=retry_if_exception_type(StoreBusy),
        stop=stop_after_delay(request["seconds"]),
        wait=wait_fixed(0.05),
        reraise=True,
    )
    try:
        retry(_change, Path(directory), request, content)
    except MasteryError as error:
        report = {
            "kind": type(error).__name__,
            "detail": error.detail,
            "advice": error.advice,
            "action": error.action,
            "members": error.members,
        }
        print(json.dumps(report))
        return 1
    return 0


def _change(directory: Path, request: dict[str, Any], content: bytes) -> None:
    with Draft.change(directory, compact=False, create=False) as draft:
        if request["kind"] == "update":
            before = _states(draft)
            draft.update(content.decode(), request["base"])
            after = _states(draft)
            _describe(draft, {iri for iri in before.keys() | after.keys() if before.get(iri) != after.get(iri)})
        else:
            graph = NamedNode(request["graph"]) if request["graph"] else DefaultGraph()
            _require_condition(draft, request)
            draft.change_graph(graph, request["kind"], _documents(request, content), request["base"])
            _describe(draft, {request["graph"]} if request["graph"] else set())


def _require_condition(draft: Draft, request: dict[str, Any]) -> None:
    condition = Precondition(request["if_match"], request["if_none_match"])
    if condition != Precondition():
        exists = request["graph"] is None or draft.has_graph(NamedNode(request["graph"]))
        known = read_description(draft).get(str(request["graph"]))
        condition.require((known.sha256 if known else "-") if exists else None)


def _documents(request: dict[str, Any], content: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield each of the concatenated documents with its media type."""
    start = 0
    for length, media_type in request["documents"]:
        yield content[start : start + length], media_type
        start += length


def _states(store: Draft) -> dict[str, bytes]:
    """Return a digest of each named graph, since an update may change any of them."""
    return {iri: store.state(NamedNode(iri)) for iri in store.names()}


def _describe(store: Draft, changed: set[str]) -> None:
    """Update the description of the dataset: measure graphs that have changed or are not described yet."""
    contents = read_description(store)
    present = store.names()
    for iri in (changed | (present - contents.keys())) - {DATASET_GRAPH}:
        measured = content_of(store.triples(NamedNode(iri)))
        if iri not in contents or contents[iri].sha256 != measured.sha256:
            contents[iri] = measured
    write_description(store, {iri: content for iri, content in contents.items() if iri in present and content.triples})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
