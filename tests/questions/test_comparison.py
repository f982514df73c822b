"""Two descriptions side by side."""

import itertools

import pytest

from mastery_graph.credentials.description import describe, descriptions
from mastery_graph.credentials.reading import read_value
from mastery_graph.errors import BadParameter, UnknownResource
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.comparison import DescriptionComparison, MatchedOutcomes, compare
from mastery_graph.questions.stackability.outcome_coverage import Matcher, offered_by, required_by
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from tests.conftest import DESCRIPTION
from tests.validation.described import base, changed

ONCE_APART = [
    ("circular-principles-fin", "circular-strategy-fin"),
    ("circular-economy-specialist-fin", "waste-management-irl"),
]
"""Pairs of which one order once told another grade than the other."""


UNEVEN = [
    ("circular-principles-fin", "circular-strategy-fin"),
    ("green-materials-bgr", "sustainable-materials-esp"),
    ("waste-management-irl", "waste-on-site-ita"),
]
"""Pairs with outcomes whose grade depends on which side would be the target."""


def ask(store: EmbeddedStore, left: str, right: str) -> DescriptionComparison:
    return compare(store, DESCRIPTION + left, DESCRIPTION + right)


def ends(one: MatchedOutcomes) -> tuple[str, ...]:
    """The concepts that its path leads over, from the right side's to the left's."""
    return (*(step.subject for step in one.path[:1]), *(step.object for step in one.path))


def outcomes(answer: DescriptionComparison) -> dict[str, str]:
    return {one.rule.removeprefix("COMPARE-"): one.outcome.value for one in answer.aspects}


def test_national_levels_of_two_countries_meet_at_the_eqf_level(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita", "waste-management-irl")
    assert (answer.left.national_level, answer.right.national_level) == ("IT NQF Level 5", "IE NQF Level 6")
    assert outcomes(answer)["LEVEL"] == "met"


def test_hours_and_credits_are_compared_as_intervals(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita", "waste-management-irl")
    assert (str(answer.left.credits), str(answer.right.credits)) == ("2 to 2.4 ECTS", "2 ECTS")
    assert outcomes(answer)["WORKLOAD"] == "met"


def test_outcomes_are_matched_through_mappings_and_the_rest_is_named(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita", "waste-management-irl")
    assert [(one.left_title, one.right_title) for one in answer.matched] == [
        ("Manage waste", "Describe waste management")
    ]
    assert answer.matched[0].path
    cited = criterion_of(answer.criteria, "COMPARE-OUTCOMES").evidence
    assert any(quad.predicate.endswith(("Match", "subject_id")) for quad in cited)
    assessed = criterion_of(answer.criteria, "COMPARE-ASSESSMENT").evidence
    assert "description-type" not in str([quad.object for quad in assessed])
    assert answer.only_left == ("Develop waste management processes",)
    assert answer.only_right == ()
    assert answer.verdict == "different"


def test_what_one_side_does_not_state_is_unknown(store: EmbeddedStore) -> None:
    answer = ask(store, "awareness-workshop", "waste-on-site-ita")
    assert {outcomes(answer)[rule] for rule in ("LEVEL", "WORKLOAD", "ASSESSMENT", "QUALITY")} == {"unknown"}
    assert criterion_of(answer.criteria, "COMPARE-LEVEL").outcome is Outcome.UNKNOWN


def test_every_description_is_alike_to_itself_in_what_it_states(store: EmbeddedStore) -> None:
    catalogue = descriptions(store)
    assert len(catalogue) > 20
    for iri in catalogue:
        answer = compare(store, iri, iri)
        assert "unmet" not in outcomes(answer).values()
        assert answer.verdict in {"alike", "undetermined"}


def test_both_directions_agree(store: EmbeddedStore) -> None:
    catalogue = descriptions(store)
    paired = 0
    pairs = [*itertools.pairwise(catalogue), *zip(catalogue[::2], catalogue[::-2], strict=False)]
    for left, right in [*pairs, *((DESCRIPTION + one, DESCRIPTION + other) for one, other in ONCE_APART)]:
        there, back = compare(store, left, right), compare(store, right, left)
        assert outcomes(there) == outcomes(back), (left, right)
        turned = {(one.right, one.left, one.grade, *ends(one)[::-1]) for one in back.matched}
        assert {(one.left, one.right, one.grade, *ends(one)) for one in there.matched} == turned, (left, right)
        assert (there.only_left, there.only_right) == (back.only_right, back.only_left)
        paired += len(there.matched)
    assert paired > 10


def test_the_grade_of_a_pair_is_the_lower_of_those_that_each_side_would_give_as_a_target(store: EmbeddedStore) -> None:
    """Worked out for each side by itself: the comparison works out one side and turns it round."""
    apart = 0
    for slugs in UNEVEN:
        sides = [describe(store, DESCRIPTION + slug) for slug in slugs]
        of_left, of_right = (Matcher(store, required_by(one), StackPolicy()) for one in sides)
        wanted = {one.iri: one for side in sides for one in required_by(side)}
        offered = {one.iri: one for side in sides for one in offered_by(side)}
        pairs = ask(store, *slugs).matched
        assert pairs
        for pair in pairs:
            there = of_right.match(wanted[pair.right], offered[pair.left])
            back = of_left.match(wanted[pair.left], offered[pair.right])
            assert there
            assert back
            assert pair.grade == pytest.approx(min(there.grade, back.grade))
            apart += there.grade != back.grade
    assert apart == len(UNEVEN)


@pytest.mark.parametrize("name", ["a", "z"])
def test_one_without_outcomes_shares_none_whatever_the_order(store: EmbeddedStore, name: str) -> None:
    silent = changed(base("bare"), [{"set": "/id", "to": f"{name}:b"}, {"remove": "/learningOutcome"}])
    for pair in itertools.permutations([read_value(silent), DESCRIPTION + "waste-on-site-ita"]):
        answer = compare(store, *pair)
        assert (answer.matched, outcomes(answer)["OUTCOMES"]) == ((), "unknown")
        assert len(answer.only_left) + len(answer.only_right) == 2


def test_what_is_no_description_cannot_be_compared(store: EmbeddedStore) -> None:
    with pytest.raises(UnknownResource):
        ask(store, "none", "waste-on-site-ita")
    with pytest.raises(BadParameter):
        compare(store, "no iri", DESCRIPTION + "waste-on-site-ita")
