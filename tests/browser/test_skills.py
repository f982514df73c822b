"""Skills and visions: a person sees what they are tied to, in a picture and in a table."""

import pytest

from tests.browser.conftest import Open


def test_the_twelve_are_cards_that_say_they_are_provisional(page_at: Open) -> None:
    page = page_at("/skills")
    assert page.locator(".cards li").count() == 12
    assert "provisional" in page.locator(".note").inner_text()
    page.get_by_role("link", name="Prevent and manage waste").click()
    assert page.url.endswith("/skills/GS02")


def test_each_anchor_of_the_picture_is_in_the_table(page_at: Open) -> None:
    page = page_at("/skills/GS01")
    drawn = {" ".join((link.text_content() or "").split()) for link in page.locator(".picture a").all()}
    listed = {row.inner_text() for row in page.locator("table th[scope=row]").all()}
    assert drawn == listed
    assert "circular economy" in listed


def test_a_skill_says_where_it_matters_and_who_attests_it(page_at: Open) -> None:
    page = page_at("/skills/GS02", java_script_enabled=False, locale="it")
    told = page.inner_text("main")
    assert "EQF" in told
    assert page.get_by_role("link", name="Prevenzione dei rifiuti in cantiere").count() == 1
    assert page.locator("a[href='/visions/V1']").count() == 1


@pytest.mark.usefixtures("scripts")
def test_the_picture_is_moved_and_zoomed_by_the_keys(page_at: Open) -> None:
    page = page_at("/skills/GS01")
    content = page.locator(".picture svg > g")
    page.locator(".picture").focus()
    page.keyboard.press("ArrowRight")
    assert content.get_attribute("transform") == "translate(-60,0) scale(1)"
    page.keyboard.press("+")
    assert "scale(1.25)" in (content.get_attribute("transform") or "")
    page.get_by_role("button", name="Whole picture").click()
    assert content.get_attribute("transform") == "translate(0,0) scale(1)"


def test_an_anchor_is_reached_by_tab_and_leads_to_its_row(page_at: Open) -> None:
    page = page_at("/skills/GS01")
    page.locator(".picture a").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("tr:target").count() == 1


def test_the_visions_stand_in_three_stages_and_eight_steps(page_at: Open) -> None:
    page = page_at("/visions")
    assert page.locator(".picture .box.vision").count() == 8
    assert page.locator(".picture .box.lane").count() == 3
    assert [cell.inner_text() for cell in page.locator("tbody td:first-child").all()] == list("12345678")
    page.get_by_role("link", name="V7:").click()
    assert page.locator(".tiles section").count() >= 4


def test_a_vision_names_the_standard_elements_in_the_language_of_the_reader(page_at: Open) -> None:
    page = page_at("/visions/V2", locale="es")
    assert "Calidad" in page.inner_text("main") or "calidad" in page.inner_text("main")


def test_an_unknown_skill_is_told_on_a_page(page_at: Open) -> None:
    page = page_at("/skills/GS99")
    assert "GS99" in page.get_by_role("alert").inner_text()
