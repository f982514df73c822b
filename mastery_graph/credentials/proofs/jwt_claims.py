"""The claims of a JWT credential, put where the credential model has them.

A credential within a JWT (VC Data Model 1.1, section 6.3.1) has its issuer and its validity in the claims of the token;
one that is the token's payload (VC-JOSE-COSE) has them beside its own. Of two ends of validity the earlier counts, of
two beginnings the later: a credential never lasts longer than its token.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mastery_graph.credentials.contexts import CREDENTIALS_2, names_in
from mastery_graph.credentials.note import Note
from mastery_graph.languages import Message

_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "_sd_alg"})
"""Registered names (RFC 7519, RFC 7800, RFC 9901) that are no names of the credential model."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A credential with the claims of its token, what was changed by them, and whom the token names as its issuer."""

    credential: Any
    notes: tuple[Note, ...] = ()
    issuer: str | None = None


def credential_of(payload: Any) -> Claimed:
    """Return the credential that the payload of a signed document is, or contains."""
    if not isinstance(payload, dict):
        return Claimed(payload)
    within = payload.get("vc")
    if not isinstance(within, dict) and not _CLAIMS & payload.keys():
        return Claimed(payload)
    credential = dict(within) if isinstance(within, dict) else {k: v for k, v in payload.items() if k not in _CLAIMS}
    issuer, subject = payload.get("iss"), credential.get("credentialSubject")
    if isinstance(issuer, str):
        credential.setdefault("issuer", issuer)
    if isinstance(payload.get("jti"), str) and ":" in payload["jti"]:
        credential.setdefault("id", payload["jti"])
    if isinstance(payload.get("sub"), str) and ":" in payload["sub"] and isinstance(subject, dict):
        credential["credentialSubject"] = {"id": payload["sub"], **subject}
    status = payload.get("status")
    if isinstance(status, dict) and "credentialStatus" not in credential and (within or "status_list" in status):
        credential.pop("status", None)
        credential["credentialStatus"] = {"type": "TokenStatusList"}
    notes = tuple(_bounded(credential, payload))
    return Claimed(credential, notes, issuer if isinstance(issuer, str) else None)


def _bounded(credential: dict[str, Any], payload: Mapping[str, Any]) -> Iterator[Note]:
    """Put the validity of the token into its credential; yield a note for each date that this changes."""
    is_2 = CREDENTIALS_2 in names_in(credential.get("@context"))
    if "exp" in payload:
        end = _written(payload["exp"])
        ends = [name for name in ("validUntil", "expirationDate") if credential.get(name) is not None]
        late = [name for name in ends if _moment(end) is None or _is_later(credential[name], end)]
        for name in late if ends else ["validUntil" if is_2 else "expirationDate"]:
            credential[name] = end
            yield Note(None, name, Message("The token ends on {day} (exp), and the credential with it.", day=end[:10]))
    if "nbf" in payload:
        begin = _written(payload["nbf"])
        begins = [credential[name] for name in ("validFrom", "issuanceDate", "issued") if credential.get(name)]
        if not begins and not is_2:
            credential["issuanceDate"] = begin
        elif not begins or all(_is_later(begin, stated) for stated in begins):
            credential["validFrom"] = begin
        else:
            return
        yield Note(
            None, "nbf", Message("The token is valid from {day} (nbf), and the credential with it.", day=begin[:10])
        )


def _written(moment: object) -> str:
    """Return a time of a token, in seconds since 1970, as a date and time; what is none as it is, to be found so."""
    try:
        return datetime.fromtimestamp(int(moment), UTC).isoformat()  # type: ignore[call-overload]  # else a TypeError
    except (TypeError, ValueError, OverflowError, OSError):
        return str(moment)[:100]


def _is_later(stated: object, than: object) -> bool:
    """Return whether a moment lies after another one, both as they are written; not where one cannot be read."""
    first, second = (_moment(each) for each in (stated, than))
    return first is not None and second is not None and first > second


def _moment(written: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def is_of_another_issuer(claimed: Claimed) -> bool:
    """Return whether a token names another issuer than the credential in it."""
    stated = claimed.credential.get("issuer") if isinstance(claimed.credential, dict) else []
    issuers = stated if isinstance(stated, list) else [stated]
    names = [each.get("id") if isinstance(each, dict) else each for each in issuers]
    return claimed.issuer is not None and any(names) and claimed.issuer not in names
