"""Damage to the files of a store is found by their checksums, and no process takes more memory than its share."""

import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple
from typer.testing import CliRunner

from mastery_graph.cli.app import app
from mastery_graph.errors import StoreUnreadable
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from mastery_graph.store.sums import damaged_files
from mastery_graph.store.versions import current_version


def _write(folder: Path, graph: str) -> Path:
    node = NamedNode("http://example.org/s")
    with Draft.change(folder) as draft:
        draft.replace_graph(graph, [Triple(node, node, Literal(f"{number}" * 50)) for number in range(3000)])
    return current_version(folder)


def test_each_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    version = _write(tmp_path, "http://example.org/a")
    assert damaged_files(version) == []
    files = sorted(version.glob("*.sst"))
    assert files
    content = bytearray(files[0].read_bytes())
    content[len(content) // 2] ^= 1
    files[0].write_bytes(content)
    assert damaged_files(version) == [files[0].name]
    (version / "CURRENT").unlink()
    assert damaged_files(version) == sorted(["CURRENT", files[0].name])


def test_a_file_that_is_shared_with_the_version_before_is_checked_too(tmp_path: Path) -> None:
    before = {file.name: file.stat().st_ino for file in _write(tmp_path, "http://example.org/a").glob("*.sst")}
    with Draft.change(tmp_path, compact=False) as draft:
        draft.replace_graph("http://example.org/b", [])
    version = current_version(tmp_path)
    shared = [file for file in version.glob("*.sst") if before.get(file.name) == file.stat().st_ino]
    assert shared
    assert damaged_files(version) == []
    shared[0].write_bytes(shared[0].read_bytes()[:-1])
    assert shared[0].name in (damaged_files(version) or [])


def test_the_sums_of_a_version_go_with_it(tmp_path: Path) -> None:
    for graph in ("a", "b", "c"):
        version = _write(tmp_path, f"http://example.org/{graph}")
    assert version.name in {path.stem for path in (tmp_path / "sums").iterdir()}
    assert len(list((tmp_path / "sums").iterdir())) <= 2


def test_the_command_finds_a_damaged_byte(tmp_path: Path) -> None:
    version = _write(tmp_path, "http://example.org/a")
    result = CliRunner().invoke(app, ["check", "--store", str(tmp_path)])
    assert (result.exit_code, version.name in result.output) == (0, True)
    file = next(iter(version.glob("*.sst")))
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    damaged = CliRunner().invoke(app, ["check", "--store", str(tmp_path)])
    assert isinstance(damaged.exception, StoreUnreadable)
    assert file.name in damaged.exception.detail


@pytest.mark.parametrize("size", [4_000_000_000, 8_000_000_000, 64_000_000_000])
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_all_processes_together_take_no_more_than_the_memory_allowed(size: int, workers: int) -> None:
    settings = Settings(memory=size, query_workers=workers, answer_workers=workers)
    worker, server = settings.worker_bytes or 0, settings.server_bytes or 0
    working_and_stopped = 2 * (workers + max(1, workers // 2) + 1)
    total = working_and_stopped * worker + worker + settings.server_workers * server
    assert total <= size or worker == 200_000_000 or server == 600_000_000, (
        "below the least that a process needs, nothing can be promised"
    )


def test_a_process_over_its_limit_gets_no_more_memory() -> None:
    code = "from mastery_graph.machine import limit_data; limit_data(200_000_000); bytearray(300_000_000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip().endswith("MemoryError")
