"""The command line: each command reads input, calls one function of the library and renders the result."""

from mastery_graph.cli.app import run

__all__ = ["run"]
