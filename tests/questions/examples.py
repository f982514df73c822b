"""Worked examples in Turtle, split into what is loaded into which graph."""

from collections.abc import Collection
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from mastery_graph.vocabulary import DCTERMS, NS, SKOS, SSSOM


@dataclass(frozen=True)
class Examples:
    """The triples of worked examples, by what they are about."""

    descriptions: list[Triple]
    statements: list[Triple]
    """Recognition statements: within a credential they would bind nobody."""
    knowledge: list[Triple]
    """Concepts and mappings: within a credential they would be claims."""


def split_examples(triples: Collection[Triple]) -> Examples:
    """Split triples by their subjects."""
    statement = NamedNode(NS + "RecognitionStatement")
    stated = {triple.subject for triple in triples if triple.object == statement}
    known = {triple.subject for triple in triples if _is_knowledge(triple)}
    return Examples(
        [triple for triple in triples if triple.subject not in stated | known],
        [triple for triple in triples if triple.subject in stated],
        [triple for triple in triples if triple.subject in known],
    )


def _is_knowledge(triple: Triple) -> bool:
    predicate = triple.predicate.value
    return (
        predicate == DCTERMS + "isReplacedBy"
        or predicate.startswith(SSSOM)
        or triple.object == NamedNode(SKOS + "Concept")
        or (predicate.startswith(SKOS) and predicate.endswith(("Match", "broader", "narrower", "related")))
    )
