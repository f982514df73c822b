"""Obsolete concepts of ESCO and the concepts that replace them (ESCO-1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mastery_graph.credentials.description import Description
from mastery_graph.languages import Joined, Message
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.esco.report import (
    ESCO_PREFIX,
    EscoConceptStatus,
    current_successors,
    esco_concept_statuses,
)
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, ESCO, ISO_THES


def replacement_criteria(store: Store, concepts: Iterable[str]) -> tuple[Criterion, ...]:
    """Return the criterion on obsolete concepts and their successors; empty if none of the concepts is obsolete."""
    statuses = _statuses(store, {concept for concept in concepts if concept.startswith(ESCO_PREFIX)})
    obsolete = [concept for concept in sorted(statuses) if statuses[concept].obsolete]
    if not obsolete:
        return ()
    return judge(store, RULES, _ObsoleteConcepts(store, obsolete, statuses))


@dataclass(frozen=True, slots=True)
class _ObsoleteConcepts:
    """What is judged: the obsolete concepts, and the status of each and of its successors."""

    store: Store
    concepts: list[str]
    statuses: dict[str, EscoConceptStatus]


def _are_replaced(case: _ObsoleteConcepts) -> Judgement:
    """Judge whether each obsolete concept has a current successor (ESCO-1)."""
    all_replaced = all(current_successors(concept, case.statuses) for concept in case.concepts)
    return (
        Outcome.MET if all_replaced else Outcome.UNKNOWN,
        Joined([_sentence(concept, case.statuses) for concept in case.concepts], " "),
        evidence_about(case.store, case.concepts, [ISO_THES + "status", ESCO.status, DCTERMS.isReplacedBy])
        + evidence_about(case.store, _successors(case.concepts, case.statuses), [DCTERMS.replaces]),
    )


RULES: Final[Mapping[str, Judge[_ObsoleteConcepts]]] = {"ESCO-1": _are_replaced}
"""The rule of the criteria on obsolete concepts."""


def concepts_of(descriptions: Iterable[Description]) -> list[str]:
    """Return the concepts of the learning outcomes of these descriptions."""
    return [concept for description in descriptions for outcome in description.outcomes for concept in outcome.concepts]


def _statuses(store: Store, concepts: set[str]) -> dict[str, EscoConceptStatus]:
    """Return the statuses of these concepts in ESCO and of all their direct and indirect successors."""
    statuses: dict[str, EscoConceptStatus] = {}
    while concepts:
        statuses |= esco_concept_statuses(store, concepts)
        concepts = _successors(concepts & statuses.keys(), statuses) - statuses.keys()
    return statuses


def _successors(concepts: Iterable[str], statuses: dict[str, EscoConceptStatus]) -> set[str]:
    return {successor for concept in concepts for successor in statuses[concept].successors}


def _sentence(concept: str, statuses: dict[str, EscoConceptStatus]) -> Message:
    successors = [_name(successor, statuses) for successor in current_successors(concept, statuses)]
    name = _name(concept, statuses)
    if not successors:
        return Message("{concept} is obsolete in ESCO, which names nothing in its place.", concept=name)
    if len(successors) == 1:
        return Message("{concept} is obsolete in ESCO; {successor} replaces it.", concept=name, successor=successors[0])
    return Message(
        "{concept} is obsolete in ESCO. In its place, and close to it: {successors}.",
        concept=name,
        successors=Joined(successors),
    )


def _name(concept: str, statuses: dict[str, EscoConceptStatus]) -> str:
    label = statuses[concept].label
    return f"{label} ({concept})" if label else concept
