"""Validation over HTTP: one document or several, in the format and the language that the client wants."""

import io
import json
import zipfile

import httpx
import pytest

from tests.validation.described import base, changed

TITLELESS = changed(base("bare"), [{"remove": "/title"}])
LD = {"Content-Type": "application/ld+json"}


@pytest.mark.parametrize(
    ("accept", "kind", "words"),
    [
        ("application/json", "application/json", '"conforms":false'),
        ("text/turtle", "text/turtle", "sh:ValidationReport"),
        ("application/sarif+json", "application/sarif+json", '"2.1.0"'),
        ("text/csv", "text/csv", "Severity"),
        ("text/html", "text/html", "The micro-credential has no title."),
        ("text/plain", "text/plain", "The micro-credential has no title."),
    ],
)
def test_the_client_has_the_format_that_it_wants(client: httpx.Client, accept: str, kind: str, words: str) -> None:
    answer = client.post("/v1/validation", content=json.dumps(TITLELESS), headers={**LD, "Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert words in answer.text
    assert "Accept-Language" in answer.headers["vary"]


def test_the_language_is_that_of_the_request(client: httpx.Client) -> None:
    content = json.dumps(TITLELESS)
    answer = client.post("/v1/validation", content=content, headers={**LD, "Accept-Language": "bg, en;q=0.5"})
    assert answer.json()["findings"][0]["message"] == "Микроудостоверението няма наименование."
    named = client.post("/v1/validation?lang=it&format=text", content=content, headers=LD)
    assert "La microcredenziale non ha un titolo." in named.text
    assert named.headers["content-language"] == "it"
    assert client.post("/v1/validation?lang=tlh", content=content, headers=LD).status_code == 400
    assert client.post("/v1/validation?format=yaml", content=content, headers=LD).status_code == 400


def test_several_documents_have_a_list_of_reports(client: httpx.Client) -> None:
    content = json.dumps([base("bare"), TITLELESS, {"no": "context"}])
    answer = client.post("/v1/validation", content=content, headers={"Content-Type": "application/json"})
    assert [one.get("conforms") for one in answer.json()] == [True, False, None]
    assert "error" in answer.json()[2]


def test_why_one_of_several_is_not_read_is_told_in_the_language_of_the_report(client: httpx.Client) -> None:
    lines = {"Content-Type": "application/x-ndjson"}
    answer = client.post("/v1/validation?lang=fi", content='{"a" 1}\n{"b": 2}\n', headers=lines)
    assert "kaksoispiste puuttuu" in answer.json()[0]["error"]


def archive(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as target:
        for name, content in files.items():
            target.writestr(name.replace("_", "."), content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (archive(), "application/zip"),
        (archive(a_png=b"-", b_svg=b"-"), "application/zip"),
        (b"[]", "application/json"),
    ],
)
def test_a_request_without_a_document_is_a_problem(content: bytes, media_type: str, client: httpx.Client) -> None:
    for accept in ("application/json", "application/sarif+json", "text/csv"):
        answer = client.post("/v1/validation", content=content, headers={"Content-Type": media_type, "Accept": accept})
        assert answer.status_code == 422, answer.text
        assert answer.json()["type"].endswith("nothing-to-check")
    assert b"a.png" not in content or answer.json()["skipped"] == ["a.png", "b.svg"]


def test_skipped_files_of_an_archive_are_named_beside_the_reports(client: httpx.Client) -> None:
    content = archive(a_png=b"-", waste_jsonld=json.dumps(base("bare")).encode())
    sent = {"Content-Type": "application/zip"}
    first, second = client.post("/v1/validation", content=content, headers=sent).json()
    assert (first["conforms"], second["file"], "skipped" in second) == (True, "a.png", True)
    for accept in ("text/html", "text/plain"):
        assert "a.png" in client.post("/v1/validation", content=content, headers=sent | {"Accept": accept}).text
