"""Green skills as something to attest: each with its sectors and its EQF range, and what serves it."""

from collections.abc import Iterable, Sequence

from mastery_graph.answers.answer import Record
from mastery_graph.answers.equivalence.paths import Step, steps_of
from mastery_graph.answers.evidence import text
from mastery_graph.answers.stackability.outcome_coverage import Matcher, TargetOutcome, offered_by
from mastery_graph.answers.stackability.policy import StackPolicy
from mastery_graph.credentials.description import Description
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store


class GreenSkill(Record):
    """A green skill: its code and name, the sectors in which it matters, its lowest and highest EQF level (1 to 8)."""

    uri: str
    code: str
    label: str
    sectors: tuple[str, ...]
    minimum: int
    maximum: int


class Service(Record):
    """A learning outcome that serves a green skill, with the grade (0 to 1)."""

    description: str
    description_title: str
    outcome: str
    outcome_title: str
    grade: float
    path: tuple[Step, ...] = ()
    """The links from the skill to the outcome's concept; none where the outcome names the skill itself."""


def green_skills(store: Store) -> tuple[GreenSkill, ...]:
    """Return the green skills of the graph, by their codes."""
    sectors: dict[str, dict[str, None]] = {}
    skills: dict[str, GreenSkill] = {}
    for row in store.select(named_query("browse/green-skills").text):
        uri, label = text(row["skill"]), row["label"]
        of = sectors.setdefault(uri, {})
        if "sector" in row:
            of[text(row["sector"])] = None
        if uri not in skills or getattr(label, "language", None) == "en":
            skills[uri] = GreenSkill(
                uri=uri,
                code=text(row["code"]),
                label=text(label),
                sectors=(),
                minimum=int(text(row["minimum"])),
                maximum=int(text(row["maximum"])),
            )
    return tuple(one.model_copy(update={"sectors": tuple(sectors[uri])}) for uri, one in skills.items())


def services(
    store: Store, skills: Iterable[GreenSkill], descriptions: Sequence[Description], policy: StackPolicy
) -> dict[str, tuple[Service, ...]]:
    """Return which outcomes serve each green skill, by the skill's IRI, the best first.

    An outcome may serve several skills: nothing is counted here, so nothing can be counted twice.
    """
    wanted = [TargetOutcome(skill.uri, skill.label, (skill.uri,)) for skill in skills]
    matcher = Matcher(store, wanted, policy)
    offered = [(description, outcome) for description in descriptions for outcome in offered_by(description)]
    found: dict[str, list[Service]] = {target.iri: [] for target in wanted}
    for target in wanted:
        for description, outcome in offered:
            if match := matcher.match(target, outcome):
                found[target.iri].append(
                    Service(
                        description=description.iri,
                        description_title=description.title,
                        outcome=outcome.iri,
                        outcome_title=outcome.title,
                        grade=round(match.grade, 4),
                        path=steps_of(match.path) if match.path else (),
                    )
                )
    return {
        skill: tuple(sorted(serving, key=lambda one: (-one.grade, one.description, one.outcome)))
        for skill, serving in found.items()
    }
