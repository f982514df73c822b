"""SHACL validation: sets of shapes, the engines that run them, and the results.

>>> from mastery_graph.resources import folder
>>> shapes = Shapes.of_files(folder("shapes") / "micro-credential.ttl")
>>> run_shapes((), shapes)
()
"""

from mastery_graph.options import Engine
from mastery_graph.validation.engine.alternatives import explain_results
from mastery_graph.validation.engine.result import Result, Severity
from mastery_graph.validation.engine.run import run_shapes
from mastery_graph.validation.engine.shapes import Shapes

__all__ = ["Engine", "Result", "Severity", "Shapes", "explain_results", "run_shapes"]
