"""`/sparql` against `oxigraph serve` on the same data, in one run: how many answers a second each gives.

Three kinds of query: *point* queries about one concept, each asked once, so that nothing can be kept; *working* queries
that take the engine some five milliseconds, each another one too; and *repeated* queries, a few of these
that are asked again and again.
Ours runs as many server processes as there are cores, each with a query worker, as Oxigraph runs threads. `bare` is
the least that a server in Python does with the same engine (`bare_endpoint`): no limits, no negotiation, no log,
nothing kept. It says how much of the difference is not ours to mend.
Load comes from `wrk` (Debian: `apt-get install --no-install-recommends wrk`) over 1 and over 16 connections, in turns
of a few seconds, one server after the other; a ratio is the median of those of the turns.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import httpx

from benchmarks.servers import ESCO, bare, build_store, dump_store, oxigraph
from mastery_graph.store.embedded import EmbeddedStore
from tests.store.servers import mastery_graph

AIMS = {"point": 0.5, "working": 0.95, "repeated": 1.0}
CONNECTIONS = (1, 16)
_CORES = len(os.sched_getaffinity(0))
_CONCEPTS = "SELECT DISTINCT ?c { ?c <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?c"
_POINT = "SELECT ?p ?o WHERE {{ <{concept}> ?p ?o }} # {number}"
_WORKING = """\
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?c ?l WHERE {{ ?c skos:inScheme <http://data.europa.eu/esco/concept-scheme/green> ; skos:prefLabel ?l
FILTER (CONTAINS(LCASE(?l), "waste")) }} ORDER BY ?l ?c LIMIT 10 # {number}"""
_JSON = {"Accept": "application/sparql-results+json"}
_REPEATED = 20
_MOST = 10_000
"""Queries made up for each second; a server that answers more is asked the first ones again."""
_SCRIPT = """
local paths, place = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
function request()
  place = place %% #paths + 1
  return wrk.format("GET", paths[place], {["Accept"] = "application/sparql-results+json"})
end
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the same graph both ways, ask both the same, and print answers a second and ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sparql", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="length of one turn")
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args(arguments)
    if shutil.which("wrk") is None:
        print("wrk is missing: apt-get install --no-install-recommends wrk", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        triples = build_store(folder / "store", ESCO)
        dump_store(folder / "store", folder / "dump.nq")
        concepts = _concepts(folder / "store")
        print(f"{triples:,} triples, {given.turns} turns of {given.seconds} s; answers a second, median of the turns\n")
        print(
            f"{'queries':<10} {'connections':>11} {'mastery-graph':>14} {'bare':>8} {'oxigraph serve':>15} "
            f"{'ratio':>6} {'aim':>6} {'bare/oxigraph':>14}"
        )
        with (
            oxigraph(folder / "dump.nq", folder / "oxigraph") as peer,
            bare(folder / "store", _CORES) as least,
            mastery_graph(folder / "store", request_rate="", server_workers=_CORES, query_workers=1) as served,
        ):
            ours = f"{served.address}/sparql"
            _require_same((ours, least, peer), concepts)
            for kind, queries in _kinds(concepts).items():
                for connections in CONNECTIONS:
                    turns = [
                        [_turn(address, queries, connections, given.seconds, folder) for address in (ours, least, peer)]
                        for _ in range(given.turns)
                    ]
                    ratio, floor = (median(turn[place] / turn[2] for turn in turns) for place in (0, 1))
                    mine, little, theirs = (median(each) for each in zip(*turns, strict=True))
                    print(
                        f"{kind:<10} {connections:>11} {mine:>14,.0f} {little:>8,.0f} {theirs:>15,.0f} {ratio:>6.2f} "
                        f"{AIMS[kind]:>6.2f} {floor:>14.2f}"
                    )
    return 0


def _kinds(concepts: Sequence[str]) -> dict[str, Iterator[str]]:
    def always(text: str, numbers: Iterator[int]) -> Iterator[str]:
        return (text.format(concept=concepts[number % len(concepts)], number=number) for number in numbers)

    def again() -> Iterator[str]:
        return (_WORKING.format(number=-(number % _REPEATED)) for number in count())

    return {"point": always(_POINT, count()), "working": always(_WORKING, count()), "repeated": again()}


def _turn(address: str, queries: Iterator[str], connections: int, seconds: int, folder: Path) -> float:
    """Ask for so many seconds; return the answers a second. Raises `RuntimeError` where one is an error."""
    paths = folder / "paths"
    base = "/" + address.split("/", 3)[3]
    asked = islice(queries, _MOST * seconds)
    paths.write_text("".join(f"{base}?{urlencode({'query': query})}\n" for query in asked), encoding="ascii")
    script = folder / "script.lua"
    script.write_text(_SCRIPT % paths, encoding="ascii")
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    done = subprocess.run(
        [*command, "--script", str(script), address], check=True, capture_output=True, text=True, timeout=seconds + 60
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if not found:
        raise RuntimeError(done.stdout)
    return float(found[1])


def _require_same(addresses: Sequence[str], concepts: Sequence[str]) -> None:
    """Raise `RuntimeError` where they do not answer the same."""
    for query in (_POINT.format(concept=concepts[0], number=0), _WORKING.format(number=0)):
        answers = [
            httpx.get(address, params={"query": query}, headers=_JSON, timeout=60).raise_for_status().json()
            for address in addresses
        ]
        rows = [sorted(map(json.dumps, answer["results"]["bindings"])) for answer in answers]
        if any(each != rows[0] for each in rows) or len(rows[0]) < 2:
            raise RuntimeError(f"The servers do not answer the same: {query}")


def _concepts(folder: Path) -> list[str]:
    store = EmbeddedStore.open(folder)
    found = [row["c"].value for row in store.select(_CONCEPTS) if "c" in row]
    store.close()
    return [str(concept) for concept in found]


if __name__ == "__main__":
    sys.exit(main())
