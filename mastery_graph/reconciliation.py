"""Reconciliation: a column of names against the concepts of the graph, with a reason for each score.

The protocol's own forms (W3C Entity Reconciliation Community Group, 0.2 and the draft of 1.0) are the API's; here is
what they have in common. An exact label scores 100, where nothing fits nothing is offered, and at most one candidate
is called a match.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mastery_graph.concept_search.analysis import normalize
from mastery_graph.concept_search.entries import Entry
from mastery_graph.concept_search.finder import ConceptCandidate, Finder
from mastery_graph.concept_search.index import Selection
from mastery_graph.mappings.mapping_decisions import refused_pairs
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ESCO, NS, SKOS

Value = str | Entry
"""The value of a property: a text, or a concept."""

_UNMATCHED: Final = 0.6
"""What is left of a score where none of the asked properties has an asked value."""
_ALIKE: Final = 50

TYPES: Final = {
    ESCO + "Skill": "ESCO skill",
    NS + "GreenSkill": "Green skill",
    ESCO + "Occupation": "ESCO occupation",
    SKOS + "Concept": "Group or other concept",
}
"""The classes that are proposed, with their names."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property that can be asked for: its name, what it holds, and how it is read."""

    name: str
    description: str
    values: Callable[[Entry, Finder, str], Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Condition:
    """A property that should have one of these values, or all, or none of them; `required` leaves no choice."""

    property: str
    values: tuple[str, ...]
    required: bool = False
    quantifier: str = "any"


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """What is looked for: a name, an identifier, values of properties, within classes."""

    text: str = ""
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    every_type: bool = False
    """Whether a candidate must have all the types, in place of one."""
    conditions: tuple[Condition, ...] = ()
    limit: int = 10
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ReconciliationMatch:
    """A candidate with its score from 0 to 100; `sure` is true for at most one of an answer."""

    entry: Entry
    score: float
    sure: bool
    features: dict[str, float | bool]


def reconcile(store: Store, finder: Finder, query: ReconciliationQuery) -> list[ReconciliationMatch]:
    """Return what fits a query, the best first, without what a person has refused for its text."""
    selection = Selection(types=query.types) if not query.every_type else Selection(types=query.types[:1])
    found = [_by_id(each) for each in map(finder.entry, query.ids) if each and _has_types(each, query)]
    if query.text:
        candidates = finder.find(query.text, _ALIKE, language=query.language, selection=selection)
        if query.every_type:
            candidates = [each for each in candidates if _has_types(each.entry, query)]
        found += _named(candidates)
    elif not query.ids:
        found += [_by_id(each) for each in _by_code(finder, query) if _has_types(each, query)]
    judged = [judged for each in found if (judged := _conditioned(finder, each, query)) is not None]
    no = {uri for _, uri in refused_pairs(store, finder, [query.text], [each.entry.uri for each in judged])}
    judged = sorted((each for each in judged if each.entry.uri not in no), key=_rank)
    return [replace(each, sure=each.sure and place == 0) for place, each in enumerate(judged[: query.limit])]


def suggested_entities(finder: Finder, prefix: str, skip: int = 0, limit: int = 10) -> list[Entry]:
    """Return concepts with a label that begins like this, or that have this IRI."""
    known = finder.entry(prefix) if "://" in prefix else None
    found = [known] if known else [entry for entry, _ in finder.complete(prefix, skip + limit)]
    return found[skip : skip + limit]


def filter_by_prefix(names: dict[str, str], prefix: str) -> dict[str, str]:
    """Return those of some names, by identifier, that have the prefix in them."""
    asked = normalize(prefix)
    return {iri: name for iri, name in names.items() if asked in normalize(name) or iri.startswith(prefix)}


def property_values(finder: Finder, uri: str, name: str, language: str | None = None, limit: int = 0) -> list[Value]:
    """Return the values that a concept has for a property; none for a concept or property that is unknown."""
    entry = finder.entry(uri)
    known = PROPERTIES.get(name)
    if entry is None or known is None:
        return []
    values = list(known.values(entry, finder, language or "en"))
    return values[:limit] if limit > 0 else values


def _named(candidates: Sequence[ConceptCandidate]) -> list[ReconciliationMatch]:
    exact = [each for each in candidates if each.features.exact]
    preferred = [each for each in exact if each.label.role == "preferred"]
    sure = preferred if len(preferred) == 1 else exact if len(exact) == 1 else []
    return [ReconciliationMatch(each.entry, each.score, each in sure, each.features.as_dict()) for each in candidates]


def _by_id(entry: Entry) -> ReconciliationMatch:
    return ReconciliationMatch(entry, 100.0, True, {"identifier": True})


def _by_code(finder: Finder, query: ReconciliationQuery) -> list[Entry]:
    codes = [value for each in query.conditions if each.property == "code" for value in each.values]
    return [entry for code in codes for entry in finder.coded(code)]


def _conditioned(finder: Finder, match: ReconciliationMatch, query: ReconciliationQuery) -> ReconciliationMatch | None:
    """Return a match judged by the query's conditions, or None where a required one does not hold."""
    if not query.conditions:
        return match
    features = dict(match.features)
    held = 0
    for each in query.conditions:
        has = {_normal(value) for value in property_values(finder, match.entry.uri, each.property, query.language)}
        holds = [normalize(value) in has for value in each.values]
        met = {"all": all(holds), "none": not any(holds)}.get(each.quantifier, any(holds))
        if each.required and not met:
            return None
        features[f"property-{each.property}"] = met
        held += met
    share = held / len(query.conditions)
    score = round(match.score * (_UNMATCHED + (1 - _UNMATCHED) * share), 1)
    return ReconciliationMatch(match.entry, score, match.sure and share == 1, features)


def _normal(value: Value) -> str:
    return normalize(value.uri if isinstance(value, Entry) else value)


def _has_types(entry: Entry, query: ReconciliationQuery) -> bool:
    has = [one in entry.types for one in query.types]
    return not has or (all(has) if query.every_type else any(has))


def _rank(match: ReconciliationMatch) -> tuple[float, bool, str]:
    return -match.score, not match.sure, match.entry.uri


def _labels(entry: Entry, _finder: Finder, language: str) -> list[Value]:
    return [entry.label(language)]


def _alternatives(entry: Entry, _finder: Finder, language: str) -> list[Value]:
    return [each.text for each in entry.labels if each.role == "alternative" and each.language == language]


def _description(entry: Entry, _finder: Finder, language: str) -> list[Value]:
    text = entry.descriptions.get(language) or entry.descriptions.get("en")
    return [text] if text else []


def _broader(entry: Entry, finder: Finder, _language: str) -> list[Value]:
    return [each for each in map(finder.entry, entry.broader) if each]


def _code(entry: Entry, _finder: Finder, _language: str) -> Iterable[Value]:
    return [entry.code] if entry.code else []


def _frameworks(entry: Entry, finder: Finder, _language: str) -> list[Value]:
    return [finder.entry(scheme) or scheme for scheme in entry.schemes]


PROPERTIES: Final = {
    "label": Property("Preferred label", "The preferred label in a language.", _labels),
    "alternative": Property("Alternative labels", "Other labels in a language.", _alternatives),
    "description": Property("Description", "The description or definition.", _description),
    "broader": Property("Broader concept", "The concept above it in its hierarchy.", _broader),
    "code": Property("Code", "Its code in its framework.", lambda *given: list(_code(*given))),
    "framework": Property("Framework", "The concept schemes that it is in.", _frameworks),
}
"""The properties of a concept that can be asked for, by their identifiers."""
