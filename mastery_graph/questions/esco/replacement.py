"""Concepts that are no longer in use in ESCO, and what takes their place (ESCO-1)."""

from collections.abc import Iterable

from mastery_graph.credentials.description import Description
from mastery_graph.languages import Listed, Sentence
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.esco.report import CONCEPTS, Standing, in_use, standings
from mastery_graph.questions.evidence import statements
from mastery_graph.questions.rules import Rules
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, ESCO, ISO_THES


def replacement_criteria(store: Store, concepts: Iterable[str]) -> tuple[Criterion, ...]:
    """Return the criterion that names the obsolete ones among these concepts and their successors; none without any."""
    stands = _standings(store, {concept for concept in concepts if concept.startswith(CONCEPTS)})
    obsolete = [concept for concept in sorted(stands) if stands[concept].obsolete]
    if not obsolete:
        return ()
    replaced = all(in_use(concept, stands) for concept in obsolete)
    return (
        Rules(store, "ESCO-1").criterion(
            "ESCO-1",
            Outcome.MET if replaced else Outcome.UNKNOWN,
            Listed([_sentence(concept, stands) for concept in obsolete], " "),
            statements(store, obsolete, [ISO_THES + "status", ESCO + "status", DCTERMS + "isReplacedBy"])
            + statements(store, _successors(obsolete, stands), [DCTERMS + "replaces"]),
        ),
    )


def concepts_of(descriptions: Iterable[Description]) -> list[str]:
    """Return the concepts to which the learning outcomes of these descriptions are tied."""
    return [concept for one in descriptions for outcome in one.outcomes for concept in outcome.concepts]


def _standings(store: Store, concepts: set[str]) -> dict[str, Standing]:
    """Return how these concepts stand in ESCO, and those that replace them, one after the other."""
    found: dict[str, Standing] = {}
    while concepts:
        found |= standings(store, concepts)
        concepts = _successors(concepts & found.keys(), found) - found.keys()
    return found


def _successors(concepts: Iterable[str], stands: dict[str, Standing]) -> set[str]:
    return {successor for concept in concepts for successor in stands[concept].successors}


def _sentence(concept: str, stands: dict[str, Standing]) -> Sentence:
    successors = [_name(each, stands) for each in in_use(concept, stands)]
    name = _name(concept, stands)
    if not successors:
        return Sentence("{concept} is obsolete in ESCO, which names nothing in its place.", concept=name)
    if len(successors) == 1:
        return Sentence(
            "{concept} is obsolete in ESCO; {successor} replaces it.", concept=name, successor=successors[0]
        )
    return Sentence(
        "{concept} is obsolete in ESCO. In its place, and close to it: {successors}.",
        concept=name,
        successors=Listed(successors),
    )


def _name(concept: str, stands: dict[str, Standing]) -> str:
    label = stands[concept].label
    return f"{label} ({concept})" if label else concept
