"""The examples of the shapes, which are pieces of ELM, as an Open Badge 3.0 says the same (`docs/formats.md`)."""

import json
import re
from functools import cache
from typing import Any, Final

from mastery_graph.vocabulary import NS

_NO_PLACE: Final = {
    "accreditation",
    "entryRequirement",
    "mode",
    f"{NS}integration",
    f"{NS}qualityStatement",
}
"""Terms of ELM, and ours, for which Open Badges 3.0 has nothing."""
_TERM: Final = re.compile(r'"([^"]+)"')
_PART: Final = re.compile('"(fullName|grade|idVerification|legalName|location)"')


def can_say(example: str) -> bool:
    """Return whether a badge has a place for what an example of ELM says.

    >>> can_say('"grade": {"type": "Note"}'), can_say('"entryRequirement": {"type": "Note"}')
    (True, False)
    """
    return _term(example) not in _NO_PLACE


def badge_example(example: str, pointer: str | None) -> str:
    """Return what a badge says in place of a piece of ELM, at a place of the badge; empty where there is no example."""
    term = _term(example)
    if term == "location" and (pointer or "").endswith("/address"):
        return '"addressCountryCode": "FI"'
    if term == "title" and "/alignment/" in (pointer or ""):
        return '"targetName": "Sort waste by fraction"'
    return _examples().get(term, "")


def _term(example: str) -> str:
    """Return the term of ELM that an example is about: that of the part that it adds, or the first."""
    part = _PART.search(example)
    first = part or _TERM.match(example)
    return first[1] if first else ""


@cache
def _examples() -> dict[str, str]:
    """From the term of ELM that an example begins with to what a badge says."""
    level = _alignment("EQF level 5", "http://data.europa.eu/snb/eqf/5")
    skill = _alignment("manage waste", "http://data.europa.eu/esco/skill/73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f")
    ects = _alignment("ECTS", "http://data.europa.eu/snb/education-credit/6fcec5c5af")
    exam = _alignment("Written examination", "http://data.europa.eu/snb/assessment/6e6cb2cc78", "ext:AssessmentType")
    learner = {"type": "IdentityObject", "hashed": False, "identityHash": "Ana Andromeda", "identityType": "name"}
    result = {"id": "urn:result:1", "type": ["ResultDescription"], "name": "Examination", "resultType": "Status"}
    workload = {"creditsAvailable": 2, "alignment": [ects]}
    said: dict[str, dict[str, Any]] = {
        "awardingBody": {"name": "Example Institute"},
        "creditPoint": workload,
        "credentialSubject": {"identifier": [learner]},
        "fullName": {"identifier": [learner]},
        "description": {"description": "What the course is about."},
        "eqfLevel": {"alignment": [level]},
        "issuanceDate": {"awardedDate": "2026-11-24T00:00:00Z"},
        "learningOutcome": {"alignment": [skill]},
        "legalName": {"name": "Example Institute"},
        "location": {"address": {"type": ["Address"], "addressCountryCode": "FI"}},
        "provenBy": {"resultDescription": [{**result, "alignment": [exam]}]},
        "relatedESCOSkill": {"alignment": [skill]},
        "title": {"name": "Waste prevention on site"},
        "volumeOfLearning": workload,
        "validFrom": {"validFrom": "2026-11-24T00:00:00Z", "validUntil": "2031-11-24T00:00:00Z"},
    }
    return {term: json.dumps(members)[1:-1] for term, members in said.items()}


def _alignment(name: str, address: str, kind: str | None = None) -> dict[str, Any]:
    alignment = {"type": ["Alignment"], "targetName": name, "targetUrl": address}
    return alignment | ({"targetType": kind} if kind else {})
