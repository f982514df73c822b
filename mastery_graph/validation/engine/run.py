"""Validation of data by shapes: with the fast engine where it is equivalent to the reference engine, else with that."""

from collections.abc import Iterable

from pyoxigraph import Triple

from mastery_graph.options import Engine, current_options
from mastery_graph.validation.engine import compiled, reference
from mastery_graph.validation.engine.result import Result
from mastery_graph.validation.engine.shapes import Shapes


def run_shapes(triples: Iterable[Triple], shapes: Shapes, engine: Engine | None = None) -> tuple[Result, ...]:
    """Return every result of validating the data against the shapes, in a stable order.

    `engine` defaults to the one that the operator has chosen. Nothing is added to the data: neither the triples of the
    shapes, nor what their rules infer, nor what they import (`owl:imports`). Raises `BadShapes` if no engine can apply
    the shapes.
    """
    data = tuple(triples)
    results = compiled.run(data, shapes) if (engine or current_options().shacl_engine) == "auto" else None
    if results is None:
        results = reference.run(data, shapes)
    return tuple(sorted(results, key=_sort_key))


def _sort_key(result: Result) -> tuple[str, ...]:
    return (str(result.focus_node), result.shape, result.component, result.path or "", str(result.value))
