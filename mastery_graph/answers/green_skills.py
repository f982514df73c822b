"""Green skills as something to attest: each with its sectors and its EQF range, and what serves it."""

from collections.abc import Iterable, Sequence

from mastery_graph.answers.answer import Record
from mastery_graph.answers.concepts import labels_of
from mastery_graph.answers.equivalence.paths import Step, steps_of
from mastery_graph.answers.evidence import text
from mastery_graph.answers.stackability.outcome_coverage import Matcher, TargetOutcome, offered_by
from mastery_graph.answers.stackability.policy import StackPolicy
from mastery_graph.credentials.description import Description
from mastery_graph.languages.records import Said
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store


class GreenSkill(Record):
    """A green skill: its code and name, the sectors in which it matters, its lowest and highest EQF level (1 to 8)."""

    uri: str
    code: str
    label: Said
    sectors: tuple[Said, ...]
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
    """Return the green skills of the graph, by their codes, called as the graph calls them in each language."""
    rows = store.select(named_query("browse/green-skills").text)
    names = labels_of(rows, "skill")
    of_sectors = labels_of(store.select(named_query("browse/sectors").text), "sector")
    called = {str(name): name for name in of_sectors.values()}
    sectors: dict[str, dict[str, None]] = {}
    for row in rows:
        of = sectors.setdefault(text(row["skill"]), {})
        if "sector" in row:
            of[text(row["sector"])] = None
    first = {text(row["skill"]): row for row in reversed(rows)}
    return tuple(
        GreenSkill(
            uri=uri,
            code=text(first[uri]["code"]),
            label=names[uri],
            sectors=tuple(called.get(sector, sector) for sector in of),
            minimum=int(text(first[uri]["minimum"])),
            maximum=int(text(first[uri]["maximum"])),
        )
        for uri, of in sectors.items()
    )


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
