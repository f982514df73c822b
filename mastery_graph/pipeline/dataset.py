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
from uuid import uuid4

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from mastery_graph import __version__
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import CHANGING, Store, WritableStore
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


def mark_changing(store: WritableStore) -> None:
    """Mark the dataset in the store as changing, until `write_description` is called.

    A draft of the embedded store needs no mark: it becomes the current version in one step. Behind an endpoint, readers
    see the effect of each request; if the change is interrupted, the old hash must not appear as the current one.
    """
    value = Literal(CHANGING + uuid4().hex)
    store.mark_changing(DATASET_GRAPH, NamedNode(DATASET), NamedNode(NS.contentHash), value)


def _description(graphs: Mapping[str, GraphContent], sha256: str) -> Iterable[Triple]:
    dataset = NamedNode(DATASET)

    def statement(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

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
    for name, content in graphs.items():
        part = NamedNode(f"{DATASET}/{name.removeprefix(GRAPH)}")
        yield statement(dataset, VOID.subset, part)
        yield statement(part, RDF.type, NamedNode(VOID.Dataset))
        yield statement(part, NS.namedGraph, NamedNode(name))
        yield statement(part, VOID.triples, Literal(content.triples))
        yield statement(part, NS.contentHash, Literal(content.sha256))
        if content.version:
            yield statement(part, DCAT.version, Literal(content.version))
        if content.issued:
            yield statement(part, DCTERMS.available, Literal(content.issued, datatype=NamedNode(XSD.date)))


def _build_date() -> str:
    """Return the date of the build: now, or SOURCE_DATE_EPOCH if a reproducible build sets it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
