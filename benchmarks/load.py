"""Bulk load against `oxigraph load`: the same triples into an empty store on disk, in one run, in turns.

Ours reads the file into a draft of a new version, compacts it and puts it in place in one step; the time of a whole
process is taken for both. The graph is made by `benchmarks.generate` in the shape of ESCO.
"""

import argparse
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
_OURS = """
import sys
from pathlib import Path
from pyoxigraph import RdfFormat
from mastery_graph.store.embedded import EmbeddedStore
with EmbeddedStore.change(Path(sys.argv[2])) as draft:
    draft.load(Path(sys.argv[1]), RdfFormat.TURTLE, "https://w3id.org/mastery-graph/graph/esco")
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
            place = folder / f"ours-{turn}", folder / f"peer-{turn}"
            ours = _seconds([sys.executable, "-c", _OURS, str(file), str(place[0])])
            peer = _seconds([OXIGRAPH, "load", "--location", str(place[1]), "--file", str(file)])
            turns.append((ours, peer))
    mine, theirs = (median(each) for each in zip(*turns, strict=True))
    print(f"{given.triples:,} triples of Turtle into a store on disk, median of {given.turns}\n")
    print(f"{'mastery-graph':<15} {mine:6.1f} s")
    print(f"{'oxigraph load':<15} {theirs:6.1f} s")
    print(f"{'ratio':<15} {median(ours / peer for ours, peer in turns):6.2f}    aim: at most {AIM}")
    return 0


def _seconds(command: Sequence[str]) -> float:
    began = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
