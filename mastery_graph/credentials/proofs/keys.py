"""The public key of a signature: from a certificate (`x5c`), the header (`jwk`), or a DID that encodes a key.

did:key (W3C CCG) and did:jwk encode their keys, so nothing is fetched. Other DIDs and URLs are not resolved.
"""

import base64
import json
import warnings
from collections.abc import Mapping
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

MIN_RSA_BITS: Final = 2048
warnings.filterwarnings(
    "ignore", "Key size should be >= 2048 bits"
)  # joserfc warns; the seal itself is reported as weak
_MAX_CERTIFICATES: Final = 10
_MAX_DID_CHARS: Final = 10_000
"""Characters."""
_CURVES: Final = {0xE7: ec.SECP256K1(), 0x1200: ec.SECP256R1(), 0x1201: ec.SECP384R1(), 0x1202: ec.SECP521R1()}
"""Elliptic curves by multicodec (the multiformats table)."""
_ED25519: Final = 0xED
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


class UnsupportedKey(Exception):
    """A key of a kind that is not supported."""


def certificates_in(header: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Return the certificates of a header (`x5c`) as DER. Raises `ValueError` for an invalid list."""
    encoded_certificates = header["x5c"]
    if not isinstance(encoded_certificates, list) or not 0 < len(encoded_certificates) <= _MAX_CERTIFICATES:
        raise ValueError("x5c")
    return tuple(base64.b64decode(str(item), validate=True) for item in encoded_certificates)


def key_of_certificate(certificate: x509.Certificate) -> PublicKey:
    """Return the key of a certificate. Raises `UnsupportedKey`."""
    try:
        return _require_supported(certificate.public_key())
    except (UnsupportedAlgorithm, ValueError):
        raise UnsupportedKey from None


def key_in_header(header: Mapping[str, Any]) -> tuple[PublicKey, str | None] | None:
    """Return the key in a header (`jwk`), or in its DID (`kid`) together with that DID; None if there is none.

    Raises `UnsupportedKey`.
    """
    try:
        if isinstance(header.get("jwk"), dict):
            return _parse_jwk(header["jwk"]), None
        did = str(header.get("kid", "")).partition("#")[0]
        if len(did) > _MAX_DID_CHARS:
            return None
        if did.startswith("did:jwk:"):
            encoded = did.removeprefix("did:jwk:")
            return _parse_jwk(json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))), did
        if did.startswith("did:key:z"):
            return _parse_multikey(did.removeprefix("did:key:z")), did
    except (ValueError, TypeError, LookupError, JoseError, UnsupportedAlgorithm):
        raise UnsupportedKey from None
    return None


def bits_of(key: PublicKey) -> int | None:
    """Return the size of an RSA key in bits; None for other keys."""
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else None


def jose_key(key: PublicKey) -> Key:
    """Return a key as a joserfc key."""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, rsa.RSAPublicKey):
        return RSAKey.import_key(pem)
    return ECKey.import_key(pem) if isinstance(key, ec.EllipticCurvePublicKey) else OKPKey.import_key(pem)


def _parse_jwk(value: Any) -> PublicKey:
    key_classes: dict[object, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    if not isinstance(value, dict) or value.get("kty") not in key_classes or "d" in value:
        raise UnsupportedKey
    return _require_supported(key_classes[value["kty"]].import_key(value).public_key)


def _parse_multikey(text: str) -> PublicKey:
    content = _decode_base58(text)
    codec = (
        content[0] & 0x7F if content[0] < 0x80 else content[0] & 0x7F | content[1] << 7
    )  # a varint of one or two bytes
    raw = content[1 if content[0] < 0x80 else 2 :]
    if codec == _ED25519:
        return ed25519.Ed25519PublicKey.from_public_bytes(raw)
    if codec in _CURVES:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[codec], raw)
    raise UnsupportedKey


def _decode_base58(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 58 + _BASE58.index(letter)
    return b"\0" * (len(text) - len(text.lstrip("1"))) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _require_supported(key: object) -> PublicKey:
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return key
    raise UnsupportedKey
