"""What stands in a document and is not read is told, with what was written."""

import json
from pathlib import Path
from typing import Any

import pytest

from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.validation import Finding, validate
from mastery_graph.validation.formats import FORMATS, ValidationOutcome
from mastery_graph.vocabulary import NS
from tests.validation.described import base, changed

BADGE = Path(__file__).resolve().parents[1] / "credentials" / "documents" / "open-badge.json"


def unread(document: dict[str, Any]) -> list[Finding]:
    report = validate(read_value(document))
    return [each for each in report.findings if each.check.endswith(("#name-not-known", "#text-not-read"))]


@pytest.mark.parametrize(
    ("old", "new", "close"),
    [
        ("eqfLevel", "EQFLevel", "eqfLevel"),
        ("learningOutcome", "learningOutcomes", "learningOutcome"),
        (f"{NS}integration", "integration", f"{NS}integration"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_that_is_like_it(old: str, new: str, close: str) -> None:
    document = changed(base("bare"), [{"set": f"/{new}", "to": base("bare")[old]}])
    (finding,) = unread(document)
    assert (finding.severity, finding.pointer) == ("info", f"/{new}")
    assert f"“{new}” is unknown" in finding.message
    assert finding.fix == f"Write {close}."


def test_a_name_like_no_other_is_told_without_a_guess() -> None:
    (finding,) = unread(changed(base("bare"), [{"set": "/durata", "to": "50 ore"}]))
    assert finding.pointer == "/durata"
    assert "European Learning Model" in finding.fix


@pytest.mark.parametrize(
    ("pointer", "written"),
    [
        ("/eqfLevel", "EQF 5"),
        ("/learningOutcome", "Sort waste; plan a site"),
        ("/learningOutcome/0", "Sort"),
        ("/awardingOpportunity/awardingBody/location/address/countryCode", "IT"),
        ("/eqfLevel/id", "EQF 5"),
    ],
)
def test_a_text_in_place_of_an_object_is_quoted(pointer: str, written: str) -> None:
    (finding,) = unread(changed(base("bare"), [{"set": pointer, "to": written}]))
    assert (finding.severity, finding.pointer, finding.value) == ("info", pointer, written)
    assert f"“{written}”" in finding.message


def test_an_issuer_in_words_is_mended_by_the_example() -> None:
    document = changed(base("issued"), [{"set": "/issuer", "to": "Centro di Formazione Verde"}])
    (finding,) = unread(document)
    assert finding.pointer == "/issuer"
    assert unread(document | json.loads(f"{{{finding.example}}}")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"set": "/eqfLevel", "to": "http://data.europa.eu/snb/eqf/5"},
        {"set": "/mode", "to": "elm:mode-of-ours"},
        {"set": "/learningOutcome/0/relatedSkill", "to": "_:skill"},
        {"set": "/learningOutcome/0/relatedSkill", "to": " "},
        {"set": "/title/xx", "to": "a text"},
        {"set": "/https:~1~1example.org~1hall", "to": "A 12"},
        {
            "set": "/proof",
            "to": {"type": "DataIntegrityProof", "cryptosuite": "eddsa", "proofPurpose": "assertionMethod"},
        },
        {"set": "/credentialStatus", "to": {"type": "Status", "statusListIndex": "94567", "statusWhat": "x y"}},
    ],
)
def test_what_is_read_or_belongs_to_another_specification_is_not_told(change: dict[str, Any]) -> None:
    assert unread(changed(base("bare"), [change])) == []


def test_an_object_of_the_document_may_be_named_by_its_id() -> None:
    document = changed(base("bare"), [{"set": "/learningOutcome/0/id", "to": "sorting"}])
    assert (
        unread(changed(document, [{"set": "/hasPart", "to": {"type": "Qualification", "learningOutcome": "sorting"}}]))
        == []
    )


def test_names_that_the_document_defines_itself_are_known() -> None:
    own = [*base("bare")["@context"], {"hall": "https://example.org/hall", "nothing": None}]
    assert unread(base("bare") | {"@context": own, "hall": "A 12", "nothing": "x"}) == []
    assert unread(base("bare") | {"@context": [*own, {"@vocab": "https://example.org/"}], "any": "x"}) == []


def test_an_open_badge_has_names_of_its_own() -> None:
    report = validate(read_document(BADGE.read_bytes()))
    assert not [each for each in report.findings if each.check.endswith(("#name-not-known", "#text-not-read"))]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Sample-MC-Annex1-signed.jsonld", []),
        ("Sample-MC-Annex1-unsigned.jsonld", []),
        ("Sample-CertOfPart-unsigned.jsonld", []),
        ("credential-sample.jsonld", ["eIDAS\u0399dentifier"]),  # with a Greek letter, as it is published
    ],
)
def test_the_published_samples_are_read_whole(name: str, told: list[str], reference: Path) -> None:
    document = read_document((reference / "credentials" / name).read_bytes())
    assert sorted({each.name for each in document.unread}) == told


def test_much_that_is_not_read_is_told_in_part() -> None:
    document = base("bare") | {f"name{number}": number for number in range(1000)} | {"x" * 100_000: 1}
    found = unread(document)
    assert len(found) == 100
    for write in (form[1] for form in FORMATS.values()):
        assert write([ValidationOutcome("a.jsonld", validate(read_value(document)))], "it")
