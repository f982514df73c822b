"""Selective disclosure (SD-JWT, RFC 9901): the claims that a holder disclosed, and how many are hidden."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mastery_graph.credentials.strict_json import parse_json
from mastery_graph.errors import MasteryError

_ALGORITHMS: Final = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
_MAX_DISCLOSURES: Final = 1000


@dataclass(frozen=True, slots=True)
class DisclosedClaims:
    """The claims of a token with its disclosures in place."""

    claims: Any
    hidden: int
    """The number of digests without a disclosure: claims that the holder did not disclose, or decoys."""
    are_signed: bool
    """Whether each disclosure is one that was signed."""


def disclosures_of(envelope: Mapping[str, Any]) -> list[str]:
    """Return the disclosures of a JWS: of the compact form, or in an unprotected header (RFC 9901, section 8)."""
    signatures = envelope.get("signatures")
    first = signatures[0] if isinstance(signatures, list) and signatures else envelope
    header = first.get("header") if isinstance(first, Mapping) else None
    disclosures = envelope.get("disclosures", header.get("disclosures") if isinstance(header, Mapping) else None)
    return [text for text in disclosures if isinstance(text, str)] if isinstance(disclosures, list) else []


def disclose(payload: Any, disclosures: Sequence[str]) -> DisclosedClaims:
    """Return the claims of a payload with its disclosures (RFC 9901, section 7.1)."""
    if not isinstance(payload, Mapping):
        return DisclosedClaims(payload, 0, not disclosures)
    digest = _ALGORITHMS.get(str(payload.get("_sd_alg", "sha-256")))
    if digest is None or len(disclosures) > _MAX_DISCLOSURES:
        return DisclosedClaims(dict(payload), 0, are_signed=False)
    resolver = _Resolver({_encode(digest(text.encode()).digest()): text for text in disclosures})
    claims = resolver.resolve(payload)
    is_complete = not resolver.faulty and resolver.used == resolver.texts.keys()
    return DisclosedClaims(claims, resolver.hidden, is_complete and len(resolver.texts) == len(disclosures))


class _Resolver:
    """Puts each disclosure in the place of its digest."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.used: set[str] = set()
        self.hidden = 0
        self.faulty = False

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for element in value for item in self._element(element)]
        if not isinstance(value, Mapping):
            return value
        members = {name: self.resolve(item) for name, item in value.items() if name not in {"_sd", "_sd_alg"}}
        digests = value.get("_sd", [])
        for digest in digests if isinstance(digests, list) else []:
            disclosure = self._disclosure(digest, 3)
            if disclosure is None:
                continue
            _, name, item = disclosure
            if not isinstance(name, str) or name in members or name in {"_sd", "..."}:
                self.faulty = True
            else:
                members[name] = self.resolve(item)
        return members

    def _element(self, element: Any) -> list[Any]:
        if not (isinstance(element, Mapping) and element.keys() == {"..."}):
            return [self.resolve(element)]
        disclosure = self._disclosure(element["..."], 2)
        return [] if disclosure is None else [self.resolve(disclosure[1])]

    def _disclosure(self, digest: object, length: int) -> list[Any] | None:
        """Return the disclosure with a digest: salt, name (of a member) and value; None where it is hidden."""
        text = self.texts.get(digest) if isinstance(digest, str) else None
        if text is None or not isinstance(digest, str):
            self.hidden += 1
            return None
        if digest in self.used:
            self.faulty = True
            return None
        self.used.add(digest)
        try:
            disclosure = parse_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, MasteryError):
            disclosure = None
        if not isinstance(disclosure, list) or len(disclosure) != length:
            self.faulty = True
            return None
        return disclosure


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
