"""What holds for the project as a whole: directions, documentation, the wheel."""

import ast
import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from mastery_graph.build.pipeline import BuildReport
from mastery_graph.queries import named_queries
from mastery_graph.resources import folder
from mastery_graph.settings import Settings
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import NS, RDF, SKOS

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["store", "sources", "build", "credentials", "validation", "concepts", "answers", "cli"]


def _imported_with(module: str) -> set[str]:
    code = f"import json, sys, {module}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("part", ORDER)
def test_no_import_goes_back(part: str) -> None:
    allowed = set(ORDER[: ORDER.index(part) + 1]) | ({"build"} if part == "cli" else set())
    for path in (ROOT / "mastery_graph" / part).rglob("*.py"):
        for module in _imports(path):
            assert not module.startswith("mastery_api"), path
            if module.startswith("mastery_graph.") and module.split(".")[1] in ORDER:
                assert module.split(".")[1] in allowed, (path, module)


def test_the_server_starts_without_the_heavy_libraries() -> None:
    heavy = {"owlrl", "pyshacl", "scipy", "rdflib", "networkx", "tantivy"}
    assert _imported_with("mastery_api.app") & heavy == set()


def test_a_change_of_the_store_starts_without_what_only_answers_need() -> None:
    assert _imported_with("mastery_graph.build.changing") & {"pydantic", "httpx", "rdflib"} == set()


def test_the_command_line_starts_without_writing_to_the_home_folder() -> None:
    assert "pystow" not in _imported_with("mastery_graph.cli")


def test_each_rule_has_a_page_that_gives_its_question_and_source() -> None:
    triples = read_turtle(folder("ontology") / "rules.ttl")
    rules = {t.subject for t in triples if t.predicate.value == RDF + "type" and t.object.value == NS + "Rule"}
    assert len(rules) == 45
    for rule in rules:
        said = {t.predicate.value: t.object.value for t in triples if t.subject == rule}
        page = (ROOT / "docs" / "rules" / f"{said[SKOS + 'notation']}.md").read_text(encoding="utf-8")
        assert said[NS + "asks"] in page
        assert said["http://purl.org/dc/terms/bibliographicCitation"] in page


def test_the_documented_settings_are_the_real_ones() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(MASTERY_[A-Z_]+)`", page))
    assert documented == {f"MASTERY_{name.upper()}" for name in Settings.model_fields}


def test_the_documented_commands_are_the_real_ones() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "mastery_graph.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for command in re.findall(r"^│ (\w+) ", shown, re.MULTILINE):
        assert f"mastery-graph {command}" in page


def test_each_query_explains_itself() -> None:
    for query in named_queries():
        bound = set(re.findall(r"VALUES \?(\w+) \{ UNDEF \}", query.text))
        assert bound == {parameter.name for parameter in query.parameters}, query.name
        assert query.columns, query.name


def test_the_wheel_answers_a_question_in_an_empty_environment(tmp_path: Path, built: tuple[Path, BuildReport]) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "mastery_graph/data/ontology/visions.ttl",
        "mastery_graph/data/shapes/micro-credential.ttl",
        "mastery_graph/data/queries/browse/dataset.rq",
        "mastery_api/web/templates/start.html",
        "mastery_api/web/languages/fi.po",
        *(f"mastery_api/web/static/built/{built.name}" for built in (ROOT / "api/web/static/built").glob("*.js")),
    ):
        assert part in names
    assert not [name for name in names if "node_modules" in name]
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True)
    # What the wheel depends on is taken from this environment, so that nothing is fetched.
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(libraries, encoding="utf-8")
    done = subprocess.run(
        [python, "-I", "-m", "mastery_graph.cli", "equivalence", "FiNQF Level 5", "--country", "IRL"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MASTERY_STORE": str(built[0])},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "IE NQF Level 6" in done.stdout
