"""Start: a person searches, and goes through a door."""

import pytest

from tests.browser.conftest import Open


@pytest.mark.usefixtures("scripts")
def test_a_search_answers_as_one_types(page_at: Open) -> None:
    page = page_at("/")
    page.get_by_role("searchbox").press_sequentially("waste")
    page.get_by_role("link", name="Prevent and manage waste").wait_for()
    assert page.url.endswith("?q=waste")
    assert page.get_by_role("searchbox").evaluate("field => field === document.activeElement")
    page.get_by_role("link", name="Waste prevention on site").first.click()
    page.wait_for_url("**/doc/description/waste-on-site-ita")


def test_a_search_answers_without_scripts_and_in_any_language(page_at: Open) -> None:
    page = page_at("/", java_script_enabled=False, locale="it")
    page.get_by_role("searchbox").fill("rifiuti")
    page.get_by_role("searchbox").press("Enter")
    assert page.get_by_role("link", name="rifiuti").count() >= 1


def test_a_level_is_found_and_its_equivalents_are_one_click_away(page_at: Open) -> None:
    page = page_at("/?q=FiNQF+Level+6")
    page.get_by_role("link", name="FiNQF Level 6").click()
    assert "NKR Level 6.2" in page.inner_text("main")


@pytest.mark.usefixtures("scripts")
def test_what_was_typed_is_kept_when_the_server_fails(page_at: Open) -> None:
    page = page_at("/")
    page.route("**/?q=*", lambda route: route.abort())
    page.get_by_role("searchbox").fill("soil")
    status = page.get_by_role("status")
    status.get_by_role("button").wait_for()
    assert "kept" in status.inner_text()
    assert page.get_by_role("searchbox").input_value() == "soil"
    page.unroute("**/?q=*")
    status.get_by_role("button").click()
    page.locator("#found a").first.wait_for()


def test_the_dataset_is_named_with_its_size(page_at: Open) -> None:
    page = page_at("/")
    told = page.locator(".dataset").inner_text()
    assert "0.1.0" in told
    assert "provisional" in told or "working set" in told


def test_the_doors_lead_on(page_at: Open) -> None:
    page = page_at("/")
    assert [door.get_attribute("href") for door in page.locator(".doors a").all()] == ["/levels", "/check", "/stack"]
