"""One query worker: a process of its own that holds a store and answers one query at a time, until it is ended.

pyoxigraph cannot interrupt a query; a process can be ended at once. The worker takes requests from a connection and
answers each with messages, a kind (one byte) and a payload. It writes to no store.
"""

import io
import json
import sys
from multiprocessing.connection import Connection
from typing import Final

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Store

DATA: Final = b"D"
END: Final = b"E"
BAD_QUERY: Final = b"Q"
TOO_LARGE: Final = b"L"
FAILED: Final = b"F"

_PIECE = 64 * 1024


class _TooLarge(Exception):
    """The result is over its size limit."""


class _Messages(io.BytesIO):
    """A file to which a result is written, and which passes it on in messages."""

    def __init__(self, output: "Connection[bytes, bytes]", limit: int | None) -> None:
        super().__init__()
        self._output = output
        self._left = limit
        self._pending = bytearray()

    def write(self, data: bytes) -> int:  # type: ignore[override]  # pyoxigraph writes bytes
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise _TooLarge
        self._pending += data
        if len(self._pending) >= _PIECE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._pending:
            self._output.send_bytes(DATA + self._pending)
            self._pending.clear()


def main(descriptor: int, kind: str, path: str) -> None:
    """Open the store at `path` (`directory`: a store on disk; `dump`: N-Quads) and answer until it closes."""
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
        _answer(store, json.loads(request), connection)


def _answer(store: Store, request: dict[str, object], output: "Connection[bytes, bytes]") -> None:
    messages = _Messages(output, request["size"])  # type: ignore[arg-type]  # None or a number of bytes
    try:
        found = store.query(str(request["query"]), **_scope(request))  # type: ignore[arg-type]
        if isinstance(found, QuerySolutions | QueryBoolean):
            found.serialize(messages, QueryResultsFormat.from_media_type(str(request["results"])))
        else:
            found.serialize(messages, RdfFormat.from_media_type(str(request["graph"])))
        messages.flush()
        output.send_bytes(END)
    except _TooLarge:
        output.send_bytes(TOO_LARGE)
    except SyntaxError as error:
        output.send_bytes(BAD_QUERY + str(error).encode())
    except (OSError, ValueError, RuntimeError) as error:
        output.send_bytes(FAILED + str(error).encode())


def _scope(request: dict[str, object]) -> dict[str, object]:
    default, named = request["default_graphs"], request["named_graphs"]
    if not isinstance(default, list) or not isinstance(named, list) or not (default or named):
        return {"use_default_graph_as_union": request["union"]}
    return {
        "default_graph": [NamedNode(graph) for graph in default],
        "named_graphs": [NamedNode(graph) for graph in named],
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
