"""Readers of the data from which the graph is built: Turtle, the project's tables, the ESCO and ELM downloads."""
