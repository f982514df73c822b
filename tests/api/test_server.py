"""The server as a process: it starts from the built store and answers over a real connection."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mastery_graph.build.pipeline import BuildReport
from tests.store.servers import free_port, require

PAGES = ["/", "/docs", "/sparql", "/v1/equivalence/levels?level=EQF%205&country=CYP&format=html", "/id/vision/V1"]


@pytest.fixture(scope="module")
def server(built: tuple[Path, BuildReport]) -> Iterator[str]:
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("mastery-graph")),
        "serve",
        "--port",
        str(port),
        "--store",
        str(built[0]),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
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


def test_a_large_result_comes_whole(server: str) -> None:
    query = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
    answer = httpx.post(f"{server}/sparql", data={"query": query}, headers={"Accept": "text/csv"}, timeout=60)
    count = httpx.get(
        f"{server}/sparql",
        params={"query": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"},
        headers={"Accept": "text/tab-separated-values"},
    )
    assert answer.text.count("\r\n") > 30_000
    assert int(count.text.splitlines()[1]) > 30_000


def test_head_gives_headers_only(server: str) -> None:
    answer = httpx.head(f"{server}/sparql", params={"query": "ASK {}"})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_drawn_by_a_browser(server: str, path: str, tmp_path: Path) -> None:
    require("chromium", "chromium")
    done = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}",
            "--dump-dom",
            server + path,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert '<main id="content">' in done.stdout
    assert "mastery-graph" in done.stdout
    assert "Refused to" not in done.stderr
