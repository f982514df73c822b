"""The fast engine: the compiled one of PyPI's `shacl`, which speaks N-Triples.

It names blank nodes anew, in the order in which they come in the text. Two marked nodes at the ends of the text prove
that the numbering of this run is that; where it is not, or where the shapes say what it does not know, it declines.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from mastery_graph.rdf import Term
from mastery_graph.validation.engine.result import CORE_COMPONENTS, Result
from mastery_graph.validation.engine.shapes import Shapes
from mastery_graph.validation.engine.sparql import constraint_queries, has_subquery
from mastery_graph.vocabulary import RDF, SH

if TYPE_CHECKING:
    import shacl

_KNOWN: Final = frozenset(
    SH + name
    for name in (
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target", "property", "path"),
        *("inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"),
        *("and", "or", "xone", "not", "node", "class", "datatype", "nodeKind", "minCount", "maxCount"),
        *("minExclusive", "minInclusive", "maxExclusive", "maxInclusive", "minLength", "maxLength", "pattern", "flags"),
        *("languageIn", "uniqueLang", "equals", "disjoint", "lessThan", "lessThanOrEquals", "closed"),
        *("ignoredProperties", "hasValue", "in", "qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount"),
        *("qualifiedValueShapesDisjoint", "sparql", "select", "ask", "prefixes", "declare", "prefix", "namespace"),
        *("parameter", "optional", "validator", "nodeValidator", "propertyValidator", "labelTemplate"),
        *(
            "conforms",
            "result",
            "focusNode",
            "resultPath",
            "value",
            "sourceShape",
            "sourceConstraint",
            "resultSeverity",
        ),
        *("sourceConstraintComponent", "resultMessage", "detail", "shapesGraph", "suggestedShapesGraph"),
        *("nodekind",),  # a misspelling in the published EDC shapes, which means nothing to any engine
        *("severity", "message", "name", "description", "order", "group", "defaultValue", "deactivated"),
    )
)
"""What the shapes may say: SHACL Core, SHACL-SPARQL, targets in SPARQL, reports. The rest is left to the reference."""

_PLACE: Final = NamedNode("urn:mastery-graph:place")
_PLACE_SHAPE: Final = NamedNode("urn:mastery-graph:place-shape")
_MARKERS: Final = (
    Triple(_PLACE_SHAPE, NamedNode(SH + "targetSubjectsOf"), _PLACE),
    Triple(_PLACE_SHAPE, NamedNode(SH + "path"), _PLACE),
    Triple(_PLACE_SHAPE, NamedNode(SH + "nodeKind"), NamedNode(SH + "IRI")),
)
_FIRST, _LAST = Triple(BlankNode("first"), _PLACE, Literal("first")), Triple(BlankNode("last"), _PLACE, Literal("last"))

_compiled: "WeakKeyDictionary[Shapes, shacl.Shapes | None]" = WeakKeyDictionary()


def available() -> bool:
    """Return whether the engine is installed: there are wheels for x86-64 and for macOS."""
    return find_spec("shacl") is not None


def run(triples: Iterable[Triple], shapes: Shapes) -> tuple[Result, ...] | None:
    """Return what the compiled engine finds; None where it cannot be relied on for these shapes or this data."""
    engine = _engine(shapes)
    if engine is None:
        return None
    data = [each for each in triples if not isinstance(each.subject, Triple) and not isinstance(each.object, Triple)]
    names = _blank_nodes(data)
    if names and _constrained_in_sparql(shapes):
        return None
    text = _n_triples([_FIRST, *data, _LAST] if names else data)
    try:
        report = engine.validate_text(text, format="ntriples")
    except ValueError:
        return None
    terms = _terms(term for found in report.results for term in (found.focus_node, found.value, found.source_shape))
    marks = {
        found.value_plain: _number(terms[found.focus_node])
        for found in report.results
        if found.source_shape == str(_PLACE_SHAPE)
    }
    if names and marks.get("last", 0) - marks.get("first", 0) != len(names) + 1:
        return None
    offset = marks.get("first", 0) + 1

    def original(text: str) -> Term:
        term = terms[text]
        return names[_number(term) - offset] if isinstance(term, BlankNode) else term

    worded = _worded(report)
    return tuple(
        _result(found, worded.get(place) or shapes.texts(shape, SH + "message"), shape, original, shapes)
        for place, found in enumerate(report.results, start=1)
        if (shape := original(found.source_shape).value if found.source_shape else "") != _PLACE_SHAPE.value
    )


def takes_pattern(pattern: str) -> bool:
    """Return whether the engine is here and takes a regular expression."""
    return (
        available()
        and _compile(Shapes([Triple(NamedNode("urn:s"), NamedNode(SH + "pattern"), Literal(pattern))])) is not None
    )


def _engine(shapes: Shapes) -> "shacl.Shapes | None":
    if shapes not in _compiled:
        _compiled[shapes] = _compile(shapes) if available() else None
    return _compiled[shapes]


def _compile(shapes: Shapes) -> "shacl.Shapes | None":
    import shacl

    said = {predicate.value for _, predicate, _ in shapes.statements if predicate.value.startswith(SH)}
    # a query within a query must return $this (SHACL 5.2.1): only the reference looks
    nested = any(has_subquery(kind, text) for _, kind, text in constraint_queries(shapes))
    if said - _KNOWN or nested or not _targets_are_queries(shapes):
        return None
    text = _n_triples([*(Triple(*each) for each in shapes.statements), *_MARKERS])
    try:
        return shacl.Shapes.from_text(text, format="ntriples")
    except ValueError:
        return None


def _n_triples(triples: Iterable[Triple]) -> str:
    return (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()


def _constrained_in_sparql(shapes: Shapes) -> bool:
    """Return whether there are constraints in SPARQL: the engine takes a blank `$this` for a variable there."""
    targets = {value.value for _, value in shapes.targets.get("target", ())}
    return any(name not in targets for name, _, _ in constraint_queries(shapes))


def _targets_are_queries(shapes: Shapes) -> bool:
    """Return whether each `sh:target` is a plain SPARQL target, and none of a type that the shapes declare."""
    targets = {value for _, predicate, value in shapes.statements if predicate.value == SH + "target"}
    plain_targets = {
        subject
        for subject, predicate, value in shapes.statements
        if predicate.value == RDF + "type" and value.value == SH + "SPARQLTarget"
    }
    return targets <= plain_targets


def _blank_nodes(triples: Iterable[Triple]) -> list[BlankNode]:
    """Return the blank nodes in the order in which they come in the text."""
    found = dict.fromkeys(
        term for triple in triples for term in (triple.subject, triple.object) if isinstance(term, BlankNode)
    )
    return list(found)


def _terms(texts: Iterable[str | None]) -> Mapping[str, Term]:
    """Return the term that each piece of N-Triples stands for."""
    distinct = list({text for text in texts if text is not None})
    lines = "".join(f"<urn:s> <urn:p{place}> {text} .\n" for place, text in enumerate(distinct))
    return {distinct[int(quad.predicate.value[5:])]: quad.object for quad in parse(lines, format=RdfFormat.N_TRIPLES)}


def _number(term: Term) -> int:
    return int(term.value.rpartition("b")[2])


def _worded(report: "shacl.Report") -> Mapping[int, Mapping[str, str]]:
    """Return the messages of constraints in SPARQL, which carry values, by the place of the result in the report."""
    if all(found.component_iri in CORE_COMPONENTS for found in report.results):
        return {}
    messages: dict[int, dict[str, str]] = {}
    for quad in parse(report.serialize("ntriples"), format=RdfFormat.N_TRIPLES):
        if quad.predicate.value == SH + "resultMessage" and isinstance(quad.object, Literal):
            place = int(quad.subject.value.removeprefix("r"))
            if report.results[place - 1].component_iri not in CORE_COMPONENTS:
                messages.setdefault(place, {})[quad.object.language or ""] = quad.object.value
    return messages


def _result(
    found: "shacl.Result",
    messages: Mapping[str, str],
    shape: str,
    original: Callable[[str], Term],
    shapes: Shapes,
) -> Result:
    path = found.path.removeprefix("<").removesuffix(">") if found.path else None
    return Result(
        focus_node=original(found.focus_node),
        path=path if path and "<" not in path else shapes.path(shape),
        value=original(found.value) if found.value else None,
        shape=shape,
        component=found.component_iri,
        severity_iri=found.severity_iri,
        messages=messages,
    )
