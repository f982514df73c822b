"""Seals: signatures of each kind, made here with certificates of an authority of one's own, and what they are worth."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OKPKey

from mastery_graph.credentials.proofs.reasons import Code
from mastery_graph.credentials.proofs.seal import Seal
from mastery_graph.credentials.reading import read_document
from mastery_graph.errors import BadDocument, BadParameter, ContextRefused, UnsupportedFormat
from mastery_graph.options import Options, set_options
from tests.credentials.sealing import (
    DAY,
    KEYS,
    SEALED_AT,
    Certified,
    altered,
    certified,
    folder_of,
    header,
    name_of,
    sealed,
    signed,
    token,
)
from tests.validation.described import base

COLLEGE = "Example College"
ROOT = certified("Example Root", authority=True)
MIDDLE = certified("Example Seals", ROOT, authority=True)
SIGNER = certified(COLLEGE, MIDDLE)
OTHER_ROOT = certified("Other Root", authority=True)
BADGE: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": "https://college.example", "type": ["Profile"], "name": COLLEGE},
    "validFrom": "2025-01-01T00:00:00Z",
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "urn:example:a",
            "type": ["Achievement"],
            "name": "Waste",
            "criteria": {"narrative": "-"},
        },
    },
}


def credential() -> dict[str, Any]:
    document = base("issued")
    country = {"id": "http://publications.europa.eu/resource/authority/country/FIN", "type": "Concept"}
    location = {"type": "Location", "address": {"type": "Address", "countryCode": country}}
    document["issuer"] = {**document["issuer"], "legalName": {"en": COLLEGE}, "location": location}
    return document


DOCUMENT = json.dumps(credential())


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    """A folder of trust anchors, configured, with the root of the authority."""
    folder = folder_of(tmp_path / "anchors", ROOT)
    set_options(Options(trust_anchors=folder))
    return folder


def seal_of(content: bytes) -> Seal:
    return read_document(content).seal


def codes(seal: Seal) -> set[Code]:
    return {reason.code for reason in seal.reasons}


@pytest.mark.usefixtures("anchors")
def test_a_seal_of_the_issuer_under_a_trust_anchor_is_valid() -> None:
    seal = seal_of(sealed(DOCUMENT, SIGNER))
    assert (seal.status, seal.by, seal.at, seal.certificate_valid_then) == ("valid", COLLEGE, SEALED_AT, True)
    assert seal.reasons == ()
    assert len(seal.not_checked) == 3


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", list(KEYS))
@pytest.mark.parametrize("encoded", [True, False], ids=["encoded", "unencoded"])
def test_a_seal_of_each_algorithm_holds_until_one_letter_changes(algorithm: str, encoded: bool) -> None:
    signer = certified(COLLEGE, MIDDLE, key=KEYS[algorithm])
    more = {"b64": None, "crit": None} if encoded else {}
    envelope = json.loads(sealed(DOCUMENT, signer, algorithm, **more))
    seal = seal_of(json.dumps(envelope).encode())
    assert (seal.status, codes(seal)) == ("intact", {Code.NO_TRUST_ANCHORS})
    changed = DOCUMENT.replace("Waste", "Wasta")
    assert changed != DOCUMENT
    envelope["payload"] = base64.urlsafe_b64encode(changed.encode()).decode().rstrip("=") if encoded else changed
    broken = seal_of(json.dumps(envelope).encode())
    assert (broken.status, codes(broken)) == ("broken", {Code.CHANGED})


FUTURE = datetime(2190, 1, 1, tzinfo=UTC)
UNVERIFIED: dict[str, tuple[bytes, set[Code]]] = {
    "self-signed": (sealed(DOCUMENT, certified(COLLEGE)), {Code.SELF_SIGNED}),
    "expired": (sealed(DOCUMENT, certified(COLLEGE, MIDDLE, ends=SEALED_AT - DAY)), {Code.EXPIRED, Code.NO_PATH}),
    "not yet valid": (
        sealed(DOCUMENT, certified(COLLEGE, MIDDLE, begins=SEALED_AT + DAY)),
        {Code.NOT_YET_VALID, Code.NO_PATH},
    ),
    "of another organisation": (sealed(DOCUMENT, certified("Other Ltd", MIDDLE)), {Code.OTHER_ORGANISATION}),
    "of a namesake in another country": (
        sealed(DOCUMENT, certified(name_of(COLLEGE, country="SE"), MIDDLE)),
        {Code.OTHER_ORGANISATION},
    ),
    "under another root": (sealed(DOCUMENT, certified(COLLEGE, OTHER_ROOT)), {Code.NO_PATH}),
    "certificate not signed by the next": (
        sealed(
            DOCUMENT, Certified(SIGNER.key, (certified(COLLEGE, OTHER_ROOT, key=SIGNER.key).chain[0], *MIDDLE.chain))
        ),
        {Code.CHAIN_BROKEN, Code.NO_PATH},
    ),
    "signed by a certificate that is no authority": (
        sealed(DOCUMENT, certified(COLLEGE, SIGNER)),
        {Code.NO_PATH},
    ),
    "not for signing": (sealed(DOCUMENT, certified(COLLEGE, MIDDLE, for_signing=False)), {Code.NOT_FOR_SIGNING}),
    "without a time": (sealed(DOCUMENT, SIGNER, sigT=None), {Code.TIME_UNKNOWN, Code.NO_PATH}),
    "with a time that is none": (sealed(DOCUMENT, SIGNER, sigT="1 March"), {Code.TIME_UNKNOWN, Code.NO_PATH}),
    "in the future": (
        sealed(DOCUMENT, certified(COLLEGE, MIDDLE, ends=FUTURE + DAY), sigT=FUTURE.isoformat()),
        {Code.TIME_IN_FUTURE, Code.NO_PATH},
    ),
}


@pytest.mark.usefixtures("anchors")
@pytest.mark.parametrize("kind", UNVERIFIED)
def test_a_seal_whose_signer_is_not_verified_is_intact_and_says_why(kind: str) -> None:
    content, expected = UNVERIFIED[kind]
    seal = seal_of(content)
    assert (seal.status, codes(seal)) == ("intact", expected)
    assert seal.reason


def test_without_trust_anchors_no_seal_is_valid() -> None:
    seal = seal_of(sealed(DOCUMENT, SIGNER))
    assert (seal.status, codes(seal)) == ("intact", {Code.NO_TRUST_ANCHORS})


def test_a_self_signed_certificate_stays_unverified_even_as_a_trust_anchor(tmp_path: Path) -> None:
    own = certified(COLLEGE)
    set_options(Options(trust_anchors=folder_of(tmp_path, own)))
    assert codes(seal_of(sealed(DOCUMENT, own))) == {Code.SELF_SIGNED}


def test_a_certificate_between_may_be_a_trust_anchor_itself(tmp_path: Path) -> None:
    alone = sealed(DOCUMENT, Certified(SIGNER.key, SIGNER.chain[:1]))
    set_options(Options(trust_anchors=folder_of(tmp_path / "root", ROOT)))
    assert codes(seal_of(alone)) == {Code.NO_PATH}
    set_options(Options(trust_anchors=folder_of(tmp_path / "between", MIDDLE)))
    assert seal_of(alone).status == "valid"


@pytest.mark.usefixtures("anchors")
def test_the_awarding_body_may_seal_and_is_known_by_its_identifier_too() -> None:
    document = credential()
    document["issuer"] = {**document["issuer"], "legalName": {"en": "Some Platform"}}
    body = {
        "id": "https://body.example",
        "type": "Organisation",
        "legalName": {"en": "Awarding Body"},
        "registration": {"type": "LegalIdentifier", "notation": "IT 123-456"},
    }
    document["credentialSubject"]["hasClaim"][0]["awardedBy"] = {"type": "AwardingProcess", "awardingBody": [body]}
    by_name = certified("AWARDING  body", MIDDLE)
    by_identifier = certified(name_of("Ente certificatore", identifier="NTRIT-IT123456"), MIDDLE)
    assert seal_of(sealed(document, by_name)).status == "valid"
    assert seal_of(sealed(document, by_identifier)).status == "valid"
    assert codes(seal_of(sealed(document, SIGNER))) == {Code.OTHER_ORGANISATION}


@pytest.mark.usefixtures("anchors")
def test_the_time_of_issuing_stands_for_the_signing_time() -> None:
    seal = seal_of(sealed(DOCUMENT, SIGNER, sigT=None, iat=int(SEALED_AT.timestamp())))
    assert (seal.status, seal.at) == ("valid", SEALED_AT)


@pytest.mark.usefixtures("anchors")
def test_the_signing_time_goes_before_the_time_of_issuing_and_the_header_before_the_payload() -> None:
    later = int((SEALED_AT + DAY).timestamp())
    claims = json.dumps(credential() | {"iat": later})
    at_sealing = int(SEALED_AT.timestamp())
    assert seal_of(sealed(DOCUMENT, SIGNER, iat=later)).at == SEALED_AT
    assert seal_of(sealed(claims, SIGNER, sigT=None, iat=at_sealing)).at == SEALED_AT
    assert seal_of(sealed(claims, SIGNER, sigT=None)).at == SEALED_AT + DAY


@pytest.mark.usefixtures("anchors")
def test_a_certificate_is_valid_at_both_ends_of_its_time_and_not_beyond() -> None:
    second = timedelta(seconds=1)

    def judged(begins: datetime, ends: datetime) -> tuple[str, bool | None]:
        seal = seal_of(sealed(DOCUMENT, certified(COLLEGE, MIDDLE, begins=begins, ends=ends)))
        return seal.status, seal.certificate_valid_then

    assert judged(SEALED_AT, SEALED_AT + DAY) == ("valid", True)
    assert judged(SEALED_AT + second, SEALED_AT + DAY) == ("intact", False)
    assert judged(SEALED_AT - DAY, SEALED_AT) == ("valid", True)
    assert judged(SEALED_AT - DAY, SEALED_AT - second) == ("intact", False)


@pytest.mark.parametrize("setting", ["missing", "no certificate"])
def test_trust_anchors_that_cannot_be_read_are_an_error_and_not_none(setting: str, tmp_path: Path) -> None:
    folder = tmp_path / "anchors"
    if setting == "no certificate":
        folder.mkdir()
        (folder / "root.pem").write_text("no certificate", encoding="utf-8")
    set_options(Options(trust_anchors=folder))
    with pytest.raises(BadParameter, match="anchors"):
        seal_of(sealed(DOCUMENT, SIGNER))


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.usefixtures("anchors")
def test_a_weak_key_proves_nothing_and_breaks_all_the_same() -> None:
    weak = certified(COLLEGE, MIDDLE, key=rsa.generate_private_key(65537, 1024))  # noqa: S505  # on purpose
    content = sealed(DOCUMENT, weak, "RS256")
    assert (seal_of(content).status, codes(seal_of(content))) == ("not-checked", {Code.WEAK_KEY})
    assert seal_of(altered(content, "Waste", "Wasta")).status == "broken"


@pytest.mark.parametrize(
    ("present", "put", "status", "code"),
    [
        pytest.param("a003020102", "a003020112", "broken", Code.UNREADABLE_CERTIFICATE, id="of a version that is none"),
        pytest.param(
            "2a8648ce3d030107", "2a8648ce3d030106", "not-checked", Code.UNSUPPORTED_KEY, id="on an unknown curve"
        ),
        pytest.param(
            b"Example".hex(), "ff" * 7, "broken", Code.UNREADABLE_CERTIFICATE, id="with a name that is no text"
        ),
    ],
)
def test_a_certificate_that_cannot_be_read(present: str, put: str, status: str, code: Code) -> None:
    damaged = SIGNER.der[0].replace(bytes.fromhex(present), bytes.fromhex(put))
    assert damaged != SIGNER.der[0]
    encoded = [base64.b64encode(damaged).decode()]
    seal = seal_of(sealed(DOCUMENT, SIGNER, **{"x5c": encoded, "x5t#S256": None}))
    assert (seal.status, codes(seal)) == (status, {code})


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"crit": ["b64", "sigT", "surprise"], "surprise": 1}, Code.UNKNOWN_CRITICAL_HEADERS),
        ({"crit": ["sigT"]}, Code.B64_NOT_CRITICAL),
        ({"crit": []}, Code.BAD_CRITICAL_HEADERS),
        ({"crit": ["b64", 7]}, Code.BAD_CRITICAL_HEADERS),
        ({"crit": ["b64", ["sigT"]]}, Code.BAD_CRITICAL_HEADERS),
        ({"crit": "b64"}, Code.BAD_CRITICAL_HEADERS),
        ({"x5t#S256": "AAAA"}, Code.OTHER_DIGEST),
        ({"x5c": ["AAAA"]}, Code.UNREADABLE_CERTIFICATE),
        ({"x5c": []}, Code.UNREADABLE_CERTIFICATE),
        *(({"alg": name}, Code.MALFORMED) for name in ("none", "HS256", "RS256", None, 7)),
    ],
)
def test_a_header_that_promises_something_else_breaks_the_seal(more: dict[str, Any], code: Code) -> None:
    envelope = json.loads(sealed(DOCUMENT, SIGNER))
    protected = header(SIGNER) | more
    envelope["protected"] = base64.urlsafe_b64encode(json.dumps(protected).encode()).decode().rstrip("=")
    if more.get("alg") == "none":
        envelope["signature"] = ""
    seal = seal_of(json.dumps(envelope).encode())
    assert (seal.status, codes(seal)) == ("broken", {code})


def test_an_algorithm_that_is_not_supported_is_not_checked() -> None:
    envelope = json.loads(sealed(DOCUMENT, SIGNER))
    protected = header(SIGNER) | {"alg": "ML-DSA-65"}
    envelope["protected"] = base64.urlsafe_b64encode(json.dumps(protected).encode()).decode().rstrip("=")
    seal = seal_of(json.dumps(envelope).encode())
    assert (seal.status, codes(seal)) == ("not-checked", {Code.UNSUPPORTED_ALGORITHM})


@pytest.mark.usefixtures("anchors")
def test_of_several_signatures_the_worst_counts() -> None:
    second = certified("Second", MIDDLE)
    parts = [signed(header(one), one.key, DOCUMENT) for one in (SIGNER, second)]
    both = {"payload": DOCUMENT, "signatures": [{k: v for k, v in part.items() if k != "payload"} for part in parts]}
    seal = seal_of(json.dumps(both).encode())
    assert (seal.status, seal.by, codes(seal)) == ("intact", f"{COLLEGE}; Second", {Code.OTHER_ORGANISATION})
    both["signatures"][1]["signature"] = both["signatures"][0]["signature"]  # type: ignore[index]
    assert seal_of(json.dumps(both).encode()).status == "broken"


def test_signatures_that_disagree_on_the_encoding_are_refused() -> None:
    parts = [
        signed(header(SIGNER), SIGNER.key, DOCUMENT),
        signed(header(SIGNER, b64=None, crit=None), SIGNER.key, DOCUMENT),
    ]
    both = {"payload": DOCUMENT, "signatures": [{k: v for k, v in part.items() if k != "payload"} for part in parts]}
    with pytest.raises(BadDocument, match="7797"):
        seal_of(json.dumps(both).encode())


@pytest.mark.usefixtures("anchors")
def test_a_seal_in_compact_form_is_read() -> None:
    whole = json.loads(sealed(DOCUMENT, SIGNER, b64=None, crit=None))
    compact = ".".join(whole[name] for name in ("protected", "payload", "signature"))
    assert read_document(compact.encode()).seal.status == "valid"


def did_key(key: Any) -> str:
    """Return a did:key of an Ed25519 or P-256 key."""
    public = key.public_key()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = b"\xed\x01" + public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        raw = b"\x80\x24" + public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, place = divmod(number, 58)
        text = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[place] + text
    return f"did:key:z{text}"


def jwk(key: Any) -> dict[str, Any]:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kind: Any = OKPKey if isinstance(key, ed25519.Ed25519PrivateKey) else ECKey
    return dict(kind.import_key(public).as_dict(private=False))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
@pytest.mark.parametrize("place", ["did:key", "did:jwk", "jwk"])
def test_a_token_with_its_key_in_the_header_is_checked_and_its_signer_is_not_verified(
    algorithm: str, place: str
) -> None:
    key = KEYS[algorithm]
    encoded = base64.urlsafe_b64encode(json.dumps(jwk(key)).encode()).decode().rstrip("=")
    did = {"did:key": did_key(key), "did:jwk": f"did:jwk:{encoded}", "jwk": "https://college.example"}[place]
    document = BADGE | {"issuer": {**BADGE["issuer"], "id": did}}
    protected: dict[str, Any] = {"jwk": jwk(key)} if place == "jwk" else {"kid": f"{did}#0"}
    content = token({"iss": did, "vc": document}, key, algorithm, **protected)
    assert (seal_of(content).status, codes(seal_of(content))) == ("intact", {Code.BARE_KEY})
    first, second, third = content.decode().split(".")
    forged = (
        token({"iss": did, "vc": document | {"name": "Forged"}}, key, algorithm, **protected).decode().split(".")[1]
    )
    assert second != forged
    assert seal_of(f"{first}.{forged}.{third}".encode()).status == "broken"


def test_a_token_of_another_issuer_is_said_to_be_that() -> None:
    key = KEYS["ES256"]
    content = token({"iss": did_key(key), "vc": BADGE}, key, kid=did_key(key))
    assert Code.OTHER_ISSUER in codes(seal_of(content))


@pytest.mark.parametrize("kid", ["did:web:college.example#1", "1", "did:key:zzzz", "did:key:z", "did:jwk:%%%"])
def test_a_token_whose_key_is_elsewhere_is_not_checked(kid: str) -> None:
    seal = seal_of(token({"iss": "https://college.example", "vc": BADGE}, KEYS["ES256"], kid=kid))
    assert seal.status == "not-checked"
    assert codes(seal) <= {Code.NO_KEY, Code.UNSUPPORTED_KEY}


def test_an_sd_jwt_with_a_disclosure_that_was_not_signed_is_broken() -> None:
    content = (
        token(BADGE, KEYS["ES256"], jwk=jwk(KEYS["ES256"]), typ="vc+sd-jwt") + b"~WyJzYWx0IiwgIm5hbWUiLCAiQWlubyJd~"
    )
    assert (seal_of(content).status, codes(seal_of(content))) == ("broken", {Code.OTHER_DISCLOSURES})


def test_an_sd_jwt_vc_of_something_else_is_refused_without_repeating_it() -> None:
    content = token({"iss": "https://college.example", "vct": "urn:example:vct"}, KEYS["ES256"], typ="dc+sd-jwt") + b"~"
    with pytest.raises(UnsupportedFormat) as refused:
        seal_of(content)
    assert content.decode()[:40] not in str(refused.value)


PROOF = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofValue": "z1"}


@pytest.mark.parametrize(
    "proof",
    [PROOF, PROOF | {"@context": BADGE["@context"]}, [PROOF, PROOF | {"cryptosuite": "ecdsa-sd-2023"}]],
    ids=["plain", "with its own context", "several"],
)
@pytest.mark.parametrize("document", [BADGE, base("issued")], ids=["badge", "elm"])
def test_a_proof_within_a_credential_is_not_checked_and_not_absent(document: dict[str, Any], proof: object) -> None:
    seal = seal_of(json.dumps(document | {"proof": proof}).encode())
    assert (seal.status, codes(seal)) == ("not-checked", {Code.DATA_INTEGRITY})
    assert "eddsa-jcs-2022" in (seal.reason or "")


def test_a_proof_in_turtle_is_not_absent_either() -> None:
    text = (
        "<urn:c> a <http://data.europa.eu/snb/model/elm/EuropeanDigitalCredential> ; "
        "<https://w3id.org/security#proof> [ a <https://w3id.org/security#DataIntegrityProof> ] ."
    )
    assert read_document(text.encode(), "text/turtle").seal.status == "not-checked"


@pytest.mark.usefixtures("anchors")
def test_a_proof_beside_a_seal_is_named_as_not_checked() -> None:
    seal = seal_of(sealed(credential() | {"proof": PROOF}, SIGNER))
    assert (seal.status, len(seal.not_checked)) == ("valid", 4)


@pytest.mark.parametrize("context", ["nested", "unknown", "none"])
@pytest.mark.parametrize("kind", ["proof", "seal"])
def test_nobody_is_advised_to_change_a_document_that_is_sealed_or_proved(context: str, kind: str) -> None:
    document: dict[str, Any] = credential()
    if context == "nested":
        document["credentialSubject"]["@context"] = document["@context"]
    elif context == "unknown":
        document["@context"] = [*document["@context"], "https://unknown.example/context"]
    else:
        del document["@context"]
    content = sealed(document, SIGNER) if kind == "seal" else json.dumps(document | {"proof": PROOF}).encode()
    with pytest.raises((BadDocument, ContextRefused)) as refused:
        read_document(content)
    assert refused.value.advice.startswith("Leave it as it is")
    with pytest.raises((BadDocument, ContextRefused)) as plain:
        read_document(json.dumps(document).encode())
    assert plain.value.detail == refused.value.detail


def ends(content: bytes) -> set[tuple[str, str]]:
    names = ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate")
    return {
        (name, triple.object.value[:10])  # type: ignore[union-attr]
        for triple in read_document(content).triples
        for name in names
        if triple.predicate.value.endswith(f"#{name}")
    }


@pytest.mark.parametrize(
    ("stated", "claims", "expected"),
    [
        ({}, {"exp": 1735689600}, {("expirationDate", "2025-01-01")}),
        ({"validUntil": "2030-01-01T00:00:00Z"}, {"exp": 1735689600}, {("validUntil", "2025-01-01")}),
        ({"expirationDate": "2024-01-01T00:00:00Z"}, {"exp": 1735689600}, {("expirationDate", "2024-01-01")}),
        ({}, {"exp": "soon"}, {("expirationDate", "soon")}),
        ({}, {"nbf": 1893456000}, {("validFrom", "2030-01-01")}),
        ({}, {"nbf": 1000000000}, set()),
    ],
)
def test_a_credential_lasts_no_longer_than_its_token(
    stated: dict[str, Any], claims: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    key = KEYS["ES256"]
    document = {name: value for name, value in base("issued").items() if name != "validUntil"}
    content = token({**claims, "vc": document | stated}, key, jwk=jwk(key))
    own = ends(json.dumps(document).encode())
    assert ends(content) - own == expected


def test_a_credential_that_is_the_payload_of_a_token_has_its_claims_too() -> None:
    key = KEYS["ES256"]
    content = token({**BADGE, "iss": "https://college.example", "exp": 1735689600}, key, jwk=jwk(key))
    assert ("validUntil", "2025-01-01") in ends(content)


@pytest.mark.parametrize("payload", ["", None])
def test_a_detached_signature_is_refused_with_advice(payload: str | None) -> None:
    with pytest.raises(BadDocument, match="detached"):
        seal_of(json.dumps(json.loads(sealed(DOCUMENT, SIGNER)) | {"payload": payload}).encode())


@pytest.mark.parametrize(
    "envelope",
    [
        {"payload": "x", "signatures": []},
        {"payload": "x", "signatures": [7]},
        {"payload": "x", "protected": "%%%"},
        {"payload": "x", "protected": "W10"},
        {"payload": 7, "protected": "e30"},
    ],
)
def test_an_envelope_that_is_none_is_refused(envelope: dict[str, Any]) -> None:
    with pytest.raises(BadDocument):
        seal_of(json.dumps(envelope).encode())


def test_more_signatures_than_are_checked_are_refused_for_their_number() -> None:
    part = {k: v for k, v in signed(header(SIGNER), SIGNER.key, DOCUMENT).items() if k != "payload"}
    most = {"payload": DOCUMENT, "signatures": [part] * 20}
    assert seal_of(json.dumps(most).encode()).status == "intact"
    with pytest.raises(BadDocument, match="between 1 and 20 signatures"):
        seal_of(json.dumps(most | {"signatures": [part] * 21}).encode())


def test_what_the_authority_makes_is_what_it_says() -> None:
    """The certificates of these tests lead to their root, so that a test that fails to verify fails for its reason."""
    assert isinstance(SIGNER.key, ec.EllipticCurvePrivateKey)
    leaf, middle = SIGNER.chain
    leaf.verify_directly_issued_by(middle)
    middle.verify_directly_issued_by(ROOT.chain[0])
    assert isinstance(leaf, x509.Certificate)
