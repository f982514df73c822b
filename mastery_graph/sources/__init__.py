"""Readers of what the graph is built from: Turtle, the project's tables, the ESCO download."""
