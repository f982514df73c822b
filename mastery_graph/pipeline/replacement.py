"""The effects of replacing one input by another: what would be removed, and which levels would change.

A table of one country instead of the shipped one would otherwise silently remove all other countries from the graph.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.errors import AdvisedAction, WouldRemove
from mastery_graph.vocabulary import DCTERMS, EQF, NS, RDF, SKOS

_NOT_COUNTED: Final = frozenset({NS.LevelReferencing, DCTERMS.BibliographicResource})
"""Resources that belong to others: a referencing to its level, a source to what cites it."""
_MAX_NAMES: Final = 10
"""The number of names of one kind in a message."""

_Properties = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class LevelDifference:
    """A national level that a table references to another EQF level than the shipped one; None if it has none."""

    level: str
    label: str
    country: str
    shipped: str | None
    stated: str | None

    def __str__(self) -> str:
        """Return the level with its country, and both EQF levels."""
        shipped, stated = (f"EQF level {level}" if level else "open" for level in (self.shipped, self.stated))
        return f"{self.label} ({self.country}): {stated}, shipped as {shipped}"


@dataclass(frozen=True, slots=True)
class Removed:
    """A kind of resource that would be removed, and the names of these resources."""

    kind: str
    names: tuple[str, ...]


def removals(before: Iterable[Triple], after: Iterable[Triple]) -> list[Removed]:
    """Return the resources of `before` that are missing in `after`, by kind, ordered by kind."""
    old, new = _properties(before), _properties(after)
    names: dict[str, list[str]] = defaultdict(list)
    for iri, properties in old.items():
        kinds = set(properties.get(RDF.type, ())) - _NOT_COUNTED
        if kinds and iri not in new:
            country = "".join(f" ({code})" for code in properties.get(NS.countryCode, ())[:1])
            names[_local(min(kinds))].append(_name(iri, properties) + country)
    return [Removed(kind, tuple(sorted(names[kind]))) for kind in sorted(names)]


def countries_lost(before: Iterable[Triple], after: Iterable[Triple]) -> list[str]:
    """Return the codes of the countries with a level in `before` and none in `after`."""

    def countries(content: Iterable[Triple]) -> set[str]:
        return {
            code
            for properties in _properties(content).values()
            if NS.NationalLevel in properties.get(RDF.type, ())
            for code in properties.get(NS.countryCode, ())
        }

    return sorted(countries(before) - countries(after))


def level_differences(before: Iterable[Triple], after: Iterable[Triple]) -> list[LevelDifference]:
    """Return the levels in both that are referenced to different EQF levels, ordered by country and label."""
    old, new = _properties(before), _properties(after)
    old_levels, new_levels = _eqf_levels(old), _eqf_levels(new)
    differences = [
        LevelDifference(
            iri,
            _name(iri, properties),
            properties.get(NS.countryCode, ("",))[0],
            old_levels.get(iri),
            new_levels.get(iri),
        )
        for iri, properties in new.items()
        if iri in old
        and NS.NationalLevel in properties.get(RDF.type, ())
        and old_levels.get(iri) != new_levels.get(iri)
    ]
    return sorted(differences, key=lambda difference: (difference.country, difference.label))


def mappings_removed(before: Iterable[Triple], after: Iterable[Triple]) -> list[Removed]:
    """Return the pairs of concepts that `before` maps and `after` does not, whatever the relation."""

    def pairs(content: Iterable[Triple]) -> set[str]:
        matches = (
            triple
            for triple in content
            if triple.predicate.value.startswith(SKOS) and "Match" in triple.predicate.value
        )
        return {f"{triple.subject} {triple.object}" for triple in matches}

    unmapped = tuple(sorted(pairs(before) - pairs(after)))
    return [Removed("mappings", unmapped)] if unmapped else []


def refuse_removal(
    removals: Sequence[Removed], countries: Sequence[str] = (), differences: Sequence[object] = ()
) -> None:
    """Raise `WouldRemove`, with names and numbers, if anything would be removed."""
    if not removals:
        return
    kinds = "; ".join(f"{len(removal.names)} {removal.kind}: {_join_names(removal.names)}" for removal in removals)
    raise WouldRemove(
        f"The input would remove what is there and it does not contain: {kinds}.",
        "Nothing was written. Add what is missing to the input.",
        AdvisedAction.ALLOW_REMOVAL,
        removed={removal.kind: len(removal.names) for removal in removals},
        countries=list(countries),
        differences=[str(difference) for difference in differences],
    )


def _properties(content: Iterable[Triple]) -> dict[str, dict[str, list[str]]]:
    properties: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in content:
        if isinstance(triple.subject, NamedNode):
            value = triple.object
            english = isinstance(value, Literal) and value.language == "en"
            values = properties[triple.subject.value][triple.predicate.value]
            values.insert(0 if english else len(values), str(getattr(value, "value", value)))
    return properties


def _eqf_levels(content: _Properties) -> dict[str, str]:
    return {
        level: eqf.removeprefix(EQF)
        for properties in content.values()
        for level in properties.get(NS.nationalLevel, ())
        for eqf in properties.get(NS.eqfLevel, ())
    }


def _name(iri: str, properties: Mapping[str, Sequence[str]]) -> str:
    return next((texts[0] for name in ("prefLabel", "notation") if (texts := properties.get(SKOS + name))), _local(iri))


def _local(iri: str) -> str:
    return iri.replace("#", "/").rpartition("/")[2]


def _join_names(names: Sequence[str]) -> str:
    distinct = Counter(names)
    return ", ".join([*list(distinct)[:_MAX_NAMES], *(["…"] if len(distinct) > _MAX_NAMES else [])])
