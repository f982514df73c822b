"""The fast engine: the compiled engine of the `shacl` package, which reads and writes N-Triples.

It numbers blank nodes in the order in which they occur in the text. Two marker nodes at the ends of the text verify
that numbering. If it differs, or if the shapes use terms that the engine does not support, `run` returns None.
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

_SUPPORTED_TERMS: Final = frozenset(
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
"""Terms of SHACL Core, SHACL-SPARQL, SPARQL targets and reports. Shapes with other terms need the reference engine."""

_MARKER: Final = NamedNode("urn:mastery-graph:place")
_MARKER_SHAPE: Final = NamedNode("urn:mastery-graph:place-shape")
_MARKERS: Final = (
    Triple(_MARKER_SHAPE, NamedNode(SH.targetSubjectsOf), _MARKER),
    Triple(_MARKER_SHAPE, NamedNode(SH.path), _MARKER),
    Triple(_MARKER_SHAPE, NamedNode(SH.nodeKind), NamedNode(SH.IRI)),
)
_FIRST_MARKER: Final = Triple(BlankNode("first"), _MARKER, Literal("first"))
_LAST_MARKER: Final = Triple(BlankNode("last"), _MARKER, Literal("last"))

_compiled: "WeakKeyDictionary[Shapes, shacl.Shapes | None]" = WeakKeyDictionary()


def available() -> bool:
    """Return whether the engine is installed: there are wheels for x86-64 and for macOS."""
    return find_spec("shacl") is not None


def run(triples: Iterable[Triple], shapes: Shapes) -> tuple[Result, ...] | None:
    """Return the results of the compiled engine; None if it is not reliable for these shapes or this data."""
    engine = _engine(shapes)
    if engine is None:
        return None
    data = [
        triple for triple in triples if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple)
    ]
    blank_nodes = _blank_nodes(data)
    if blank_nodes and _has_sparql_constraints(shapes):
        return None
    text = _n_triples([_FIRST_MARKER, *data, _LAST_MARKER] if blank_nodes else data)
    try:
        report = engine.validate_text(text, format="ntriples")
    except ValueError:
        return None
    terms = _terms(term for result in report.results for term in (result.focus_node, result.value, result.source_shape))
    markers = {
        result.value_plain: _blank_node_number(terms[result.focus_node])
        for result in report.results
        if result.source_shape == str(_MARKER_SHAPE)
    }
    if blank_nodes and markers.get("last", 0) - markers.get("first", 0) != len(blank_nodes) + 1:
        return None
    offset = markers.get("first", 0) + 1

    def original_term(text: str) -> Term:
        term = terms[text]
        return blank_nodes[_blank_node_number(term) - offset] if isinstance(term, BlankNode) else term

    sparql_messages = _sparql_messages(report)
    return tuple(
        _result(result, sparql_messages.get(position) or shapes.texts(shape, SH.message), shape, original_term, shapes)
        for position, result in enumerate(report.results, start=1)
        if (shape := original_term(result.source_shape).value if result.source_shape else "") != _MARKER_SHAPE.value
    )


def supports_pattern(pattern: str) -> bool:
    """Return whether the engine is installed and supports a regular expression."""
    return (
        available()
        and _compile(Shapes([Triple(NamedNode("urn:s"), NamedNode(SH.pattern), Literal(pattern))])) is not None
    )


def _engine(shapes: Shapes) -> "shacl.Shapes | None":
    if shapes not in _compiled:
        _compiled[shapes] = _compile(shapes) if available() else None
    return _compiled[shapes]


def _compile(shapes: Shapes) -> "shacl.Shapes | None":
    import shacl

    terms = {predicate.value for _, predicate, _ in shapes.triples if predicate.value.startswith(SH)}
    # a subquery must return $this (SHACL 5.2.1), which only the reference engine checks
    nested = any(has_subquery(kind, text) for _, kind, text in constraint_queries(shapes))
    if terms - _SUPPORTED_TERMS or nested or not _targets_are_queries(shapes):
        return None
    text = _n_triples([*(Triple(*triple) for triple in shapes.triples), *_MARKERS])
    try:
        return shacl.Shapes.from_text(text, format="ntriples")
    except ValueError:
        return None


def _n_triples(triples: Iterable[Triple]) -> str:
    return (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()


def _has_sparql_constraints(shapes: Shapes) -> bool:
    """Return whether there are SPARQL constraints, in which the engine treats a blank `$this` as a variable."""
    targets = {value.value for _, value in shapes.targets.get("target", ())}
    return any(name not in targets for name, _, _ in constraint_queries(shapes))


def _targets_are_queries(shapes: Shapes) -> bool:
    """Return whether each `sh:target` is a plain SPARQL target, not one of a type that the shapes declare."""
    targets = {value for _, predicate, value in shapes.triples if predicate.value == SH.target}
    plain_targets = {
        subject
        for subject, predicate, value in shapes.triples
        if predicate.value == RDF.type and value.value == SH.SPARQLTarget
    }
    return targets <= plain_targets


def _blank_nodes(triples: Iterable[Triple]) -> list[BlankNode]:
    """Return the blank nodes in order of occurrence."""
    nodes = dict.fromkeys(
        term for triple in triples for term in (triple.subject, triple.object) if isinstance(term, BlankNode)
    )
    return list(nodes)


def _terms(texts: Iterable[str | None]) -> Mapping[str, Term]:
    """Return the term of each N-Triples text."""
    distinct = list({text for text in texts if text is not None})
    lines = "".join(f"<urn:s> <urn:p{position}> {text} .\n" for position, text in enumerate(distinct))
    return {distinct[int(quad.predicate.value[5:])]: quad.object for quad in parse(lines, format=RdfFormat.N_TRIPLES)}


def _blank_node_number(term: Term) -> int:
    return int(term.value.rpartition("b")[2])


def _sparql_messages(report: "shacl.Report") -> Mapping[int, Mapping[str, str]]:
    """Return the messages of SPARQL constraints, with values filled in, by the position of the result in the report."""
    if all(result.component_iri in CORE_COMPONENTS for result in report.results):
        return {}
    messages: dict[int, dict[str, str]] = {}
    for quad in parse(report.serialize("ntriples"), format=RdfFormat.N_TRIPLES):
        if quad.predicate.value == SH.resultMessage and isinstance(quad.object, Literal):
            position = int(quad.subject.value.removeprefix("r"))
            if report.results[position - 1].component_iri not in CORE_COMPONENTS:
                messages.setdefault(position, {})[quad.object.language or ""] = quad.object.value
    return messages


def _result(
    result: "shacl.Result",
    messages: Mapping[str, str],
    shape: str,
    original_term: Callable[[str], Term],
    shapes: Shapes,
) -> Result:
    path = result.path.removeprefix("<").removesuffix(">") if result.path else None
    return Result(
        focus_node=original_term(result.focus_node),
        path=path if path and "<" not in path else shapes.path(shape),
        value=original_term(result.value) if result.value else None,
        shape=shape,
        component=result.component_iri,
        severity_iri=result.severity_iri,
        messages=messages,
    )
