"""Recognition of a credential in another country (rules REC-* and STATEMENT-*)."""

from mastery_graph.questions.recognition.actions import Action, InformationRequest
from mastery_graph.questions.recognition.answer import Recognition, Translation, recognition
from mastery_graph.questions.recognition.differences import Difference

__all__ = ["Action", "Difference", "InformationRequest", "Recognition", "Translation", "recognition"]
