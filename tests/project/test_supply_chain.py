"""What the software is made of, and whether that is known to be vulnerable."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mastery_graph.pipeline.build import BuildReport
from tests.store.servers import require

ROOT = Path(__file__).resolve().parents[2]


def _packages(content: str) -> set[tuple[str, str]]:
    """The names and versions of the components of a bill of materials, which keeps the schema of CycloneDX."""
    bill = json.loads(content)
    for each in bill["components"]:
        for reference in each.get("externalReferences", ()):
            del reference.get("hashes", [])[2:]  # all are alike, and take seconds
    assert bill["bomFormat"] == "CycloneDX"
    broken = JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(json.dumps(bill))
    assert broken is None, broken
    for each in bill["components"]:
        assert each["purl"].startswith("pkg:")
    return {
        (f"{each['group']}/{each['name']}" if each.get("group") else each["name"], each["version"])
        for each in bill["components"]
    }


def _locked(name: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def _needed_by(extra: str) -> set[str]:
    """The packages that an installation of the software with an extra brings, itself included."""
    needed, seen = {("mastery-graph", extra), ("mastery-graph", "")}, set[tuple[str, str]]()
    while needed:
        name, extra = one = needed.pop()
        seen.add(one)
        for each in map(Requirement, requires(name) or ()):
            if each.marker is None or each.marker.evaluate({"extra": extra}) or each.marker.evaluate({"extra": ""}):
                needed |= {(canonicalize_name(each.name), wanted) for wanted in {"", *each.extras}} - seen
    return {name for name, _ in seen}


def test_what_the_software_needs_to_run_is_locked_for_the_image() -> None:
    locked = {canonicalize_name(name) for name, _ in _locked("runtime.lock")}
    assert _needed_by("tracing") - locked == {"mastery-graph"}
    assert locked - _needed_by("tracing") <= {"colorama", "tzdata"}


def test_the_library_alone_brings_no_server_and_no_tables() -> None:
    server = {"fastapi", "starlette", "uvicorn", "uvloop", "httptools", "prometheus-client", "structlog", "limits"}
    assert _needed_by("") & (server | {"pandas", "sparqlwrapper"}) == set()
    assert _needed_by("server") >= server
    assert _needed_by("client") >= {"pandas", "sparqlwrapper"}


def test_the_commands_work_without_what_only_the_server_needs(built: tuple[Path, BuildReport]) -> None:
    without = sorted(_needed_by("server") - _needed_by(""))
    modules = {
        name
        for name, packages in packages_distributions().items()
        if set(map(canonicalize_name, packages)) <= set(without)
    }
    assert {"fastapi", "starlette", "uvicorn"} <= modules
    code = (
        "import sys; sys.modules |= dict.fromkeys({modules!r}); sys.argv[1:] = {arguments!r}\n"
        "from mastery_graph.cli import run; run()"
    )

    def run(*arguments: str) -> tuple[int, str, str]:
        command = [sys.executable, "-c", code.format(modules=sorted(modules), arguments=list(arguments))]
        environment = {**os.environ, "MASTERY_STORE": str(built[0])}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        return done.returncode, done.stdout, done.stderr

    assert run("equivalence", "FiNQF Level 5", "--country", "IRL")[0] == 0
    assert run("map", "apply the principles of the circular economy")[0] == 0
    code_of_serve, _, error = run("serve")
    assert code_of_serve == 2
    assert "pip install 'mastery-graph[server]'" in error


def test_the_bill_of_materials_holds_the_locked_packages_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "bill.json"
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nsbom:")[2]
    arguments = re.search(r"cyclonedx-py (requirements .*?)--output-file", recipe, re.DOTALL)
    assert arguments
    program = str(Path(sys.executable).with_name("cyclonedx-py"))
    command = [program, *arguments[1].replace("\\\n", " ").split(), "--output-file", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    locked = _locked("runtime.lock")
    assert _packages(file.read_text(encoding="utf-8")) == locked
    assert len(locked) > 60
    assert locked <= _locked("requirements.lock")


def test_the_bill_of_the_pages_holds_their_locked_packages_and_no_others() -> None:
    require("npm", "npm")
    command = ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]
    done = subprocess.run(command, cwd=ROOT / "api" / "web", check=True, capture_output=True, text=True)
    lock = json.loads((ROOT / "api" / "web" / "package-lock.json").read_text(encoding="utf-8"))
    locked = {(path.rpartition("node_modules/")[2], each["version"]) for path, each in lock["packages"].items() if path}
    assert _packages(done.stdout) == locked


def test_a_database_that_cannot_be_reached_is_no_clean_bill() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit", "tests/fuzz.lock"],
        env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout.startswith("tests/fuzz.lock: NOT AUDITED")
