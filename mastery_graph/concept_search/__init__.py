"""Concepts found by their words: every label and description of the graph, searched in all its languages."""
