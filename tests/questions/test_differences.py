"""Differences: what was asked, what was found, and whether it may be substantial."""

import pytest

from mastery_graph.credentials.description import descriptions
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.store.embedded import EmbeddedStore
from tests.conftest import DESCRIPTION

PURPOSES: tuple[str, ...] = ("academic", "training", "employment")


@pytest.fixture(scope="module", params=PURPOSES)
def every_answer(request: pytest.FixtureRequest, store: EmbeddedStore) -> list[Recognition]:
    return [recognition(store, iri, "FIN", request.param) for iri in descriptions(store)]


def test_each_unmet_criterion_in_an_aspect_of_the_qualification_is_a_difference(
    every_answer: list[Recognition],
) -> None:
    apart = {"REC-AUTHENTICITY", "REC-VALIDITY", "REC-NATIONAL", "REC-ELEMENTS"}
    assert any(answer.differences for answer in every_answer)
    for answer in every_answer:
        unmet = [criterion.rule for criterion in answer.criteria if criterion.outcome is Outcome.UNMET]
        assert [difference.criterion for difference in answer.differences] == [
            rule for rule in unmet if rule.startswith("REC-") and rule not in apart
        ]


def test_missing_information_is_a_request_and_never_a_difference(every_answer: list[Recognition]) -> None:
    requested: set[tuple[str, Outcome]] = set()
    for answer in every_answer:
        for request in answer.requests:
            outcome = criterion_of(answer.criteria, request.criterion).outcome
            requested.add((request.criterion, outcome))
            assert outcome is Outcome.UNKNOWN or request.criterion == "REC-ELEMENTS"
            assert request.sentence == f"{request.title}. {request.reason} {request.request}"
        assert not {request.criterion for request in answer.requests} & {
            difference.criterion for difference in answer.differences
        }
    assert {("REC-ELEMENTS", Outcome.UNMET), ("REC-WORKLOAD", Outcome.UNKNOWN)} <= requested


def test_nobody_is_asked_for_what_this_service_lacks(every_answer: list[Recognition]) -> None:
    """A policy, a register or ESCO that is not here is no request to the applicant, and an action of our own."""
    assert not {request.criterion for answer in every_answer for request in answer.requests} & {"REC-NATIONAL"}
    ours = {
        action.actor
        for answer in every_answer
        for action in answer.actions
        if action.action.startswith(("Load ", "Add the policy"))
    }
    assert ours in ({"Operator of this service"}, {"Operator of this service", "Maintainers of this dataset"})


def test_no_action_is_listed_twice(every_answer: list[Recognition]) -> None:
    assert sum(len(answer.actions) for answer in every_answer) > 40
    for answer in every_answer:
        texts = [action.action for action in answer.actions]
        assert len(texts) == len(set(texts))
        assert all(action.actor for action in answer.actions)


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
    answer = recognition(store, DESCRIPTION + "environmental-management-ita", "ESP", "training")
    difference = next(item for item in answer.differences if item.criterion == "REC-AWARDING-BODY")
    assert difference.sentence == (
        f"{difference.aspect}. Required: {difference.asked}. Found: {difference.found} The difference may be "
        "substantial; the competent authority weighs it: for the purpose training REC-AWARDING-BODY decides."
    )


def test_a_request_names_what_was_stated_and_what_would_supply_the_rest(store: EmbeddedStore) -> None:
    answer = recognition(store, DESCRIPTION + "green-trainer-fin", "ITA", "academic")
    request = next(item for item in answer.requests if item.criterion == "REC-WORKLOAD")
    assert "P2M" in request.reason
    assert request.request == "State the workload in ECTS credits or hours, 25 to 30 hours a credit."
