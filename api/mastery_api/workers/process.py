"""A worker process that holds the application and answers one request at a time."""

import asyncio
import multiprocessing
import os
import pickle
import resource
import signal
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import structlog
from fastapi import FastAPI
from starlette.types import Message

from mastery_api.application import build_application
from mastery_api.middleware.request_log import route_template, unexpected_error_response
from mastery_graph import logs
from mastery_graph.settings import Settings
from mastery_graph.store.worker import apply_limits, end_with_parent, exit_with_parent

_EXIT_OUT_OF_MEMORY: Final = 77
"""Exit code of a process that has reached its memory limit."""

OUT_OF_MEMORY: Final = frozenset({_EXIT_OUT_OF_MEMORY, -signal.SIGABRT})
"""Exit codes of a process out of memory; Rust aborts if an allocation fails."""


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """A request to a worker: its id, the picklable part of its ASGI scope, and its body."""

    request_id: str
    scope: dict[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class WorkerResponse:
    """The whole response, with the log fields: its route, the kind of its answer, the type of its problem."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    log_fields: dict[str, str]


def run_worker(connection: "Connection[Any, Any]", settings: Settings) -> None:
    """Answer requests until the connection closes: a message when ready for it, and the response.

    Exits at the memory limit, also if a response cannot be sent for want of memory.
    """
    _initialize(settings)
    with suppress(EOFError):
        while True:
            request = connection.recv()
            try:
                app = _application(settings)
                connection.send_bytes(b"")
                connection.send_bytes(pickle.dumps(asyncio.run(_respond(app, request))))
            except (MemoryError, pickle.PicklingError):
                # The remaining memory is fragmented: start afresh in a new process.
                os._exit(_EXIT_OUT_OF_MEMORY)


def _initialize(settings: Settings) -> None:
    """Limit the memory of this process, and end it together with its parent."""
    logs.configure_logging(settings.log)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    max_bytes = settings.worker_bytes
    apply_limits(max_bytes and max_bytes + _used_memory(), network=True)
    if parent := multiprocessing.parent_process():
        exit_with_parent(parent.sentinel)
    end_with_parent()


def _used_memory() -> int:
    """Return the bytes of data memory in use at the start, mostly of libraries; 0 if the system does not report it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    except OSError:
        return 0


@cache
def _application(settings: Settings) -> FastAPI:
    return build_application(settings)


async def _respond(app: FastAPI, request: WorkerRequest) -> WorkerResponse:
    received = False
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal received
        if received:
            # The parent kills this process if the client disconnects.
            await asyncio.Event().wait()
        received = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    state: dict[str, Any] = {"request_id": request.request_id}
    scope = {**request.scope, "state": state}
    try:
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):
            await app(scope, receive, send)
    except MemoryError:
        raise
    except Exception as error:
        sent.clear()
        await unexpected_error_response(scope, error)(scope, receive, send)
    first, *rest = sent
    log_fields: dict[str, str] = {"route": route_template(scope)}
    log_fields |= {name: state[name] for name in ("answer", "problem") if name in state}
    return WorkerResponse(
        first["status"], list(first["headers"]), b"".join(message.get("body", b"") for message in rest), log_fields
    )
