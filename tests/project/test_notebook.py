"""The notebook that a researcher starts from: it was run to its end, and shows a table and a plot."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def cells() -> list[dict[str, Any]]:
    content = json.loads((EXAMPLES / "first-look.ipynb").read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def test_it_was_run_from_first_to_last_without_an_error(cells: list[dict[str, Any]]) -> None:
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]


def test_it_shows_a_table_and_a_plot(cells: list[dict[str, Any]]) -> None:
    shown = {kind for cell in cells for output in cell["outputs"] for kind in output.get("data", {})}
    assert {"text/html", "image/png"} <= shown


def test_it_names_no_path_of_the_machine_it_was_run_on(cells: list[dict[str, Any]]) -> None:
    said = json.dumps([{**cell, "outputs": [{**each, "data": {}} for each in cell["outputs"]]} for cell in cells])
    assert not re.search(r"/(home|root|tmp|work|Users)/", said)


def test_its_queries_are_answered_by_the_graph_as_it_is(store: object, cells: list[dict[str, Any]]) -> None:
    source = "".join("".join(cell["source"]) for cell in cells)
    prefixes = re.search(r'PREFIXES = """(.*?)"""', source, re.DOTALL)
    assert prefixes
    asked = re.findall(r'table\("""(.*?)"""\)', source, re.DOTALL)
    assert len(asked) == 2
    for query in asked:
        assert store.select(prefixes[1] + query)  # type: ignore[attr-defined]
