"""Bulk load against `oxigraph load`: the same triples into an empty store on disk, in one run, in turns.

Ours reads the file into a draft of a new version, makes it compact where that is worth it and puts it in place in one
step. All that we load has a named graph, which the engine keeps in six orders, the graph without a name in three: the
peer loads the same named graph, and then, for comparison, the graph without a name. The time of a whole process is
taken for each. The graph is made by `benchmarks.generate` in the shape of ESCO.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.generate import DOWNLOAD
from benchmarks.generate import main as generate
from benchmarks.servers import OXIGRAPH

AIM = 1.2
_GRAPH = "https://w3id.org/mastery-graph/graph/esco"
_OURS = """
import sys
from pathlib import Path
from pyoxigraph import RdfFormat
from mastery_graph.store.draft import Draft
with Draft.change(Path(sys.argv[2])) as draft:
    draft.load(Path(sys.argv[1]), RdfFormat.TURTLE, sys.argv[3])
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Load the same file both ways and print what each takes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks load", description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args(arguments)
    if not DOWNLOAD.is_dir():
        print(f"Skipped: the ESCO download is not at {DOWNLOAD}.")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "esco.ttl"
        generate(["esco", "--triples", str(given.triples), "--out", str(file)])
        turns = []
        for turn in range(given.turns):
            places = [folder / f"{which}-{turn}" for which in ("ours", "named", "unnamed")]
            peer = [OXIGRAPH, "load", "--file", str(file), "--location"]
            turns.append(
                (
                    _seconds([sys.executable, "-c", _OURS, str(file), str(places[0]), _GRAPH]),
                    _seconds([*peer, str(places[1]), "--graph", _GRAPH]),
                    _seconds([*peer, str(places[2])]),
                )
            )
            for each in places:
                shutil.rmtree(each)
    ours, named, unnamed = (median(each) for each in zip(*turns, strict=True))
    print(f"{given.triples:,} triples of Turtle into a store on disk, median of {given.turns}\n")
    print(f"{'':<32} {'time':>8} {'ratio':>6}")
    print(f"{'mastery-graph, a named graph':<32} {ours:6.1f} s")
    like, other = (median(turn[0] / turn[peer] for turn in turns) for peer in (1, 2))
    print(f"{'oxigraph load, the same graph':<32} {named:6.1f} s {like:>6.2f}    aim: at most {AIM}")
    print(f"{'oxigraph load, without a name':<32} {unnamed:6.1f} s {other:>6.2f}")
    return 0


def _seconds(command: Sequence[str]) -> float:
    began = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
