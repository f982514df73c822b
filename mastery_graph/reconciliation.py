"""Reconciliation of names with the concepts of the graph, with the features behind each score.

This is the part common to the versions of the protocol (W3C Entity Reconciliation Community Group, 0.2 and the draft of
1.0), whose own formats are in the API. An exact label scores 100, a name without similar labels has no candidates, and
at most one candidate is a sure match.
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
"""The value of a property: a text or a concept."""

_MIN_CONDITION_FACTOR: Final = 0.6
"""The factor applied to a score if none of the conditions is met."""
_MAX_CANDIDATES: Final = 50

TYPES: Final = {
    ESCO.Skill: "ESCO skill",
    NS.GreenSkill: "Green skill",
    ESCO.Occupation: "ESCO occupation",
    SKOS.Concept: "Group or other concept",
}
"""The classes offered to clients, with their names."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property that clients can request: its name, its description, and the function that reads its values."""

    name: str
    description: str
    values: Callable[[Entry, Finder, str], Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Condition:
    """A property that should have any, all or none of these values; `required` excludes other candidates."""

    property: str
    values: tuple[str, ...]
    required: bool = False
    quantifier: str = "any"


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """A query for concepts by name, identifiers and values of properties, within classes."""

    text: str = ""
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    every_type: bool = False
    """Whether a candidate must have all the types, instead of one of them."""
    conditions: tuple[Condition, ...] = ()
    limit: int = 10
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ReconciliationMatch:
    """A candidate with its score from 0 to 100; `sure` is true for at most one candidate of a query."""

    entry: Entry
    score: float
    sure: bool
    features: dict[str, float | bool]


def reconcile(store: Store, finder: Finder, query: ReconciliationQuery) -> list[ReconciliationMatch]:
    """Return the matches of a query, the best first, without those that a person has refused for its text."""
    selection = Selection(types=query.types) if not query.every_type else Selection(types=query.types[:1])
    matches = [_by_id(entry) for entry in map(finder.entry, query.ids) if entry and _has_types(entry, query)]
    if query.text:
        candidates = finder.find(query.text, _MAX_CANDIDATES, language=query.language, selection=selection)
        if query.every_type:
            candidates = [candidate for candidate in candidates if _has_types(candidate.entry, query)]
        matches += _by_name(candidates)
    elif not query.ids:
        matches += [_by_id(entry) for entry in _by_code(finder, query) if _has_types(entry, query)]
    accepted = [match for match in (_apply_conditions(finder, match, query) for match in matches) if match is not None]
    refused = {uri for _, uri in refused_pairs(store, finder, [query.text], [match.entry.uri for match in accepted])}
    accepted = sorted((match for match in accepted if match.entry.uri not in refused), key=_rank)
    return [replace(match, sure=match.sure and position == 0) for position, match in enumerate(accepted[: query.limit])]


def suggested_entities(finder: Finder, prefix: str, skip: int = 0, limit: int = 10) -> list[Entry]:
    """Return the concepts with a label with this prefix, or with this IRI."""
    entry = finder.entry(prefix) if "://" in prefix else None
    entries = [entry] if entry else [entry for entry, _ in finder.complete(prefix, skip + limit)]
    return entries[skip : skip + limit]


def filter_by_prefix(names: dict[str, str], prefix: str) -> dict[str, str]:
    """Return the names, by identifier, that contain the prefix or whose identifier starts with it."""
    normalized_prefix = normalize(prefix)
    return {iri: name for iri, name in names.items() if normalized_prefix in normalize(name) or iri.startswith(prefix)}


def property_values(finder: Finder, uri: str, name: str, language: str | None = None, limit: int = 0) -> list[Value]:
    """Return the values that a concept has for a property; none for a concept or property that is unknown."""
    entry = finder.entry(uri)
    definition = PROPERTIES.get(name)
    if entry is None or definition is None:
        return []
    values = list(definition.values(entry, finder, language or "en"))
    return values[:limit] if limit > 0 else values


def _by_name(candidates: Sequence[ConceptCandidate]) -> list[ReconciliationMatch]:
    exact = [candidate for candidate in candidates if candidate.features.exact]
    preferred = [candidate for candidate in exact if candidate.label.role == "preferred"]
    sure = preferred if len(preferred) == 1 else exact if len(exact) == 1 else []
    return [
        ReconciliationMatch(candidate.entry, candidate.score, candidate in sure, candidate.features.as_dict())
        for candidate in candidates
    ]


def _by_id(entry: Entry) -> ReconciliationMatch:
    return ReconciliationMatch(entry, 100.0, True, {"identifier": True})


def _by_code(finder: Finder, query: ReconciliationQuery) -> list[Entry]:
    codes = [value for condition in query.conditions if condition.property == "code" for value in condition.values]
    return [entry for code in codes for entry in finder.coded(code)]


def _apply_conditions(
    finder: Finder, match: ReconciliationMatch, query: ReconciliationQuery
) -> ReconciliationMatch | None:
    """Return a match rescored by the query's conditions, or None if a required one is not met."""
    if not query.conditions:
        return match
    features = dict(match.features)
    met_count = 0
    for condition in query.conditions:
        values = {
            _normalize_value(value)
            for value in property_values(finder, match.entry.uri, condition.property, query.language)
        }
        matching = [normalize(value) in values for value in condition.values]
        met = {"all": all(matching), "none": not any(matching)}.get(condition.quantifier, any(matching))
        if condition.required and not met:
            return None
        features[f"property-{condition.property}"] = met
        met_count += met
    share = met_count / len(query.conditions)
    score = round(match.score * (_MIN_CONDITION_FACTOR + (1 - _MIN_CONDITION_FACTOR) * share), 1)
    return ReconciliationMatch(match.entry, score, match.sure and share == 1, features)


def _normalize_value(value: Value) -> str:
    return normalize(value.uri if isinstance(value, Entry) else value)


def _has_types(entry: Entry, query: ReconciliationQuery) -> bool:
    matching = [iri in entry.types for iri in query.types]
    return not matching or (all(matching) if query.every_type else any(matching))


def _rank(match: ReconciliationMatch) -> tuple[float, bool, str]:
    return -match.score, not match.sure, match.entry.uri


def _labels(entry: Entry, _finder: Finder, language: str) -> list[Value]:
    return [entry.label(language)]


def _alternatives(entry: Entry, _finder: Finder, language: str) -> list[Value]:
    return [label.text for label in entry.labels if label.role == "alternative" and label.language == language]


def _description(entry: Entry, _finder: Finder, language: str) -> list[Value]:
    text = entry.descriptions.get(language) or entry.descriptions.get("en")
    return [text] if text else []


def _broader(entry: Entry, finder: Finder, _language: str) -> list[Value]:
    return [concept for concept in map(finder.entry, entry.broader) if concept]


def _code(entry: Entry, _finder: Finder, _language: str) -> Iterable[Value]:
    return [entry.code] if entry.code else []


def _frameworks(entry: Entry, finder: Finder, _language: str) -> list[Value]:
    return [finder.entry(scheme) or scheme for scheme in entry.schemes]


PROPERTIES: Final = {
    "label": Property("Preferred label", "The preferred label in a language.", _labels),
    "alternative": Property("Alternative labels", "Other labels in a language.", _alternatives),
    "description": Property("Description", "The description or definition.", _description),
    "broader": Property("Broader concept", "The concept above it in its hierarchy.", _broader),
    "code": Property("Code", "Its code in its framework.", lambda *arguments: list(_code(*arguments))),
    "framework": Property("Framework", "The concept schemes that it is in.", _frameworks),
}
"""The properties of a concept that clients can request, by their identifiers."""
