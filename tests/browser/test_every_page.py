"""What holds for every page: readable by everyone, at every width, by day and night, in every language."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from mastery_graph.languages import translation
from tests.browser.conftest import Open
from tests.conftest import DESCRIPTION

SCREENSHOTS = Path(__file__).parent / "screenshots"
PAGES = {
    "start": "/?q=waste",
    "levels": "/levels?country=ITA&country=NOR&country=FIN",
    "check": "/check?example=true",
    "stack": f"/stack?credential={DESCRIPTION}energy-audit-irl&target={DESCRIPTION}green-site-technician-irl",
    "recognition": f"/recognition?credential={DESCRIPTION}energy-saving-deu&country=FIN&purpose=training",
    "skills": "/skills",
    "skill": "/skills/GS01",
    "visions": "/visions",
    "vision": "/visions/V1",
    "sparql": "/sparql?example=browse/concepts",
    "dataset": "/dataset",
    "answer": "/v1/equivalence/levels?level=EQF%205&country=FIN&format=html",
    "concept": "/doc/vision/V1",
    "vocabulary": "/ns",
}
DOORS = ["Levels", "Check", "Stack", "Recognition", "Skills", "Visions", "SPARQL"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE: ViewportSize = {"width": 375, "height": 812}
SEEN: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {
    "phone": (PHONE, "dark"),
    "desktop": ({"width": 1280, "height": 900}, "light"),
}
"""How a page is looked at: a narrow one by night, a wide one by day."""


SCROLLING = """() => {
  const problems = [];
  const name = box => `${box.tagName}.${box.className} ${box.id}`;
  for (const box of document.querySelectorAll("main *")) {
    if (box.closest("#yasgui") || !box.checkVisibility() || box.matches("textarea")) continue;
    const style = getComputedStyle(box);
    const across = box.scrollWidth > box.clientWidth + 1, down = box.scrollHeight > box.clientHeight + 1;
    if (across && style.overflowX === "auto" && box.matches("ul, ol, dl, fieldset"))
      problems.push(`${name(box)}: a list runs off sideways`);
    if (!(across && style.overflowX === "auto") && !(down && style.overflowY === "auto")) continue;
    if (box.tabIndex < 0 && !box.querySelector("a[href], input, button, summary"))
      problems.push(`${name(box)}: cannot be scrolled by keyboard`);
    box.scrollTo(0, 0);
    const start = box.getBoundingClientRect();
    const parts = [...box.querySelectorAll("*")].filter(each => each.checkVisibility());
    const last = parts.map(each => each.getBoundingClientRect());
    const right = Math.max(...last.map(each => each.right)), bottom = Math.max(...last.map(each => each.bottom));
    if (right - start.left > box.scrollWidth + 2 || bottom - start.top > box.scrollHeight + 2)
      problems.push(`${name(box)}: its end is never seen`);
  }
  return problems;
}"""
"""Looks for boxes that scroll, and cannot be scrolled to all that is in them."""


@pytest.mark.parametrize("width", ["phone", "desktop"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits_by_day_and_night(page_at: Open, axe: str, name: str, width: str) -> None:
    size, scheme = SEEN[width]
    page = page_at(PAGES[name], viewport=size, reduced_motion="reduce")
    SCREENSHOTS.mkdir(exist_ok=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.evaluate(axe)
    page.emulate_media(color_scheme=scheme)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
    assert violations(page) == []
    assert out_of_reach(page) == []


@pytest.mark.matrix
@pytest.mark.parametrize("width", [1440, 768])
@pytest.mark.parametrize("name", PAGES)
def test_everything_in_a_box_that_scrolls_can_be_reached(page_at: Open, name: str, width: int) -> None:
    assert out_of_reach(page_at(PAGES[name], viewport={"width": width, "height": 900})) == []


def out_of_reach(page: Page) -> list[str]:
    """Open all that is folded, and return what cannot be scrolled to."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found: list[str] = page.evaluate(SCROLLING)
    return found


@pytest.mark.parametrize(
    "language", ["fi", *(pytest.param(code, marks=pytest.mark.matrix) for code in ("it", "es", "bg"))]
)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_speaks_the_language_of_its_reader(page_at: Open, name: str, language: str) -> None:
    page = page_at(PAGES[name], locale=language, viewport=PHONE)
    assert page.locator("html").get_attribute("lang") == language
    named = [link.inner_text() for link in page.locator(".top li a").all()]
    assert named == [translation(each, language) for each in DOORS]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_can_be_used_is_reached_and_seen_by_keyboard(page_at: Open, name: str) -> None:
    page = page_at(PAGES[name])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    for _ in range(12):
        page.keyboard.press("Tab")
        outlines = page.evaluate(
            "[document.activeElement, document.activeElement.closest('.editor, .CodeMirror')].filter(Boolean)"
            ".map(each => getComputedStyle(each).outlineStyle)"
        )
        assert "solid" in outlines


def test_the_language_is_switched_without_scripts_and_kept(page_at: Open) -> None:
    page = page_at("/?q=waste", java_script_enabled=False)
    page.get_by_role("link", name="Suomi").click()
    assert page.locator("html").get_attribute("lang") == "fi"
    assert page.get_by_role("searchbox").input_value() == "waste"
    page.goto(page.url.partition("?")[0] + "skills")
    assert page.locator("html").get_attribute("lang") == "fi"


def violations(page: Page) -> list[dict[str, Any]]:
    """Return what axe-core finds against WCAG 2.2 AA: the rule and the first places."""
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
        ".then(told => told.violations.map(each => ({rule: each.id, help: each.help,"
        " places: each.nodes.slice(0, 3).map(node => node.html.slice(0, 200) + ' ' + node.failureSummary)})))",
        WCAG,
    )
    return found
