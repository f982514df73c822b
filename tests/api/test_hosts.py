"""The Host header: HTTP/1.1 needs one (RFC 9112, section 3.2), HTTP/1.0 may have none."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.responses import Response

from mastery_api.middleware.host_validation import HostValidation


@pytest.mark.parametrize(
    ("version", "hosts", "status"),
    [("1.1", [], 400), ("1.1", [b""], 400), ("1.1", [b"a", b"b"], 400), ("1.1", [b"a"], 204), ("1.0", [], 204)],
)
def test_a_request_of_http_1_1_names_one_host(version: str, hosts: list[bytes], status: int) -> None:
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "http_version": version,
        "headers": [(b"host", host) for host in hosts],
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
    }
    asyncio.run(HostValidation(Response(status_code=204))(scope, receive, send))
    assert messages[0]["status"] == status
