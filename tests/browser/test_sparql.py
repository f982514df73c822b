"""SPARQL: a person writes a query, runs an example, and sees a table and a chart."""

import pytest

from tests.browser.conftest import Open


@pytest.mark.usefixtures("scripts")
def test_an_example_is_opened_run_and_shown_as_table_and_chart(page_at: Open) -> None:
    page = page_at("/sparql")
    page.get_by_role("link", name="How many policy visions are there in each stage?").click()
    page.locator(".yasr_results td", has_text="Uptake").first.wait_for()
    page.locator(".yasr_btn.select_chart").click()
    assert page.locator(".result-chart rect").count() == 3


@pytest.mark.usefixtures("scripts")
def test_a_written_query_is_completed_from_the_graph(page_at: Open) -> None:
    page = page_at("/sparql")
    page.wait_for_load_state("networkidle")
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
