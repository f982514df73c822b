"""Errors that the service sends are translatable: none is raised with a text that is not a message."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import mastery_api
from mastery_graph import errors
from mastery_graph.errors import MasteryError
from mastery_graph.languages import TRANSLATIONS
from mastery_graph.languages.catalogue import find_translation

ROOT = Path(__file__).resolve().parents[2]
OF_OPERATORS = (
    *("cli", "pipeline", "esco", "store_choice.py", "sources/crosswalk.py", "sources/elm.py", "sources/esco.py"),
    *(
        "sources/esco_extract.py",
        "sources/esco_tables.py",
        "sources/green_skills.py",
        "sources/referencings.py",
        "sources/turtle.py",
    ),
    *("dataset/backup.py", "dataset/dumps.py", "dataset/lines.py", "sources/registers", "graph.py", "client.py"),
    *("credentials/inputs.py", "questions/kinds/documents.py"),
)
"""Modules whose errors occur only in commands of operators and in the Python API, which are in English."""
AT_START = ("monitoring/tracing.py",)
"""Modules of the service whose errors stop its start."""


def _kinds(parent: type[MasteryError]) -> Iterator[type[MasteryError]]:
    yield parent
    for kind in parent.__subclasses__():
        yield from _kinds(kind)


def _all_kinds() -> list[type[MasteryError]]:
    for module in pkgutil.walk_packages(mastery_api.__path__, "mastery_api."):
        if not module.name.endswith(("__main__", ".app")):
            importlib.import_module(module.name)
    return list(_kinds(MasteryError))


def test_the_title_of_each_error_is_translated() -> None:
    titles = {kind.title for kind in _all_kinds()}
    assert errors.BadQuery.title in titles
    assert [title for title in titles for language in TRANSLATIONS if not find_translation(title, language)] == []


def test_each_error_of_the_service_has_messages() -> None:
    kinds = {kind.__name__ for kind in _all_kinds()}
    raised, plain = 0, []
    for base, left_out in ((ROOT / "mastery_graph", OF_OPERATORS), (ROOT / "api" / "mastery_api", AT_START)):
        for path in base.rglob("*.py"):
            if path.relative_to(base).as_posix().startswith(left_out):
                continue
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in kinds:
                    raised += 1
                    plain += [f"{path.name}:{part.lineno}" for part in call.args[:2] if _is_plain_text(part)]
    assert raised > 200
    assert plain == []


def _is_plain_text(part: ast.expr) -> bool:
    if isinstance(part, ast.IfExp):
        return _is_plain_text(part.body) or _is_plain_text(part.orelse)
    return isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and bool(part.value))
