"""W3C Verifiable Credentials 1.1 and 2.0 that carry ELM."""

from typing import Any

import pytest

from mastery_graph.credentials.description import describe_document
from mastery_graph.credentials.proofs.reasons import Code
from mastery_graph.credentials.reading import read_value
from mastery_graph.validation import validate
from mastery_graph.vocabulary import CRED

ELM = "http://data.europa.eu/snb/model/context/edc-ap"
CREDENTIAL: dict[str, Any] = {
    "id": "urn:credential:1",
    "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
    "issuer": {"id": "https://school.example/", "type": "Organisation", "legalName": {"en": "Example School"}},
    "credentialSchema": [
        {"id": "http://data.europa.eu/snb/model/ap/edc-generic-full", "type": "ShaclValidator2017"},
        {"id": "https://school.example/schema", "type": "JsonSchema"},
    ],
    "credentialStatus": {
        "id": "https://school.example/status#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://school.example/status",
    },
    "credentialSubject": {
        "id": "did:example:aino",
        "type": "Person",
        "fullName": {"en": "Aino Example"},
        "hasClaim": {"type": "LearningAchievement", "title": {"en": "Waste prevention"}},
    },
}
V1 = CREDENTIAL | {"@context": ["https://www.w3.org/2018/credentials/v1", ELM], "issuanceDate": "2025-03-01T00:00:00Z"}
V2 = CREDENTIAL | {"@context": ["https://www.w3.org/ns/credentials/v2", ELM], "validFrom": "2025-03-01T00:00:00Z"}


@pytest.mark.parametrize("document", [V1, V2], ids=["1.1", "2.0"])
def test_both_versions_are_described(document: dict[str, Any]) -> None:
    found = describe_document(read_value(document))[0]
    assert (found.title, found.issued) == ("Waste prevention", True)
    assert found.holder is not None
    assert found.holder.name == "Aino Example"
    assert found.issued_at is not None
    assert found.issued_at.isoformat() == "2025-03-01T00:00:00+00:00"


def test_schemas_and_status_are_kept() -> None:
    said = {(triple.predicate.value, str(triple.object)) for triple in read_value(V2).triples}
    assert (CRED + "credentialSchema", "<http://data.europa.eu/snb/model/ap/edc-generic-full>") in said
    assert (CRED + "credentialStatus", "<https://school.example/status#7>") in said
    assert ("https://www.w3.org/ns/credentials/status#statusPurpose", '"revocation"') in said


def test_the_date_of_version_2_stands_for_the_date_of_issuing_and_a_note_says_so() -> None:
    document = read_value(V2)
    assert [(note.pointer, note.subject) for note in document.notes] == [("/validFrom", "validFrom")]
    assert "date of issuing" not in {finding.element for finding in validate(document).findings}
    assert read_value(V1).notes == ()


def test_a_proof_within_the_credential_is_named_as_not_checked() -> None:
    proof = {"type": "DataIntegrityProof", "proofValue": "z58DAdFfa9SkqZMVPxAQp"}
    seal = read_value(V2 | {"proof": proof}).seal
    assert (seal.status, [reason.code for reason in seal.reasons]) == ("not-checked", [Code.DATA_INTEGRITY])
