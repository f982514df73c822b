"""Changes of a store on disk by clients: a SPARQL update, or a graph that is replaced, added to or removed.

A separate process makes the change on a copy, which becomes the current version in one step at the end. So the process
can be killed at any time: the change is either complete or has no effect.
"""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mastery_graph import errors
from mastery_graph.changes.preconditions import UNCONDITIONAL, Precondition
from mastery_graph.errors import AdvisedAction, BadSource, MasteryError, OutOfMemory, QueryTimeout, StoreError
from mastery_graph.languages import N_, Message, ngettext
from mastery_graph.sources.entities import refuse_entities
from mastery_graph.sources.nesting import refuse_deep_turtle, refuse_deep_xml
from mastery_graph.store.protocol import Scope
from mastery_graph.store.query_text import refuse_loading, refuse_other_servers, with_dataset
from mastery_graph.store.versions import pointer_state

_MAY_BE_CHANGED: Final = N_("The store has changed meanwhile: look at it before you try again.")
_WORKER = "mastery_graph.changes.process"


@dataclass(frozen=True, slots=True)
class RdfDocument:
    """A serialised graph and its media type."""

    content: bytes
    media_type: str

    def refuse_dangers(self) -> None:
        """Refuse what a parser should not meet.

        Raises `EntitiesRefused` if this is RDF/XML with entities, `DocumentTooDeep`, and `BadSource` if it is RDF/XML
        but not UTF-8.
        """
        if self.media_type != "application/rdf+xml":
            refuse_deep_turtle(self.content.decode("utf-8", "replace"))
            return
        try:
            text = self.content.decode()
        except UnicodeDecodeError:
            raise BadSource(Message("The graph is not UTF-8.")) from None
        refuse_entities(text)
        refuse_deep_xml(text)


@dataclass(frozen=True, slots=True)
class GraphChange:
    """A change of one graph with the documents for it; the unnamed graph if `graph` is None.

    Relative IRIs in the documents are resolved against `base`.
    """

    kind: Literal["replace", "add", "remove"]
    graph: str | None
    documents: tuple[RdfDocument, ...] = ()
    base: str = ""
    condition: Precondition = UNCONDITIONAL


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

    Raises `BadSource` if a document does not parse, `EntitiesRefused`, `PreconditionFailed`, `QueryTimeout`,
    `OutOfMemory`, `StoreBusy` and `StoreError`.
    """
    for document in change.documents:
        document.refuse_dangers()
    request = {
        "kind": change.kind,
        "graph": change.graph,
        "documents": [(len(document.content), document.media_type) for document in change.documents],
        "base": change.base,
        "if_match": change.condition.if_match,
        "if_none_match": change.condition.if_none_match,
        "seconds": seconds,
    }
    _change(directory, request, b"".join(document.content for document in change.documents), seconds, memory)


def _change(directory: Path, request: Mapping[str, object], content: bytes, seconds: float, memory: int | None) -> None:
    before = pointer_state(directory)
    own_end, process_end = socket.socketpair()
    with own_end, process_end:
        command = [sys.executable, "-m", _WORKER, str(process_end.fileno()), str(directory), str(memory or "")]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[process_end.fileno()],
        )
        process_end.close()
        try:
            output, _ = process.communicate(json.dumps(request).encode() + b"\n" + content, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            if pointer_state(directory) != before:
                return  # it was published at the last moment
            raise QueryTimeout(
                ngettext(
                    "The change was stopped after {count} second.",
                    "The change was stopped after {count} seconds.",
                    seconds,
                ),
                Message("Make it in smaller parts."),
            ) from None
    if process.returncode == -signal.SIGABRT and memory:
        raise OutOfMemory(
            Message("The change needed more than {memory} bytes of memory.", memory=memory),
            Message("Make it in smaller parts."),
        )
    if process.returncode != 0:
        raise _reported_error(output, is_unchanged=pointer_state(directory) == before)


def _reported_error(output: bytes, *, is_unchanged: bool) -> MasteryError:
    """Return the error that the process reported, or a general one if it reported none.

    If the store has changed meanwhile, this change may have been published, or that of somebody else.
    """
    try:
        error = json.loads(output)
        kind = getattr(errors, error["kind"])
        action = AdvisedAction(error["action"]) if error["action"] else None
        return kind(error["detail"], error["advice"], action, **error["members"])  # type: ignore[no-any-return]  # by its name
    except (ValueError, KeyError, AttributeError, TypeError):
        outcome = Message("The store is unchanged.") if is_unchanged else Message(_MAY_BE_CHANGED)
        return StoreError(Message("The change ended unexpectedly."), outcome)
