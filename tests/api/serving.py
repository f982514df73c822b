"""The server as a process, over a real connection."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.store.servers import free_port

ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE {" + "".join(f"?a{i} ?b{i} ?c{i} . " for i in range(4)) + "}"
"""A query that goes on for longer than any test."""


@contextmanager
def serving(store: Path, port: int | None = None) -> Iterator[str]:
    """Serve a store on loopback and give the address."""
    port = port or free_port()
    program = str(Path(sys.executable).with_name("mastery-graph"))
    process = subprocess.Popen(
        [program, "serve", "--port", str(port), "--store", str(store)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{address}/health/ready").is_success:
                    break
            except httpx.HTTPError:
                time.sleep(0.05)
        else:
            pytest.fail("The server did not come up.")
        yield address
    finally:
        process.terminate()
        process.wait(20)
