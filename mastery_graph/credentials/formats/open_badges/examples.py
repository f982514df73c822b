"""The examples of the shapes (fragments of ELM) as equivalent fragments of Open Badges 3.0."""

import json
import re
from functools import cache
from typing import Any, Final

from mastery_graph.vocabulary import NS

_TERMS_WITHOUT_COUNTERPART: Final = {
    "accreditation",
    "entryRequirement",
    "mode",
    f"{NS}integration",
    f"{NS}qualityStatement",
}
"""Terms of ELM, and ours, without a counterpart in Open Badges 3.0."""
_TERM: Final = re.compile(r'"([^"]+)"')
_PART: Final = re.compile('"(fullName|grade|idVerification|legalName|location)"')


def has_badge_counterpart(example: str) -> bool:
    """Return whether Open Badges have a counterpart for an example of ELM.

    >>> has_badge_counterpart('"grade": {"type": "Note"}')
    True
    >>> has_badge_counterpart('"entryRequirement": {"type": "Note"}')
    False
    """
    return _term(example) not in _TERMS_WITHOUT_COUNTERPART


def badge_example(example: str, pointer: str | None) -> str:
    """Return the badge fragment for a fragment of ELM, at a location in the badge; "" if there is none."""
    term = _term(example)
    if term == "location" and (pointer or "").endswith("/address"):
        return '"addressCountryCode": "FI"'
    if term == "title" and "/alignment/" in (pointer or ""):
        return '"targetName": "Sort waste by fraction"'
    return _examples().get(term, "")


def _term(example: str) -> str:
    """Return the term of ELM that an example is about: that of the part that it adds, else the first."""
    part_match = _PART.search(example)
    match = part_match or _TERM.match(example)
    return match[1] if match else ""


@cache
def _examples() -> dict[str, str]:
    """Return the badge fragments by the term of ELM that an example is about."""
    level = _alignment("EQF level 5", "http://data.europa.eu/snb/eqf/5")
    skill = _alignment("manage waste", "http://data.europa.eu/esco/skill/73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f")
    ects = _alignment("ECTS", "http://data.europa.eu/snb/education-credit/6fcec5c5af")
    exam = _alignment("Written examination", "http://data.europa.eu/snb/assessment/6e6cb2cc78", "ext:AssessmentType")
    learner = {"type": "IdentityObject", "hashed": False, "identityHash": "Ana Andromeda", "identityType": "name"}
    result = {"id": "urn:result:1", "type": ["ResultDescription"], "name": "Examination", "resultType": "Status"}
    workload = {"creditsAvailable": 2, "alignment": [ects]}
    members_of_term: dict[str, dict[str, Any]] = {
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
    return {term: json.dumps(members)[1:-1] for term, members in members_of_term.items()}


def _alignment(name: str, address: str, kind: str | None = None) -> dict[str, Any]:
    alignment = {"type": ["Alignment"], "targetName": name, "targetUrl": address}
    return alignment | ({"targetType": kind} if kind else {})
