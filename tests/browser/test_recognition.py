"""Recognition: a person asks what a credential counts as in a country, and takes the answer along on paper."""

import re

import pytest

from tests.browser.conftest import SCRIPTED, WEB, Open
from tests.conftest import DESCRIPTION

ASKED = f"/recognition?credential={DESCRIPTION}waste-on-site-ita&country=FIN&purpose=employment"
EXAMPLE = WEB / "static" / "example.jsonld"


@pytest.mark.usefixtures("scripts")
def test_a_choice_is_answered_and_can_be_shared(page_at: Open) -> None:
    page = page_at("/recognition")
    page.get_by_label("Credential", exact=True).select_option(f"{DESCRIPTION}waste-on-site-ita")
    page.get_by_label("Country").select_option("FIN")
    page.get_by_role("heading", name="Finland: Recognisable").wait_for()
    assert "country=FIN" in page.url
    page.get_by_label("Purpose").select_option("training")
    page.wait_for_url("**purpose=training*")


def test_it_works_without_scripts(page_at: Open) -> None:
    page = page_at("/recognition", java_script_enabled=False)
    page.get_by_label("Credential", exact=True).select_option(f"{DESCRIPTION}awareness-workshop")
    page.get_by_label("Country").select_option("IRL")
    page.get_by_role("button", name="Show").click()
    assert page.locator(".criteria .tag.unknown").count() >= 1
    assert page.locator(".criteria .action").count() >= 1
    assert "country=IRL" in page.url


def test_the_evidence_is_opened_on_demand(page_at: Open) -> None:
    page = page_at(ASKED)
    evidence = page.locator(".criteria details").first
    assert not evidence.locator("li").first.is_visible()
    evidence.locator("summary").click()
    assert evidence.locator("li").first.is_visible()
    assert evidence.locator("a").count() >= 1


def test_it_prints_on_one_page_of_a4(page_at: Open) -> None:
    page = page_at(ASKED)
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_an_own_document_is_judged(page_at: Open, scripted: bool) -> None:
    page = page_at("/recognition?country=FIN", java_script_enabled=scripted)
    page.get_by_label("A file").set_input_files(EXAMPLE)
    if not scripted:
        page.get_by_role("button", name="Show").click()
    page.locator(".verdict").wait_for()
    assert "Example Training Centre" in page.locator("textarea[name=document]").input_value()


@pytest.mark.parametrize(("language", "said"), [("fi", "Arvioinnin tyyppiä"), ("bg", "вид оценяване")])
def test_an_authority_reads_the_whole_answer_in_its_language(page_at: Open, language: str, said: str) -> None:
    page = page_at(f"/recognition?credential={DESCRIPTION}awareness-workshop&country=IRL", locale=language)
    assert said in page.locator(".criteria").inner_text()
    ours = "#result > p, .criteria p, .criteria strong, #result > ul li"
    assert page.locator(ours).count() > 20
    assert page.locator(ours).and_(page.locator("[lang=en]")).count() == 0
    assert page.locator("#result [lang=en]").locator("visible=true").all_inner_texts() == []


def test_an_error_is_told_in_the_language_of_the_page(page_at: Open) -> None:
    page = page_at(ASKED.replace("FIN", "ATL"), locale="it")
    assert page.get_by_role("alert").inner_text().startswith("Paese sconosciuto.")
    assert page.locator(".problem [lang=en]").count() == 0


def test_an_unknown_country_is_told(page_at: Open) -> None:
    page = page_at(ASKED.replace("FIN", "ATL"))
    assert "ATL" in page.get_by_role("alert").inner_text()


def test_the_criteria_that_are_open_come_first(page_at: Open) -> None:
    page = page_at(ASKED, java_script_enabled=False)
    outcomes = [tag.inner_text() for tag in page.locator(".criteria > li > .row > .tag:first-child").all()]
    assert {"met", "not known"} <= set(outcomes)
    settled = [outcome in {"met", "does not apply"} for outcome in outcomes]
    assert settled == sorted(settled)
