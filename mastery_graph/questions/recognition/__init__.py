"""Recognition of a credential in another country (rules REC-* and STATEMENT-*)."""

from mastery_graph.questions.recognition.answer import Action, Recognition, Translation, recognition
from mastery_graph.questions.recognition.differences import Difference
from mastery_graph.questions.recognition_statements.records import Purpose

__all__ = ["Action", "Difference", "Purpose", "Recognition", "Translation", "recognition"]
