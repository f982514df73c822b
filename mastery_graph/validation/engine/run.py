"""Check data against shapes with the engine that is asked for."""

from collections.abc import Iterable
from typing import Literal

from pyoxigraph import Triple

from mastery_graph.validation.engine import reference
from mastery_graph.validation.engine.result import Result
from mastery_graph.validation.engine.shapes import Shapes

Engine = Literal["pyshacl"]


def check(triples: Iterable[Triple], shapes: Shapes, engine: Engine = "pyshacl") -> tuple[Result, ...]:
    """Return every result that `engine` finds by validating the data against the shapes, in a stable order.

    Nothing is added to the data: neither what the shapes say nor what `owl:imports` names.
    """
    engines = {"pyshacl": reference.run}
    return tuple(sorted(engines[engine](triples, shapes), key=_place))


def _place(result: Result) -> tuple[str, ...]:
    return (str(result.focus_node), result.shape, result.component, result.path or "", str(result.value))
