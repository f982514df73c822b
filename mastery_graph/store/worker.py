"""The query worker: a process that opens a store and runs one query at a time, until it is killed.

pyoxigraph cannot interrupt a query, but a process can be killed at once. The worker reads requests from a connection
and answers each with messages, a kind (one byte) and a payload. It only reads the store, exits when its parent process
is gone, and has a memory limit and, where the kernel allows it, no network.
"""

import ctypes
import io
import json
import os
import resource
import select
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Final

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Store

from mastery_graph.machine import limit_data

DATA: Final = b"D"
END: Final = b"E"
BAD_QUERY: Final = b"Q"
TOO_LARGE: Final = b"L"
FAILED: Final = b"F"
NO_MEMORY: Final = b"M"

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000

_PR_SET_PDEATHSIG: Final = 1

_PIECE_BYTES = 64 * 1024


class _TooLarge(Exception):
    """The result is over its size limit."""


class _Messages(io.BytesIO):
    """A file object that sends a result in messages: a short result in a single one, at its end."""

    def __init__(self, output: "Connection[bytes, bytes]", limit: int | None) -> None:
        super().__init__()
        self._output = output
        self._remaining = limit
        self._pending = bytearray()

    def write(self, data: bytes) -> int:  # type: ignore[override]  # pyoxigraph writes bytes
        if self._remaining is not None:
            self._remaining -= len(data)
            if self._remaining < 0:
                raise _TooLarge
        self._pending += data
        if len(self._pending) >= _PIECE_BYTES:
            self._send(DATA)
        return len(data)

    def end(self) -> None:
        """Send the rest as the last piece."""
        self._send(END)

    def _send(self, kind: bytes) -> None:
        self._output.send_bytes(kind + self._pending)
        self._pending.clear()


def main(descriptor: int, kind: str, path: str, memory: str, network: str) -> None:
    """Open the store at `path` (`directory`: on disk; `dump`: N-Quads) and run queries until the connection closes.

    `memory` is a number of bytes or empty, `network` is `network` or empty.
    """
    apply_limits(int(memory) if memory else None, network=bool(network))
    exit_with_parent(descriptor)
    end_with_parent()
    if kind == "directory":
        store = Store.read_only(path)
    else:
        store = Store()
        store.bulk_load(path=path, format=RdfFormat.N_QUADS)
    connection: Connection[bytes, bytes] = Connection(descriptor)
    while True:
        try:
            request = connection.recv_bytes()
        except EOFError:
            return
        _run_query(store, json.loads(request), connection)


def apply_limits(memory: int | None, *, network: bool) -> None:
    """Limit the memory (bytes) and the network access of this process, which must not have threads yet."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None:
        limit_data(memory, lowers_hard_limit=True)
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if not network and unshare is not None:
        # An empty network namespace (unshare(2)). Where it is not allowed, the check of the query's text remains.
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def exit_with_parent(descriptor: int) -> None:
    """Exit as soon as the other side of the connection is closed, even during a query."""
    hang_up_event = getattr(select, "POLLRDHUP", select.POLLHUP)

    def watch() -> None:
        poll = select.poll()
        poll.register(descriptor, hang_up_event)
        poll.poll()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def end_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends (Linux, prctl(2)).

    A process that is stopped (SIGSTOP) could not notice the end of its connection.
    """
    if prctl := getattr(ctypes.CDLL(None), "prctl", None):
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _run_query(store: Store, request: dict[str, object], output: "Connection[bytes, bytes]") -> None:
    messages = _Messages(output, request["size"])  # type: ignore[arg-type]  # None or a number of bytes
    try:
        result = store.query(str(request["query"]), **_scope(request))  # type: ignore[arg-type]
        if isinstance(result, QuerySolutions | QueryBoolean):
            result.serialize(messages, QueryResultsFormat.from_media_type(str(request["results"])))
        else:
            result.serialize(messages, RdfFormat.from_media_type(str(request["graph"])))
        messages.end()
    except _TooLarge:
        output.send_bytes(TOO_LARGE)
    except SyntaxError as error:
        output.send_bytes(BAD_QUERY + str(error).encode())
    except MemoryError:
        output.send_bytes(NO_MEMORY)
    except (OSError, ValueError, RuntimeError) as error:
        output.send_bytes(FAILED + str(error).encode())


def _scope(request: dict[str, object]) -> dict[str, object]:
    default, named = request["default_graphs"], request["named_graphs"]
    if not isinstance(default, list) or not isinstance(named, list) or not (default or named):
        return {"use_default_graph_as_union": request["union"], "base_iri": request["base"]}
    return {
        "base_iri": request["base"],
        "default_graph": [NamedNode(graph) for graph in default],
        "named_graphs": [NamedNode(graph) for graph in named],
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
