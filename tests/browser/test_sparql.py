"""SPARQL: a person writes a query, runs an example, and sees a table and a chart, or what is wrong and where."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from mastery_api.pages.sparql import FEATURED
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.queries import bind_text, named_query
from mastery_graph.store.embedded import EmbeddedStore
from tests.browser.conftest import Open
from tests.browser.test_every_page import SEEN, violations
from tests.store import servers

BROKEN = "SELECT * WHERE {\n  ?s ?p\n}"


def with_editor(page: Page) -> Page:
    """Turn to the form of a page, and so to its editor."""
    page.locator("#query").focus()
    page.locator(".CodeMirror").first.wait_for()
    return page


def write(page: Page, query: str) -> None:
    """Put a query into the editor, as a person who types it."""
    editor = page.locator(".CodeMirror").locator("visible=true").first
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)


def text_of(page: Page) -> str:
    """The query in the editor that is shown."""
    editor = page.locator(".CodeMirror").locator("visible=true").first
    return str(editor.evaluate("each => each.CodeMirror.getValue()"))


def run(page: Page) -> None:
    page.locator(".yasqe_queryButton").locator("visible=true").click()


@pytest.mark.usefixtures("scripts")
def test_an_example_is_opened_run_and_shown_as_table_and_chart(page_at: Open) -> None:
    page = page_at("/sparql")
    page.get_by_role("link", name="How many policy visions are there in each stage?").click()
    page.locator(".yasr_results td", has_text="Uptake").first.wait_for()
    page.locator(".yasr_btn.select_chart").click()
    assert page.locator(".result-chart rect").count() == 3


@pytest.mark.usefixtures("scripts")
def test_a_written_query_is_completed_from_the_graph(page_at: Open) -> None:
    page = with_editor(page_at("/sparql"))
    page.locator(".CodeMirror").first.evaluate(
        "editor => { const yasqe = editor.CodeMirror;"
        " yasqe.setValue('PREFIX mg: <https://w3id.org/mastery-graph/ns#>\\nSELECT * { ?s a mg:Vis }');"
        " yasqe.setCursor({line: 1, ch: 22}); yasqe.focus() }"
    )
    page.keyboard.press("Control+Space")
    page.locator(".CodeMirror-hints", has_text="Vision").or_(
        page.locator(".CodeMirror", has_text="mg:Vision")
    ).first.wait_for()


def test_a_query_is_run_without_scripts(page_at: Open) -> None:
    page = page_at("/sparql?example=browse/visions-by-stage", java_script_enabled=False)
    with page.expect_download() as download:
        page.get_by_role("button", name="Run").click()
    assert download.value.path().read_text(encoding="utf-8").startswith("stage,visions")


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize(("key", "times"), [("Tab", 12), ("Shift+Tab", 12)])
def test_the_keys_lead_through_the_editor_and_out_of_it(page_at: Open, key: str, times: int) -> None:
    page = with_editor(page_at("/sparql"))
    before = text_of(page)
    page.locator(".CodeMirror textarea").focus()
    places = []
    for _ in range(times):
        page.keyboard.press(key)
        places.append(page.evaluate("Boolean(document.activeElement.closest('.CodeMirror'))"))
    assert False in places[:6]
    assert text_of(page) == before


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The query does not parse"),
        *(
            pytest.param(language, title, marks=pytest.mark.matrix)
            for language, title in (("it", "query"), ("es", "consulta"), ("bg", "Заявката"), ("fi", "ysely"))
        ),
    ],
)
def test_a_fault_of_a_query_is_told_in_words_and_marked_in_its_line(page_at: Open, language: str, title: str) -> None:
    page = with_editor(page_at("/sparql", locale=language, viewport={"width": 375, "height": 900}))
    write(page, BROKEN)
    run(page)
    problem = page.locator(".yasr_results [role=alert]")
    problem.wait_for()
    assert title in problem.inner_text()
    assert "{" not in problem.inner_text()
    assert page.locator(".CodeMirror .fault", has_text="}").count() == 1
    problem.get_by_role("button").click()
    caret = page.locator(".CodeMirror").first.evaluate("each => each.CodeMirror.getCursor().line")
    assert caret == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    write(page, "SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")
    run(page)
    page.locator(".yasr_results td").first.wait_for()
    assert page.locator(".CodeMirror .fault").count() == 0


@pytest.mark.usefixtures("scripts")
def test_a_server_that_is_gone_is_told_without_a_response_time(page_at: Open, built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0]) as mortal:
        page = with_editor(page_at("/sparql", server=mortal.address))
        write(page, "# my query\nSELECT ?s WHERE { ?s ?p ?o } LIMIT 1")
        os.kill(mortal.pid, signal.SIGKILL)
    run(page)
    problem = page.locator(".yasr_results [role=alert]")
    problem.wait_for()
    assert "The server did not answer" in problem.inner_text()
    assert not page.locator(".yasr_response_chip").is_visible()
    page.get_by_role("link", name="Which dataset is this").click()
    expect(page.locator("#sparql-status")).to_contain_text("The server did not answer")
    assert text_of(page).startswith("# my query")


@pytest.mark.usefixtures("scripts")
def test_an_example_leaves_what_was_written(page_at: Open) -> None:
    page = with_editor(page_at("/sparql"))
    write(page, "# my precious query")
    page.get_by_role("link", name="How many policy visions are there in each stage?").click()
    page.locator(".yasr_results td", has_text="Uptake").first.wait_for()
    assert "mg:Vision" in text_of(page)
    tabs = page.locator(".tabsList [role=tab]:not(.addTab)")
    expect(tabs).to_have_count(2)
    tabs.first.click()
    assert text_of(page) == "# my precious query"


@pytest.mark.usefixtures("scripts")
def test_an_example_takes_the_place_of_one_that_was_not_changed(page_at: Open) -> None:
    page = with_editor(page_at("/sparql"))
    for name in ("How many policy visions are there in each stage?", "Which dataset is this"):
        page.get_by_role("link", name=name).click()
        page.locator(".yasr_results td").first.wait_for()
    expect(page.locator(".tabsList [role=tab]:not(.addTab)")).to_have_count(1)


@pytest.mark.parametrize("name", FEATURED)
def test_an_example_has_an_answer_as_it_is(store: EmbeddedStore, name: str) -> None:
    query = named_query(name)
    text = bind_text(query, [(parameter.name, parameter.example) for parameter in query.parameters])
    assert 0 < len(list(store.select(text))) < 2000


def test_the_parameters_of_an_example_are_fields_without_scripts(page_at: Open) -> None:
    page = page_at("/sparql?example=browse/concepts", java_script_enabled=False)
    field = page.get_by_label("text", exact=True)
    assert field.input_value() == "waste"
    assert page.locator("#parameters .hint").first.inner_text() == "The text, in lower case."
    assert 'VALUES ?text { "waste" }' in page.locator("#query").input_value()
    field.fill('so"il')
    field.press("Enter")
    assert r'VALUES ?text { "so\"il" }' in page.locator("#query").input_value()
    assert page.get_by_label("text", exact=True).input_value() == 'so"il'
    page.get_by_label("text", exact=True).fill("")
    page.get_by_role("button", name="Use these values").click()
    assert "VALUES ?text" not in page.locator("#query").input_value().replace("{ UNDEF }", "")


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("width", [1440, *(pytest.param(width, marks=pytest.mark.matrix) for width in (768, 375))])
def test_the_parameters_of_an_example_are_fields_with_its_defaults(page_at: Open, width: int) -> None:
    page = page_at("/sparql", viewport={"width": width, "height": 900})
    page.get_by_role("link", name="Which concepts have a label that contains this text?").press("Enter")
    page.locator(".yasr_results td", has_text="waste").first.wait_for()
    assert "UNDEF" in text_of(page)
    field = page.get_by_label("text", exact=True)
    expect(field).to_have_value("waste")
    expect(field).to_have_accessible_description("The text, in lower case.")
    field.fill('" } # soil')
    field.press("Enter")
    expect(page.locator(".yasr_response_chip")).to_contain_text("0 results")
    field.fill("soil")
    field.press("Enter")
    page.locator(".yasr_results td", has_text="soil").first.wait_for()
    page.locator(".yasqe_share").first.click()
    shared = page.locator(".yasqe_sharePopup input").first.input_value()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="How many policy visions are there in each stage?").click()
    page.locator(".yasr_results td", has_text="Uptake").first.wait_for()
    expect(page.locator("#parameters")).to_be_hidden()
    other = page_at(shared.partition(page.url.partition("/sparql")[0])[2])
    other.locator(".CodeMirror").first.wait_for()
    assert 'VALUES ?text { "soil" }' in text_of(other)


@pytest.mark.usefixtures("scripts")
def test_each_tab_keeps_the_values_of_its_parameters(page_at: Open) -> None:
    page = page_at("/sparql?example=recognition/national-policy&country=ITA")
    field = page.get_by_label("country", exact=True)
    assert field.input_value() == "ITA"
    field.press("End")
    page.locator(".CodeMirror").first.wait_for()
    expect(field).to_be_focused()
    field.fill("IRL")
    write(page, text_of(page) + "# mine")
    page.get_by_role("link", name="Which national levels are referenced to the same EQF level as this level?").click()
    level = page.get_by_label("level", exact=True)
    expect(level).to_have_value("http://data.europa.eu/snb/qdr/c_670e54c7")
    page.locator(".tabsList [role=tab]:not(.addTab)").first.click()
    expect(level).to_have_count(0)
    expect(field).to_have_value("IRL")


@pytest.mark.usefixtures("scripts")
def test_what_is_written_while_the_editor_comes_is_in_it(page_at: Open) -> None:
    page = page_at("/sparql")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/built/sparql.js*", hold)
    with page.expect_request("**/built/sparql.js*"):
        page.locator("#query").focus()
    page.locator("#query").fill("# mine, ")
    page.keyboard.insert_text("and more")
    held[0].continue_()
    page.locator(".CodeMirror").first.wait_for()
    page.keyboard.insert_text(" and still more")
    assert text_of(page) == "# mine, and more and still more"


@pytest.mark.usefixtures("scripts")
def test_the_plain_form_stays_where_the_editor_cannot_be_had(page_at: Open) -> None:
    page = page_at("/sparql")
    page.route("**/built/sparql.js*", lambda route: route.abort())
    page.locator("#query").fill("# mine")
    page.get_by_role("alert").filter(has_text="The server did not answer").wait_for()
    assert page.locator("#query").input_value() == "# mine"
    page.unroute("**/built/sparql.js*")
    page.get_by_role("button", name="Run").click()
    page.locator(".CodeMirror").first.wait_for()
    assert text_of(page) == "# mine"


@pytest.mark.usefixtures("scripts")
def test_nothing_large_is_run_before_a_person_turns_to_the_form(page_at: Open) -> None:
    page = page_at("/sparql")
    assert page.locator("#query").is_visible()
    run = page.evaluate(
        "performance.getEntriesByType('resource').filter(each => each.initiatorType === 'script')"
        ".map(each => each.name)"
    )
    assert not [address for address in run if "/sparql.js" in address]
    assert page.locator("script[src], link[rel=stylesheet]").count() == 3


def test_a_dozen_examples_come_first_and_the_others_are_folded(page_at: Open) -> None:
    page = page_at("/sparql", java_script_enabled=False)
    assert page.locator("[data-example]").locator("visible=true").count() == len(FEATURED) == 12
    page.get_by_text("More queries, as the service itself uses them").click()
    assert page.locator("[data-example]").locator("visible=true").count() > 60


@pytest.mark.usefixtures("scripts")
def test_results_are_plain_values_apart_from_each_other(page_at: Open) -> None:
    page = page_at("/sparql")
    page.get_by_role("link", name="How many policy visions are there in each stage?").click()
    cell = page.locator(".yasr_results td", has_text="Uptake").first
    cell.wait_for()
    assert cell.inner_text().strip() == "Uptake"
    assert cell.evaluate("each => parseFloat(getComputedStyle(each).paddingLeft)") >= 4
    assert page.locator(".yasr label").first.evaluate("each => getComputedStyle(each).fontWeight") == "400"
    assert not page.locator(".clearEndpointBtn").is_visible()
    assert not page.locator(".tabContextButton").is_visible()
    page.emulate_media(color_scheme="dark")
    assert (
        page.locator(".yasr_results th").first.evaluate("each => getComputedStyle(each).color") != "rgb(169, 180, 172)"
    )


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("seen", SEEN)
def test_the_editor_its_results_and_its_problems_are_accessible(page_at: Open, axe: str, seen: str) -> None:
    size, scheme = SEEN[seen]
    page = page_at("/sparql", viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.get_by_role("link", name="Which concepts have a label that contains this text?").click()
    page.locator(".yasr_results td").first.wait_for()
    page.evaluate(axe)
    assert violations(page) == []
    write(page, BROKEN)
    run(page)
    page.locator(".yasr_results [role=alert]").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
