"""Signed documents: JAdES baseline signatures (ETSI TS 119 182-1), JWT credentials and SD-JWTs, all of which are JWS.

joserfc checks each signature over the payload as RFC 7515 and, for `b64: false`, RFC 7797 say, with the key of the
certificate or of the header. Whose key that is, is judged elsewhere.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from mastery_graph.credentials.proofs.keys import (
    MIN_RSA_BITS,
    PublicKey,
    UnsupportedKey,
    bits_of,
    certificates_in,
    jose_key,
    key_in_header,
    key_of_certificate,
)
from mastery_graph.credentials.proofs.reasons import Code, Reason
from mastery_graph.credentials.proofs.signature import Signature, State
from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import BadDocument, MasteryError

MAX_SIGNATURES: Final = 20
"""Signatures of one document."""
COMPACT: Final = re.compile(r"\s*(ey[\w-]+)\.([\w-]*)\.([\w-]+)(~[\w.~-]*)?\s*")
"""A signed document in compact serialisation; an SD-JWT has its disclosures after `~`."""

_ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"),
)
_NOT_SIGNATURES: Final = ("none", "HS256", "HS384", "HS512")
"""Algorithms that nobody can sign with for others to check: with a public key they are a forgery."""
_UNDERSTOOD: Final = {"b64", "sigT", "adoTst", "x5t#S256", "iat"}
"""Critical headers that are understood: `adoTst` contains time stamps, which are named as not checked."""


def verify_signatures(envelope: Mapping[str, Any]) -> tuple[bytes, tuple[Signature, ...]]:
    """Return the payload of a JWS in JSON serialisation (general or flattened), and its signatures as checked.

    Raises `BadDocument` where the envelope is not well formed, or does not contain its payload.
    """
    signatures = envelope.get("signatures", [envelope])
    payload = envelope.get("payload")
    if not payload:
        raise BadDocument(
            "The signature is detached: the document that it seals is not in it.", "Send it with its payload."
        )
    if not isinstance(payload, str) or not isinstance(signatures, list) or not 0 < len(signatures) <= MAX_SIGNATURES:
        raise BadDocument(f"The signed document lacks a payload, or has not 1 to {MAX_SIGNATURES} signatures.")
    headers = [_header(signature) for signature in signatures]
    encoded = {header.get("b64", True) is not False for header in headers}
    if len(encoded) > 1:
        raise BadDocument("The signatures do not agree on how the payload is encoded (RFC 7797, section 3).")
    try:
        content = _decoded(payload) if encoded.pop() else payload.encode()
    except ValueError:
        raise BadDocument("The payload of the signed document is not base64url.") from None
    is_sd_jwt = "disclosures" in envelope or any("sd-jwt" in str(header.get("typ", "")) for header in headers)
    return content, tuple(
        _checked(header, signature, payload, _issued_at(content), is_sd_jwt=is_sd_jwt)
        for header, signature in zip(headers, signatures, strict=True)
    )


def parse_compact(text: str) -> dict[str, str] | None:
    """Return a JWS in compact serialisation, or an SD-JWT, as the flattened JSON of the same; None where it is none."""
    match = COMPACT.fullmatch(text)
    if not match:
        return None
    envelope = dict(zip(("protected", "payload", "signature"), match.groups()[:3], strict=True))
    return envelope | ({"disclosures": match[4]} if match[4] else {})


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
        header = parse_json(_decoded(str(signature["protected"])))  # type: ignore[index]  # else a TypeError
        if isinstance(header, dict):
            return header
    except (KeyError, TypeError, ValueError, MasteryError):
        pass
    raise BadDocument("The signed document has no readable protected header.")


def _checked(
    header: dict[str, Any], signature: Mapping[str, Any], payload: str, claimed: object, *, is_sd_jwt: bool
) -> Signature:
    """Return a signature as it was checked; `claimed` is the time of issuing that the payload states."""
    if fault := _bad_header(header):
        return Signature("broken", (fault,))
    at = _time(header, claimed)
    certificates: tuple[bytes, ...] = ()
    by: str | None
    try:
        if "x5c" in header:
            certificates = certificates_in(header)
            certificate = x509.load_der_x509_certificate(certificates[0])
            key, by = key_of_certificate(certificate), name_of(certificate)
        elif embedded := key_in_header(header):
            key, by = embedded
        else:
            return Signature("not-checked", (Reason(Code.NO_KEY),), at=at)
    except UnsupportedKey:
        return Signature("not-checked", (Reason(Code.UNSUPPORTED_KEY),), at=at)
    except (ValueError, TypeError, x509.InvalidVersion, binascii.Error):
        return Signature("broken", (Reason(Code.UNREADABLE_CERTIFICATE),), at=at)
    if fault := _fault(header, signature, payload, key, certificates):
        state: State = "not-checked" if fault.code is Code.UNSUPPORTED_ALGORITHM else "broken"
        return Signature(state, (fault,), by, at, certificates)
    if (bits := bits_of(key)) is not None and bits < MIN_RSA_BITS:
        return Signature("not-checked", (Reason(Code.WEAK_KEY, str(bits)),), by, at, certificates)
    if is_sd_jwt:
        return Signature("not-checked", (Reason(Code.SD_JWT),), by, at, certificates)
    return Signature("intact", () if certificates else (Reason(Code.BARE_KEY),), by, at, certificates)


def _bad_header(header: Mapping[str, Any]) -> Reason | None:
    """Return what in a header makes the signature invalid by its standard."""
    critical = header.get("crit", [])
    if "crit" in header and (not isinstance(critical, list) or not critical or not all(map(_is_text, critical))):
        return Reason(Code.BAD_CRITICAL_HEADERS)
    if unknown := set(critical) - _UNDERSTOOD:
        return Reason(Code.UNKNOWN_CRITICAL_HEADERS, ", ".join(sorted(unknown)))
    if header.get("b64") is False and "b64" not in critical:
        return Reason(Code.B64_NOT_CRITICAL)
    return None


def _fault(
    header: Mapping[str, Any],
    signature: Mapping[str, Any],
    payload: str,
    key: PublicKey,
    certificates: tuple[bytes, ...],
) -> Reason | None:
    """Return why a signature does not hold or cannot be checked, or None where it holds."""
    if certificates and (digest := header.get("x5t#S256")):
        try:
            same = _decoded(str(digest)) == hashlib.sha256(certificates[0]).digest()
        except ValueError:
            same = False
        if not same:
            return Reason(Code.OTHER_DIGEST)
    algorithm = header.get("alg")
    if isinstance(algorithm, str) and algorithm not in (*_ALGORITHMS, *_NOT_SIGNATURES):
        return Reason(Code.UNSUPPORTED_ALGORITHM, repr(algorithm))
    kept = {name: signature[name] for name in ("protected", "signature", "header") if name in signature}
    flattened: Any = {"payload": payload, **kept}
    try:
        jws.deserialize_json(flattened, jose_key(key), registry=_REGISTRY)
    except BadSignatureError:
        return Reason(Code.CHANGED)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError):
        return Reason(Code.MALFORMED, repr(algorithm))
    return None


def _time(header: Mapping[str, Any], claimed: object) -> datetime | None:
    """Return the signing time that the signature claims: `sigT`, or `iat` of the header or of the payload."""
    try:
        if "sigT" in header:
            moment = datetime.fromisoformat(str(header["sigT"]))
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        stated = header.get("iat", claimed)
        return None if stated is None else datetime.fromtimestamp(int(stated), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _issued_at(content: bytes) -> object:
    """Return the time of issuing that the claims of a JWT state (RFC 7519, section 4.1.6)."""
    try:
        claims = parse_json(content)
    except MasteryError:
        return None
    return claims.get("iat") if isinstance(claims, dict) else None


def name_of(certificate: x509.Certificate) -> str:
    """Return what a certificate calls its owner: organisation and common name."""
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
