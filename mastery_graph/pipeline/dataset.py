"""The description of the dataset in its own graph: its version, its date and the hash of its content.

The hash of a graph is the SHA-256 of its canonical N-Triples (RDF Dataset Canonicalization if it has blank nodes),
sorted. The hash of the dataset is the SHA-256 of the names and hashes of its graphs. The same input has the same
hash; the date is not part of it.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from mastery_graph import __version__
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store, WritableStore
from mastery_graph.vocabulary import DCAT, DCTERMS, GRAPH, ID, NS, RDF, VOID, XSD, graph

DATASET = ID + "dataset"
DATASET_GRAPH = graph("dataset")
OWN_GRAPHS: Final = frozenset(
    map(
        graph,
        ("ontology", "frameworks", "policy", "catalogue", "registers/example", "green-skills", "mappings", "inferred"),
    )
)
"""The graphs that a build creates, under the licence of the dataset. All others were loaded by users."""


@dataclass(frozen=True, slots=True)
class GraphContent:
    """The size and hash of one named graph, and the version of its source if there is one."""

    triples: int
    sha256: str
    version: str | None = None
    """The version of what the graph was imported from, such as 1.2.0 of ESCO."""
    issued: str | None = None
    """The day from which that version is valid (ISO 8601)."""


def content_of(triples: Iterable[Triple]) -> GraphContent:
    """Return the size and the hash of the triples of one graph."""
    distinct = set(triples)
    if any(isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode) for triple in distinct):
        canonical = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in distinct)
        canonical.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        distinct = {quad.triple for quad in canonical}
    return content_of_lines(line_of(triple) for triple in sorted(distinct, key=str))


def content_of_lines(lines: Iterable[bytes]) -> GraphContent:
    """Return the size and the hash of a graph from its N-Triples lines, sorted and without duplicates."""
    digest, count = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        count += 1
    return GraphContent(count, digest.hexdigest())


def line_of(triple: Triple) -> bytes:
    """Return a triple as a line of canonical N-Triples."""
    return f"{triple} .\n".encode()


def read_description(store: Store) -> dict[str, GraphContent]:
    """Return the graphs in the store's description of its dataset, by IRI."""
    return {
        row["graph"].value: GraphContent(
            int(row["triples"].value),
            row["hash"].value,
            row["version"].value if "version" in row else None,
            row["issued"].value if "issued" in row else None,
        )
        for row in store.select(named_query("browse/dataset-graphs").text)
    }


def write_description(store: WritableStore, graphs: Mapping[str, GraphContent]) -> str:
    """Write the description of the dataset that consists of these graphs; return the hash of its content."""
    sha256 = hash_of(graphs)
    store.replace_graph(DATASET_GRAPH, _description(graphs, sha256))
    return sha256


def hash_of(graphs: Mapping[str, GraphContent]) -> str:
    """Return the hash of the dataset that consists of these graphs."""
    digest = hashlib.sha256()
    for name, content in sorted(graphs.items()):
        digest.update(f"{name} {content.sha256}\n".encode())
    return digest.hexdigest()


def _description(graphs: Mapping[str, GraphContent], sha256: str) -> Iterable[Triple]:
    yield from dataset_triples(graphs, sha256)
    for name, content in graphs.items():
        yield from entry_triples(name, content)


def dataset_triples(graphs: Mapping[str, GraphContent], sha256: str) -> Iterable[Triple]:
    """Yield the description of the dataset that consists of these graphs, without their entries."""
    dataset, statement = NamedNode(DATASET), _statement

    yield statement(dataset, RDF.type, NamedNode(DCAT.Dataset))
    yield statement(dataset, RDF.type, NamedNode(VOID.Dataset))
    yield statement(dataset, DCTERMS.title, Literal("mastery-graph", language="en"))
    yield statement(
        dataset,
        DCTERMS.description,
        Literal(
            "Green skills, ESCO, the EQF, national qualifications frameworks and micro-credential policy as one graph.",
            language="en",
        ),
    )
    yield statement(dataset, DCTERMS.license, NamedNode("https://creativecommons.org/licenses/by-sa/4.0/"))
    yield statement(dataset, DCAT.version, Literal(__version__))
    yield statement(dataset, DCTERMS.modified, Literal(_build_date(), datatype=NamedNode(XSD.dateTime)))
    yield statement(dataset, NS.contentHash, Literal(sha256))
    yield statement(dataset, VOID.triples, Literal(sum(content.triples for content in graphs.values())))


def entry_of(graph: str) -> NamedNode:
    """Return the IRI of the entry of a graph in the description of the dataset."""
    return NamedNode(f"{DATASET}/{graph.removeprefix(GRAPH)}")


def entry_triples(graph: str, content: GraphContent) -> Iterable[Triple]:
    """Yield the entry of a graph in the description of the dataset."""
    entry, statement = entry_of(graph), _statement
    yield statement(NamedNode(DATASET), VOID.subset, entry)
    yield statement(entry, RDF.type, NamedNode(VOID.Dataset))
    yield statement(entry, NS.namedGraph, NamedNode(graph))
    yield statement(entry, VOID.triples, Literal(content.triples))
    yield statement(entry, NS.contentHash, Literal(content.sha256))
    if content.version:
        yield statement(entry, DCAT.version, Literal(content.version))
    if content.issued:
        yield statement(entry, DCTERMS.available, Literal(content.issued, datatype=NamedNode(XSD.date)))


def _statement(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), value)


def _build_date() -> str:
    """Return the date of the build: now, or SOURCE_DATE_EPOCH if a reproducible build sets it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
