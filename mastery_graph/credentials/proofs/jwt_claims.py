"""Transfer of JWT claims to the members of the credential data model.

A credential within a JWT (VC Data Model 1.1, section 6.3.1) has its issuer and validity in the claims of the token; a
credential that is the payload itself (VC-JOSE-COSE) has claims in addition to its own members. The later start and the
earlier end of validity apply: a credential is never valid for longer than its token.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mastery_graph.credentials.contexts import CREDENTIALS_2, names_in
from mastery_graph.credentials.note import Note
from mastery_graph.languages import Message

_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "_sd_alg"})
"""Registered claim names (RFC 7519, RFC 7800, RFC 9901) that are not members of the credential data model."""


@dataclass(frozen=True, slots=True)
class ClaimedCredential:
    """A credential with the claims of its token applied, notes on the changes, and the issuer of the token."""

    credential: Any
    notes: tuple[Note, ...] = ()
    issuer: str | None = None


def credential_of(payload: Any) -> ClaimedCredential:
    """Return the credential in the payload of a signed document, or the payload itself."""
    if not isinstance(payload, dict):
        return ClaimedCredential(payload)
    embedded = payload.get("vc")
    if not isinstance(embedded, dict) and not _CLAIMS & payload.keys():
        return ClaimedCredential(payload)
    credential = (
        dict(embedded)
        if isinstance(embedded, dict)
        else {name: value for name, value in payload.items() if name not in _CLAIMS}
    )
    issuer, subject = payload.get("iss"), credential.get("credentialSubject")
    if isinstance(issuer, str):
        credential.setdefault("issuer", issuer)
    if isinstance(payload.get("jti"), str) and ":" in payload["jti"]:
        credential.setdefault("id", payload["jti"])
    if isinstance(payload.get("sub"), str) and ":" in payload["sub"] and isinstance(subject, dict):
        credential["credentialSubject"] = {"id": payload["sub"], **subject}
    status = payload.get("status")
    if isinstance(status, dict) and "credentialStatus" not in credential and (embedded or "status_list" in status):
        credential.pop("status", None)
        credential["credentialStatus"] = {"type": "TokenStatusList"}
    notes = tuple(_apply_validity(credential, payload))
    return ClaimedCredential(credential, notes, issuer if isinstance(issuer, str) else None)


def _apply_validity(credential: dict[str, Any], payload: Mapping[str, Any]) -> Iterator[Note]:
    """Apply the validity of the token to its credential; yield a note for each date that changes."""
    is_version_2 = CREDENTIALS_2 in names_in(credential.get("@context"))
    if "exp" in payload:
        end = _to_iso(payload["exp"])
        ends = [name for name in ("validUntil", "expirationDate") if credential.get(name) is not None]
        overridden = [name for name in ends if _parse_moment(end) is None or _is_later(credential[name], end)]
        for name in overridden if ends else ["validUntil" if is_version_2 else "expirationDate"]:
            credential[name] = end
            yield Note(None, name, Message("The token ends on {day} (exp), and the credential with it.", day=end[:10]))
    if "nbf" in payload:
        start = _to_iso(payload["nbf"])
        starts = [credential[name] for name in ("validFrom", "issuanceDate", "issued") if credential.get(name)]
        if not starts and not is_version_2:
            credential["issuanceDate"] = start
        elif not starts or all(_is_later(start, stated_start) for stated_start in starts):
            credential["validFrom"] = start
        else:
            return
        yield Note(
            None, "nbf", Message("The token is valid from {day} (nbf), and the credential with it.", day=start[:10])
        )


def _to_iso(timestamp: object) -> str:
    """Return a timestamp of a token (seconds since 1970) in ISO 8601; an invalid one unchanged, for validation."""
    try:
        return datetime.fromtimestamp(int(timestamp), UTC).isoformat()  # type: ignore[call-overload]  # else a TypeError
    except (TypeError, ValueError, OverflowError, OSError):
        return str(timestamp)[:100]


def _is_later(text: object, reference: object) -> bool:
    """Return whether a date and time is later than another; False if either cannot be parsed."""
    first, second = (_parse_moment(value) for value in (text, reference))
    return first is not None and second is not None and first > second


def _parse_moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def has_other_issuer(claimed: ClaimedCredential) -> bool:
    """Return whether the issuer of a token differs from that of its credential."""
    issuer_value = claimed.credential.get("issuer") if isinstance(claimed.credential, dict) else []
    issuers = issuer_value if isinstance(issuer_value, list) else [issuer_value]
    names = [issuer.get("id") if isinstance(issuer, dict) else issuer for issuer in issuers]
    return claimed.issuer is not None and any(names) and claimed.issuer not in names
