"""Open Badges 2.0: an assertion with its badge class, converted to Open Badges 3.0 and read as that.

Positions lead to the members of the assertion. What Open Badges 3.0 has no place for is noted.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mastery_graph.credentials.contexts import CREDENTIALS_2, OPEN_BADGES
from mastery_graph.credentials.formats.format import ExamplePlace, Reading
from mastery_graph.credentials.formats.open_badges.badge_reading import as_list
from mastery_graph.credentials.formats.open_badges.examples import badge_example, has_badge_counterpart
from mastery_graph.credentials.formats.open_badges.format import OpenBadgesFormat
from mastery_graph.credentials.note import Note
from mastery_graph.credentials.pointers import relocate_pointer
from mastery_graph.errors import BadDocument
from mastery_graph.languages import Message

_POINTERS: Final = {
    "": "",
    "/credentialSubject/achievement": "/badge",
    "/credentialSubject/achievement/alignment": "/badge/alignment",
    "/credentialSubject/achievement/creator": "/badge/issuer",
    "/credentialSubject/achievement/tag": "/badge/tags",
    "/credentialSubject": "/recipient",
    "/credentialSubject/identifier/0": "/recipient",
    "/credentialSubject/identifier/0/identityHash": "/recipient/identity",
    "/credentialSubject/identifier/0/identityType": "/recipient/type",
    "/issuer": "/badge/issuer",
    "/awardedDate": "/issuedOn",
    "/validFrom": "/issuedOn",
    "/validUntil": "/expires",
    "/credentialStatus": "/verification",
}
"""Where the members of the badge of version 3.0 are in the assertion."""
_READ: Final = frozenset(
    {"@context", "@language", "id", "type", "recipient", "badge", "issuedOn", "expires", "evidence", "narrative"}
    | {"verification", "verify"}
)
_IDENTITY_TYPES: Final = {"email": "emailAddress", "url": "identifier", "telephone": "ext:telephone"}


class OpenBadges2Format:
    """Open Badges 2.0, read only."""

    name = "open-badges-2"

    def detects(self, document: Mapping[str, Any]) -> bool:
        """Return whether a JSON object is an assertion."""
        return "Assertion" in as_list(document.get("type"))

    def read(self, document: Mapping[str, Any], base: str) -> Reading:
        """Convert an assertion. Raises `BadDocument` if it names only the address of its badge class."""
        badge = document.get("badge")
        if not isinstance(badge, dict) or not isinstance(badge.get("issuer"), dict):
            raise BadDocument(
                Message(
                    "The assertion names only the address of its badge class or of the issuer; nothing is fetched."
                ),
                Message("Download the badge with all that it contains, as a picture or as JSON."),
            )
        reading = OpenBadgesFormat().read(_version_3(document, badge), base)
        reading = reading.relocate(lambda pointer: relocate_pointer(_POINTERS, pointer))
        return Reading(reading.triples, reading.pointers, (*reading.notes, *_losses(document)), reading.places)

    def example(self, example: str, place: ExamplePlace) -> str:
        """Return an example as Open Badges 3.0 has it: the badge is to be issued again in that version."""
        return badge_example(example, place.pointer)

    def has_counterpart(self, example: str) -> bool:
        """Return whether Open Badges 3.0 have a counterpart for an example of ELM."""
        return has_badge_counterpart(example)


def _version_3(assertion: Mapping[str, Any], badge: dict[str, Any]) -> dict[str, Any]:
    """Return an assertion as an `OpenBadgeCredential`."""
    issued = _date(assertion.get("issuedOn"))
    recipient = assertion.get("recipient")
    members = {
        "id": assertion.get("id"),
        "name": badge.get("name"),
        "issuer": _profile(badge["issuer"]),
        "awardedDate": issued,
        "validFrom": issued,
        "validUntil": _date(assertion.get("expires")),
        "evidence": list(_evidence(assertion)),
        "credentialStatus": _status(assertion),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [_identity(recipient)] if isinstance(recipient, dict) else [],
            "achievement": _achievement(badge, assertion.get("@language")),
        },
    }
    return {
        "@context": [CREDENTIALS_2, OPEN_BADGES],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        **{name: value for name, value in members.items() if value not in (None, [])},
    }


def _achievement(badge: Mapping[str, Any], language: object) -> dict[str, Any]:
    criteria = badge.get("criteria")
    members = {
        "id": badge.get("id"),
        "type": ["Achievement"],
        "name": badge.get("name"),
        "description": badge.get("description"),
        "inLanguage": badge.get("@language", language),
        "criteria": {"id": criteria} if isinstance(criteria, str) else criteria,
        "image": badge.get("image"),
        "tag": badge.get("tags"),
        "alignment": [
            {"type": ["Alignment"], **item} if isinstance(item, dict) else item
            for item in as_list(badge.get("alignment"))
        ],
    }
    return {name: value for name, value in members.items() if value not in (None, [])}


def _profile(issuer: Mapping[str, Any]) -> dict[str, Any]:
    profile = {name: value for name, value in issuer.items() if name not in {"telephone", "type", "@context"}}
    phone = {"phone": issuer["telephone"]} if "telephone" in issuer else {}
    return {**profile, **phone, "type": ["Profile"]}


def _identity(recipient: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(recipient.get("type"))
    return {
        "type": "IdentityObject",
        "hashed": recipient.get("hashed"),
        "identityHash": recipient.get("identity"),
        "identityType": _IDENTITY_TYPES.get(kind, f"ext:{kind}"),
        **({"salt": recipient["salt"]} if "salt" in recipient else {}),
    }


def _evidence(assertion: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for evidence in as_list(assertion.get("evidence")):
        yield (
            {"id": evidence, "type": ["Evidence"]} if isinstance(evidence, str) else {**evidence, "type": ["Evidence"]}
        )
    if assertion.get("narrative"):
        yield {"type": ["Evidence"], "narrative": assertion["narrative"]}


def _status(assertion: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the status of a badge that is hosted (whether it still stands is known at its address) or was revoked."""
    if assertion.get("revoked"):
        return {"type": "Revoked"}
    verification = assertion.get("verification", assertion.get("verify"))
    kind = verification.get("type") if isinstance(verification, dict) else None
    return {"type": "HostedBadge"} if kind in {"HostedBadge", "hosted"} else None


def _date(value: object) -> object:
    """Return a date in ISO 8601; early assertions state seconds since 1970."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 253402300800:
        return datetime.fromtimestamp(value, UTC).isoformat()
    return value


def _losses(assertion: Mapping[str, Any]) -> Iterator[Note]:
    """Yield a note for the version, and for each member that is not read."""
    yield Note(
        "", "Open Badges 2.0", Message("The badge is of version 2.0, and is read as far as 3.0 has its members.")
    )
    if assertion.get("revoked"):
        yield Note("/revoked", "revoked", Message("The assertion states that it was revoked."))
    for name in assertion:
        if name not in _READ | {"revoked", "revocationReason"}:
            yield Note(f"/{name}", name, Message("{key} has no counterpart in ELM, and is left out.", key=name))
