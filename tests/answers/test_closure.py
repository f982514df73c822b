"""The laws of the mapping closure, for all relations."""

from hypothesis import given
from hypothesis import strategies as st

from mastery_graph.answers.equivalence.closure import Relation, reachable
from mastery_graph.answers.equivalence.skills import equivalent_skills
from mastery_graph.store.embedded import EmbeddedStore

GREEN_SKILL = "https://w3id.org/mastery-graph/id/green-skill/GS01"
relations = st.sampled_from(Relation)
_STRENGTH = {Relation.EXACT: 3, Relation.CLOSE: 2, Relation.BROAD: 1, Relation.NARROW: 1, Relation.RELATED: 0}


@given(relations, relations)
def test_nothing_is_promoted(first: Relation, second: Relation) -> None:
    together = first.then(second)
    assert together is None or _STRENGTH[together] <= min(_STRENGTH[first], _STRENGTH[second])


@given(relations, relations, relations)
def test_it_does_not_matter_where_a_chain_is_cut(first: Relation, second: Relation, third: Relation) -> None:
    left = first.then(second)
    right = second.then(third)
    assert (left.then(third) if left else None) == (first.then(right) if right else None)


@given(relations, relations)
def test_a_chain_read_backwards_is_the_inverse(first: Relation, second: Relation) -> None:
    together = first.then(second)
    assert second.inverse.then(first.inverse) == (together.inverse if together else None)


def test_each_path_holds_together_and_its_confidence_is_the_product(store: EmbeddedStore) -> None:
    for path in reachable(store, GREEN_SKILL):
        place, product = GREEN_SKILL, 1.0
        for link in path.links:
            assert link.start == place
            place = link.end
            product *= link.confidence or 0
        assert place == path.end
        assert abs((path.confidence or 0) - product) < 1e-9


def test_a_skill_is_not_its_own_counterpart_and_the_path_is_given(store: EmbeddedStore) -> None:
    answer = equivalent_skills(store, GREEN_SKILL, "esco")
    assert len(answer.equivalents) == 8
    assert all(one.uri != GREEN_SKILL and one.path for one in answer.equivalents)
    assert answer.equivalents[0].relation == "closeMatch"
    assert "working set" in (answer.note or "")
