"""The OWL 2 RL closure of the graph: what follows from what is asserted, kept apart from it.

owlrl computes the closure (OWL 2 Web Ontology Language Profiles, section 4.3). It is given what can lead to something:
the axioms, and the statements whose property has one. Of what it adds, only statements that say something about our
things are kept: no axiomatic triples of OWL and RDFS themselves, no thing that is the same as, or a kind of, itself,
no `owl:Thing`.
"""

from collections.abc import Iterable, Iterator

from owlrl import DeductiveClosure, OWLRL_Semantics
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import Graph

from mastery_graph.vocabulary import OWL, RDF, RDFS, XSD

_LANGUAGE = (OWL, RDF, RDFS, XSD)
_TOP = {OWL + "Thing", RDFS + "Resource", OWL + "Nothing"}


def closure(triples: Iterable[Triple]) -> list[Triple]:
    """Return the statements that OWL 2 RL adds to `triples`, in a stable order."""
    asserted = set(triples)
    graph = Graph()
    graph.parse(data=serialize(_premises(asserted), format=RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    statements = (
        line
        for line in graph.serialize(format="nt11").splitlines()
        # owlrl also concludes things of literals, which RDF cannot say
        if line.startswith("<")
    )
    added = parse("\n".join(statements), format=RdfFormat.N_TRIPLES)
    kept = (quad.triple for quad in added if _tells_something(quad.triple))
    return sorted((triple for triple in kept if triple not in asserted), key=str)


def _premises(triples: set[Triple]) -> Iterator[Triple]:
    """Yield the axioms, and the statements whose property has an axiom: no rule concludes anything from the others.

    Of a text or a number a rule concludes something only through the domain of its property.
    """
    axioms = {triple.subject for triple in triples if triple.predicate.value.startswith((OWL, RDFS))}
    domains = {triple.subject for triple in triples if triple.predicate.value == RDFS + "domain"}
    for triple in triples:
        predicate = triple.predicate
        wanted = domains if isinstance(triple.object, Literal) else axioms
        if predicate in wanted or (predicate.value.startswith((OWL, RDF, RDFS)) and wanted is axioms):
            yield triple


def _tells_something(triple: Triple) -> bool:
    subject, value = triple.subject, triple.object
    if not isinstance(subject, NamedNode) or subject.value.startswith(_LANGUAGE) or subject == value:
        return False
    return isinstance(value, NamedNode) and value.value not in _TOP
