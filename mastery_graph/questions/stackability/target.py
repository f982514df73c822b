"""What a stack is judged against: a description, a green skill, or a list of skills."""

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
    """The outcomes that a target asks for, its description where it has one, and what the question is kept as."""

    outcomes: tuple[TargetOutcome, ...]
    description: Subject | None
    asked: object


def target_of(store: Store, given: SubjectInput | Skills) -> Target:
    """Return the target that a question names.

    Raises `UnknownResource`, `BadParameter`, `BadDocument`, and `NoOutcomes` for a description that states none.
    """
    if isinstance(given, Skills):
        return Target(_skills(store, given.skills), None, {"skills": list(given.skills)})
    try:
        goal = read_subject(store, given)
    except UnknownResource:
        if isinstance(given, str):
            return Target(_skills(store, [given]), None, given)
        raise
    outcomes = tuple(required_by(goal.description))
    if not outcomes:
        raise NoOutcomes(
            Message("The target {title} states no learning outcome.", title=goal.description.title),
            Message("Add its learning outcomes, or give a list of skills in its place."),
        )
    return Target(outcomes, goal, goal.name)


def _skills(store: Store, skills: Sequence[str]) -> tuple[TargetOutcome, ...]:
    if not skills:
        raise BadParameter(
            Message("The target is a list without a skill."),
            Message("Give a description, a green skill, or a list of skills."),
        )
    known = describe_concepts(store, skills)
    unknown = [skill for skill in skills if skill not in known]
    if unknown:
        raise UnknownResource(
            Message(
                "The target {target} is neither a description nor a skill in the graph.",
                target=", ".join(unknown),
            ),
            Message("Give a description, a green skill, or a list of skills."),
        )
    return tuple(TargetOutcome(skill, known[skill].label or skill, (skill,)) for skill in dict.fromkeys(skills))
