"""The achievement of a badge, which is a learning achievement specification in ELM."""

from collections.abc import Iterator

from mastery_graph.credentials.formats.open_badges.alignment import (
    read_alignments,
    read_credit_system,
    write_alignments,
    write_credit_system,
)
from mastery_graph.credentials.formats.open_badges.badge_reading import BadgeObject, BadgeReading, Node, node_of
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting, without_empty
from mastery_graph.credentials.formats.open_badges.educredential import read_educredential, read_outcomes
from mastery_graph.credentials.formats.open_badges.identifiers import read_identifiers, write_identifier
from mastery_graph.credentials.formats.open_badges.profile import read_profile, write_profile
from mastery_graph.credentials.formats.open_badges.result import read_assessment, write_result_descriptions
from mastery_graph.credentials.formats.open_badges.terms import (
    ACHIEVEMENT_TYPES,
    CRITERIA,
    MICRO_CREDENTIAL,
    UNDETERMINED,
)
from mastery_graph.credentials.formats.open_badges.tracked_graph import has_generated_id
from mastery_graph.languages import Message
from mastery_graph.vocabulary import ADMS, DCTERMS, ELM, SKOS


def read_achievement(reading: BadgeReading, value: Node, *, bare: bool = False, credited: bool = False) -> Node:
    """Return an achievement as a specification; `credited` is whether the learner earned credits for it."""
    source = BadgeObject(value, reading)
    reading.language = source.text("inLanguage") or reading.language
    available = source.number("creditsAvailable")
    descriptions = list(source.objects("resultDescription"))
    extension = read_educredential(reading, source)
    alignments = read_alignments(reading, source, credited=credited or available is not None)
    outcomes = [*alignments.pop("learningOutcome", []), *read_outcomes(reading, descriptions)]
    credit = read_credit(reading, source, "credit", available, read_credit_system(reading, source))
    specification = node_of(
        source.iri,
        "LearningAchievementSpecification",
        title=reading.language_map(source.text("name")),
        description=reading.language_map(source.text("description")),
        additionalNote=[note for criteria in source.objects("criteria") for note in _read_criteria(reading, criteria)],
        creditPoint=credit or extension.get("creditPoint"),
        volumeOfLearning=extension.get("volumeOfLearning"),
        mode=extension.get("mode"),
        learningOutcome=outcomes,
        educationSubject=_read_field(reading, source),
        identifier=[*read_identifiers(reading, source), *extension.get("identifier", [])],
        provenBy=[
            *(read_assessment(reading, description) for description in descriptions),
            *extension.get("provenBy", []),
        ],
        **_read_kind(reading, source),
        **alignments,
        **_read_creator(reading, source, bare=bare),
    )
    source.note_unread()
    return specification


def _read_creator(reading: BadgeReading, source: BadgeObject, *, bare: bool) -> Node:
    """Return the creator of an achievement; for a bare one, it is used as the awarding body."""
    bodies = [read_profile(reading, creator) for creator in source.objects("creator")]
    if not bodies:
        return {}
    if not bare:
        return {"creator": bodies}
    source.note("creator", Message("The awarding body is not stated; the creator of the achievement is used instead."))
    return {"awardingOpportunity": reading.new_node(source, "awarding", "AwardingOpportunity", awardingBody=bodies)}


def _read_kind(reading: BadgeReading, source: BadgeObject) -> Node:
    kind = source.text("achievementType")
    if kind is None:
        return {}
    known = {"dcType": reading.concept(source, MICRO_CREDENTIAL)} if kind == "MicroCredential" else {}
    return {"category": {"en": kind}, **known}


def _read_criteria(reading: BadgeReading, source: BadgeObject) -> Iterator[Node]:
    narrative = source.text("narrative")
    address = source.value.get("id")
    source.note_unread()
    criteria_type = reading.concept(source, CRITERIA)
    if narrative:
        yield reading.new_node(
            source, "narrative", "Note", noteLiteral=reading.language_map(narrative), dcType=criteria_type
        )
    if isinstance(address, str) and "://" not in address:
        source.note("id", Message("The address of the criteria is none that can be opened, and is left out."))
    elif isinstance(address, str):
        yield reading.new_node(
            source, "address", "Note", noteLiteral=reading.language_map(address), dcType=criteria_type
        )


def _read_field(reading: BadgeReading, source: BadgeObject) -> Node | None:
    name = source.text("fieldOfStudy")
    return reading.new_node(source, "field", "Concept", prefLabel=reading.language_map(name)) if name else None


def write_achievement(writing: BadgeWriting, node: str, claim: str | None, issuer: str | None = None) -> Node:
    """Return a specification, or a claim with its specification, as an achievement."""
    facts = writing.facts
    nodes = [node] if claim in (None, node) else [node, claim]
    name = writing.first_text(nodes, DCTERMS.title)
    description = writing.first_text(nodes, DCTERMS.description)
    if description is None:
        writing.note(node, "description", Message("Open Badges require a description; the title is used instead."))
    assessments = [assessment for owner in nodes for assessment in facts.nodes(owner, ELM.provenBy)]
    credit = facts.node(node, ELM.creditPoint) or facts.node(claim, ELM.creditPoint)
    codes = [write_identifier(writing, identifier) for identifier in facts.nodes(node, ADMS.identifier)]
    code = next((entry for entry in codes if entry["identifierType"] == "ext:humanCode"), None)
    return without_empty(
        id=writing.iri(node),
        type=["Achievement"],
        name=name or "",
        description=description or name or "",
        inLanguage=writing.language if writing.language != UNDETERMINED else None,
        achievementType=_write_kind(writing, nodes),
        criteria=_write_criteria(writing, node, assessments),
        creditsAvailable=facts.number(credit, ELM.point),
        fieldOfStudy=_write_field(writing, node),
        humanCode=code["identifier"] if code else None,
        otherIdentifier=[entry for entry in codes if entry is not code],
        creator=_write_creator(writing, nodes, issuer),
        alignment=[
            *(alignment for owner in nodes for alignment in write_alignments(writing, owner)),
            *write_credit_system(writing, credit, claim),
        ],
        resultDescription=list(write_result_descriptions(writing, assessments)),
    )


def _write_creator(writing: BadgeWriting, nodes: list[str], issuer: str | None) -> Node | None:
    facts = writing.facts
    creator = facts.node(nodes[0], DCTERMS.creator)
    processes = [process for node in nodes for process in facts.nodes(node, ELM.awardedBy, ELM.awardingOpportunity)]
    bodies = [body for process in processes for body in facts.peek(process, ELM.awardingBody)]
    other_body = next((body for body in bodies if body != issuer), None)
    if other_body and issuer and not creator:
        writing.note(
            other_body,
            "awardingBody",
            Message("The awarding body is not the issuer: it is written as the creator of the achievement."),
        )
    awarding_creator = creator or other_body
    for process in processes:
        for body in filter(None, (issuer, awarding_creator)):
            facts.mark_used(process, body, ELM.awardingBody)
    return write_profile(writing, awarding_creator) if awarding_creator else None


def _write_kind(writing: BadgeWriting, nodes: list[str]) -> str | None:
    """Return the type of an achievement: its category, if Open Badges defines it, or `MicroCredential`."""
    facts = writing.facts
    categories = (facts.peek_text(node, "en", ELM.category) for node in nodes)
    micro_credentials = [node for node in nodes if MICRO_CREDENTIAL in facts.peek(node, DCTERMS.type)]
    kind = next(
        (category for category in categories if category in ACHIEVEMENT_TYPES or (category or "").startswith("ext:")),
        None,
    )
    kind = kind or ("MicroCredential" if micro_credentials else None)
    for node in nodes:
        facts.mark_used(node, kind, ELM.category)
    if kind == "MicroCredential":
        for node in micro_credentials:
            facts.mark_used(node, facts.use_iri(MICRO_CREDENTIAL), DCTERMS.type)
    return kind


def _write_criteria(writing: BadgeWriting, node: str, assessments: list[str]) -> Node:
    """Return the criteria: those from a badge, or else the titles of the assessments."""
    facts = writing.facts
    narrative = address = None
    for note in facts.peek(node, ELM.additionalNote):
        text = writing.text(note, ELM.noteLiteral) if CRITERIA in facts.peek(note, DCTERMS.type) else None
        if text is None:
            continue
        if address is None and "://" in text and " " not in text:
            address = text
        elif narrative is None:
            narrative = text
        else:
            continue
        facts.mark_used(node, note, ELM.additionalNote)
        facts.mark_used(note, facts.use_iri(CRITERIA), DCTERMS.type)
    if narrative is None and address is None:
        titles = dict.fromkeys(
            writing.text(facts.node(assessment, ELM.specifiedBy), DCTERMS.title)
            or writing.text(assessment, DCTERMS.title)
            for assessment in assessments
        )
        narrative = f"Assessed by: {', '.join(filter(None, titles))}." if any(titles) else None
    return without_empty(id=address, narrative=narrative)


def _write_field(writing: BadgeWriting, node: str) -> str | None:
    field = writing.facts.node(node, ELM.educationSubject)
    name = writing.text(field, SKOS.prefLabel)
    if field and name and not has_generated_id(writing.facts.use_iri(field)):
        writing.note(
            node, "elm:educationSubject", Message("The field is carried by its name alone: {name}.", name=name)
        )
    return name


def read_credit(
    reading: BadgeReading, source: BadgeObject, name: str, points: float | None, system: Node | None
) -> Node | None:
    """Return credit points of an achievement or of what was earned; without a system they are not read as ECTS."""
    if points is None:
        return None
    if system is None and name == "credit":
        source.note(
            "creditsAvailable", Message("The credits name no credit system, so that they are not read as ECTS.")
        )
    return reading.new_node(source, name, "CreditPoint", point=f"{points:g}", framework=system)
