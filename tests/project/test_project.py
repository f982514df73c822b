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

import networkx as nx
import pytest

from mastery_graph.queries import named_queries

ROOT = Path(__file__).resolve().parents[2]
ORDER = [
    "resources",
    "namespaces",
    "vocabulary",
    "rdf",
    "languages",
    "errors",
    "machine",
    "tokens",
    "options",
    "settings",
    "logs",
    "hyperlinks",
    "spreadsheet",
    "sparql_rows",
    "records",
    "sources",
    "queries",
    "store",
    "pipeline",
    "store_choice",
    "changes",
    "esco",
    "dataset_identity",
    "credentials",
    "validation",
    "concept_search",
    "mappings",
    "linked_data",
    "dataset",
    "questions",
    "reconciliation",
    "permalinks",
    "graph",
    "client",
    "cli",
]
"""The packages and modules of the library; each imports from those before it."""
PACKAGES = {
    "mastery_graph": ROOT / "mastery_graph",
    "mastery_graph.questions": ROOT / "mastery_graph" / "questions",
    "mastery_api": ROOT / "api" / "mastery_api",
}


def _imported_with(module: str) -> set[str]:
    code = f"import json, sys, {module}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def _imports(path: Path) -> set[str]:
    """Return the names of the modules that a file imports, and of what it imports from them."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def _parts(package: Path) -> set[str]:
    """Return the packages and modules right inside a package."""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    return modules | {path.parent.name for path in package.glob("*/__init__.py")}


def _graph(name: str) -> nx.DiGraph:
    """Return which parts of a package import which others."""
    package, graph = PACKAGES[name], nx.DiGraph()
    parts = _parts(package)
    graph.add_nodes_from(parts)
    for path in package.rglob("*.py"):
        part = path.relative_to(package).parts[0].removesuffix(".py")
        for module in _imports(path):
            other = module.removeprefix(f"{name}.").partition(".")[0]
            if module.startswith(f"{name}.") and part in parts and other in parts - {part}:
                graph.add_edge(part, other)
    return graph


def test_the_order_of_the_parts_has_each_part_of_the_library() -> None:
    assert sorted(ORDER) == sorted(_parts(PACKAGES["mastery_graph"]))


@pytest.mark.parametrize("part", ORDER)
def test_no_import_goes_back(part: str) -> None:
    before = set(ORDER[: ORDER.index(part)])
    assert set(_graph("mastery_graph").successors(part)) <= before


@pytest.mark.parametrize("name", PACKAGES)
def test_the_parts_of_a_package_import_each_other_in_no_circle(name: str) -> None:
    graph = _graph(name)
    assert graph.number_of_edges() > graph.number_of_nodes()
    assert [sorted(parts) for parts in nx.strongly_connected_components(graph) if len(parts) > 1] == []


def _environment_reads(source: str) -> list[str]:
    """Return the expressions of a source that read settings or the environment."""
    names = {"Settings", "getenv", "environ"}
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Call) and names & {getattr(node.func, "id", ""), getattr(node.func, "attr", "")})
        or (isinstance(node, ast.Attribute) and node.attr == "environ")
    ]


def test_the_search_for_the_environment_finds_each_way_to_read_it() -> None:
    ways = ["Settings()", "settings.Settings(store=a)", "os.getenv('A')", "os.environ['A']", "os.environ.get('A')"]
    assert all(_environment_reads(way) for way in ways)


def test_only_faces_read_settings_and_the_environment() -> None:
    """SOURCE_DATE_EPOCH is a convention of reproducible builds, not a setting."""
    library = ROOT / "mastery_graph"
    faces = {library / "cli", library / "graph.py"}
    files = [path for path in library.rglob("*.py") if not faces & {path, *path.parents}]
    assert len(files) > 150
    reads = {
        path.relative_to(library).as_posix(): found
        for path in files
        if (found := _environment_reads(path.read_text(encoding="utf-8")))
    }
    assert reads.keys() == {"pipeline/dataset.py"}
    assert all("SOURCE_DATE_EPOCH" in read or read == "os.environ" for read in reads["pipeline/dataset.py"])


def test_the_library_imports_nothing_of_the_application() -> None:
    files = list((ROOT / "mastery_graph").rglob("*.py"))
    assert len(files) > 100
    assert not [path for path in files if any(name.startswith("mastery_api") for name in _imports(path))]


def test_the_server_starts_without_the_heavy_libraries() -> None:
    heavy = {"owlrl", "pyshacl", "highspy", "rdflib", "networkx", "tantivy"}
    assert _imported_with("mastery_api.app") & heavy == set()


def test_a_change_of_the_store_starts_without_what_only_answers_need() -> None:
    assert _imported_with("mastery_graph.changes.process") & {"pydantic", "httpx", "rdflib"} == set()


def test_the_command_line_starts_without_writing_to_the_home_folder() -> None:
    assert "pystow" not in _imported_with("mastery_graph.cli")


def test_each_query_explains_itself() -> None:
    assert named_queries()
    for query in named_queries():
        bound = set(re.findall(r"VALUES \?(\w+) \{ UNDEF \}", query.text))
        assert bound == {parameter.name for parameter in query.parameters}, query.name
        assert query.columns, query.name


def test_the_wheel_answers_a_question_in_an_empty_environment_with_one_command(tmp_path: Path) -> None:
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
        "mastery_graph/languages/locales/fi/LC_MESSAGES/messages.po",
        *(f"mastery_api/web/static/built/{built.name}" for built in (ROOT / "api/web/static/built").glob("*.js")),
        *(("mastery_api/site/index.html",) if (ROOT / "api/mastery_api/site/index.html").is_file() else ()),
    ):
        assert part in names
    assert not [name for name in names if "node_modules" in name]
    environment = tmp_path / "environment"
    venv.create(environment)
    python = environment / "bin" / "python"
    installer = [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([*installer, "install", "--quiet", "--no-deps", str(wheel)], check=True)
    # What the wheel depends on is taken from this environment, so that nothing is fetched.
    libraries = "\n".join(path for path in sys.path if path.endswith("site-packages"))
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(libraries, encoding="utf-8")
    done = subprocess.run(
        [environment / "bin" / "mastery-graph", "equivalence", "FiNQF Level 5", "--country", "IRL"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=_without_settings() | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "IE NQF Level 6" in done.stdout
    assert done.stderr.startswith("mastery-graph: No store is named: building the graph that ships, once, in")


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("MASTERY_", "PYTHON"))}
