"""Stackability, on the examples of the catalogue."""

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastery_graph.credentials.description import descriptions
from mastery_graph.credentials.reading import SubmittedDocument, read_document, read_value
from mastery_graph.errors import BadParameter, CyclicPrerequisites, UnknownResource
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.stackability import Skills, Stackability, stackability
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph
from tests.conftest import DESCRIPTION

TECHNICIAN = DESCRIPTION + "green-site-technician-irl"
MANAGER = DESCRIPTION + "sustainable-operations-manager-bel"
MANAGE_WASTE = "http://data.europa.eu/esco/skill/73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"
CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
SPECIALIST = DESCRIPTION + "circular-economy-specialist-fin"


def ask(store: EmbeddedStore, *slugs: str, target: str = TECHNICIAN, **figures: object) -> Stackability:
    return stackability(store, [DESCRIPTION + slug for slug in slugs], target, StackPolicy(**figures))  # type: ignore[arg-type]


def outcome(answer: Stackability, rule: str) -> Outcome:
    return criterion_of(answer.criteria, rule).outcome


def test_two_micro_credentials_add_up_to_a_qualification(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita", "energy-audit-irl")
    assert (answer.verdict, answer.coverage, answer.gap) == ("stackable", 1.0, ())
    assert answer.credits.recognised == Credits(lower=5.0, upper=5.4)
    assert all(one.status == "covered" for one in answer.outcomes)


def test_every_criterion_cites_its_rule_and_its_source(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita", "energy-audit-irl")
    assert len(answer.criteria) == 10
    assert all(one.page.endswith(one.rule) and one.title for one in answer.criteria)
    assert criterion_of(answer.criteria, "STACK-OUTCOMES").evidence


def test_a_part_is_named_with_its_gap_and_what_closes_it(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-management-irl", "energy-saving-deu")
    assert answer.verdict == "partially-stackable"
    assert [one.title for one in answer.gap] == [
        "Manage waste",
        "Conduct an energy audit",
        "Develop waste management processes",
    ]
    best = answer.suggestions[0]
    assert best.titles == ("Energy audits", "Waste prevention on site")
    assert (best.hours, best.optimal) == (135.0, True)


def test_what_closes_the_gap_does_close_it(store: EmbeddedStore) -> None:
    answer = ask(store, "carbon-footprint-bel", "green-procurement-bel", target=MANAGER)
    held = [DESCRIPTION + slug for slug in ("carbon-footprint-bel", "green-procurement-bel")]
    assert answer.suggestions
    for suggestion in answer.suggestions:
        assert stackability(store, [*held, *suggestion.credentials], MANAGER).coverage >= 1.0


def test_a_declared_stand_alone_credential_does_not_stack(store: EmbeddedStore) -> None:
    answer = ask(store, "solar-bgr", target="https://w3id.org/mastery-graph/id/green-skill/GS04")
    assert answer.verdict == "not-stackable"
    assert outcome(answer, "STACK-INTEGRATION") is Outcome.UNMET


def test_nothing_in_common_is_not_stackable(esco_store: EmbeddedStore) -> None:
    answer = ask(esco_store, "biodiversity-bih")
    assert (answer.verdict, answer.coverage, answer.coverage_at_most) == ("not-stackable", 0.0, 0.0)


@pytest.fixture(scope="module")
def without_esco(store: EmbeddedStore) -> Iterator[EmbeddedStore]:
    """The real graph without any part of ESCO."""
    copy = MemoryStore.copy_of(store)
    for each in store.graphs():
        if each.iri.startswith(graph("esco")):
            copy.replace_graph(each.iri, [])
    yield copy
    copy.close()


def test_without_esco_nothing_in_common_is_a_lower_bound_and_no_refusal(without_esco: EmbeddedStore) -> None:
    answer = ask(without_esco, "biodiversity-bih")
    assert (answer.verdict, answer.coverage) == ("partially-stackable", 0.0)
    assert answer.coverage_at_most > 0
    criterion = criterion_of(answer.criteria, "STACK-OUTCOMES")
    assert criterion.outcome is Outcome.UNKNOWN
    assert "mastery-graph load esco" in criterion.explanation


@pytest.mark.parametrize("slug", ["biodiversity-bih", "waste-management-irl", "carbon-footprint-bel", "solar-bgr"])
def test_what_esco_adds_stays_within_what_was_left_open(
    without_esco: EmbeddedStore, esco_store: EmbeddedStore, slug: str
) -> None:
    for target in (TECHNICIAN, MANAGER, SPECIALIST):
        before, after = ask(without_esco, slug, target=target), ask(esco_store, slug, target=target)
        assert before.coverage <= after.coverage <= before.coverage_at_most
        assert before.credits.recognised.lower <= after.credits.recognised.lower
        assert before.verdict != "not-stackable" or after.verdict == "not-stackable"


def test_a_missing_prerequisite_is_named(store: EmbeddedStore) -> None:
    answer = ask(store, "circular-design-fin", target=SPECIALIST)
    assert answer.verdict == "not-stackable"
    assert "circular-principles-fin" in criterion_of(answer.criteria, "STACK-PREREQUISITES").explanation


def test_the_order_respects_prerequisites(store: EmbeddedStore) -> None:
    answer = ask(store, "circular-strategy-fin", "circular-design-fin", "circular-principles-fin", target=SPECIALIST)
    assert [iri.removeprefix(DESCRIPTION) for iri in answer.order] == [
        "circular-principles-fin",
        "circular-design-fin",
        "circular-strategy-fin",
    ]


def test_a_circle_of_prerequisites_is_an_error(store: EmbeddedStore) -> None:
    document = read_document(
        b"""@prefix elm: <http://data.europa.eu/snb/model/elm/> . @prefix mg: <https://w3id.org/mastery-graph/ns#> .
        <http://a.example/a> a elm:Qualification ; mg:requires <http://a.example/a> ;
          elm:learningOutcome <http://a.example/o> . <http://a.example/o> a elm:LearningOutcome ."""
    )
    with pytest.raises(CyclicPrerequisites):
        stackability(store, [document], TECHNICIAN)


def test_a_lower_level_is_unmet_unless_the_policy_allows_it(store: EmbeddedStore) -> None:
    strict = ask(store, "circular-principles-fin", target=SPECIALIST)
    assert outcome(strict, "STACK-LEVEL") is Outcome.UNMET
    lenient = ask(store, "circular-principles-fin", target=SPECIALIST, lower_level_share=1.0)
    assert outcome(lenient, "STACK-LEVEL") is Outcome.MET


def test_a_silent_issuer_is_unknown_not_unmet(store: EmbeddedStore) -> None:
    assert outcome(ask(store, "energy-saving-deu"), "STACK-INTEGRATION") is Outcome.UNKNOWN


def test_a_credential_counts_in_proportion_to_what_is_used(store: EmbeddedStore) -> None:
    answer = ask(store, "carbon-footprint-bel", target=MANAGER)
    assert answer.credits.recognised.lower == 2.0


def test_a_list_of_skills_can_be_the_target(store: EmbeddedStore) -> None:
    waste = "http://data.europa.eu/esco/skill/73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"
    answer = stackability(store, [DESCRIPTION + "waste-on-site-ita"], Skills(skills=(waste,)))
    assert (answer.verdict, answer.coverage) == ("stackable", 1.0)


@pytest.mark.parametrize("slugs", list(permutations(("waste-on-site-ita", "energy-audit-irl", "waste-management-irl"))))
def test_the_order_of_the_stack_does_not_matter(store: EmbeddedStore, slugs: tuple[str, ...]) -> None:
    first = ask(store, "waste-on-site-ita", "energy-audit-irl", "waste-management-irl")
    answer = ask(store, *slugs)
    assert (answer.verdict, answer.coverage, answer.outcomes) == (first.verdict, first.coverage, first.outcomes)


def test_more_credentials_never_lower_the_coverage(store: EmbeddedStore) -> None:
    for more in ("solar-bgr", "waste-management-irl", "awareness-workshop"):
        assert ask(store, "energy-audit-irl", more).coverage >= ask(store, "energy-audit-irl").coverage


def test_the_whole_catalogue_can_be_asked_about(store: EmbeddedStore) -> None:
    catalogue = descriptions(store)
    assert len(catalogue) >= 18
    for iri in catalogue:
        assert 0 <= stackability(store, [iri], TECHNICIAN).coverage <= 1


def course(**said: object) -> dict[str, object]:
    """A description of a course that serves the technician, without an address."""
    outcome = {"type": "LearningOutcome", "title": {"en": "Manage waste"}, "relatedESCOSkill": {"id": MANAGE_WASTE}}
    return {"type": "Qualification", "learningOutcome": outcome, "volumeOfLearning": "PT60H"} | said


@pytest.mark.parametrize("address", [{"id": "urn:waste"}, {}])
def test_the_same_learning_in_two_documents_counts_once(store: EmbeddedStore, address: dict[str, str]) -> None:
    text = {"@context": CONTEXT, **course(**address)}
    sent = [read_document(json.dumps(text, indent=indent).encode()) for indent in (None, 2, 4)]
    once, often = (stackability(store, documents, TECHNICIAN) for documents in (sent[:1], sent))
    assert once.credits.recognised.upper
    assert (often.credits, often.coverage) == (once.credits, once.coverage)
    assert [str(one.reason)[:25] for one in often.left_out] == ["It is the same learning a"] * 2


@pytest.mark.parametrize("expired", ["urn:credential:1", "urn:credential:2"])
def test_of_two_credentials_for_the_same_learning_the_one_that_is_valid_counts(
    store: EmbeddedStore, expired: str
) -> None:
    def issued(name: str) -> SubmittedDocument:
        until = {"validUntil": "2024-12-31T00:00:00Z"} if name == expired else {}
        claim = {"type": "LearningAchievement", "specifiedBy": course(id="urn:waste")}
        return read_value(
            {
                "@context": CONTEXT,
                "id": name,
                "type": "EuropeanDigitalCredential",
                "issuanceDate": "2024-01-01T00:00:00Z",
            }
            | {"credentialSubject": {"id": "urn:aino", "type": "Person", "hasClaim": claim}, **until}
        )

    answer = stackability(store, [issued("urn:credential:1"), issued("urn:credential:2")], TECHNICIAN)
    assert outcome(answer, "STACK-VALIDITY") is Outcome.MET
    assert expired not in {one.covered_by for one in answer.outcomes}
    assert answer.coverage > 0
    assert len(answer.left_out) == 1


def test_what_stands_at_the_same_place_of_two_documents_is_not_the_same(store: EmbeddedStore) -> None:
    def document(outcome: str) -> SubmittedDocument:
        stated = {"type": "LearningOutcome", "title": {"en": outcome}}
        return read_value({"@context": CONTEXT, "type": "Qualification", "learningOutcome": [stated]})

    answer = stackability(store, [document("weld steel")], document("bake bread"))
    assert (answer.verdict, answer.coverage) == ("not-stackable", 0.0)


def test_an_empty_stack_and_an_unknown_target_are_refused(store: EmbeddedStore) -> None:
    with pytest.raises(BadParameter):
        stackability(store, [], TECHNICIAN)
    with pytest.raises(UnknownResource):
        ask(store, "solar-bgr", target="http://example.org/nothing")


hours = st.fractions(min_value=1, max_value=1000)


@given(hours)
def test_hours_give_an_interval_that_holds_every_possible_number_of_credits(worked: Fraction) -> None:
    interval = Credits.of(None, worked)
    assert interval.upper is not None
    assert interval.lower <= float(worked) / 27 <= interval.upper


@given(hours, st.integers(1, 9))
def test_the_parts_of_a_credential_add_up_to_the_whole(worked: Fraction, parts: int) -> None:
    whole = Credits.of(None, worked)
    total = Credits(lower=0.0, upper=0.0)
    for _ in range(parts):
        total = total.plus(whole.part(Fraction(1, parts)))
    assert abs(total.lower - whole.lower) < 0.01


def test_two_issued_credentials_of_one_learner_stack(store: EmbeddedStore) -> None:
    answer = ask(store, "issued-waste-aino", "issued-energy-aino")
    assert answer.verdict == "stackable"
    assert outcome(answer, "STACK-HOLDER") is Outcome.MET
    assert outcome(answer, "STACK-VALIDITY") is Outcome.MET


def test_credentials_of_two_learners_do_not_stack(store: EmbeddedStore) -> None:
    answer = ask(store, "issued-waste-aino", "issued-energy-bo-expired")
    assert answer.verdict == "not-stackable"
    assert outcome(answer, "STACK-HOLDER") is Outcome.UNMET
    assert outcome(answer, "STACK-VALIDITY") is Outcome.UNMET


def test_validity_is_judged_on_the_day_that_the_caller_gives(store: EmbeddedStore) -> None:
    assert outcome(ask(store, "issued-energy-bo-expired", on="2021-01-01"), "STACK-VALIDITY") is Outcome.MET
    assert outcome(ask(store, "issued-energy-bo-expired", on="2019-01-01"), "STACK-VALIDITY") is Outcome.UNMET


def test_a_text_that_reads_alike_is_a_hint_and_never_counted(store: EmbeddedStore) -> None:
    context = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
    stated = [{"type": "LearningOutcome", "title": {"en": text}} for text in ("Manage wastes", "Bake bread")]
    document = read_value({"@context": context, "type": "Qualification", "learningOutcome": stated})
    answer = stackability(store, [document], TECHNICIAN)
    assert answer.coverage == 0.0
    hinted = {one.title: [hint.title for hint in one.hints] for one in answer.gap}
    assert hinted["Manage waste"] == ["Manage wastes"]
    assert not any(titles for wanted, titles in hinted.items() if wanted != "Manage waste")


def test_what_counts_through_a_concept_is_no_hint(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita")
    assert all(one.grade < 0.8 and not one.hints for one in answer.gap)


def test_a_list_without_a_skill_is_no_target(store: EmbeddedStore) -> None:
    with pytest.raises(BadParameter, match="without a skill"):
        stackability(store, [DESCRIPTION + "waste-on-site-ita"], Skills(skills=()))


def test_why_a_credential_is_left_out_tells_what_serves_nothing_from_what_another_serves_as_well(
    esco_store: EmbeddedStore,
) -> None:
    answer = ask(esco_store, "waste-on-site-ita", "biodiversity-bih", "waste-management-irl")
    reasons = {one.credential.removeprefix(DESCRIPTION): one.reason for one in answer.left_out}
    assert reasons.keys() == {"biodiversity-bih", "waste-management-irl"}
    assert len(set(reasons.values())) == 2


@pytest.mark.parametrize(
    ("slugs", "target", "rules"),
    [
        (["waste-on-site-ita", "energy-audit-irl"], TECHNICIAN, set()),
        (["circular-design-fin"], SPECIALIST, {"STACK-PREREQUISITES"}),
        (["issued-waste-aino", "issued-energy-bo-expired"], TECHNICIAN, {"STACK-HOLDER"}),
        (["solar-bgr"], "https://w3id.org/mastery-graph/id/green-skill/GS04", {"STACK-INTEGRATION"}),
        (["biodiversity-bih"], TECHNICIAN, {"STACK-OUTCOMES"}),
    ],
)
def test_the_summary_names_the_criterion_that_decided(
    esco_store: EmbeddedStore, slugs: list[str], target: str, rules: set[str]
) -> None:
    answer = ask(esco_store, *slugs, target=target)
    assert {one.rule for one in answer.criteria if f"({one.rule})" in answer.summary} == rules
