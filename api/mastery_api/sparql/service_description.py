"""The endpoint's description of itself (SPARQL 1.1 Service Description), with the sizes of its graphs in VoID."""

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from mastery_graph.store.protocol import GraphSize
from mastery_graph.vocabulary import RDF, VOID

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "N-Quads",
    "TriG",
    "JSON-LD",
    "RDF_XML",
)
_READ = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")


def service_description(
    endpoint: str, graphs: list[GraphSize], rdf_format: RdfFormat, *, updates: bool, federated: bool
) -> bytes:
    """Return the description of the endpoint at an address, over these graphs."""
    return serialize(_triples(endpoint, graphs, updates=updates, federated=federated), format=rdf_format) or b""


def _triples(endpoint: str, graphs: list[GraphSize], *, updates: bool, federated: bool) -> Iterator[Triple]:
    service, dataset, everything = BlankNode("service"), BlankNode("dataset"), BlankNode("all")

    def say(subject: BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

    def type_(subject: BlankNode, name: str) -> Triple:
        return say(subject, RDF + "type", NamedNode(name))

    yield type_(service, _SD + "Service")
    yield say(service, _SD + "endpoint", NamedNode(endpoint))
    yield say(service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL11Query"))
    if updates:
        yield say(service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL11Update"))
        for name in _READ:
            yield say(service, _SD + "inputFormat", NamedNode(_FORMATS + name))
    yield say(service, _SD + "feature", NamedNode(_SD + "UnionDefaultGraph"))
    if federated:
        yield say(service, _SD + "feature", NamedNode(_SD + "BasicFederatedQuery"))
    for name in _RESULTS:
        yield say(service, _SD + "resultFormat", NamedNode(_FORMATS + name))
    yield say(service, _SD + "defaultDataset", dataset)
    yield type_(dataset, _SD + "Dataset")
    yield say(dataset, _SD + "defaultGraph", everything)
    yield type_(everything, _SD + "Graph")
    yield type_(everything, VOID + "Dataset")
    yield say(everything, VOID + "triples", Literal(sum(graph.triples for graph in graphs)))
    for number, graph in enumerate(graphs):
        named, content = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield say(dataset, _SD + "namedGraph", named)
        yield type_(named, _SD + "NamedGraph")
        yield say(named, _SD + "name", NamedNode(graph.iri))
        yield say(named, _SD + "graph", content)
        yield type_(content, _SD + "Graph")
        yield type_(content, VOID + "Dataset")
        yield say(content, VOID + "triples", Literal(graph.triples))
