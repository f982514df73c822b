"""Live answers: what a form answers is announced, is within reach, and is never an old answer that looks new."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from mastery_graph.pipeline.build import BuildReport
from tests.browser.conftest import SCRIPTED, WEB, Open
from tests.conftest import DESCRIPTION
from tests.store import servers

TARGET = f"{DESCRIPTION}green-site-technician-irl"
HALF = f"/stack?credential={DESCRIPTION}energy-audit-irl&target={TARGET}"
RECOGNITION = f"/recognition?credential={DESCRIPTION}energy-saving-deu&country=FIN&purpose=training"
EXAMPLE = WEB / "static" / "example.jsonld"
WIDTHS = {"desktop": 1440, "tablet": 768, "phone": 375}
LANGUAGES = ["en", "it", "es", "bg", "fi"]
FORMS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "start": ("/", lambda page: page.get_by_role("searchbox").fill("soil")),
    "levels": ("/levels?country=FIN", lambda page: tick_another(page, "#countries")),
    "check": ("/check", lambda page: page.locator("#document").fill(EXAMPLE.read_text(encoding="utf-8"))),
    "stack": (HALF, lambda page: tick_another(page, "#credentials")),
    "recognition": (RECOGNITION, lambda page: void(page.locator("#country").select_option("IRL"))),
}
"""The forms that answer as one types: where each is, and a change that a person makes."""


def void(_: object) -> None:
    """Drop the value of an action."""


def tick_another(page: Page, part: str) -> None:
    """Tick another box of a list, which may have to be opened first."""
    for closed in page.locator("details#countries:not([open]) > summary").all():
        closed.click()
    page.locator(f"{part} input[type=checkbox]:not(:checked)").first.check()


def answered(page: Page, change: Callable[[Page], None]) -> None:
    """Make a change, and wait for its answer."""
    page.evaluate("document.addEventListener('answered', () => document.body.dataset.answered = 'yes')")
    change(page)
    page.locator("body[data-answered]").wait_for()


def is_within_sight(place: Locator) -> bool:
    """Whether a thing lies within the window."""
    box = place.bounding_box()
    size = place.page.viewport_size
    assert size
    return bool(box) and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]  # type: ignore[index]


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("name", FORMS)
def test_an_answer_is_announced_in_one_sentence(page_at: Open, name: str) -> None:
    address, change = FORMS[name]
    page = page_at(address)
    status = page.get_by_role("status")
    assert status.count() == 1, "a live region has to be on the page before it speaks"
    answered(page, change)
    words = status.inner_text()
    assert 10 < len(words) < 300, words
    assert page.locator("main [aria-live]").count() == 0


@pytest.mark.usefixtures("scripts")
@pytest.mark.matrix
@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("name", FORMS)
def test_an_answer_is_announced_in_each_language(page_at: Open, name: str, language: str) -> None:
    address, change = FORMS[name]
    english, foreign = page_at(address), page_at(address, locale=language)
    for page in (english, foreign):
        answered(page, change)
    assert foreign.get_by_role("status").inner_text() != english.get_by_role("status").inner_text() != ""


@pytest.mark.usefixtures("scripts")
def test_the_focus_goes_to_the_verdict_when_its_button_goes(page_at: Open) -> None:
    page = page_at(HALF)
    button = page.locator(".suggestions").get_by_role("button").first
    button.scroll_into_view_if_needed()
    button.press("Enter")
    page.locator(".verdict .met, .verdict .unknown").wait_for()
    verdict = page.locator(".verdict")
    assert verdict.evaluate("each => each === document.activeElement")
    assert is_within_sight(verdict)


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("path", ["/stack", "/recognition?country=FIN"])
def test_the_focus_stays_on_the_field_of_files(page_at: Open, path: str) -> None:
    page = page_at(path)
    file = page.locator("#file")
    file.focus()
    answered(page, lambda page: page.locator("#file").set_input_files(EXAMPLE))
    assert page.locator("#file").evaluate("each => each === document.activeElement")


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("name", ["levels", "recognition", "stack"])
def test_an_answer_can_be_printed_after_every_change(page_at: Open, name: str) -> None:
    address, change = FORMS[name]
    page = page_at(address)
    page.evaluate(
        "void (window.print = () => document.body.dataset.printed = (document.body.dataset.printed || '') + 'x')"
    )
    for times in ("x", "xx"):
        button = page.get_by_role("button", name="Print")
        assert button.is_visible()
        button.click()
        assert page.locator("body").get_attribute("data-printed") == times
        answered(page, change)
    assert page.get_by_role("button", name="Print").is_visible()


@pytest.mark.parametrize("name", ["levels", "recognition", "stack"])
def test_a_button_that_needs_scripts_is_not_shown_without(page_at: Open, name: str) -> None:
    page = page_at(FORMS[name][0], java_script_enabled=False)
    assert page.locator("[data-print]").count() == 1
    assert not page.locator("[data-print]").is_visible()


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize(
    "width", ["phone", *(pytest.param(width, marks=pytest.mark.matrix) for width in ("tablet", "desktop"))]
)
def test_an_old_answer_is_marked_when_the_server_is_killed(
    page_at: Open, built: tuple[Path, BuildReport], width: str
) -> None:
    size = {"width": WIDTHS[width], "height": 900}
    with servers.mastery_graph(built[0]) as mortal:
        pages = {name: page_at(address, viewport=size, server=mortal.address) for name, (address, _) in FORMS.items()}
        os.kill(mortal.pid, signal.SIGKILL)
    assert pages
    for name, page in pages.items():
        before = page.locator("form[data-live]").first.get_attribute("data-live")
        result = page.locator((before or "").split()[0])
        old = result.inner_text()
        FORMS[name][1](page)
        status = page.get_by_role("status")
        again = status.get_by_role("button", name="Try again")
        again.wait_for()
        assert is_within_sight(status), name
        assert is_within_sight(again), name
        assert "kept" in status.inner_text()
        assert result.inner_text() == old
        if name in {"levels", "stack", "recognition"}:
            assert "previous" in status.inner_text()
            assert result.evaluate("each => getComputedStyle(each).filter") != "none"


@pytest.mark.usefixtures("scripts")
@pytest.mark.matrix
def test_a_killed_server_is_told_in_each_language(page_at: Open, built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0]) as mortal:
        pages = [page_at(HALF, locale=language, server=mortal.address) for language in LANGUAGES]
        os.kill(mortal.pid, signal.SIGKILL)
    told = set()
    for page in pages:
        page.locator("#ticked button").first.press("Enter")
        again = page.get_by_role("status").get_by_role("button")
        again.wait_for()
        told.add((page.get_by_role("status").inner_text(), again.inner_text()))
        assert page.locator("#credentials input:checked").count() == 1, "what cannot be removed stays"
    assert len({text for text, _ in told}) == len({button for _, button in told}) == len(LANGUAGES)


@pytest.mark.matrix
@pytest.mark.parametrize("path", ["/check", f"{RECOGNITION}&body=Ministry+of+Education"])
def test_what_is_missing_or_wrong_is_named_in_each_language(page_at: Open, path: str) -> None:
    told = set()
    for language in LANGUAGES:
        page = page_at(path, locale=language, java_script_enabled=False)
        if path == "/check":
            page.locator("button[name=go]").click()
        told.add(page.get_by_role("alert").inner_text())
    assert len(told) == len(LANGUAGES)


@pytest.mark.usefixtures("scripts")
def test_a_field_that_is_empty_is_named_and_gets_the_focus(page_at: Open) -> None:
    for address, button, field, words in (
        ("/check", "Check", "#document", "Paste or choose a credential description first."),
        ("/check", "Download the report", "#document", "Paste or choose a credential description first."),
        ("/stack", "Show", "#target", "Choose a target and at least one credential"),
        ("/recognition", "Show", "#credential", "Choose a credential and a country"),
        (f"/recognition?credential={DESCRIPTION}energy-saving-deu", "Show", "#country", "Choose a credential and"),
    ):
        page = page_at(address)
        page.get_by_role("button", name=button).click()
        page.locator("main").get_by_text(words).locator("visible=true").first.wait_for()
        page.wait_for_function("field => document.activeElement === document.querySelector(field)", arg=field)


def test_a_field_that_is_empty_is_named_without_scripts(page_at: Open) -> None:
    for button in ("Check", "Download the report"):
        page = page_at("/check", java_script_enabled=False)
        page.get_by_role("button", name=button).click()
        assert "Paste or choose a credential description first" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_no_country_is_not_answered_with_others(page_at: Open, scripted: bool) -> None:
    page = page_at("/levels?country=FIN", java_script_enabled=scripted)
    page.get_by_text("Choose countries").click()
    page.get_by_label("Finland").uncheck()
    if not scripted:
        page.get_by_role("button", name="Show").click()
    page.get_by_text("Choose at least one country").locator("visible=true").first.wait_for()
    assert page.locator(".grid").count() == 0


def test_an_institution_that_is_no_address_is_refused(page_at: Open) -> None:
    page = page_at(f"{RECOGNITION}&body=Ministry+of+Education", java_script_enabled=False)
    alert = page.get_by_role("alert").inner_text()
    assert "Ministry of Education" in alert
    assert page.locator("#body").is_visible()
    assert page.locator("#body").input_value() == "Ministry of Education"
