"""A connection of the HTTP server, with the limits that uvicorn has not.

The head of a request has its time and its size, and a client that does not take what is sent loses the connection.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mastery_api import problems

_LONGEST_ADDRESS: Final = 65_535
"""Bytes, by what httptools takes."""

_LONGEST_HEAD: Final = 400_000
"""Bytes."""

_MAX_UNANSWERED: Final = 16
"""Requests of one connection that wait for their answer; more are not read, but those of a piece that has come."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Speaks HTTP with one client. The times are those of the application's settings."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Begin as uvicorn does."""
        super().__init__(*given, **named)
        settings = self.app.state.settings
        self.url = b""
        self._unanswered: deque[RequestResponseCycle] = deque()
        self._head_begun = False
        self._head_size = 0
        self._head_is_new = False
        self._head_due = _Due(self.loop, settings.head_seconds, self.shutdown)
        self._taken_due = _Due(self.loop, settings.send_seconds, self._break_off)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Wait for the first request."""
        super().connection_made(transport)
        self._head_due.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # uvicorn keeps it where the connection was reset
        self._give_up()
        self._head_due.end_for_good()
        self._taken_due.end_for_good()

    def data_received(self, data: bytes) -> None:
        """Read on. What belongs to no request gives no more time for the head of the next one."""
        self._head_is_new = False
        super().data_received(data)
        if self._head_is_new:
            # What comes before it in the same piece does not count: there may be many short requests.
            before = data.rfind(b"\r\n\r\n", 0, len(data) - 4)
            self._head_size = len(data) - (before + 4 if before >= 0 else 0)
        else:
            self._head_size += len(data)
        if not self._head_begun:
            self._head_size = 0
        if self._head_size > _LONGEST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is too long.")
        elif (self._head_begun or self._is_idle()) and not (self.flow.read_paused or self.transport.is_closing()):
            self._head_due.begin()

    def on_message_begin(self) -> None:
        """Begin with the head of a request."""
        self._head_begun = self._head_is_new = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Have a request answered whose head has come."""
        self._head_begun = False
        self._head_due.end()
        super().on_headers_complete()
        self._unanswered.append(self.cycle)
        self._read_no_more_than_is_answered()

    def on_response_complete(self) -> None:
        """Go on with the next request, unless the connection ends."""
        self._unanswered.popleft()
        super().on_response_complete()
        self._read_no_more_than_is_answered()
        self._end_in_time()

    def pause_writing(self) -> None:
        """Give the client its time: it does not take what is sent at the moment."""
        super().pause_writing()
        self._taken_due.begin()

    def resume_writing(self) -> None:
        """Go on sending."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._taken_due.end()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection on which no other request comes."""
        super().timeout_keep_alive_handler()
        self._end_in_time()

    def shutdown(self) -> None:
        """End the connection once what runs on it is finished."""
        super().shutdown()
        self._end_in_time()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request of HTTP, or one whose address the parser does not take."""
        if len(self.url) > _LONGEST_ADDRESS:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long. Send a long query by POST.")
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing of a wish for another protocol, which a server may leave be (RFC 9110, section 7.8)."""

    def _read_no_more_than_is_answered(self) -> None:
        """Read on when fewer requests wait for their answer; uvicorn reads on with each answer."""
        if len(self._unanswered) >= _MAX_UNANSWERED and not self.transport.is_closing():
            self.flow.pause_reading()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Say why a request is not read, where no answer to an earlier one is on its way, and end the connection."""
        if self._is_idle() and not self.transport.is_closing():
            problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
            content = json.dumps(problem).encode()
            head = (
                f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: {problems.MEDIA_TYPE}\r\n"
                f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + content)
        self.transport.close()
        self._give_up()
        self._end_in_time()

    def _give_up(self) -> None:
        """End the work on all that is not answered; uvicorn tells the last request only that its client has gone."""
        for cycle in self._unanswered:
            cycle.disconnected = True
            cycle.message_event.set()

    def _end_in_time(self) -> None:
        """Where the connection ends once all is sent, do not wait for that longer than for any result."""
        if self.transport.is_closing():
            self._taken_due.begin()

    def _break_off(self) -> None:
        self.transport.abort()


class _Due:
    """Something that is done after some seconds, unless what is waited for comes first."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, action: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._action = action
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def begin(self) -> None:
        """Begin to wait; where that has begun, nothing is put off."""
        if self._timer is None and not self._over:
            self._timer = self._loop.call_later(self._seconds, self._action)

    def end(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end_for_good(self) -> None:
        """Wait no longer, and never again: a timer would keep what is gone."""
        self.end()
        self._over = True
