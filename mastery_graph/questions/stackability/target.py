"""Targets of stacks: a description, a green skill, or a list of skills."""

from collections.abc import Sequence
from dataclasses import dataclass

from mastery_graph.errors import BadParameter, NoOutcomes, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.questions.concepts import describe_concepts
from mastery_graph.questions.judging.subject import Subject, SubjectInput, read_subject
from mastery_graph.questions.stackability.outcome_coverage import TargetOutcome, required_by
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class Skills(Record):
    """A target that is a list of skills: ESCO concepts or green skills, by IRI."""

    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """The required outcomes, the description where the target has one, and the target as the stored question has it."""

    outcomes: tuple[TargetOutcome, ...]
    description: Subject | None
    question: object


def target_of(store: Store, source: SubjectInput | Skills) -> Target:
    """Return the target of a question.

    Raises `UnknownResource`, `BadParameter`, `BadDocument`, and `NoOutcomes` for a description without outcomes.
    """
    if isinstance(source, Skills):
        return Target(_skills(store, source.skills), None, {"skills": list(source.skills)})
    try:
        subject = read_subject(store, source)
    except UnknownResource:
        if isinstance(source, str):
            return Target(_skills(store, [source]), None, source)
        raise
    outcomes = tuple(required_by(subject.description))
    if not outcomes:
        raise NoOutcomes(
            Message("The target {title} states no learning outcome.", title=subject.description.title),
            Message("Add its learning outcomes, or give a list of skills in its place."),
        )
    return Target(outcomes, subject, subject.name)


def _skills(store: Store, skills: Sequence[str]) -> tuple[TargetOutcome, ...]:
    if not skills:
        raise BadParameter(
            Message("The target is a list without a skill."),
            Message("Give a description, a green skill, or a list of skills."),
        )
    descriptions = describe_concepts(store, skills)
    unknown = [skill for skill in skills if skill not in descriptions]
    if unknown:
        raise UnknownResource(
            Message(
                "The target {target} is neither a description nor a skill in the graph.",
                target=", ".join(unknown),
            ),
            Message(
                "Give a description, a green skill, or a list of skills. Of ESCO an extract ships; `mastery-graph load "
                "esco` loads all of it."
            ),
        )
    return tuple(TargetOutcome(skill, descriptions[skill].label or skill, (skill,)) for skill in dict.fromkeys(skills))
