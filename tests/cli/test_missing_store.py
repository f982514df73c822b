"""No command makes a store by a slip in the name of its folder, but those that are there to make one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mastery_graph.cli.app import app
from mastery_graph.errors import StoreMissing
from tests.conftest import DESCRIPTION
from tests.sources.test_crosswalk import TABLE
from tests.sources.test_elm import SHAPE

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
MAKES = {"build", "restore", "load esco"}
"""The commands that make a store where there is none."""
SSSOM = """#mapping_set_id: https://example.org/sets/a
#mapping_set_title: Set A
#license: https://creativecommons.org/publicdomain/zero/1.0/
#curie_map:
#  gs: https://w3id.org/mastery-graph/id/green-skill/
#  ex: https://example.org/skill/
subject_id\tpredicate_id\tobject_id\tmapping_justification
gs:GS01\tskos:exactMatch\tex:w\tsemapv:ManualMappingCuration
"""
ARGUMENTS = {
    "query": ["browse/dataset"],
    "info": [],
    "check": [],
    "equivalence": ["EQF 5"],
    "levels": [],
    "stack": [f"{DESCRIPTION}a", "--target", f"{DESCRIPTION}b"],
    "recognise": [f"{DESCRIPTION}a", "--country", "FIN"],
    "compare": [f"{DESCRIPTION}a", f"{DESCRIPTION}b"],
    "profile": [f"{DESCRIPTION}a"],
    "coverage": [f"{DESCRIPTION}a"],
    "validate": ["elm.ttl", "--profile", "elm"],
    "convert": [f"{DESCRIPTION}a", "--to", "openbadge"],
    "export": ["--out", "out"],
    "backup": ["store.tar"],
    "map": ["waste"],
    "serve": ["--port", "20999"],
    "load elm": ["elm.ttl"],
    "load statements": [str(EXAMPLES / "statements.ttl")],
    "load sssom": ["set.sssom.tsv"],
    "load crosswalk": ["crosswalk.csv"],
    "load credential": ["elm.ttl"],
    "load register": ["--name", "deqar", "--remove"],
    "remove credential": ["--all"],
    "esco report": [],
    "esco versions": [],
    "esco use": ["1.2.0"],
    "esco remove": ["1.2.0"],
}
"""Arguments of each other command that takes a store, which are good as far as they go."""
NEED_NO_STORE = {"convert"}
"""Commands that may find their fault before they look for the store."""


def write_inputs(folder: Path) -> None:
    """Write the files that the arguments name."""
    (folder / "elm.ttl").write_text(SHAPE, encoding="utf-8")
    (folder / "set.sssom.tsv").write_text(SSSOM, encoding="utf-8")
    (folder / "crosswalk.csv").write_text(TABLE.replace("NAME", "O*NET"), encoding="utf-8")
    (folder / "statements.ttl").write_bytes((EXAMPLES / "statements.ttl").read_bytes())


def _commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for part, inner in command.commands.items():
            yield from _commands(inner, f"{name} {part}".strip())
    else:
        yield name, command


def test_the_arguments_are_those_of_the_commands_that_take_a_store() -> None:
    taking = {
        name
        for name, command in _commands(typer.main.get_command(app))
        if any(parameter.name == "store" for parameter in command.params)
    }
    assert taking == ARGUMENTS.keys() | MAKES


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_command_says_that_the_store_is_missing_and_makes_none(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_inputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    missing = tmp_path / "slip" / "store"
    done = CliRunner().invoke(app, [*command.split(), *ARGUMENTS[command], "--store", str(missing)])
    assert isinstance(done.exception, StoreMissing) or (command in NEED_NO_STORE and done.exit_code != 0), done.output
    assert not (missing / "current").exists()
    assert not (missing / "versions").exists()
