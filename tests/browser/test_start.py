"""Start: a person searches, and goes through a door."""

from urllib.parse import quote

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


@pytest.mark.parametrize("language", ["en", "it", "es", "bg", "fi"])
def test_every_example_of_the_placeholder_is_found(page_at: Open, language: str) -> None:
    page = page_at("/", locale=language, java_script_enabled=False)
    examples = (page.get_by_role("searchbox").get_attribute("placeholder") or "").rstrip("… ").split(",")
    assert len(examples) == 3
    for example in examples:
        page.get_by_role("searchbox").fill(example.strip())
        page.get_by_role("searchbox").press("Enter")
        assert page.locator(".hits a").count() >= 1, example


@pytest.mark.parametrize(
    ("words", "kind", "label"),
    [
        ("EQF 5", "Levels", "EQF Level 5"),
        ("5 eqf", "Levels", "EQF Level 5"),
        ("QEQ 5", "Levels", "EQF Level 5"),
        ("livello 5 eqf", "Levels", "EQF Level 5"),
        ("6", "Levels", "EQF Level 6"),
        ("DQR 6", "Levels", "DQR Level 6"),
        ("german level 6", "Levels", "DQR Level 6"),
        ("Germany", "Frameworks", "Germany: German National Qualifications Framework"),
        ("Spain", "Frameworks", "Spain: "),
        ("Alemania", "Frameworks", "Germany: "),
        ("Испания", "Frameworks", "Spain: "),
        ("Saksa", "Frameworks", "Germany: "),
        ("wste", "Green skills", "Prevent and manage waste"),
        ("wasste", "Green skills", "Prevent and manage waste"),
        ("managing wastes", "Green skills", "Prevent and manage waste"),
        ("waste prevent", "Green skills", "Prevent and manage waste"),
        ("jätteet", "Green skills", "Prevent and manage waste"),
        ("gs02", "Green skills", "Prevent and manage waste"),
    ],
)
def test_a_search_finds_words_in_any_order_form_and_language(page_at: Open, words: str, kind: str, label: str) -> None:
    page = page_at(f"/?q={quote(words)}", java_script_enabled=False)
    group = page.locator(".hits > div", has=page.get_by_role("heading", name=kind))
    assert group.locator("a").first.inner_text().startswith(label)


def test_a_level_that_is_named_exactly_is_the_only_one(page_at: Open) -> None:
    page = page_at("/?q=DQR+6", java_script_enabled=False)
    assert page.locator(".hits a").all_inner_texts() == ["DQR Level 6"]


def test_all_results_of_a_kind_are_one_click_away(page_at: Open) -> None:
    page = page_at("/?q=level", java_script_enabled=False)
    more = page.locator(".hits a", has_text="more")
    number = int(more.first.inner_text().split()[1])
    more.first.click()
    assert page.locator(".hits a").count() == number + 12
    page.get_by_role("link", name="Results of every kind").click()
    assert page.locator(".hits a", has_text="more").count() == 1


@pytest.mark.parametrize("words", ["x" * 200, "xyzzyqqq", "waste xyzzyqqq"])
def test_a_search_without_results_says_so_and_leads_on(page_at: Open, words: str) -> None:
    page = page_at(f"/?q={words}", java_script_enabled=False)
    assert "No results for" in page.locator("#found").inner_text()
    assert page.locator("#found a").count() == 3


def test_one_letter_is_not_searched_for(page_at: Open) -> None:
    page = page_at("/?q=x", java_script_enabled=False)
    assert "Enter at least two letters" in page.locator("#found").inner_text()
