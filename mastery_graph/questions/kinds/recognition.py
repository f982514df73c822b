"""The question of recognition: how a credential is treated in a country."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mastery_graph.errors import BadDocument, BadParameter, UnknownCountry, UnknownResource
from mastery_graph.questions.purposes import PurposeCode
from mastery_graph.questions.question import Question, RecognisingBody, SubjectParameter, read_subject_parameter
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.questions.recognition.answer import RecognitionVerdict
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID


class RecognitionQuestion(Question):
    """How this credential is treated in that country."""

    kind = "recognition"
    title = "How is this credential treated in that country?"
    returns = "The verdict, its criteria, the comparable levels, and what would change the verdict."
    answer_type = Recognition
    verdicts = RecognitionVerdict
    errors = (UnknownResource, UnknownCountry, BadDocument, BadParameter)
    path = kind
    example: ClassVar[dict[str, Any]] = {
        "credential": f"{ID}description/waste-on-site-ita",
        "country": "FIN",
        "purpose": "employment",
    }

    credential: SubjectParameter
    country: Annotated[str, Field(description="ISO 3166-1 alpha-3, such as FIN.", max_length=100)]
    purpose: Annotated[PurposeCode, Field(description="The purpose of recognition.")] = "employment"
    on: Annotated[date | None, Field(description="The day on which validity is judged; today by default.")] = None
    body: RecognisingBody = None
    accept_claims: Annotated[
        bool,
        Field(
            description="Whether what the document claims of its level, its awarding body and its quality assurance "
            "counts. The answer says so."
        ),
    ] = False

    def answer(self, store: Store, index: Path | None = None) -> Recognition:
        """Return whether the credential can be recognised."""
        return recognition(
            store,
            read_subject_parameter(self.credential),
            self.country,
            self.purpose,
            self.on,
            body=self.body,
            accept_claims=self.accept_claims,
        )
