"""What a curriculum covers."""

import itertools

import pytest

from mastery_graph.credentials.description import descriptions
from mastery_graph.credentials.reading import read_value
from mastery_graph.errors import BadParameter, NoOutcomes
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.coverage import CurriculumCoverage, coverage_of
from mastery_graph.questions.green_skills import green_skills
from mastery_graph.questions.stackability.policy import Grades, StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from tests.conftest import DESCRIPTION

MANAGE_WASTE = {"id": "http://data.europa.eu/esco/skill/73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"}
CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]


def ask(store: EmbeddedStore, *slugs: str) -> CurriculumCoverage:
    return coverage_of(store, [DESCRIPTION + slug for slug in slugs])


def test_each_skill_names_the_outcomes_that_serve_it_with_their_grades(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita")
    waste = next(one for one in answer.skills if one.code == "GS02")
    assert (waste.status, waste.grade) == ("covered", 1.0)
    assert [(one.outcome_title, one.grade) for one in waste.served_by] == [
        ("Manage waste", 1.0),
        ("Develop waste management processes", 0.6),
    ]
    assert waste.served_by[1].path[0].relation == "narrowMatch"
    assert next(one for one in answer.skills if one.code == "GS11").status == "missing"


def test_a_sector_is_covered_only_where_each_skill_that_matters_there_is(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita", "green-materials-bgr")
    assert [one.code for one in answer.skills if one.status == "covered"] == ["GS02", "GS07"]
    assert [one.code for one in answer.skills if one.status == "partial"] == []
    assert {one.sector: (one.status, one.share, one.covered) for one in answer.sectors} == {
        "Agri-food": ("partial", 0.0909, ("GS02",)),
        "Construction": ("partial", 0.1667, ("GS02", "GS07")),
        "Manufacturing": ("partial", 0.1818, ("GS02", "GS07")),
        "Sustainable management": ("partial", 0.1111, ("GS02",)),
        "Wood and furniture": ("partial", 0.1667, ("GS02", "GS07")),
    }


def test_the_sectors_of_a_coverage_are_those_of_the_green_skills(store: EmbeddedStore) -> None:
    answer = coverage_of(store, descriptions(store))
    status = {one.code: one.status for one in answer.skills}
    skills = green_skills(store)
    assert {one.sector for one in answer.sectors} == {sector for skill in skills for sector in skill.sectors}
    for one in answer.sectors:
        for kind, codes in (("covered", one.covered), ("partial", one.partial), ("missing", one.missing)):
            assert list(codes) == [
                skill.code for skill in skills if one.sector in skill.sectors and status[skill.code] == kind
            ]


def test_a_vision_is_served_by_the_standard_elements_that_are_stated(store: EmbeddedStore) -> None:
    full, bare = ask(store, "circular-principles-fin"), ask(store, "awareness-workshop")
    lacking_in = bare.descriptions
    quality, lacking = (next(one for one in answer.visions if one.code == "V2") for answer in (full, bare))
    assert [(one.label, len(one.stated_by), len(one.not_stated_by)) for one in quality.elements] == [
        ("Supervision and identity verification during assessment", 0, 1),
        ("Type of assessment", 1, 0),
        ("Type of quality assurance", 1, 0),
    ]
    assert (quality.status, quality.share) == ("partial", 0.6667)
    assert [one.not_stated_by for one in lacking.elements] == [lacking_in] * 3
    assert (lacking.status, lacking.share) == ("missing", 0.0)


def test_a_vision_that_no_standard_element_supports_is_not_judged(store: EmbeddedStore) -> None:
    answer = ask(store, "circular-principles-fin")
    beyond = [one for one in answer.visions if not one.elements]
    assert beyond
    assert all((one.status, one.share) == ("not-judged", None) for one in beyond)


def test_what_only_an_issued_credential_states_is_not_asked_of_a_bare_description(store: EmbeddedStore) -> None:
    answer = ask(store, "circular-principles-fin")
    assert "Identification of the learner" not in {one.label for each in answer.visions for one in each.elements}


def test_an_outcome_without_a_concept_serves_nothing_and_is_named(store: EmbeddedStore) -> None:
    outcome = {"type": "LearningOutcome", "title": {"en": "Bake bread"}}
    document = read_value({"@context": CONTEXT, "type": "Qualification", "learningOutcome": [outcome]})
    answer = coverage_of(store, [document])
    assert (answer.verdict, answer.unused) == ("not-covered", ("Bake bread",))
    assert criterion_of(answer.criteria, "COVERAGE-SKILLS").outcome is Outcome.UNMET


def test_the_grades_of_the_policy_decide_what_counts_as_covered(store: EmbeddedStore) -> None:
    def waste(policy: StackPolicy) -> tuple[str, float]:
        (one,) = [each for each in coverage_of(store, [document], policy).skills if each.code == "GS02"]
        return one.status, one.grade

    outcome = {"type": "LearningOutcome", "title": {"en": "Manage waste"}, "relatedESCOSkill": [MANAGE_WASTE]}
    document = read_value({"@context": CONTEXT, "type": "Qualification", "learningOutcome": [outcome]})
    assert waste(StackPolicy()) == ("partial", 0.6)
    assert waste(StackPolicy(covered_from=0.6)) == ("covered", 0.6)
    assert waste(StackPolicy(covered_from=0.61)) == ("partial", 0.6)
    assert waste(StackPolicy(grades=Grades(narrower=0.8))) == ("covered", 0.8)
    assert waste(StackPolicy(grades=Grades(narrower=0.0))) == ("missing", 0.0)


def test_adding_a_description_never_lowers_the_coverage(store: EmbeddedStore) -> None:
    slugs = ["waste-on-site-ita", "energy-audit-irl", "solar-bgr"]
    grades = [[one.grade for one in ask(store, *slugs[:number]).skills] for number in (1, 2, 3)]
    assert sum(grades[0]) < sum(grades[1]) < sum(grades[2])
    for fewer, more in itertools.pairwise(grades):
        assert all(grade >= before for before, grade in zip(fewer, more, strict=True))


def test_an_empty_curriculum_and_one_without_outcomes_are_refused(store: EmbeddedStore) -> None:
    with pytest.raises(BadParameter):
        coverage_of(store, [])
    with pytest.raises(NoOutcomes):
        coverage_of(store, [read_value({"@context": CONTEXT, "type": "Qualification", "title": {"en": "T"}})])
