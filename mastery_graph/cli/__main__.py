"""`python -m mastery_graph.cli` is `mastery-graph`."""

from mastery_graph.cli.app import run

run()
