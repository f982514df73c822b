"""The HTTP service of mastery-graph."""
