"""Open Badges 3.0 read as ELM."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mastery_graph.credentials.description import describe_document
from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.errors import ContextRefused
from mastery_graph.validation import validate

BADGE = Path(__file__).parent / "documents" / "open-badge.json"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXT = ["https://www.w3.org/ns/credentials/v2", OPEN_BADGES]


def _badge() -> dict[str, Any]:
    return json.loads(BADGE.read_text(encoding="utf-8"))


def test_a_badge_is_described_like_any_credential() -> None:
    found = describe_document(read_document(BADGE.read_bytes()))[0]
    assert (found.title, found.issued, found.ects, found.eqf_level) == ("Waste prevention on site", True, 2, 4)
    assert found.holder is not None
    assert found.holder.name == "Aino Example"
    assert found.awarding_body is not None
    assert (found.awarding_body.name, found.awarding_body.country) == ("Example Building School", "ITA")
    assert found.assessments[0].grade == "28/30"
    assert found.assessments[0].types == ("http://data.europa.eu/snb/assessment/6e6cb2cc78",)
    assert found.issued_at == found.valid_from


def test_alignments_of_one_name_are_one_outcome() -> None:
    outcomes = describe_document(read_document(BADGE.read_bytes()))[0].outcomes
    assert [outcome.title for outcome in outcomes] == ["Manage waste"]
    assert outcomes[0].concepts == ("http://data.europa.eu/esco/skill/a9aecfe4-22e5-4adb-9e6b-0f1c3f0c4a1f",)
    assert outcomes[0].green_skills == ("https://w3id.org/mastery-graph/id/green-skill/GS01",)


def test_credits_without_a_system_are_no_ects() -> None:
    badge = _badge()
    achievement = badge["credentialSubject"]["achievement"]
    achievement["alignment"] = achievement["alignment"][:3]
    document = read_value(badge)
    assert describe_document(document)[0].ects is None
    assert any("credit system" in note.message for note in document.notes)


def test_what_has_no_counterpart_is_noted_where_it_stands() -> None:
    document = read_document(BADGE.read_bytes())
    noted = {note.pointer for note in document.notes}
    assert noted == {
        "/validFrom",
        "/evidence/0/genre",
        "/credentialSubject/achievement/resultDescription/0/resultType",
        "/credentialSubject/achievement/alignment/0/targetType",
        "/credentialSubject/achievement/alignment/1/targetType",
        "/credentialSubject/achievement/tag",
        "/credentialSubject/identifier/1/identityHash",
    }
    assert document.format == "open-badges"


def test_every_node_of_a_badge_leads_back_into_it() -> None:
    document = read_document(BADGE.read_bytes())
    made = {str(triple.subject)[1:-1] for triple in document.triples}
    assert made <= set(document.pointers)
    for pointer in document.pointers.values():
        place: Any = _badge()
        for step in filter(None, pointer.split("/")):
            place = place[int(step)] if isinstance(place, list) else place[step]


def test_a_finding_on_a_badge_points_into_the_badge() -> None:
    badge = _badge()
    del badge["credentialSubject"]["achievement"]["alignment"][2]
    report = validate(read_value(badge))
    assert "level" in {finding.element for finding in report.findings}
    assert all(finding.pointer is not None for finding in report.findings)


def test_a_bare_achievement_is_a_bare_description() -> None:
    achievement = _badge()["credentialSubject"]["achievement"]
    achievement["creator"] = {
        "id": "https://school.example/issuer",
        "type": ["Profile"],
        "name": "Example Building School",
        "address": {"type": ["Address"], "addressCountryCode": "FI"},
    }
    found = describe_document(read_value({"@context": CONTEXT, **achievement}))[0]
    assert (found.issued, found.ects) == (False, Fraction(2))
    assert found.awarding_body is not None
    assert found.awarding_body.country == "FIN"


@pytest.mark.parametrize(
    "name",
    [
        OPEN_BADGES,
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
    ],
)
def test_each_published_context_of_open_badges_is_known(name: str) -> None:
    badge = _badge() | {"@context": ["https://www.w3.org/2018/credentials/v1", name]}
    assert describe_document(read_value(badge))[0].title == "Waste prevention on site"


def test_a_context_of_open_badges_that_is_not_published_is_refused_by_name() -> None:
    name = "https://purl.imsglobal.org/spec/ob/v4p0/context.json"
    with pytest.raises(ContextRefused, match="ob/v4p0"):
        read_value(_badge() | {"@context": name})


@pytest.mark.parametrize("key", ["issuer", "credentialSubject", "name", "validFrom", "evidence"])
@pytest.mark.parametrize("value", [7, [], {}, "x", [[1]], [{"achievement": 3}], None, {"address": "Rome", "id": 4}])
def test_a_badge_with_a_value_of_another_kind_is_read_without_it(key: str, value: object) -> None:
    assert describe_document(read_value(_badge() | {key: value}))[0].issued


def test_a_proof_of_a_badge_is_noted() -> None:
    document = read_value(_badge() | {"proof": [{"type": "DataIntegrityProof", "proofValue": "z1"}]})
    assert [note.subject for note in document.notes if note.pointer == "/proof"] == ["proof"]


def test_a_level_of_another_framework_is_no_skill() -> None:
    badge = _badge()
    level = {"type": ["Alignment"], "targetName": "Level 3", "targetUrl": "urn:level:3", "targetType": "ext:Level"}
    badge["credentialSubject"]["achievement"]["alignment"].append(level)
    document = read_value(badge)
    assert [outcome.title for outcome in describe_document(document)[0].outcomes] == ["Manage waste"]
    assert "/credentialSubject/achievement/alignment/4/targetUrl" in {note.pointer for note in document.notes}


def test_addresses_that_cannot_be_opened_are_noted() -> None:
    badge = _badge()
    badge["credentialSubject"]["achievement"]["criteria"] = {"id": "urn:criteria:1"}
    badge["issuer"]["image"] = {"id": "urn:image:1", "type": "Image"}
    noted = {note.pointer for note in read_value(badge).notes}
    assert {"/credentialSubject/achievement/criteria/id", "/issuer/image/id"} <= noted
