"""Texts and IRIs made to run in a browser, and headers made to deceive a cache."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from mastery_graph.pipeline.build import BuildReport
from tests.conftest import DESCRIPTION
from tests.store import servers

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
JAVASCRIPT = "javascript:alert(1)"
CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
CREDENTIAL = {
    "@context": CONTEXT,
    "id": JAVASCRIPT,
    "type": "Qualification",
    "title": {"en": SCRIPT},
    "learningOutcome": [{"id": "javascript:alert(2)", "type": "LearningOutcome", "title": {"en": SCRIPT}}],
    "homepage": [{"id": "javascript:alert(3)", "type": "WebResource", "contentURL": "javascript:alert(4)"}],
    "eqfLevel": {"id": "javascript:alert(5)", "type": "Concept", "prefLabel": {"en": SCRIPT}},
}
ELSEWHERE = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "Forwarded": "host=evil.example;proto=gopher",
}


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "script" and not (said.get("src") or "").startswith("/static/built/"):
            self.runs.append(f"{tag} {said}")
        for name, value in attrs:
            begins = (value or "").strip().lower()
            if name.startswith("on") or (
                begins.startswith(("javascript:", "data:text", "vbscript:")) and name != "value"
            ):
                self.runs.append(f"{tag} {name}={value}")


def _runs(text: str) -> list[str]:
    """What of a page would run."""
    return _Page(text).runs


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/check", {"data": {"document": json.dumps(CREDENTIAL)}}),
        ("/check", {"data": {"document": "{" + SCRIPT, "name": SCRIPT}}),
        ("/recognition", {"data": {"document": json.dumps(CREDENTIAL), "country": "FIN"}}),
        ("/stack", {"data": {"document": json.dumps(CREDENTIAL), "target": f"{DESCRIPTION}green-site-technician-irl"}}),
        ("/v1/validation", {"json": CREDENTIAL}),
        ("/v1/recognition", {"json": {"credential": CREDENTIAL, "country": "FIN"}}),
        ("/v1/recognition", {"json": {"credential": SCRIPT, "country": SCRIPT}}),
        ("/v1/profile", {"json": {"credentials": [CREDENTIAL]}}),
        ("/v1/compare", {"json": {"descriptions": [CREDENTIAL, f"{DESCRIPTION}solar-bgr"]}}),
    ],
)
def test_a_hostile_credential_runs_nothing_on_any_page(
    client: httpx.Client, path: str, sent: dict[str, dict[str, str]]
) -> None:
    answer = client.post(path, **sent, headers={"Accept": "text/html"})  # type: ignore[arg-type]  # keyword arguments
    assert answer.status_code < 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "alert(1)" in answer.text
    assert _runs(answer.text) == []
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_check_sees_a_page_that_would_run_something() -> None:
    assert _runs(f"<a href='{JAVASCRIPT}'>") != []
    assert _runs(f"<p>{SCRIPT}</p>") != []


@pytest.mark.parametrize(
    "path",
    [
        "/?q={}",
        "/skills?q={}",
        "/skills/{}",
        "/visions/{}",
        "/levels?level={}",
        "/stack?credential={}",
        "/recognition?credential={}",
        "/sparql?query={}",
        "/resource?uri={}",
        "/v1/answers/{}",
        "/v1/queries/{}",
        "/v1/equivalence/levels?level={}",
        "/nowhere/{}",
        "/ns.{}",
    ],
)
@pytest.mark.parametrize("text", [SCRIPT, JAVASCRIPT])
def test_what_an_address_says_runs_nothing_on_its_page(client: httpx.Client, path: str, text: str) -> None:
    answer = client.get(path.format(quote(text, safe="")), headers={"Accept": "text/html"})
    assert answer.status_code < 500
    assert _runs(answer.text) == []


@pytest.mark.parametrize("accept", ["text/html, */*;q=0.1", "text/csv", "*/*"])
def test_a_result_is_never_taken_for_a_page(client: httpx.Client, accept: str) -> None:
    asked = {"query": f"SELECT ('{SCRIPT.replace(chr(39), '')}' AS ?a) {{}}"}
    answer = client.get("/sparql", params=asked, headers={"Accept": accept})
    assert answer.is_success
    assert not answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-content-type-options"] == "nosniff"


PATHS = ["/", "/sparql", "/v1/dataset", "/reconcile", "/openapi.json", "/id/vision/V1", "/doc/vision/V1.ttl"]


@pytest.mark.parametrize("path", PATHS)
def test_headers_of_a_client_change_no_address_that_is_written(client: httpx.Client, path: str) -> None:
    for accept in ("text/html", "text/turtle", "application/json"):
        asked = {"Accept": accept, "Accept-Encoding": "identity", "X-Request-ID": "the-same"}
        plain = client.get(path, headers=asked, follow_redirects=False)
        told = client.get(path, headers=asked | ELSEWHERE, follow_redirects=False)
        for answer in (plain, told):
            del answer.headers["date"]
        assert (told.status_code, told.headers) == (plain.status_code, plain.headers)
        assert sorted(told.text.splitlines()) == sorted(plain.text.splitlines())


@pytest.fixture(scope="module")
def published(built: tuple[Path, BuildReport]) -> Iterator[httpx.Client]:
    address = "https://graph.example.org"
    with servers.mastery_graph(built[0], public_address=address, kept_answers=0) as serving, serving.client() as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_with_an_address_of_its_own_the_service_writes_no_other(published: httpx.Client, path: str) -> None:
    for accept in ("text/html", "text/turtle", "application/json"):
        answer = published.get(path, headers={"Accept": accept, "Host": "evil.example"}, follow_redirects=False)
        assert "evil.example" not in answer.text + str(answer.headers)
    described = published.get("/sparql", headers={"Accept": "text/turtle", "Host": "evil.example"})
    assert "https://graph.example.org/sparql" in described.text


@pytest.mark.parametrize("host", ["a b", "[", 'evil"><script>', "a/b", "a@b", "a:b", "a:123456", "http://a"])
def test_a_host_that_is_none_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.get("/sparql", params={"query": "ASK {}"}, headers={"Host": host})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "bad-parameter")


@pytest.mark.parametrize(
    "path", ["/id/a%0d%0aX-Evil:1", "/resource?uri=http://a/%0d%0aX-Evil:1", "/ns.ttl%0d%0aX-Evil:1"]
)
def test_a_line_end_in_an_address_adds_no_header(client: httpx.Client, path: str) -> None:
    for accept in ("text/html", "text/turtle"):
        answer = client.get(path, headers={"Accept": accept}, follow_redirects=False)
        assert answer.status_code < 500
        assert "x-evil" not in answer.headers
        assert all("\n" not in value and "\r" not in value for value in answer.headers.values())


@pytest.mark.parametrize("language", ["xx", "è", "\U000ca30c", "en\r\nX-Evil: 1"])
@pytest.mark.parametrize("documents", [b"[{}, {}]", b'[{"": 1}, {}]'])
def test_a_language_that_there_is_not_is_refused_before_any_document_is_read(
    client: httpx.Client, documents: bytes, language: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/validation", params={"lang": language}, content=documents, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "bad-parameter")
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/v1/queries/../../etc/passwd",
        "/v1/queries/..%2f..%2fetc%2fpasswd",
        "/v1/queries/browse%2f..%2f..%2f..%2fpyproject",
        "/graph-store/../../etc/passwd",
        "/doc/..%2f..%2fetc%2fpasswd.ttl",
        "/v1/dataset/graphs/..%2f..%2fetc%2fpasswd.ttl",
        "/id/%00",
        "/v1/queries/%00",
        "/static/%00",
    ],
)
def test_no_path_leads_to_a_file_that_is_not_served(client: httpx.Client, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert 300 <= answer.status_code < 500
    assert "root:" not in answer.text
    assert "[project]" not in answer.text
