"""The reasons why a seal is not valid: a code and a message for each.

A reason is stored in the graph as its code and detail, so answers from the graph and from the file are the same.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from mastery_graph.languages import N_, Message

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class Code(StrEnum):
    """A problem of a seal, or something that is unknown about it."""

    CHANGED = "changed"
    MALFORMED = "malformed"
    BAD_CRITICAL_HEADERS = "bad-critical-headers"
    UNKNOWN_CRITICAL_HEADERS = "unknown-critical-headers"
    B64_NOT_CRITICAL = "b64-not-critical"
    UNREADABLE_CERTIFICATE = "unreadable-certificate"
    OTHER_DIGEST = "other-digest"
    OTHER_DISCLOSURES = "other-disclosures"

    NO_KEY = "no-key"
    UNSUPPORTED_ALGORITHM = "unsupported-algorithm"
    UNSUPPORTED_KEY = "unsupported-key"
    WEAK_KEY = "weak-key"
    DATA_INTEGRITY = "data-integrity"
    XML_SIGNATURE = "xml-signature"
    SD_JWT = "sd-jwt"  # in the records of an earlier version

    BARE_KEY = "bare-key"
    OTHER_ISSUER = "other-issuer"
    SELF_SIGNED = "self-signed"
    CHAIN_BROKEN = "chain-broken"
    NO_TRUST_ANCHORS = "no-trust-anchors"
    NO_PATH = "no-path"
    NOT_FOR_SIGNING = "not-for-signing"
    OTHER_ORGANISATION = "other-organisation"
    TIME_UNKNOWN = "time-unknown"
    TIME_IN_FUTURE = "time-in-future"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"


SUSPICIOUS: Final = frozenset(
    {
        *(Code.WEAK_KEY, Code.OTHER_ISSUER, Code.CHAIN_BROKEN, Code.NOT_FOR_SIGNING, Code.OTHER_ORGANISATION),
        *(Code.TIME_IN_FUTURE, Code.EXPIRED, Code.NOT_YET_VALID),
    }
)
"""The codes that an honest seal does not have; the others are common and mean that the signer is not verified."""

_TEXTS: Final = {
    Code.CHANGED: N_("The signature does not fit the content: one of them was changed."),
    Code.MALFORMED: N_("The signature algorithm {algorithm} does not fit the key, or the signature is malformed."),
    Code.BAD_CRITICAL_HEADERS: N_("Its list of critical headers is not one (RFC 7515, section 4.1.11)."),
    Code.UNKNOWN_CRITICAL_HEADERS: N_("It has critical headers that are not understood: {headers}."),
    Code.B64_NOT_CRITICAL: N_("It uses b64 without naming it as critical (RFC 7797, section 6)."),
    Code.UNREADABLE_CERTIFICATE: N_("Its certificate (x5c) cannot be read."),
    Code.OTHER_DIGEST: N_("Its certificate is not the one that the header's digest names."),
    Code.OTHER_DISCLOSURES: N_("Its disclosures (SD-JWT) are not those that were signed."),
    Code.NO_KEY: N_("It contains neither the certificate nor the key with which it was made, and none is fetched."),
    Code.UNSUPPORTED_ALGORITHM: N_("The signature algorithm {algorithm} is not supported."),
    Code.UNSUPPORTED_KEY: N_("Its key is of a kind that is not supported."),
    Code.WEAK_KEY: N_("Its RSA key has {bits} bits: with less than 2048, a signature proves nothing."),
    Code.DATA_INTEGRITY: N_("The proof within the credential (W3C Data Integrity, {kind}) is not checked."),
    Code.XML_SIGNATURE: N_("The XML signature of the transcript is not checked."),
    Code.SD_JWT: N_("It is an SD-JWT: what it discloses is not compared with what was signed."),
    Code.BARE_KEY: N_("It was made with a key without a certificate: nothing shows whose key it is."),
    Code.OTHER_ISSUER: N_("It was made by {signer}, who is not the issuer that the credential names."),
    Code.SELF_SIGNED: N_("The certificate is self-signed: anybody can make one in any name."),
    Code.CHAIN_BROKEN: N_("The certificates in the seal were not signed by one another."),
    Code.NO_TRUST_ANCHORS: N_("No trust anchors are configured by which the certificate could be verified."),
    Code.NO_PATH: N_("No chain of valid certificates leads from the certificate to a configured trust anchor."),
    Code.NOT_FOR_SIGNING: N_("The certificate is not meant for signing documents."),
    Code.OTHER_ORGANISATION: N_(
        "The certificate is of {organisation}, which is neither the issuer nor the awarding body."
    ),
    Code.TIME_UNKNOWN: N_("The time of sealing is not known."),
    Code.TIME_IN_FUTURE: N_("The time of sealing, {day}, lies in the future."),
    Code.EXPIRED: N_("The certificate had expired at the time of sealing: it was valid until {day}."),
    Code.NOT_YET_VALID: N_("The certificate was not yet valid at the time of sealing: it is valid from {day}."),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason, with the text or date for its message."""

    code: Code
    detail: str = ""

    @property
    def sentence(self) -> Message:
        """The message that states the reason."""
        pattern = _TEXTS[self.code]
        return Message(pattern, **{name: _parse_detail(name, self.detail) for name in _PLACEHOLDER.findall(pattern)})

    @property
    def serialization(self) -> str:
        """The serialisation of the reason: its code, a space, and its detail.

        >>> Reason(Code.WEAK_KEY, "1024").serialization
        'weak-key 1024'
        """
        return f"{self.code.value} {self.detail}".strip()

    @classmethod
    def parse(cls, text: str) -> "Reason":
        """Return the reason of a serialisation. Raises `ValueError` for an unknown code.

        >>> Reason.parse("other-organisation Example Ltd")
        Reason(code=<Code.OTHER_ORGANISATION: 'other-organisation'>, detail='Example Ltd')
        """
        code, _, detail = text.partition(" ")
        return cls(Code(code), detail)


def _parse_detail(name: str, detail: str) -> object:
    return date.fromisoformat(detail) if name == "day" else detail
