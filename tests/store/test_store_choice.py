"""Which store is used where several could be: an endpoint, a named one, `var/store`, or the graph that ships."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mastery_graph.cli.app import app
from mastery_graph.errors import AdvisedAction, BadParameter, StoreMissing
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from mastery_graph.store.versions import FORMAT
from mastery_graph.store_choice import choose_served_store, choose_store, choose_writable_store, shipped_folder
from mastery_graph.tokens import Token
from tests.cli.test_missing_store import write_inputs
from tests.conftest import DESCRIPTION, copy_of_folder
from tests.store import servers

WRITING = {
    "load elm": ["elm.ttl"],
    "load statements": ["statements.ttl"],
    "load sssom": ["set.sssom.tsv"],
    "load crosswalk": ["crosswalk.csv"],
    "load credential": ["elm.ttl"],
    "load esco": ["elm.ttl"],
    "load register": ["--name", "deqar", "--remove"],
    "remove credential": ["--all"],
    "esco use": ["1.2.0"],
    "esco remove": ["1.2.0"],
}
"""The commands that change a store, with arguments that are good as far as they go."""
COMPARISON = ("equivalence", "FiNQF Level 5", "--country", "IRL")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, beside a cache folder, where no setting names a store."""
    for name in [name for name in os.environ if name.startswith("MASTERY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def shipped(empty: Path, built: tuple[Path, BuildReport]) -> Path:
    """The graph that ships, as if it had been built into the cache before."""
    assert empty.is_dir()
    return copy_of_folder(built[0], shipped_folder())


def _start(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("mastery-graph")), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env={**os.environ, **(environment or {})})


def _run(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    process = _start(*arguments, environment=environment)
    out, err = process.communicate()
    return process.returncode, out, err


def test_an_endpoint_that_is_set_wins_over_a_store_that_a_variable_names(shipped: Path) -> None:
    endpoint = f"http://127.0.0.1:{servers.free_port()}/query"
    setting = {"MASTERY_SPARQL_ENDPOINT": endpoint, "MASTERY_STORE": str(shipped), "MASTERY_ENDPOINT_ATTEMPTS": "1"}
    code, _, err = _run(*COMPARISON, environment=setting)
    assert code == 3
    assert "The SPARQL endpoint cannot be reached" in err
    assert _run(*COMPARISON, "--store", str(shipped), environment=setting)[0] == 0, "an option names it for this once"


@pytest.mark.parametrize("name", ["option", "variable"])
@pytest.mark.usefixtures("shipped")
def test_a_named_store_that_is_missing_is_an_error(name: str) -> None:
    option, variable = (("--store", "slip"), {}) if name == "option" else ((), {"MASTERY_STORE": "slip"})
    code, out, err = _run(*COMPARISON, *option, environment=variable)
    assert (code, out) == (3, "")
    assert "There is no store at slip." in err
    assert not Path("slip").exists()


@pytest.mark.usefixtures("shipped")
def test_the_store_of_the_working_folder_wins_over_the_graph_that_ships(empty: Path) -> None:
    with Draft.change(empty / "var" / "store"):
        pass
    assert choose_store(Settings()).store == Path("var/store")
    assert _run("query", "-e", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "--format", "csv")[1].split() == ["n", "0"]


@pytest.mark.usefixtures("shipped")
def test_the_graph_that_ships_is_read_where_no_store_is_named(empty: Path) -> None:
    code, out, err = _run(*COMPARISON)
    assert (code, err) == (0, "")
    assert "IE NQF Level 6" in out
    assert list(empty.iterdir()) == []


@pytest.mark.usefixtures("empty")
def test_the_graph_that_ships_is_built_once_also_by_two_at_once_and_after_one_was_killed() -> None:
    versions = shipped_folder() / "versions"
    killed = _start("info")
    assert servers.until(lambda: versions.is_dir() and any(versions.iterdir()))
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not (shipped_folder() / "current").exists()
    (shipped_folder() / "current").write_text(
        f"removed\n{FORMAT}\n", encoding="utf-8"
    )  # as a cleaner of caches leaves it

    processes = [_start(*COMPARISON) for _ in range(2)]
    results = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert all("IE NQF Level 6" in out for out, _ in results)
    notes = sorted(err for _, err in results)
    assert notes[0] == ""
    assert (
        notes[1] == f"mastery-graph: No store is named: building the graph that ships, once, in {shipped_folder()}.\n"
    )
    assert len(list(versions.iterdir())) == 1


@pytest.mark.usefixtures("empty")
def test_a_cache_that_cannot_be_written_is_told_from_a_missing_store() -> None:
    Path(os.environ["XDG_CACHE_HOME"]).write_text("a file", encoding="utf-8")
    with pytest.raises(StoreMissing, match="cannot be built in") as error:
        choose_store(Settings())
    assert error.value.action is AdvisedAction.NAME_STORE


@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_asks_for_a_store_by_name(command: str, shipped: Path, empty: Path) -> None:
    write_inputs(empty)
    before = sorted(shipped.rglob("*"))
    done = CliRunner().invoke(app, [*command.split(), *WRITING[command]])
    assert isinstance(done.exception, BadParameter)
    assert "only read" in done.exception.detail
    assert sorted(shipped.rglob("*")) == before
    assert not (empty / "var").exists()


def test_a_server_that_may_be_written_to_asks_for_a_store_by_name(shipped: Path) -> None:
    with pytest.raises(BadParameter, match="only read"):
        choose_served_store(Settings(tokens=(Token("0" * 64, frozenset({"update"}), None),)))
    assert choose_served_store(Settings()).store == shipped
    assert choose_writable_store(Settings(store=shipped)).store == shipped


@pytest.mark.usefixtures("empty")
def test_documents_are_validated_and_converted_without_a_store(reference: Path) -> None:
    Path(os.environ["XDG_CACHE_HOME"]).write_text("a file", encoding="utf-8")
    sample = reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"
    code, out, err = _run("validate", str(sample))
    assert (code, err) == (1, "")
    assert "type of quality assurance" in out
    code, out, err = _run("convert", str(sample), "--to", "openbadge")
    assert code == 0, err
    assert "OpenBadgeCredential" in out
    assert _run("convert", f"{DESCRIPTION}waste-on-site-ita", "--to", "elm")[0] == 3, "an IRI is looked up in a store"


@pytest.mark.usefixtures("shipped")
def test_the_service_serves_the_graph_that_ships() -> None:
    with servers.mastery_graph(environment={"MASTERY_ANSWER_WORKERS": "1"}) as serving, serving.client() as client:
        query = {"level": "FiNQF Level 5", "country": "IRL"}
        answer = client.get("/v1/equivalence/levels", params=query).raise_for_status().json()
    assert [level["label"] for level in answer["equivalents"]] == ["IE NQF Level 6"]
