"""Changes of a store on disk that come from outside: a SPARQL update, or a graph put, added to or removed.

A process of its own makes the change, and can be ended: it works on a copy, which becomes the current version in one
step at the end. Whatever ends it, and whenever, the store is as it was or the change is whole.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mastery_graph import errors
from mastery_graph.errors import BadSource, MasteryError, OutOfMemory, QueryTimeout, StoreError
from mastery_graph.sources.entities import refuse_entities
from mastery_graph.store.protocol import Scope
from mastery_graph.store.query_text import refuse_loading, refuse_other_servers, with_dataset

_WORKER = "mastery_graph.changes.process"


@dataclass(frozen=True, slots=True)
class RdfDocument:
    """A serialised graph and its media type."""

    content: bytes
    media_type: str

    def refuse_entities(self) -> None:
        """Raise `EntitiesRefused` where this is RDF/XML with entities, `BadSource` where that is not UTF-8."""
        if self.media_type == "application/rdf+xml":
            try:
                refuse_entities(self.content.decode())
            except UnicodeDecodeError:
                raise BadSource("The graph is not UTF-8.") from None


@dataclass(frozen=True, slots=True)
class GraphChange:
    """What becomes of one graph, and by which documents; the graph without a name where `graph` is None.

    Relative addresses in the documents are relative to `base`.
    """

    kind: Literal["replace", "add", "remove"]
    graph: str | None
    documents: tuple[RdfDocument, ...] = ()
    base: str = ""


def update(directory: Path, text: str, scope: Scope, seconds: float, memory: int | None) -> None:
    """Apply a SPARQL 1.1 update to the store in a folder, all or none.

    Raises `BadQuery`, `QueryTimeout`, `OutOfMemory`, `StoreBusy` and `StoreError`.
    """
    refuse_loading(text)
    refuse_other_servers(text)
    request = {"kind": "update", "base": scope.base, "seconds": seconds}
    _change(directory, request, with_dataset(text, scope).encode(), seconds, memory)


def change_graph(directory: Path, change: GraphChange, seconds: float, memory: int | None) -> None:
    """Change one graph of the store in a folder, all or none.

    Raises `BadSource` where a document does not parse, `EntitiesRefused`, `QueryTimeout`, `OutOfMemory`, `StoreBusy`
    and `StoreError`.
    """
    for document in change.documents:
        document.refuse_entities()
    request = {
        "kind": change.kind,
        "graph": change.graph,
        "documents": [(len(document.content), document.media_type) for document in change.documents],
        "base": change.base,
        "seconds": seconds,
    }
    _change(directory, request, b"".join(document.content for document in change.documents), seconds, memory)


def _change(directory: Path, request: Mapping[str, object], content: bytes, seconds: float, memory: int | None) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-m", _WORKER, str(theirs.fileno()), str(directory), str(memory or "")]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[theirs.fileno()], env=dict(os.environ)
        )
        theirs.close()
        try:
            said, _ = process.communicate(json.dumps(request).encode() + b"\n" + content, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise QueryTimeout(
                f"The change was given up after {seconds:g} seconds.", "Make it in smaller parts."
            ) from None
    if process.returncode == -signal.SIGABRT and memory:
        raise OutOfMemory(f"The change needed more than {memory} bytes of memory.", "Make it in smaller parts.")
    if process.returncode != 0:
        raise _told(said)


def _told(said: bytes) -> MasteryError:
    """Return the error that the process told, or that it told none."""
    try:
        told = json.loads(said)
        kind = getattr(errors, told["kind"])
        return kind(told["detail"], told["advice"], **told["members"])  # type: ignore[no-any-return]  # by its name
    except (ValueError, KeyError, AttributeError, TypeError):
        return StoreError("The change ended unexpectedly.", "The store is as it was.")
