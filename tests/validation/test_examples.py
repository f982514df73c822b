"""The examples of findings: put where the finding is, an example mends it, and breaks nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from mastery_graph.credentials.reading import read_value
from mastery_graph.questions.stackability.criteria import NOT_VERIFIED
from mastery_graph.resources import folder
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import ValidationReport, validate
from mastery_graph.validation.report import Finding
from mastery_graph.vocabulary import COUNTRY, EQF, NS
from tests.validation.described import base, changed, steps

TOLD_IN_WORDS = ("idVerification", "mode", "dcType")
"""Members whose code means nothing to a reader by itself."""


def with_example(document: dict[str, Any], finding: Finding) -> dict[str, Any]:
    """Return the document with the example of a finding where the finding is, or in place of the member it is about."""
    piece = json.loads(f"{{{finding.example}}}")
    pointer = finding.pointer or ""
    above, _, last = pointer.rpartition("/")
    into = above if last in piece else pointer
    at: Any = document
    for step in steps(into):
        at = at[int(step) if isinstance(at, list) else step]
    return changed(document, [{"set": f"{into}/{key}", "to": value} for key, value in piece.items()])


def _checks(report: ValidationReport) -> set[str]:
    return {finding.check.rpartition("#")[2] for finding in report.findings}


MENDED = [
    ("issued", "/credentialSubject/fullName", "learner"),
    ("issued", "/issuanceDate", "date-of-issuing"),
    ("issued", "/credentialSubject/hasClaim/0/specifiedBy/mode", "form-of-participation"),
    ("issued", "/credentialSubject/hasClaim/0/awardedBy", "country-of-issuer"),
    ("issued", "/credentialSubject/hasClaim/0/awardedBy", "awarding-body"),
    ("issued", "/credentialSubject/hasClaim/0/awardedBy/awardingBody", "country-of-issuer"),
    ("issued", "/credentialSubject/hasClaim/0/awardedBy/awardingBody", "awarding-body"),
    ("issued", "/credentialSubject/hasClaim/0/awardedBy/awardingBody/legalName", "awarding-body"),
    (
        "issued",
        "/credentialSubject/hasClaim/0/awardedBy/awardingBody/location/address/countryCode",
        "country-of-issuer",
    ),
    ("issued", "/credentialSubject/hasClaim/0/provenBy/0/grade", "grade"),
    ("issued", "/credentialSubject/hasClaim/0/provenBy/0/specifiedBy/dcType", "type-of-assessment"),
    ("bare", "/awardingOpportunity", "country-of-issuer"),
    ("bare", "/awardingOpportunity", "awarding-body"),
    ("bare", "/entryRequirement/noteLiteral", "prerequisites"),
    ("bare", "/provenBy/dcType", "type-of-assessment"),
    ("bare", "/provenBy/idVerification", "supervision-and-identity-verification"),
    ("bare", "/eqfLevel/id", "eqf-level-unknown"),
    ("bare", "/nqfLevel/id", "national-level-unknown"),
]


@pytest.mark.parametrize(("name", "pointer", "check"), MENDED, ids=["".join(each[1:]) for each in MENDED])
def test_an_example_mends_what_is_found_and_breaks_nothing(
    name: str, pointer: str, check: str, store: EmbeddedStore
) -> None:
    change = {"set": pointer, "to": "http://example.org/none"} if pointer.endswith("/id") else {"remove": pointer}
    document = changed(base(name), [change])
    before = validate(read_value(document), store=store)
    finding = next(each for each in before.findings if each.check.endswith(f"#{check}"))
    after = validate(read_value(with_example(document, finding)), store=store)
    assert check not in _checks(after)
    assert _checks(after) <= _checks(before)


@pytest.mark.parametrize(
    ("pointer", "written"),
    [
        ("/awardingOpportunity/awardingBody/location/address/countryCode/id", f"{COUNTRY}ITA"),
        ("/eqfLevel/id", f"{EQF}5"),
        ("/nqfLevel/id", "http://data.europa.eu/snb/qdr/c_fd8ce5f6"),
        (
            "/learningOutcome/0/relatedESCOSkill/id",
            "http://data.europa.eu/esco/skill/114a79ef-1e62-475b-a862-954f5b4cca20",
        ),
    ],
)
def test_the_example_for_an_address_with_https_is_the_address_that_is_meant(
    pointer: str, written: str, store: EmbeddedStore
) -> None:
    document = changed(base("bare"), [{"set": pointer, "to": written.replace("http:", "https:")}])
    doubts = [each for each in validate(read_value(document), store=store).findings if each.severity == "warning"]
    assert [json.loads(f"{{{each.example}}}") for each in doubts] == [
        {steps(pointer)[-2]: {"id": written, "type": "Concept"}}
    ]
    assert validate(read_value(with_example(document, doubts[0])), store=store).findings == ()


def _examples() -> Iterator[str]:
    for path in sorted(folder("shapes").glob("*.ttl")):
        for triple in read_turtle(path):
            if triple.predicate == NamedNode(NS + "fixExample") and isinstance(triple.object, Literal):
                yield triple.object.value


def test_no_example_claims_an_assessment_without_supervision_and_verification() -> None:
    assert not [example for example in _examples() if NOT_VERIFIED in example]


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from _members(item)


def test_what_a_coded_example_means_is_said_in_words() -> None:
    found = [
        (key, value)
        for example in _examples()
        for key, value in _members(json.loads(f"{{{example}}}"))
        if key in TOLD_IN_WORDS
    ]
    assert {key for key, _ in found} == set(TOLD_IN_WORDS)
    assert not [key for key, value in found if not value.get("prefLabel", {}).get("en")]
