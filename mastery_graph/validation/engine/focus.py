"""Whether shapes have any focus node in the data: a document without one must not count as conforming."""

from collections.abc import Iterable, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.options import Engine
from mastery_graph.rdf import Term
from mastery_graph.validation.engine.run import run_shapes
from mastery_graph.validation.engine.shapes import Shapes, without_quoted_triples
from mastery_graph.vocabulary import RDF, RDFS, SH

_PROBE: Final = "urn:mastery-graph:probe:"


def has_focus(shapes: Shapes, triples: Sequence[Triple], engine: Engine | None = None) -> bool:
    """Return whether any active shape has a focus node in the data (SHACL 2.1.3).

    Raises `BadShapes` if no engine can apply a SPARQL target.
    """
    targets_by_kind = {kind: {value for _, value in targets} for kind, targets in shapes.active_targets.items()}
    properties = targets_by_kind.get("targetSubjectsOf", set()) | targets_by_kind.get("targetObjectsOf", set())
    nodes = targets_by_kind.get("targetNode", set())
    return (
        any(triple.predicate in properties or triple.subject in nodes or triple.object in nodes for triple in triples)
        or bool(instances(triples, targets_by_kind.get("targetClass", ())))
        or (
            "target" in targets_by_kind and bool(run_shapes(triples, _probe(shapes, targets_by_kind["target"]), engine))
        )
    )


def instances(triples: Sequence[Triple], classes: Iterable[Term]) -> set[Term]:
    """Return the instances of these classes, or of their subclasses according to the data."""
    all_classes: set[Term] = set(classes)
    data = list(without_quoted_triples(triples))
    subclasses = [(subject, value) for subject, kind, value in data if kind.value == RDFS.subClassOf]
    while new_classes := {subject for subject, value in subclasses if value in all_classes} - all_classes:
        all_classes |= new_classes
    return {subject for subject, kind, value in data if kind.value == RDF.type and value in all_classes}


def _probe(shapes: Shapes, targets: Iterable[Term]) -> Shapes:
    """Return shapes with these targets to which no node conforms, so that each focus node yields a result."""
    triples: list[Triple] = []
    pending: list[Term] = []
    for number, target in enumerate(sorted(targets, key=str)):
        probe = NamedNode(f"{_PROBE}{number}")
        triples.append(Triple(probe, NamedNode(SH.target), target))
        triples.append(Triple(probe, NamedNode(SH.hasValue), NamedNode(_PROBE)))
        pending.append(target)
    visited: set[Term] = set()
    while pending:
        node = pending.pop()
        if node in visited:
            continue
        visited.add(node)
        for predicate, values in shapes.index.get(node, {}).items():
            if not isinstance(node, Literal):
                triples += [Triple(node, NamedNode(predicate), value) for value in values]
            pending += values
    return Shapes(triples)
