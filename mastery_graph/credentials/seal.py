"""The seal of a document: a JAdES baseline signature (ETSI TS 119 182-1), which is a JWS.

joserfc checks each signature over the payload as RFC 7515 and, for `b64: false`, RFC 7797 say, with the key of the
certificate that it carries. Trust lists, revocation and time-stamp tokens are not consulted, and the result says so.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from mastery_graph.credentials.strict_json import parsed
from mastery_graph.errors import BadDocument, MasteryError
from mastery_graph.languages import Sentence, said

NOT_CHECKED: Final = (
    said("trust lists: whether the issuer of the certificate is trusted"),
    said("revocation of the certificate"),
    said("time-stamp tokens"),
)
MOST: Final = 20
"""Signatures of one document."""

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_UNDERSTOOD = {"b64", "sigT", "adoTst", "x5t#S256", "iat"}
"""Critical headers that are understood: `adoTst` holds time stamps, which are named as not checked."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What the seal of a document is worth: valid, broken or absent; by whom, when, and why it is broken.

    A document with several signatures has a valid seal where all of them are: `by` names all who signed, and the other
    fields are those of the first, or of the first that is broken.
    """

    status: Literal["valid", "broken", "absent"]
    by: str | None = None
    at: datetime | None = None
    reason: str | None = None
    certificate_valid_then: bool | None = None
    """Whether the certificate was valid at the time that the seal claims; None where that is not known."""
    not_checked: tuple[str, ...] = ()


ABSENT: Final = Seal("absent")
PROVED: Final = Seal("absent", not_checked=(said("the proof within the credential (W3C Data Integrity)"),))


def unseal(envelope: Mapping[str, Any]) -> tuple[bytes, Seal]:
    """Return the payload of a JWS in JSON serialisation (general or flattened), and its seal.

    Raises `BadDocument` where the envelope is not well formed, or does not hold its payload.
    """
    signatures = envelope.get("signatures", [envelope])
    payload = envelope.get("payload")
    if not payload:
        raise BadDocument(
            "The signature is detached: the document that it seals is not in it.", "Send it with its payload."
        )
    if not isinstance(payload, str) or not isinstance(signatures, list) or not 0 < len(signatures) <= MOST:
        raise BadDocument(f"The signed document lacks a payload, or has not 1 to {MOST} signatures.")
    headers = [_header(one) for one in signatures]
    encoded = {header.get("b64", True) is not False for header in headers}
    if len(encoded) > 1:
        raise BadDocument("The signatures do not agree on how the payload is encoded (RFC 7797, section 3).")
    try:
        content = _decoded(payload) if encoded.pop() else payload.encode()
    except ValueError:
        raise BadDocument("The payload of the signed document is not base64url.") from None
    seals = [_verified(header, one, payload) for header, one in zip(headers, signatures, strict=True)]
    return content, _together(seals)


def from_compact(text: str) -> dict[str, str] | None:
    """Return a JWS in compact serialisation as the flattened JSON that says the same; None where it is none."""
    parts = text.strip().split(".")
    if len(parts) != 3 or not text.startswith("ey"):
        return None
    return dict(zip(("protected", "payload", "signature"), parts, strict=True))


class _Registry(JWSRegistry):
    """The algorithms and headers of a seal, with sizes as certificates and documents have them."""

    max_header_length = 1_000_000
    max_payload_length = 100_000_000
    max_signature_length = 10_000

    def get_alg(self, name: str) -> Any:
        if name not in _ALGORITHMS:
            raise JoseError(name)
        return self.algorithms[name]


_REGISTRY = _Registry(
    {name: HeaderParameter(f"JAdES {name}", lambda _: None) for name in _UNDERSTOOD - {"b64"}},
    _ALGORITHMS,
    strict_check_header=False,
)


def _header(signature: object) -> dict[str, Any]:
    try:
        header = parsed(_decoded(str(signature["protected"])))  # type: ignore[index]  # else a TypeError
        if isinstance(header, dict):
            return header
    except (KeyError, TypeError, ValueError, MasteryError):
        pass
    raise BadDocument("The signed document has no readable protected header.")


def _verified(header: dict[str, Any], signature: Mapping[str, Any], payload: str) -> Seal:
    critical = header.get("crit", [])
    if "crit" in header and (not isinstance(critical, list) or not critical or not all(map(_is_text, critical))):
        return Seal("broken", reason=Sentence("Its list of critical headers is not one (RFC 7515, section 4.1.11)."))
    if unknown := set(critical) - _UNDERSTOOD:
        reason = Sentence(
            "It has critical headers that are not understood: {headers}.", headers=", ".join(sorted(unknown))
        )
        return Seal("broken", reason=reason)
    if header.get("b64") is False and "b64" not in critical:
        return Seal("broken", reason=Sentence("It uses b64 without naming it as critical (RFC 7797, section 6)."))
    try:
        encoded = base64.b64decode(header["x5c"][0], validate=True)
        certificate = x509.load_der_x509_certificate(encoded)
        key = _key(certificate)
        by = _subject(certificate)
    except (KeyError, IndexError, TypeError, ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        return Seal(
            "broken", reason=Sentence("It carries no readable certificate (x5c) with a key that can be checked.")
        )
    at = _time(header)
    then = None if at is None else certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    if fault := _fault(header, signature, payload, key, encoded):
        return Seal("broken", by, at, fault, then)
    return Seal("valid", by, at, None, then, NOT_CHECKED)


def _fault(
    header: Mapping[str, Any], signature: Mapping[str, Any], payload: str, key: Key, certificate: bytes
) -> str | None:
    """Return why a signature does not hold, or None where it does."""
    if digest := header.get("x5t#S256"):
        try:
            same = _decoded(str(digest)) == hashlib.sha256(certificate).digest()
        except ValueError:
            same = False
        if not same:
            return Sentence("Its certificate is not the one that the header's digest names.")
    kept = {name: signature[name] for name in ("protected", "signature", "header") if name in signature}
    flattened: Any = {"payload": payload, **kept}
    try:
        jws.deserialize_json(flattened, key, registry=_REGISTRY)
    except BadSignatureError:
        return Sentence("The signature does not fit the content: one of them was changed.")
    except (JoseError, KeyError, TypeError, ValueError, AttributeError):
        return Sentence(
            "The signature algorithm {algorithm} cannot be checked, or the signature is malformed.",
            algorithm=repr(header.get("alg")),
        )
    return None


def _together(seals: list[Seal]) -> Seal:
    first = next((one for one in seals if one.status == "broken"), seals[0])
    by = "; ".join(dict.fromkeys(one.by for one in seals if one.by))
    return Seal(first.status, by or None, first.at, first.reason, first.certificate_valid_then, first.not_checked)


def _key(certificate: x509.Certificate) -> Key:
    key = certificate.public_key()
    text = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, rsa.RSAPublicKey):
        return RSAKey.import_key(text)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return ECKey.import_key(text)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return OKPKey.import_key(text)
    raise ValueError(type(key).__name__)


def _time(header: Mapping[str, Any]) -> datetime | None:
    """Return the signing time that the seal claims: `sigT`, or `iat`."""
    try:
        if "sigT" in header:
            moment = datetime.fromisoformat(str(header["sigT"]))
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return datetime.fromtimestamp(int(header["iat"]), UTC) if "iat" in header else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _subject(certificate: x509.Certificate) -> str:
    names = [
        str(attribute.value)
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(kind)
    ]
    return ", ".join(dict.fromkeys(names)) or certificate.subject.rfc4514_string()


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
