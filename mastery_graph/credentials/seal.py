"""The seal of a document: a JAdES baseline signature (ETSI TS 119 182-1) in the JWS JSON serialisation.

The signature is checked over the payload as RFC 7515 and, for `b64: false`, RFC 7797 say, with the key of the
certificate that it carries. Trust lists, revocation and time-stamp tokens are not consulted, and the result says so.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID

from mastery_graph.errors import BadDocument

NOT_CHECKED = (
    "trust lists: whether the issuer of the certificate is trusted",
    "revocation of the certificate",
    "time-stamp tokens",
)
_UNDERSTOOD = {"b64", "sigT", "adoTst", "sigD", "x5t#S256", "iat"}
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@dataclass(frozen=True, slots=True)
class Seal:
    """What the seal of a document is worth: valid, broken or absent; by whom, when, and why it is broken."""

    status: Literal["valid", "broken", "absent"]
    by: str | None = None
    at: datetime | None = None
    reason: str | None = None
    certificate_valid_then: bool | None = None
    """Whether the certificate was valid at the time that the seal claims; None where that is not known."""
    not_checked: tuple[str, ...] = ()


ABSENT = Seal("absent")


def unseal(envelope: Mapping[str, Any]) -> tuple[bytes, Seal]:
    """Return the payload of a JWS in JSON serialisation (general or flattened), and its seal.

    Raises `BadDocument` where the envelope is not well formed.
    """
    signatures = envelope.get("signatures") or [envelope]
    payload = envelope.get("payload")
    if not isinstance(payload, str) or not isinstance(signatures, list) or not isinstance(signatures[0], dict):
        raise BadDocument("The signed document lacks a payload, or signatures.")
    signature = signatures[0]
    try:
        protected = str(signature["protected"])
        header = json.loads(_decoded(protected))
        unencoded = header.get("b64") is False
        content = payload.encode() if unencoded else _decoded(payload)
    except (KeyError, ValueError, AttributeError):
        raise BadDocument("The signed document has no readable protected header, or payload.") from None
    return content, _verified(header, protected, payload, str(signature.get("signature", "")))


def _verified(header: dict[str, Any], protected: str, payload: str, signature: str) -> Seal:
    unknown = set(header.get("crit", [])) - _UNDERSTOOD
    if unknown:
        return Seal("broken", reason=f"It has critical headers that are not understood: {', '.join(sorted(unknown))}.")
    if header.get("b64") is False and "b64" not in header.get("crit", []):
        return Seal("broken", reason="It uses b64 without naming it as critical (RFC 7797, section 6).")
    try:
        encoded = base64.b64decode(header["x5c"][0], validate=True)
        certificate = x509.load_der_x509_certificate(encoded)
    except (KeyError, IndexError, TypeError, ValueError):
        return Seal("broken", reason="It carries no readable certificate (x5c).")
    at = _time(header)
    seal = partial(
        Seal,
        by=_subject(certificate),
        at=at,
        certificate_valid_then=None
        if at is None
        else certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc,
    )
    digest = header.get("x5t#S256")
    if digest and _decoded(digest) != hashlib.sha256(encoded).digest():
        return seal("broken", reason="Its certificate is not the one that the header's digest names.")
    try:
        _check(str(header.get("alg")), certificate.public_key())(_decoded(signature), f"{protected}.{payload}".encode())
    except InvalidSignature:
        return seal("broken", reason="The signature does not fit the content: one of them was changed.")
    except (KeyError, TypeError, ValueError, UnsupportedAlgorithm, AttributeError):
        return seal("broken", reason=f"The signature algorithm {header.get('alg')!r} cannot be checked.")
    return seal("valid", not_checked=NOT_CHECKED)


def _check(algorithm: str, key: Any) -> Callable[[bytes, bytes], object]:
    """Return the function that checks a signature by one of the algorithms of RFC 7518 and RFC 8037."""
    if algorithm == "EdDSA" and isinstance(key, ed25519.Ed25519PublicKey):
        return key.verify
    digest = _HASHES[algorithm[2:]]
    if algorithm.startswith("RS") and isinstance(key, rsa.RSAPublicKey):
        return lambda signature, data: key.verify(signature, data, padding.PKCS1v15(), digest)
    if algorithm.startswith("PS") and isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
        return lambda signature, data: key.verify(signature, data, pss, digest)
    if algorithm.startswith("ES") and isinstance(key, ec.EllipticCurvePublicKey):

        def verify(signature: bytes, data: bytes) -> None:
            half = len(signature) // 2
            r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))

        return verify
    raise ValueError(algorithm)


def _time(header: Mapping[str, Any]) -> datetime | None:
    """Return the signing time that the seal claims: `sigT`, or `iat`."""
    try:
        if "sigT" in header:
            return datetime.fromisoformat(str(header["sigT"])).astimezone(UTC)
        return datetime.fromtimestamp(int(header["iat"]), UTC) if "iat" in header else None
    except (ValueError, OverflowError):
        return None


def _subject(certificate: x509.Certificate) -> str:
    names = [
        str(attribute.value)
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(kind)
    ]
    return ", ".join(dict.fromkeys(names)) or certificate.subject.rfc4514_string()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
