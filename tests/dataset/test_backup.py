"""Back-up and restore: consistent, checked, all or nothing."""

import json
import os
import shutil
import tarfile
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat

from mastery_api.app import create_app
from mastery_graph.dataset.backup import backup, restore
from mastery_graph.dataset.lines import content_graphs, lines_of_store
from mastery_graph.errors import BadBackup
from mastery_graph.permalinks.stored_answers import StoredAnswers
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.questions.equivalence.levels import equivalent_levels
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.versions import current_version
from mastery_graph.vocabulary import graph
from tests.support.command_line import run as run_command


@pytest.fixture(scope="module")
def archive(built: tuple[Path, BuildReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backup") / "store.tar"
    assert backup(built[0], file).content_hash == built[1].content_hash
    return file


def content(folder: Path) -> bytes:
    store = EmbeddedStore.open(folder)
    try:
        return b"".join(lines_of_store(store, [*content_graphs(store, personal=True), graph("dataset")]))
    finally:
        store.close()


def test_a_restored_store_is_the_one_that_was_backed_up(
    built: tuple[Path, BuildReport], archive: Path, tmp_path: Path
) -> None:
    report = restore(archive, tmp_path / "store")
    assert report.content_hash == built[1].content_hash
    assert content(tmp_path / "store") == content(built[0])
    store = EmbeddedStore.open(tmp_path / "store")
    assert equivalent_levels(store, "EQF 5", "FIN").verdict == "comparable"
    store.close()


def test_restoring_leaves_no_trace_beside_the_store(archive: Path, tmp_path: Path) -> None:
    restore(archive, tmp_path / "store")
    assert {path.name for path in (tmp_path / "store").iterdir()} == {"current", "lock", "versions", "sums"}
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_a_back_up_is_of_one_version_while_the_next_one_is_written(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    shutil.copytree(built[0], tmp_path / "store")
    with Draft.change(tmp_path / "store") as writer:
        writer.load(b"<urn:half> <urn:written> 1 .", RdfFormat.TURTLE, graph("esco"))
        report = backup(tmp_path / "store", tmp_path / "store.tar")
    restore(tmp_path / "store.tar", tmp_path / "restored")
    assert report.content_hash == built[1].content_hash
    assert b"urn:half" not in content(tmp_path / "restored")
    assert b"urn:half" in content(tmp_path / "store")


@pytest.mark.parametrize("place", [0.3, 0.6, 0.95])
def test_a_damaged_archive_is_refused_and_changes_nothing(archive: Path, tmp_path: Path, place: float) -> None:
    restore(archive, tmp_path / "store")
    before = current_version(tmp_path / "store")
    damaged = bytearray(archive.read_bytes())
    with tarfile.open(archive) as tar:
        largest = max(tar.getmembers(), key=lambda member: member.size)
    damaged[largest.offset_data + int(largest.size * place)] ^= 0xFF
    (tmp_path / "damaged.tar").write_bytes(damaged)
    with pytest.raises(BadBackup, match="damaged"):
        restore(tmp_path / "damaged.tar", tmp_path / "store")
    assert current_version(tmp_path / "store") == before
    assert [path.name for path in (tmp_path / "store" / "versions").iterdir()] == [before.name]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.4, 0.9])
def test_a_cut_archive_is_refused(archive: Path, tmp_path: Path, share: float) -> None:
    whole = archive.read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadBackup):
        restore(tmp_path / "cut.tar", tmp_path / "store")
    assert not (tmp_path / "store" / "current").exists()


def test_a_file_that_the_list_does_not_name_is_refused_and_nothing_is_written_outside(
    archive: Path, tmp_path: Path
) -> None:
    hostile = tmp_path / "hostile.tar"
    shutil.copy(archive, hostile)
    with tarfile.open(hostile, "a") as tar:
        member = tarfile.TarInfo("../../escaped")
        member.size = 4
        tar.addfile(member, BytesIO(b"evil"))
    with pytest.raises(BadBackup, match="escaped"):
        restore(hostile, tmp_path / "place" / "store")
    assert not list(tmp_path.rglob("escaped"))


def test_any_other_file_is_no_back_up(tmp_path: Path) -> None:
    (tmp_path / "other.tar").write_bytes(os.urandom(20_000))
    with pytest.raises(BadBackup):
        restore(tmp_path / "other.tar", tmp_path / "store")
    with pytest.raises(BadBackup, match="no back-up at"):
        restore(tmp_path / "none.tar", tmp_path / "store")


def test_an_archive_that_names_another_dataset_than_it_has_is_refused(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    with tarfile.open(archive) as tar, tarfile.open(other, "w") as written:
        for member in tar.getmembers():
            file = tar.extractfile(member)
            assert file is not None
            content = file.read()
            if member is tar.getmembers()[0]:
                manifest = json.loads(content) | {"content_hash": "0" * 64}
                content = json.dumps(manifest).encode()
                member.size = len(content)
            written.addfile(member, BytesIO(content))
    restore(archive, tmp_path / "store")
    before = current_version(tmp_path / "store")
    with pytest.raises(BadBackup, match="0" * 64):
        restore(other, tmp_path / "store")
    assert current_version(tmp_path / "store") == before


def test_the_answers_that_are_kept_already_stay(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    store = EmbeddedStore.open(built[0])
    first, second = (equivalent_levels(store, f"EQF {level}") for level in (5, 6))
    store.close()
    place = tmp_path / "answers.sqlite"
    kept = StoredAnswers(place, max_answers=10)
    assert kept.keep(first)
    backup(built[0], tmp_path / "store.tar", place)
    assert kept.keep(second)
    kept.close()
    restore(tmp_path / "store.tar", tmp_path / "store", place)
    restored = StoredAnswers(place, max_answers=10)
    assert [restored.find(answer.id) is not None for answer in (first, second)] == [True, True]
    restored.close()


def test_permalinks_come_back_with_the_store(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    shutil.copytree(built[0], tmp_path / "store")
    with TestClient(create_app(Settings(store=tmp_path / "store"))) as client:
        answer = client.get("/v1/equivalence/levels?level=EQF%205").json()
        backup(tmp_path / "store", tmp_path / "store.tar", tmp_path / "store" / "answers.sqlite")
    restore(tmp_path / "store.tar", tmp_path / "other", tmp_path / "other" / "answers.sqlite")
    with TestClient(create_app(Settings(store=tmp_path / "other"))) as client:
        assert client.get(f"/v1/answers/{answer['id']}").json() == answer


def test_a_running_server_takes_up_what_was_restored(
    built: tuple[Path, BuildReport], archive: Path, tmp_path: Path
) -> None:
    shutil.copytree(built[0], tmp_path / "store")
    with Draft.change(tmp_path / "store") as writer:
        writer.load(b"<urn:later> <urn:added> 1 .", RdfFormat.TURTLE, graph("esco"))
    with TestClient(create_app(Settings(store=tmp_path / "store"))) as client:
        assert client.get("/resource?uri=urn:later").status_code == 200
        restore(archive, tmp_path / "store")
        assert client.get("/resource?uri=urn:later").status_code == 404


def test_back_up_and_restore_on_the_command_line(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    run = partial(run_command, folder=tmp_path)
    made = run("backup", "store.tar", "--store", str(built[0]))
    assert (made.returncode, built[1].content_hash in made.stdout) == (0, True)
    assert run("restore", "store.tar", "--store", "again").returncode == 0
    assert built[1].content_hash in run("info", "--store", "again").stdout
    (tmp_path / "store.tar").write_bytes(b"nonsense")
    refused = run("restore", "store.tar", "--store", "again")
    assert (refused.returncode, "The store is as it was" in refused.stderr) == (2, True)
    assert run("backup", "x.tar", "--store", "nowhere").returncode == 3
