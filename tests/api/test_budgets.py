"""Budgets of request bodies: what all of them take together is bounded, and unauthorized ones are not read."""

import asyncio
import threading
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.requests import Request

from mastery_api.authorization import require_token
from mastery_api.middleware.body_budget import BodyBudget
from mastery_api.middleware.body_limits import BodyLimits
from mastery_api.sparql.protocol import MAX_QUERY_BYTES, parse_request
from mastery_api.writer_threads import run_in_writer_thread
from mastery_graph.errors import DocumentTooLarge, TokenRefused
from mastery_graph.settings import Settings
from mastery_graph.tokens import Token, digest

Message = MutableMapping[str, Any]


class Sender:
    """A client that sends a body of a length in two parts, and the answer that it gets."""

    def __init__(self, client: str, size: int) -> None:
        headers = [(b"content-length", str(size).encode())]
        self.scope = {"type": "http", "path": "/", "headers": headers, "client": (client, 40000)}
        self._parts = [size // 2, size - size // 2]
        self.parts_read = 0
        self.proceed = asyncio.Event()

    async def receive(self) -> Message:
        """Give the first part at once, and the second when told to."""
        if self.parts_read:
            await self.proceed.wait()
        self.parts_read += 1
        return {
            "type": "http.request",
            "body": b"a" * self._parts[self.parts_read - 1],
            "more_body": self.parts_read < 2,
        }

    async def send(self, message: Message) -> None:
        """Take the answer."""


async def _read_all(_: Message, receive: Any, send: Any) -> None:
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_body_is_not_read_before_there_is_room_for_it() -> None:
    async def crowd() -> None:
        app = BodyLimits(_read_all, 60, BodyBudget(4_000_000))
        senders = [Sender("a", 600_000), Sender("a", 600_000), Sender("b", 600_000)]
        tasks = [asyncio.ensure_future(app(each.scope, each.receive, each.send)) for each in senders]
        await _settle()
        assert [each.parts_read for each in senders] == [1, 0, 1], "the second is over a quarter of the budget"
        senders[0].proceed.set()
        await tasks[0]
        await _settle()
        assert senders[1].parts_read == 1
        for each in senders:
            each.proceed.set()
        await asyncio.gather(*tasks)

    asyncio.run(crowd())


def test_all_bodies_together_are_bounded() -> None:
    async def crowd() -> None:
        app = BodyLimits(_read_all, 60, BodyBudget(4_000_000))
        senders = [Sender(f"198.51.100.{number}", 900_000) for number in range(6)]
        tasks = [asyncio.ensure_future(app(each.scope, each.receive, each.send)) for each in senders]
        await _settle()
        assert sum(each.parts_read for each in senders) == 4
        for task in tasks[:4]:
            task.cancel()
        await asyncio.gather(*tasks[:4], return_exceptions=True)
        await _settle()
        assert all(each.parts_read for each in senders[4:]), "what a client leaves behind is given back"
        for each in senders:
            each.proceed.set()
        await asyncio.gather(*tasks[4:])

    asyncio.run(crowd())


def test_slow_changes_leave_the_threads_of_reads_free() -> None:
    finish = threading.Event()

    async def crowd() -> None:
        changes = [asyncio.ensure_future(run_in_writer_thread(finish.wait)) for _ in range(40)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(asyncio.to_thread(sum, (1, 2)), 60) == 3
        finish.set()
        await asyncio.gather(*changes)

    asyncio.run(crowd())


def _request(size: int, *authorizations: bytes) -> Request:
    async def receive() -> Message:
        raise AssertionError("The body was read.")

    headers = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", str(size).encode()),
        *((b"authorization", value) for value in authorizations),
    ]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}, receive)


def test_a_form_without_a_token_has_the_limit_of_a_query() -> None:
    settings = Settings(tokens=(Token(digest("secret")),))
    request = _request(MAX_QUERY_BYTES + 1)
    with pytest.raises(DocumentTooLarge):
        asyncio.run(parse_request(request, 100_000_000, lambda: require_token(request, settings, "update")))
    request = _request(MAX_QUERY_BYTES + 1, b"Bearer secret")
    with pytest.raises(AssertionError, match="was read"):
        asyncio.run(parse_request(request, 100_000_000, lambda: require_token(request, settings, "update")))


def test_two_authorizations_are_none() -> None:
    settings = Settings(tokens=(Token(digest("secret")),))
    require_token(_request(0, b"Bearer secret"), settings, "update")
    with pytest.raises(TokenRefused):
        require_token(_request(0, b"Bearer secret", b"Bearer other"), settings, "update")
