"""Validation: what a provider is told."""

from pathlib import Path

import pytest

from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.errors import BadParameter
from mastery_graph.questions.equivalence.levels import all_levels
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import validate
from mastery_graph.validation.submitted import as_document
from tests.conftest import DESCRIPTION
from tests.validation.described import base, changed

CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]


def test_the_annex_one_sample_lacks_its_date_and_its_quality_assurance(reference: Path, store: EmbeddedStore) -> None:
    content = (reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld").read_bytes()
    report = validate(read_document(content), store=store)
    violations = {finding.element for finding in report.findings if finding.severity == "violation"}
    assert not report.conforms
    assert violations == {"date of issuing", "type of quality assurance"}
    assert report.seal.status == "absent"


def test_a_finding_says_where_how_to_mend_it_and_why(reference: Path, store: EmbeddedStore) -> None:
    content = (reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld").read_bytes()
    finding = validate(read_document(content), store=store).findings[0]
    assert finding.pointer == ""
    assert finding.fix
    assert finding.example.startswith('"')
    assert finding.rule.startswith("https://w3id.org/mastery-graph/id/standard-element/")
    assert "CELEX:32022H0627(02)" in finding.source
    assert finding.visions


def test_a_complete_example_conforms(store: EmbeddedStore) -> None:
    report = validate(as_document(store, DESCRIPTION + "circular-principles-fin"), store=store)
    assert report.conforms
    assert not [finding for finding in report.findings if finding.severity == "violation"]


def test_the_mastery_profile_asks_for_more(store: EmbeddedStore) -> None:
    document = as_document(store, DESCRIPTION + "waste-management-irl")
    assert validate(document, "micro-credential", store).conforms
    report = validate(document, "mastery", store)
    assert [finding.element for finding in report.findings if finding.severity == "violation"] == ["EQAVET indicators"]


def test_a_bare_description_needs_no_learner() -> None:
    report = validate(read_value({"@context": CONTEXT, "type": "Qualification", "title": {"en": "T"}}))
    assert "learner" not in report.completeness.missing
    assert "learning outcomes" in report.completeness.missing


def test_without_an_achievement_all_that_one_carries_is_missing(store: EmbeddedStore) -> None:
    whole = validate(read_value(base("issued")), store=store).completeness
    document = changed(base("issued"), [{"remove": "/credentialSubject/hasClaim"}])
    found = validate(read_value(document), store=store).completeness
    assert (whole.missing, whole.ratio) == ((), 1)
    assert found.present == ("learner", "date of issuing")
    assert sorted(found.missing) == sorted(set(whole.present) - set(found.present) | {"learning achievement"})
    assert found.ratio == round(2 / len(found.elements), 4)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(BadParameter, match="no profile 'x'"):
        validate(read_value({"@context": CONTEXT, "type": "Qualification"}), "x")


def _warnings(store: EmbeddedStore, **stated: object) -> list[str]:
    document = {"@context": CONTEXT, "type": "Qualification", "title": {"en": "T"}, **stated}
    report = validate(read_value(document), store=store)
    return [finding.message for finding in report.findings if finding.severity == "warning"]


ECTS = {"type": "CreditPoint", "point": "2", "framework": "http://data.europa.eu/snb/education-credit/6fcec5c5af"}


def test_credits_and_hours_that_contradict_each_other_are_doubted(store: EmbeddedStore) -> None:
    assert _warnings(store, creditPoint=ECTS, volumeOfLearning="PT60H") == []
    assert "do not agree" in _warnings(store, creditPoint=ECTS, volumeOfLearning="PT20H")[0]


def test_months_where_hours_are_meant_are_doubted(store: EmbeddedStore) -> None:
    assert "The workload P60M is not stated in hours" in _warnings(store, volumeOfLearning="P60M")[0]


def test_an_eqf_level_that_contradicts_the_national_level_is_doubted(store: EmbeddedStore) -> None:
    irish = "http://data.europa.eu/snb/qdr/c_" + next(
        level.uri.rpartition("c_")[2] for level in all_levels(store, "IRL") if level.label == "IE NQF Level 6"
    )
    assert _warnings(store, nqfLevel=irish, eqfLevel="http://data.europa.eu/snb/eqf/5") == []
    assert (
        "contradicts IE NQF Level 6" in _warnings(store, nqfLevel=irish, eqfLevel="http://data.europa.eu/snb/eqf/6")[0]
    )


def test_what_is_stated_and_cannot_be_read_is_to_be_corrected_and_not_missing(store: EmbeddedStore) -> None:
    document = changed(base("issued"), [{"set": "/issuanceDate", "to": "24.11.2026"}, {"remove": "/validUntil"}])
    report = validate(read_value(document), store=store)
    assert report.summary.endswith("To correct: date of issuing.")
    assert "Missing" not in report.summary
    assert "date of issuing" in report.completeness.missing
