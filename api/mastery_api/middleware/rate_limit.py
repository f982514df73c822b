"""Who asks, whether they are still there, and how often one client may: over the rate, 429 with the time to wait."""

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

_T = TypeVar("_T")

_MOMENT = 0.05
"""Seconds in which most work is done."""

_UNCOUNTED = ("/health/", "/metrics", "/static/")


def client_of(scope: Mapping[str, object], header: str | None) -> str:
    """Return the address of the client: of the connection, or the last one in the header that a proxy adds.

    An IPv6 address stands for its /64 network, which one client has as a rule.
    """
    sent = Headers(scope=dict(scope)).get(header, "") if header else ""
    connection = scope.get("client")
    return _named(
        sent.rpartition(",")[2].strip() or (str(connection[0]) if isinstance(connection, tuple | list) else "")
    )


@lru_cache(maxsize=1024)
def _named(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


async def run_while_connected(receive: Receive, work: Coroutine[Any, Any, _T]) -> _T | None:
    """Do the work for as long as the client is there; where it goes, the work is cancelled, and nothing returned.

    Whether it is there is looked at after a moment: most work is done by then, and is spared a task.
    """
    working, left = asyncio.current_task(), False
    leaving: asyncio.Task[None] | None = None

    def cancel(leaving: asyncio.Task[None]) -> None:
        nonlocal left
        if working and not leaving.cancelled():
            left = True
            working.cancel()

    def look() -> None:
        nonlocal leaving
        leaving = asyncio.ensure_future(_gone(receive))
        leaving.add_done_callback(cancel)

    looking = asyncio.get_running_loop().call_later(_MOMENT, look)
    try:
        return await work
    except asyncio.CancelledError:
        # Unless it is also cancelled from elsewhere, the task goes on.
        if left and working and not working.uncancel():
            return None
        raise
    finally:
        looking.cancel()
        if leaving:
            leaving.remove_done_callback(cancel)
            leaving.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class RateLimit:
    """How often one client may ask, as `limits` writes it: `3000/minute`. Counts the requests of all clients."""

    def __init__(self, written: str) -> None:
        """Begin to count. Raises `BadParameter` where the rate cannot be read."""
        try:
            self._rate: RateLimitItem = parse(written)
        except ValueError:
            raise BadParameter(
                f"MASTERY_REQUEST_RATE is {written!r}.", "Write it as 3000/minute or 50/second."
            ) from None
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def __str__(self) -> str:
        return str(self._rate)

    def wait(self, client: str) -> int:
        """Count a request, and return the seconds to wait before it is heard: 0 where it may be heard now."""
        if self._counter.hit(self._rate, client):
            return 0
        return max(1, ceil(self._counter.get_window_stats(self._rate, client).reset_time - time()))


class RateLimitMiddleware:
    """Has each client ask as often as a rate allows, and not more."""

    def __init__(self, app: ASGIApp, rate: RateLimit, header: str | None) -> None:
        """Wrap an application."""
        self._app = app
        self._header = header
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or say when to come back."""
        counts = scope["type"] == "http" and not scope["path"].startswith(_UNCOUNTED)
        if counts and (wait := self._rate.wait(client_of(scope, self._header))):
            error = TooManyRequests(f"More than {self._rate} came from you.", f"Wait {wait} seconds.")
            response = problems.problem_response(Request(scope), error, {"Retry-After": str(wait)})
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)
