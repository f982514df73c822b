"""Existence of the concepts that a document names, since a document can contain invented IRIs.

A concept exists if a vocabulary in the graph describes it or, while ESCO is not loaded completely, if a mapping set
names it. It is absent if its vocabulary is complete in the graph and does not contain it: the extract of ESCO that
ships is never complete.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from pyoxigraph import NamedNode

from mastery_graph.queries import named_query
from mastery_graph.rdf import Term, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import GREEN_SKILL

_ESCO_PREFIX: Final = "http://data.europa.eu/esco/"


class Existence(StrEnum):
    """Whether a concept exists in the vocabulary to which its IRI belongs."""

    EXISTS = "exists"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def existence_of(store: Store, concepts: Iterable[str]) -> dict[str, Existence]:
    """Return for each concept whether it exists, or `UNKNOWN` if the graph does not have its vocabulary."""
    from mastery_graph.validation.plausibility import esco_is_complete

    unique_concepts = sorted(set(concepts))
    if not unique_concepts:
        return {}
    terms: list[Term] = [NamedNode(concept) for concept in unique_concepts]
    described: dict[str, bool] = {}
    for row in store.select(named_query("concepts/concepts-that-exist").text, {"concept": terms}):
        concept = term_text(row["concept"])
        described[concept] = described.get(concept, False) or term_text(row["described"]) in {"true", "1"}
    complete = any(
        _is_esco(concept) and not described.get(concept) for concept in unique_concepts
    ) and esco_is_complete(store)
    return {
        concept: _existence(concept, described.get(concept), esco_is_complete=complete) for concept in unique_concepts
    }


def _existence(concept: str, is_described: bool | None, *, esco_is_complete: bool) -> Existence:
    """Return whether a concept exists; `is_described` is None if nothing names it, False if only a mapping does."""
    if is_described:
        return Existence.EXISTS
    if _is_esco(concept):
        if esco_is_complete:
            return Existence.ABSENT
        return Existence.UNKNOWN if is_described is None else Existence.EXISTS
    if concept.startswith(GREEN_SKILL):
        return Existence.ABSENT
    return Existence.UNKNOWN


def _is_esco(concept: str) -> bool:
    return concept.startswith(_ESCO_PREFIX)
