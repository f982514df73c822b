"""The Dutch extension of Open Badges 3.0 for micro-credentials (SURF, type `EducredentialAchievement`).

Its terms: https://edubadges.nl/static/obv3-glossary.html. The extension is read, and not written.
"""

from collections.abc import Iterable
from typing import Any, Final

from mastery_graph.credentials.formats.open_badges.badge_reading import BadgeObject, BadgeReading, Node, as_list
from mastery_graph.languages import Message

_ECTS: Final = "http://data.europa.eu/snb/education-credit/6fcec5c5af"
OUTCOME_RESULT: Final = "ext:ECTSGradeScore"
"""The type of a result description that states a learning outcome."""


def read_educredential(reading: BadgeReading, source: BadgeObject) -> Node:
    """Return the members of a specification for the terms of the extension; none for another achievement."""
    if "EducredentialAchievement" not in as_list(source.value.get("type")):
        return {}
    mode, program = source.text("participationType"), source.get("educationProgramIdentifier")
    identifier = None
    if program is not None:
        identifier = [
            reading.new_node(
                source, "program", "Identifier", notation=str(program), schemeName="educationProgramIdentifier"
            )
        ]
    members = {
        "creditPoint": _credit(reading, source),
        "volumeOfLearning": _hours(source),
        "mode": _concept(reading, source, "mode", mode),
        "identifier": identifier,
        "provenBy": _assessment(reading, source),
    }
    return {name: value for name, value in members.items() if value}


def read_outcomes(reading: BadgeReading, descriptions: Iterable[BadgeObject]) -> list[Node]:
    """Return the learning outcomes that the descriptions of results state."""
    return [
        reading.new_node(description, "outcome", "LearningOutcome", title=reading.language_map(name))
        for description in descriptions
        if description.value.get("resultType") == OUTCOME_RESULT and (name := description.text("name"))
    ]


def _credit(reading: BadgeReading, source: BadgeObject) -> Node | None:
    points = source.number("ECTS")
    if points is None:
        return None
    system = reading.node_for(source, _ECTS, "Concept")
    return reading.new_node(source, "ects", "CreditPoint", point=f"{points:g}", framework=system)


def _hours(source: BadgeObject) -> str | None:
    """Return the hours of study load (`SBU`), or else the hours of time invested, as a duration."""
    load, invested = source.number("SBU"), source.number("timeInvestment")
    hours = load if load is not None else invested
    if load is not None and invested is not None and load != invested:
        source.note("timeInvestment", Message("The hours contradict the hours of study load, and are left out."))
    if hours is None:
        return None
    whole, minutes = divmod(round(hours * 60), 60)
    return f"PT{whole}H" + (f"{minutes}M" if minutes else "")


def _assessment(reading: BadgeReading, source: BadgeObject) -> list[Node]:
    """Return the assessment with its type, and with how the learner was supervised and identified."""
    kind, supervision = source.text("assessmentType"), source.text("supervisionType")
    checked: Any = source.get("identityChecked")
    words = supervision
    if isinstance(checked, bool) and (supervision is None or "identity" not in supervision.lower()):
        suffix = "identity checked" if checked else "identity not checked"
        words = f"{supervision}, {suffix}" if supervision else suffix
    if not kind and not words:
        return []
    return [
        reading.new_node(
            source,
            "assessment",
            "LearningAssessmentSpecification",
            title={"en": kind} if kind else None,
            dcType=_concept(reading, source, "assessment-type", kind),
            idVerification=_concept(reading, source, "supervision", words),
        )
    ]


def _concept(reading: BadgeReading, source: BadgeObject, name: str, words: str | None) -> Node | None:
    """Return a concept in words: the extension has its own terms, in English."""
    return reading.new_node(source, name, "Concept", prefLabel={"en": words}) if words else None
