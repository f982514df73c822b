"""Shapes, and parameters of shapes, that check nothing.

SHACL lets them stand: a parameter with another value than it knows, or without the one that it needs, is ignored, and
so is a shape that no target leads to. Their author believes that they check something.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.rdf import Term
from mastery_graph.validation.engine import Shapes
from mastery_graph.vocabulary import RDF, SH, XSD

_BOOLEAN: Final = ("uniqueLang", "closed", "qualifiedValueShapesDisjoint", "deactivated")
"""Parameters that count by the literal true alone, as it is written (SHACL 4.4.5, 4.7.3, 4.8.1, 2.1.3.4)."""
_NEEDED: Final = {
    "flags": ("pattern",),
    "ignoredProperties": ("closed",),
    "qualifiedMinCount": ("qualifiedValueShape",),
    "qualifiedMaxCount": ("qualifiedValueShape",),
    "qualifiedValueShape": ("qualifiedMinCount", "qualifiedMaxCount"),
    "qualifiedValueShapesDisjoint": ("qualifiedValueShape",),
}
"""What a parameter does nothing without: one of these."""
_OF_A_PATH: Final = (
    *("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"),
    *("qualifiedMinCount", "qualifiedMaxCount"),
)
"""Parameters that look at the values of a path (SHACL 4, "may not be used in node shapes")."""
_EMPTY: Final = {"minCount": "0", "minLength": "0", "qualifiedMinCount": "0", "uniqueLang": "false", "closed": "false"}
"""Values with which a parameter is met by everything."""
_HELPERS: Final = frozenset(_NEEDED) - {"qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount"}
"""Parameters that check nothing by themselves."""
_WAY_OUT: Final = "give it a target, refer to it from a shape that has one, or switch it off with sh:deactivated true"


def idle_parts(shapes: Shapes, parameters: Iterable[str], place: Callable[[str], str]) -> Iterator[str]:
    """Yield what checks nothing in a set of shapes, each with its reason; `place` names a shape.

    `parameters` are the IRIs of the parameters of SHACL's constraint components. Shapes that are switched off are left
    out: their author wants them to check nothing.
    """
    known = frozenset(parameters) | declared_parameters(shapes)
    subjects = [
        node
        for node, stated in shapes.index.items()
        if isinstance(node, NamedNode) and (known & stated.keys() or _has_target(stated))
    ]
    active = [node for node in subjects if shapes.is_active(node)]
    for node in subjects:
        yield from _values_that_do_not_count(shapes, node, place)
    for node in active:
        yield from _parameters_that_lack_another(shapes, node, place)
        yield from _constraints_without_a_query(shapes, node, place)
    reached = _reached(shapes, known)
    for node in active:
        if node not in reached:
            yield f"{place(node.value)}: no target leads to this shape, so it is never checked: {_WAY_OUT}"
    for node in active:
        targeted = _has_target(shapes.index[node]) or node.value in shapes.implicit_classes
        if targeted and not _checks(shapes, node, known, frozenset()):
            yield f"{place(node.value)}: the shape has a target and no constraint that checks anything"


def _values_that_do_not_count(shapes: Shapes, node: Term, place: Callable[[str], str]) -> Iterator[str]:
    for name in _BOOLEAN:
        for value in shapes.values_of(node, SH + name):
            is_boolean = isinstance(value, Literal) and value.datatype.value == XSD + "boolean"
            if is_boolean and value.value not in {"true", "false"}:
                meant = {"1": "true", "0": "false"}.get(value.value, "true or false")
                yield (
                    f"{place(node.value)}: sh:{name} “{value.value}” is ignored, because it counts only as it is "
                    f"written: write {meant}"
                )


def _parameters_that_lack_another(shapes: Shapes, node: Term, place: Callable[[str], str]) -> Iterator[str]:
    stated = shapes.index[node]
    for name, needed in _NEEDED.items():
        if SH + name in stated and not any(SH + other in stated for other in needed):
            others = " or ".join(f"sh:{other}" for other in needed)
            yield f"{place(node.value)}: sh:{name} does nothing without {others}"
    if SH + "path" not in stated:
        for name in _OF_A_PATH:
            if SH + name in stated:
                yield f"{place(node.value)}: sh:{name} does nothing in a shape without sh:path"


def _constraints_without_a_query(shapes: Shapes, node: Term, place: Callable[[str], str]) -> Iterator[str]:
    for constraint in shapes.values_of(node, SH + "sparql"):
        if not shapes.values_of(constraint, SH + "select"):
            yield f"{place(node.value)}: its sh:sparql has no sh:select, and so checks nothing"
    for target in shapes.values_of(node, SH + "target"):
        kinds = {kind.value for kind in shapes.values_of(target, RDF + "type")} - {SH + "Target", SH + "SPARQLTarget"}
        if not kinds and not shapes.values_of(target, SH + "select"):
            yield f"{place(node.value)}: its sh:target has no sh:select, and so selects nothing"


def _reached(shapes: Shapes, known: frozenset[str]) -> set[Term]:
    """Return all that a target leads to, and what a node that is no shape, or is switched off, refers to."""
    left = [
        node
        for node, stated in shapes.index.items()
        if _has_target(stated)
        or node.value in shapes.implicit_classes
        or not shapes.is_active(node)
        or (not known & stated.keys() and not isinstance(stated.get(RDF + "first"), list))
    ]
    reached: set[Term] = set()
    while left:
        node = left.pop()
        if node not in reached:
            reached.add(node)
            left += [value for values in shapes.index.get(node, {}).values() for value in values]
    return reached


def _checks(shapes: Shapes, node: Term, known: frozenset[str], above: frozenset[Term]) -> bool:
    """Return whether a shape has a constraint that something could break; `above` are the shapes that lead to it."""
    if node in above or not shapes.is_active(node):
        return False
    for predicate in shapes.index.get(node, {}).keys() & known:
        name = predicate.removeprefix(SH)
        values = shapes.values_of(node, predicate)
        if name == "property":
            if any(_checks(shapes, value, known, above | {node}) for value in values):
                return True
        elif name not in _HELPERS and any(value.value != _EMPTY.get(name) for value in values):
            return True
    return False


def _has_target(stated: Iterable[str]) -> bool:
    return any(predicate.startswith(SH + "target") for predicate in stated)


def declared_parameters(shapes: Shapes) -> frozenset[str]:
    """Return the parameters of the constraint components that the shapes declare themselves (SHACL 6.2)."""
    parameters = [value for _, predicate, value in shapes.statements if predicate.value == SH + "parameter"]
    return frozenset(
        path.value
        for parameter in parameters
        for path in shapes.values_of(parameter, SH + "path")
        if isinstance(path, NamedNode)
    )
