"""The description of the dataset in DCAT 3 and VoID: its metadata, parts, files and checksums."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.dataset_identity import Dataset
from mastery_graph.pipeline.dataset import DATASET_GRAPH, OWN_GRAPHS, hash_of, read_description
from mastery_graph.queries import named_query
from mastery_graph.rdf import term_text
from mastery_graph.sources.esco_extract import ESCO_NOTICE
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import (
    DCAT,
    DCTERMS,
    ESCO,
    ESCO_EXTRACT_GRAPH,
    ESCO_GRAPH,
    GRAPH,
    ID,
    NS,
    ORG,
    PROV,
    RDF,
    RDFS,
    SKOS,
    SSSOM,
    VOID,
    XSD,
)

_SPDX: Final = "http://spdx.org/rdf/terms#"
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_OTHERS_PARTS: Final = "The licence is that of the parts that mastery-graph made; each other part has its own, or none."
_EXAMPLES: Final = (f"{ID}vision/V1", f"{ID}green-skill/GS01", "http://data.europa.eu/snb/eqf/5")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A file of the dataset: its address, media type, the graph that it contains (None: all graphs), size and hash."""

    address: str
    media_type: str
    graph: str | None = None
    size: int | None = None
    """Bytes."""
    sha256: str | None = None


def describe_dataset(
    store: Store,
    dataset: Dataset,
    distributions: Iterable[Distribution],
    graphs: Sequence[str],
    endpoint: str | None = None,
) -> list[Triple]:
    """Return the description of the dataset with these graphs and distributions; `endpoint` is its SPARQL endpoint.

    The address of a distribution is an IRI, or the name of a file beside the description.
    """
    own = _own_description(store, dataset, graphs)
    files = [triple for distribution in distributions for triple in _distribution(dataset, distribution)]
    return [*own, *_general(dataset, endpoint), *_parts(store, dataset, graphs), *files]


def description_to_load(store: Store, dataset: Dataset, graphs: Sequence[str]) -> list[Triple]:
    """Return the content of the description graph for loading these graphs into another store.

    Size and hash are those of these graphs alone.
    """
    own = _own_description(store, dataset, graphs)
    contents = {name: content for name, content in read_description(store).items() if name in set(graphs)}
    whole = NamedNode(dataset.iri)
    values = {
        NamedNode(NS.contentHash): Literal(hash_of(contents)),
        NamedNode(VOID.triples): Literal(sum(content.triples for content in contents.values())),
    }
    rest = [triple for triple in own if triple.subject != whole or triple.predicate not in values]
    return [*rest, *(Triple(whole, predicate, value) for predicate, value in values.items())]


def _own_description(store: Store, dataset: Dataset, graphs: Sequence[str]) -> list[Triple]:
    """Return the store's own description of the dataset and of these graphs."""
    parts = {f"{dataset.iri}/{name.removeprefix(GRAPH)}" for name in graphs}
    triples = store.construct(named_query("browse/graph").text, {"graph": NamedNode(DATASET_GRAPH)})
    return [triple for triple in triples if _is_about(triple, dataset.iri, parts)]


def _is_about(triple: Triple, whole: str, parts: set[str]) -> bool:
    """Return whether a triple is about the whole or about one of these parts."""
    subject, value = (str(getattr(term, "value", term)) for term in (triple.subject, triple.object))
    others_part = triple.predicate.value == VOID.subset and value not in parts
    return subject in parts or (subject == whole and not others_part)


def dataset_identifier(dataset: Dataset) -> str:
    """Return the identifier of a version of the dataset: the hash of its content, as a URN."""
    return f"urn:sha256:{dataset.content_hash}"


def _general(dataset: Dataset, endpoint: str | None) -> Iterator[Triple]:
    whole = NamedNode(dataset.iri)
    yield Triple(whole, NamedNode(DCTERMS.identifier), Literal(dataset_identifier(dataset)))
    yield Triple(whole, NamedNode(VOID.uriSpace), Literal(ID))
    yield _link(whole, DCTERMS.conformsTo, NS)
    for vocabulary in (NS, SKOS, DCTERMS, ESCO, SSSOM, PROV, ORG):
        yield _link(whole, VOID.vocabulary, vocabulary)
    for example in _EXAMPLES:
        yield _link(whole, VOID.exampleResource, example)
    if endpoint:
        service = BlankNode("service")
        yield _link(whole, VOID.sparqlEndpoint, endpoint)
        yield _link(service, RDF.type, DCAT.DataService)
        yield _link(service, DCAT.endpointURL, endpoint)
        yield _link(service, DCAT.servesDataset, dataset.iri)
        yield _link(service, DCTERMS.conformsTo, "https://www.w3.org/TR/sparql11-protocol/")


def _parts(store: Store, dataset: Dataset, graphs: Iterable[str]) -> Iterator[Triple]:
    """Yield the parts with their licences: that of the dataset for its own graphs, else what a mapping set states."""
    licences: dict[str, list[str]] = defaultdict(list)
    for row in store.select(named_query("browse/licences").text):
        licences[term_text(row["graph"])].append(term_text(row["licence"]))
    for name in graphs:
        part = NamedNode(f"{dataset.iri}/{name.removeprefix(GRAPH)}")
        yield _link(NamedNode(dataset.iri), DCTERMS.hasPart, part.value)
        yield _link(part, RDF.type, DCAT.Dataset)
        title = f"{dataset.title}: {name.removeprefix(GRAPH)}"
        yield Triple(part, NamedNode(DCTERMS.title), Literal(title, language="en"))
        for licence in [dataset.licence] if name in OWN_GRAPHS else licences[name]:
            yield _link(part, DCTERMS.license, licence)
        if name in {ESCO_GRAPH, ESCO_EXTRACT_GRAPH}:
            yield from _rights(part, ESCO_NOTICE)
    if set(graphs) - OWN_GRAPHS:
        yield from _rights(NamedNode(dataset.iri), _OTHERS_PARTS)


def _rights(subject: NamedNode, text: str) -> Iterator[Triple]:
    notice = NamedNode(f"{subject.value}/rights")
    yield _link(subject, DCTERMS.rights, notice.value)
    yield _link(notice, RDF.type, DCTERMS.RightsStatement)
    yield Triple(notice, NamedNode(RDFS.label), Literal(text, language="en"))


def _distribution(dataset: Dataset, file: Distribution) -> Iterator[Triple]:
    address = (
        file.address if "://" in file.address else f"{dataset.iri}/file/{dataset.content_hash[:12]}/{file.address}"
    )
    node = NamedNode(f"{address}#distribution") if "://" in file.address else NamedNode(address)
    subject = f"{dataset.iri}/{file.graph.removeprefix(GRAPH)}" if file.graph else dataset.iri
    yield _link(NamedNode(subject), DCAT.distribution, node.value)
    yield _link(node, RDF.type, DCAT.Distribution)
    yield _link(node, DCAT.mediaType, _IANA + file.media_type)
    if "://" in file.address:
        yield _link(node, DCAT.downloadURL, address)
        yield _link(NamedNode(subject), VOID.dataDump, address)
    else:
        yield Triple(node, NamedNode(DCTERMS.title), Literal(file.address))
    if file.size is not None:
        size = Literal(str(file.size), datatype=NamedNode(XSD.nonNegativeInteger))
        yield Triple(node, NamedNode(DCAT.byteSize), size)
    if file.sha256 is not None:
        checksum = NamedNode(f"{node.value}-checksum")
        yield _link(node, _SPDX + "checksum", checksum.value)
        yield _link(checksum, RDF.type, _SPDX + "Checksum")
        yield _link(checksum, _SPDX + "algorithm", _SPDX + "checksumAlgorithm_sha256")
        value = Literal(file.sha256, datatype=NamedNode(XSD.hexBinary))
        yield Triple(checksum, NamedNode(_SPDX + "checksumValue"), value)


def _link(subject: NamedNode | BlankNode, predicate: str, value: str) -> Triple:
    return Triple(subject, NamedNode(predicate), NamedNode(value))
