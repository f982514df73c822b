"""Why a nested shape is not met: which alternative a node comes closest to, and what that one lacks.

SHACL says of `sh:node`, `sh:or`, `sh:xone` and `sh:and` only that a node does not conform (SHACL 4.6, 4.7.1). Here
each alternative is checked by itself: by a copy of the shapes, without their targets, in which each nested shape
applies to the objects of a property of its own. Which node is to be checked by which shape is then a triple beside the
data, and one run answers all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakKeyDictionary

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.rdf import Term
from mastery_graph.validation.engine.result import Result
from mastery_graph.validation.engine.run import Engine, run_shapes
from mastery_graph.validation.engine.shapes import Shapes, list_members
from mastery_graph.vocabulary import SH

_LISTS: Final = {
    SH + "AndConstraintComponent": SH + "and",
    SH + "OrConstraintComponent": SH + "or",
    SH + "XoneConstraintComponent": SH + "xone",
}
_NODE: Final = SH + "NodeConstraintComponent"
_TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
_ASKED: Final = NamedNode("urn:mastery-graph:asked")
_DEEPEST: Final = 4
"""Levels of nested shapes that are looked into."""


@dataclass(frozen=True)
class _Nested:
    """The shapes for looking closer: a property for each nested shape, and what belongs to it."""

    shapes: Shapes
    asking: Mapping[str, NamedNode]
    parts: Mapping[str, frozenset[str]]


_nested: "WeakKeyDictionary[Shapes, _Nested]" = WeakKeyDictionary()


def explain_results(
    results: Sequence[Result], triples: Iterable[Triple], shapes: Shapes, engine: Engine | None = None
) -> tuple[Result, ...]:
    """Return the results, those of nested shapes with `details` and the `alternative` that is closest."""
    return _explained(results, tuple(triples), shapes, engine, _DEEPEST)


def _explained(
    results: Sequence[Result], triples: Sequence[Triple], shapes: Shapes, engine: Engine | None, depth: int
) -> tuple[Result, ...]:
    asked = {
        (alternative, result.value)
        for result in results
        if result.value is not None
        for alternative in _alternatives(shapes, result)
    }
    if not asked or not depth:
        return tuple(results)
    answers = _answers(asked, triples, shapes, engine)
    deeper = [each for found in answers.values() for each in found]
    looked_into = dict(zip(deeper, _explained(deeper, triples, shapes, engine, depth - 1), strict=True))
    answers = {question: tuple(looked_into[each] for each in found) for question, found in answers.items()}
    return tuple(_closest(result, shapes, answers) for result in results)


def _alternatives(shapes: Shapes, result: Result) -> list[str]:
    if result.component == _NODE:
        return [each.value for each in shapes.values(result.shape, SH + "node")]
    if predicate := _LISTS.get(result.component):
        return [
            each.value for start in shapes.values(result.shape, predicate) for each in list_members(shapes.index, start)
        ]
    return []


_Answers = Mapping[tuple[str, Term], tuple[Result, ...]]


def _answers(
    asked: Iterable[tuple[str, Term]], triples: Sequence[Triple], shapes: Shapes, engine: Engine | None
) -> _Answers:
    """Return what each shape finds wrong with the node that it is asked about."""
    nested = _for_looking_closer(shapes)
    questions = [Triple(_ASKED, nested.asking[shape], node) for shape, node in asked]
    found = run_shapes((*triples, *questions), nested.shapes, engine)
    return {
        (shape, node): tuple(
            dict.fromkeys(
                result
                for result in found
                if result.shape in nested.parts[shape]
                and (result.focus_node == node or result.shape not in _direct(shapes, shape))
            )
        )
        for shape, node in asked
    }


def _closest(result: Result, shapes: Shapes, answers: _Answers) -> Result:
    alternatives = _alternatives(shapes, result)
    if not alternatives or result.value is None:
        return result
    lacking = {shape: answers[shape, result.value] for shape in alternatives}
    if result.component in {_NODE, SH + "AndConstraintComponent"}:
        details = tuple(dict.fromkeys(each for found in lacking.values() for each in found))
        failing = [shape for shape, found in lacking.items() if found]
        return replace(result, details=details, alternative=failing[0] if len(failing) == 1 else None)
    if not all(lacking.values()):
        return result
    closest = min(alternatives, key=lambda shape: _distance(lacking[shape], result.value))
    return replace(result, details=lacking[closest], alternative=closest)


def _distance(lacking: Sequence[Result], node: Term | None) -> tuple[bool, int]:
    """Return how far a node is from an alternative: first whether it is of another class, then how much it lacks."""
    other = any(each.component == SH + "ClassConstraintComponent" and each.value == node for each in lacking)
    return other, sum(1 + len(each.details) for each in lacking)


def _for_looking_closer(shapes: Shapes) -> _Nested:
    if shapes not in _nested:
        nested = sorted(
            {
                each.value
                for _, predicate, value in shapes.statements
                if not isinstance(value, Literal)
                for each in (
                    [value]
                    if predicate.value == SH + "node"
                    else list_members(shapes.index, value)
                    if predicate.value in _LISTS.values()
                    else []
                )
            }
        )
        asking = {shape: NamedNode(f"urn:mastery-graph:asked:{place}") for place, shape in enumerate(nested)}
        targets = {SH + name for name in _TARGETS}
        statements = [Triple(*each) for each in shapes.statements if each[1].value not in targets]
        statements += [
            Triple(NamedNode(shape), NamedNode(SH + "targetObjectsOf"), property_)
            for shape, property_ in asking.items()
        ]
        parts = {shape: frozenset(_parts(shapes, shape)) for shape in nested}
        _nested[shapes] = _Nested(Shapes(statements), asking, parts)
    return _nested[shapes]


def _parts(shapes: Shapes, shape: str) -> set[str]:
    """Return the shape and the property shapes in it, at any depth."""
    found: set[str] = set()
    left = [shape]
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += [value.value for value in shapes.values(each, SH + "property")]
    return found


def _direct(shapes: Shapes, shape: str) -> set[str]:
    return {shape, *(value.value for value in shapes.values(shape, SH + "property"))}
