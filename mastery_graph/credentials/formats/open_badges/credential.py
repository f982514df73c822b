"""The credential itself: its issuer, its dates, its evidence and its subject."""

from mastery_graph.credentials.formats.open_badges.achievement import write_achievement
from mastery_graph.credentials.formats.open_badges.badge_reading import (
    BadgeObject,
    BadgeReading,
    Node,
    as_list,
    node_of,
)
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting, without_empty
from mastery_graph.credentials.formats.open_badges.profile import read_profile, write_profile
from mastery_graph.credentials.formats.open_badges.result import read_evidence, write_evidence
from mastery_graph.credentials.formats.open_badges.subject import read_subject, write_subject
from mastery_graph.languages import Message
from mastery_graph.vocabulary import CRED, DCTERMS, ELM

SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}


def read_credential(reading: BadgeReading, badge: Node) -> Node:
    """Return the badge as an ELM credential."""
    source = BadgeObject(badge, reading)
    for subject in as_list(badge.get("credentialSubject")):
        achievement = subject.get("achievement") if isinstance(subject, dict) else None
        if isinstance(achievement, dict) and isinstance(achievement.get("inLanguage"), str):
            reading.language = achievement["inLanguage"]
    issuers = [read_profile(reading, issuer) for issuer in source.objects("issuer")]
    issued = source.text("awardedDate")
    valid_from = source.text("validFrom")
    if issued is None and valid_from and not badge.get("issuanceDate"):
        issued = valid_from
        source.note(
            "validFrom", Message("No date of issuing is stated; the date from which it is valid is used instead.")
        )
    credential = node_of(
        source.iri,
        ["VerifiableCredential", "EuropeanDigitalCredential"],
        title=reading.language_map(source.text("name")),
        description=reading.language_map(source.text("description")),
        issuer=issuers,
        issued=issued,
        issuanceDate=source.text("issuanceDate"),
        validFrom=valid_from,
        validUntil=source.text("validUntil"),
        expirationDate=source.text("expirationDate"),
        credentialSchema=source.get("credentialSchema"),
        credentialStatus=source.get("credentialStatus"),
        evidence=[read_evidence(reading, evidence) for evidence in source.objects("evidence")],
        credentialSubject=[read_subject(reading, subject, issuers) for subject in source.objects("credentialSubject")],
    )
    if source.get("proof"):
        source.note(
            "proof",
            Message("The proof covers the badge as it was sent; it was not checked, and is not carried over."),
        )
    source.note_unread()
    return credential


def write_credential(writing: BadgeWriting, root: str) -> Node:
    """Return an ELM credential as a badge, without a proof."""
    facts = writing.facts
    subject = facts.node(root, CRED.credentialSubject)
    claim = facts.node(subject, ELM.hasClaim)
    specification = facts.node(claim, ELM.specifiedBy)
    writing.choose_language(specification, claim, root)
    issuer = facts.node(root, CRED.issuer)
    issued = facts.value(root, CRED.issued, CRED.issuanceDate)
    valid_from = facts.value(root, CRED.validFrom)
    if valid_from is None and issued:
        writing.note(
            root,
            "validFrom",
            Message("Open Badges require a date of validity; the date of issuing is used instead."),
        )
    writing.note_other_classes("Organisation", issuer)
    writing.note_other_classes("Person", subject)
    writing.note_other_classes("LearningAchievement", claim)
    writing.note_other_classes("LearningAchievementSpecification", specification)
    achievement = write_achievement(writing, specification or claim or root, claim, issuer)
    return without_empty(
        id=writing.iri(root),
        type=["VerifiableCredential", "OpenBadgeCredential"],
        name=writing.text(root, DCTERMS.title) or achievement["name"],
        description=writing.text(root, DCTERMS.description),
        issuer=write_profile(writing, issuer) if issuer else None,
        validFrom=valid_from or issued,
        validUntil=facts.value(root, CRED.validUntil, CRED.expirationDate),
        awardedDate=issued,
        credentialSchema=[SCHEMA],
        evidence=[write_evidence(writing, evidence) for evidence in facts.nodes(root, CRED.evidence)],
        credentialSubject=write_subject(writing, subject, claim, achievement),
    )
