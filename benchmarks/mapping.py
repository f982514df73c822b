"""Text to concept on ESCO's alternative labels, held out: this project's index against three peers, in one run.

A fifth of the alternative labels is taken out of everything that is searched, and asked for. Concepts fall into two
halves: weights and the threshold were chosen on one (`--fit`), all figures are of the other. A label that stays with
another concept is not asked for: it has no single right answer.

The peers search the same labels and descriptions: rdflib (the number of words that a label CONTAINS, in SPARQL), SQLite
FTS5 (BM25 over the same columns with its Porter stemmer), RapidFuzz (WRatio over the labels).
"""

import argparse
import hashlib
import re
import sqlite3
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from pyoxigraph import RdfFormat, serialize
from rapidfuzz import fuzz, process
from rdflib import Graph, Variable
from rdflib import Literal as Text
from scipy.optimize import minimize

from benchmarks.noise import NOISE, NONSENSE
from mastery_graph.concept_search.entries import Entry, Label, read_entries
from mastery_graph.concept_search.finder import Finder
from mastery_graph.concept_search.index import SKILLS, TextIndex
from mastery_graph.concept_search.ranking import WEIGHTS
from mastery_graph.pipeline.build import Sources, build, replace_graph
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph

ESCO = Path(__file__).resolve().parents[2] / "shared" / "data" / "esco-1.2.0"
SLOW_PEER_ASKS = 20
"""rdflib is asked every so many-th question, and the others are shown on the same ones."""

Search = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Question:
    """A label that was held out, and the concept that it belongs to."""

    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The entries without the labels that are asked for; the questions for choosing, and those for the figures."""

    entries: list[Entry]
    chosen_on: list[Question]
    measured_on: list[Question]


def held_out(entries: Sequence[Entry]) -> HeldOut:
    """Return the skills among these entries with a fifth of their English alternative labels held out."""
    asked: list[Question] = []
    left: list[Entry] = []
    for entry in entries:
        out = [label for label in entry.labels if entry.is_skill and _is_held_out(entry, label)]
        asked += [Question(label.text, entry.uri) for label in out]
        left.append(replace(entry, labels=[label for label in entry.labels if label not in out]))
    known = {label.text.casefold() for entry in left for label in entry.labels}
    asked = [one for one in asked if one.text.casefold() not in known]
    first = [one for one in asked if _number(one.answer) % 2]
    return HeldOut(left, first, [one for one in asked if not _number(one.answer) % 2])


def main() -> int:
    """Print the table; with `--fit`, the weights that the first half of the questions calls for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fit", action="store_true")
    options.add_argument("--esco", type=Path, default=ESCO)
    given = options.parse_args()
    if not given.esco.is_dir():
        print(f"There is no ESCO download at {given.esco}.", file=sys.stderr)
        return 2
    split = held_out(_entries(given.esco))
    start = perf_counter()
    finder = Finder(TextIndex.build(split.entries))
    print(f"{finder.index.size} things with labels indexed in {perf_counter() - start:.1f} s")
    if given.fit:
        _fit(finder, split.chosen_on)
        return 0
    skills = [entry for entry in split.entries if entry.is_skill]
    labels = sum(len(entry.labels) for entry in skills)
    print(f"{len(skills)} skills and groups with {labels} labels; {len(split.measured_on)} labels asked for")
    peers: dict[str, Search] = {
        "mastery-graph": _ours(finder),
        "mastery-graph, abstaining": _ours(finder, None),
        "SQLite FTS5": _fts5(skills),
        "RapidFuzz": _rapidfuzz(skills),
    }
    for name, search in peers.items():
        _report(name, search, split.measured_on)
    some = split.measured_on[::SLOW_PEER_ASKS]
    print(f"the same on {len(some)} of them")
    for name, search in {**peers, "rdflib CONTAINS": _rdflib(skills)}.items():
        _report(name, search, some)
    _report_abstention(finder, split)
    _report_completion(finder, split.measured_on)
    return 0


def _report(name: str, search: Search, questions: Sequence[Question]) -> None:
    first = among_ten = 0
    start = perf_counter()
    for question in questions:
        found = list(search(question.text))[:10]
        first += found[:1] == [question.answer]
        among_ten += question.answer in found
    each = 1000 * (perf_counter() - start) / len(questions)
    number = len(questions)
    print(
        f"  {name:26} precision at 1 {first / number:.3f}  recall at 10 {among_ten / number:.3f}  {each:7.1f} ms each"
    )


def _report_abstention(finder: Finder, split: HeldOut) -> None:
    """Print what the threshold costs and saves, short texts and long ones, on the half it was not chosen on."""
    nonsense = NONSENSE[1::2]
    offered = [text for text in nonsense if finder.find(text, 1)]
    print(f"{len(offered)} of {len(nonsense)} texts that name no skill are offered one: {offered}")
    quiet = NOISE[1::2]
    wrong = [(each, found[0].entry.label()) for each in quiet if (found := finder.find(each, 1))]
    print(f"{len(wrong)} of {len(quiet)} paragraphs that name no skill are offered one: {wrong}")
    asked = split.measured_on[::3]
    first = among = 0
    for place, question in enumerate(asked):
        before, after = quiet[place % len(quiet)], quiet[(place + 1) % len(quiet)]
        uris = [each.entry.uri for each in finder.find(f"{before} {question.text}. {after}", 10)]
        first += uris[:1] == [question.answer]
        among += question.answer in uris
    print(f"within such paragraphs: precision at 1 {first / len(asked):.3f}, recall at 10 {among / len(asked):.3f}")


def _report_completion(finder: Finder, questions: Sequence[Question]) -> None:
    times = []
    for question in questions[:40]:
        for end in range(2, min(len(question.text), 12)):
            start = perf_counter()
            finder.complete(question.text[:end])
            times.append(1000 * (perf_counter() - start))
    low, high = np.percentile(times, [50, 95])
    print(f"completion as one types, {len(times)} beginnings: median {low:.1f} ms, 95 in 100 under {high:.1f} ms")


def _fit(finder: Finder, questions: Sequence[Question]) -> None:
    """Print the weights (none negative, summing to 1) under which the right concept comes first most surely."""
    names = list(WEIGHTS)
    asked = []
    for question in questions:
        found = finder.find(question.text, 50, selection=SKILLS, threshold=-1)
        places = [place for place, each in enumerate(found) if each.entry.uri == question.answer]
        if places:
            table = np.array([[float(getattr(each.features, name)) for name in names] for each in found])
            asked.append((table, places[0]))

    def loss(weights: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
        total = 0.0
        for table, right in asked:
            scores = table @ weights
            total += float(np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[right])
        return total / len(asked) + 0.002 * float(weights @ weights)

    found = minimize(loss, np.ones(len(names)), method="L-BFGS-B", bounds=[(0, None)] * len(names)).x
    for name, weight in zip(names, found / found.sum(), strict=True):
        print(f"  {name:12} {weight:.2f}")
    print("threshold: score of nonsense and of the right concept, on this half")
    noise = sorted((each[0].score if (each := finder.find(text, 1, threshold=0)) else 0.0) for text in NONSENSE[::2])
    print(f"  nonsense {[round(score) for score in noise[-10:]]}")
    loud = sorted((each[0].score if (each := finder.find(text, 1, threshold=0)) else 0.0) for text in NOISE[::2])
    print(f"  paragraphs {[round(score) for score in loud]}")
    right = [
        next((each.score for each in finder.find(one.text, 50, threshold=0) if each.entry.uri == one.answer), 0.0)
        for one in questions
    ]
    print(f"  right concept, percentiles 2, 5, 10, 25, 50: {np.percentile(right, [2, 5, 10, 25, 50]).round()}")


def _entries(folder: Path) -> list[Entry]:
    store = MemoryStore()
    build(store, Sources())
    replace_graph(store, graph("esco"), list(dict.fromkeys(EscoDownload([folder]).triples())))
    entries = read_entries(store)
    store.close()
    return entries


def _is_held_out(entry: Entry, label: Label) -> bool:
    return label.role == "alternative" and label.language == "en" and _number(entry.uri + label.text) % 5 == 0


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def _ours(finder: Finder, threshold: float | None = 0.0) -> Search:
    return lambda text: [each.entry.uri for each in finder.find(text, 10, threshold=threshold)]


def _english(entry: Entry) -> tuple[str, list[str], str]:
    labels = [label.text for label in entry.labels if label.language == "en"]
    return labels[0], labels[1:], entry.descriptions.get("en", "")


def _fts5(entries: Sequence[Entry]) -> Search:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(uri UNINDEXED, name, others, described, tokenize='porter')")
    for entry in entries:
        name, others, described = _english(entry)
        base.execute("INSERT INTO t VALUES (?, ?, ?, ?)", (entry.uri, name, "; ".join(others), described))
    ask = "SELECT uri FROM t WHERE t MATCH ? ORDER BY bm25(t, 0, 3, 3, 1) LIMIT 10"

    def search(text: str) -> list[str]:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        return [row[0] for row in base.execute(ask, (words,))] if words else []

    return search


def _rapidfuzz(entries: Sequence[Entry]) -> Search:
    labels = [(label.text.lower(), entry.uri) for entry in entries for label in entry.labels if label.language == "en"]
    texts = [text for text, _ in labels]

    def search(text: str) -> list[str]:
        found = process.extract(text.lower(), texts, scorer=fuzz.WRatio, limit=60)
        return list(dict.fromkeys(labels[place][1] for _, _, place in found))

    return search


def _rdflib(entries: Sequence[Entry]) -> Search:
    from mastery_graph.rdf import words
    from mastery_graph.vocabulary import SKOS

    triples = [words(entry.uri, SKOS + "altLabel", label.text) for entry in entries for label in entry.labels]
    peer = Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")

    def search(text: str) -> list[str]:
        said = re.findall(r"\w+", text.lower())[:8]
        tests = " + ".join(f"IF(CONTAINS(?l, ?w{place}), 1, 0)" for place in range(len(said)))
        query = (
            "SELECT ?c (MAX(?n) AS ?most) WHERE { ?c <http://www.w3.org/2004/02/skos/core#altLabel> ?label "
            f"BIND (LCASE(STR(?label)) AS ?l) BIND ({tests} AS ?n) }} GROUP BY ?c ORDER BY DESC(?most) LIMIT 10"
        )
        bound = {f"w{place}": Text(word) for place, word in enumerate(said)}
        return [str(row[Variable("c")]) for row in peer.query(query, initBindings=bound).bindings]

    return search


if __name__ == "__main__":
    sys.exit(main())
