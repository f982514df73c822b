"""What a person decides about a mapping: kept as an attributed record (SSSOM), a refusal as one that denies it.

The decisions have a named graph of their own, which a build leaves as it is. There is one decision for each pair of a
subject and an object: a later one takes the place of the one before. A text that is no concept yet is named by an IRI
made of its words, so that the same text is known again however it is written.
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
from mastery_graph.queries import named_query
from mastery_graph.rdf import link, typed, words
from mastery_graph.rdf import term_text as text_of
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, ID, RDF, SEMAPV, SKOS, SSSOM, graph

DECISIONS: Final = graph("mappings/decisions")
_SET: Final = ID + "mapping-set/decisions"
_TEXT: Final = ID + "text/"


class Decision(Record):
    """That a person takes a concept for what a subject means, or refuses it."""

    subject: Annotated[str, Field(min_length=1, max_length=2000)]
    """The IRI of a concept, or a text."""
    object: Annotated[str, Field(min_length=1, max_length=2000)]
    """The IRI of the concept."""
    relation: Literal["exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"] = "exactMatch"
    accepted: bool
    """False denies the mapping."""
    author: Annotated[str, Field(min_length=1, max_length=200)]
    """The name of whoever decides."""
    author_id: Annotated[str | None, Field(max_length=200, pattern=r"^https?://\S+$")] = None
    """Their IRI, such as an ORCID."""
    comment: Annotated[str | None, Field(max_length=2000)] = None

    @property
    def subject_iri(self) -> str:
        """The IRI of the subject: its own, or that of its text."""
        return self.subject if "://" in self.subject else text_iri(self.subject)

    @property
    def record(self) -> str:
        """The IRI of the record that keeps the decision."""
        return f"{ID}mapping/decision-{_digest(self.subject_iri, self.object)}"


def text_iri(text: str) -> str:
    """Return the IRI for a text, the same however it is written.

    >>> text_iri("Waste sorting") == text_iri("waste  SORTING!")
    True
    """
    return _TEXT + _digest(normalize(text))


def record_decision(store: Store, decision: Decision, on: date) -> bool:
    """Write a decision into a store; return whether it changed anything. Raises `BadParameter` for a bad IRI.

    The same decision again changes nothing, not even its date.
    """
    from mastery_graph.pipeline.build import replace_graph

    try:
        new = list(_triples(decision, on))
    except ValueError as error:
        raise BadParameter(f"The decision names something that is no IRI: {error}.") from None
    present = store.construct(named_query("browse/graph").text, {"graph": NamedNode(DECISIONS)})
    before = [each for each in present if _is_of(each, decision)]
    if {_undated(each) for each in before} == {_undated(each) for each in new}:
        return False
    kept = [each for each in present if not _is_of(each, decision)]
    replace_graph(store, DECISIONS, list(dict.fromkeys([*_head(), *kept, *new])))
    return True


def refused_pairs(store: Store, finder: Finder, texts: Iterable[str], uris: Iterable[str]) -> set[tuple[str, str]]:
    """Return which concepts are denied for which texts, as pairs of a normal text and an IRI.

    Denied are what a person has refused for the text itself, or for a concept that has the text for a label.
    """
    asked = {text_iri(text): normalize(text) for text in texts if normalize(text)}
    concepts = set(uris)
    if not asked or not concepts:
        return set()
    nodes = [NamedNode(iri) for iri in sorted(concepts)]
    found: set[tuple[str, str]] = set()
    for row in store.select(named_query("equivalence/denied-mappings").text, {"concept": nodes}):
        subject, value = text_of(row["subject"]), text_of(row["object"])
        for end, other in ((subject, value), (value, subject)):
            if other in concepts:
                found |= {(name, other) for name in _names(finder, end, asked)}
    return found


def _names(finder: Finder, iri: str, asked: dict[str, str]) -> set[str]:
    """Return those of the texts that name what this IRI stands for."""
    if iri in asked:
        return {asked[iri]}
    entry = finder.entry(iri)
    return {normalize(label.text) for label in entry.labels} & set(asked.values()) if entry else set()


def _head() -> Iterator[Triple]:
    yield link(_SET, RDF + "type", SSSOM + "MappingSet")
    yield words(_SET, DCTERMS + "title", "Decisions of people who used this service", "en")


def _triples(decision: Decision, on: date) -> Iterator[Triple]:
    name, subject = decision.record, decision.subject_iri
    relation = SKOS + decision.relation
    yield link(name, RDF + "type", SSSOM + "Mapping")
    yield link(name, DCTERMS + "isPartOf", _SET)
    yield link(name, SSSOM + "subject_id", subject)
    yield link(name, SSSOM + "predicate_id", relation)
    yield link(name, SSSOM + "object_id", decision.object)
    yield link(name, SSSOM + "mapping_justification", SEMAPV + "ManualMappingCuration")
    yield words(name, SSSOM + "author_label", decision.author)
    yield typed(name, SSSOM + "mapping_date", on.isoformat(), "date")
    if subject != decision.subject:
        yield words(name, SSSOM + "subject_label", " ".join(decision.subject.split()))
    if decision.author_id:
        yield link(name, SSSOM + "author_id", decision.author_id)
    if decision.comment:
        yield words(name, SSSOM + "comment", decision.comment)
    if decision.accepted:
        yield link(subject, relation, decision.object)
    else:
        yield link(name, SSSOM + "predicate_modifier", SSSOM + "NegatedPredicate")


def _is_of(triple: Triple, decision: Decision) -> bool:
    """Tell whether a triple is part of a decision about the same pair."""
    if triple.subject == NamedNode(decision.record):
        return True
    ends = (triple.subject, triple.object)
    wanted = (NamedNode(decision.subject_iri), NamedNode(decision.object))
    return ends == wanted and triple.predicate.value.startswith(SKOS)


def _undated(triple: Triple) -> Triple | None:
    return None if triple.predicate.value == SSSOM + "mapping_date" else triple


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
