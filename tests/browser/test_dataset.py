"""Dataset: a person sees what is in it, where it is from, takes a file along, and cites it."""

import re

import pytest

from tests.browser.conftest import Open

LANGUAGES = ["en", *(pytest.param(code, marks=pytest.mark.matrix) for code in ("it", "es", "bg", "fi"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_footer_leads_to_a_page_of_the_dataset(page_at: Open, language: str) -> None:
    page = page_at("/skills", java_script_enabled=False, locale=language)
    page.locator("footer a[href='/dataset']").click()
    assert page.locator("h2").count() == 4
    rows = page.locator("main table").first.locator("tbody tr")
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
