"""The files that people have: wrappers, presentations, pictures, records, transcripts, and what is refused by name."""

import base64
import hashlib
import io
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from mastery_graph.credentials.batch import BatchItem, documents, documents_in
from mastery_graph.credentials.description import Description, describe_document
from mastery_graph.credentials.reading import SubmittedDocument, read_document, read_value
from mastery_graph.errors import BadDocument, EntitiesRefused, MasteryError, UnsupportedFormat
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.validation import validate
from tests.credentials.sealing import KEYS, token
from tests.credentials.test_seal import jwk

DOCUMENTS = Path(__file__).parent / "documents"
ELM = Path(__file__).resolve().parents[2] / "api" / "web" / "static" / "example.jsonld"
PERSONAL = "Robin-Sample-8812"


def load(name: str) -> Any:
    return json.loads((DOCUMENTS / name).read_text(encoding="utf-8"))


def credential() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ELM.read_text(encoding="utf-8"))
    return document


def read_file(name: str) -> SubmittedDocument:
    return read_document((DOCUMENTS / name).read_bytes(), None, name)


def described(document: SubmittedDocument) -> Description:
    return describe_document(document)[0]


def pointers(document: SubmittedDocument) -> set[str]:
    return set(document.pointers.values())


def items(content: bytes, name: str = "all.json") -> list[BatchItem]:
    found = list(documents_in(content, name))
    assert not [item.error for item in found if item.error]
    return found


def test_an_upload_file_of_the_eu_is_read_with_pointers_into_it(store: EmbeddedStore) -> None:
    bare = credential()
    del bare["@context"]
    document = read_value({"credential": bare, "deliveryDetails": {"deliveryAddress": ["a@example.org"]}})
    plain = read_value(credential())
    assert {triple.predicate for triple in document.triples} == {triple.predicate for triple in plain.triples}
    assert pointers(document) == {f"/credential{pointer}" for pointer in pointers(plain)}
    findings = validate(document, "micro-credential", store).findings
    assert {finding.pointer for finding in findings} == {
        f"/credential{finding.pointer}" for finding in validate(plain, "micro-credential", store).findings
    }


def test_an_address_is_no_wrapped_credential() -> None:
    with pytest.raises(BadDocument, match="JSON-LD object"):
        read_value({"credential": "https://example.org/credentials/1"})


@pytest.mark.parametrize("several", [False, True])
def test_a_presentation_of_one_credential_is_that_credential(several: bool) -> None:
    held: Any = [credential()] if several else credential()
    document = read_value(
        {
            "@context": "https://www.w3.org/2018/credentials/v1",
            "type": "VerifiablePresentation",
            "verifiableCredential": held,
        }
    )
    place = "/verifiableCredential/0" if several else "/verifiableCredential"
    assert place in pointers(document)
    assert described(document).title == described(read_value(credential())).title


def test_a_presentation_of_several_is_checked_credential_by_credential() -> None:
    presentation = {"type": ["VerifiablePresentation"], "verifiableCredential": [credential(), load("open-badge.json")]}
    content = json.dumps(presentation).encode()
    with pytest.raises(BadDocument, match="2 credentials"):
        read_document(content)
    first, second = items(content)
    assert (first.name, second.name) == ("all.json#/verifiableCredential/0", "all.json#/verifiableCredential/1")
    assert [item.document and item.document.format for item in (first, second)] == ["elm", "open-badges"]
    assert second.document is not None
    assert "/verifiableCredential/1/issuer" in pointers(second.document)
    assert first.sha256 != second.sha256 == second.document.sha256


def test_a_token_in_a_presentation_is_read_and_its_seal_checked() -> None:
    badge = token(load("open-badge.json"), KEYS["ES256"], jwk=jwk(KEYS["ES256"])).decode()
    enveloped = {"type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{badge}"}
    document = read_value({"type": "VerifiablePresentation", "verifiableCredential": [enveloped]})
    assert document.seal.status == "intact"
    assert pointers(document) == {"/verifiableCredential/0/id"}
    plain = read_value({"type": "VerifiablePresentation", "verifiableCredential": badge})
    assert pointers(plain) == {"/verifiableCredential"}


def test_the_signature_of_a_presentation_is_not_that_of_its_credential() -> None:
    claims = {"iss": "did:example:holder", "vp": {"verifiableCredential": [credential()]}}
    document = read_document(token(claims, KEYS["ES256"], jwk=jwk(KEYS["ES256"])))
    assert document.seal.status == "absent"
    assert any("holder" in note.message for note in document.notes)
    assert "/vp/verifiableCredential/0" in pointers(document)


def test_an_empty_presentation_is_named() -> None:
    with pytest.raises(UnsupportedFormat, match="a presentation without a credential"):
        read_value({"@context": "https://www.w3.org/2018/credentials/v1", "type": "VerifiablePresentation"})


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13) + b"".join(chunks) + chunk(b"IEND", b"")


BADGE = (DOCUMENTS / "open-badge.json").read_bytes()
CHUNKS = {
    "plain": chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + BADGE),
    "compressed": chunk(b"iTXt", b"openbadgecredential\0\1\0en\0badge\0" + zlib.compress(BADGE)),
    "text": chunk(b"tEXt", b"openbadges\0" + BADGE),
    "compressed text": chunk(b"zTXt", b"openbadges\0\0" + zlib.compress(BADGE)),
}


@pytest.mark.parametrize("kind", CHUNKS)
def test_a_badge_in_a_png_is_read_as_if_it_were_sent_as_json(kind: str) -> None:
    picture = png(chunk(b"tEXt", b"Comment\0none"), CHUNKS[kind])
    document = read_document(picture, "image/png", "badge.png")
    plain = read_document(BADGE)
    assert pointers(document) == pointers(plain)
    assert document.content == plain.content
    assert document.sha256 == hashlib.sha256(picture).hexdigest()


@pytest.mark.parametrize("name", ["baked-badge.png", "baked-badge.svg"])
def test_a_baked_badge_is_read(name: str) -> None:
    assert described(read_file(name)).title == "Mend a chair"


def test_a_token_in_an_svg_is_read() -> None:
    badge = token(load("open-badge.json"), KEYS["ES256"], jwk=jwk(KEYS["ES256"])).decode()
    picture = f"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:o="https://purl.imsglobal.org/ob/v3p0">
        <o:credential verify="{badge}"/></svg>"""
    assert read_document(picture.encode(), "image/svg+xml").seal.status == "intact"


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (png(), "contains no badge"),
        (png(chunk(b"iTXt", b"openbadges\0\0\0\0\0https://example.org/1")), "only the address"),
        (png(chunk(b"zTXt", b"openbadges\0\0broken")), "contains no badge"),
        (b"\x89PNG\r\n\x1a\n\0\0", "contains no badge"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "contains no badge"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "not well-formed"),
    ],
)
def test_a_picture_without_a_badge_is_named(picture: bytes, words: str) -> None:
    with pytest.raises(BadDocument, match=words):
        read_document(picture)


def test_a_picture_with_entities_is_refused() -> None:
    with pytest.raises(EntitiesRefused):
        read_document(b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>')


def test_pictures_of_a_folder_are_read_where_they_contain_a_badge(tmp_path: Path) -> None:
    (tmp_path / "badge.png").write_bytes(png(CHUNKS["plain"]))
    (tmp_path / "logo.png").write_bytes(png())
    skipped: list[str] = []
    assert [Path(item.name).name for item in documents([tmp_path], skipped)] == ["badge.png"]
    assert [Path(name).name for name in skipped] == ["logo.png"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("badge.png", png(CHUNKS["plain"]))
        file.writestr("logo.png", png())
    names: list[str] = []
    assert [item.name for item in documents_in(archive.getvalue(), "a.zip", skipped=names)] == ["a.zip/badge.png"]
    assert names == ["a.zip/logo.png"]


def test_standard_input_is_read_in_place_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BADGE)))
    (item,) = documents([Path("-")])
    assert (item.name, item.document and item.document.format) == ("-", "open-badges")


def test_each_achievement_of_a_learner_record_is_a_credential_of_its_learner_and_issuer() -> None:
    content = (DOCUMENTS / "learner-record.json").read_bytes()
    parts = items(content, "record.json")
    places = [item.name.partition("#")[2] for item in parts]
    assert places == [
        "/credentialSubject/verifiableCredential/0",
        "/credentialSubject/achievement/0",
        "/credentialSubject/achievement/1",
    ]
    descriptions = [described(item.document) for item in parts if item.document]
    assert [description.title for description in descriptions] == ["Mend a chair", "Mend a chair", "Mend a table"]
    for description in descriptions:
        assert description.holder is not None
        assert description.holder.names == ("Robin Sample",)
        assert description.awarding_body is not None
        assert description.awarding_body.name == "Example Academy"
    assert parts[2].document is not None
    assert "/credentialSubject/achievement/1" in pointers(parts[2].document)


def test_an_achievement_of_a_record_that_has_its_own_credential_is_read_once() -> None:
    record = load("learner-record.json")
    subject = record["credentialSubject"]
    subject["achievement"][0]["id"] = subject["verifiableCredential"][0]["credentialSubject"]["achievement"]["id"]
    places = [item.name.partition("#")[2] for item in items(json.dumps(record).encode())]
    assert places == ["/credentialSubject/verifiableCredential/0", "/credentialSubject/achievement/1"]


def test_open_badges_2_are_read_with_pointers_into_the_assertion(store: EmbeddedStore) -> None:
    document = read_file("assertion-2.0.json")
    description = described(document)
    assert (document.format, description.title) == ("open-badges-2", "Mend a chair")
    assert [outcome.title for outcome in description.outcomes] == ["repair furniture"]
    assert description.issued_at is not None
    assert description.issued_at.date().isoformat() == "2026-02-01"
    assert {"/badge", "/badge/issuer", "/recipient"} <= pointers(document)
    assert "/badge/image" in [note.pointer for note in document.notes]
    report = validate(document, "micro-credential", store)
    assert {finding.pointer for finding in report.findings if finding.element == "level"} == {"/badge"}
    assert description.statuses, "whether a hosted badge still stands was not looked up"


def test_an_assertion_that_was_revoked_has_a_status_that_is_not_valid() -> None:
    document = read_value({**load("assertion-2.0.json"), "verification": {"type": "SignedBadge"}, "revoked": True})
    assert described(document).statuses
    assert "/revoked" in [note.pointer for note in document.notes]


@pytest.mark.parametrize("date", [1769904000, "2026-02-01T00:00:00Z"])
def test_the_dates_of_an_assertion_are_read_in_both_forms(date: object) -> None:
    description = described(read_value({**load("assertion-2.0.json"), "issuedOn": date}))
    assert description.issued_at is not None
    assert description.issued_at.date().isoformat() == "2026-02-01"


def test_an_assertion_that_names_its_class_by_address_is_refused_with_a_way_out() -> None:
    with pytest.raises(BadDocument, match="only the address") as refused:
        read_value({**load("assertion-2.0.json"), "badge": "https://academy.example/badges/9"})
    assert "Download the badge" in str(refused.value.advice)


def test_a_dutch_micro_credential_has_all_elements_but_the_learner(store: EmbeddedStore) -> None:
    document = read_file("educredential.json")
    description = described(document)
    assert (description.eqf_level, description.ects) == (6, 3)
    assert [outcome.title for outcome in description.outcomes] == ["Plan a renovation with reused materials"]
    violations = {
        f.element for f in validate(document, "micro-credential", store).findings if f.severity == "violation"
    }
    assert violations == {"learner"}
    assert not [note for note in document.notes if note.subject in {"ECTS", "assessmentType", "supervisionType"}]


def test_the_hours_of_a_dutch_micro_credential_are_its_workload() -> None:
    description = described(read_file("educredential-hours.json"))
    assert (description.ects, description.hours, description.eqf_level) == (None, 240, 4)


def test_the_extension_counts_only_where_the_achievement_has_its_type() -> None:
    badge = load("educredential.json")
    badge["credentialSubject"]["achievement"]["type"] = ["Achievement"]
    document = read_value(badge)
    assert described(document).ects is None
    assert "/credentialSubject/achievement/ECTS" in [note.pointer for note in document.notes]


def test_a_transcript_is_read_course_by_course(store: EmbeddedStore) -> None:
    document = read_file("transcript.xml")
    description = described(document)
    assert description.title == "Energy renovation of dwellings"
    assert (description.eqf_level, float(description.ects or 0), description.hours) == (6, 7.5, 60)
    assert description.holder is not None
    assert [str(birth.day) for birth in description.holder.birth_dates] == ["1999-01-01"]
    assert description.awarding_body is not None
    assert (description.awarding_body.name, description.awarding_body.country) == (
        "Example University of the Fjords",
        "NOR",
    )
    assert [(note.pointer, note.subject) for note in document.notes] == [
        ("/elmo/report[1]/learningOpportunitySpecification[2]", "status")
    ]
    missing = {f.element for f in validate(document, "micro-credential", store).findings if f.severity == "violation"}
    assert {"type of assessment", "form of participation", "type of quality assurance"} <= missing
    assert not [finding for finding in validate(document, "micro-credential", store).findings if finding.example]


def transcript(*changes: tuple[str, str]) -> bytes:
    text = (DOCUMENTS / "transcript.xml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def test_a_transcript_of_several_courses_is_several_credentials() -> None:
    content = transcript(("<status>failed</status>", "<status>passed</status>"))
    with pytest.raises(BadDocument, match="2 credentials"):
        read_document(content)
    assert [item.name for item in items(content, "t.xml")] == [
        f"t.xml#/elmo/report[1]/learningOpportunitySpecification[{number}]" for number in (1, 2)
    ]


def test_the_parts_of_a_course_with_credits_do_not_count_again() -> None:
    text = transcript().decode()
    start, end = text.index("<learningOpportunitySpecification>"), text.index("</learningOpportunitySpecification>")
    part = text[start:end] + "</learningOpportunitySpecification>"
    nested = text[:end] + f"<hasPart>{part}</hasPart>" + text[end:]
    assert described(read_document(nested.encode(), None, "t.xml")).ects == described(read_file("transcript.xml")).ects


def test_the_signature_of_a_transcript_is_not_checked_and_the_seal_says_so() -> None:
    content = transcript(("</elmo>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></elmo>'))
    seal = read_document(content, None, "t.xml").seal
    assert (seal.status, [reason.code.value for reason in seal.reasons]) == ("not-checked", ["xml-signature"])


def test_a_transcript_without_a_passed_course_is_named() -> None:
    with pytest.raises(BadDocument, match="no course that was passed"):
        read_document(transcript(("<status>passed</status>", "<status>failed</status>")), None, "t.xml")


def disclosure(*value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def sd_jwt(claims: dict[str, Any], *disclosures: str) -> bytes:
    signed = token(claims, KEYS["ES256"], jwk=jwk(KEYS["ES256"]), typ="dc+sd-jwt")
    return signed + "".join(f"~{text}" for text in disclosures).encode() + b"~"


def claims(*hidden: str) -> dict[str, Any]:
    badge = load("educredential.json")
    subject = disclosure("salt", "credentialSubject", badge["credentialSubject"])
    return {
        "vct": "urn:eudi:micro_credential:1",
        "iss": "https://example.com/issuers/34",
        "_sd_alg": "sha-256",
        "_sd": [digest(subject), *hidden],
        **{name: badge[name] for name in ("issuer", "validFrom")},
        "_subject": subject,
    }


def test_a_micro_credential_of_the_eu_wallet_is_read_as_far_as_it_is_disclosed() -> None:
    payload = claims(digest("decoy"))
    subject = payload.pop("_subject")
    document = read_document(sd_jwt(payload, subject))
    assert (described(document).ects, document.seal.status) == (3, "intact")
    assert [note.message for note in document.notes if note.subject == "_sd"] == [
        "Claims that are not disclosed: 1. What they state is unknown."
    ]


def test_an_achievement_that_was_not_disclosed_is_asked_for_by_name() -> None:
    payload = claims()
    payload.pop("_subject")
    with pytest.raises(UnsupportedFormat, match="no achievement") as refused:
        read_document(sd_jwt(payload))
    assert "not disclosed" in str(refused.value.advice)


def test_a_disclosure_that_was_not_signed_breaks_the_seal() -> None:
    payload = claims()
    subject = payload.pop("_subject")
    document = read_document(sd_jwt(payload, subject, disclosure("salt", "name", "Forged")))
    assert (document.seal.status, [reason.code.value for reason in document.seal.reasons]) == (
        "broken",
        ["other-disclosures"],
    )
    assert "Forged" not in [value.value for _, _, value in document.triples if hasattr(value, "value")]


NAMED = {
    "a PDF document": b"%PDF-1.7\n" + PERSONAL.encode(),
    "a picture without data": b"\xff\xd8\xff\xe0" + PERSONAL.encode(),
    "an encrypted token": b".".join([b"eyJhbGciOiJSU0EtT0FFUCJ9", *[PERSONAL.replace("-", "").encode()] * 4]),
    "an encrypted file": b"-----BEGIN PGP MESSAGE-----\n" + PERSONAL.encode(),
    "a certificate": b"-----BEGIN CERTIFICATE-----\n" + PERSONAL.encode(),
    "the beginning of a signed token": b"eyJhbGciOiJFUzI1NiJ9" + PERSONAL.replace("-", "").encode(),
    "without its signature": b"eyJhbGciOiJFUzI1NiJ9." + PERSONAL.replace("-", "").encode(),
    "a web page": b"<!DOCTYPE html><html><body>" + PERSONAL.encode(),
    "a Europass credential in XML": b"<?xml version='1.0'?><europassCredential xmlns='http://data.europa.eu/snb'>"
    + PERSONAL.encode(),
    "CASE": json.dumps({"CFDocument": {"title": PERSONAL}, "CFItems": []}).encode(),
    "a badge class": json.dumps(
        {"@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "name": PERSONAL}
    ).encode(),
    "a status list": json.dumps(
        {"@context": [], "type": ["VerifiableCredential", "BitstringStatusListCredential"], "id": PERSONAL}
    ).encode(),
    "a set of keys": json.dumps({"id": PERSONAL, "verificationMethod": []}).encode(),
}


@pytest.mark.parametrize("kind", NAMED)
def test_what_is_not_read_is_named_and_nothing_of_it_is_repeated(kind: str) -> None:
    (item,) = documents_in(NAMED[kind], "file")
    assert isinstance(item.error, UnsupportedFormat)
    assert kind in item.error.detail
    assert item.error.advice
    text = f"{item.error.detail} {item.error.advice}"
    assert PERSONAL not in text
    assert PERSONAL.replace("-", "") not in text


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 40, b"<", b"<svg", b"\x89PNG\r\n\x1a\n" + b"\xff" * 30, b'{"vp": {}}']
)
def test_a_broken_container_is_an_error_of_ours(content: bytes) -> None:
    with pytest.raises(MasteryError):
        read_document(content)
