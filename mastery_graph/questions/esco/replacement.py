"""Concepts that are no longer in use in ESCO, and what takes their place (ESCO-1)."""

from collections.abc import Iterable

from mastery_graph.credentials.description import Description
from mastery_graph.languages import Joined, Message
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.esco.report import CONCEPTS, EscoConceptStatus, current_successors, esco_concept_statuses
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.rules import Rules
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, ESCO, ISO_THES


def replacement_criteria(store: Store, concepts: Iterable[str]) -> tuple[Criterion, ...]:
    """Return the criterion that names the obsolete ones among these concepts and their successors; none without any."""
    stands = _standings(store, {concept for concept in concepts if concept.startswith(CONCEPTS)})
    obsolete = [concept for concept in sorted(stands) if stands[concept].obsolete]
    if not obsolete:
        return ()
    replaced = all(current_successors(concept, stands) for concept in obsolete)
    return (
        Rules(store, "ESCO-1").criterion(
            "ESCO-1",
            Outcome.MET if replaced else Outcome.UNKNOWN,
            Joined([_sentence(concept, stands) for concept in obsolete], " "),
            evidence_about(store, obsolete, [ISO_THES + "status", ESCO + "status", DCTERMS + "isReplacedBy"])
            + evidence_about(store, _successors(obsolete, stands), [DCTERMS + "replaces"]),
        ),
    )


def concepts_of(descriptions: Iterable[Description]) -> list[str]:
    """Return the concepts to which the learning outcomes of these descriptions are tied."""
    return [concept for one in descriptions for outcome in one.outcomes for concept in outcome.concepts]


def _standings(store: Store, concepts: set[str]) -> dict[str, EscoConceptStatus]:
    """Return how these concepts stand in ESCO, and those that replace them, one after the other."""
    found: dict[str, EscoConceptStatus] = {}
    while concepts:
        found |= esco_concept_statuses(store, concepts)
        concepts = _successors(concepts & found.keys(), found) - found.keys()
    return found


def _successors(concepts: Iterable[str], stands: dict[str, EscoConceptStatus]) -> set[str]:
    return {successor for concept in concepts for successor in stands[concept].successors}


def _sentence(concept: str, stands: dict[str, EscoConceptStatus]) -> Message:
    successors = [_name(each, stands) for each in current_successors(concept, stands)]
    name = _name(concept, stands)
    if not successors:
        return Message("{concept} is obsolete in ESCO, which names nothing in its place.", concept=name)
    if len(successors) == 1:
        return Message("{concept} is obsolete in ESCO; {successor} replaces it.", concept=name, successor=successors[0])
    return Message(
        "{concept} is obsolete in ESCO. In its place, and close to it: {successors}.",
        concept=name,
        successors=Joined(successors),
    )


def _name(concept: str, stands: dict[str, EscoConceptStatus]) -> str:
    label = stands[concept].label
    return f"{label} ({concept})" if label else concept
