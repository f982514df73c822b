"""Small wrong changes, one after the other in a copy of the project, and whether a test notices each.

A mutant replaces a text that occurs exactly once in its file. One whose text is no longer there is refused: it would
test nothing. The graph that tests build is kept from run to run, except for a mutant that changes what is built.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

LIST = Path(__file__).with_name("mutants.yaml")
TIMEOUT = 600
"""Seconds that the tests of one mutant may take. One that never ends is noticed."""
_PASSED, _FAILED = 0, 1
"""The exit codes of pytest."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A small wrong change: in which area of behaviour, what it replaces in which file, and the tests to run."""

    name: str
    area: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    """The arguments of pytest."""
    builds: bool = False
    """Whether it changes the graph that tests build, so that none that is kept fits."""

    def problem(self, root: Path) -> str | None:
        """Return why it cannot be made in the project, or None."""
        path = root / self.file
        if not path.is_file():
            return f"there is no file {self.file}"
        count = path.read_text(encoding="utf-8").count(self.old)
        if count != 1:
            return f"its text occurs {count} times in {self.file}"
        if self.old == self.new:
            return "it changes nothing"
        missing = [name for name in self.tests if name.endswith(".py") and not (root / name).is_file()]
        return f"there is no file {missing[0]}" if missing else None

    @contextmanager
    def applied(self, root: Path) -> Iterator[None]:
        """Make the change in a copy, and undo it at the end."""
        path = root / self.file
        before = path.read_text(encoding="utf-8")
        path.write_text(before.replace(self.old, self.new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(before, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant, with the test that noticed it or the reason why it was refused."""

    mutant: Mutant
    outcome: Literal["killed", "survived", "refused"]
    detail: str = ""


def read_mutants(file: Path = LIST, names: Iterable[str] = ()) -> list[Mutant]:
    """Return the mutants of a list, all or those whose name or area is among `names`. Raises `KeyError`."""
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    wanted = set(names)
    mutants = [
        Mutant(
            name=entry["name"],
            area=entry["area"],
            file=content["files"][entry["file"]],
            old=entry["old"],
            new=entry["new"],
            tests=tuple(shlex.split(content["tests"][entry["tests"]])),
            builds=entry.get("builds", False),
        )
        for entry in content["mutants"]
    ]
    unknown = wanted - {mutant.name for mutant in mutants} - {mutant.area for mutant in mutants}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    return [mutant for mutant in mutants if not wanted or wanted & {mutant.name, mutant.area}]


def copy_project(root: Path, folder: Path) -> Path:
    """Copy what git tracks, as it is in the working tree, and return the copy; reference data is beside it as well."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    copy = folder / "project"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (root / name).is_file() and not (root / name).is_symlink():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)
    shared = root.parent / "shared"
    if shared.is_dir():
        (folder / "shared").symlink_to(shared)
    return copy


def try_mutants(mutants: Sequence[Mutant], root: Path, kept: Path) -> Iterator[Result]:
    """Try each mutant in a copy of the project (`root`), with the graph that tests build kept in `kept`.

    The tests are run without any change first: a mutant is refused where they fail anyway.
    """
    failing: dict[tuple[str, ...], str] = {}
    for tests in dict.fromkeys(mutant.tests for mutant in mutants if not mutant.problem(root)):
        code, detail = _run(root, tests, kept)
        if code != _PASSED:
            failing[tests] = f"its tests do not pass without it: {detail}"
    for mutant in mutants:
        if problem := mutant.problem(root) or failing.get(mutant.tests):
            yield Result(mutant, "refused", problem)
            continue
        with mutant.applied(root):
            code, detail = _run(root, mutant.tests, None if mutant.builds else kept)
        if code == _PASSED:
            yield Result(mutant, "survived")
        elif code == _FAILED:
            yield Result(mutant, "killed", detail)
        else:
            yield Result(mutant, "refused", f"its tests cannot be run: {detail}")


def _run(root: Path, tests: Sequence[str], kept: Path | None) -> tuple[int, str]:
    """Run tests until one fails; return the exit code, and the test that failed or the last line of the output."""
    paths = [str(root), str(root / "api")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("KEPT_TEST_GRAPHS", None)
    if kept:
        environment["KEPT_TEST_GRAPHS"] = str(kept)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "--tb=no", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return _FAILED, f"no end within {TIMEOUT} seconds"
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    failed = [
        line.removeprefix("FAILED ").removeprefix("ERROR ") for line in lines if line.startswith(("FAILED ", "ERROR "))
    ]
    return done.returncode, (failed or lines or [""])[0 if failed else -1].partition(" - ")[0]
