"""The subject of a badge: the learner, with what was earned."""

from collections.abc import Iterator
from typing import Any

from mastery_graph.credentials.formats.open_badges.achievement import read_achievement, read_credit
from mastery_graph.credentials.formats.open_badges.alignment import read_credit_system
from mastery_graph.credentials.formats.open_badges.badge_reading import BadgeObject, BadgeReading, Node, node_of
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting, without_empty
from mastery_graph.credentials.formats.open_badges.identifiers import scheme_of
from mastery_graph.credentials.formats.open_badges.profile import mail_of
from mastery_graph.credentials.formats.open_badges.result import read_result, write_results
from mastery_graph.credentials.formats.open_badges.tracked_graph import has_generated_id
from mastery_graph.languages import Message
from mastery_graph.vocabulary import ADMS, DCTERMS, ELM, FOAF, SKOS


def read_subject(reading: BadgeReading, source: BadgeObject, issuers: list[Node]) -> Node:
    """Return the subject as a person with one claim per achievement."""
    earned = source.number("creditsEarned")
    results = list(source.objects("result"))
    period = {"startDate": source.text("activityStartDate"), "endDate": source.text("activityEndDate")}
    claims = []
    for achievement in source.objects("achievement"):
        claim = reading.new_node(achievement, "claim", "LearningAchievement")
        system = read_credit_system(reading, achievement)
        specification = read_achievement(reading, achievement.value, credited=earned is not None)
        claims.append(
            node_of(
                claim["id"],
                "LearningAchievement",
                title=specification.get("title"),
                awardedBy=reading.new_node(
                    achievement,
                    "awarding",
                    "AwardingProcess",
                    awardingBody=[{"id": issuer["id"]} for issuer in issuers],
                )
                if issuers
                else None,
                creditReceived=read_credit(reading, achievement, "earned", earned, system),
                provenBy=[read_result(reading, result) for result in results],
                influencedBy=reading.new_node(
                    achievement,
                    "activity",
                    "LearningActivity",
                    temporal=reading.new_node(achievement, "period", "PeriodOfTime", **period),
                )
                if any(period.values())
                else None,
                specifiedBy=specification,
            )
        )
    for key in ("creditsEarned", "result", "activityStartDate", "activityEndDate"):
        if source.value.get(key) and not claims:
            source.note(key, Message("{key} is of no achievement, and is left out.", key=key))
    identity = _read_identity(reading, source)
    if reading.has_names and "fullName" not in identity:
        identity["fullName"] = reading.language_map(source.text("name"))
    person = node_of(source.iri, "Person", hasClaim=claims, **identity)
    source.note_unread()
    return person


def _read_identity(reading: BadgeReading, source: BadgeObject) -> Node:
    """Return the members for the identifiers of a subject: name, national number, e-mail, others."""
    members: dict[str, list[Any]] = {}
    for index, entry in enumerate(source.objects("identifier")):
        kind, value = entry.text("identityType") or "identifier", entry.text("identityHash")
        hashed = entry.get("hashed")
        if hashed is not False and value:
            entry.get("salt")
        entry.note_unread()
        if value is None:
            entry.note("identityType", Message("The {kind} of the learner has no value, and is left out.", kind=kind))
        elif hashed is not False:
            entry.note(
                "identityHash",
                Message("The {kind} of the learner is hashed, and says nothing readable.", kind=kind),
            )
        elif kind == "name" and "fullName" in members:
            entry.note("identityHash", Message("The learner has one name in ELM: this one is left out."))
        elif kind == "name":
            members.setdefault("fullName", []).append({reading.language: value})
        elif kind == "nationalIdentityNumber":
            members.setdefault("nationalID", []).append(node_of(entry.iri, "LegalIdentifier", notation=value))
        elif kind == "emailAddress":
            contact = reading.node_for(entry, f"mailto:{value}", "Mailbox")
            members.setdefault("contactPoint", []).append(
                reading.new_node(source, f"contact{index}", "ContactPoint", emailAddress=contact)
            )
        else:
            members.setdefault("identifier", []).append(
                node_of(entry.iri, "Identifier", notation=value, schemeName=kind)
            )
    return {key: values[0] if key == "fullName" else values for key, values in members.items()}


def write_subject(writing: BadgeWriting, person: str | None, claim: str | None, achievement: Node) -> Node:
    """Return a person with a claim as the subject of a badge."""
    facts = writing.facts
    activity = facts.node(claim, ELM.influencedBy)
    period = facts.node(activity, DCTERMS.temporal)
    return without_empty(
        id=facts.use_iri(person) if person and not has_generated_id(person) else None,
        type=["AchievementSubject"],
        identifier=list(_write_identity(writing, person)),
        activityStartDate=facts.value(period, ELM.startDate),
        activityEndDate=facts.value(period, ELM.endDate),
        creditsEarned=facts.number(facts.node(claim, ELM.creditReceived), ELM.point),
        result=list(write_results(writing, claim)),
        achievement=achievement,
    )


def _write_identity(writing: BadgeWriting, person: str | None) -> Iterator[Node]:
    facts = writing.facts
    name = writing.text(person, FOAF.fullName, FOAF.name)
    if name is None:
        parts = [writing.text(person, FOAF + part) for part in ("givenName", "familyName")]
        name = " ".join(filter(None, parts)) or None
    identifiers = [("name", name)]
    identifiers += [
        ("nationalIdentityNumber", facts.value(identifier, SKOS.notation))
        for identifier in facts.nodes(person, ELM.nationalID)
    ]
    for contact in facts.nodes(person, ELM.contactPoint):
        identifiers += [
            ("emailAddress", mail_of(writing, mailbox)) for mailbox in facts.nodes(contact, ELM.emailAddress)
        ]
    for identifier in facts.nodes(person, ADMS.identifier):
        if number := facts.value(identifier, SKOS.notation):
            identifiers.append((scheme_of(writing, identifier), number))
    for kind, value in identifiers:
        if value:
            yield {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}
