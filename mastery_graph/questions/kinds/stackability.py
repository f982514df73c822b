"""The question of stackability: whether credentials add up to a target."""

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, InstanceOf
from pydantic.json_schema import SkipJsonSchema

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.errors import (
    BadDocument,
    BadParameter,
    ContradictoryCredits,
    CyclicPrerequisites,
    NoOutcomes,
    UnknownResource,
)
from mastery_graph.languages import Message
from mastery_graph.questions.purposes import PurposeCode, shipped_purposes
from mastery_graph.questions.question import (
    Question,
    RecognisingBody,
    SubjectParameter,
    UrlParameter,
    read_subject_parameter,
    read_subject_parameters,
)
from mastery_graph.questions.stackability import Skills, Stackability, stackability
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.stackability.verdict import StackVerdict
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID


class StackQuestion(Question):
    """Whether these credentials add up to that target."""

    kind = "stackability"
    title = "Do these credentials add up to that target, and what is missing?"
    returns = "The verdict, its criteria, the gap, and pathways of credentials in the catalogue that close it."
    answer_type = Stackability
    verdicts = StackVerdict
    errors = (UnknownResource, BadDocument, NoOutcomes, CyclicPrerequisites, ContradictoryCredits, BadParameter)
    path = kind
    example: ClassVar[dict[str, Any]] = {
        "credentials": [f"{ID}description/waste-on-site-ita", f"{ID}description/energy-audit-irl"],
        "target": f"{ID}description/green-site-technician-irl",
    }
    preloads = ("highspy",)

    credentials: Annotated[tuple[SubjectParameter, ...], Field(min_length=1, max_length=100)]
    target: Annotated[
        str | Skills | dict[str, Any] | SkipJsonSchema[InstanceOf[SubmittedDocument]],
        Field(
            union_mode="left_to_right",
            description="The IRI of a description or of a skill, a list of skills, or a document.",
        ),
    ]
    policy: StackPolicy = StackPolicy()
    purpose: Annotated[
        PurposeCode | None,
        Field(
            description="The purpose of recognition. Without one, a statement that does not hold for every purpose is "
            "left open.",
            examples=list(shipped_purposes()),
        ),
    ] = None
    body: RecognisingBody = None
    explain: Annotated[
        bool, UrlParameter("explain"), Field(description="Whether each suggestion states why it was chosen.")
    ] = False

    def answer(self, store: Store, index: Path | None = None) -> Stackability:
        """Return whether the credentials add up to the target."""
        return stackability(
            store,
            read_subject_parameters(self.credentials),
            self._target(),
            self.policy,
            purpose=self.purpose,
            body=self.body,
            explain=self.explain,
        )

    def _target(self) -> str | Skills | SubmittedDocument:
        if isinstance(self.target, Skills):
            return self.target
        if isinstance(self.target, dict) and set(self.target) == {"skills"}:
            raise BadParameter(Message("The skills of a target must be a list of IRIs."))
        return read_subject_parameter(self.target)
