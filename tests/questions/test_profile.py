"""The profile of a learner."""

from datetime import date

import pytest

from mastery_graph.errors import BadParameter
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.profile import AttestedSkill, LearnerProfile, learner_profile
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from tests.conftest import DESCRIPTION

SECTORS = ("Agri-food", "Construction", "Manufacturing", "Sustainable management", "Wood and furniture")


def ask(store: EmbeddedStore, *slugs: str, **figures: object) -> LearnerProfile:
    return learner_profile(store, [DESCRIPTION + slug for slug in slugs], StackPolicy(**figures))  # type: ignore[arg-type]


def skill(answer: LearnerProfile, code: str) -> AttestedSkill:
    return next(one for one in answer.skills if one.code == code)


def test_each_green_skill_is_told_with_its_level_and_what_attests_it(store: EmbeddedStore) -> None:
    answer = ask(store, "issued-waste-aino", "issued-energy-aino")
    assert [one.code for one in answer.skills if one.status == "attested"] == ["GS02", "GS03"]
    waste = skill(answer, "GS02")
    assert (waste.eqf_level, waste.within_range) == (5, True)
    assert waste.attested_by[0].description == DESCRIPTION + "issued-waste-aino"
    assert answer.verdict == "attested"


def test_sectors_say_what_is_attested_and_what_is_missing_in_them(store: EmbeddedStore) -> None:
    answer = ask(store, "issued-waste-aino")
    assert [one.code for one in answer.skills if one.status == "attested"] == ["GS02"]
    assert [one.code for one in answer.skills if one.status == "partial"] == []
    assert {one.sector: one.attested for one in answer.sectors} == dict.fromkeys(SECTORS, ("GS02",))
    for sector in answer.sectors:
        others = [one.code for one in answer.skills if sector.sector in one.sectors and one.code != "GS02"]
        assert len(others) >= 8
        assert (list(sector.missing), sector.partial) == (others, ())


def test_an_expired_credential_attests_nothing(store: EmbeddedStore) -> None:
    now = ask(store, "issued-energy-bo-expired")
    assert now.verdict == "none-attested"
    assert now.not_counted == (DESCRIPTION + "issued-energy-bo-expired",)
    then = ask(store, "issued-energy-bo-expired", on=date(2021, 1, 1))
    assert then.verdict == "attested"
    assert criterion_of(then.criteria, "PROFILE-VALIDITY").outcome is Outcome.MET


def test_credentials_of_two_learners_are_no_one_profile(store: EmbeddedStore) -> None:
    answer = ask(store, "issued-waste-aino", "issued-energy-bo-expired")
    assert criterion_of(answer.criteria, "PROFILE-HOLDER").outcome is Outcome.UNMET


def test_a_skill_attested_without_a_known_level_is_unknown_not_outside(store: EmbeddedStore) -> None:
    answer = ask(store, "awareness-workshop")
    assert skill(answer, "GS12").within_range is None
    assert criterion_of(answer.criteria, "PROFILE-LEVEL").outcome is Outcome.UNKNOWN


def test_what_is_next_attests_in_full_what_was_not_attested(store: EmbeddedStore) -> None:
    held = ("issued-waste-aino", "issued-energy-aino")
    answer = ask(store, *held)
    attested = {one.code for one in answer.skills if one.status == "attested"}
    assert answer.next
    for step in answer.next:
        assert not attested & set(step.skills)
        after = learner_profile(store, [*(DESCRIPTION + slug for slug in held), step.credential])
        assert {one.code for one in after.skills if one.status == "attested"} >= attested | set(step.skills)


def test_more_credentials_never_attest_less(store: EmbeddedStore) -> None:
    fewer, more = ask(store, "waste-management-irl"), ask(store, "waste-management-irl", "solar-bgr")
    grades = [(one.code, one.grade, other.grade) for one, other in zip(fewer.skills, more.skills, strict=True)]
    assert [(code, after) for code, before, after in grades if after > before] == [("GS04", 1.0)]
    assert not [code for code, before, after in grades if after < before]
    assert ("GS02", 1.0, 1.0) in grades


def test_a_profile_of_nothing_is_refused(store: EmbeddedStore) -> None:
    with pytest.raises(BadParameter):
        learner_profile(store, [])
