"""The mutation run, on a project of one function."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.run import LIST, Mutant, copy_project, read_mutants, try_mutants

CODE = "def is_adult(age: int) -> bool:\n    return age >= 18\n"
TESTS = "from ages import is_adult\n\n\ndef test_it() -> None:\n    assert is_adult(18)\n    assert not is_adult(3)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "ages.py").write_text(CODE, encoding="utf-8")
    (root / "test_ages.py").write_text(TESTS, encoding="utf-8")
    (root / "test_wrong.py").write_text("def test_it() -> None:\n    assert False\n", encoding="utf-8")
    return root


def mutant(old: str, new: str, tests: str = "test_ages.py", file: str = "ages.py") -> Mutant:
    return Mutant("name", "area", file, old, new, (tests,))


@pytest.mark.parametrize(
    ("change", "outcome", "detail"),
    [
        (mutant(">= 18", "> 18"), "killed", "test_ages.py::test_it"),
        (mutant(">= 18", ">= 17"), "survived", ""),
        (mutant(">= 21", ">= 20"), "refused", "occurs 0 times"),
        (mutant("age", "years"), "refused", "occurs 2 times"),
        (mutant(">= 18", ">= 18"), "refused", "changes nothing"),
        (mutant(">= 18", "> 18", file="years.py"), "refused", "no file years.py"),
        (mutant(">= 18", "> 18", tests="test_years.py"), "refused", "no file test_years.py"),
        (mutant(">= 18", "> 18", tests="test_wrong.py"), "refused", "do not pass without it"),
        (mutant("return", "retrun"), "refused", "cannot be run"),
    ],
)
def test_a_mutant_is_killed_survives_or_is_refused(project: Path, change: Mutant, outcome: str, detail: str) -> None:
    (result,) = try_mutants([change], project, project / "graphs")
    assert result.outcome == outcome
    assert detail in result.detail
    assert bool(result.detail) == bool(detail)
    assert (project / "ages.py").read_text(encoding="utf-8") == CODE


def test_the_copy_is_of_the_working_tree_and_not_of_what_git_ignores(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for name in ("tracked.py", "new.py", "ignored.py", ".gitignore"):
        (root / name).write_text("ignored.py" if name == ".gitignore" else name, encoding="utf-8")
    subprocess.run(["git", "add", "tracked.py"], cwd=root, check=True)
    (root / "tracked.py").write_text("changed", encoding="utf-8")
    copy = copy_project(root, tmp_path)
    assert {file.name for file in copy.iterdir()} == {"tracked.py", "new.py", ".gitignore"}
    assert (copy / "tracked.py").read_text(encoding="utf-8") == "changed"


def test_mutants_are_picked_by_area_and_by_name() -> None:
    every = read_mutants()
    assert len({one.name for one in every}) == len(every) >= 40
    first = every[0]
    assert read_mutants(LIST, [first.name]) == [first]
    assert read_mutants(LIST, [first.area]) == [one for one in every if one.area == first.area]
    with pytest.raises(KeyError, match="nowhere"):
        read_mutants(LIST, ["nowhere"])


def test_the_command_says_what_it_takes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutation", "--help"], capture_output=True, text=True, check=True
    )
    assert "--list" in done.stdout
