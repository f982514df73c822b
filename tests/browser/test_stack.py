"""Stack: a person picks credentials and a target, sees what is covered, and adds what closes the gap."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SCRIPTED, WEB, Open
from tests.conftest import DESCRIPTION

TARGET = f"{DESCRIPTION}green-site-technician-irl"
HALF = f"/stack?credential={DESCRIPTION}energy-audit-irl&target={TARGET}"
EXAMPLE = WEB / "static" / "example.jsonld"


@pytest.mark.usefixtures("scripts")
def test_credentials_are_picked_and_the_answer_follows(page_at: Open) -> None:
    page = page_at("/stack")
    page.get_by_label("Target").select_option(TARGET)
    page.get_by_label("Energy audit", exact=False).first.check()
    page.get_by_role("heading", name="It adds up").wait_for()
    assert page.locator(".box.outcome").count() == 4
    assert "credential=" in page.url
    assert page.locator("h2.verdict").inner_text()


def test_each_outcome_of_the_picture_is_in_the_table_with_its_state(page_at: Open) -> None:
    page = page_at(HALF)
    drawn = [" ".join((link.text_content() or "").split()) for link in page.locator(".picture a").all()]
    listed = [row.inner_text() for row in page.locator("#result tr[id^=outcome] th").all()]
    assert drawn == listed
    states = page.locator("#result tr[id^=outcome] .tag").all_inner_texts()
    assert sorted(states) == ["covered", "covered", "missing", "missing"]
    assert page.locator(".box.outcome.missing").count() == 2


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_a_suggestion_is_added_with_one_click_and_closes_the_gap(page_at: Open, scripted: bool) -> None:
    page = page_at(HALF, java_script_enabled=scripted)
    page.locator(".suggestions").get_by_role("button").first.click()
    page.locator(".verdict .met, .verdict .unknown").wait_for()
    assert page.locator(".box.outcome.missing").count() == 0
    assert page.locator("#credentials input:checked").count() >= 2


def test_every_mark_has_its_reason(page_at: Open) -> None:
    page = page_at(HALF)
    assert page.locator(".criteria > li").count() == 10
    first = page.locator(".criteria details").first
    first.locator("summary").click()
    assert first.locator("li").count() >= 1


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_an_own_document_is_stacked_and_stays_on_the_page(page_at: Open, scripted: bool) -> None:
    page = page_at(f"/stack?target={TARGET}", java_script_enabled=scripted)
    page.get_by_label("Files").set_input_files(EXAMPLE)
    if not scripted:
        page.get_by_role("button", name="Show").click()
    page.locator("textarea[name=document]").wait_for(state="attached")
    assert "Example Training Centre" in page.locator("textarea[name=document]").input_value()
    assert "Waste prevention on site" in page.locator(".picture").text_content()  # type: ignore[operator]


def test_a_document_that_cannot_be_read_is_told_and_the_choice_stays(page_at: Open) -> None:
    page = page_at(HALF, java_script_enabled=False)
    page.get_by_label("Files").set_input_files(files=[{"name": "a.json", "mimeType": "text/plain", "buffer": b"{"}])
    page.get_by_role("button", name="Show").click()
    page.get_by_role("alert").wait_for()
    assert page.locator("#credentials input:checked").count() == 1
    assert page.get_by_label("Target").input_value() == TARGET


@pytest.mark.usefixtures("scripts")
def test_the_choice_stays_when_the_server_fails(page_at: Open) -> None:
    page = page_at(HALF)
    page.route("**/stack", lambda route: route.abort())
    page.locator("#credentials input:not(:checked)").first.check()
    page.get_by_role("button", name="Try again").wait_for()
    assert page.locator("#credentials input:checked").count() == 2


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_documents_that_were_accepted_stay_beside_one_that_is_no_text(page_at: Open, scripted: bool) -> None:
    page = page_at(f"/stack?target={TARGET}", java_script_enabled=scripted)
    for name, content in (("one.jsonld", EXAMPLE.read_bytes()), ("two.jsonld", b"\xce\xf2")):
        page.get_by_label("Files").set_input_files(files=[{"name": name, "mimeType": "text/plain", "buffer": content}])
        if not scripted:
            page.get_by_role("button", name="Show").click()
        page.get_by_text(name, exact=False).first.wait_for()
    page.get_by_role("alert").filter(has_text="two.jsonld is not a text").wait_for()
    assert "Example Training Centre" in page.locator("textarea[name=document]").input_value()


@pytest.mark.parametrize("width", [1440, *(pytest.param(width, marks=pytest.mark.matrix) for width in (768, 375))])
def test_every_credential_can_be_seen_and_ticked(page_at: Open, width: int) -> None:
    page = page_at("/stack", viewport={"width": width, "height": 900}, java_script_enabled=False)
    boxes = page.locator("#credentials")
    boxes.scroll_into_view_if_needed()
    boxes.hover()
    last = page.locator("#credentials li").last
    page.mouse.wheel(0, 5000)
    expect(last.locator("input")).to_be_in_viewport(ratio=1)
    frame, place = boxes.bounding_box(), last.bounding_box()
    assert frame
    assert place
    assert place["x"] + place["width"] <= frame["x"] + frame["width"] + 1
    last.locator("label").click()
    assert page.locator("#credentials input:checked").count() == 1


def test_the_credentials_that_are_ticked_come_first(page_at: Open) -> None:
    page = page_at(f"/stack?credential={DESCRIPTION}waste-on-site-ita&target={TARGET}", java_script_enabled=False)
    first = page.locator("#credentials li").first
    assert first.locator("input").is_checked()
    expect(first).to_be_in_viewport(ratio=1)
    assert page.locator("#credentials input:checked").count() == 1


def test_a_credential_is_named_with_its_level_and_credits(page_at: Open) -> None:
    page = page_at("/stack", java_script_enabled=False)
    names = {
        name.partition("\n")[0]: " ".join(name.split()) for name in page.locator("#credentials li").all_inner_texts()
    }
    assert names["Energy audits EQF 5 · 3 ECTS"]
    assert names["Biodiversity on farmland 2 ECTS"]
    assert names["Waste prevention on site EQF 5"]
    assert names["Energy audits, held by Aino Example EQF 5 · 3 ECTS"]


@pytest.mark.parametrize("scripted", SCRIPTED)
@pytest.mark.parametrize("width", [375, *(pytest.param(width, marks=pytest.mark.matrix) for width in (1440, 768))])
def test_what_is_ticked_stands_on_top_and_is_removed_there(page_at: Open, width: int, scripted: bool) -> None:
    two = HALF + f"&credential={DESCRIPTION}waste-management-irl"
    page = page_at(two, viewport={"width": width, "height": 900}, java_script_enabled=scripted)
    chips = page.get_by_role("list", name="Chosen credentials").get_by_role("button")
    assert chips.count() == 2
    page.get_by_role("button", name="Remove Energy audits").press("Enter")
    expect(chips).to_have_count(1)
    ticked = page.locator("#credentials input:checked")
    expect(ticked).to_have_count(1)
    assert ticked.get_attribute("value") == f"{DESCRIPTION}waste-management-irl"
    assert "energy-audit" not in page.url
    if scripted:
        expect(chips.first).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Remove Waste management").press("Enter")
    expect(chips).to_have_count(0)
    expect(ticked).to_have_count(0)


@pytest.mark.usefixtures("scripts")
def test_a_credential_that_is_ticked_is_named_on_top(page_at: Open) -> None:
    page = page_at("/stack")
    page.locator("#credentials").get_by_text("Waste management").click()
    expect(page.get_by_role("button", name="Remove Waste management")).to_be_visible()
    page.locator("#credentials").get_by_text("Waste management").click()
    expect(page.get_by_role("button", name="Remove Waste management")).to_have_count(0)


@pytest.mark.usefixtures("scripts")
def test_the_credentials_are_filtered_by_words_in_any_order(page_at: Open) -> None:
    page = page_at(HALF)
    everything = page.locator("#credentials li").count()
    page.get_by_label("Filter the credentials").fill("site waste")
    expect(page.locator("#credentials li").locator("visible=true")).to_have_count(2)
    names = page.locator("#credentials li").locator("visible=true").all_inner_texts()
    assert "Waste prevention on site" in names[1]
    assert page.locator("#credentials input:checked").is_visible()
    page.get_by_label("Filter the credentials").fill("")
    expect(page.locator("#credentials li").locator("visible=true")).to_have_count(everything)
    assert page.get_by_role("status").inner_text() == ""
