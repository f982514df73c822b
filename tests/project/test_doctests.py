"""The examples in the docstrings: each is run, over the real graph and with a credential in the working folder."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import mastery_graph as mg
from mastery_graph.pipeline.build import BuildReport
from tests.conftest import REFERENCE

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = REFERENCE / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"
MODULES = sorted(
    ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
    for folder, package in ((ROOT, "mastery_graph"), (ROOT / "api", "mastery_api"))
    for path in (folder / package).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def graph(built: tuple[Path, BuildReport]) -> mg.Graph:
    return mg.open(built[0])


@pytest.mark.parametrize("name", MODULES)
def test_an_example_in_a_docstring_is_true(
    name: str, graph: mg.Graph, built: tuple[Path, BuildReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SAMPLE.is_file():
        pytest.skip("the reference data (../shared/data) is not beside this checkout")
    (tmp_path / "credential.jsonld").write_bytes(SAMPLE.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASTERY_STORE", str(built[0]))
    result = doctest.testmod(
        import_module(name), extraglobs={"graph": graph} if name == "mastery_graph.graph" else None
    )
    assert result.failed == 0
    assert result.attempted > 0


def test_the_public_interface_has_examples() -> None:
    assert {"mastery_graph", "mastery_graph.graph"} <= set(MODULES)
    assert len(MODULES) > 10
