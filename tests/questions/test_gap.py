"""Closing a gap: what the search takes from a catalogue, what it leaves out and why, and what it suggests first."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat

from mastery_graph.questions.answer import Outcome
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.stackability import Skills, Stackability, stackability
from mastery_graph.questions.stackability.catalogue import CatalogueCandidate, candidates
from mastery_graph.questions.stackability.gap import CurrentHoldings, close_gap
from mastery_graph.questions.stackability.outcome_coverage import Matcher, OfferedOutcome, TargetOutcome
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph

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
    copy = MemoryStore.copy_of(store)
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


def target(*skills: str, ects: str | None = "4") -> str:
    return offer("target", *skills, ects=ects).replace("type:micro-credential", "type:target-qualification")


def shop(store: EmbeddedStore, *turtle: str) -> None:
    """Put these descriptions in place of those of the test before, with a name for each skill."""
    names = "".join(f':{name} a skos:Concept ; skos:prefLabel "{name}"@en .\n' for name in "abcd")
    store.replace_graph(graph("catalogue/shop"), [])
    store.load((HEAD + names + "".join(turtle)).encode(), RdfFormat.TURTLE, graph("catalogue/shop"))


def ask(store: EmbeddedStore, *held: str, explain: bool = True, **figures: object) -> Stackability:
    policy = StackPolicy.model_validate({"accept_claims": True} | figures)
    return stackability(store, [EX + name for name in held], EX + "target", policy, explain=explain)


def sets(answer: Stackability) -> list[list[str]]:
    return [[iri.removeprefix(EX) for iri in one.credentials] for one in answer.suggestions]


def test_the_smallest_workload_comes_first_and_alternatives_differ(own: MemoryStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("small", "b", ects="2"), offer("large", "b", ects="5"))
    answer = ask(own, "held")
    assert sets(answer) == [["small"], ["large"]]
    assert [(one.hours, one.bound, one.optimal) for one in answer.suggestions] == [(50, 50, True), (125, 125, True)]


def test_what_a_suggestion_requires_is_pulled_in_and_comes_first(own: MemoryStore) -> None:
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


def test_a_prerequisite_can_make_a_larger_course_the_smaller_choice(own: MemoryStore) -> None:
    shop(
        own,
        target("a", "b"),
        offer("held", "a"),
        offer("advanced", "b", ects="2", more="mg:requires :basics ; "),
        offer("basics", "c", ects="3"),
        offer("whole", "b", ects="4"),
    )
    assert sets(ask(own, "held"))[0] == ["whole"]


def test_credits_that_the_target_asks_for_are_reached(own: MemoryStore) -> None:
    shop(own, target("a", "b", ects="6"), offer("held", "a"), offer("two", "b", ects="2"), offer("four", "b", ects="4"))
    (suggestion,) = ask(own, "held").suggestions
    assert (suggestion.credentials, suggestion.breaks) == ((EX + "four",), ())
    closed = ask(own, "held", "four")
    assert closed.verdict == "undetermined"  # silent on assessment and quality, and nothing unmet
    assert closed.credits.recognised.lower == 6


def test_credits_that_no_set_reaches_are_said_not_to_be(own: MemoryStore) -> None:
    shop(own, target("a", "b", ects="30"), offer("held", "a"), offer("two", "b", ects="2"))
    (suggestion,) = ask(own, "held").suggestions
    assert suggestion.breaks == ("STACK-WORKLOAD",)


def test_an_outcome_that_nothing_serves_is_named(own: MemoryStore) -> None:
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
def test_what_breaks_a_rule_is_left_out_and_why(own: MemoryStore, unfit: str, reason: str) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("fit", "b", ects="9"), unfit)
    answer = ask(own, "held")
    assert sets(answer) == [["fit"]]
    assert f"Left out of the search: 1, because {reason}." in answer.suggestions[0].why


def test_the_search_ends_where_what_is_required_is_left_out(own: MemoryStore) -> None:
    shop(
        own,
        target("a", "b"),
        offer("held", "a"),
        offer("advanced", "b", more="mg:requires :one , :two ; "),
        offer("one", "c", ects=None, more="mg:requires :three ; "),
        offer("two", "c", more="mg:requires :one ; "),
        offer("three", "c", ects=None),
    )
    answer = ask(own, "held", explain=False)
    assert answer.suggestions == ()
    assert any("no workload is stated" in why for why in answer.not_closed_because)
    found = candidates(own, [EX + "b"], frozenset({EX + "held", EX + "target"}), 5, accept_claims=True)
    assert found.candidates == []


@pytest.mark.parametrize(
    "basics",
    [
        offer("basics", "c", level=3),
        offer("basics", "b", level=3),
        offer("basics", "c").replace("integration:stackable", "integration:stand-alone"),
    ],
)
def test_a_prerequisite_comes_along_also_where_it_could_not_serve_the_target_itself(
    own: MemoryStore, basics: str
) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("advanced", "b", more="mg:requires :basics ; "), basics)
    (suggestion,) = ask(own, "held").suggestions
    assert [step.credential for step in suggestion.steps] == [EX + "basics", EX + "advanced"]
    assert (suggestion.breaks, suggestion.steps[0].gains) == ((), ())
    followed = ask(own, "held", "basics", "advanced")
    assert (followed.verdict, followed.coverage) == ("undetermined", 1.0)  # silent on assessment and quality


def test_what_is_held_brings_its_prerequisites_along(own: MemoryStore) -> None:
    shop(
        own,
        target("a", "b"),
        offer("held", "a", more="mg:requires :basics ; "),
        offer("basics", "c", ects="1", more="mg:requires :start ; "),
        offer("start", "c", ects="1"),
        offer("two", "b"),
    )
    (suggestion,) = ask(own, "held").suggestions
    assert {*suggestion.credentials} == {EX + name for name in ("basics", "start", "two")}
    assert any("what is held requires it" in why for why in suggestion.why)


def test_a_missing_prerequisite_is_suggested_where_all_else_is_held(own: MemoryStore) -> None:
    shop(own, target("a"), offer("held", "a", more="mg:requires :basics ; "), offer("basics", "c", ects="1"))
    answer = ask(own, "held")
    assert (answer.verdict, answer.coverage) == ("not-stackable", 1.0)
    assert sets(answer) == [["basics"]]


def test_what_is_held_and_lacks_a_prerequisite_that_nobody_offers_is_replaced(own: MemoryStore) -> None:
    shop(own, target("a", "b"), offer("held", "a", more="mg:requires :nowhere ; "), offer("whole", "a", "b"))
    assert sets(ask(own, "held")) == [["whole"]]


def test_what_has_too_many_credits_for_the_policy_is_not_suggested(own: MemoryStore) -> None:
    shop(own, target("a", "b", ects="3"), offer("held", "a"), offer("large", "b", ects="20"), offer("small", "b"))
    assert sets(ask(own, "held", credits_below=15)) == [["small"]]
    assert sets(ask(own, "held")) == [["small"], ["large"]]


def test_what_is_below_the_level_is_suggested_where_the_policy_allows_a_share_of_it(own: MemoryStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("lower", "b", level=4))
    assert sets(ask(own, "held", lower_level_share=0.5)) == [["lower"]]
    assert sets(ask(own, "held")) == []


def test_a_level_that_is_known_by_a_national_one_alone_is_known(own: MemoryStore) -> None:
    finnish = offer("lower", "b").replace(
        "elm:EQFLevel eqf:5", "elm:NQFLevel <http://data.europa.eu/snb/qdr/c_cbf250da>"
    )
    assert "eqf:" not in finnish
    shop(own, target("a", "b"), offer("held", "a"), finnish)
    answer = ask(own, "held")
    assert sets(answer) == []
    assert any("below EQF level 5" in why for why in answer.not_closed_because)


def test_two_prerequisites_are_both_pulled_in(own: MemoryStore) -> None:
    shop(
        own,
        target("a", "b"),
        offer("held", "a"),
        offer("advanced", "b", more="mg:requires :first , :second ; "),
        offer("first", "c"),
        offer("second", "c"),
    )
    (suggestion,) = ask(own, "held").suggestions
    assert {*suggestion.credentials} == {EX + name for name in ("advanced", "first", "second")}
    assert suggestion.steps[-1].credential == EX + "advanced"


def test_the_credits_of_a_suggestion_are_those_that_its_hours_stand_for_at_least(own: MemoryStore) -> None:
    hours = 'elm:volumeOfLearning "PT60H"^^<http://www.w3.org/2001/XMLSchema#duration> ; '
    shop(own, target("a", "b"), offer("held", "a"), offer("sixty", "b", ects=None, more=hours))
    (suggestion,) = ask(own, "held").suggestions
    assert (suggestion.ects, suggestion.hours) == (2.0, 60.0)
    assert suggestion.steps[0].credits == Credits(lower=2.0, upper=2.4)


@pytest.mark.parametrize(("threshold", "suggested"), [(0.5, []), (0.51, [["two"]])])
def test_nothing_is_suggested_where_the_threshold_is_reached_exactly(
    own: MemoryStore, threshold: float, suggested: list[list[str]]
) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("two", "b"))
    assert sets(ask(own, "held", threshold=threshold)) == suggested


@pytest.mark.parametrize(
    ("catalogue", "reason"),
    [
        ([], "No description in the catalogue covers"),
        ([offer("unfit", "b", level=3)], "below EQF level 5"),
        ([offer("unfit", "b", more="mg:requires :nowhere ; ")], "neither held nor within reach"),
        ([offer("unfit", "b", ects=None)], "no workload is stated"),
    ],
)
def test_where_nothing_closes_the_gap_the_answer_says_why_unasked(
    own: MemoryStore, catalogue: list[str], reason: str
) -> None:
    shop(own, target("a", "b"), offer("held", "a"), *catalogue)
    answer = ask(own, "held", explain=False)
    assert answer.suggestions == ()
    assert any(reason in why for why in answer.not_closed_because)


def test_a_closed_gap_needs_no_reason(own: MemoryStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("two", "b"))
    assert ask(own, "held").not_closed_because == ask(own, "held", "two").not_closed_because == ()


@dataclass(frozen=True)
class Course:
    """A made-up course with the places of the courses that it requires."""

    teaches: tuple[str, ...]
    ects: int
    level: int
    alone: bool
    requires: frozenset[int]


@st.composite
def catalogues(draw: st.DrawFn) -> list[Course]:
    count = draw(st.integers(2, 5))
    return [
        Course(
            teaches=tuple(draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True))),
            ects=draw(st.integers(1, 4)),
            level=draw(st.sampled_from([4, 5, 5, 6])),
            alone=draw(st.sampled_from([False, False, False, True])),
            requires=frozenset(draw(st.lists(st.integers(place + 1, count), max_size=2))),
        )
        for place in range(count)
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    catalogues(),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
    st.tuples(st.sampled_from([None, "2", "5"]), st.sampled_from([1.0, 0.5])),
    st.data(),
)
def test_following_a_suggestion_does_what_it_says_and_no_smaller_set_does(
    own: MemoryStore,
    courses: list[Course],
    wanted: list[str],
    terms: tuple[str | None, float],
    data: st.DataObject,
) -> None:
    """Each suggestion is followed, and every set of the catalogue is tried; the last course required is nowhere."""
    ects, threshold = terms
    offers = [
        offer(
            f"c{place}",
            *course.teaches,
            ects=str(course.ects),
            level=course.level,
            more="".join(f"mg:requires :c{other} ; " for other in sorted(course.requires)),
        ).replace("integration:stackable", "integration:stand-alone" if course.alone else "integration:stackable")
        for place, course in enumerate(courses)
    ]
    shop(own, target(*wanted, ects=ects), *offers)
    held = [f"c{place}" for place in data.draw(st.sets(st.integers(0, len(courses) - 1), min_size=1, max_size=2))]
    answer = ask(own, *held, threshold=threshold)
    for suggestion in answer.suggestions:
        followed = ask(own, *held, *(iri.removeprefix(EX) for iri in suggestion.credentials), threshold=threshold)
        assert followed.coverage >= threshold
        assert followed.verdict != "not-stackable"
        assert unmet(followed) == {*suggestion.breaks}
        assert {step.credential for step in suggestion.steps} == {*suggestion.credentials}
        gains = {gain.outcome: step.credential for step in suggestion.steps for gain in step.gains}
        assert gains.items() <= {one.outcome: one.covered_by for one in followed.outcomes}.items()
    if answer.coverage >= threshold and "STACK-PREREQUISITES" not in unmet(answer):
        assert answer.suggestions == ()
        return
    left = [f"c{place}" for place in range(len(courses)) if f"c{place}" not in held]
    closing = {
        names: sum(25.0 * courses[int(name[1:])].ects for name in names)
        for size in range(1, len(left) + 1)
        for names in combinations(left, size)
        if (tried := ask(own, *held, *names, threshold=threshold)).coverage >= threshold and not unmet(tried)
    }
    without_breach = [one for one in answer.suggestions if not one.breaks]
    if closing:
        assert without_breach[0].hours == min(closing.values())
    assert bool(closing) == bool(without_breach)
    assert bool(answer.suggestions) != bool(answer.not_closed_because)


def unmet(answer: Stackability) -> set[str]:
    return {one.rule for one in answer.criteria if one.outcome is Outcome.UNMET}


def test_each_later_set_leaves_out_one_of_every_earlier_one(own: MemoryStore) -> None:
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


def test_no_more_alternatives_are_given_than_are_wanted(own: MemoryStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), *(offer(f"b{ects}", "b", ects=str(ects)) for ects in (1, 2, 3)))
    assert len(ask(own, "held", suggestions=2).suggestions) == 2
    assert ask(own, "held", suggestions=0).suggestions == ()


def test_a_list_of_skills_can_be_closed_too(own: MemoryStore) -> None:
    shop(own, offer("held", "a"), offer("two", "b"))
    answer = stackability(own, [EX + "held"], Skills(skills=(EX + "a", EX + "b")))
    assert sets(answer) == [["two"]]


def test_reasons_are_only_told_where_they_are_asked(own: MemoryStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("two", "b"))
    assert ask(own, "held", explain=False).suggestions[0].why == ()
    told = ask(own, "held").suggestions[0].why
    assert "no other set has less" in told[0]
    assert "Without Two the coverage is 50%; 100% is asked." in told


def test_the_search_itself_pulls_in_each_prerequisite_before_a_set_is_judged() -> None:
    concept = EX + "b"

    def course(
        name: str, hours: float, *outcomes: OfferedOutcome, requires: tuple[str, ...] = ()
    ) -> CatalogueCandidate:
        return CatalogueCandidate(
            iri=EX + name,
            outcomes=outcomes,
            outcome_count=len(outcomes),
            hours=hours,
            credits=Credits.of(None, Fraction(hours)),
            requires=frozenset(EX + required for required in requires),
        )

    taught = OfferedOutcome(EX + "advanced/b", "b", (concept,), EX + "advanced")
    courses = [course("advanced", 20, taught, requires=("first", "second")), course("first", 10), course("second", 5)]
    matcher = Matcher(MemoryStore(), [TargetOutcome(concept + "/wanted", "b", (concept,))], StackPolicy())
    (closing,) = close_gap(matcher, CurrentHoldings(), courses, 1.0, max_sets=5, seconds=60)
    assert (closing.candidates, closing.hours) == ((EX + "advanced", EX + "first", EX + "second"), 35)


def test_at_the_time_limit_the_best_found_comes_with_its_proven_bound() -> None:
    rng = random.Random(7)  # noqa: S311  # the same instance each time
    concepts = [f"{EX}c{number:02}" for number in range(60)]
    hours = {f"{EX}course{number:03}": float(rng.randint(20, 60)) for number in range(150)}
    serves = {course: frozenset(rng.sample(concepts, 5)) for course in hours}
    courses = [
        CatalogueCandidate(
            iri=course,
            outcomes=tuple(OfferedOutcome(f"{course}/{each[-3:]}", each, (each,), course) for each in sorted(taught)),
            outcome_count=len(taught),
            hours=hours[course],
            credits=Credits.of(None, Fraction(hours[course])),
            requires=frozenset(),
        )
        for course, taught in serves.items()
    ]
    wanted = [TargetOutcome(f"{concept}/wanted", concept, (concept,)) for concept in concepts]
    matcher = Matcher(MemoryStore(), wanted, StackPolicy(hierarchy_steps=0))
    found = next(
        filter(
            None,
            (
                close_gap(matcher, CurrentHoldings(), courses, 1.0, max_sets=1, seconds=seconds)
                for seconds in (0.2, 1, 5, 25)
            ),
        )
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


def test_a_claimed_level_below_the_target_leaves_no_candidate_out_and_stays_unknown(own: MemoryStore) -> None:
    shop(own, target("a", "b"), offer("held", "a"), offer("claims", "b", level=4))
    assert sets(ask(own, "held")) == []
    answer = ask(own, "held", accept_claims=False)
    assert sets(answer) == [["claims"]]
    assert unmet(ask(own, "held", "claims", accept_claims=False)) == set()
