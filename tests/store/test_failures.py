"""What a person is told when a store cannot be read or written, and that it stays as it was."""

import errno
import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat

from mastery_graph.cli import run
from mastery_graph.dataset.backup import backup, restore
from mastery_graph.errors import MasteryError, StoreError, StoreFull, StoreUnreadable
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.questions.equivalence.levels import equivalent_levels
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.engine_errors import engine_error
from mastery_graph.store.protocol import Limits
from mastery_graph.store.versions import current_version

EVERYTHING = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


@pytest.fixture
def folder(built: tuple[Path, BuildReport], tmp_path: Path) -> Path:
    shutil.copytree(built[0], tmp_path / "store")
    return tmp_path / "store"


def _said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    """Run a command; return its exit code and what it says on standard error."""
    monkeypatch.setattr("sys.argv", ["mastery-graph", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return ended.value.code, capfd.readouterr().err


def _cut_the_pointer(folder: Path) -> None:
    (folder / "current").write_text("", encoding="utf-8")


def _name_another_format(folder: Path) -> None:
    (folder / "current").write_text(f"{current_version(folder).name}\nformat 9\n", encoding="utf-8")


def _empty_the_list_of_files(folder: Path) -> None:
    (current_version(folder) / "CURRENT").write_bytes(b"")


def _remove_the_data(folder: Path) -> None:
    files = list(current_version(folder).glob("*.sst"))
    assert files
    for file in files:
        file.unlink()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_cut_the_pointer, "refers to the version ''"),
        (_name_another_format, "has the format 'format 9'; this software reads 'format 1'"),
        (_empty_the_list_of_files, "the store is damaged"),
        (_remove_the_data, "the store is damaged"),
    ],
)
def test_a_store_that_cannot_be_opened_is_told_in_one_line_with_a_way_out(
    folder: Path,
    harm: Callable[[Path], None],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    harm(folder)
    for command in ("info", "build"):
        code, message = _said(monkeypatch, capfd, command, "--store", str(folder))
        assert (code, message.count("\n")) == (3, 1)
        assert said in message
        assert "another folder" in message


def test_a_broken_store_is_mended_by_a_back_up(folder: Path, built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    backup(folder, tmp_path / "store.tar")
    _cut_the_pointer(folder)
    assert restore(tmp_path / "store.tar", folder).content_hash == built[1].content_hash


def test_damage_that_is_met_while_reading_is_named(folder: Path) -> None:
    for file in current_version(folder).glob("*.sst"):
        content = bytearray(file.read_bytes())
        content[5_000 : len(content) // 2] = bytes(max(0, len(content) // 2 - 5_000))
        file.write_bytes(content)
    store = EmbeddedStore.open(folder)
    for limits in (Limits(), Limits(seconds=60)):
        with pytest.raises(StoreUnreadable, match="damaged"):
            store.select(EVERYTHING, limits=limits)
    store.close()


def test_a_second_writer_is_told_of_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, message = _said(monkeypatch, capfd, "build", "--store", str(folder))
    assert (code, message.count("\n")) == (3, 1)
    assert "Another process is writing to the store" in message


def test_a_second_server_on_one_port_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        first.bind(("127.0.0.1", 0))
        first.listen()
        port = str(first.getsockname()[1])
        code, message = _said(monkeypatch, capfd, "serve", "--store", str(folder), "--port", port)
    assert (code, message.count("\n")) == (2, 1)
    assert f"port {port}" in message


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[None]:
    """Make the folder a disk of its own, of so many bytes."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.needs_root
@pytest.mark.parametrize("room", [0, 200_000, 3_000_000])
def test_a_full_disk_is_named_and_the_version_before_serves_on(
    built: tuple[Path, BuildReport], tmp_path: Path, room: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with _small_disk(tmp_path, 60_000_000):
        folder = tmp_path / "store"
        shutil.copytree(built[0], folder)
        serving = EmbeddedStore.open(folder)
        before = current_version(folder)
        with (tmp_path / "other-files").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, shutil.disk_usage(tmp_path).free - room)
        graph = NamedNode("http://example.org/large")
        text = "".join(f'<http://example.org/{n}> <http://example.org/p> "{n:0200}" .\n' for n in range(100_000))
        with pytest.raises(StoreFull, match="the disk is full"), Draft.change(folder) as draft:
            draft.load(text.encode(), RdfFormat.N_TRIPLES, graph.value)
        assert current_version(folder) == before
        assert [each.name for each in (folder / "versions").iterdir()] == [before.name]
        assert equivalent_levels(serving, "EQF 5", "FIN").verdict == "comparable"
        serving.close()
        (tmp_path / "other-files").unlink()
        with Draft.change(folder) as draft:
            draft.load(text[: text.index("\n")].encode(), RdfFormat.N_TRIPLES, graph.value)
        assert current_version(folder) != before
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.EDQUOT, "quota"), StoreFull),
        (RuntimeError("IO error: No space left on device: While appending"), StoreFull),
        (RuntimeError("Corruption: bad block"), StoreUnreadable),
        (OSError(errno.EACCES, "Permission denied"), StoreError),
    ],
)
def test_what_the_engine_says_becomes_an_error_of_its_kind(
    error: OSError | RuntimeError, kind: type[MasteryError]
) -> None:
    assert type(engine_error("Writing failed", error)) is kind
