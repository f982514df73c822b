"""Check data against shapes: by the fast engine where it gives what the reference gives, else by the reference."""

from collections.abc import Iterable
from functools import cache
from typing import Literal

from pyoxigraph import Triple

from mastery_graph.settings import Settings
from mastery_graph.validation.engine import compiled, reference
from mastery_graph.validation.engine.result import Result
from mastery_graph.validation.engine.shapes import Shapes

Engine = Literal["auto", "pyshacl"]
"""`auto` is the compiled engine where it can be relied on; `pyshacl` is the reference, always."""


def run_shapes(triples: Iterable[Triple], shapes: Shapes, engine: Engine | None = None) -> tuple[Result, ...]:
    """Return every result of validating the data against the shapes, in a stable order.

    The engine is the one that the settings name, where none is given.
    Nothing is added to the data: neither what the shapes say, nor what their rules infer, nor what `owl:imports` names.
    Raises `BadShapes` where no engine can apply the shapes.
    """
    data = tuple(triples)
    found = compiled.run(data, shapes) if (engine or configured_engine()) == "auto" else None
    if found is None:
        found = reference.run(data, shapes)
    return tuple(sorted(found, key=_place))


@cache
def configured_engine() -> Engine:
    """Return the engine that the settings name."""
    return Settings().shacl_engine


def _place(result: Result) -> tuple[str, ...]:
    return (str(result.focus_node), result.shape, result.component, result.path or "", str(result.value))
