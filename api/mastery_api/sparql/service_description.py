"""The endpoint's description of itself (SPARQL 1.1 Service Description), with the sizes of its graphs in VoID."""

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from mastery_graph.store.protocol import GraphSize
from mastery_graph.vocabulary import RDF, VOID

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
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
_INPUT_FORMATS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")


def service_description(
    endpoint: str, graphs: list[GraphSize], rdf_format: RdfFormat, *, updates: bool, federated: bool
) -> bytes:
    """Return the serialised description of the endpoint at a URL, over these graphs."""
    return serialize(_triples(endpoint, graphs, updates=updates, federated=federated), format=rdf_format) or b""


def _triples(endpoint: str, graphs: list[GraphSize], *, updates: bool, federated: bool) -> Iterator[Triple]:
    service, dataset, everything = BlankNode("service"), BlankNode("dataset"), BlankNode("all")

    def triple(subject: BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

    def type_(subject: BlankNode, name: str) -> Triple:
        return triple(subject, RDF.type, NamedNode(name))

    yield type_(service, _SD + "Service")
    yield triple(service, _SD + "endpoint", NamedNode(endpoint))
    yield triple(service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL11Query"))
    if updates:
        yield triple(service, _SD + "supportedLanguage", NamedNode(_SD + "SPARQL11Update"))
        for name in _INPUT_FORMATS:
            yield triple(service, _SD + "inputFormat", NamedNode(_FORMATS + name))
    yield triple(service, _SD + "feature", NamedNode(_SD + "UnionDefaultGraph"))
    if federated:
        yield triple(service, _SD + "feature", NamedNode(_SD + "BasicFederatedQuery"))
    for name in _RESULT_FORMATS:
        yield triple(service, _SD + "resultFormat", NamedNode(_FORMATS + name))
    yield triple(service, _SD + "defaultDataset", dataset)
    yield type_(dataset, _SD + "Dataset")
    yield triple(dataset, _SD + "defaultGraph", everything)
    yield type_(everything, _SD + "Graph")
    yield type_(everything, VOID.Dataset)
    yield triple(everything, VOID.triples, Literal(sum(graph.triples for graph in graphs)))
    for number, graph in enumerate(graphs):
        graph_node, content = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield triple(dataset, _SD + "namedGraph", graph_node)
        yield type_(graph_node, _SD + "NamedGraph")
        yield triple(graph_node, _SD + "name", NamedNode(graph.iri))
        yield triple(graph_node, _SD + "graph", content)
        yield type_(content, _SD + "Graph")
        yield type_(content, VOID.Dataset)
        yield triple(content, VOID.triples, Literal(graph.triples))
