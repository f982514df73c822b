"""Questions to catalogues of growing size: how long an answer takes, what it costs in memory, and how both grow.

`python -m benchmarks.answers` builds catalogues of 1,000, 10,000 and 100,000 made-up descriptions over the concepts of
ESCO in a store on disk, and asks each the same seeded questions, in a process of its own. Times are those of the
processor, so that other work on the machine does not count. The peer is rdflib, which answers the queries of the search
for candidates on the smallest catalogue. It needs the ESCO download beside the checkout, in
`../shared/data/esco-1.2.0`, or the folder given with `--esco`.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import process_time

from pyoxigraph import NamedNode, RdfFormat, serialize
from rdflib import Graph

from benchmarks.catalogue import BASE, catalogue
from mastery_graph.pipeline.build import Sources, build, replace_graph
from mastery_graph.queries import bind, named_query
from mastery_graph.questions.recognition import recognition
from mastery_graph.questions.stackability import stackability
from mastery_graph.questions.stackability.outcome_coverage import Matcher
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.target import target_of
from mastery_graph.rdf import Bindings
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import graph

ESCO = Path(__file__).resolve().parents[2] / "shared" / "data" / "esco-1.2.0"
SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 20
_SKILL = "http://data.europa.eu/esco/skill/"
_COUNTRIES = ("FIN", "ITA", "ESP", "IRL")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one kind of question took: seconds of the processor, sorted, and how the process grew, in MiB."""

    times: tuple[float, ...]
    peak: float
    """The greatest memory of the process after one round of all questions, in MiB."""
    later_rounds: float
    """How much that still grew in two more rounds of all questions, in MiB."""

    def at(self, share: float) -> float:
        """Return the time at a share of the questions, in milliseconds."""
        return 1000 * self.times[min(len(self.times) - 1, int(share * len(self.times)))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Build each catalogue, ask it, and print the times, how they grow, and how rdflib compares."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of descriptions")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--esco", type=Path, default=ESCO, help="folder of the ESCO download")
    given = parser.parse_args(arguments)
    if not given.esco.is_dir():
        print(f"Skipped: the ESCO download is not at {given.esco}, and the catalogue is made of its concepts.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "store"
        triples = list(dict.fromkeys(EscoDownload([given.esco]).triples()))
        concepts = sorted({triple.subject.value for triple in triples if triple.subject.value.startswith(_SKILL)})  # type: ignore[union-attr]  # ESCO has no blank nodes
        with Draft.change(place) as draft:
            build(draft, Sources())
            replace_graph(draft, graph("esco"), triples)
        print(f"{len(concepts)} ESCO concepts, {given.questions} questions of each kind, seed {given.seed}")
        print("descriptions  question         p50 ms    p95 ms      peak MiB     growth")
        before: dict[str, Measured] = {}
        for size in sorted(given.sizes):
            with Draft.change(place) as draft:
                draft.replace_graph(graph("catalogue/benchmark"), catalogue(size, concepts, given.seed))
            before = _report(place, size, given.questions, given.seed, before)
            if size == min(given.sizes):
                _compare(place, size, given.seed)
    return 0


def _report(place: Path, size: int, number: int, seed: int, before: dict[str, Measured]) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    for kind in ("stackability", "recognition"):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            found[kind] = one = alone.submit(_measure, place, kind, size, number, seed).result()
        grown = f"  x {one.at(0.5) / before[kind].at(0.5):.1f} of the size before" if kind in before else ""
        print(
            f"{size:>12,}  {kind:<13} {one.at(0.5):>9.0f} {one.at(0.95):>9.0f} "
            f"{one.peak:>12.0f} {one.later_rounds:>10.1f}{grown}",
            flush=True,
        )
    return found


def _measure(place: Path, kind: str, size: int, number: int, seed: int) -> Measured:
    store = EmbeddedStore.open(place)
    asked = _stacks(store, size, number, seed) if kind == "stackability" else _recognitions(store, size, number, seed)
    asked[0]()
    times = []
    for ask in asked:
        began = process_time()
        ask()
        times.append(process_time() - began)
    first = _peak()
    for ask in (*asked, *asked):
        ask()
    last = _peak()
    store.close()
    return Measured(tuple(sorted(times)), first, last - first)


def _stacks(store: EmbeddedStore, size: int, number: int, seed: int) -> list[Callable[[], object]]:
    draw = random.Random(seed)
    drawn = [[f"{BASE}{draw.randrange(size)}" for _ in range(draw.randint(2, 4))] for _ in range(number)]
    return [lambda held=held, target=target: stackability(store, held, target) for target, *held in drawn]  # type: ignore[misc]


def _recognitions(store: EmbeddedStore, size: int, number: int, seed: int) -> list[Callable[[], object]]:
    draw = random.Random(seed)
    drawn = [(f"{BASE}{draw.randrange(size)}", draw.choice(_COUNTRIES)) for _ in range(number)]
    return [lambda one=one, country=country: recognition(store, one, country, "training") for one, country in drawn]  # type: ignore[misc]


def _compare(place: Path, size: int, seed: int) -> None:
    """Print how long rdflib takes for the queries that search the catalogue, against the store, for one target."""
    store = EmbeddedStore.open(place)
    peer = Graph()
    peer.parse(data=serialize(store.construct("CONSTRUCT WHERE { ?s ?p ?o }"), format=RdfFormat.N_TRIPLES), format="nt")
    target = f"{BASE}{random.Random(seed).randrange(size)}"
    concepts = Matcher(store, target_of(store, target).outcomes, StackPolicy()).concepts
    searched = named_query("stackability/candidates").text
    rows = store.select(searched, _nodes("concept", concepts))
    found = {row["description"].value for row in rows}  # type: ignore[union-attr]  # descriptions have IRIs
    queries = [
        bind(searched, _nodes("concept", concepts)),
        *(
            bind(named_query(f"stackability/{name}").text, _nodes("description", found))
            for name in ("candidate-outcomes", "candidate-facts")
        ),
    ]
    ours = _time(lambda: [store.select(query) for query in queries])
    theirs = _time(lambda: [list(peer.query(query)) for query in queries])
    same = [len(store.select(query)) == len(list(peer.query(query))) for query in queries]
    store.close()
    print(
        f"{size:>12,}  search for candidates: rdflib takes {theirs / ours:.0f} times as long as the embedded store"
        f"{'' if all(same) else ', and finds other rows'}",
        flush=True,
    )


def _nodes(name: str, iris: Sequence[str] | set[str] | frozenset[str]) -> Bindings:
    return {name: [NamedNode(iri) for iri in sorted(iris)]}


def _time(ask: Callable[[], object]) -> float:
    ask()
    began = process_time()
    ask()
    return process_time() - began


def _peak() -> float:
    """Return the greatest resident memory of this process; that of `getrusage` would be its parent's at the start."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main())
