"""The OWL 2 RL closure of the graph: the triples inferred from the asserted ones, stored in a separate graph.

owlrl computes the closure (OWL 2 Web Ontology Language Profiles, section 4.3). Its input is limited to triples that can
lead to an inference: the axioms, and the triples whose property has one. Of its output, only informative triples are
used: no axiomatic triples of OWL and RDFS themselves, no resource that is the same as, or a kind of, itself, and no
`owl:Thing`.
"""

from collections.abc import Iterable, Iterator

from owlrl import DeductiveClosure, OWLRL_Semantics
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import Graph

from mastery_graph.vocabulary import OWL, RDF, RDFS, XSD

_LANGUAGE_NAMESPACES = (OWL, RDF, RDFS, XSD)
_UNINFORMATIVE_CLASSES = {OWL.Thing, RDFS.Resource, OWL.Nothing}


def closure(triples: Iterable[Triple]) -> list[Triple]:
    """Return the triples that OWL 2 RL adds to `triples`, in a stable order."""
    asserted = set(triples)
    graph = Graph()
    graph.parse(data=serialize(_premises(asserted), format=RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    lines = (
        line
        for line in graph.serialize(format="nt11").splitlines()
        # owlrl also infers triples with literals as subjects, which RDF does not allow
        if line.startswith("<")
    )
    added = parse("\n".join(lines), format=RdfFormat.N_TRIPLES)
    relevant = (quad.triple for quad in added if _is_informative(quad.triple))
    return sorted((triple for triple in relevant if triple not in asserted), key=str)


def _premises(triples: set[Triple]) -> Iterator[Triple]:
    """Yield the axioms, and the triples whose property has an axiom: no rule applies to the others.

    To a triple with a literal, a rule applies only through the domain of its property.
    """
    axioms = {triple.subject for triple in triples if triple.predicate.value.startswith((OWL, RDFS))}
    domains = {triple.subject for triple in triples if triple.predicate.value == RDFS.domain}
    for triple in triples:
        predicate = triple.predicate
        properties = domains if isinstance(triple.object, Literal) else axioms
        if predicate in properties or (predicate.value.startswith((OWL, RDF, RDFS)) and properties is axioms):
            yield triple


def _is_informative(triple: Triple) -> bool:
    subject, value = triple.subject, triple.object
    if not isinstance(subject, NamedNode) or subject.value.startswith(_LANGUAGE_NAMESPACES) or subject == value:
        return False
    return isinstance(value, NamedNode) and value.value not in _UNINFORMATIVE_CLASSES
