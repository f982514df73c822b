"""Point queries on the graph: this project's embedded store, with and without a query worker, against rdflib."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from pyoxigraph import NamedNode, RdfFormat, serialize
from rdflib import Graph

from mastery_graph.pipeline.build import Sources, build
from mastery_graph.queries import bind, named_query
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Limits

ROUNDS = 20


def main() -> int:
    """Build the graph, ask each engine the same question, and print the ratios."""
    query = named_query("equivalence/comparable-levels").text
    bindings = {"level": NamedNode("http://data.europa.eu/snb/qdr/c_fd8ce5f6")}
    with tempfile.TemporaryDirectory() as folder:
        with Draft.change(Path(folder)) as draft:
            build(draft, Sources())
        store = EmbeddedStore.open(Path(folder))
        triples = store.construct("CONSTRUCT WHERE { ?s ?p ?o }")
        peer = Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
        bound = bind(query, bindings)
        expected = len(store.select(query, bindings))
        if len(list(peer.query(bound))) != expected:
            print("The engines disagree.", file=sys.stderr)
            return 1
        ours = _median(lambda: store.select(query, bindings))
        limited = _median(lambda: store.select(query, bindings, Limits(10, 10_000_000)))
        theirs = _median(lambda: list(peer.query(bound)))
        store.close()
    print(f"comparable levels of one level, {len(triples)} triples, {expected} rows, median of {ROUNDS}")
    print(f"  rdflib takes {theirs / ours:6.1f} times as long as the embedded store")
    print(f"  rdflib takes {theirs / limited:6.1f} times as long as the embedded store with a time limit")
    return 0


def _median(ask: Callable[[], object]) -> float:
    ask()
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        ask()
        times.append(perf_counter() - start)
    return sorted(times)[ROUNDS // 2]


if __name__ == "__main__":
    sys.exit(main())
