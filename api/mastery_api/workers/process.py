"""One process that works out answers: it holds the application, and answers one request at a time until it is ended."""

import asyncio
import multiprocessing
import os
import resource
import signal
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import structlog
from fastapi import FastAPI
from starlette.types import Message

from mastery_api.application import application
from mastery_api.middleware.request_log import route_template, unexpected_error_response
from mastery_graph import logs
from mastery_graph.settings import Settings
from mastery_graph.store.worker import apply_limits, exit_with_parent

_NO_MEMORY: Final = 77
"""The exit code of a process that has reached its limit of memory."""

OUT_OF_MEMORY: Final = frozenset({_NO_MEMORY, -signal.SIGABRT})
"""The exit codes of such a process; Rust aborts where it gets no memory."""


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """A request: its id, the part of its ASGI scope that another process can have, and its body."""

    identity: str
    scope: dict[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class WorkerResponse:
    """The whole response, and what is told of it: its route, the kind of its answer, the type of its problem."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    told: dict[str, str]


def initialize_worker(settings: Settings) -> None:
    """Limit the memory that this process takes from now on, and end it with the process that asks."""
    logs.configure_logging(settings.log)
    # The pool ends a process by SIGTERM, and pebble's own handler would wait for the work to come to a stop.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    allowed = settings.query_memory_bytes
    apply_limits(allowed and allowed + _held(), network=True)
    if parent := multiprocessing.parent_process():
        exit_with_parent(parent.sentinel)


def handle_request(settings: Settings, asked: WorkerRequest) -> WorkerResponse:
    """Answer one request; at the limit of memory, end this process."""
    return asyncio.run(_answered(_application(settings), asked))


def _held() -> int:
    """Return the bytes of data that this process has from the start, mostly those of libraries; 0 where none tells."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    except OSError:
        return 0


@cache
def _application(settings: Settings) -> FastAPI:
    return application(settings)


async def _answered(app: FastAPI, asked: WorkerRequest) -> WorkerResponse:
    received = False
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal received
        if received:
            # The client is there until this process is ended.
            await asyncio.Event().wait()
        received = True
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    state: dict[str, Any] = {"request_id": asked.identity}
    scope = {**asked.scope, "state": state}
    try:
        with structlog.contextvars.bound_contextvars(request_id=asked.identity):
            await app(scope, receive, send)
    except MemoryError:
        # What is left of its memory is in pieces: a new process does better.
        os._exit(_NO_MEMORY)
    except Exception as error:
        sent.clear()
        await unexpected_error_response(scope, error)(scope, receive, send)
    first, *rest = sent
    told: dict[str, str] = {"route": route_template(scope)}
    told |= {name: state[name] for name in ("answer", "problem") if name in state}
    return WorkerResponse(
        first["status"], list(first["headers"]), b"".join(piece.get("body", b"") for piece in rest), told
    )
