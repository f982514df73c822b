"""Seals for tests: certificate authorities and certificates of our own, and documents that are sealed with them."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter

SEALED_AT = datetime(2025, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES256K": ec.generate_private_key(ec.SECP256K1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
KEYS["PS256"] = KEYS["RS256"]


def name_of(organisation: str, *, country: str = "", identifier: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    parts += [x509.NameAttribute(NameOID.COUNTRY_NAME, country)] if country else []
    parts += [x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, identifier)] if identifier else []
    return x509.Name(parts)


@dataclass(frozen=True)
class Certified:
    """A key with the certificates that lead from it, its own first."""

    key: Any
    chain: tuple[x509.Certificate, ...]

    @property
    def name(self) -> x509.Name:
        return self.chain[0].subject

    @property
    def der(self) -> tuple[bytes, ...]:
        return tuple(each.public_bytes(Encoding.DER) for each in self.chain)


def certified(
    name: x509.Name | str,
    by: Certified | None = None,
    *,
    key: Any = None,
    begins: datetime = SEALED_AT - 365 * DAY,
    ends: datetime = SEALED_AT + 365 * DAY,
    authority: bool = False,
    for_signing: bool = True,
) -> Certified:
    """Return a key with a certificate, by an authority or self-signed."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = name_of(name) if isinstance(name, str) else name
    signer = by.key if by else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.name if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_use(authority, for_signing), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    made = builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    beyond = tuple(each for each in by.chain if each.subject != each.issuer) if by else ()
    return Certified(key, (made, *beyond))


def _use(authority: bool, for_signing: bool) -> x509.KeyUsage:
    signing = for_signing and not authority
    return x509.KeyUsage(
        digital_signature=signing,
        content_commitment=signing,
        key_encipherment=not authority and not for_signing,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def folder_of(folder: Path, *roots: Certified) -> Path:
    """Write the certificates of roots into a folder of trust anchors."""
    folder.mkdir(exist_ok=True)
    for number, root in enumerate(roots):
        (folder / f"{number}.pem").write_bytes(root.chain[0].public_bytes(Encoding.PEM))
    return folder


def header(signer: Certified, algorithm: str = "ES256", **more: object) -> dict[str, Any]:
    """Return a protected header as JAdES has it; a value of None leaves a name out."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(signer.der[0]).digest()).decode().rstrip("=")
    whole = {
        "alg": algorithm,
        "x5c": [base64.b64encode(each).decode() for each in signer.der],
        "x5t#S256": digest,
        "sigT": SEALED_AT.isoformat(),
        "b64": False,
        "crit": ["b64"],
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def signed(protected: dict[str, Any], key: Any, payload: str) -> dict[str, Any]:
    """Return a payload signed with a key, as flattened JSON."""
    algorithm = str(protected["alg"])
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kind: Any = ECKey if algorithm.startswith("ES") else OKPKey if algorithm == "EdDSA" else RSAKey
    names = {name: HeaderParameter(name, lambda _: None) for name in ("sigT", "surprise")}
    registry = jws.JWSRegistry(names, [algorithm], strict_check_header=False)
    return dict(jws.serialize_json({"protected": protected}, payload, kind.import_key(text), registry=registry))


def sealed(document: object, signer: Certified, algorithm: str = "ES256", **more: object) -> bytes:
    """Return a document sealed by a signer."""
    payload = document if isinstance(document, str) else json.dumps(document)
    return json.dumps(signed(header(signer, algorithm, **more), signer.key, payload)).encode()


def token(claims: dict[str, Any], key: Any, algorithm: str = "ES256", **protected: object) -> bytes:
    """Return a JWT, in compact form."""
    whole = signed({"alg": algorithm, **protected}, key, json.dumps(claims))
    return ".".join(whole[name] for name in ("protected", "payload", "signature")).encode()


def altered(envelope: bytes, old: str, new: str) -> bytes:
    """Return a sealed document whose content was changed after it was sealed."""
    whole = json.loads(envelope)
    assert old in whole["payload"]
    return json.dumps(whole | {"payload": whole["payload"].replace(old, new)}).encode()
