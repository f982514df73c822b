"""The HTTP server around the application: one process, or several that another one sees to."""

import multiprocessing
import os
import signal
import threading
from asyncio import AbstractServer
from contextlib import ExitStack
from math import ceil
from multiprocessing.process import BaseProcess
from tempfile import TemporaryDirectory
from typing import Any, Final

import uvloop
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from mastery_graph import logs
from mastery_graph.settings import Settings

_FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
_UNHEARD_SECONDS: Final = 10
"""A server process that says nothing for so long is replaced."""


def serve_on(host: str, port: int, settings: Settings) -> None:
    """Answer there until a signal ends it; what runs then is finished."""
    logs.configure_logging(settings.log)
    config = Config(
        "mastery_api.app:create_app",
        factory=True,
        host=host,
        port=port,
        http="mastery_api.server.http_protocol:LimitedHttpProtocol",
        loop="mastery_graph.cli.server:event_loop",
        ws="none",
        lifespan="on",
        workers=settings.server_workers,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=ceil(settings.head_seconds),
        timeout_worker_healthcheck=_UNHEARD_SECONDS,
    )
    if settings.server_workers == 1:
        Server(config).run()
        return
    with ExitStack() as until_the_end:
        if settings.metrics and _FIGURES not in os.environ:
            os.environ[_FIGURES] = until_the_end.enter_context(TemporaryDirectory(prefix="mastery-graph-metrics-"))
        supervise(config)


def supervise(config: Config) -> None:
    """Have several processes answer, each on a socket of its own, until a signal ends them.

    Raises `SystemExit` where one of them cannot start, which it has said.
    """
    supervisor = Multiprocess(config, sockets=None)  # type: ignore[arg-type]  # a process without one opens its own
    supervisor.run()
    if any(each.exitcode == STARTUP_FAILURE for each in supervisor.processes):
        raise SystemExit(STARTUP_FAILURE)


class _Loop(uvloop.Loop):
    """Shares a port with other processes: of one socket for all, the first could take every connection of a burst."""

    async def create_server(self, *given: Any, **named: Any) -> AbstractServer:  # type: ignore[override]  # any form
        """Return the server of a socket of its own."""
        return await super().create_server(*given, **named, reuse_port=True)


def event_loop() -> uvloop.Loop:
    """Return the event loop of a process that serves.

    uvicorn raises the signal once more that it has ended for, and Python would not get to tidy up: it is let pass.
    A process that another one sees to ends with it, however that ends.
    """
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: None)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    return _Loop()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
