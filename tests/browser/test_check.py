"""Check a credential: a person pastes, drops or uploads a description and mends it while typing."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SCRIPTED, WEB, Open

EXAMPLE = WEB / "static" / "example.jsonld"


def pasted(page: Page, text: str) -> None:
    page.get_by_label("Description").fill(text)


@pytest.mark.usefixtures("scripts")
def test_a_pasted_description_is_checked_without_pressing_anything(page_at: Open) -> None:
    page = page_at("/check")
    pasted(page, EXAMPLE.read_text(encoding="utf-8"))
    page.get_by_role("heading", name="The description does not conform").wait_for()
    assert page.locator(".findings").inner_text().count("The level is missing") == 1
    assert page.get_by_role("img", name="Complete to").count() == 1


@pytest.mark.usefixtures("scripts")
def test_a_fault_goes_when_it_is_mended(page_at: Open) -> None:
    page = page_at("/check?example=true")
    assert "The level is missing" in page.locator(".findings").inner_text()
    text = page.get_by_label("Description").input_value()
    level = '"eqfLevel": {"id": "http://data.europa.eu/snb/eqf/5", "type": "Concept"}, "volumeOfLearning"'
    pasted(page, text.replace('"volumeOfLearning"', level, 1))
    page.locator(".findings", has_not_text="The level is missing").wait_for()


@pytest.mark.usefixtures("scripts")
def test_a_finding_leads_to_its_place_in_the_document(page_at: Open) -> None:
    page = page_at("/check?example=true")
    finding = page.locator(".findings li[data-line]").first
    finding.locator("a[data-go]").click()
    field = page.get_by_label("Description")
    assert field.evaluate("field => field === document.activeElement")
    start, end = field.evaluate("field => [field.selectionStart, field.selectionEnd]")
    assert (str(start), str(end)) == (finding.get_attribute("data-start"), finding.get_attribute("data-end"))
    assert page.locator(".gutter .violation").count() >= 1


@pytest.mark.usefixtures("scripts")
def test_a_file_is_dropped(page_at: Open) -> None:
    page = page_at("/check")
    data = page.evaluate_handle(
        "text => { const data = new DataTransfer();"
        " data.items.add(new File([text], 'mine.jsonld', {type: 'application/ld+json'})); return data }",
        EXAMPLE.read_text(encoding="utf-8"),
    )
    page.dispatch_event(".editor", "drop", {"dataTransfer": data})
    page.get_by_role("heading", name="The description does not conform").wait_for()
    assert "Example Training Centre" in page.get_by_label("Description").input_value()


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_a_file_is_uploaded(page_at: Open, scripted: bool) -> None:
    page = page_at("/check", java_script_enabled=scripted)
    page.get_by_label("File", exact=True).set_input_files(EXAMPLE)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("heading", name="The description does not conform").wait_for()
    assert "Example Training Centre" in page.get_by_label("Description").input_value()


def test_it_works_without_scripts_with_the_places_marked(page_at: Open) -> None:
    page = page_at("/check", java_script_enabled=False)
    pasted(page, EXAMPLE.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Check").click()
    assert page.locator(".listing mark").count() >= 1
    page.locator(".findings a[href^='#line-']").first.click()
    assert page.get_by_label("Description").input_value() == EXAMPLE.read_text(encoding="utf-8")


def test_a_document_that_is_not_json_is_told_with_its_line_and_kept(page_at: Open) -> None:
    page = page_at("/check", java_script_enabled=False)
    pasted(page, '{\n  "title": \n}')
    page.get_by_role("button", name="Check").click()
    assert "line 3" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Description").input_value() == '{\n  "title": \n}'
    assert page.locator(".lines .marked").inner_text() == "}"


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_the_report_is_downloaded(page_at: Open, scripted: bool) -> None:
    page = page_at("/check?example=true", java_script_enabled=scripted)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    report = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert report["conforms"] is False
    assert report["findings"]


@pytest.mark.usefixtures("scripts")
def test_another_profile_is_asked_by_choosing_it(page_at: Open) -> None:
    page = page_at("/check?example=true")
    before = page.locator(".outcome p").inner_text()
    page.get_by_label("Profile").select_option("mastery")
    page.locator(".outcome p", has_not_text=before).wait_for()


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("failure", ["stopped", "broken"])
def test_what_was_typed_is_kept_when_the_server_fails(page_at: Open, failure: str) -> None:
    page = page_at("/check")
    page.route("**/check", lambda route: route.abort() if failure == "stopped" else route.fulfill(status=502))
    pasted(page, '{"mine": 1}')
    page.get_by_role("status").get_by_role("button", name="Try again").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'
    page.unroute("**/check")
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'


@pytest.mark.usefixtures("scripts")
def test_a_slow_server_is_told(page_at: Open) -> None:
    page = page_at("/check")
    page.clock.install()
    page.route("**/check", lambda _: None)
    pasted(page, '{"mine": 1}')
    page.clock.fast_forward(10_000)
    page.clock.fast_forward(10_000)
    page.get_by_text("This takes longer than usual").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'


@pytest.mark.parametrize("scripted", SCRIPTED)
@pytest.mark.parametrize("content", [EXAMPLE.read_bytes().replace(b"Waste", b"\xce\xf2"), b""], ids=["cp1251", "empty"])
def test_a_file_that_is_no_text_leaves_what_was_pasted(page_at: Open, scripted: bool, content: bytes) -> None:
    page = page_at("/check", java_script_enabled=scripted)
    pasted(page, '{"mine": 1}')
    file = {"name": "mine.jsonld", "mimeType": "application/ld+json", "buffer": content}
    page.get_by_label("File", exact=True).set_input_files(files=[file])
    page.get_by_role("button", name="Check").click()
    page.get_by_role("alert").filter(has_text="mine.jsonld is").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'
    pasted(page, "{")
    page.get_by_role("button", name="Check").click()
    page.get_by_role("alert").filter(has_text="line 1").wait_for()


@pytest.mark.usefixtures("scripts")
def test_a_dropped_file_that_is_no_text_is_told(page_at: Open) -> None:
    page = page_at("/check")
    data = page.evaluate_handle(
        "() => { const data = new DataTransfer();"
        " data.items.add(new File([new Uint8Array([37, 80, 68, 70, 226, 0])], 'mine.pdf')); return data }"
    )
    page.dispatch_event(".editor", "drop", {"dataTransfer": data})
    page.get_by_role("alert").filter(has_text="mine.pdf is not a text in UTF-8").wait_for()
    assert page.get_by_label("Description").input_value() == ""


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_a_report_that_cannot_be_made_leaves_the_document(page_at: Open, scripted: bool) -> None:
    page = page_at("/check", java_script_enabled=scripted)
    pasted(page, '{"mine" 1}')
    page.get_by_role("button", name="Download the report").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine" 1}'


def test_long_addresses_do_not_widen_the_page_of_a_phone(page_at: Open) -> None:
    page = page_at("/check", java_script_enabled=False, viewport={"width": 390, "height": 800})
    long = "https://example.org/" + "very-long-address-of-a-thing-" * 6
    text = EXAMPLE.read_text(encoding="utf-8")
    unknown = text.replace(
        '"volumeOfLearning"', f'"eqfLevel": {{"id": "{long}", "type": "Concept"}}, "volumeOfLearning"', 1
    )
    for each in (unknown, f'{{"@context": "{long}"}}'):
        pasted(page, each)
        page.get_by_role("button", name="Check").click()
        page.locator(".findings, .problem").get_by_text("very-long-address").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
