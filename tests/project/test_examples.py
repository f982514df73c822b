"""The examples in the documentation: each command is run, and prints what the page shows.

An example is an indented block that begins with `$ mastery-graph`; a line of `…` stands for any number of lines,
and `…` within a line for the rest of it.
"""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from mastery_graph.pipeline.build import BuildReport
from tests.conftest import REFERENCE
from tests.support.command_line import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SAMPLE = REFERENCE / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"


def examples() -> list[tuple[str, str, list[str]]]:
    """Return the page, the command and the lines shown of each example whose command needs no file of the reader's."""
    found = []
    for page in PAGES:
        for block in re.findall(r"(?:^(?:    .*)?\n)+", page.read_text(encoding="utf-8") + "\n", re.MULTILINE):
            lines = [line.removeprefix("    ") for line in block.strip("\n").splitlines()]
            if lines and lines[0].startswith("$ mastery-graph ") and "CREDENTIAL" not in lines[0] and len(lines) > 1:
                found.append((page.relative_to(ROOT).as_posix(), lines[0].removeprefix("$ "), lines[1:]))
    return found


@pytest.mark.parametrize(("page", "command", "shown"), examples())
def test_an_example_prints_what_its_page_shows(
    page: str, command: str, shown: list[str], built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    if " credential.jsonld" in command:
        if not SAMPLE.is_file():
            pytest.skip("the reference data (../shared/data) is not beside this checkout")
        (tmp_path / "credential.jsonld").write_bytes(SAMPLE.read_bytes())
    for example in (ROOT / "docs" / "examples").glob("*.jsonld"):
        if example.name in command:
            shutil.copy(example, tmp_path)
    _, *arguments = shlex.split(command)
    done = run(*arguments, store=built[0], folder=tmp_path)
    assert done.returncode in {0, 1}, done.stderr
    pattern = "\n".join(".*" if line.strip() == "…" else re.escape(line).replace("…", "[^\n]*") for line in shown)
    assert re.match(pattern, done.stdout, re.DOTALL), f"{page}: {done.stdout}"


def test_there_are_examples_to_run() -> None:
    assert len(examples()) >= 5
