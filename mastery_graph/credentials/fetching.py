"""Fetch a JSON-LD context from a host that the operator has named, and from nowhere else.

Over https only, within limits of size and time, without following redirects. The address is looked up once, must be
public, and is the one connected to: a name that leads into the operator's own network is refused, unless the setting
names that very address.
"""

import ipaddress
import json
import socket
import time
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import httpx

from mastery_graph.errors import ContextRefused

MAX_BYTES = 1_000_000
"""Bytes of a context."""
TIMEOUT_SECONDS = 5.0
"""For a whole context."""


def fetch_context(address: str, hosts: Collection[str]) -> object:
    """Return the context at an address whose host (with its port, where it has one) is among `hosts`.

    Raises `ContextRefused` with the reason.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise _refused(address, "it is no address") from None
    host = url.host if url.port is None else f"{url.host}:{url.port}"
    if host not in hosts:
        raise _refused(address, f"its host {host or '(none)'} is not among MASTERY_CONTEXT_HOSTS")
    if url.scheme != "https":
        raise _refused(address, "it is not https")
    return _context(address, _address(url, address))


def _address(url: httpx.URL, address: str) -> str:
    """Return the IP address to connect to."""
    try:
        found = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refused(address, "its host is not found") from None
    chosen = str(found[0][4][0])
    itself = url.host in {"localhost", *(str(one[4][0]) for one in found)}
    if not itself and not all(ipaddress.ip_address(one[4][0]).is_global for one in found):
        raise _refused(address, "its host leads to a private address")
    return chosen


@lru_cache(maxsize=64)
def _context(address: str, ip: str) -> object:
    url = httpx.URL(address)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client,
            client.stream(
                "GET",
                url.copy_with(host=ip),
                headers={
                    "Host": url.netloc.decode(),
                    "Accept": "application/ld+json, application/json",
                    "Accept-Encoding": "identity",
                },
                extensions={"sni_hostname": url.host},
            ) as response,
        ):
            if response.status_code != 200:
                raise _refused(address, f"the host answered {response.status_code}; redirects are not followed")
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MAX_BYTES:
                    raise _refused(address, f"it has more than {MAX_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise _refused(address, f"it took more than {TIMEOUT_SECONDS:g} seconds")
        document: Any = json.loads(content)
        return document["@context"]
    except httpx.HTTPError as error:
        raise _refused(address, f"it could not be fetched ({type(error).__name__})") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _refused(address, "what is there is no JSON-LD context") from None


def _refused(address: str, reason: str) -> ContextRefused:
    return ContextRefused(f"The context {address} is not read: {reason}.", "Write the context into the document.")
