"""Recognition: what a credential counts as in a country, on what ground (rules REC-* and STATEMENT-*)."""

from mastery_graph.questions.recognition.answer import Action, Recognition, Translation, recognition
from mastery_graph.questions.recognition.differences import Difference
from mastery_graph.questions.recognition_statements.records import Purpose

__all__ = ["Action", "Difference", "Purpose", "Recognition", "Translation", "recognition"]
