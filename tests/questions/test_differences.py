"""Differences: what was asked, what was found, and whether it may be substantial."""

import pytest

from mastery_graph.credentials.description import descriptions
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.recognition import Purpose, Recognition, recognition
from mastery_graph.store.embedded import EmbeddedStore
from tests.conftest import DESCRIPTION

PURPOSES: tuple[Purpose, ...] = ("academic", "training", "employment")


@pytest.fixture(scope="module", params=PURPOSES)
def every_answer(request: pytest.FixtureRequest, store: EmbeddedStore) -> list[Recognition]:
    return [recognition(store, iri, "FIN", request.param) for iri in descriptions(store)]


def test_each_shortfall_in_an_aspect_of_the_qualification_is_a_difference(every_answer: list[Recognition]) -> None:
    apart = {"REC-AUTHENTICITY", "REC-VALIDITY", "REC-NATIONAL"}
    assert any(answer.differences for answer in every_answer)
    for answer in every_answer:
        short = [one.rule for one in answer.criteria if one.outcome in {Outcome.UNMET, Outcome.UNKNOWN}]
        assert [one.criterion for one in answer.differences] == [
            rule for rule in short if rule.startswith("REC-") and rule not in apart
        ]


def test_what_is_unknown_is_never_called_substantial(every_answer: list[Recognition]) -> None:
    judged = [
        (criterion_of(answer.criteria, one.criterion).outcome, one.substantial)
        for answer in every_answer
        for one in answer.differences
    ]
    assert {outcome for outcome, _ in judged} == {Outcome.UNMET, Outcome.UNKNOWN}
    assert [outcome is Outcome.UNKNOWN for outcome, _ in judged] == [
        substantial == "cannot-be-told" for _, substantial in judged
    ]


def test_the_same_difference_weighs_by_the_purpose(store: EmbeddedStore) -> None:
    slug = DESCRIPTION + "environmental-management-ita"
    weight = {
        purpose: next(
            one.substantial
            for one in recognition(store, slug, "ESP", purpose).differences
            if one.criterion == "REC-AWARDING-BODY"
        )
        for purpose in ("training", "employment")
    }
    assert weight == {"training": "may-be", "employment": "not-by-itself"}


def test_no_difference_is_said_not_to_be_substantial(every_answer: list[Recognition]) -> None:
    assert any(answer.differences for answer in every_answer)
    for answer in every_answer:
        for one in answer.differences:
            assert "not substantial" not in one.sentence
            if one.substantial == "not-by-itself":
                assert (
                    f"There is a difference; the competent authority weighs it: for the purpose {answer.purpose}"
                    in (one.sentence)
                )


def test_a_difference_is_written_in_one_standard_sentence(store: EmbeddedStore) -> None:
    answer = recognition(store, DESCRIPTION + "green-trainer-fin", "ITA", "academic")
    one = next(each for each in answer.differences if each.criterion == "REC-WORKLOAD")
    assert one.sentence == (
        f"Workload. Required: {one.asked}. Found: {one.found} Whether there is a difference is unknown: for the "
        "purpose academic REC-WORKLOAD decides."
    )
    assert "P2M" in one.found
