"""A server on loopback between us and an endpoint, which fails as often as it is told to and then passes on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal
from urllib.parse import urlsplit

import httpx

Trouble = Literal["unavailable", "overloaded", "gateway", "dropped", "cut", "endless", "partial", "refused", "page"]
STATUS = {"unavailable": 503, "overloaded": 429, "gateway": 502, "refused": 401, "page": 500}
PAGE = b"<html>Traceback: password=secret</html>"

Fault = Literal["half", "junk", "without values", "html", "nothing", "other form"]


def faulty(content: bytes, fault: Fault) -> bytes:
    """Return a result as a broken endpoint or proxy gives it, under a length that fits and with status 200."""
    middle = len(content) // 2
    return {
        "half": content[:middle],
        "junk": content[:middle] + b"\x00#junk#" + content[middle:],
        "without values": re.sub(rb'"\w+":(?=\{"type"|true|false)', b'"absent":', content)
        if b'"head"' in content
        else b"<a> <b",
        "html": b"<html><body>Sign in</body></html>",
        "nothing": b"",
        "other form": b'{"head":{},"boolean":true}'
        if b'"results"' in content
        else b'{"head":{"vars":["x"]},"results":{}}',
    }[fault]


@dataclass
class Troubled:
    """The address of the server, the troubles that are still to come, how many requests have come, and the last."""

    behind: str
    address: str = ""
    to_come: list[Trouble] = field(default_factory=list)
    fault: Fault | None = None
    """What is wrong with each result from now on."""
    retry_after: str | None = None
    requests: int = 0
    last: bytes = b""


@contextmanager
def troubled(behind: str) -> Iterator[Troubled]:
    """Serve in front of the endpoint with this address."""
    told = Troubled(behind)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            told.requests += 1
            trouble = told.to_come.pop(0) if told.to_come else None
            sent = told.last = self.rfile.read(int(self.headers["Content-Length"]))
            if trouble == "dropped":
                self.close_connection = True
            elif trouble in STATUS:
                self._answer(STATUS[trouble], "text/html", PAGE)
            else:
                kinds = {name: self.headers[name] for name in ("Content-Type", "Accept")}
                answer = httpx.post(told.behind, content=sent, headers=kinds)
                self._answer(
                    206 if trouble == "partial" else answer.status_code,
                    answer.headers["Content-Type"],
                    faulty(answer.content, told.fault) if told.fault else answer.content,
                    trouble,
                )

        def _answer(self, status: int, kind: str, content: bytes, trouble: Trouble | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if told.retry_after:
                self.send_header("Retry-After", told.retry_after)
            if trouble == "endless":
                self.send_header("Connection", "close")
            else:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if trouble == "cut" else content)
            self.close_connection = trouble is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.address = f"http://127.0.0.1:{server.server_port}{urlsplit(behind).path}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
