"""Every face answers through the questions of the registry: their parameters are described in one place."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from mastery_graph.cli.app import app
from mastery_graph.graph import Graph
from mastery_graph.questions.question import Question, UrlParameter
from mastery_graph.questions.registry import QUESTIONS

ROOT = Path(__file__).resolve().parents[2]
ANSWERING = {
    "compare",
    "coverage_of",
    "eqf_grid",
    "equivalent_levels",
    "equivalent_skills",
    "learner_profile",
    "level_table",
    "map_text",
    "recognition",
    "stackability",
}
"""The functions that work out answers: `questions.kinds` calls them."""
METHODS = {
    "equivalence/levels": "equivalent_levels",
    "equivalence/skills": "equivalent_skills",
    "equivalence/table": "level_table",
    "stackability": "stack",
    "recognition": "recognise",
    "profile": "profile",
    "coverage": "coverage",
    "mapping": "map_text",
    "validation": "validate",
    "conversion": "convert",
}
COMMANDS = {
    "equivalence/levels": "equivalence",
    "equivalence/skills": "equivalence",
    "equivalence/table": "levels",
    "equivalence/grid": "levels",
    "stackability": "stack",
    "recognition": "recognise",
    "comparison": "compare",
    "profile": "profile",
    "coverage": "coverage",
    "mapping": "map",
}


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mastery_graph.questions."):
            yield from (alias.name for alias in node.names)


def _default(question: type[Question], name: str) -> object:
    field = question.model_fields[name]
    return inspect.Parameter.empty if field.is_required() else field.default


def test_no_face_answers_past_the_questions() -> None:
    faces = [*(ROOT / "api" / "mastery_api").rglob("*.py"), *(ROOT / "mastery_graph" / "cli").rglob("*.py")]
    files = [*faces, ROOT / "mastery_graph" / "graph.py"]
    assert len(files) > 80
    past = {str(file.relative_to(ROOT)): names for file in files if (names := ANSWERING & set(_imported(file)))}
    assert past == {}


@pytest.mark.parametrize("kind", METHODS)
def test_a_method_has_the_parameters_of_its_question(kind: str) -> None:
    question = QUESTIONS[kind]
    parameters = dict(inspect.signature(getattr(Graph, METHODS[kind])).parameters)
    del parameters["self"]
    assert list(parameters) == list(question.model_fields)
    for name, parameter in parameters.items():
        if name != "policy":  # may also be a name or a mapping
            assert parameter.default == _default(question, name), name


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_command_has_the_parameters_of_its_question(kind: str) -> None:
    question = QUESTIONS[kind]
    command = typer.main.get_command(app).commands[COMMANDS[kind]]  # type: ignore[attr-defined]
    parameters = {parameter.name: parameter for parameter in command.params}
    assert question.model_fields.keys() <= parameters.keys()
    for name, field in question.model_fields.items():
        alias = next((item.name for item in field.metadata if isinstance(item, UrlParameter)), name)
        option = "--lang" if name == "language" else f"--{alias.replace('_', '-')}"
        assert name in parameters[name].opts or parameters[name].opts == [option]
        assert not isinstance(field.default, str | int) or parameters[name].default == field.default
