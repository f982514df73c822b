"""A server asked every kind of request, over and over, while its store is changed, holds no more at the end.

`python -m benchmarks soak` does the same under load for a while, and looks at memory too.
"""

import shutil
from pathlib import Path

import httpx

from benchmarks.requests import every_kind, publish
from benchmarks.soak import held
from mastery_graph.pipeline.build import BuildReport
from tests.store import servers

_FILES_OF_A_VERSION = 10
"""What a server and its workers have open of each version, at least."""


def test_threads_files_and_processes_do_not_grow_with_requests_and_versions(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    shutil.copytree(built[0], folder)
    with (
        servers.mastery_graph(folder, request_rate="") as serving,
        httpx.Client(base_url=serving.address, timeout=60) as client,
    ):
        looks = []
        for number in range(5):
            for asked in every_kind(number):
                asked.send(client)
            looks.append(held(serving))
            publish(folder, number)
    middle, end = looks[2], looks[-1]
    assert end.processes == middle.processes
    # Less than one for each round: a pool may still have come to its size, and a version has some files more or fewer.
    assert end.threads - middle.threads < 2
    assert end.files - middle.files < _FILES_OF_A_VERSION
    assert len(list((folder / "versions").iterdir())) <= 3
