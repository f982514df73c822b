"""Documents of one's own: they can be taken out again, never beat a choice made later, and leave no dead link."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import SCRIPTED, WEB, Open
from tests.conftest import DESCRIPTION

TARGET = f"{DESCRIPTION}green-site-technician-irl"
STACK = f"/stack?credential={DESCRIPTION}energy-audit-irl&target={TARGET}"
EXAMPLE = WEB / "static" / "example.jsonld"
BROKEN = FilePayload(name="broken.json", mimeType="application/json", buffer=b"{")


def send(page: Page, file: Path | FilePayload, scripted: bool) -> None:
    """Choose a file; without scripts, send it."""
    page.locator("#file").set_input_files(file if isinstance(file, Path) else [file])
    if not scripted:
        page.get_by_role("button", name="Show").click()
    page.locator("textarea[name=document]").last.wait_for(state="attached")


@pytest.mark.parametrize("scripted", SCRIPTED)
@pytest.mark.parametrize("path", [STACK, f"/recognition?credential={DESCRIPTION}energy-saving-deu&country=FIN"])
def test_a_document_that_cannot_be_read_is_removed_and_the_rest_answers(
    page_at: Open, path: str, scripted: bool
) -> None:
    page = page_at(path, java_script_enabled=scripted)
    send(page, BROKEN, scripted)
    page.get_by_role("alert").filter(has_text="broken.json").wait_for()
    page.get_by_role("button", name="Remove broken.json").press("Enter")
    page.get_by_role("alert").wait_for(state="detached")
    assert page.get_by_text("broken.json").count() == 0
    assert page.locator("textarea[name=document]").count() == 0
    if "/stack" in path:
        page.locator(".verdict").wait_for()


@pytest.mark.usefixtures("scripts")
def test_one_of_several_documents_is_removed(page_at: Open) -> None:
    page = page_at(STACK)
    for name in ("first.jsonld", "second.jsonld"):
        content = EXAMPLE.read_bytes().replace(b"example-1", name.encode())
        send(page, FilePayload(name=name, mimeType="application/json", buffer=content), scripted=True)
        page.get_by_role("button", name=f"Remove {name}").wait_for()
    page.get_by_role("button", name="Remove first.jsonld").click()
    page.get_by_role("button", name="Remove first.jsonld").wait_for(state="detached")
    assert page.locator("#documents summary").all_inner_texts() == ["second.jsonld"]
    assert page.evaluate("document.activeElement !== document.body")


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_the_last_choice_is_the_subject_of_a_recognition(page_at: Open, scripted: bool) -> None:
    page = page_at(f"/recognition?credential={DESCRIPTION}energy-saving-deu&country=FIN", java_script_enabled=scripted)
    catalogue = page.get_by_label("Credential", exact=True)
    title = catalogue.locator("option:checked").inner_text()
    expect(page.locator("#result .subject")).to_have_text(title)
    send(page, EXAMPLE, scripted)
    expect(page.locator("#result .subject")).to_have_text("Waste prevention on site")
    expect(catalogue).to_have_value("")
    catalogue.select_option(f"{DESCRIPTION}energy-saving-deu")
    if not scripted:
        page.get_by_role("button", name="Show").click()
    expect(page.locator("#result .subject")).to_have_text(title)
    if scripted:
        catalogue.blur()
        page.get_by_label("Purpose").select_option("training")
    expect(page.locator("textarea[name=document]")).to_have_count(0)


@pytest.mark.parametrize("scripted", SCRIPTED)
@pytest.mark.parametrize("path", [STACK, "/recognition?country=FIN"])
def test_an_answer_about_a_document_has_no_dead_link_and_can_be_kept(page_at: Open, path: str, scripted: bool) -> None:
    page = page_at(path, java_script_enabled=scripted)
    send(page, EXAMPLE, scripted)
    page.get_by_text("This answer has no permanent link").wait_for()
    assert page.locator("a[rel=bookmark]").count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the answer").click()
    answer = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert answer["verdict"]
    assert answer["id"] in page.locator(".permalink").inner_text()
    assert page.locator(".verdict").is_visible()


@pytest.mark.parametrize(
    "path", [STACK, f"/recognition?credential={DESCRIPTION}energy-saving-deu&country=FIN", "/levels"]
)
def test_a_permanent_link_leads_to_the_answer(page_at: Open, path: str) -> None:
    page = page_at(path, java_script_enabled=False)
    page.locator("a[rel=bookmark]").click()
    assert page.get_by_role("alert").count() == 0
    assert page.locator("h1").inner_text() != "That did not work"


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("path", [STACK, "/recognition?country=FIN"])
def test_a_document_outlives_a_change_of_the_language(page_at: Open, path: str) -> None:
    page = page_at(path)
    send(page, EXAMPLE, scripted=True)
    page.locator(".verdict").wait_for()
    page.get_by_role("link", name="Suomi").click()
    page.locator("html[lang=fi]").wait_for()
    page.locator("#documents summary", has_text="example.jsonld").wait_for()
    page.locator(".verdict").wait_for()
    assert "Example Training Centre" in page.locator("textarea[name=document]").input_value()
