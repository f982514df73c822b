"""Explanations of nested shapes: the alternative to which a node is closest, and what the node lacks for it.

For `sh:node`, `sh:or`, `sh:xone` and `sh:and`, SHACL reports only that a node does not conform (SHACL 4.6, 4.7.1). This
module checks each alternative separately, with a copy of the shapes in which each nested shape targets the objects of a
property of its own. A triple with that property, added to the data, selects the node to check, and a single run checks
all pairs of a node and a shape.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakKeyDictionary

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.options import Engine
from mastery_graph.rdf import Term
from mastery_graph.validation.engine.result import Result
from mastery_graph.validation.engine.run import run_shapes
from mastery_graph.validation.engine.shapes import Shapes, list_members
from mastery_graph.vocabulary import SH

_LIST_PROPERTIES: Final = {
    SH.AndConstraintComponent: SH + "and",
    SH.OrConstraintComponent: SH + "or",
    SH.XoneConstraintComponent: SH.xone,
}
_NODE: Final = SH.NodeConstraintComponent
_TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
_PROBE: Final = NamedNode("urn:mastery-graph:asked")
_MAX_DEPTH: Final = 4
"""Levels of nested shapes that are explained."""


@dataclass(frozen=True)
class _NestedShapes:
    """The nested shapes as shapes of their own: the property that targets each, and the shapes that belong to it."""

    shapes: Shapes
    properties: Mapping[str, NamedNode]
    parts: Mapping[str, frozenset[str]]


_nested_shapes: "WeakKeyDictionary[Shapes, _NestedShapes]" = WeakKeyDictionary()


def explain_results(
    results: Sequence[Result], triples: Iterable[Triple], shapes: Shapes, engine: Engine | None = None
) -> tuple[Result, ...]:
    """Return the results; those of nested shapes have `details` and the closest `alternative`."""
    return _explain(results, tuple(triples), shapes, engine, _MAX_DEPTH)


def _explain(
    results: Sequence[Result], triples: Sequence[Triple], shapes: Shapes, engine: Engine | None, depth: int
) -> tuple[Result, ...]:
    checks = {
        (alternative, result.value)
        for result in results
        if result.value is not None
        for alternative in _alternatives(shapes, result)
    }
    if not checks or not depth:
        return tuple(results)
    results_of_check = _run_checks(checks, triples, shapes, engine)
    nested_results = [detail for details in results_of_check.values() for detail in details]
    explained_results = dict(
        zip(nested_results, _explain(nested_results, triples, shapes, engine, depth - 1), strict=True)
    )
    results_of_check = {
        check: tuple(explained_results[detail] for detail in details) for check, details in results_of_check.items()
    }
    return tuple(_closest(result, shapes, results_of_check) for result in results)


def _alternatives(shapes: Shapes, result: Result) -> list[str]:
    if result.component == _NODE:
        return [shape.value for shape in shapes.values(result.shape, SH.node)]
    if predicate := _LIST_PROPERTIES.get(result.component):
        return [
            shape.value
            for start in shapes.values(result.shape, predicate)
            for shape in list_members(shapes.index, start)
        ]
    return []


_ResultsOfCheck = Mapping[tuple[str, Term], tuple[Result, ...]]


def _run_checks(
    checks: Iterable[tuple[str, Term]], triples: Sequence[Triple], shapes: Shapes, engine: Engine | None
) -> _ResultsOfCheck:
    """Return the results of each shape for its node."""
    nested = _nested_shapes_for(shapes)
    probes = [Triple(_PROBE, nested.properties[shape], node) for shape, node in checks]
    results = run_shapes((*triples, *probes), nested.shapes, engine)
    return {
        (shape, node): tuple(
            dict.fromkeys(
                result
                for result in results
                if result.shape in nested.parts[shape]
                and (result.focus_node == node or result.shape not in _own_shapes(shapes, shape))
            )
        )
        for shape, node in checks
    }


def _closest(result: Result, shapes: Shapes, results_of_check: _ResultsOfCheck) -> Result:
    alternatives = _alternatives(shapes, result)
    if not alternatives or result.value is None:
        return result
    results_of_shape = {shape: results_of_check[shape, result.value] for shape in alternatives}
    if result.component in {_NODE, SH.AndConstraintComponent}:
        details = tuple(
            dict.fromkeys(
                nested_result for nested_results in results_of_shape.values() for nested_result in nested_results
            )
        )
        failing = [shape for shape, nested_results in results_of_shape.items() if nested_results]
        return replace(result, details=details, alternative=failing[0] if len(failing) == 1 else None)
    if not all(results_of_shape.values()):
        return result
    closest = min(alternatives, key=lambda shape: _distance(results_of_shape[shape], result.value))
    return replace(result, details=results_of_shape[closest], alternative=closest)


def _distance(results: Sequence[Result], node: Term | None) -> tuple[bool, int]:
    """Return the distance of a node from an alternative: whether it is of another class, then the number of faults."""
    is_other_class = any(result.component == SH.ClassConstraintComponent and result.value == node for result in results)
    return is_other_class, sum(1 + len(result.details) for result in results)


def _nested_shapes_for(shapes: Shapes) -> _NestedShapes:
    if shapes not in _nested_shapes:
        names = sorted(
            {
                shape.value
                for _, predicate, value in shapes.triples
                if not isinstance(value, Literal)
                for shape in (
                    [value]
                    if predicate.value == SH.node
                    else list_members(shapes.index, value)
                    if predicate.value in _LIST_PROPERTIES.values()
                    else []
                )
            }
        )
        properties = {shape: NamedNode(f"urn:mastery-graph:asked:{number}") for number, shape in enumerate(names)}
        targets = {SH + name for name in _TARGETS}
        nested_triples = [Triple(*triple) for triple in shapes.triples if triple[1].value not in targets]
        nested_triples += [
            Triple(NamedNode(shape), NamedNode(SH.targetObjectsOf), property_)
            for shape, property_ in properties.items()
        ]
        parts = {shape: frozenset(_parts(shapes, shape)) for shape in names}
        _nested_shapes[shapes] = _NestedShapes(Shapes(nested_triples), properties, parts)
    return _nested_shapes[shapes]


def _parts(shapes: Shapes, shape: str) -> set[str]:
    """Return the shape and the property shapes in it, at any depth."""
    parts: set[str] = set()
    pending = [shape]
    while pending:
        name = pending.pop()
        if name not in parts:
            parts.add(name)
            pending += [value.value for value in shapes.values(name, SH.property)]
    return parts


def _own_shapes(shapes: Shapes, shape: str) -> set[str]:
    return {shape, *(value.value for value in shapes.values(shape, SH.property))}
