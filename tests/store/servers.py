"""Real SPARQL servers on loopback, started for the tests and ended with them."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import httpx
import pytest

from mastery_graph.store.endpoint import Endpoint

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
DirsAllowed = {allowed}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 10000
MaxQueryCostEstimationTime = 400
MaxQueryExecutionTime = 60
"""
"""The limits are those of the file that Virtuoso comes with."""


ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE {" + "".join(f"?a{i} ?b{i} ?c{i} . " for i in range(4)) + "}"
"""A query that goes on for longer than any test, over some hundred statements."""


_POLLING = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0))  # noqa: S501  # loopback
"""A client that asks again and again: a new one reads the certificates of the world each time, for 30 ms."""


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
def oxigraph(
    folder: Path | None = None, port: int | None = None, seconds: int | None = 30, options: tuple[str, ...] = ()
) -> Iterator[Endpoint]:
    """Oxigraph's server: in memory or in a folder, on a free port or on that one, with a time limit of its own."""
    port = port or free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    location = ["--location", str(folder)] if folder else []
    limit = ["--timeout-s", str(seconds)] if seconds else []
    command = [program, "serve", *location, "--bind", f"127.0.0.1:{port}", *limit, *options]
    with _running(command):
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: _POLLING.get(f"{base}/query", params={"query": "ASK {}"}).is_success)
        yield Endpoint(query=f"{base}/query", update=f"{base}/update")


@contextmanager
def virtuoso(folder: Path, port: int | None = None) -> Iterator[Endpoint]:
    """Virtuoso 7 with its database in a folder, on a free port or on that one."""
    with _virtuoso(folder, free_port(), port or free_port()) as endpoint:
        yield endpoint


@contextmanager
def bulk_loaded_virtuoso(folder: Path, dump: Path) -> Iterator[Endpoint]:
    """Virtuoso 7 with the N-Quads of a folder, loaded as the documentation says, and started again since."""
    sql = free_port()
    with _virtuoso(folder, sql, free_port(), dump):
        commands = f"ld_dir('{dump}', '*.nq', 'urn:unnamed'); rdf_loader_run(); checkpoint; shutdown;"
        subprocess.run(
            ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={commands}"], check=True, capture_output=True
        )
        until(lambda: not (folder / "virtuoso.lck").exists())
    with _virtuoso(folder, free_port(), free_port()) as endpoint:
        yield endpoint


@contextmanager
def _virtuoso(folder: Path, sql: int, port: int, allowed: Path | None = None) -> Iterator[Endpoint]:
    """Virtuoso on these ports; its loader may read the folder `allowed`."""
    require("virtuoso-t", "virtuoso-opensource-7-bin")
    settings = folder / "virtuoso.ini"
    content = _VIRTUOSO.format(folder=folder, sql=sql, http=port, allowed=allowed or folder)
    settings.write_text(content, encoding="utf-8")
    with _running(["virtuoso-t", "+foreground", "+configfile", str(settings)]):
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: _POLLING.get(f"{base}/sparql", params={"query": "ASK {}"}).is_success)
        yield Endpoint(
            query=f"{base}/sparql",
            update=f"{base}/sparql-auth",
            graph_store=f"{base}/sparql-graph-crud-auth",
            user="dba",
            password="dba",
            authentication="digest",
        )


@contextmanager
def mastery_graph(
    store: Path | None = None,
    log: Path | None = None,
    environment: dict[str, str] | None = None,
    within: Sequence[str] = (),
    **settings: object,
) -> Iterator["Serving"]:
    """Our own server as a process, over a store or over the endpoint that the settings name.

    What it says goes to the file `log`, where one is given. `within` is a command that runs it, such as a sandbox.
    """
    port = free_port()
    command = [*within, str(Path(sys.executable).with_name("mastery-graph")), "serve", "--port", str(port)]
    if store:
        command += ["--store", str(store)]
    told = {f"MASTERY_{name.upper()}": str(value) for name, value in settings.items() if value is not None}
    with _running(command, {**told, **(environment or {})}, log) as process:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _POLLING.get(f"{address}/health/live").is_success)
        yield Serving(address, process.pid)


@dataclass(frozen=True)
class Serving:
    address: str
    pid: int

    def client(self) -> httpx.Client:
        """A client of this server, which keeps no cookie and has the patience that a busy machine asks for."""
        client = httpx.Client(base_url=self.address, follow_redirects=True, timeout=60, verify=False)  # noqa: S501  # loopback
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return client

    def connect(self, timeout: float | None = None) -> socket.socket:
        """Open a connection, for what no client of HTTP would send."""
        return socket.create_connection(("127.0.0.1", int(self.address.rpartition(":")[2])), timeout)

    def answers(self, path: str) -> bool:
        """Whether it takes a connection, and answers well."""
        with contextlib.suppress(httpx.TransportError):
            return _POLLING.get(f"{self.address}{path}").is_success
        return False

    def family(self) -> list[int]:
        """All processes of the server, those that work for it included."""
        found = [self.pid]
        for one in found:
            found += children(one)
        return found

    def query_workers(self) -> list[int]:
        """The processes that answer queries, of all processes of the server."""
        return [one for one in self.family() if b"mastery_graph.store.worker" in _command(one)]

    def answer_workers(self) -> set[int]:
        """The processes that work out answers, of all processes of the server."""
        forked = {one for one in self.family() if b"multiprocessing.forkserver" in _command(one)}
        return forked & {child for one in forked for child in children(one)}

    def server_workers(self) -> set[int]:
        """The processes that serve, where several do."""
        return {one for one in children(self.pid) if b"multiprocessing.spawn" in _command(one)}

    def processes(self) -> list[int]:
        """The processes of the server that are not query workers."""
        workers = self.query_workers()
        return [child for child in [self.pid, *children(self.pid)] if child not in workers]


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@contextmanager
def _running(
    command: list[str], environment: dict[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    with (log or Path(os.devnull)).open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **(environment or {})})
    try:
        yield process
    finally:
        if command[1] == "serve" and "mastery-graph" in command[0]:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        process.kill()
        process.wait()


def wait_for(up: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if up():
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    pytest.fail(f"The server did not come up in {seconds} seconds.")


def until(true: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until something is true; return whether it has become so."""
    deadline = time.monotonic() + seconds
    while not (met := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False
