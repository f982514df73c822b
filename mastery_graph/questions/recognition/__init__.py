"""Recognition of a credential in another country (rules REC-* and STATEMENT-*)."""

from mastery_graph.questions.recognition.actions import Action, InformationRequest
from mastery_graph.questions.recognition.answer import Recognition, Translation, recognition
from mastery_graph.questions.recognition.differences import Difference
from mastery_graph.questions.recognition_statements.records import Purpose

__all__ = ["Action", "Difference", "InformationRequest", "Purpose", "Recognition", "Translation", "recognition"]
