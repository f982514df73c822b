"""Validation of the `Host` header: if the public address is configured, no client can make responses contain another.

Only `Host` is read, never `Forwarded` or `X-Forwarded-…`, so that a cache in front cannot be poisoned with the
addresses of another site.
"""

import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mastery_api import problems
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Message

_HOST = re.compile(rb"([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


class HostValidation:
    """Rejects an invalid or missing `Host` (RFC 9110, 7.2; RFC 9112, 3.2); replaces a valid one by the public host."""

    def __init__(self, app: ASGIApp, public_address: str | None = None) -> None:
        """Wrap an application with this public address, if one is configured."""
        self.app = app
        self._public = urlsplit(public_address) if public_address else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name == b"host" and value]
            is_missing = not hosts and scope.get("http_version") == "1.1"  # HTTP/1.0 may send none
            if is_missing or len(hosts) > 1 or (hosts and not _HOST.fullmatch(hosts[0])):
                del MutableHeaders(scope=scope)["host"]
                error = BadParameter(
                    Message("The Host header names no host."), Message("Send one host, with its port if it has one.")
                )
                await problems.problem_response(Request(scope), error)(scope, receive, send)
                return
            if self._public:
                MutableHeaders(scope=scope)["host"] = self._public.netloc
                scope["scheme"] = self._public.scheme
        await self.app(scope, receive, send)
