"""The registry of questions: every kind once, by its name.

`QUESTIONS` maps each kind to its class, a typed record of parameters with `answer(store)`; see `Question`. What depends
on the kinds reads this registry: HTTP routes and their schemas, permalinks and replays (kind and record), exit codes,
and the modules that worker processes preload.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from mastery_graph.errors import BadParameter
from mastery_graph.field_errors import field_reason
from mastery_graph.languages import Message
from mastery_graph.questions.kinds.descriptions import ComparisonQuestion, CoverageQuestion, ProfileQuestion
from mastery_graph.questions.kinds.documents import ConversionQuestion, ValidationQuestion
from mastery_graph.questions.kinds.equivalence import GridQuestion, LevelQuestion, LevelTableQuestion, SkillQuestion
from mastery_graph.questions.kinds.mapping import MappingQuestion
from mastery_graph.questions.kinds.recognition import RecognitionQuestion
from mastery_graph.questions.kinds.stackability import StackQuestion
from mastery_graph.questions.question import Question

__all__ = [
    "QUESTIONS",
    "ComparisonQuestion",
    "ConversionQuestion",
    "CoverageQuestion",
    "GridQuestion",
    "LevelQuestion",
    "LevelTableQuestion",
    "MappingQuestion",
    "ProfileQuestion",
    "Question",
    "RecognitionQuestion",
    "SkillQuestion",
    "StackQuestion",
    "ValidationQuestion",
    "preloaded_modules",
    "question_from",
]

QUESTIONS: Final[Mapping[str, type[Question]]] = {
    question.kind: question
    for question in (
        LevelQuestion,
        LevelTableQuestion,
        GridQuestion,
        SkillQuestion,
        StackQuestion,
        RecognitionQuestion,
        ComparisonQuestion,
        CoverageQuestion,
        ProfileQuestion,
        MappingQuestion,
        ValidationQuestion,
        ConversionQuestion,
    )
}
"""The kinds of questions, by name."""


def question_from(kind: str, record: Mapping[str, Any]) -> Question:
    """Return the question of a kind with these parameters, as an answer states them in `question`.

    Raises `BadParameter` for an unknown kind, and for parameters that its question does not have.
    """
    if kind not in QUESTIONS:
        raise BadParameter(Message("There is no question of the kind {kind}.", kind=repr(kind)))
    try:
        return QUESTIONS[kind].model_validate(record)
    except ValidationError as error:
        failure = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in failure["loc"])
        raise BadParameter(
            Message(
                "The question {kind} cannot be used: {name} {reason}.",
                kind=repr(kind),
                name=repr(name),
                reason=field_reason(failure),
            )
        ) from None


def preloaded_modules() -> list[str]:
    """Return the modules that a worker process imports before its first question."""
    own = [question.__module__ for question in QUESTIONS.values()]
    late = [module for question in QUESTIONS.values() for module in question.preloads]
    return list(dict.fromkeys(own + late))
