"""The HTTP face of mastery-graph."""
