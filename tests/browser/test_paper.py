"""On paper: everything is there, nothing is cut, and what is small is small."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import WEB, Open
from tests.browser.test_every_page import PAGES
from tests.conftest import DESCRIPTION

A4 = {"width": 703, "height": 1032}
"""What lies within the margins of a sheet of A4, in CSS pixels."""
STACK = f"/stack?credential={DESCRIPTION}energy-audit-irl&target={DESCRIPTION}green-site-technician-irl"
RECOGNITION = f"/recognition?credential={DESCRIPTION}waste-on-site-ita&country=FIN&purpose=employment"
LANGUAGES = ["en", *(pytest.param(code, marks=pytest.mark.matrix) for code in ("it", "es", "bg", "fi"))]
CUT = """width => [...document.querySelectorAll("main *")]
  .filter(each => each.checkVisibility() && !each.closest(".visually-hidden, details:not([open]), #yasgui"))
  .filter(each => each.getBoundingClientRect().right > width + 1 || each.getBoundingClientRect().left < -1)
  .map(each => `${each.tagName}.${each.getAttribute("class") ?? ""} ${each.textContent.slice(0, 40)}`)"""
"""What sticks out of the sheet."""
SIZES = """() => [...document.querySelectorAll("main *, footer *")]
  .filter(each => each.checkVisibility() && !each.closest("svg, .visually-hidden, details:not([open]), #yasgui"))
  .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
  .map(each => [each.tagName, each.className, parseFloat(getComputedStyle(each).fontSize) * 0.75])"""
"""The sizes of all texts, in points."""


def paper(page: Page) -> bytes:
    return page.pdf(prefer_css_page_size=True)


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """The sizes of the sheets, in points."""
    boxes = [tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^]]*)\]", pdf)]
    return [(round(width), round(height)) for _, _, width, height in boxes]


def laid_out(page: Page) -> Page:
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_and_no_button_is_printed(page_at: Open, name: str, language: str) -> None:
    page = laid_out(page_at(PAGES[name], viewport=A4, locale=language))
    assert page.evaluate(CUT, A4["width"]) == []
    assert page.locator("main button:not(#yasgui *)").locator("visible=true").count() == 0


@pytest.mark.parametrize("name", ["levels", "stack", "recognition", "check", "start", "skill", "answer"])
def test_the_text_is_never_smaller_than_what_is_small(page_at: Open, name: str) -> None:
    page = laid_out(page_at(PAGES[name], viewport=A4, java_script_enabled=False))
    sizes = page.evaluate(SIZES)
    text = 8.5
    small = [
        size for tag, kind, size in sizes if tag in {"SMALL", "FOOTER"} or re.search(r"hint|tag|permalink", str(kind))
    ]
    titles = [size for tag, _, size in sizes if tag in {"H1", "H2", "H3"}]
    assert max(small, default=0) <= text + 0.01
    assert min(titles) > text
    assert min(size for _, _, size in sizes) >= 6.5
    assert max(size for tag, _, size in sizes if tag in {"P", "LI", "TD", "DD", "TH"}) <= text + 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_frameworks_are_on_paper_upright_with_their_sources(page_at: Open, language: str) -> None:
    page = laid_out(page_at("/levels?country=all", viewport=A4, locale=language, java_script_enabled=False))
    rows = page.locator(".levels-print tbody tr")
    columns = page.locator(".grid thead th").count() - 1
    assert columns == 43
    assert rows.locator("visible=true").count() == columns
    assert page.evaluate(CUT, A4["width"]) == []
    assert page.locator(".levels-print td", has_text="DQR Level 6").is_visible()
    assert page.locator(".sources li").count() >= 40
    assert "https://" in page.locator(".sources").inner_text()
    sizes = sheets(paper(page))
    assert set(sizes) == {(595, 842)}
    assert 2 <= len(sizes) <= 10


def test_a_few_countries_print_on_one_page(page_at: Open) -> None:
    assert sheets(paper(page_at("/levels"))) == [(595, 842)]


def test_a_long_table_repeats_its_head_on_each_page(page_at: Open) -> None:
    head = laid_out(page_at("/levels?country=all", java_script_enabled=False)).locator(".levels-print thead")
    assert head.evaluate("each => getComputedStyle(each).display") == "table-header-group"


@pytest.mark.usefixtures("scripts")
def test_a_query_and_its_result_are_on_paper(page_at: Open) -> None:
    page = page_at("/sparql", viewport=A4)
    page.get_by_role("link", name="How many policy visions are there in each stage?").click()
    page.locator(".yasr_results td", has_text="Uptake").first.wait_for()
    laid_out(page)
    assert page.locator(".yasr_results td", has_text="Uptake").first.is_visible()
    assert page.locator(".CodeMirror-line", has_text="SELECT").first.is_visible()
    right = page.locator("#yasgui").evaluate("each => each.getBoundingClientRect().right")
    assert right <= A4["width"]
    assert set(sheets(paper(page))) == {(595, 842)}


def test_a_recognition_names_its_subject_sources_and_day_on_one_page(page_at: Open) -> None:
    page = laid_out(page_at(RECOGNITION, viewport=A4, java_script_enabled=False))
    words = page.locator("main").inner_text()
    assert "Waste prevention on site" in words
    assert f"{DESCRIPTION}waste-on-site-ita" in words
    assert "Awarding body" in words
    assert re.search(r"Answered on\s+20\d\d-", words)
    assert "https://" in page.locator(".sources").inner_text()
    assert len(sheets(paper(page))) == 1


def test_a_stack_names_its_credentials_and_prints_no_buttons(page_at: Open) -> None:
    page = laid_out(page_at(STACK, viewport=A4))
    words = page.locator(".sheet .facts").first.inner_text()
    assert "Green site technician" in words
    assert "nergy audit" in words
    assert page.locator("button").locator("visible=true").count() == 0
    assert page.locator(".card").first.evaluate("each => getComputedStyle(each).breakInside") == "avoid"
    assert page.locator(".sources li").count() >= 1


def test_a_report_names_its_document(page_at: Open) -> None:
    page = page_at("/check", java_script_enabled=False)
    page.get_by_label("File", exact=True).set_input_files(WEB / "static" / "example.jsonld")
    page.get_by_role("button", name="Check").click()
    words = laid_out(page).locator("#result").inner_text()
    assert "example.jsonld" in words
    assert re.search(r"SHA-256 [0-9a-f]{64}", words)
    assert "credentialSubject → hasClaim 1" in words
