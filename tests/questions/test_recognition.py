"""Recognition, on the examples of the catalogue and the real sample."""

import json
from datetime import date
from pathlib import Path

import pytest

from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.errors import BadParameter, UnknownCountry, UnknownResource
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import validate
from mastery_graph.vocabulary import CRED, DCTERMS, ELM, FOAF
from tests.conftest import DESCRIPTION
from tests.validation.described import base, changed


def ask(store: EmbeddedStore, slug: str, country: str = "FIN", purpose: str = "employment") -> Recognition:
    return recognition(store, DESCRIPTION + slug, country, purpose)


def outcome(answer: Recognition, rule: str) -> Outcome:
    return criterion_of(answer.criteria, rule).outcome


def test_a_complete_description_is_recognisable(store: EmbeddedStore) -> None:
    answer = ask(store, "waste-on-site-ita")
    assert answer.verdict == "recognisable"
    assert (answer.level.source, answer.level.eqf_level) == ("IT NQF Level 5", 5)
    assert [level.label for level in answer.level.destination] == ["FiNQF Level 5"]
    assert [action.criteria for action in answer.actions] == [
        ("REC-IDENTIFICATION", "REC-AUTHENTICITY", "REC-VALIDITY")
    ], "only a credential settles these"


@pytest.mark.parametrize("purpose", ["academic", "training"])
def test_a_framework_without_referencing_is_not_comparable(store: EmbeddedStore, purpose: str) -> None:
    assert ask(store, "biodiversity-bih", purpose=purpose).verdict == "not-comparable"


def test_the_level_only_supports_for_employment(store: EmbeddedStore) -> None:
    assert ask(store, "biodiversity-bih").verdict != "not-comparable"


def test_a_destination_without_referencing_is_not_comparable(store: EmbeddedStore) -> None:
    assert ask(store, "waste-on-site-ita", "BIH", "academic").verdict == "not-comparable"


def test_missing_information_is_unknown_and_says_who_can_mend_it(store: EmbeddedStore) -> None:
    answer = ask(store, "environmental-compliance-deu")
    assert answer.verdict == "insufficient-information"
    assert outcome(answer, "REC-ASSESSMENT") is Outcome.UNKNOWN
    action = next(one for one in answer.actions if one.criterion == "REC-ASSESSMENT")
    assert action.action
    assert action.actor
    assert action.vision


def test_an_accreditation_that_does_not_cover_the_level_is_a_condition(store: EmbeddedStore) -> None:
    answer = ask(store, "environmental-management-ita", "ESP", "employment")
    assert answer.verdict == "conditional"
    assert "limited to EQF level 5" in criterion_of(answer.criteria, "REC-AWARDING-BODY").explanation


def test_a_lapsed_accreditation_does_not_count(store: EmbeddedStore) -> None:
    answer = ask(store, "renewables-esp", "FIN", "training")
    assert "ended on 2023-12-31" in criterion_of(answer.criteria, "REC-AWARDING-BODY").explanation


def test_months_are_no_workload(store: EmbeddedStore) -> None:
    answer = ask(store, "green-trainer-fin", "ITA", "academic")
    criterion = criterion_of(answer.criteria, "REC-WORKLOAD")
    assert criterion.outcome is Outcome.UNKNOWN
    assert "P2M" in criterion.explanation


def test_an_unknown_national_policy_changes_no_verdict(store: EmbeddedStore) -> None:
    answer = ask(store, "circular-principles-fin", "EST", "training")
    assert outcome(answer, "REC-NATIONAL") is Outcome.UNKNOWN
    assert answer.verdict == "recognisable"


def test_the_signed_sample_is_judged_by_its_seal(reference: Path, store: EmbeddedStore) -> None:
    document = read_document((reference / "credentials" / "Sample-MC-Annex1-signed.jsonld").read_bytes())
    answer = recognition(store, document, "FIN", "employment", date(2024, 1, 1))
    assert outcome(answer, "REC-AUTHENTICITY") is Outcome.UNKNOWN
    assert "trusted lists" in criterion_of(answer.criteria, "REC-AUTHENTICITY").explanation
    assert str(answer.question["credential"]).startswith("sha256:")


def test_a_date_that_is_no_element_is_no_element_that_is_missing(store: EmbeddedStore) -> None:
    document = read_value(changed(base("issued"), [{"set": "/validUntil", "to": "24.11.2031"}]))
    assert outcome(recognition(store, document, "FIN"), "REC-ELEMENTS") is Outcome.MET


def test_the_elements_are_cited_by_what_states_them(store: EmbeddedStore) -> None:
    answer = recognition(store, read_value(base("issued")), "FIN")
    cited = {quad.predicate for quad in criterion_of(answer.criteria, "REC-ELEMENTS").evidence}
    for name in ("learningOutcome", "location", "countryCode", "EQFLevel", "mode", "provenBy"):
        assert ELM + name in cited
    assert CRED + "credentialSubject" in cited
    assert DCTERMS + "language" not in cited
    assert not [name for name in cited if name.startswith(FOAF)]


def test_a_date_of_issuing_that_cannot_be_read_is_missing(store: EmbeddedStore) -> None:
    document = read_value(changed(base("issued"), [{"set": "/issuanceDate", "to": "24.11.2026"}]))
    criterion = criterion_of(recognition(store, document, "FIN").criteria, "REC-ELEMENTS")
    assert criterion.outcome is Outcome.UNMET
    assert "date of issuing" in criterion.explanation


def test_the_example_of_supervision_leaves_the_assessment_met(store: EmbeddedStore) -> None:
    at = "/credentialSubject/hasClaim/0/provenBy/0/idVerification"
    bare = changed(base("issued"), [{"remove": at}])
    (finding,) = validate(read_value(bare), store=store).findings
    mended = changed(bare, [{"set": at, "to": json.loads(f"{{{finding.example}}}")["idVerification"]}])
    assert outcome(recognition(store, read_value(mended), "FIN"), "REC-ASSESSMENT") is Outcome.MET


def test_a_credential_is_not_valid_before_it_is_issued(reference: Path, store: EmbeddedStore) -> None:
    document = read_document((reference / "credentials" / "Sample-MC-Annex1-signed.jsonld").read_bytes())
    answer = recognition(store, document, "FIN", "employment", date(2020, 1, 1))
    assert outcome(answer, "REC-VALIDITY") is Outcome.UNMET


@pytest.mark.parametrize(
    ("given", "country", "error"),
    [
        (DESCRIPTION + "none", "FIN", UnknownResource),
        (DESCRIPTION + "solar-bgr", "XXX", UnknownCountry),
        ("not an iri", "FIN", BadParameter),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    store: EmbeddedStore, given: str, country: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        recognition(store, given, country)
