"""What holds for the tests themselves: they can fail, and in CI none is passed over."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests").rglob("test_*.py"))


def _is_check(node: ast.AST) -> bool:
    """Return whether a statement asserts something: `assert`, or `with pytest.raises(…)` and its like."""
    if isinstance(node, ast.With):
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        return any(isinstance(call.func, ast.Attribute) and call.func.attr in {"raises", "warns"} for call in calls)
    return isinstance(node, ast.Assert)


def _may_be_empty(iterable: ast.expr, known: dict[str, ast.expr]) -> bool:
    """Return whether what a loop goes through may be empty, as far as its text tells: all but what is written out."""
    if isinstance(iterable, ast.Name):
        return iterable.id not in known or _may_be_empty(known[iterable.id], {})
    if isinstance(iterable, ast.Call):
        name = iterable.func.attr if isinstance(iterable.func, ast.Attribute) else getattr(iterable.func, "id", "")
        if name in {"items", "values", "keys"} and isinstance(iterable.func, ast.Attribute):
            return _may_be_empty(iterable.func.value, known)
        if name in {"enumerate", "sorted", "reversed", "list", "permutations"} and iterable.args:
            return _may_be_empty(iterable.args[0], known)
        if name == "range":
            return not all(isinstance(argument, ast.Constant) for argument in iterable.args)
        return True
    if isinstance(iterable, ast.Tuple | ast.List | ast.Set):
        return all(isinstance(element, ast.Starred) for element in iterable.elts)
    if isinstance(iterable, ast.Dict):
        return all(key is None for key in iterable.keys)
    return True


def _checks_always(body: list[ast.stmt], known: dict[str, ast.expr]) -> bool:
    """Return whether some statement asserts whatever the loops around it go through."""
    for node in body:
        if _is_check(node):
            return True
        known.update(_assigned(node))
        if isinstance(node, ast.For | ast.AsyncFor):
            if not _may_be_empty(node.iter, known) and _checks_always(node.body, dict(known)):
                return True
        elif isinstance(node, ast.While):
            continue
        elif any(_checks_always(part, known) for part in _parts(node)):
            return True
    return False


def _assigned(node: ast.stmt) -> dict[str, ast.expr]:
    """Return the value that a statement assigns to a name, with an annotation or without, under that name."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return {node.targets[0].id: node.value}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        return {node.target.id: node.value}
    return {}


def _parts(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "handlers", "finalbody"):
        part = getattr(node, name, [])
        yield [each for each in part if isinstance(each, ast.stmt)]
        yield [inner for each in part if isinstance(each, ast.ExceptHandler) for inner in each.body]


def _unguarded(source: str) -> list[str]:
    """Return the tests of a file that assert, and only within loops that may go through nothing."""
    names = []
    tree = ast.parse(source)
    known = {name: value for node in tree.body for name, value in _assigned(node).items()}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            asserts = any(_is_check(inner) for inner in ast.walk(node))
            if asserts and not _checks_always(node.body, dict(known)):
                names.append(node.name)
    return names


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(ROOT / "tests").as_posix() for path in FILES])
def test_no_test_asserts_only_within_a_loop_that_may_go_through_nothing(path: Path) -> None:
    assert _unguarded(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("body", "guarded"),
    [
        ("for n in things():\n    assert n", False),
        ("for n in []:\n    assert n", False),
        ("for n in (*things(),):\n    assert n", False),
        ("for n in things():\n    for m in (1, 2):\n      assert m", False),
        ("for m in (1, 2):\n    for n in things():\n      assert m", False),
        ("for n in things():\n    with pytest.raises(ValueError):\n      n()", False),
        ("names = things()\n  for n in names:\n    assert n", False),
        ("assert things()\n  for n in things():\n    assert n", True),
        ("for n in (1, 2):\n    assert n", True),
        ("for n in NUMBERS.items():\n    assert n", True),
        ("for n in range(3):\n    assert n", True),
        ("names = [1, things()]\n  for n in names:\n    assert n", True),
        ("names: list[int] = [1, things()]\n  for n in names:\n    assert n", True),
        ("names: list[int] = things()\n  for n in names:\n    assert n", False),
        ("with open() as file:\n    assert file", True),
        ("with pytest.raises(ValueError):\n    things()", True),
        ("things()", True),
    ],
)
def test_the_check_sees_a_loop_that_may_go_through_nothing(body: str, guarded: bool) -> None:
    source = f"NUMBERS = {{1: 2}}\ndef test_it():\n  {body}\n"
    assert _unguarded(source) == ([] if guarded else ["test_it"])


SKIPPED = """
import pytest

def test_that_has_what_it_needs(): pass

def test_that_lacks_something(): pytest.skip("a suite is missing")

@pytest.mark.skipif(True, reason="a suite is missing")
def test_that_is_marked(): pass

@pytest.mark.parametrize("case", [])
def test_without_a_case(case): pass

@pytest.mark.needs_root
def test_for_root(): pytest.skip("needs root")

@pytest.mark.xfail(strict=True)
def test_that_is_known_to_fail(): assert False
"""


@pytest.mark.parametrize(("ci", "refused"), [("true", 3), ("", 0)])
def test_in_ci_what_would_be_skipped_fails(tmp_path: Path, ci: str, refused: int) -> None:
    (tmp_path / "test_it.py").write_text(SKIPPED, encoding="utf-8")
    options = [
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "-n",
        "0",
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "test_it.py")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    counted = {word.removesuffix("s"): int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", done.stdout)}
    assert counted.get("failed", 0) + counted.get("error", 0) == refused
    assert (counted["passed"], counted["skipped"], counted["xfailed"]) == (1, 4 - refused, 1)
    assert done.stdout.count("With CI=true nothing is skipped.") >= refused
    assert done.returncode == (1 if refused else 0)
