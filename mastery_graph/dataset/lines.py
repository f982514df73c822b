"""The triples of a dataset as sorted N-Quads lines, in bounded memory: one per line, independent of the engine.

Blank nodes are named by RDF Dataset Canonicalization (RDFC-1.0), graph by graph, so that the same content results in
the same lines; only a graph that has blank nodes is held in memory for it. Lines are ordered by their bytes, as `sort`
orders them in the C locale.
"""

import hashlib
import heapq
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
)

from mastery_graph.errors import BadSource
from mastery_graph.pipeline.dataset import DATASET_GRAPH, GraphContent, read_description
from mastery_graph.queries import bind, named_query
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import GRAPH

PERSONAL: Final = GRAPH + "credentials/"
"""The prefix of graphs with descriptions of people's credentials."""

_BATCH_SIZE: Final = 250_000
_BLANK: Final = re.compile(rb"^_:|> _:")


def content_graphs(store: Store, *, personal: bool = False) -> list[str]:
    """Return the graphs with the content of the dataset: without its description and, by default, personal data."""
    names = [graph.iri for graph in store.graphs() if graph.iri != DATASET_GRAPH]
    return [name for name in names if personal or not name.startswith(PERSONAL)]


def described_graphs(store: Store, *, personal: bool = False) -> dict[str, GraphContent]:
    """Return the graphs in the description of the dataset, ordered by name; personal data only if requested.

    Others, such as internal graphs of an engine, are not part of the dataset.
    """
    described = sorted(read_description(store).items())
    return {name: content for name, content in described if personal or not name.startswith(PERSONAL)}


def lines_of_store(store: Store, graphs: Iterable[str]) -> Iterator[bytes]:
    """Yield the triples of these graphs as N-Quads lines, sorted, without duplicates."""
    yield from sort_unique(line for name in graphs for line in _lines_of_graph(store, name))


def triples_of_graph(store: Store, name: str) -> Iterator[bytes]:
    """Yield the triples of one graph as N-Triples lines, sorted, without duplicates."""
    yield from sort_unique(_canonical(_triple_lines(store, name), name))


def lines_of_dump(path: Path) -> Iterator[bytes]:
    """Yield the quads of an N-Quads file as lines, sorted, without duplicates. Raises `BadSource`."""

    def canonical() -> Iterator[bytes]:
        try:
            with_blanks: dict[str, list[Quad]] = {}
            for quad in parse(path=str(path), format=RdfFormat.N_QUADS):
                line = str(quad).encode() + b" .\n"
                if _BLANK.search(line):
                    with_blanks.setdefault(getattr(quad.graph_name, "value", ""), []).append(quad)
                elif quad.graph_name != NamedNode(DATASET_GRAPH):
                    yield line
        except SyntaxError as error:
            raise BadSource(f"{path}, line {error.lineno}: {error.msg}.", "Give a dump in N-Quads.") from None
        except OSError as error:
            raise BadSource(f"{path} cannot be read: {error.strerror or error}.") from None
        for graph, quads in with_blanks.items():
            yield from _in_graph(_canonicalize(quads, graph), graph)

    yield from sort_unique(canonical())


def sort_unique(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines in the order of their bytes, without duplicates; larger inputs are sorted through temporary files."""
    source = iter(lines)
    with ExitStack() as stack:
        runs: list[IO[bytes]] = []
        while chunk := sorted(set(islice(source, _BATCH_SIZE))):
            run = stack.enter_context(tempfile.TemporaryFile())
            run.writelines(chunk)
            run.seek(0)
            runs.append(run)
        previous = b""
        for line in heapq.merge(*runs):
            if line != previous:
                yield line
            previous = line


def _lines_of_graph(store: Store, name: str) -> Iterator[bytes]:
    return _in_graph(_canonical(_triple_lines(store, name), name), name)


def _in_graph(lines: Iterable[bytes], name: str) -> Iterator[bytes]:
    ending = f" {NamedNode(name)} .\n".encode()
    return (line.removesuffix(b" .\n") + ending for line in lines)


def _triple_lines(store: Store, name: str) -> Iterator[bytes]:
    """Yield the N-Triples lines of a graph in the order of the store, without holding them all in memory."""
    query = bind(named_query("browse/graph").text, {"graph": NamedNode(name)})
    rest = b""
    for piece in store.stream(query, QueryResultsFormat.JSON, RdfFormat.N_TRIPLES):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole if line)


def _canonical(lines: Iterable[bytes], graph: str) -> Iterator[bytes]:
    """Yield lines with canonical blank nodes. Canonical names depend only on the triples with blank nodes."""
    with_blanks: list[bytes] = []
    for line in lines:
        if _BLANK.search(line):
            with_blanks.append(line)
        else:
            yield line
    if with_blanks:
        quads = parse(b"".join(with_blanks), format=RdfFormat.N_TRIPLES)
        yield from _canonicalize(quads, graph)


def _canonicalize(quads: Iterable[Quad], graph: str) -> Iterator[bytes]:
    """Yield quads of one graph as N-Triples lines with canonical blank nodes, named differently in each graph."""
    dataset = Dataset(Quad(*quad.triple) for quad in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    prefix = "g" + hashlib.sha256(graph.encode()).hexdigest()[:12]

    def rename(term: BlankNode | NamedNode | Literal | Triple) -> BlankNode | NamedNode | Literal | Triple:
        return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term

    for quad in dataset:
        renamed = Triple(rename(quad.subject), quad.predicate, rename(quad.object))  # type: ignore[arg-type]  # kinds stay
        yield str(renamed).encode() + b" .\n"
