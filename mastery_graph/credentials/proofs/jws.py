"""Verification of JWS: JAdES baseline signatures (ETSI TS 119 182-1), JWT credentials and SD-JWTs.

joserfc checks each signature of the payload (RFC 7515 and, for `b64: false`, RFC 7797) with the key of the certificate
or of the header. The owner of the key is assessed in `signer`.
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
from mastery_graph.languages import Message

MAX_SIGNATURES: Final = 20
"""The limit on the signatures of a document."""
COMPACT: Final = re.compile(r"\s*(ey[\w-]+)\.([\w-]*)\.([\w-]+)(~[\w.~-]*)?\s*")
"""The compact serialisation of a signed document; an SD-JWT has disclosures after `~`."""

_ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"),
)
_NON_SIGNATURE_ALGORITHMS: Final = ("none", "HS256", "HS384", "HS512")
"""Algorithms that are no public-key signatures: together with a public key they indicate a forgery."""
_SUPPORTED_CRITICAL_HEADERS: Final = {"b64", "sigT", "adoTst", "x5t#S256", "iat"}
"""Supported critical headers. `adoTst` contains time stamps, which are reported as not checked."""


def verify_signatures(envelope: Mapping[str, Any]) -> tuple[bytes, tuple[Signature, ...]]:
    """Return the payload of a JWS in JSON serialisation (general or flattened), and its checked signatures.

    Raises `BadDocument` if the envelope is not well formed or does not contain its payload.
    """
    signatures = envelope.get("signatures", [envelope])
    payload = envelope.get("payload")
    if not payload:
        raise BadDocument(
            Message("The signature is detached: it does not contain the document that it seals."),
            Message("Send it with its payload."),
        )
    if not isinstance(payload, str) or not isinstance(signatures, list) or not 0 < len(signatures) <= MAX_SIGNATURES:
        raise BadDocument(
            Message(
                "The signed document has no payload, or not between 1 and {max_signatures} signatures.",
                max_signatures=MAX_SIGNATURES,
            )
        )
    headers = [_header(signature) for signature in signatures]
    encodings = {header.get("b64", True) is not False for header in headers}
    if len(encodings) > 1:
        raise BadDocument(Message("The signatures do not agree on how the payload is encoded (RFC 7797, section 3)."))
    try:
        content = _decode_base64url(payload) if encodings.pop() else payload.encode()
    except ValueError:
        raise BadDocument(Message("The payload of the signed document is not base64url.")) from None
    return content, tuple(
        _check(header, signature, payload, _issued_at(content))
        for header, signature in zip(headers, signatures, strict=True)
    )


def parse_compact(text: str) -> dict[str, Any] | None:
    """Convert a JWS in compact serialisation, or an SD-JWT, to flattened JSON; return None for other texts.

    The disclosures of an SD-JWT are a list; the token that binds it to the holder's key (RFC 9901) is left out.
    """
    match = COMPACT.fullmatch(text)
    if not match:
        return None
    envelope: dict[str, Any] = dict(zip(("protected", "payload", "signature"), match.groups()[:3], strict=True))
    disclosures = [text for text in (match[4] or "").split("~") if text and "." not in text]
    return envelope | ({"disclosures": disclosures} if match[4] else {})


class _SealRegistry(JWSRegistry):
    """The supported algorithms and headers, with size limits that suit certificates and documents."""

    max_header_length = 1_000_000
    max_payload_length = 100_000_000
    max_signature_length = 10_000

    def get_alg(self, name: str) -> Any:
        if name not in _ALGORITHMS:
            raise JoseError(name)
        return self.algorithms[name]


_REGISTRY = _SealRegistry(
    {name: HeaderParameter(f"JAdES {name}", lambda _: None) for name in _SUPPORTED_CRITICAL_HEADERS - {"b64"}},
    _ALGORITHMS,
    strict_check_header=False,
)


def _header(signature: object) -> dict[str, Any]:
    try:
        header = parse_json(_decode_base64url(str(signature["protected"])))  # type: ignore[index]  # otherwise a TypeError
        if isinstance(header, dict):
            return header
    except (KeyError, TypeError, ValueError, MasteryError):
        pass
    raise BadDocument(Message("The signed document has no readable protected header."))


def _check(header: dict[str, Any], signature: Mapping[str, Any], payload: str, issued_at: object) -> Signature:
    """Check a signature; `issued_at` is the time of issuing in the payload."""
    if reason := _header_fault(header):
        return Signature("broken", (reason,))
    at = _signing_time(header, issued_at)
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
    if reason := _verification_fault(header, signature, payload, key, certificates):
        state: State = "not-checked" if reason.code is Code.UNSUPPORTED_ALGORITHM else "broken"
        return Signature(state, (reason,), by, at, certificates)
    if (bits := bits_of(key)) is not None and bits < MIN_RSA_BITS:
        return Signature("not-checked", (Reason(Code.WEAK_KEY, str(bits)),), by, at, certificates)
    return Signature("intact", () if certificates else (Reason(Code.BARE_KEY),), by, at, certificates)


def _header_fault(header: Mapping[str, Any]) -> Reason | None:
    """Return the reason why a header makes the signature invalid, or None."""
    critical_headers = header.get("crit", [])
    if "crit" in header and (
        not isinstance(critical_headers, list) or not critical_headers or not all(map(_is_text, critical_headers))
    ):
        return Reason(Code.BAD_CRITICAL_HEADERS)
    if unsupported := set(critical_headers) - _SUPPORTED_CRITICAL_HEADERS:
        return Reason(Code.UNKNOWN_CRITICAL_HEADERS, ", ".join(sorted(unsupported)))
    if header.get("b64") is False and "b64" not in critical_headers:
        return Reason(Code.B64_NOT_CRITICAL)
    return None


def _verification_fault(
    header: Mapping[str, Any],
    signature: Mapping[str, Any],
    payload: str,
    key: PublicKey,
    certificates: tuple[bytes, ...],
) -> Reason | None:
    """Return the reason why a signature is invalid or cannot be checked, or None if it is valid."""
    if certificates and (digest := header.get("x5t#S256")):
        try:
            digest_matches = _decode_base64url(str(digest)) == hashlib.sha256(certificates[0]).digest()
        except ValueError:
            digest_matches = False
        if not digest_matches:
            return Reason(Code.OTHER_DIGEST)
    algorithm = header.get("alg")
    if isinstance(algorithm, str) and algorithm not in (*_ALGORITHMS, *_NON_SIGNATURE_ALGORITHMS):
        return Reason(Code.UNSUPPORTED_ALGORITHM, repr(algorithm))
    members = {name: signature[name] for name in ("protected", "signature", "header") if name in signature}
    flattened: Any = {"payload": payload, **members}
    try:
        jws.deserialize_json(flattened, jose_key(key), registry=_REGISTRY)
    except BadSignatureError:
        return Reason(Code.CHANGED)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError):
        return Reason(Code.MALFORMED, repr(algorithm))
    return None


def _signing_time(header: Mapping[str, Any], issued_at: object) -> datetime | None:
    """Return the claimed signing time: `sigT`, or `iat` of the header or of the payload."""
    try:
        if "sigT" in header:
            moment = datetime.fromisoformat(str(header["sigT"]))
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        timestamp = header.get("iat", issued_at)
        return None if timestamp is None else datetime.fromtimestamp(int(timestamp), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _issued_at(content: bytes) -> object:
    """Return the time of issuing (`iat`) in the claims of a JWT (RFC 7519, section 4.1.6)."""
    try:
        claims = parse_json(content)
    except MasteryError:
        return None
    return claims.get("iat") if isinstance(claims, dict) else None


def name_of(certificate: x509.Certificate) -> str:
    """Return the name of the owner of a certificate: organisation and common name."""
    names = [
        str(attribute.value)
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(kind)
    ]
    return ", ".join(dict.fromkeys(names)) or certificate.subject.rfc4514_string()


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _decode_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
