"""Documents sent with the forms of the pages: what cannot be read is told by its name, and loses nothing else."""

import html
import io
import json
import re
import zipfile
from pathlib import Path

import httpx
import pytest

from mastery_api.html.web_folder import web_folder
from mastery_api.pages.choices import statement_bodies
from mastery_graph.pipeline.build import replace_graph
from mastery_graph.sources.recognition_statements import COLUMNS, read_recognition_statements
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph
from tests.conftest import DESCRIPTION

EXAMPLE = (web_folder() / "static" / "example.jsonld").read_text(encoding="utf-8")
BADGE = Path(__file__).parents[1] / "credentials" / "documents" / "open-badge.json"
CYRILLIC = EXAMPLE.replace("Waste", "Отпадъци")
TARGET = f"{DESCRIPTION}green-site-technician-irl"
PAGES = {"/check": {}, "/stack": {"target": TARGET}, "/recognition": {"country": "FIN", "purpose": "training"}}
UNREADABLE = {
    "cp1251.jsonld": CYRILLIC.encode("cp1251", "replace"),
    "utf16.jsonld": EXAMPLE.encode("utf-16"),
    "utf16be.jsonld": EXAMPLE.encode("utf-16-be"),
    "several.zip": b"PK\x03\x04\x14\x00\x00\x00",
}


def told(answer: httpx.Response) -> str:
    """What the page says went wrong."""
    found = re.search(r'<div class="problem" role="alert">(.*?)</div>', answer.text, re.DOTALL)
    return html.unescape(" ".join(re.sub("<[^>]+>", " ", found[1]).split())) if found else ""


def fields(answer: httpx.Response) -> list[str]:
    """The documents that the page shows again."""
    found = re.findall(r'<textarea[^>]* name="document"[^>]*>\n(.*?)</textarea>', answer.text, re.DOTALL)
    return [html.unescape(each) for each in found if each]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_text_is_told_by_its_name_and_what_was_pasted_stays(
    client: httpx.Client, page: str, name: str
) -> None:
    sent = {**PAGES[page], "document": EXAMPLE}
    answer = client.post(page, data=sent, files={"file": (name, UNREADABLE[name])})
    assert answer.status_code == 422
    assert f"{name} is not a text in UTF-8. Choose a JSON, Turtle or XML file, saved as UTF-8." in told(answer)
    assert fields(answer) == [EXAMPLE]


@pytest.mark.parametrize("page", PAGES)
def test_a_pdf_is_told_for_what_it_is_and_what_was_pasted_stays(client: httpx.Client, page: str) -> None:
    sent = {**PAGES[page], "document": EXAMPLE}
    answer = client.post(page, data=sent, files={"file": ("doc.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")})
    assert answer.status_code == 415
    assert "PDF" in told(answer)
    assert fields(answer) == [EXAMPLE]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told_and_what_was_pasted_stays(client: httpx.Client, page: str, content: bytes) -> None:
    sent = {**PAGES[page], "document": EXAMPLE}
    answer = client.post(page, data=sent, files={"file": ("empty.jsonld", content)})
    assert "empty.jsonld is empty." in told(answer)
    assert fields(answer) == [EXAMPLE]


def test_the_documents_beside_one_that_is_no_text_stay_in_the_stack(client: httpx.Client) -> None:
    files = [("file", ("one.jsonld", EXAMPLE)), ("file", ("bad.jsonld", b"\xff")), ("file", ("two.jsonld", CYRILLIC))]
    answer = client.post("/stack", data={"target": TARGET}, files=files)
    assert "bad.jsonld is not a text" in told(answer)
    assert fields(answer) == [EXAMPLE, CYRILLIC]
    assert re.findall(r'name="name" value="([^"]*)"', answer.text) == ["one.jsonld", "two.jsonld"]


@pytest.mark.parametrize("broken", ["{", '{"@context": "https://nowhere.example/"}'])
@pytest.mark.parametrize("again", [False, True])
def test_a_broken_document_of_a_stack_is_told_by_its_name(client: httpx.Client, broken: str, again: bool) -> None:
    files = [("file", ("one.jsonld", EXAMPLE)), ("file", ("bad.jsonld", broken))]
    if again:
        sent = {"target": TARGET, "document": [EXAMPLE, broken], "name": ["one.jsonld", "bad.jsonld"]}
        answer = client.post("/stack", data=sent)
    else:
        answer = client.post("/stack", data={"target": TARGET}, files=files)
    assert "bad.jsonld: The document" in told(answer)
    assert fields(answer) == [EXAMPLE, broken]


def test_a_document_of_a_stack_is_read_by_the_ending_of_its_name(client: httpx.Client, reference: Path) -> None:
    text = (reference / "credentials" / "loq-sample.xml").read_text(encoding="utf-8-sig")
    answer = client.post("/stack", data={"target": TARGET}, files={"file": ("loq.xml", text)})
    assert "text/turtle" not in told(answer)


def test_the_page_comes_in_place_of_a_report_that_cannot_be_made(client: httpx.Client) -> None:
    answer = client.post("/check", data={"document": '{\n"a" 1}', "name": "mine.json", "download": "json"})
    assert answer.status_code == 422
    assert "line 2" in told(answer)
    assert fields(answer) == ['{\n"a" 1}']
    report = client.post("/check", data={"document": EXAMPLE, "name": "mine.json", "download": "json"})
    assert json.loads(report.text)["findings"]


def test_the_page_tells_the_notes_and_what_was_not_checked(client: httpx.Client) -> None:
    badge = json.loads(BADGE.read_text(encoding="utf-8"))
    badge["credentialSubject"]["achievement"] |= {"creditsAvailable": 5, "tag": ["waste"]}
    report = client.post("/v1/validation", json=badge).json()
    answer = client.post("/check", data={"document": json.dumps(badge)})
    notes = html.unescape(answer.text.partition('<ul id="notes">')[2].partition("</ul>")[0])
    assert len(report["notes"]) > 1
    assert all(note["message"] in notes and note["pointer"] in notes for note in report["notes"])
    assert report["checked"]
    assert all(text in notes for text in (*report["checked"], *report["not_checked"]))
    told = client.post("/check", data={"document": json.dumps(badge)}, headers={"Accept-Language": "it"}).text
    assert all(note["message"] not in told for note in report["notes"])
    assert "tag non ha un corrispondente in ELM" in told


@pytest.mark.parametrize("broken", [False, True])
def test_the_page_tells_whose_seal_it_is_and_what_was_not_checked_of_it(
    client: httpx.Client, reference: Path, broken: bool
) -> None:
    text = (reference / "credentials" / "Sample-MC-Annex1-signed.jsonld").read_text(encoding="utf-8-sig")
    if broken:
        envelope = json.loads(text)
        envelope["signatures"][0]["signature"] = "AAAA" + envelope["signatures"][0]["signature"][4:]
        text = json.dumps(envelope)
    answer = client.post("/check", data={"document": text}, headers={"Accept-Language": "it"})
    seal = html.unescape(answer.text.partition('<dl class="facts" id="seal">')[2].partition("</dl>")[0])
    assert "ORGANIZACION TEST, TEST SEAL" in seal
    assert "2023-09-27" in seal
    assert ("La firma non corrisponde" in seal) is broken
    assert ("gli elenchi di fiducia" in seal) is not broken
    assert ("Non è configurata alcuna ancora di fiducia" in seal) is not broken


def test_an_institution_is_chosen_among_the_bodies_of_the_statements(store: EmbeddedStore, tmp_path: Path) -> None:
    with_statements = MemoryStore.copy_of(store)
    columns = {
        "statement": "https://example.org/statement/1",
        "stated_by": "https://example.org/university",
        "stated_by_name": "Example University",
        "followed_by": "https://example.org/college",
        "accepts": f"{DESCRIPTION}waste-on-site-ita",
        "decision": "accepted",
        "purposes": "academic",
        "in_force_from": "2026-01-01",
        "source": "https://example.org/register",
    }
    file = tmp_path / "statements.csv"
    file.write_text(
        ",".join(COLUMNS) + "\n" + ",".join(columns.get(each, "") for each in COLUMNS) + "\n", encoding="utf-8"
    )
    assert statement_bodies(with_statements) == {}
    replace_graph(with_statements, graph("statements"), read_recognition_statements(file))
    assert list(statement_bodies(with_statements).items()) == [
        ("https://example.org/university", "Example University"),
        ("https://example.org/college", "https://example.org/college"),
    ]
    with_statements.close()


def _archive(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["zip", "jsonl"])
def test_the_page_checks_each_document_of_a_file(client: httpx.Client, kind: str) -> None:
    badge = json.dumps(json.loads(BADGE.read_text(encoding="utf-8")))
    content = (
        _archive(one_json=badge.encode(), two_json=b"{", notes_odt=b"") if kind == "zip" else f"{badge}\n{{\n".encode()
    )
    answer = client.post("/check", files={"file": (f"all.{kind}", content)})
    first, second = ("all.zip/one.json", "all.zip/two.json") if kind == "zip" else ("all.jsonl:1", "all.jsonl:2")
    assert answer.status_code == 200
    assert first in answer.text
    assert second in answer.text
    assert ("all.zip/notes.odt" in answer.text) is (kind == "zip")
    reports = client.post("/check", files={"file": (f"all.{kind}", content)}, data={"download": "json"}).json()
    assert [bool(report.get("findings")) for report in reports][:2] == [True, False]


def test_the_page_says_that_there_is_nothing_to_check_in_an_archive(client: httpx.Client) -> None:
    answer = client.post("/check", files={"file": ("all.zip", _archive(notes_odt=b""))})
    assert answer.status_code == 422
    assert "notes.odt" in told(answer)


def test_the_badge_in_a_picture_is_shown_and_checked(client: httpx.Client) -> None:
    picture = BADGE.with_name("baked-badge.png").read_bytes()
    answer = client.post("/check", files={"file": ("badge.png", picture)})
    assert answer.status_code == 200
    assert "Mend a chair" in fields(answer)[0]


def test_a_file_that_is_not_read_is_named_on_the_page(client: httpx.Client) -> None:
    answer = client.post("/check", files={"file": ("course.pdf", b"%PDF-1.7\n")})
    assert "a PDF document" in told(answer)
