"""Seals: signatures of each kind, made here with certificates of their own, and what breaks them."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter

from mastery_graph.credentials.reading import read_document
from mastery_graph.credentials.seal import Seal
from mastery_graph.errors import BadDocument

DOCUMENT = json.dumps(
    {
        "@context": ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"],
        "type": "Qualification",
        "title": {"en": "Waste prevention"},
    }
)
SIGNED_AT = datetime(2025, 3, 1, tzinfo=UTC)
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
KEYS["PS256"] = KEYS["RS256"]


def certificate(key: Any, name: str = "Example Seal", ends: datetime = SIGNED_AT + timedelta(days=30)) -> bytes:
    said = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(said)
        .issuer_name(said)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(SIGNED_AT - timedelta(days=30))
        .not_valid_after(ends)
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


def header(algorithm: str, of: bytes, **more: object) -> dict[str, Any]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(of).digest()).decode().rstrip("=")
    return {
        "alg": algorithm,
        "x5c": [base64.b64encode(of).decode()],
        "x5t#S256": digest,
        "sigT": SIGNED_AT.isoformat(),
        "b64": False,
        "crit": ["b64", "sigT"],
        **more,
    }


def signed(algorithm: str, protected: dict[str, Any], key: Any, payload: str = DOCUMENT) -> dict[str, Any]:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kind: Any = ECKey if algorithm.startswith("ES") else OKPKey if algorithm == "EdDSA" else RSAKey
    names = {name: HeaderParameter(name, lambda _: None) for name in ("sigT", "surprise")}
    registry = jws.JWSRegistry(names, [algorithm], strict_check_header=False)
    return dict(jws.serialize_json({"protected": protected}, payload, kind.import_key(text), registry=registry))


def seal_of(envelope: object) -> Seal:
    return read_document(json.dumps(envelope).encode()).seal


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", list(KEYS))
@pytest.mark.parametrize("encoded", [True, False], ids=["encoded", "unencoded"])
def test_a_seal_of_each_algorithm_holds_until_one_letter_changes(algorithm: str, encoded: bool) -> None:
    key = KEYS[algorithm]
    protected = header(algorithm, certificate(key))
    if encoded:
        del protected["b64"]
        protected["crit"] = ["sigT"]
    envelope = signed(algorithm, protected, key)
    seal = seal_of(envelope)
    assert (seal.status, seal.by, seal.at, seal.certificate_valid_then) == ("valid", "Example Seal", SIGNED_AT, True)
    assert len(seal.not_checked) == 3
    changed = DOCUMENT.replace("Waste", "Wasta")
    envelope["payload"] = base64.urlsafe_b64encode(changed.encode()).decode().rstrip("=") if encoded else changed
    assert seal_of(envelope).status == "broken"


@pytest.mark.parametrize(
    ("stands", "put"),
    [
        pytest.param(bytes.fromhex("a003020102"), bytes.fromhex("a003020112"), id="of a version that is none"),
        pytest.param(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030106"), id="on a curve not known"),
        pytest.param(b"Example", b"\xff\xff\xff\xff\xff\xff\xff", id="with a name that is no text"),
    ],
)
def test_a_certificate_that_cannot_be_read_breaks_the_seal(stands: bytes, put: bytes) -> None:
    key = KEYS["ES256"]
    whole = certificate(key)
    assert stands in whole
    seal = seal_of(signed("ES256", header("ES256", whole.replace(stands, put)), key))
    assert seal.status == "broken"
    assert "x5c" in (seal.reason or "")


def test_a_certificate_that_had_ended_is_said_to_have_ended() -> None:
    key = KEYS["ES256"]
    ended = certificate(key, ends=SIGNED_AT - timedelta(days=1))
    seal = seal_of(signed("ES256", header("ES256", ended), key))
    assert (seal.status, seal.certificate_valid_then) == ("valid", False)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"crit": ["b64", "sigT", "surprise"], "surprise": 1}, "surprise"),
        ({"crit": ["sigT"]}, "RFC 7797"),
        ({"crit": []}, "4.1.11"),
        ({"x5t#S256": "AAAA"}, "digest"),
        ({"x5c": ["AAAA"]}, "x5c"),
        ({"x5c": []}, "x5c"),
    ],
)
def test_a_header_that_promises_something_else_breaks_the_seal(more: dict[str, Any], words: str) -> None:
    key = KEYS["ES256"]
    envelope = signed("ES256", header("ES256", certificate(key)), key)
    said = header("ES256", certificate(key)) | more
    envelope["protected"] = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    seal = seal_of(envelope)
    assert seal.status == "broken"
    assert words in (seal.reason or "")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "XX", None, 7])
def test_no_other_algorithm_passes_with_the_key_of_the_certificate(algorithm: object) -> None:
    key = KEYS["ES256"]
    envelope = signed("ES256", header("ES256", certificate(key)), key)
    said = header("ES256", certificate(key)) | {"alg": algorithm}
    envelope["protected"] = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    envelope["signature"] = "" if algorithm == "none" else envelope["signature"]
    assert seal_of(envelope).status == "broken"


def test_several_signatures_hold_together_or_not_at_all() -> None:
    first, second = KEYS["ES256"], KEYS["RS256"]
    parts = [
        signed("ES256", header("ES256", certificate(first, "First")), first),
        signed("RS256", header("RS256", certificate(second, "Second")), second),
    ]
    both = {"payload": DOCUMENT, "signatures": [{k: v for k, v in part.items() if k != "payload"} for part in parts]}
    assert (seal_of(both).status, seal_of(both).by) == ("valid", "First; Second")
    both["signatures"][1]["signature"] = both["signatures"][0]["signature"]  # type: ignore[index]
    assert seal_of(both).status == "broken"


def test_a_seal_in_compact_form_is_read() -> None:
    key = KEYS["ES256"]
    protected = header("ES256", certificate(key))
    del protected["b64"]
    protected["crit"] = ["sigT"]
    whole = signed("ES256", protected, key)
    compact = ".".join(whole[name] for name in ("protected", "payload", "signature"))
    assert read_document(compact.encode()).seal.status == "valid"


@pytest.mark.parametrize("payload", ["", None])
def test_a_detached_signature_is_refused_with_advice(payload: str | None) -> None:
    key = KEYS["ES256"]
    with pytest.raises(BadDocument, match="detached"):
        seal_of(signed("ES256", header("ES256", certificate(key)), key) | {"payload": payload})


@pytest.mark.parametrize(
    "envelope",
    [
        {"payload": "x", "signatures": []},
        {"payload": "x", "signatures": [7]},
        {"payload": "x", "signatures": [{"protected": "e30"}] * 21},
        {"payload": "x", "protected": "%%%"},
        {"payload": "x", "protected": "W10"},
        {"payload": 7, "protected": "e30"},
    ],
)
def test_an_envelope_that_is_none_is_refused(envelope: dict[str, Any]) -> None:
    with pytest.raises(BadDocument):
        seal_of(envelope)
