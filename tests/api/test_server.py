"""The server as a process: it starts from the built store and answers over a real connection."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mastery_graph.pipeline.build import BuildReport
from tests.store import servers

PAGES = ["/", "/sparql", "/v1/equivalence/levels?level=EQF%205&country=CYP&format=html", "/id/vision/V1"]


@pytest.fixture(scope="module")
def server(built: tuple[Path, BuildReport]) -> Iterator[str]:
    with servers.mastery_graph(built[0]) as serving:
        yield serving.address


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


@pytest.mark.parametrize(
    "path", ["/sparql?query=ASK%20%7B%7D", "/v1/skills", "/", "/static/mark.svg", "/v1/skills/none"]
)
def test_head_gives_the_headers_of_get_and_no_content(server: str, path: str) -> None:
    with httpx.Client(base_url=server) as asking:
        head, get = (asking.request(method, path) for method in ("HEAD", "GET"))
        assert (head.status_code, head.headers["content-type"]) == (get.status_code, get.headers["content-type"])
        assert (head.content, bool(get.content)) == (b"", True)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_drawn_by_a_browser(server: str, path: str, tmp_path: Path) -> None:
    servers.require("chromium", "chromium")
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
    assert '<main id="content"' in done.stdout
    assert "mastery-graph" in done.stdout
    assert "Refused to" not in done.stderr
