"""Green skills with their sectors and EQF ranges, and the learning outcomes that serve them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mastery_graph.credentials.description import Description
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.concepts import labels_of
from mastery_graph.questions.equivalence.paths import Step, steps_of
from mastery_graph.questions.stackability.missing_concepts import PotentialMatcher
from mastery_graph.questions.stackability.outcome_coverage import Matcher, OfferedOutcome, TargetOutcome, offered_by
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class GreenSkill(Record):
    """A green skill: its code and name, the sectors in which it matters, its lowest and highest EQF level (1 to 8)."""

    uri: str
    code: str
    label: Localized
    sectors: tuple[Localized, ...]
    minimum: int
    maximum: int


class ServingOutcome(Record):
    """A learning outcome that serves a green skill, with the grade (0 to 1)."""

    description: str
    description_title: str
    outcome: str
    outcome_title: str
    grade: float
    path: tuple[Step, ...] = ()
    """The links from the skill to the outcome's concept; empty if the outcome names the skill itself."""


@dataclass(frozen=True, slots=True)
class Potential:
    """The best grade (0 to 1) at which a skill could be served, and the missing concepts that would allow it."""

    grade: float
    concepts: frozenset[str]


def green_skills(store: Store) -> tuple[GreenSkill, ...]:
    """Return the green skills of the graph in the order of their codes, with their labels in each language."""
    rows = store.select(named_query("browse/green-skills").text)
    skill_labels = labels_of(rows, "skill")
    labels_by_sector = labels_of(store.select(named_query("browse/sectors").text), "sector")
    sector_labels = {str(name): name for name in labels_by_sector.values()}
    sectors_by_skill: dict[str, dict[str, None]] = {}
    for row in rows:
        sector_names = sectors_by_skill.setdefault(term_text(row["skill"]), {})
        if "sector" in row:
            sector_names[term_text(row["sector"])] = None
    first_rows = {term_text(row["skill"]): row for row in reversed(rows)}
    return tuple(
        GreenSkill(
            uri=uri,
            code=term_text(first_rows[uri]["code"]),
            label=skill_labels[uri],
            sectors=tuple(sector_labels.get(sector, sector) for sector in sector_names),
            minimum=int(term_text(first_rows[uri]["minimum"])),
            maximum=int(term_text(first_rows[uri]["maximum"])),
        )
        for uri, sector_names in sectors_by_skill.items()
    )


def serving_outcomes(
    store: Store, skills: Iterable[GreenSkill], descriptions: Sequence[Description], policy: StackPolicy
) -> tuple[dict[str, tuple[ServingOutcome, ...]], dict[str, Potential]]:
    """Return the outcomes that serve each green skill, by its IRI, the best first, and the skills left undetermined.

    An outcome may serve several skills. A skill is undetermined, and has a `Potential`, if it could be served better
    with concepts that the graph does not have.
    """
    targets = [TargetOutcome(skill.uri, skill.label, (skill.uri,)) for skill in skills]
    matcher = Matcher(store, targets, policy)
    offered_outcomes = [(description, outcome) for description in descriptions for outcome in offered_by(description)]
    outcomes_by_skill: dict[str, list[ServingOutcome]] = {target.iri: [] for target in targets}
    for target in targets:
        for description, outcome in offered_outcomes:
            if match := matcher.match(target, outcome):
                outcomes_by_skill[target.iri].append(
                    ServingOutcome(
                        description=description.iri,
                        description_title=description.title,
                        outcome=outcome.iri,
                        outcome_title=outcome.title,
                        grade=round(match.grade, 4),
                        path=steps_of(match.path) if match.path else (),
                    )
                )
    serving = {
        skill: tuple(sorted(of_skill, key=lambda outcome: (-outcome.grade, outcome.description, outcome.outcome)))
        for skill, of_skill in outcomes_by_skill.items()
    }
    return serving, _potentials(matcher, [outcome for _, outcome in offered_outcomes], serving, policy)


def _potentials(
    matcher: Matcher,
    offered_outcomes: Sequence[OfferedOutcome],
    serving: Mapping[str, tuple[ServingOutcome, ...]],
    policy: StackPolicy,
) -> dict[str, Potential]:
    potential_matcher = PotentialMatcher(matcher, offered_outcomes, policy)
    potentials = {}
    for target in matcher.target:
        certain = serving[target.iri][0].grade if serving[target.iri] else 0.0
        matches = [
            (match.grade, outcome)
            for outcome in offered_outcomes
            if (match := potential_matcher.match(target, outcome))
        ]
        best = max((grade for grade, _ in matches), default=0.0)
        if round(best, 4) > certain:
            concepts = [
                potential_matcher.open_concepts(target, outcome) for grade, outcome in matches if grade > certain
            ]
            potentials[target.iri] = Potential(best, frozenset[str]().union(*concepts))
    return potentials
