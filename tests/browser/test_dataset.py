"""Dataset: a person sees what is in it, where it is from, takes a file along, and cites it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

LANGUAGES = ["en", *(pytest.param(code, marks=pytest.mark.matrix) for code in ("it", "es", "bg", "fi"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_footer_leads_to_a_page_of_the_dataset(page_at: Open, language: str) -> None:
    page = page_at("/skills", java_script_enabled=False, locale=language)
    page.locator("footer a[href='/dataset']").click()
    assert page.locator("h2").count() == 5
    rows = page.locator("main table.contents tbody tr")
    contents = [row.locator("td").first.inner_text() for row in rows.all()]
    assert len(contents) >= 8
    assert all(contents), "each graph says what it contains"
    if language != "en":
        english = page_at("/dataset", java_script_enabled=False).locator("main table").first.inner_text()
        assert not [text for text in contents if text in english]


def test_a_graph_is_downloaded(page_at: Open) -> None:
    page = page_at("/dataset", java_script_enabled=False)
    with page.expect_download() as download:
        page.get_by_role("link", name="Turtle (green-skills)").click()
    assert "GS01" in download.value.path().read_text(encoding="utf-8")


def test_the_dataset_is_cited_by_its_hash(page_at: Open) -> None:
    page = page_at("/dataset", java_script_enabled=False)
    content_hash = page.locator(".facts code").inner_text()
    entry = page.locator("pre").inner_text()
    assert entry.startswith("@misc{mastery-graph-")
    assert content_hash in entry
    assert entry.count("{") == entry.count("}")
    fields = dict(re.findall(r"^  (\w+) *= \{(.*)\},?$", entry, re.MULTILINE))
    assert {"title", "author", "year", "version", "url", "note"} == set(fields)
    assert fields["version"] == page.locator(".facts dd").first.inner_text()


def test_the_sources_are_named_with_their_addresses(page_at: Open) -> None:
    page = page_at("/dataset", java_script_enabled=False)
    sources = page.locator("main table").last
    assert sources.get_by_role("link", name="Recommendation on micro-credentials", exact=True).count() == 1
    assert sources.locator("tbody tr").count() > 30
    assert page.get_by_role("link", name="CC BY-SA 4.0").count() >= 1


def test_each_version_is_named_by_its_hashes_and_its_changes_are_told(page_at: Open) -> None:
    page = page_at("/dataset", java_script_enabled=False)
    hashes = page.locator("#hashes td")
    assert not hashes.first.is_visible()
    page.locator("#hashes summary").press("Enter")
    assert all(re.fullmatch("[0-9a-f]{64}", text) for text in hashes.all_inner_texts())
    assert hashes.count() == page.locator("table.contents tbody tr").count()
    assert (
        page.get_by_role("link", name="What changed from version to version").get_attribute("href")
        == "/docs/changelog/"
    )


@pytest.mark.parametrize("width", [375, *(pytest.param(width, marks=pytest.mark.matrix) for width in (768, 1440))])
def test_the_files_can_be_reached_at_every_width(page_at: Open, width: int) -> None:
    page = page_at("/dataset", java_script_enabled=False, viewport={"width": width, "height": 900})
    link = page.get_by_role("link", name="JSON-LD (policy)")
    link.focus()
    expect(link).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
