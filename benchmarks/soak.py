"""A server under full load for a while: whether its memory, threads, open files and processes grow.

Every kind of request is asked over several connections at once, good and bad; a new version of the store is put in
place ten times. What the server and its query workers hold is looked at after a first round, in the middle, at the end.
Each process holds the files of the version that it answers from, whose number differs from version to version.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic

import httpx

from benchmarks.requests import every_kind, publish
from mastery_graph.pipeline.build import Sources, build
from mastery_graph.store.draft import Draft
from tests.store.servers import Serving, mastery_graph

_VERSIONS = 10


@dataclass(frozen=True, slots=True)
class Held:
    """What a server and its query workers hold: processes, threads, open files, resident memory in MiB."""

    processes: int
    threads: int
    files: int
    memory: float


def held(serving: Serving) -> Held:
    """Return what a server holds now."""
    folders = [Path(f"/proc/{pid}") for pid in serving.family()]
    resident = [(folder / "status").read_text(encoding="ascii").partition("VmRSS:")[2].split()[0] for folder in folders]
    return Held(
        len(folders),
        sum(len(list((folder / "task").iterdir())) for folder in folders),
        sum(len(list((folder / "fd").iterdir())) for folder in folders),
        sum(map(int, resident)) / 1024,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask for so long, print what is held; return 1 where processes or threads have grown, or memory by much."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "store"
        with Draft.change(folder) as draft:
            build(draft, Sources())
        with mastery_graph(folder, request_rate="", query_queue=1000) as serving:
            numbers = count()
            asked = _ask_all(serving, numbers, given.connections, 0, folder)
            looks = [("after one round", asked, held(serving))]
            for moment in ("in the middle", "at the end"):
                asked += _ask_all(serving, numbers, given.connections, given.seconds / 2, folder)
                # The same quiet round before each look, so that what is held is of one version and of one client.
                asked += _ask_all(serving, numbers, 1, 0, folder)
                looks.append((moment, asked, held(serving)))
    print(f"{given.seconds} s, {given.connections} connections, a new version {2 * (_VERSIONS // 2)} times\n")
    print(f"{'':<16} {'requests':>9} {'processes':>10} {'threads':>8} {'open files':>11} {'memory MiB':>11}")
    for moment, asked, one in looks:
        print(f"{moment:<16} {asked:>9,} {one.processes:>10} {one.threads:>8} {one.files:>11} {one.memory:>11.0f}")
    *before, end = (one for _, _, one in looks)
    grown = end.processes > max(one.processes for one in before) or end.threads > max(one.threads for one in before)
    return int(grown or end.memory > 1.1 * max(one.memory for one in before))


def _ask_all(serving: Serving, numbers: "count[int]", connections: int, seconds: float, folder: Path) -> int:
    """Ask rounds of every kind over so many connections until the time is over, one at least; return the requests."""
    end = monotonic() + seconds

    def ask(_: int) -> int:
        asked = 0
        with httpx.Client(base_url=serving.address, timeout=120) as client:
            while True:
                for one in every_kind(next(numbers)):
                    one.send(client)
                    asked += 1
                if monotonic() >= end:
                    return asked

    with ThreadPoolExecutor(connections) as clients:
        asking = [clients.submit(ask, place) for place in range(connections)]
        for _ in range(_VERSIONS // 2 if seconds else 0):
            publish(folder, next(numbers))
            wait(asking, seconds / (_VERSIONS // 2))
        return sum(each.result() for each in asking)


if __name__ == "__main__":
    sys.exit(main())
