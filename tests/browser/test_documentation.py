"""The documentation site in a browser, under the security policy of the service."""

import pytest
from playwright.sync_api import Page, expect

from mastery_api.pages import documentation
from tests.browser.conftest import Open
from tests.browser.test_every_page import PHONE, violations

PAGES = [
    "/docs/",
    "/docs/tutorials/provider/",
    "/docs/reference/rules/REC-LEVEL/",
    "/docs/reference/ontology/",
    "/docs/http/",
]


@pytest.fixture(autouse=True)
def _site() -> None:
    """The site must be built (`make docs`); with CI=true a missing one fails."""
    if not (documentation.FOLDER / "index.html").is_file():
        pytest.skip("the documentation is not built: make docs builds it")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_site_loads_without_a_complaint_and_is_accessible(page_at: Open, axe: str, path: str) -> None:
    page = page_at(path, reduced_motion="reduce")
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1
    page.evaluate(axe)
    # The theme gives the same name to the two levels of its navigation.
    assert [violation for violation in violations(page) if "landmark-unique" not in str(violation)] == []


def test_the_site_fits_a_phone(page_at: Open) -> None:
    page = page_at("/docs/", viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_rule_is_found_by_the_search_of_the_site(page_at: Open) -> None:
    page: Page = page_at("/docs/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.keyboard.type("awarding body")
    expect(page.get_by_role("option", name="REC-AWARDING-BODY: Awarding body").first).to_be_visible(timeout=30_000)


def test_the_pages_of_the_service_lead_to_the_site(page_at: Open) -> None:
    page = page_at("/")
    page.get_by_role("link", name="Documentation").click()
    expect(page.locator("h1")).to_contain_text("mastery-graph")
