"""The documentation site as the service serves it, built or not."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from mastery_api.application import build_application
from mastery_api.html.rendering import CONTENT_SECURITY_POLICY
from mastery_api.pages import documentation
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.settings import Settings


@pytest.fixture
def built_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small site in the place of the real one."""
    folder = tmp_path / "site"
    (folder / "http").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Start</h1>", encoding="utf-8")
    (folder / "http" / "index.html").write_text("<h1>HTTP</h1>", encoding="utf-8")
    (folder / "404.html").write_text("<h1>Not here</h1>", encoding="utf-8")
    monkeypatch.setattr(documentation, "FOLDER", folder)
    return folder


@pytest.fixture
def browse(built: tuple[Path, BuildReport]) -> Iterator[httpx.Client]:
    """A client of the application, whose documentation is in the folder of that moment."""
    with TestClient(build_application(Settings(store=built[0])), follow_redirects=False) as client:
        yield client


@pytest.mark.usefixtures("built_site")
def test_docs_leads_to_the_start_page_of_the_site(browse: httpx.Client) -> None:
    answer = browse.get("/docs")
    assert (answer.status_code, answer.headers["location"]) == (308, "/docs/")
    assert browse.get("/docs/").text == "<h1>Start</h1>"


@pytest.mark.usefixtures("built_site")
def test_the_http_reference_is_at_its_own_path(browse: httpx.Client) -> None:
    assert browse.get("/docs/http/").text == "<h1>HTTP</h1>"


@pytest.mark.usefixtures("built_site")
def test_a_page_that_the_site_does_not_have_is_its_own_404(browse: httpx.Client) -> None:
    answer = browse.get("/docs/nothing/")
    assert (answer.status_code, answer.text) == (404, "<h1>Not here</h1>")


@pytest.mark.usefixtures("built_site")
@pytest.mark.parametrize("path", ["/docs/..%2fapplication.py", "/docs/%2e%2e/application.py", "/docs//etc/passwd"])
def test_nothing_outside_the_site_is_served(browse: httpx.Client, path: str) -> None:
    answer = browse.get(path)
    assert answer.status_code == 404
    assert "build_application" not in answer.text
    assert "root:" not in answer.text


def test_without_the_site_its_place_states_how_to_build_it(
    browse: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documentation, "FOLDER", tmp_path / "nothing")
    answer = browse.get("/docs/", headers={"Accept-Language": "fi"})
    assert answer.status_code == 404
    assert answer.text.count("make docs") == 1
    assert 'lang="fi"' in answer.text


def test_the_server_sends_the_site_with_its_security_headers(client: httpx.Client) -> None:
    answer = client.get("/docs/")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith(CONTENT_SECURITY_POLICY)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
