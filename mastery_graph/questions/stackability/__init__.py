"""Stackability: whether micro-credentials add up to a target, and what closes the gap (rules STACK-*)."""

from mastery_graph.questions.stackability.answer import Stackability, stackability
from mastery_graph.questions.stackability.suggestions import Suggestion
from mastery_graph.questions.stackability.target import Skills

__all__ = ["Skills", "Stackability", "Suggestion", "stackability"]
