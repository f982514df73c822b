"""JSON documents that contain credentials: wrappers, presentations and records.

The positions in a credential lead to where it is in the document that was sent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mastery_graph.credentials.contexts import CREDENTIALS_1, ELM
from mastery_graph.credentials.pointers import relocate_pointer

_IMPLIED_CONTEXT: Final = [CREDENTIALS_1, ELM]
"""The contexts of the EU's upload files, which do not state them."""
_DATA_URL: Final = re.compile(r"data:application/(?:vc\+jwt|jwt|vc\+sd-jwt|dc\+sd-jwt)[^,]*,(.*)", re.DOTALL)
_WRAPPER_MEMBERS: Final = frozenset(
    {"credential", "deliveryDetails", "format", "options", "proofs", "notification_id", "c_nonce", "c_nonce_expires_in"}
)


@dataclass(frozen=True)
class EmbeddedCredential:
    """A credential in a document: a JSON object or a token, and where it is."""

    credential: Any
    pointers: Mapping[str, str] = field(default_factory=dict)
    """Where the members of the credential are in the document, by their JSON pointers: that of the root is ""."""

    @property
    def place(self) -> str:
        """The JSON pointer of the credential, or of the achievement that it was made of."""
        return list(self.pointers.values())[-1]

    def origin(self, pointer: str) -> str:
        """Return the pointer in the document for a pointer in the credential."""
        return relocate_pointer(self.pointers, pointer)


def parts_of(document: object) -> tuple[EmbeddedCredential, ...]:
    """Return the credentials in a JSON document; none for a document that is a credential itself."""
    return tuple(_parts(document))


def _parts(document: object) -> Iterator[EmbeddedCredential]:
    if not isinstance(document, dict):
        return
    types = _types(document)
    if _is_wrapper(document):
        yield from _embedded(document["credential"], "/credential")
    elif "VerifiablePresentation" in types:
        yield from _list_members(document, "verifiableCredential", "")
    elif isinstance(presentation := document.get("vp"), dict):
        yield from _list_members(presentation, "verifiableCredential", "/vp")
    elif "ClrCredential" in types:
        yield from _record_parts(document)


def _is_wrapper(document: Mapping[str, Any]) -> bool:
    credential = document.get("credential")
    is_credential = isinstance(credential, dict) or (isinstance(credential, str) and credential.startswith("ey"))
    return is_credential and "@context" not in document and document.keys() <= _WRAPPER_MEMBERS


def _embedded(credential: object, pointer: str) -> Iterator[EmbeddedCredential]:
    """Yield a credential at a position; the members of a token have none in the document, only the token has."""
    if isinstance(credential, dict):
        if match := _DATA_URL.fullmatch(str(credential.get("id", credential.get("@id", "")))):
            yield EmbeddedCredential(match[1], {"": f"{pointer}/id"})
            return
        if "@context" not in credential:
            credential = {"@context": _IMPLIED_CONTEXT, **credential}
        yield EmbeddedCredential(credential, {"": pointer})
    elif isinstance(credential, str):
        yield EmbeddedCredential(credential, {"": pointer})


def _list_members(document: Mapping[str, Any], name: str, pointer: str) -> Iterator[EmbeddedCredential]:
    credentials = document.get(name)
    if isinstance(credentials, list):
        for index, credential in enumerate(credentials):
            yield from _embedded(credential, f"{pointer}/{name}/{index}")
    else:
        yield from _embedded(credentials, f"{pointer}/{name}")


def _record_parts(record: Mapping[str, Any]) -> Iterator[EmbeddedCredential]:
    """Yield the credentials of a Comprehensive Learner Record (1EdTech CLR 2.0), then its other achievements.

    An achievement becomes a credential of its own, with the learner, the issuer and the dates of the record.
    """
    subject = record.get("credentialSubject")
    if not isinstance(subject, dict):
        return
    credentials = list(_list_members(subject, "verifiableCredential", "/credentialSubject"))
    yield from credentials
    achievements = subject.get("achievement", [])
    for index, achievement in enumerate(achievements if isinstance(achievements, list) else [achievements]):
        if any(_has_achievement(part.credential, achievement) for part in credentials):
            continue
        learner = {key: value for key, value in subject.items() if key not in {"achievement", "verifiableCredential"}}
        place = "/credentialSubject/achievement" + (f"/{index}" if isinstance(achievements, list) else "")
        yield EmbeddedCredential(
            {
                **record,
                "type": ["VerifiableCredential", "AchievementCredential"],
                "credentialSubject": {**learner, "type": ["AchievementSubject"], "achievement": achievement},
            },
            {"": "", "/credentialSubject/achievement": place},
        )


def _has_achievement(credential: object, achievement: object) -> bool:
    """Return whether a credential is about an achievement of the record: of this IRI, or with all that it states."""
    subject = credential.get("credentialSubject") if isinstance(credential, dict) else None
    own = subject.get("achievement") if isinstance(subject, dict) else None
    if not isinstance(own, dict) or not isinstance(achievement, dict):
        return False
    return bool(achievement.get("id")) and own.get("id") == achievement.get("id")


def _types(document: Mapping[str, Any]) -> set[str]:
    types = document.get("type", document.get("@type"))
    return {str(kind) for kind in (types if isinstance(types, list) else [types])}
