"""Names in the code: plain engineering English, and one class for each name."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (ROOT / "mastery_graph", ROOT / "api" / "mastery_api")
NO_NAMES = frozenset(
    {
        "answered",
        "asked",
        "asking",
        "begun",
        "each",
        "found",
        "given",
        "heard",
        "held",
        "here",
        "kept",
        "mended",
        "mends",
        "one",
        "said",
        "seen",
        "shown",
        "speaks",
        "taken",
        "tell",
        "tells",
        "there",
        "told",
        "wanted",
    }
)
"""Words that name neither a thing nor an action: as a function, a class, a module, a parameter or a variable."""
NO_ACTIONS = frozenset(
    {
        "called",
        "compared",
        "converted",
        "decoded",
        "described",
        "drawn",
        "ended",
        "expanded",
        "explained",
        "fetched",
        "formatted",
        "joined",
        "judged",
        "merged",
        "named",
        "opened",
        "parsed",
        "placed",
        "recorded",
        "referenced",
        "refused",
        "rendered",
        "resolved",
        "sent",
        "settled",
        "started",
        "stated",
        "submitted",
        "updated",
        "worded",
        "written",
    }
)
"""Participles that name no function: a function that acts is an imperative verb, one that returns a property a noun."""
FIXED = {
    ("mastery_graph/permalinks/changed_answers.py", "asked"),
    ("mastery_graph/questions/recognition/differences.py", "asked"),
    ("mastery_graph/questions/recognition/differences.py", "found"),
}
"""Fields of JSON answers that clients rely on."""


def _files() -> list[Path]:
    files = [path for package in PACKAGES for path in sorted(package.rglob("*.py"))]
    assert len(files) > 200
    return files


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield argument.arg


def bad_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each function, parameter and variable that is called by no noun and no verb."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.strip("_") in NO_NAMES | NO_ACTIONS:
                yield node.lineno, node.name
            yield from ((node.lineno, name) for name in _parameters(node) if name.strip("_") in NO_NAMES)
        elif isinstance(node, ast.ClassDef) and node.name.strip("_").lower() in NO_NAMES:
            yield node.lineno, node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.strip("_") in NO_NAMES:
            yield node.lineno, node.id


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_names_are_nouns_and_verbs_of_the_field(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert path.stem not in NO_NAMES
    assert [(line, name) for line, name in bad_names(tree) if (place, name) not in FIXED] == []


def test_no_class_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.relative_to(ROOT).as_posix())
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


@pytest.mark.parametrize(
    "code",
    [
        "def told(): ...",
        "def f(asked): ...",
        "for each in rows: ...",
        "def _converted(): ...",
        "class Said: ...",
        "here = 1",
    ],
)
def test_a_name_of_no_thing_and_no_action_is_noticed(code: str) -> None:
    assert list(bad_names(ast.parse(code)))
