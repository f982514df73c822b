"""Alignments: outcomes with their concepts, levels, fields and the credit system, depending on their targets."""

from collections.abc import Iterator
from typing import Final

from mastery_graph.credentials.formats.open_badges.badge_reading import (
    BadgeObject,
    BadgeReading,
    Node,
    as_list,
    lookup_prefix,
    node_of,
)
from mastery_graph.credentials.formats.open_badges.badge_writing import BadgeWriting, without_empty
from mastery_graph.credentials.formats.open_badges.terms import (
    ALIGNED,
    CREDIT_SYSTEM,
    CREDITS,
    EQF_LEVEL,
    FIELD,
    FRAMEWORKS,
    LEVEL,
    OUTCOME,
    PROPERTY_OF_TERM,
    QUALITY,
    SKILL,
    SKILLS,
)
from mastery_graph.languages import Message
from mastery_graph.vocabulary import DCTERMS, ELM, EQF, NS, SKOS, TIED_TO

_CREDIT_SYSTEM_NAMES: Final = {"http://data.europa.eu/snb/education-credit/6fcec5c5af": "ECTS"}


def read_alignments(reading: BadgeReading, source: BadgeObject, *, credited: bool) -> Node:
    """Return the outcomes (with their concepts), levels and fields in the alignments of an achievement.

    Alignments with the same name are one outcome with several concepts.
    """
    outcomes: dict[str, Node] = {}
    members: dict[str, list[Node]] = {}
    system = read_credit_system(reading, source)
    for alignment in source.objects("alignment"):
        target, kind = _level_target(alignment) or alignment.text("targetUrl"), alignment.text("targetType")
        term = None if target is None else lookup_prefix(ALIGNED, target) or ("thematicArea" if kind == FIELD else None)
        if target is None:
            alignment.note("targetUrl", Message("The alignment leads nowhere, and is left out."))
        elif _names_credits(target, kind):
            name = reading.language_map(alignment.text("targetName"))
            if system != reading.node_for(alignment, target, "Concept", prefLabel=name):
                alignment.note("targetUrl", Message("The credits have one credit system: this one is left out."))
            elif not credited:
                alignment.note("targetUrl", Message("The credit system is of no credits, and is left out."))
            note_details(alignment, target, CREDITS)
        elif term:
            label = reading.language_map(alignment.text("targetName"))
            members.setdefault(term, []).append(reading.concept(alignment, target, label))
            note_details(alignment, target, FIELD if term == "thematicArea" else LEVEL)
        elif kind == QUALITY:
            title = reading.language_map(alignment.text("targetName"))
            description = reading.language_map(alignment.text("targetDescription"))
            statement = node_of(alignment.iri, NS.QualityStatement, title=title, description=description)
            members.setdefault(NS.qualityStatement, []).append(statement)
            note_details(alignment, target, QUALITY)
        elif kind in {"ceterms:Credential", "CTDL", LEVEL}:
            level = Message("The alignment leads to a level of another framework, and is left out.")
            other = Message("The alignment leads to a credential, not to a skill, and is left out.")
            alignment.note("targetUrl", level if kind == LEVEL else other)
        else:
            _add_outcome(reading, alignment, target, kind, outcomes)
    return {**members, **({"learningOutcome": list(outcomes.values())} if outcomes else {})}


def _add_outcome(
    reading: BadgeReading, alignment: BadgeObject, target: str, kind: str | None, outcomes: dict[str, Node]
) -> None:
    """Add an alignment to the outcome of the same name, or create that outcome."""
    name, description = alignment.text("targetName"), reading.language_map(alignment.text("targetDescription"))
    iri = target if kind == OUTCOME else alignment.iri
    new_outcome = reading.node_for(
        alignment, iri, "LearningOutcome", title=reading.language_map(name), description=description
    )
    outcome = outcomes.setdefault(name or target, new_outcome)
    if description and outcome.setdefault("description", description) != description:
        alignment.note(
            "targetDescription", Message("The outcome of this name is described otherwise: this is left out.")
        )
    if kind != OUTCOME:
        term = lookup_prefix(SKILLS, target) or "relatedSkill"
        outcome.setdefault(term, []).append(reading.concept(alignment, target))
    elif target != outcome["id"]:
        alignment.note("targetUrl", Message("The outcome of this name has another address: this one is left out."))
    note_details(alignment, target, OUTCOME if kind == OUTCOME else SKILL)


def note_details(alignment: BadgeObject, target: str, implied_type: str) -> None:
    """Add notes for the type and framework of an alignment, unless they are implied by its target."""
    kind = alignment.text("targetType")
    if kind not in (None, implied_type) and not (kind == EQF_LEVEL and implied_type == LEVEL):
        alignment.note(
            "targetType",
            Message("The type of the alignment, {kind}, has no counterpart in ELM, and is left out.", kind=kind),
        )
    framework = alignment.text("targetFramework")
    if framework not in (None, lookup_prefix(FRAMEWORKS, target)):
        alignment.note(
            "targetFramework",
            Message("The framework {framework} has no counterpart in ELM, and is left out.", framework=framework),
        )
    alignment.note_unread()


def write_alignments(writing: BadgeWriting, node: str) -> Iterator[Node]:
    """Yield the outcomes of a specification or a claim, its levels and its fields as alignments."""
    facts = writing.facts
    for outcome in facts.nodes(node, ELM.learningOutcome):
        title = writing.text(outcome, DCTERMS.title)
        description = writing.text(outcome, DCTERMS.description)
        concepts = facts.nodes(outcome, *TIED_TO)
        if not concepts:
            yield write_alignment(writing, outcome, title, OUTCOME, description)
        for concept in concepts:
            yield write_alignment(writing, concept, title, SKILL, description)
    for term in ALIGNED.values():
        for concept in facts.nodes(node, PROPERTY_OF_TERM[term]):
            name = writing.text(concept, SKOS.prefLabel)
            yield write_alignment(writing, concept, name, LEVEL if "Level" in term else FIELD)


def write_alignment(
    writing: BadgeWriting, iri: str, name: str | None, kind: str, description: str | None = None
) -> Node:
    """Return an alignment to a concept, a level or an outcome."""
    framework = next((framework_name for prefix, framework_name in FRAMEWORKS.items() if iri.startswith(prefix)), None)
    fallback = _CREDIT_SYSTEM_NAMES.get(iri) or f"{framework or 'Concept'} {iri.rpartition('/')[2]}"
    return without_empty(
        type=["Alignment"],
        targetName=name or fallback,
        targetUrl=writing.iri(iri),
        targetDescription=description,
        targetFramework=framework,
        targetType=kind,
    )


def read_credit_system(reading: BadgeReading, achievement: BadgeObject) -> Node | None:
    """Return the credit system from the alignments of an achievement, as `creditsAvailable` does not state it."""
    for alignment in as_list(achievement.value.get("alignment")):
        target = alignment.get("targetUrl") if isinstance(alignment, dict) else None
        if isinstance(target, str) and _names_credits(target, alignment.get("targetType")):
            name = alignment.get("targetName")
            label = reading.language_map(name) if isinstance(name, str) else None
            return reading.node_for(achievement, target, "Concept", prefLabel=label)
    return None


def write_credit_system(writing: BadgeWriting, credit: str | None, claim: str | None) -> Iterator[Node]:
    """Yield the credit system: a badge has a single one, for the credits available and those earned."""
    facts = writing.facts
    earned_credit = next(iter(facts.peek(claim, ELM.creditReceived)), None)
    earned_system = next(iter(facts.peek(earned_credit, ELM.framework)), None)
    system = facts.node(credit, ELM.framework) if credit else earned_system
    if system is None:
        return
    facts.mark_used(earned_credit, system, ELM.framework)
    if credit and earned_credit and earned_system is None:
        writing.note(
            earned_credit, "elm:framework", "The credits received name no credit system: that of the others stands."
        )
    yield write_alignment(writing, system, writing.text(system, SKOS.prefLabel), CREDITS)


def _level_target(alignment: BadgeObject) -> str | None:
    """Return the IRI of the EQF level that an alignment of the type `ext:EQF` states by its code."""
    target, code = alignment.value.get("targetUrl"), alignment.value.get("targetCode")
    if alignment.value.get("targetType") != EQF_LEVEL or str(target).startswith(EQF) or str(code) not in "12345678":
        return None
    alignment.get("targetUrl")
    alignment.get("targetCode")
    return f"{EQF}{code}"


def _names_credits(target: str, kind: object) -> bool:
    """Return whether an alignment with this target and type is to a system of credits."""
    return target.startswith(CREDIT_SYSTEM) or kind == CREDITS
