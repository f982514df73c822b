"""The reference engine: pyshacl on rdflib graphs that keep every literal as written."""

import logging
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.errors import BadShapes
from mastery_graph.languages import Message
from mastery_graph.rdf import Term
from mastery_graph.validation.engine.result import CORE_COMPONENTS, Result
from mastery_graph.validation.engine.shapes import Shapes, ShapeTriple, named_shape, without_quoted_triples
from mastery_graph.validation.engine.sparql import constraint_queries, first_keyword
from mastery_graph.vocabulary import SH

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result as RdflibResult
    from rdflib.term import Node as RdflibNode

logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # it would log values that are not valid dates

_RULE: Final = SH.rule
_QUERIES_KEPT: Final = 256
_graphs: "WeakKeyDictionary[Shapes, Graph]" = WeakKeyDictionary()


def run(triples: Iterable[Triple], shapes: Shapes) -> tuple[Result, ...]:
    """Return the results of pyshacl. Raises `BadShapes` if it cannot apply the shapes."""
    from pyshacl import validate
    from rdflib import Graph
    from rdflib.namespace import RDF
    from rdflib.namespace import SH as SHACL

    for name, _, text in constraint_queries(shapes):
        if first_keyword(text, "SERVICE"):
            raise _bad_shapes(f"the query of {named_shape(name) or 'a shape'} would ask another service")
        if first_keyword(text, "FROM"):
            raise _bad_shapes(f"the query of {named_shape(name) or 'a shape'} names graphs of its own with FROM")
    if shapes not in _graphs:
        _graphs[shapes] = _graph(triple for triple in shapes.triples if triple[1].value != _RULE)
    data = _graph(without_quoted_triples(triples))
    data.query = partial(_ask, data)  # type: ignore[method-assign]
    try:
        # In place, for a copy would parse its queries again; the rules, which would add to it, are left out above.
        _, report, text = validate(data, shacl_graph=_graphs[shapes], advanced=True, inference="none", inplace=True)
    except Exception as error:  # anything that pyshacl, its SPARQL or Python's `re` raise for a broken shape
        raise _bad_shapes(str(error)) from None
    if not isinstance(report, Graph):
        raise _bad_shapes(str(text))
    details = set(report.objects(predicate=SHACL.detail))
    return tuple(
        _result(report, node, shapes)
        for node in report.subjects(RDF.type, SHACL.ValidationResult)
        if node not in details
    )


def _ask(data: "Graph", text: str, *options: Any, **named_options: Any) -> "RdflibResult":
    """Ask a query of a shape, parsed once: pyshacl asks it for each focus node, and parsing takes most of the time."""
    from rdflib import Graph

    return Graph.query(data, _prepare(text, tuple(data.namespaces())), *options, **named_options)


@lru_cache(maxsize=_QUERIES_KEPT)
def _prepare(text: str, prefixes: tuple[tuple[str, "URIRef"], ...]) -> "Query":
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(text, initNs=dict(prefixes))


def _bad_shapes(reason: str) -> BadShapes:
    return BadShapes(
        Message("The shapes cannot be applied: {reason}", reason=reason.strip().splitlines()[0])
        if reason.strip()
        else Message("The shapes cannot be applied.")
    )


def _result(report: "Graph", node: "RdflibNode", shapes: Shapes) -> Result:
    from rdflib.namespace import SH as SHACL

    shape = str(report.value(node, SHACL.sourceShape))
    path, value = report.value(node, SHACL.resultPath), report.value(node, SHACL.value)
    path_term = None if path is None else _term(path)
    return Result(
        focus_node=_term(report.value(node, SHACL.focusNode)),
        path=path_term.value if isinstance(path_term, NamedNode) else shapes.path(shape),
        value=None if value is None else _term(value),
        shape=shape,
        component=str(report.value(node, SHACL.sourceConstraintComponent)),
        severity_iri=str(report.value(node, SHACL.resultSeverity)),
        messages=_messages(report, node, shapes, shape),
    )


def _messages(report: "Graph", node: "RdflibNode", shapes: Shapes, shape: str) -> dict[str, str]:
    """Return the messages of the shape, with values for SPARQL constraints; never those that pyshacl generates."""
    from rdflib import Literal as RdflibLiteral
    from rdflib.namespace import SH as SHACL

    if str(report.value(node, SHACL.sourceConstraintComponent)) in CORE_COMPONENTS:
        return dict(shapes.texts(shape, SH.message))
    return {
        message.language or "": str(message)
        for message in report.objects(node, SHACL.resultMessage)
        if isinstance(message, RdflibLiteral)
    }


def _graph(triples: Iterable[ShapeTriple]) -> "Graph":
    from rdflib import Graph

    graph = Graph()
    for subject, predicate, value in triples:
        graph.add((_rdflib(subject), _rdflib(predicate), _rdflib(value)))
    return graph


def _rdflib(term: Term) -> "RdflibNode":
    from rdflib import BNode, URIRef
    from rdflib import Literal as RdflibLiteral

    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if term.language:
        return RdflibLiteral(term.value, lang=term.language)
    return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def _term(node: "RdflibNode | None") -> Term:
    from rdflib import BNode
    from rdflib import Literal as RdflibLiteral

    if isinstance(node, RdflibLiteral):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(str(node.datatype))) if node.datatype else Literal(str(node))
    return BlankNode(str(node)) if isinstance(node, BNode) else NamedNode(str(node))
