"""Whether shapes have anything to check in the data: a report on nothing must not read as a pass."""

from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.rdf import Term
from mastery_graph.validation.engine.run import Engine, run_shapes
from mastery_graph.validation.engine.shapes import Shapes, without_quoted_triples
from mastery_graph.vocabulary import RDF, RDFS, SH

_PROBE: Final = "urn:mastery-graph:probe:"


def has_focus(shapes: Shapes, triples: Sequence[Triple], engine: Engine | None = None) -> bool:
    """Return whether any active shape has a focus node in the data (SHACL 2.1.3), of what the data contains.

    Raises `BadShapes` where no engine can apply a target in SPARQL.
    """
    aims = {kind: {value for _, value in targets} for kind, targets in shapes.active_targets.items()}
    properties = aims.get("targetSubjectsOf", set()) | aims.get("targetObjectsOf", set())
    nodes = aims.get("targetNode", set())
    return (
        any(triple.predicate in properties or triple.subject in nodes or triple.object in nodes for triple in triples)
        or bool(instances(triples, aims.get("targetClass", ())))
        or ("target" in aims and bool(run_shapes(triples, _probe(shapes, aims["target"]), engine)))
    )


def instances(triples: Sequence[Triple], classes: Iterable[Term]) -> set[Term]:
    """Return the nodes of the data that are of one of these classes, or of a subclass that the data states."""
    wanted: set[Term] = set(classes)
    statements = list(without_quoted_triples(triples))
    subclasses = [(subject, value) for subject, kind, value in statements if kind.value == RDFS + "subClassOf"]
    while more := {subject for subject, value in subclasses if value in wanted} - wanted:
        wanted |= more
    return {subject for subject, kind, value in statements if kind.value == RDF + "type" and value in wanted}


def _probe(shapes: Shapes, targets: Iterable[Term]) -> Shapes:
    """Return shapes with these targets that no node meets: each focus node makes a result."""
    triples: list[Triple] = []
    left: list[Term] = []
    for number, target in enumerate(sorted(targets, key=str)):
        probe = NamedNode(f"{_PROBE}{number}")
        triples.append(Triple(probe, NamedNode(SH + "target"), target))
        triples.append(Triple(probe, NamedNode(SH + "hasValue"), NamedNode(_PROBE)))
        left.append(target)
    seen: set[Term] = set()
    while left:
        node = left.pop()
        if node in seen:
            continue
        seen.add(node)
        for predicate, values in shapes.index.get(node, {}).items():
            if not isinstance(node, Literal):
                triples += [Triple(node, NamedNode(predicate), value) for value in values]
            left += values
    return Shapes(triples)
