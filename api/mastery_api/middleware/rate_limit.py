"""Client identity, disconnect detection and rate limiting (429 with `Retry-After`)."""

import asyncio
from collections.abc import Coroutine, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import time
from typing import Any, TypeVar

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mastery_api import problems
from mastery_graph.errors import BadParameter, TooManyRequests
from mastery_graph.languages import Message, ngettext

_T = TypeVar("_T")

_WATCH_DELAY = 0.05
"""Seconds before a disconnect is watched for; most work is done by then."""

_EXEMPT_PATHS = ("/health/", "/metrics", "/static/")


def client_of(scope: Mapping[str, object], header: str | None) -> str:
    """Return the address of the client: of the connection, or the last one in the header that a proxy adds.

    An IPv6 address is reduced to its /64 network, which usually belongs to one client.
    """
    forwarded = Headers(scope=dict(scope)).get(header, "") if header else ""
    connection = scope.get("client")
    return _normalize_address(
        forwarded.rpartition(",")[2].strip() or (str(connection[0]) if isinstance(connection, tuple | list) else "")
    )


@lru_cache(maxsize=1024)
def _normalize_address(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


async def run_while_connected(receive: Receive, work: Coroutine[Any, Any, _T]) -> _T | None:
    """Await the work; cancel it and return None if the client disconnects.

    The connection is watched only after a short delay: most work is done by then and needs no second task.
    """
    task, disconnected = asyncio.current_task(), False
    watcher: asyncio.Task[None] | None = None

    def cancel(watcher: asyncio.Task[None]) -> None:
        nonlocal disconnected
        if task and not watcher.cancelled():
            disconnected = True
            task.cancel()

    def watch() -> None:
        nonlocal watcher
        watcher = asyncio.ensure_future(_wait_for_disconnect(receive))
        watcher.add_done_callback(cancel)

    timer = asyncio.get_running_loop().call_later(_WATCH_DELAY, watch)
    try:
        return await work
    except asyncio.CancelledError:
        # The task continues unless it was also cancelled from elsewhere.
        if disconnected and task and not task.uncancel():
            return None
        raise
    finally:
        timer.cancel()
        if watcher:
            watcher.remove_done_callback(cancel)
            watcher.cancel()


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class RateLimit:
    """The rate allowed per client, in the notation of `limits`: `3000/minute`. Counts the requests of all clients."""

    def __init__(self, rate: str) -> None:
        """Parse the rate. Raises `BadParameter` if it is malformed."""
        try:
            self._rate: RateLimitItem = parse(rate)
        except ValueError:
            raise BadParameter(
                Message("MASTERY_REQUEST_RATE is {rate}.", rate=repr(rate)),
                Message("Write it as 3000/minute or 50/second."),
            ) from None
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def __str__(self) -> str:
        return str(self._rate)

    def wait(self, client: str) -> int:
        """Count a request and return the seconds to wait before it may be sent again: 0 if it is allowed now."""
        if self._counter.hit(self._rate, client):
            return 0
        return max(1, ceil(self._counter.get_window_stats(self._rate, client).reset_time - time()))


class RateLimitMiddleware:
    """Rejects requests of a client over the rate limit."""

    def __init__(self, app: ASGIApp, rate: RateLimit, header: str | None) -> None:
        """Wrap an application."""
        self._app = app
        self._header = header
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or respond with 429 and the time to wait."""
        is_limited = scope["type"] == "http" and not scope["path"].startswith(_EXEMPT_PATHS)
        if is_limited and (wait := self._rate.wait(client_of(scope, self._header))):
            error = TooManyRequests(
                Message("You exceeded the limit of {rate} requests.", rate=self._rate),
                ngettext("Wait {count} second.", "Wait {count} seconds.", wait),
            )
            response = problems.problem_response(Request(scope), error, {"Retry-After": str(wait)})
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)
