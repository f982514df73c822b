"""Start-up and memory: our server and `oxigraph serve` over the same graph, in one run, in turns.

From the start of the process to its first answer to a query; memory is the resident memory of all its processes then.
A catalogue of 100,000 descriptions is built on disk as well, and opened (`--descriptions`).
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx
from pyoxigraph import RdfFormat

from benchmarks.generate import DOWNLOAD
from benchmarks.generate import main as generate
from benchmarks.servers import OXIGRAPH, build_store, dump_store, running
from mastery_graph.pipeline.build import Sources, build
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import graph
from tests.store.servers import children, free_port

_OURS = str(Path(sys.executable).with_name("mastery-graph"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Start both servers in turns, build and open a large catalogue, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks start", description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--descriptions", type=int, default=100_000)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        triples = build_store(folder / "store")
        dump_store(folder / "store", folder / "dump.nq")
        peer = [OXIGRAPH, "load", "--location", str(folder / "peer"), "--file", str(folder / "dump.nq")]
        subprocess.run(peer, check=True, capture_output=True)
        turns = [(_started(_ours(folder / "store")), _started(_peer(folder / "peer"))) for _ in range(given.turns)]
        print(f"{triples:,} triples, median of {given.turns}\n")
        print(f"{'':<15} {'first answer':>13} {'memory then':>12}")
        for place, server in enumerate(("mastery-graph", "oxigraph serve")):
            seconds, memory = (median(turn[place][value] for turn in turns) for value in (0, 1))
            print(f"{server:<15} {seconds:>11.2f} s {memory:>8.0f} MiB")
        if DOWNLOAD.is_dir() and given.descriptions:
            _catalogue(folder, given.descriptions)
    return 0


def _catalogue(folder: Path, descriptions: int) -> None:
    file = folder / "catalogue.ttl"
    generate(["catalogue", "--descriptions", str(descriptions), "--out", str(file)])
    began = perf_counter()
    with Draft.change(folder / "large") as draft:
        build(draft, Sources())
        draft.load(file, RdfFormat.TURTLE, graph("catalogue/benchmark"))
    built = perf_counter() - began
    began = perf_counter()
    store = EmbeddedStore.open(folder / "large")
    store.ask("ASK { ?s ?p ?o }")
    opened = perf_counter() - began
    store.close()
    print(
        f"\na store of {descriptions:,} descriptions on disk: built in {built:.0f} s, opened in {1000 * opened:.0f} ms"
    )


def _ours(store: Path) -> tuple[list[str], str]:
    port = free_port()
    return [_OURS, "serve", "--port", str(port), "--store", str(store)], f"http://127.0.0.1:{port}/sparql"


def _peer(store: Path) -> tuple[list[str], str]:
    port = free_port()
    command = [OXIGRAPH, "serve", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    return command, f"http://127.0.0.1:{port}/query"


def _started(server: tuple[list[str], str]) -> tuple[float, float]:
    """Start a server; return the seconds to its first answer, and the memory of its processes then, in MiB."""
    command, address = server
    began = perf_counter()
    with running(command) as process:
        while not _answers(address):
            pass
        seconds = perf_counter() - began
        return seconds, sum(map(_memory, _family(process.pid)))


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, params={"query": "ASK { ?s ?p ?o }"}, timeout=30).is_success
    except httpx.TransportError:
        return False


def _family(pid: int) -> list[int]:
    return [pid, *(each for child in children(pid) for each in _family(child))]


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main())
