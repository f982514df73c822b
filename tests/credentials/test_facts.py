"""What a document states of itself, at the boundaries: which of two values counts, and from when to when."""

import base64
import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from mastery_graph.credentials.conversion import convert_document
from mastery_graph.credentials.description import Description, credit_points, describe_document
from mastery_graph.credentials.reading import read_document, read_value
from tests.credentials.test_open_badges import BADGE
from tests.credentials.test_verifiable_credentials import V1, V2

CONTEXT = V1["@context"]


def described(document: dict[str, Any]) -> Description:
    (found,) = describe_document(read_value(document))
    return found


@pytest.mark.parametrize(
    ("written", "points"),
    [("1000", 1000), ("1000.5", None), ("0", None), ("0.01", Fraction(1, 100)), ("2,5", Fraction(5, 2)), ("-1", None)],
)
def test_a_number_of_credits_is_above_0_and_at_most_1000(written: str, points: Fraction | int | None) -> None:
    assert credit_points(written) == points


def test_each_national_level_that_is_stated_is_known() -> None:
    levels = ["http://data.europa.eu/snb/qdr/c_1", "http://data.europa.eu/snb/qdr/c_2"]
    found = described({"@context": CONTEXT, "type": "Qualification", "nqfLevel": [{"id": one} for one in levels]})
    assert (found.nqf_level, found.further_nqf_levels) == (levels[0], (levels[1],))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-03-01T01:00:00+02:00", datetime(2025, 2, 28, 23, tzinfo=UTC)),
        ("2025-02-28T23:00:00-02:00", datetime(2025, 3, 1, 1, tzinfo=UTC)),
        ("2025-03-01T01:00:00Z", datetime(2025, 3, 1, 1, tzinfo=UTC)),
        ("2025-03-01T01:00:00", datetime(2025, 3, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_with_an_offset_is_a_moment_in_utc(written: str, moment: datetime) -> None:
    found = described(V1 | {"issuanceDate": written, "validFrom": written, "validUntil": written})
    assert (found.issued_at, found.valid_from, found.valid_until) == (moment, moment, moment)


def test_the_end_of_a_credential_of_version_1_is_its_expiration_date() -> None:
    found = described(V1 | {"expirationDate": "2027-03-01T00:00:00Z"})
    assert found.valid_until == datetime(2027, 3, 1, tzinfo=UTC)


AWARD = {"type": "AwardingProcess", "awardingBody": {"type": "Organisation", "legalName": {"en": "Awarding School"}}}


def test_the_issuer_is_the_awarding_body_only_where_none_is_stated() -> None:
    subject = V1["credentialSubject"]
    awarded = V1 | {"credentialSubject": subject | {"hasClaim": subject["hasClaim"] | {"awardedBy": AWARD}}}
    assert [body.name for body in described(V1).awarding_bodies] == ["Example School"]
    assert [body.name for body in described(awarded).awarding_bodies] == ["Awarding School"]


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("payload", [V1, {"iss": "https://school.example/", "nbf": 1740787200, "vc": V1}])
def test_a_token_holds_a_credential_as_its_payload_or_in_its_claim_vc(payload: dict[str, Any]) -> None:
    token = ".".join([_part({"alg": "ES256", "typ": "JWT"}), _part(payload), _part("signature")])
    document = read_document(token.encode(), "application/json")
    assert [one.title for one in describe_document(document)] == ["Waste prevention"]
    assert document.seal.status == "not-checked"


def test_version_2_a_stated_date_of_issuing_goes_before_the_day_from_which_it_is_valid() -> None:
    context = [*V2["@context"], {"issued": {"@id": "https://www.w3.org/2018/credentials#issued"}}]
    document = V2 | {"@context": context, "issued": "2025-02-01T00:00:00Z", "validFrom": "2025-03-01T00:00:00Z"}
    read = read_value(document)
    dates = [t.object.value for t in read.triples if t.predicate.value.endswith("credentials#issued")]
    assert dates == ["2025-02-01T00:00:00Z"]
    assert not [note for note in read.notes if note.subject == "validFrom"]


def _badge(**result: str) -> dict[str, Any]:
    badge: dict[str, Any] = json.loads(BADGE.read_text(encoding="utf-8"))
    del badge["credentialSubject"]["achievement"]["resultDescription"]
    badge["credentialSubject"]["result"] = [{"type": ["Result"], **result}]
    return badge


@pytest.mark.parametrize(
    ("result", "grade"),
    [
        ({"value": "28/30", "status": "Completed"}, "28/30"),
        ({"status": "Completed", "value": "28/30"}, "28/30"),
        ({"status": "Completed"}, "Completed"),
    ],
)
def test_the_value_of_a_result_of_a_badge_goes_before_its_status(result: dict[str, str], grade: str) -> None:
    assert [one.grade for one in described(_badge(**result)).assessments] == [grade]


def test_a_badge_that_is_written_ends_when_the_credential_does() -> None:
    badge = convert_document(read_value(V1 | {"expirationDate": "2027-03-01T00:00:00Z"}), "openbadge").document
    assert badge["validUntil"] == "2027-03-01T00:00:00Z"


def test_a_badge_that_is_written_hashes_no_identifier_and_says_so() -> None:
    identifier = {"type": "LegalIdentifier", "notation": "120464-126J"}
    subject = V1["credentialSubject"] | {"nationalID": identifier}
    badge = convert_document(read_value(V1 | {"credentialSubject": subject}), "openbadge").document
    assert badge["credentialSubject"]["identifier"] == [
        {"type": "IdentityObject", "hashed": False, "identityHash": "Aino Example", "identityType": "name"},
        {
            "type": "IdentityObject",
            "hashed": False,
            "identityHash": "120464-126J",
            "identityType": "nationalIdentityNumber",
        },
    ]
