"""Closing a gap: what the search takes from a catalogue, what it leaves out and why, and what it suggests first."""

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

import pytest
from pyoxigraph import RdfFormat

from mastery_graph.answers.stackability import Skills, Stackability, stackability
from mastery_graph.answers.stackability.catalogue import Candidate, candidates
from mastery_graph.answers.stackability.gap import Held, close_gap
from mastery_graph.answers.stackability.outcome_coverage import Matcher, OfferedOutcome, TargetOutcome
from mastery_graph.answers.stackability.policy import StackPolicy
from mastery_graph.answers.workload import Credits
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import graph
from tests.conftest import copy_of

EX = "https://example.org/shop/"
HEAD = """
PREFIX : <https://example.org/shop/>
PREFIX credit: <http://data.europa.eu/snb/education-credit/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX elm: <http://data.europa.eu/snb/model/elm/>
PREFIX eqf: <http://data.europa.eu/snb/eqf/>
PREFIX integration: <https://w3id.org/mastery-graph/id/integration/>
PREFIX mg: <https://w3id.org/mastery-graph/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX type: <https://w3id.org/mastery-graph/id/description-type/>
"""


@pytest.fixture(scope="module")
def own(store: EmbeddedStore) -> Iterator[EmbeddedStore]:
    copy = copy_of(store)
    yield copy
    copy.close()


def offer(name: str, *skills: str, ects: str | None = "2", level: int = 5, more: str = "") -> str:
    """A micro-credential of the catalogue with an outcome for each skill."""
    outcomes = " , ".join(f"[ a elm:LearningOutcome ; elm:relatedSkill :{skill} ]" for skill in skills)
    counted = f'elm:creditPoint [ elm:framework credit:6fcec5c5af ; elm:point "{ects}" ] ; ' if ects else ""
    taught = f"elm:learningOutcome {outcomes} ; " if skills else ""
    return (
        f':{name} a elm:Qualification ; dcterms:type type:micro-credential ; dcterms:title "{name.title()}" ; '
        f"elm:EQFLevel eqf:{level} ; {counted}{taught}{more} mg:integration integration:stackable .\n"
    )


def target(*skills: str, ects: str = "4") -> str:
    return offer("target", *skills, ects=ects).replace("type:micro-credential", "type:target-qualification")


def shop(store: EmbeddedStore, *turtle: str) -> None:
    """Put these descriptions in place of those of the test before, with a name for each skill."""
    names = "".join(f':{name} a skos:Concept ; skos:prefLabel "{name}"@en .\n' for name in "abcd")
    store.replace_graph(graph("catalogue/shop"), [])
    store.load((HEAD + names + "".join(turtle)).encode(), RdfFormat.TURTLE, graph("catalogue/shop"))


def ask(store: EmbeddedStore, *held: str, explain: bool = True, **figures: object) -> Stackability:
    policy = StackPolicy.model_validate(figures)
    return stackability(store, [EX + name for name in held], EX + "target", policy, explain=explain)


def sets(answer: Stackability) -> list[list[str]]:
    return [[iri.removeprefix(EX) for iri in one.credentials] for one in answer.suggestions]


def test_the_smallest_workload_comes_first_and_alternatives_differ(own: EmbeddedStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("small", "b", ects="2"), offer("large", "b", ects="5"))
    answer = ask(own, "held")
    assert sets(answer) == [["small"], ["large"]]
    assert [(one.hours, one.bound, one.optimal) for one in answer.suggestions] == [(50, 50, True), (125, 125, True)]


def test_what_a_suggestion_requires_is_pulled_in_and_comes_first(own: EmbeddedStore) -> None:
    shop(
        own,
        target("a", "b"),
        offer("held", "a"),
        offer("advanced", "b", more="mg:requires :basics ; "),
        offer("basics", "c", ects="1", more="mg:requires :held ; "),
    )
    (suggestion,) = ask(own, "held").suggestions
    assert [step.credential for step in suggestion.steps] == [EX + "basics", EX + "advanced"]
    assert suggestion.steps[0].gains == ()
    assert suggestion.hours == 75
    assert any("Basics is there because Advanced requires it" in why for why in suggestion.why)


def test_a_prerequisite_can_make_a_larger_course_the_smaller_choice(own: EmbeddedStore) -> None:
    shop(
        own,
        target("a", "b"),
        offer("held", "a"),
        offer("advanced", "b", ects="2", more="mg:requires :basics ; "),
        offer("basics", "c", ects="3"),
        offer("whole", "b", ects="4"),
    )
    assert sets(ask(own, "held"))[0] == ["whole"]


def test_credits_that_the_target_asks_for_are_reached(own: EmbeddedStore) -> None:
    shop(own, target("a", "b", ects="6"), offer("held", "a"), offer("two", "b", ects="2"), offer("four", "b", ects="4"))
    (suggestion,) = ask(own, "held").suggestions
    assert (suggestion.credentials, suggestion.breaks) == ((EX + "four",), ())
    closed = ask(own, "held", "four")
    assert closed.verdict == "undetermined"  # silent on assessment and quality, and nothing unmet
    assert closed.credits.recognised.lower == 6


def test_credits_that_no_set_reaches_are_said_not_to_be(own: EmbeddedStore) -> None:
    shop(own, target("a", "b", ects="30"), offer("held", "a"), offer("two", "b", ects="2"))
    (suggestion,) = ask(own, "held").suggestions
    assert suggestion.breaks == ("STACK-WORKLOAD",)


def test_an_outcome_that_nothing_serves_is_named(own: EmbeddedStore) -> None:
    shop(own, target("a", "b", "d"), offer("held", "a"), offer("two", "b"))
    answer = ask(own, "held")
    assert answer.suggestions == ()
    assert sorted(one.in_catalogue for one in answer.gap) == [False, True]


@pytest.mark.parametrize(
    ("unfit", "reason"),
    [
        (offer("unfit", "b").replace("integration:stackable", "integration:stand-alone"), "declared stand-alone"),
        (offer("unfit", "b", ects=None), "no workload is stated"),
        (offer("unfit", "b", level=4), "below EQF level 5"),
        (offer("unfit", "b", more="mg:requires :nowhere ; "), "a prerequisite is neither held nor within reach"),
        (offer("unfit", "b", more="mg:requires :unfit ; "), "a prerequisite is neither held nor within reach"),
        (
            offer("unfit", "b", more='elm:creditPoint [ elm:framework credit:6fcec5c5af ; elm:point "9" ] ; '),
            "its credits contradict each other",
        ),
    ],
)
def test_what_breaks_a_rule_is_left_out_and_why(own: EmbeddedStore, unfit: str, reason: str) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("fit", "b", ects="9"), unfit)
    answer = ask(own, "held")
    assert sets(answer) == [["fit"]]
    assert f"Left out of the search: 1, because {reason}." in answer.suggestions[0].why


def test_the_search_ends_where_what_is_required_is_left_out(own: EmbeddedStore) -> None:
    alone = "integration:stand-alone"
    shop(
        own,
        target("a", "b"),
        offer("held", "a"),
        offer("advanced", "b", more="mg:requires :one , :two ; "),
        offer("one", "c", more="mg:requires :three ; ").replace("integration:stackable", alone),
        offer("two", "c", more="mg:requires :one ; "),
        offer("three", "c").replace("integration:stackable", alone),
    )
    assert ask(own, "held").suggestions == ()
    found = candidates(own, [EX + "b"], frozenset({EX + "held", EX + "target"}), 5)
    assert found.candidates == []
    assert found.left_out["declared stand-alone"] >= 1


def test_each_later_set_leaves_out_one_of_every_earlier_one(own: EmbeddedStore) -> None:
    shop(
        own,
        target("a", "b", "c"),
        offer("held", "a"),
        *(offer(f"b{ects}", "b", ects=str(ects)) for ects in (1, 2, 3)),
        *(offer(f"c{ects}", "c", ects=str(ects)) for ects in (1, 2, 3)),
    )
    found = [set(one) for one in sets(ask(own, "held"))]
    assert len(found) == 5
    assert all(not earlier <= later for place, later in enumerate(found) for earlier in found[:place])
    hours = [one.hours for one in ask(own, "held").suggestions]
    assert hours == [50, 75, 75, 100, 100]


def test_no_more_alternatives_are_given_than_are_wanted(own: EmbeddedStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), *(offer(f"b{ects}", "b", ects=str(ects)) for ects in (1, 2, 3)))
    assert len(ask(own, "held", suggestions=2).suggestions) == 2
    assert ask(own, "held", suggestions=0).suggestions == ()


def test_a_list_of_skills_can_be_closed_too(own: EmbeddedStore) -> None:
    shop(own, offer("held", "a"), offer("two", "b"))
    answer = stackability(own, [EX + "held"], Skills(skills=(EX + "a", EX + "b")))
    assert sets(answer) == [["two"]]


def test_reasons_are_only_told_where_they_are_asked(own: EmbeddedStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("two", "b"))
    assert ask(own, "held", explain=False).suggestions[0].why == ()
    told = ask(own, "held").suggestions[0].why
    assert "no other set has less" in told[0]
    assert "Without Two the coverage is 50%; 100% is asked." in told


def test_at_the_time_limit_the_best_found_comes_with_its_proven_bound() -> None:
    rng = random.Random(7)  # noqa: S311  # the same instance each time
    concepts = [f"{EX}c{number:02}" for number in range(60)]
    hours = {f"{EX}course{number:03}": float(rng.randint(20, 60)) for number in range(150)}
    serves = {course: frozenset(rng.sample(concepts, 5)) for course in hours}
    courses = [
        Candidate(
            iri=course,
            outcomes=tuple(OfferedOutcome(f"{course}/{each[-3:]}", each, (each,), course) for each in sorted(taught)),
            outcome_count=len(taught),
            hours=hours[course],
            credits=Credits.stated(None, Fraction(hours[course])),
            requires=frozenset(),
        )
        for course, taught in serves.items()
    ]
    wanted = [TargetOutcome(f"{concept}/wanted", concept, (concept,)) for concept in concepts]
    matcher = Matcher(EmbeddedStore(), wanted, StackPolicy(hierarchy_steps=0))
    found = next(
        filter(None, (close_gap(matcher, Held(), courses, 1.0, most=1, seconds=seconds) for seconds in (0.2, 1, 5, 25)))
    )[0]
    assert not found.optimal
    assert frozenset().union(*(serves[course] for course in found.candidates)) == frozenset(concepts)
    assert found.hours == sum(hours[course] for course in found.candidates)
    assert found.bound <= min(found.hours, _cost_of_a_greedy_cover(serves, hours))


def _cost_of_a_greedy_cover(serves: Mapping[str, frozenset[str]], hours: Mapping[str, float]) -> float:
    """The hours of one cover, which no proven least workload can exceed: always what serves most an hour."""
    left, cost = frozenset().union(*serves.values()), 0.0
    while left:
        best = max(serves, key=lambda course: len(serves[course] & left) / hours[course])
        left, cost = left - serves[best], cost + hours[best]
    return cost
