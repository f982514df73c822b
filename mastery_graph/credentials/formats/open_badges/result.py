"""Assessments, their results, and evidence."""

from collections.abc import Iterator

from mastery_graph.credentials.formats.open_badges.alignment import note_details, write_alignment
from mastery_graph.credentials.formats.open_badges.badge_reading import BadgeObject, BadgeReading, Node, node_of
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting, without_empty
from mastery_graph.credentials.formats.open_badges.educredential import OUTCOME_RESULT
from mastery_graph.credentials.formats.open_badges.terms import ASSESSED, PROPERTY_OF_TERM
from mastery_graph.languages import Message
from mastery_graph.vocabulary import DCTERMS, ELM, SKOS


def read_assessment(reading: BadgeReading, source: BadgeObject) -> Node:
    """Return the description of a result as the specification of an assessment."""
    members: dict[str, list[Node]] = {}
    for alignment in source.objects("alignment"):
        target, kind = alignment.text("targetUrl"), alignment.text("targetType")
        if target and (term := ASSESSED.get(kind or "")):
            label = reading.language_map(alignment.text("targetName"))
            members.setdefault(term, []).append(reading.concept(alignment, target, label))
            note_details(alignment, target, kind or "")
        else:
            alignment.note(
                "targetUrl", Message("An alignment of a result tells no assessment that ELM has, and is left out.")
            )
    assessment = node_of(
        source.iri, "LearningAssessmentSpecification", title=reading.language_map(source.text("name")), **members
    )
    if source.get("resultType") not in (None, "Result", OUTCOME_RESULT):
        source.note("resultType", Message("The type of a result has no counterpart in ELM, and is left out."))
    source.note_unread()
    return assessment


def read_result(reading: BadgeReading, source: BadgeObject) -> Node:
    """Return a result as an assessment with its grade."""
    grade = source.text("value") or source.text("status")
    description_iri = source.text("resultDescription")
    result = node_of(
        source.iri,
        "LearningAssessment",
        grade=reading.new_node(source, "grade", "Note", noteLiteral=reading.language_map(grade)) if grade else None,
        specifiedBy={"id": description_iri} if description_iri else None,
    )
    source.note_unread()
    return result


def read_evidence(reading: BadgeReading, source: BadgeObject) -> Node:
    """Return evidence in the terms of ELM."""
    evidence = node_of(
        source.iri,
        "Evidence",
        title=reading.language_map(source.text("name")),
        description=reading.language_map(source.text("description")),
        evidenceStatement=source.text("narrative"),
    )
    source.note_unread()
    return evidence


def write_result_descriptions(writing: BadgeWriting, assessments: list[str]) -> Iterator[Node]:
    """Yield the specifications of assessments as descriptions of results."""
    facts = writing.facts
    for node in dict.fromkeys(facts.node(assessment, ELM.specifiedBy) or assessment for assessment in assessments):
        yield without_empty(
            id=writing.iri(node),
            type=["ResultDescription"],
            name=writing.text(node, DCTERMS.title) or "Assessment",
            resultType="Result",
            alignment=[
                write_alignment(writing, concept, writing.text(concept, SKOS.prefLabel), kind)
                for kind, term in ASSESSED.items()
                for concept in facts.nodes(node, PROPERTY_OF_TERM[term])
            ],
        )


def write_results(writing: BadgeWriting, claim: str | None) -> Iterator[Node]:
    """Yield the assessments of a claim as results."""
    facts = writing.facts
    for assessment in facts.nodes(claim, ELM.provenBy):
        specification = facts.node(assessment, ELM.specifiedBy)
        grade = writing.text(facts.node(assessment, ELM.grade), ELM.noteLiteral, SKOS.prefLabel)
        yield without_empty(type=["Result"], resultDescription=writing.iri(specification or assessment), value=grade)


def write_evidence(writing: BadgeWriting, node: str) -> Node:
    """Return evidence in the terms of Open Badges."""
    return without_empty(
        id=writing.iri(node),
        type=["Evidence"],
        name=writing.text(node, DCTERMS.title),
        description=writing.text(node, DCTERMS.description),
        narrative=writing.facts.value(node, ELM.evidenceStatement),
    )
