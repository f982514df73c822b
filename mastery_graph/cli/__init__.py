"""The command line: each command reads input, calls one function of the library, renders its result."""

from mastery_graph.cli.app import run

__all__ = ["run"]
