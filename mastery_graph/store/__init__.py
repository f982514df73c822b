"""Stores of the graph: one protocol, an embedded and a remote implementation."""
