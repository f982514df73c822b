"""The checks that the graph must pass before it is stored: the shapes of `shapes/ontology.ttl`, run by pyshacl."""

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, serialize
from pyshacl import validate
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from mastery_graph.errors import GraphCheckFailed

_MAX_SHOWN = 5


def check(triples: Iterable[Triple], shapes: Path) -> None:
    """Check the graph against the shapes in a Turtle file. Raises `GraphCheckFailed` with the problems."""
    data = Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    conforms, report, _ = validate(data, shacl_graph=Graph().parse(shapes), advanced=True, inference="none")
    if not isinstance(report, Graph):
        raise GraphCheckFailed(f"The shapes of {shapes.name} cannot be applied: {report}.")
    if not conforms:
        problems = sorted(_problem(report, result) for result in report.subjects(RDF.type, SH.ValidationResult))
        more = f" … and {len(problems) - _MAX_SHOWN} more." if len(problems) > _MAX_SHOWN else ""
        raise GraphCheckFailed(
            f"The graph breaks its own checks: {' | '.join(problems[:_MAX_SHOWN])}{more}",
            "Nothing was written; the store is as it was.",
            problems=problems,
        )


def _problem(report: Graph, result: Node) -> str:
    focus = report.value(result, SH.focusNode)
    message = report.value(result, SH.resultMessage)
    value = report.value(result, SH.value)
    suffix = f" ({value})" if isinstance(value, URIRef) and value != focus else ""
    return f"{focus}: {message}{suffix}"
