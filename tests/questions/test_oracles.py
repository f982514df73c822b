"""What the solvers find, against oracles that try everything, written from the rules and not from the solvers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.mapping_closure import Relation, reachable, reachable_from
from mastery_graph.questions.stackability.catalogue import CatalogueCandidate
from mastery_graph.questions.stackability.gap import CurrentHoldings, close_gap
from mastery_graph.questions.stackability.outcome_coverage import Matcher, OfferedOutcome, TargetOutcome, coverage
from mastery_graph.questions.stackability.policy import Grades, StackPolicy
from mastery_graph.rdf import link
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import SKOS, graph

EX = "https://example.org/"
CONCEPTS = [EX + name for name in "abcde"]
MAPPINGS = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
GRADES = {"exactMatch": 1.0, "closeMatch": 0.8, "narrowMatch": 0.6, "broadMatch": 0.5, "relatedMatch": 0.2}
few = settings(max_examples=30, deadline=None)


@pytest.fixture(scope="module")
def empty() -> Iterator[EmbeddedStore]:
    store = MemoryStore()
    yield store
    store.close()


concepts = st.sampled_from(CONCEPTS)
links = st.lists(st.tuples(concepts, st.sampled_from(MAPPINGS), concepts), max_size=7, unique=True)
outcome_concepts = st.lists(st.lists(concepts, min_size=1, max_size=2, unique=True), max_size=4)


def mapped(store: EmbeddedStore, mappings: Sequence[tuple[str, str, str]]) -> EmbeddedStore:
    store.replace_graph(graph("mappings"), [link(start, SKOS + kind, end) for start, kind, end in mappings])
    return store


def matcher(store: EmbeddedStore, wanted: Sequence[Sequence[str]], weights: Sequence[float] = ()) -> Matcher:
    target = [
        TargetOutcome(f"{EX}target/{place}", "", tuple(tied), weights[place] if weights else 1.0)
        for place, tied in enumerate(wanted)
    ]
    return Matcher(store, target, StackPolicy())


def offered(tied: Sequence[Sequence[str]], credential: str) -> list[OfferedOutcome]:
    return [
        OfferedOutcome(f"{credential}/outcome/{place}", "", tuple(each), credential) for place, each in enumerate(tied)
    ]


# SKILL-1, written again: what two links in a row amount to.
COMPOSED = {("exactMatch", each): each for each in MAPPINGS} | {(each, "exactMatch"): each for each in MAPPINGS}
COMPOSED |= {("broadMatch", "broadMatch"): "broadMatch", ("narrowMatch", "narrowMatch"): "narrowMatch"}
INVERSE = {"broadMatch": "narrowMatch", "narrowMatch": "broadMatch"}


def closure(mappings: Sequence[tuple[str, str, str]], start: str) -> set[tuple[str, str]]:
    """Every relation to another concept that some chain of links has, found by adding pairs until none is new."""
    pairs = {*mappings, *((end, INVERSE.get(kind, kind), begin) for begin, kind, end in mappings)}
    known = set(pairs)
    while True:
        new = {
            (begin, COMPOSED[first, second], end)
            for begin, first, middle in known
            for other, second, end in pairs
            if other == middle and (first, second) in COMPOSED and middle != start
        } - known
        if not new:
            return {(end, kind) for begin, kind, end in known if begin == start and end != start}
        known |= new


@few
@given(links, concepts)
def test_the_closure_is_what_every_chain_of_links_amounts_to(
    empty: EmbeddedStore, mappings: list[tuple[str, str, str]], start: str
) -> None:
    mappings = [each for each in mappings if each[0] != each[2]]
    found = {(path.end, path.relation.value) for path in reachable(mapped(empty, mappings), start) if path.links}
    assert found == closure(mappings, start)


@few
@given(links, st.lists(concepts, max_size=4, unique=True), st.integers(0, 2))
def test_many_concepts_together_reach_what_each_reaches_alone(
    empty: EmbeddedStore, mappings: list[tuple[str, str, str]], starts: list[str], steps: int
) -> None:
    store = mapped(empty, mappings)
    together = reachable_from(store, starts, steps)
    assert list(together) == starts
    for start in starts:
        ends = {(path.end, path.relation, path.steps) for path in together[start]}
        assert ends == {(path.end, path.relation, path.steps) for path in reachable(store, start, steps)}


def grade(mappings: Sequence[tuple[str, str, str]], wanted: Sequence[str], given_: Sequence[str]) -> float:
    """The grade of the best relation between two outcomes' concepts."""
    grades = [1.0 for concept in wanted if concept in given_]
    for concept in wanted:
        grades += [GRADES[kind] for end, kind in closure(mappings, concept) if end in given_]
    return max(grades, default=0.0)


def best_sum(worth: Sequence[Sequence[float]]) -> float:
    """The greatest sum over every way to give each row a column of its own; a row may stay without."""
    columns = max((len(row) for row in worth), default=0)
    places = [*range(columns), *([None] * len(worth))]
    return max(
        (
            sum(worth[row][column] for row, column in enumerate(chosen) if column is not None)
            for chosen in set(permutations(places, len(worth)))
        ),
        default=0.0,
    )


@settings(max_examples=25, deadline=None)
@given(
    links,
    st.lists(st.lists(concepts, min_size=1, max_size=2, unique=True), min_size=1, max_size=3),
    st.lists(st.lists(concepts, min_size=1, max_size=2, unique=True), max_size=3),
    st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=3, max_size=3),
)
def test_no_assignment_covers_more(
    empty: EmbeddedStore,
    mappings: list[tuple[str, str, str]],
    wanted: list[list[str]],
    held: list[list[str]],
    weights: list[float],
) -> None:
    mappings = [each for each in mappings if each[0] != each[2]]
    found = matcher(mapped(empty, mappings), wanted, weights).assign(offered(held, EX + "held"))
    weighed = weights[: len(wanted)]
    worth = [
        [weight * grade(mappings, one, other) for other in held] for one, weight in zip(wanted, weighed, strict=True)
    ]
    assert coverage(found) == pytest.approx(best_sum(worth) / sum(weighed), abs=2e-6)
    used = [one.offered.iri for one in found if one.offered]
    assert len(used) == len(set(used))


@few
@given(links, st.lists(st.lists(concepts, min_size=1), min_size=1, max_size=3), outcome_concepts, outcome_concepts)
def test_more_outcomes_never_lower_the_coverage_and_their_order_does_not_matter(
    empty: EmbeddedStore,
    mappings: list[tuple[str, str, str]],
    wanted: list[list[str]],
    held: list[list[str]],
    more: list[list[str]],
) -> None:
    target = matcher(mapped(empty, mappings), wanted)
    fewer, all_ = offered(held, EX + "held"), offered(held, EX + "held") + offered(more, EX + "more")
    assert coverage(target.assign(all_)) >= coverage(target.assign(fewer))
    assert target.assign(all_) == target.assign(reversed(all_))


@dataclass(frozen=True)
class Course:
    """A made-up course: the concepts of its outcomes, its credits, and the places of the courses that it requires."""

    teaches: tuple[str, ...]
    ects: int
    requires: frozenset[int]


@st.composite
def shops(draw: st.DrawFn) -> list[Course]:
    teaches = st.lists(st.sampled_from(CONCEPTS[:3]), min_size=1, max_size=2)
    return [
        Course(
            teaches=tuple(draw(teaches)),
            ects=draw(st.integers(1, 5)),
            requires=frozenset(draw(st.lists(st.integers(0, place - 1), max_size=1))) if place else frozenset(),
        )
        for place in range(draw(st.integers(1, 5)))
    ]


def closing_sets(
    wanted: Sequence[str], held: Sequence[str], courses: Sequence[Course], ects: int
) -> dict[frozenset[int], int]:
    """Every set that closes the gap, with its hours: covered in full, prerequisites inside, enough credits counted."""
    found = {}
    for size in range(1, len(courses) + 1):
        for chosen in map(frozenset, combinations(range(len(courses)), size)):
            if any(not courses[place].requires <= chosen for place in chosen):
                continue
            outcomes = [(concept, 0.0) for concept in held]
            for place in chosen:
                share = courses[place].ects / len(courses[place].teaches)
                outcomes += [(concept, share) for concept in courses[place].teaches]
            if _reaches(wanted, outcomes, ects):
                found[chosen] = sum(25 * courses[place].ects for place in chosen)
    return found


def _reaches(wanted: Sequence[str], outcomes: Sequence[tuple[str, float]], ects: float) -> bool:
    return any(
        all(concept == wanted[row] for row, (concept, _) in enumerate(chosen))
        and sum(share for _, share in chosen) >= ects - 1e-9
        for chosen in permutations(outcomes, len(wanted))
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(CONCEPTS[:3]), min_size=1, max_size=3),
    st.lists(st.sampled_from(CONCEPTS[:3]), max_size=1),
    shops(),
    st.integers(0, 4),
)
def test_no_set_closes_a_gap_with_less_and_the_next_best_are_next(
    empty: EmbeddedStore, wanted: list[str], held: list[str], courses: list[Course], ects: int
) -> None:
    target = matcher(mapped(empty, []), [[concept] for concept in wanted])
    shelf = [
        CatalogueCandidate(
            iri=f"{EX}{place}",
            outcomes=tuple(offered([[concept] for concept in course.teaches], f"{EX}{place}")),
            outcome_count=len(course.teaches),
            hours=25.0 * course.ects,
            credits=Credits(lower=course.ects, upper=course.ects),
            requires=frozenset(f"{EX}{other}" for other in course.requires),
        )
        for place, course in enumerate(courses)
    ]
    stack = CurrentHoldings(
        offered([[concept] for concept in held], EX + "held"), frozenset([EX + "held"]), {EX + "held": 0.0}
    )
    if coverage(target.assign(stack.outcomes)) == 1.0 and ects == 0:
        return
    found = close_gap(target, stack, shelf, 1.0, max_sets=4, seconds=10, required=ects)
    left = closing_sets(wanted, held, courses, ects)
    for closing in found:
        taken = frozenset(int(iri.removeprefix(EX)) for iri in closing.candidates)
        assert closing.hours == left[taken] == min(left.values())
        assert closing.bound <= closing.hours
        assert closing.optimal
        left = {one: hours for one, hours in left.items() if not taken <= one}
    assert len(found) == 4 or not left


def test_the_grades_of_the_oracle_are_those_of_the_rules() -> None:
    defaults: Mapping[str, float] = {kind: Grades().of(Relation(kind)) for kind in MAPPINGS}
    assert defaults == GRADES
