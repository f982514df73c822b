"""Fetching of JSON-LD contexts from the hosts that the operator allows.

Contexts are fetched over https only, within limits of size and time, without following redirects. The host name is
resolved once; its addresses must be public, and the connection uses the resolved address (no DNS rebinding). A private
address is accepted only if the setting contains that address itself.
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
from mastery_graph.languages import Message

MAX_BYTES = 1_000_000
"""The limit on the size of a context, in bytes."""
TIMEOUT_SECONDS = 5.0
"""The limit on the time to fetch a context."""


def fetch_context(address: str, hosts: Collection[str]) -> object:
    """Return the context at an address whose host (with its port, where it has one) is among `hosts`.

    Raises `ContextRefused` with the reason.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise _refusal(address, "it is no address") from None
    host = url.host if url.port is None else f"{url.host}:{url.port}"
    if host not in hosts:
        raise _refusal(address, f"its host {host or '(none)'} is not among MASTERY_CONTEXT_HOSTS")
    if url.scheme != "https":
        raise _refusal(address, "it is not https")
    return _download(address, _resolve_host(url, address))


def _resolve_host(url: httpx.URL, address: str) -> str:
    """Return the IP address to connect to. Raises `ContextRefused` for a private one."""
    try:
        entries = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refusal(address, "its host is not found") from None
    ip = str(entries[0][4][0])
    is_literal = url.host in {"localhost", *(str(entry[4][0]) for entry in entries)}
    if not is_literal and not all(ipaddress.ip_address(entry[4][0]).is_global for entry in entries):
        raise _refusal(address, "its host leads to a private address")
    return ip


@lru_cache(maxsize=64)
def _download(address: str, ip: str) -> object:
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
                raise _refusal(address, f"the host answered {response.status_code}; redirects are not followed")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise _refusal(address, f"it has more than {MAX_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise _refusal(address, f"it took more than {TIMEOUT_SECONDS:g} seconds")
        document: Any = json.loads(content)
        return document["@context"]
    except httpx.HTTPError as error:
        raise _refusal(address, f"it could not be fetched ({type(error).__name__})") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _refusal(address, "what is there is no JSON-LD context") from None


def _refusal(address: str, reason: str) -> ContextRefused:
    return ContextRefused(
        Message("The context {address} is not read: {reason}.", address=address, reason=reason),
        Message("Write the context into the document."),
    )
