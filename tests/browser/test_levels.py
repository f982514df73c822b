"""Levels: a person lays countries beside each other, and asks on what ground a level stands where it does."""

import csv

import pytest

from tests.browser.conftest import Open


def test_the_grid_has_eight_rows_and_a_column_a_country(page_at: Open) -> None:
    page = page_at("/levels?country=FIN&country=IRL")
    rows = page.locator(".grid tbody:not(.apart) tr")
    assert rows.count() == 8
    assert rows.first.locator("th").inner_text() == "8"
    assert page.locator(".grid thead th").all_inner_texts()[1].startswith("Finland")
    assert "FiNQF Level 5" in rows.nth(3).inner_text()
    assert "IE NQF Level 6" in rows.nth(3).inner_text()


def test_a_level_without_referencing_stands_apart_with_the_reason(page_at: Open) -> None:
    page = page_at("/levels?country=NOR")
    apart = page.locator(".grid .apart")
    assert apart.locator("summary").all_inner_texts() == ["NKR Level 1"]
    apart.locator("summary").first.click()
    assert apart.locator("p").first.inner_text().strip()


def test_the_ground_of_a_referencing_is_one_click_away(page_at: Open) -> None:
    page = page_at("/levels?country=FIN", java_script_enabled=False)
    cell = page.locator("details.level", has_text="FiNQF Level 5")
    cell.locator("summary").click()
    assert "referencing report" in cell.inner_text()
    assert cell.locator("li a").first.get_attribute("href", timeout=1000)


@pytest.mark.usefixtures("scripts")
def test_a_country_is_added_by_ticking_it_and_the_address_can_be_shared(page_at: Open) -> None:
    page = page_at("/levels?country=FIN")
    page.get_by_text("Choose countries").click()
    page.get_by_label("Norway").check()
    page.locator(".grid thead th", has_text="Norway").wait_for()
    assert "country=NOR" in page.url
    again = page_at(page.url[page.url.index("/levels") :])
    assert again.locator(".grid thead th", has_text="Norway").count() == 1


def test_countries_are_chosen_without_scripts(page_at: Open) -> None:
    page = page_at("/levels?country=FIN", java_script_enabled=False)
    page.get_by_text("Choose countries").click()
    page.get_by_label("Kosovo").check()
    page.get_by_role("button", name="Show").click()
    assert page.locator(".grid thead th", has_text="Kosovo").count() == 1


def test_the_grid_is_downloaded_as_csv(page_at: Open) -> None:
    page = page_at("/levels?country=NOR")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    rows = list(csv.reader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert rows[-1][0] == "none verified"
    assert len(rows) == 10


def test_an_unknown_country_is_told_and_the_choice_stays(page_at: Open) -> None:
    page = page_at("/levels?country=ATL")
    assert "ATL" in page.get_by_role("alert").inner_text()
    page.get_by_label("Finland").check()
    page.get_by_role("button", name="Show").click()
    page.locator(".grid thead th", has_text="Finland").wait_for()
