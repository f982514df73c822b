"""The questions about descriptions: comparison, learner profile and coverage of a curriculum."""

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mastery_graph.errors import BadDocument, BadParameter, NoOutcomes, UnknownResource
from mastery_graph.questions.comparison import ComparisonVerdict, DescriptionComparison, compare
from mastery_graph.questions.coverage import CoverageVerdict, CurriculumCoverage, coverage_of
from mastery_graph.questions.profile import LearnerProfile, ProfileVerdict, learner_profile
from mastery_graph.questions.question import (
    Question,
    SubjectParameter,
    read_subject_parameter,
    read_subject_parameters,
)
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID

Subjects = Annotated[tuple[SubjectParameter, ...], Field(min_length=1, max_length=100)]


class ComparisonQuestion(Question):
    """How two descriptions compare."""

    kind = "comparison"
    title = "How do two descriptions compare?"
    returns = "Level, workload, outcomes, assessment and quality assurance of both, side by side."
    answer_type = DescriptionComparison
    verdicts = ComparisonVerdict
    errors = (UnknownResource, BadDocument, BadParameter)
    path = "compare"
    example: ClassVar[dict[str, Any]] = {
        "descriptions": [f"{ID}description/waste-on-site-ita", f"{ID}description/waste-management-irl"]
    }

    descriptions: Annotated[tuple[SubjectParameter, ...], Field(min_length=2, max_length=2)]
    policy: StackPolicy | None = None

    def answer(self, store: Store, index: Path | None = None) -> DescriptionComparison:
        """Return the comparison."""
        left, right = self.descriptions
        return compare(store, read_subject_parameter(left), read_subject_parameter(right), self.policy)


class ProfileQuestion(Question):
    """Which green skills these credentials attest."""

    kind = "profile"
    title = "Which green skills do these credentials attest, and what is next?"
    returns = "The green skills by sector, the EQF level and evidence of each, and what to learn next."
    answer_type = LearnerProfile
    verdicts = ProfileVerdict
    errors = (UnknownResource, BadDocument, BadParameter)
    path = kind
    example: ClassVar[dict[str, Any]] = {
        "credentials": [f"{ID}description/issued-waste-aino", f"{ID}description/issued-energy-aino"]
    }

    credentials: Subjects
    policy: StackPolicy | None = None

    def answer(self, store: Store, index: Path | None = None) -> LearnerProfile:
        """Return the profile."""
        return learner_profile(store, read_subject_parameters(self.credentials), self.policy)


class CoverageQuestion(Question):
    """Which green skills, sectors and visions a curriculum covers."""

    kind = "coverage"
    title = "Which green skills, sectors and visions does this curriculum cover?"
    returns = "What is covered, by which learning outcome and with which grade, and what is not."
    answer_type = CurriculumCoverage
    verdicts = CoverageVerdict
    errors = (UnknownResource, BadDocument, NoOutcomes, BadParameter)
    path = kind
    example: ClassVar[dict[str, Any]] = {
        "descriptions": [f"{ID}description/circular-principles-fin", f"{ID}description/circular-design-fin"]
    }

    descriptions: Subjects
    policy: StackPolicy | None = None

    def answer(self, store: Store, index: Path | None = None) -> CurriculumCoverage:
        """Return the coverage."""
        return coverage_of(store, read_subject_parameters(self.descriptions), self.policy)
