"""Decisions of people about mappings, stored as attributed SSSOM records; a rejection is a negated mapping.

The decisions have their own named graph, which a build does not change. There is one decision for each pair of subject
and object; a later one replaces it. A text that is not a concept is identified by an IRI derived from its normalised
words, so that the same text is recognised whatever its spelling.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field
from pyoxigraph import NamedNode, Triple

from mastery_graph.concept_search.analysis import normalize
from mastery_graph.concept_search.finder import Finder
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.rdf import link, typed, words
from mastery_graph.rdf import term_text as text_of
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store, WritableStore
from mastery_graph.vocabulary import DCTERMS, ID, RDF, SEMAPV, SKOS, SSSOM, graph

DECISIONS: Final = graph("mappings/decisions")
_SET: Final = ID + "mapping-set/decisions"
_TEXT: Final = ID + "text/"


class Decision(Record):
    """The decision of a person that a concept matches a subject, or does not."""

    subject: Annotated[str, Field(min_length=1, max_length=2000)]
    """The IRI of a concept, or a text."""
    object: Annotated[str, Field(min_length=1, max_length=2000)]
    """The IRI of the concept."""
    relation: Literal["exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"] = "exactMatch"
    accepted: bool
    """False rejects the mapping."""
    author: Annotated[str, Field(min_length=1, max_length=200)]
    """The name of the person."""
    author_id: Annotated[str | None, Field(max_length=200, pattern=r"^https?://\S+$")] = None
    """Their IRI, such as an ORCID."""
    comment: Annotated[str | None, Field(max_length=2000)] = None

    @property
    def subject_iri(self) -> str:
        """The IRI of the subject: its own, or the one derived from its text."""
        return self.subject if "://" in self.subject else text_iri(self.subject)

    @property
    def record(self) -> str:
        """The IRI of the record of the decision."""
        return f"{ID}mapping/decision-{_digest(self.subject_iri, self.object)}"


def text_iri(text: str) -> str:
    """Return the IRI for a text, the same for all spellings that are equal when normalised.

    >>> text_iri("Waste sorting") == text_iri("waste  SORTING!")
    True
    """
    return _TEXT + _digest(normalize(text))


def record_decision(store: WritableStore, decision: Decision, on: date) -> bool:
    """Write a decision into a store; return whether the store has changed. Raises `BadParameter` for a bad IRI.

    Repeating a decision changes nothing, not even its date.
    """
    from mastery_graph.pipeline.build import replace_graph

    try:
        new = list(_triples(decision, on))
    except ValueError as error:
        raise BadParameter(
            Message("The decision names something that is not an IRI: {reason}.", reason=error)
        ) from None
    present = store.construct(named_query("browse/graph").text, {"graph": NamedNode(DECISIONS)})
    before = [triple for triple in present if _belongs_to(triple, decision)]
    if {_without_date(triple) for triple in before} == {_without_date(triple) for triple in new}:
        return False
    others = [triple for triple in present if not _belongs_to(triple, decision)]
    replace_graph(store, DECISIONS, list(dict.fromkeys([*_set_metadata(), *others, *new])))
    return True


def refused_pairs(store: Store, finder: Finder, texts: Iterable[str], uris: Iterable[str]) -> set[tuple[str, str]]:
    """Return which concepts are rejected for which texts, as pairs of a normalised text and an IRI.

    A concept is rejected if a person has rejected it for the text itself, or for a concept labelled with the text.
    """
    texts_by_iri = {text_iri(text): normalize(text) for text in texts if normalize(text)}
    concepts = set(uris)
    if not texts_by_iri or not concepts:
        return set()
    nodes = [NamedNode(iri) for iri in sorted(concepts)]
    pairs: set[tuple[str, str]] = set()
    for row in store.select(named_query("equivalence/denied-mappings").text, {"concept": nodes}):
        subject, value = text_of(row["subject"]), text_of(row["object"])
        for end, other in ((subject, value), (value, subject)):
            if other in concepts:
                pairs |= {(name, other) for name in _names(finder, end, texts_by_iri)}
    return pairs


def _names(finder: Finder, iri: str, texts_by_iri: dict[str, str]) -> set[str]:
    """Return the texts that name the resource with this IRI."""
    if iri in texts_by_iri:
        return {texts_by_iri[iri]}
    entry = finder.entry(iri)
    return {normalize(label.text) for label in entry.labels} & set(texts_by_iri.values()) if entry else set()


def _set_metadata() -> Iterator[Triple]:
    yield link(_SET, RDF.type, SSSOM.MappingSet)
    yield words(_SET, DCTERMS.title, "Decisions of people who used this service", "en")


def _triples(decision: Decision, on: date) -> Iterator[Triple]:
    name, subject = decision.record, decision.subject_iri
    relation = SKOS + decision.relation
    yield link(name, RDF.type, SSSOM.Mapping)
    yield link(name, DCTERMS.isPartOf, _SET)
    yield link(name, SSSOM.subject_id, subject)
    yield link(name, SSSOM.predicate_id, relation)
    yield link(name, SSSOM.object_id, decision.object)
    yield link(name, SSSOM.mapping_justification, SEMAPV.ManualMappingCuration)
    yield words(name, SSSOM.author_label, decision.author)
    yield typed(name, SSSOM.mapping_date, on.isoformat(), "date")
    if subject != decision.subject:
        yield words(name, SSSOM.subject_label, " ".join(decision.subject.split()))
    if decision.author_id:
        yield link(name, SSSOM.author_id, decision.author_id)
    if decision.comment:
        yield words(name, SSSOM.comment, decision.comment)
    if decision.accepted:
        yield link(subject, relation, decision.object)
    else:
        yield link(name, SSSOM.predicate_modifier, SSSOM.NegatedPredicate)


def _belongs_to(triple: Triple, decision: Decision) -> bool:
    """Return whether a triple is part of a decision about the same pair."""
    if triple.subject == NamedNode(decision.record):
        return True
    ends = (triple.subject, triple.object)
    pair = (NamedNode(decision.subject_iri), NamedNode(decision.object))
    return ends == pair and triple.predicate.value.startswith(SKOS)


def _without_date(triple: Triple) -> Triple | None:
    return None if triple.predicate.value == SSSOM.mapping_date else triple


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
