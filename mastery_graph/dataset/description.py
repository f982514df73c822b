"""The description of the dataset in DCAT 3 and VoID: what it is, its parts, its files and what they hash to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.dataset_identity import Dataset
from mastery_graph.pipeline.dataset import DATASET_GRAPH, OWN_GRAPHS, hash_of, read_description
from mastery_graph.queries import named_query
from mastery_graph.rdf import term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCAT, DCTERMS, ESCO, GRAPH, ID, NS, ORG, PROV, RDF, RDFS, SKOS, SSSOM, VOID, XSD

_SPDX: Final = "http://spdx.org/rdf/terms#"
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_ESCO_NOTICE: Final = "This service uses the ESCO classification of the European Commission."
_OTHERS_PARTS: Final = "The licence is that of the parts that mastery-graph made; each other part has its own, or none."
_EXAMPLES: Final = (f"{ID}vision/V1", f"{ID}green-skill/GS01", "http://data.europa.eu/snb/eqf/5")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A file of the dataset: its address, its media type, the graph that it holds (None: the whole), size and hash."""

    address: str
    media_type: str
    graph: str | None = None
    size: int | None = None
    """Bytes."""
    sha256: str | None = None


def describe_dataset(
    store: Store,
    which: Dataset,
    distributions: Iterable[Distribution],
    graphs: Sequence[str],
    endpoint: str | None = None,
) -> list[Triple]:
    """Return the description of the dataset with these graphs and distributions; `endpoint` is where it answers SPARQL.

    An address that is no IRI is that of a file beside the description.
    """
    own = _own_description(store, which, graphs)
    files = [triple for one in distributions for triple in _distribution(which, one)]
    return [*own, *_general(which, endpoint), *_parts(store, which, graphs), *files]


def description_to_load(store: Store, which: Dataset, graphs: Sequence[str]) -> list[Triple]:
    """Return what the graph of the description says where these graphs are loaded into another store.

    Where graphs are left out, size and hash are those of the rest.
    """
    own = _own_description(store, which, graphs)
    contents = {name: content for name, content in read_description(store).items() if name in set(graphs)}
    whole = NamedNode(which.iri)
    values = {
        NamedNode(NS + "contentHash"): Literal(hash_of(contents)),
        NamedNode(VOID + "triples"): Literal(sum(content.triples for content in contents.values())),
    }
    others = [triple for triple in own if triple.subject != whole or triple.predicate not in values]
    return [*others, *(Triple(whole, predicate, value) for predicate, value in values.items())]


def _own_description(store: Store, which: Dataset, graphs: Sequence[str]) -> list[Triple]:
    """Return what the store says of the dataset and of these graphs."""
    parts = {f"{which.iri}/{name.removeprefix(GRAPH)}" for name in graphs}
    triples = store.construct(named_query("browse/graph").text, {"graph": NamedNode(DATASET_GRAPH)})
    return [triple for triple in triples if _is_of(triple, which.iri, parts)]


def _is_of(triple: Triple, whole: str, parts: set[str]) -> bool:
    """Return whether a statement is about the whole or about one of these parts."""
    subject, value = (str(getattr(term, "value", term)) for term in (triple.subject, triple.object))
    others_part = triple.predicate.value == VOID + "subset" and value not in parts
    return subject in parts or (subject == whole and not others_part)


def dataset_identifier(which: Dataset) -> str:
    """Return what identifies a version of the dataset: the hash of its content, as a URN."""
    return f"urn:sha256:{which.content_hash}"


def _general(which: Dataset, endpoint: str | None) -> Iterator[Triple]:
    whole = NamedNode(which.iri)
    yield Triple(whole, NamedNode(DCTERMS + "identifier"), Literal(dataset_identifier(which)))
    yield Triple(whole, NamedNode(VOID + "uriSpace"), Literal(ID))
    yield _link(whole, DCTERMS + "conformsTo", NS)
    for vocabulary in (NS, SKOS, DCTERMS, ESCO, SSSOM, PROV, ORG):
        yield _link(whole, VOID + "vocabulary", vocabulary)
    for example in _EXAMPLES:
        yield _link(whole, VOID + "exampleResource", example)
    if endpoint:
        service = BlankNode("service")
        yield _link(whole, VOID + "sparqlEndpoint", endpoint)
        yield _link(service, RDF + "type", DCAT + "DataService")
        yield _link(service, DCAT + "endpointURL", endpoint)
        yield _link(service, DCAT + "servesDataset", which.iri)
        yield _link(service, DCTERMS + "conformsTo", "https://www.w3.org/TR/sparql11-protocol/")


def _parts(store: Store, which: Dataset, graphs: Iterable[str]) -> Iterator[Triple]:
    """Yield each part, with its licence: that of the dataset for our own, what a mapping set states for one loaded."""
    stated: dict[str, list[str]] = defaultdict(list)
    for row in store.select(named_query("browse/licences").text):
        stated[term_text(row["graph"])].append(term_text(row["licence"]))
    for name in graphs:
        part = NamedNode(f"{which.iri}/{name.removeprefix(GRAPH)}")
        yield _link(NamedNode(which.iri), DCTERMS + "hasPart", part.value)
        yield _link(part, RDF + "type", DCAT + "Dataset")
        title = f"{which.title}: {name.removeprefix(GRAPH)}"
        yield Triple(part, NamedNode(DCTERMS + "title"), Literal(title, language="en"))
        for licence in [which.licence] if name in OWN_GRAPHS else stated[name]:
            yield _link(part, DCTERMS + "license", licence)
        if name == GRAPH + "esco":
            yield from _rights(part, _ESCO_NOTICE)
    if set(graphs) - OWN_GRAPHS:
        yield from _rights(NamedNode(which.iri), _OTHERS_PARTS)


def _rights(of: NamedNode, said: str) -> Iterator[Triple]:
    notice = NamedNode(f"{of.value}/rights")
    yield _link(of, DCTERMS + "rights", notice.value)
    yield _link(notice, RDF + "type", DCTERMS + "RightsStatement")
    yield Triple(notice, NamedNode(RDFS + "label"), Literal(said, language="en"))


def _distribution(which: Dataset, file: Distribution) -> Iterator[Triple]:
    address = file.address if "://" in file.address else f"{which.iri}/file/{which.content_hash[:12]}/{file.address}"
    node = NamedNode(f"{address}#distribution") if "://" in file.address else NamedNode(address)
    of = f"{which.iri}/{file.graph.removeprefix(GRAPH)}" if file.graph else which.iri
    yield _link(NamedNode(of), DCAT + "distribution", node.value)
    yield _link(node, RDF + "type", DCAT + "Distribution")
    yield _link(node, DCAT + "mediaType", _IANA + file.media_type)
    if "://" in file.address:
        yield _link(node, DCAT + "downloadURL", address)
        yield _link(NamedNode(of), VOID + "dataDump", address)
    else:
        yield Triple(node, NamedNode(DCTERMS + "title"), Literal(file.address))
    if file.size is not None:
        size = Literal(str(file.size), datatype=NamedNode(XSD + "nonNegativeInteger"))
        yield Triple(node, NamedNode(DCAT + "byteSize"), size)
    if file.sha256 is not None:
        checksum = NamedNode(f"{node.value}-checksum")
        yield _link(node, _SPDX + "checksum", checksum.value)
        yield _link(checksum, RDF + "type", _SPDX + "Checksum")
        yield _link(checksum, _SPDX + "algorithm", _SPDX + "checksumAlgorithm_sha256")
        value = Literal(file.sha256, datatype=NamedNode(XSD + "hexBinary"))
        yield Triple(checksum, NamedNode(_SPDX + "checksumValue"), value)


def _link(subject: NamedNode | BlankNode, predicate: str, value: str) -> Triple:
    return Triple(subject, NamedNode(predicate), NamedNode(value))
