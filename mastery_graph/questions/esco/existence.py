"""Existence of the concepts that a document names: a document can make up an address.

A concept exists where a vocabulary in the graph describes it or where, as long as ESCO is not loaded completely, a
mapping set names it. It is absent where its vocabulary is in the graph completely and does not have it.
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
    """Whether a concept exists in the vocabulary to which its address belongs."""

    EXISTS = "exists"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def existence_of(store: Store, concepts: Iterable[str]) -> dict[str, Existence]:
    """Return for each concept whether it exists, as far as the graph can tell."""
    from mastery_graph.validation.plausibility import esco_is_complete

    requested = sorted(set(concepts))
    if not requested:
        return {}
    terms: list[Term] = [NamedNode(concept) for concept in requested]
    described: dict[str, bool] = {}
    for row in store.select(named_query("concepts/concepts-that-exist").text, {"concept": terms}):
        concept = term_text(row["concept"])
        described[concept] = described.get(concept, False) or term_text(row["described"]) in {"true", "1"}
    complete = any(_is_esco(concept) and not described.get(concept) for concept in requested) and esco_is_complete(
        store
    )
    return {concept: _existence(concept, described.get(concept), esco_is_complete=complete) for concept in requested}


def _existence(concept: str, described: bool | None, *, esco_is_complete: bool) -> Existence:
    """Return whether a concept exists; `described` is None where nothing names it, False where only a mapping does."""
    if described:
        return Existence.EXISTS
    if _is_esco(concept):
        if esco_is_complete:
            return Existence.ABSENT
        return Existence.UNKNOWN if described is None else Existence.EXISTS
    if concept.startswith(GREEN_SKILL):
        return Existence.ABSENT
    return Existence.UNKNOWN


def _is_esco(concept: str) -> bool:
    return concept.startswith(_ESCO_PREFIX)
