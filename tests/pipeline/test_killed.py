"""Builds and loads that are killed, at moments that a seed draws: the store is whole, the old version or the new one.

`make crash` does it a hundred times; `CRASHES` says how often each command is killed, and `CRASH_SEED` where it begins.
"""

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from benchmarks.validation import descriptions
from mastery_graph.dataset.backup import backup
from mastery_graph.dataset.lines import content_graphs, lines_of_store
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.versions import current_version, pointer_state
from mastery_graph.vocabulary import graph
from tests.conftest import copy_of_folder

CRASHES = int(os.environ.get("CRASHES", "2"))
SEED = int(os.environ.get("CRASH_SEED", "7"))
LEVELS = """\
framework_uri,framework_label,country_iso3,level_uri,level_label,eqf_level,basis,confidence,source_title,source_url,note
http://data.europa.eu/snb/qdr/c_2d1fde14,FiNQF,FIN,{level},FiNQF Level 1,1,report,high,Example,https://example.org/,
"""
LEVEL = "http://data.europa.eu/snb/qdr/c_b9b2b42d"
SSSOM = """\
#mapping_set_id: https://example.org/sets/a
#mapping_set_title: Set A
#license: https://creativecommons.org/publicdomain/zero/1.0/
#curie_map:
#  gs: https://w3id.org/mastery-graph/id/green-skill/
#  ex: https://example.org/skill/
subject_id\tpredicate_id\tobject_id\tmapping_justification
gs:GS01\tskos:closeMatch\tex:a\tsemapv:ManualMappingCuration
"""
Arguments = Callable[[Path, Path, Path], list[str]]


def _build(folder: Path, _: Path, __: Path) -> list[str]:
    table = folder / "levels.csv"
    table.write_text(LEVELS.format(level=LEVEL), encoding="utf-8")
    return ["build", "--referencings", str(table), "--replace"]


def _load_esco(_: Path, __: Path, reference: Path) -> list[str]:
    return ["load", "esco", str(reference / "esco-1.2.0" / "greenSkillsCollection_en.csv")]


def _load_credential(folder: Path, _: Path, __: Path) -> list[str]:
    lines = folder / "credentials.jsonl"
    lines.write_text("\n".join(json.dumps(each) for each in descriptions(20)), encoding="utf-8")
    return ["load", "credential", str(lines), "--nonconforming", "accept"]


def _load_sssom(folder: Path, _: Path, __: Path) -> list[str]:
    table = folder / "set.sssom.tsv"
    table.write_text(SSSOM, encoding="utf-8")
    return ["load", "sssom", str(table), "--replace"]


def _restore(folder: Path, built: Path, _: Path) -> list[str]:
    copy_of_folder(built, folder / "other")
    with Draft.change(folder / "other") as draft:
        draft.load(b"<urn:one> <urn:statement> 'more' .", RdfFormat.TURTLE, graph("statements"))
    backup(folder / "other", folder / "store.tar")
    return ["restore", str(folder / "store.tar")]


@pytest.mark.parametrize("arguments", [_build, _load_esco, _load_credential, _load_sssom, _restore])
def test_killed_at_any_moment_a_command_is_whole_or_has_not_been(
    arguments: Arguments, built: tuple[Path, BuildReport], reference: Path, tmp_path: Path
) -> None:
    command = arguments(tmp_path, built[0], reference)
    chance = random.Random(f"{SEED} {command[:2]}")  # noqa: S311  # moments, not secrets
    store = tmp_path / "store"
    copy_of_folder(built[0], store)
    old = _content(store)
    seen = []
    for number in range(CRASHES):
        share = chance.uniform(-0.3, 1.5)
        delay = chance.uniform(0, 2 if share < 0 else 0.05)
        died = _killed(_started(command, store), _moment(store, share), delay)
        content = _content(store)
        seen.append(content)
        outcome = f"{'killed' if died else 'ended'}, {'old' if content == old else 'new'} version"
        print(f"{command[0]}, {number}: {delay:.3f} s after moment {share:.2f}: {outcome}")
        if content != old:
            shutil.rmtree(store)
            copy_of_folder(built[0], store)
    assert _started(command, store).wait() in {0, 1}
    new = _content(store)
    assert new != old
    assert set(seen) <= {old, new}
    assert {each.name for each in store.iterdir()} <= {"current", "lock", "versions", "sums", "text-index", "loading"}
    assert {each.name for each in store.glob("loading/*")} <= {"lock"}
    assert len(list((store / "versions").iterdir())) == 2


def _started(command: list[str], store: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "mastery_graph.cli", *command, "--store", str(store)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1000000000"}
    return subprocess.Popen(program, start_new_session=True, stdout=subprocess.DEVNULL, env=environment)


def _moment(store: Path, share: float) -> Callable[[], bool]:
    """Return what tells that a moment has come: the start (below 0), so much written, or the switch (from 1.2)."""
    before = pointer_state(store)
    size = share * sum(file.stat().st_size for file in current_version(store).iterdir())
    return lambda: _written(store) >= size if share < 1.2 else pointer_state(store) != before


def _killed(process: subprocess.Popen[bytes], moment: Callable[[], bool], delay: float) -> bool:
    """Kill a command a little after a moment; return whether it was killed before its end."""
    while not _ended(process, 0.001) and not moment():
        pass
    if not _ended(process, delay):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a process ends within so many seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _written(store: Path) -> int:
    """Return the size of the files of the draft that are not shared with the version that is served."""
    size = 0
    for place, _, names in os.walk(store / "versions"):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                told = Path(place, name).stat()
                size += told.st_size if told.st_nlink == 1 else 0
    return size


def _content(folder: Path) -> str:
    """Return what stands for the whole content of a store; reading it checks each block of its files."""
    store = EmbeddedStore.open(folder)
    try:
        lines = lines_of_store(store, [*content_graphs(store, personal=True), graph("dataset")])
        return hashlib.sha256(b"".join(lines)).hexdigest()
    finally:
        store.close()
