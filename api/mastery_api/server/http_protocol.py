"""The uvicorn HTTP protocol with limits on header size, header time and send time.

A client that does not read the response in time is disconnected.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mastery_api import problems

_MAX_URL_BYTES: Final = 65_535
"""Bytes; the limit of httptools."""

_MAX_HEAD_BYTES: Final = 400_000
"""Bytes."""

_MAX_UNANSWERED: Final = 16
"""Unanswered requests of one connection, after which it is not read; a chunk already received is still processed."""

_HTTP_VERSIONS: Final = frozenset({"1.0", "1.1", "0.0"})
"""The versions that are answered, and what the parser returns before it has read a version."""

_HEAD_TOO_LARGE: Final = (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too long.")


class _HeadRefusedError(Exception):
    """A complete head that is not answered; it ends the parsing."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """An HTTP connection with one client. The time limits come from the settings of the application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Accept the arguments of uvicorn."""
        super().__init__(*args, **kwargs)
        settings = self.app.state.settings
        self.url = b""
        self._unanswered: deque[RequestResponseCycle] = deque()
        self._reading_head = False
        self._head_size = 0
        self._head_started_in_chunk = False
        self._head_timer = _Timer(self.loop, settings.head_seconds, self.shutdown)
        self._send_timer = _Timer(self.loop, settings.send_seconds, self._abort)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the time limit for the first request."""
        super().connection_made(transport)
        self._head_timer.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel all timers and the unanswered requests."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # uvicorn keeps the timer if the connection was reset
        self._cancel_unanswered()
        self._head_timer.close()
        self._send_timer.close()

    def data_received(self, data: bytes) -> None:
        """Process received bytes. Bytes between requests do not extend the time limit of the next head."""
        self._head_started_in_chunk = False
        super().data_received(data)
        if self._head_started_in_chunk:
            # Earlier requests in the same chunk do not count: there may be many short ones.
            boundary = data.rfind(b"\r\n\r\n", 0, len(data) - 4)
            self._head_size = len(data) - (boundary + 4 if boundary >= 0 else 0)
        else:
            self._head_size += len(data)
        if not self._reading_head:
            self._head_size = 0
        if self._head_size > _MAX_HEAD_BYTES:
            self._reject(*_HEAD_TOO_LARGE)
        elif (self._reading_head or self._is_idle()) and not (self.flow.read_paused or self.transport.is_closing()):
            self._head_timer.start()

    def on_message_begin(self) -> None:
        """Start reading the head of a request."""
        self._reading_head = self._head_started_in_chunk = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start answering a request whose head is complete, unless its version or its size is refused."""
        if self._head_refusal():
            raise _HeadRefusedError
        self._reading_head = False
        self._head_timer.cancel()
        super().on_headers_complete()
        self._unanswered.append(self.cycle)
        self._pause_reading_if_full()

    def on_response_complete(self) -> None:
        """Continue with the next request, unless the connection is closing."""
        self._unanswered.popleft()
        super().on_response_complete()
        self._pause_reading_if_full()
        self._limit_closing_time()

    def pause_writing(self) -> None:
        """Start the send time limit: the client does not read at the moment."""
        super().pause_writing()
        self._send_timer.start()

    def resume_writing(self) -> None:
        """Continue sending."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._send_timer.cancel()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        super().timeout_keep_alive_handler()
        self._limit_closing_time()

    def shutdown(self) -> None:
        """Close the connection once its running requests are finished."""
        super().shutdown()
        self._limit_closing_time()

    def send_400_response(self, msg: str) -> None:
        """Reject malformed HTTP, or a URL that is too long for the parser."""
        if refusal := self._head_refusal():
            self._reject(*refusal)
        elif len(self.url) > _MAX_URL_BYTES:
            self._reject(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long. Send a long query by POST.")
        else:
            self._reject(HTTPStatus.BAD_REQUEST, msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing about a requested upgrade, which a server may ignore (RFC 9110, section 7.8)."""

    def _pause_reading_if_full(self) -> None:
        """Pause reading while too many requests are unanswered; uvicorn resumes with each response."""
        if len(self._unanswered) >= _MAX_UNANSWERED and not self.transport.is_closing():
            self.flow.pause_reading()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _head_refusal(self) -> tuple[HTTPStatus, str] | None:
        """Return why a head that has been parsed is refused: its status and its reason."""
        if self._reading_head and self.parser.get_http_version() not in _HTTP_VERSIONS:
            return HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "Send HTTP/1.1 or HTTP/1.0."
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > _MAX_HEAD_BYTES:
            return _HEAD_TOO_LARGE
        return None

    def _awaits_body(self) -> bool:
        """Return whether the only unanswered request has had no part of its response yet."""
        return len(self._unanswered) == 1 and not self._unanswered[0].response_started

    def _reject(self, status: HTTPStatus, detail: str) -> None:
        """Send the reason for a rejection, unless an earlier response is being sent, and close the connection."""
        if (self._is_idle() or self._awaits_body()) and not self.transport.is_closing():
            problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
            content = json.dumps(problem).encode()
            head = (
                f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: {problems.MEDIA_TYPE}\r\n"
                f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + content)
        self.transport.close()
        self._cancel_unanswered()
        self._limit_closing_time()

    def _cancel_unanswered(self) -> None:
        """Cancel all unanswered requests; uvicorn signals the disconnect to the last one only."""
        for cycle in self._unanswered:
            cycle.disconnected = True
            cycle.message_event.set()

    def _limit_closing_time(self) -> None:
        """Apply the send time limit to a connection that closes once everything is sent."""
        if self.transport.is_closing():
            self._send_timer.start()

    def _abort(self) -> None:
        self.transport.abort()


class _Timer:
    """A timer that runs an action unless it is cancelled in time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, action: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._action = action
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def start(self) -> None:
        """Start the timer; one that is running is not extended."""
        if self._timer is None and not self._closed:
            self._timer = self._loop.call_later(self._seconds, self._action)

    def cancel(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Stop the timer for good: a running one would keep the closed connection alive."""
        self.cancel()
        self._closed = True
