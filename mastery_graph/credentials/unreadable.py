"""What people send that is not read, by its name and with the way out. Nothing of the content is repeated."""

import re
from collections.abc import Mapping
from typing import Any, Final

from mastery_graph.errors import UnsupportedFormat
from mastery_graph.languages import N_, Message

_FROM_ISSUER: Final = N_("Ask the issuer for the credential as JSON-LD, or download it as such from your wallet.")
_FILE_KINDS: Final[tuple[tuple[re.Pattern[bytes], str, str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), kind, advice)
    for pattern, kind, advice in (
        (rb"%PDF-", N_("a PDF document"), _FROM_ISSUER),
        (rb"\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|BM|II\*\0|MM\0\*", N_("a picture without data"), _FROM_ISSUER),
        (rb"\xd0\xcf\x11\xe0", N_("an Office document"), _FROM_ISSUER),
        (rb"-----BEGIN PGP|age-encryption\.org/", N_("an encrypted file"), N_("Decrypt it first.")),
        (
            rb"ey[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+\s*\Z",
            N_("an encrypted token (JWE)"),
            N_("Decrypt it first."),
        ),
        (
            rb"-----BEGIN (?:CERTIFICATE|[A-Z ]*KEY|PKCS7|CMS)",
            N_("a certificate, a key or a signature by itself"),
            N_("Send the document that was signed."),
        ),
        (
            rb"ey[\w-]{8,}\s*\Z",
            N_("the beginning of a signed token (JWS): its content and its signature are missing"),
            N_("Copy the whole token: three parts, divided by two dots."),
        ),
        (
            rb"ey[\w-]{8,}\.[\w-]*\.?\s*\Z",
            N_("a signed token (JWS) without its signature"),
            N_("Copy the whole token: three parts, divided by two dots."),
        ),
        (rb"<!doctype html|<html", N_("a web page"), _FROM_ISSUER),
        (
            rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?(?:europassCredential|verifiableCredential|"
            rb"verifiablePresentation|EuropassLearningPassport)\b",
            N_("a Europass credential in XML, as it was before version 3 of the European Learning Model"),
            N_("Open it in the EU's viewer, and export it as JSON-LD; or ask the issuer for a new one."),
        ),
    )
)
_OBJECT_KINDS: Final[tuple[tuple[frozenset[str], str, str], ...]] = tuple(
    (frozenset(names.split()), kind, advice)
    for names, kind, advice in (
        (
            "CFDocument CFPackage CFItems",
            N_("a framework of competences (1EdTech CASE)"),
            N_("Send a credential."),
        ),
        (
            "BadgeClass",
            N_("a badge class of Open Badges 2.0, which nobody was awarded"),
            N_("Send the assertion of a learner, or the achievement as Open Badges 3.0."),
        ),
        (
            "BitstringStatusListCredential StatusList2021Credential RevocationList2020Credential",
            N_("a status list, which says what was revoked"),
            N_("Send the credential itself."),
        ),
        (
            "EndorsementCredential Endorsement",
            N_("an endorsement"),
            N_("Send the credential itself."),
        ),
        (
            "Profile Issuer CryptographicKey",
            N_("the description of an issuer"),
            N_("Send a credential."),
        ),
        (
            "VerifiablePresentation",
            N_("a presentation without a credential"),
            N_("Send a credential."),
        ),
        (
            "ClrCredential",
            N_("a learner record (1EdTech CLR 2.0) without an achievement"),
            N_("Send a credential."),
        ),
        (
            "presentation_definition input_descriptors dcql_query",
            N_("the request of a verifier"),
            N_("Send a credential."),
        ),
        ("verificationMethod", N_("a set of keys (a DID document)"), N_("Send a credential.")),
        ("keys", N_("a set of keys (a DID document)"), N_("Send a credential.")),
    )
)


def refuse_file_kind(content: bytes) -> None:
    """Raise `UnsupportedFormat` for a file of a known kind that is not read, by its first bytes."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, kind, advice in _FILE_KINDS:
        if pattern.match(start):
            raise _refusal(kind, advice)


def refuse_object_kind(document: Mapping[str, Any]) -> None:
    """Raise `UnsupportedFormat` for a JSON object of a known kind that is not read: by its types or its members."""
    types = document.get("type", document.get("@type"))
    names = {str(kind) for kind in (types if isinstance(types, list) else [types])}
    if not names & {"VerifiableCredential"}:
        names |= document.keys() - {"@context", "type", "id"} if "@context" not in document else set()
    for kinds, kind, advice in _OBJECT_KINDS:
        if names & kinds:
            raise _refusal(kind, advice)


def _refusal(kind: str, advice: str) -> UnsupportedFormat:
    return UnsupportedFormat(Message("The document is {kind}: it is not read.", kind=Message(kind)), Message(advice))
