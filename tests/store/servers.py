"""Real SPARQL servers on loopback, started for the tests and ended with them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mastery_graph.store.remote import Endpoint

_VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
[SPARQL]
MaxQueryExecutionTime = 60
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def require(program: str, package: str) -> None:
    """Skip where a program of the system is missing; with CI=true that is a failure."""
    if shutil.which(program) is None:
        reason = f"{program} is missing: apt-get install --no-install-recommends {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def oxigraph() -> Iterator[Endpoint]:
    port = free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    with _running([program, "serve", "--bind", f"127.0.0.1:{port}", "--timeout-s", "30"]):
        base = f"http://127.0.0.1:{port}"
        _await(lambda: httpx.get(f"{base}/query", params={"query": "ASK {}"}).is_success)
        yield Endpoint(query=f"{base}/query", update=f"{base}/update")


@contextmanager
def virtuoso(folder: Path) -> Iterator[Endpoint]:
    require("virtuoso-t", "virtuoso-opensource-7-bin")
    http = free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(_VIRTUOSO.format(folder=folder, sql=free_port(), http=http), encoding="utf-8")
    with _running(["virtuoso-t", "+foreground", "+configfile", str(settings)]):
        base = f"http://127.0.0.1:{http}"
        _await(lambda: httpx.get(f"{base}/sparql", params={"query": "ASK {}"}).is_success)
        yield Endpoint(
            query=f"{base}/sparql",
            graph_store=f"{base}/sparql-graph-crud-auth",
            user="dba",
            password="dba",
            authentication="digest",
        )


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _await(up: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if up():
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    pytest.fail(f"The server did not come up in {seconds} seconds.")
