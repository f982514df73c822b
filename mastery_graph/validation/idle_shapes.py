"""Detection of shapes, and of parameters of shapes, that check nothing.

SHACL permits them: it ignores a parameter with an unknown value, or without another parameter that it requires, and a
shape that no target leads to. Their author expects them to check something.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.rdf import Term
from mastery_graph.validation.engine import Shapes
from mastery_graph.vocabulary import RDF, SH, XSD

_BOOLEAN: Final = ("uniqueLang", "closed", "qualifiedValueShapesDisjoint", "deactivated")
"""Parameters that have an effect only with the literal `true`, written so (SHACL 4.4.5, 4.7.3, 4.8.1, 2.1.3.4)."""
_PREREQUISITES: Final = {
    "flags": ("pattern",),
    "ignoredProperties": ("closed",),
    "qualifiedMinCount": ("qualifiedValueShape",),
    "qualifiedMaxCount": ("qualifiedValueShape",),
    "qualifiedValueShape": ("qualifiedMinCount", "qualifiedMaxCount"),
    "qualifiedValueShapesDisjoint": ("qualifiedValueShape",),
}
"""Parameters that have no effect without one of these."""
_PATH_PARAMETERS: Final = (
    *("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"),
    *("qualifiedMinCount", "qualifiedMaxCount"),
)
"""Parameters for the values of a path (SHACL 4, "may not be used in node shapes")."""
_TRIVIAL_VALUES: Final = {
    "minCount": "0",
    "minLength": "0",
    "qualifiedMinCount": "0",
    "uniqueLang": "false",
    "closed": "false",
}
"""Values with which a parameter can never be violated."""
_HELPERS: Final = frozenset(_PREREQUISITES) - {"qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount"}
"""Parameters that check nothing by themselves."""
_ADVICE: Final = "give it a target, refer to it from a shape that has one, or switch it off with sh:deactivated true"


def idle_parts(shapes: Shapes, parameters: Iterable[str], describe: Callable[[str], str]) -> Iterator[str]:
    """Yield the parts of a set of shapes that check nothing, each with the reason.

    `parameters` are the IRIs of the parameters of SHACL's constraint components; `describe` returns the name of a shape
    for messages. Deactivated shapes are skipped, because their author wants them to check nothing.
    """
    known = frozenset(parameters) | declared_parameters(shapes)
    subjects = [
        node
        for node, properties in shapes.index.items()
        if isinstance(node, NamedNode) and (known & properties.keys() or _has_target(properties))
    ]
    active = [node for node in subjects if shapes.is_active(node)]
    for node in subjects:
        yield from _ignored_values(shapes, node, describe)
    for node in active:
        yield from _incomplete_parameters(shapes, node, describe)
        yield from _constraints_without_query(shapes, node, describe)
    reachable = _reachable_nodes(shapes, known)
    for node in active:
        if node not in reachable:
            yield f"{describe(node.value)}: no target leads to this shape, so it is never checked: {_ADVICE}"
    for node in active:
        targeted = _has_target(shapes.index[node]) or node.value in shapes.implicit_classes
        if targeted and not _checks_anything(shapes, node, known, frozenset()):
            yield f"{describe(node.value)}: the shape has a target and no constraint that checks anything"


def _ignored_values(shapes: Shapes, node: Term, describe: Callable[[str], str]) -> Iterator[str]:
    for name in _BOOLEAN:
        for value in shapes.values_of(node, SH + name):
            is_boolean = isinstance(value, Literal) and value.datatype.value == XSD.boolean
            if is_boolean and value.value not in {"true", "false"}:
                replacement = {"1": "true", "0": "false"}.get(value.value, "true or false")
                yield (
                    f"{describe(node.value)}: sh:{name} “{value.value}” is ignored, because it counts only as it is "
                    f"written: write {replacement}"
                )


def _incomplete_parameters(shapes: Shapes, node: Term, describe: Callable[[str], str]) -> Iterator[str]:
    properties = shapes.index[node]
    for name, prerequisites in _PREREQUISITES.items():
        if SH + name in properties and not any(SH + other in properties for other in prerequisites):
            others = " or ".join(f"sh:{other}" for other in prerequisites)
            yield f"{describe(node.value)}: sh:{name} does nothing without {others}"
    if SH.path not in properties:
        for name in _PATH_PARAMETERS:
            if SH + name in properties:
                yield f"{describe(node.value)}: sh:{name} does nothing in a shape without sh:path"


def _constraints_without_query(shapes: Shapes, node: Term, describe: Callable[[str], str]) -> Iterator[str]:
    for constraint in shapes.values_of(node, SH.sparql):
        if not shapes.values_of(constraint, SH.select):
            yield f"{describe(node.value)}: its sh:sparql has no sh:select, and so checks nothing"
    for target in shapes.values_of(node, SH.target):
        kinds = {kind.value for kind in shapes.values_of(target, RDF.type)} - {SH.Target, SH.SPARQLTarget}
        if not kinds and not shapes.values_of(target, SH.select):
            yield f"{describe(node.value)}: its sh:target has no sh:select, and so selects nothing"


def _reachable_nodes(shapes: Shapes, known: frozenset[str]) -> set[Term]:
    """Return the nodes that a target leads to, or to which a deactivated shape or a node that is not a shape refers."""
    pending = [
        node
        for node, properties in shapes.index.items()
        if _has_target(properties)
        or node.value in shapes.implicit_classes
        or not shapes.is_active(node)
        or (not known & properties.keys() and not isinstance(properties.get(RDF.first), list))
    ]
    reachable: set[Term] = set()
    while pending:
        node = pending.pop()
        if node not in reachable:
            reachable.add(node)
            pending += [value for values in shapes.index.get(node, {}).values() for value in values]
    return reachable


def _checks_anything(shapes: Shapes, node: Term, known: frozenset[str], ancestors: frozenset[Term]) -> bool:
    """Return whether a shape has a constraint that can be violated; `ancestors` are the shapes that lead to it."""
    if node in ancestors or not shapes.is_active(node):
        return False
    for predicate in shapes.index.get(node, {}).keys() & known:
        name = predicate.removeprefix(SH)
        values = shapes.values_of(node, predicate)
        if name == "property":
            if any(_checks_anything(shapes, value, known, ancestors | {node}) for value in values):
                return True
        elif name not in _HELPERS and any(value.value != _TRIVIAL_VALUES.get(name) for value in values):
            return True
    return False


def _has_target(properties: Iterable[str]) -> bool:
    return any(predicate.startswith(SH.target) for predicate in properties)


def declared_parameters(shapes: Shapes) -> frozenset[str]:
    """Return the parameters of the constraint components that the shapes declare (SHACL 6.2)."""
    parameters = [value for _, predicate, value in shapes.triples if predicate.value == SH.parameter]
    return frozenset(
        path.value
        for parameter in parameters
        for path in shapes.values_of(parameter, SH.path)
        if isinstance(path, NamedNode)
    )
