"""The HTTP server of the application: one process, or several under a supervisor."""

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
from mastery_graph.machine import limit_data
from mastery_graph.settings import Settings

_METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_HEALTHCHECK_SECONDS: Final = 10
"""A server process that does not respond for this long is replaced."""


def serve_on(host: str, port: int, settings: Settings) -> None:
    """Serve on this address until a signal arrives; running requests are finished."""
    logs.configure_logging(settings.log)
    if settings.server_bytes:
        limit_data(settings.server_bytes)
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
        timeout_worker_healthcheck=_HEALTHCHECK_SECONDS,
    )
    if settings.server_workers == 1:
        Server(config).run()
        return
    with ExitStack() as exit_stack:
        if settings.metrics and _METRICS_FOLDER not in os.environ:
            os.environ[_METRICS_FOLDER] = exit_stack.enter_context(TemporaryDirectory(prefix="mastery-graph-metrics-"))
        supervise(config)


def supervise(config: Config) -> None:
    """Run several server processes, each on its own socket, until a signal arrives.

    Raises `SystemExit` if one of them cannot start; that process has logged the reason.
    """
    supervisor = Multiprocess(config, sockets=None)  # type: ignore[arg-type]  # without sockets, each process opens its own
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise SystemExit(STARTUP_FAILURE)


class _PortSharingLoop(uvloop.Loop):
    """Shares a port with other processes; with one common socket, the first could accept all connections of a burst."""

    async def create_server(self, *args: Any, **kwargs: Any) -> AbstractServer:  # type: ignore[override]  # any signature
        """Create the server on a socket of its own."""
        return await super().create_server(*args, **kwargs, reuse_port=True)


def event_loop() -> uvloop.Loop:
    """Return the event loop of a server process.

    uvicorn raises the signal that stopped it once more, which would skip the cleanup of Python: ignore it. A process
    under a supervisor exits together with it, however that exits.
    """
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: None)
    for signal_number in (signal.SIGHUP, signal.SIGUSR1):
        # Their default would end the process at once, with the requests that it is answering.
        signal.signal(signal_number, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()
    return _PortSharingLoop()


def _exit_after(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
