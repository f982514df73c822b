"""What an input that takes the place of another one removes, and which levels it states otherwise.

A table of one country in the place of the shipped one would take all other countries out of the graph, without a word.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.errors import WouldRemove
from mastery_graph.vocabulary import DCTERMS, EQF, NS, RDF, SKOS

_NOT_COUNTED: Final = frozenset({NS + "LevelReferencing", DCTERMS + "BibliographicResource"})
"""What goes with something else: the referencing with its level, a source with what cites it."""
_MAX_NAMES: Final = 10
"""Names of one kind in a message."""

_Described = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class LevelDifference:
    """A national level that a table refers to another EQF level than the shipped one; None where it is left open."""

    level: str
    label: str
    country: str
    shipped: str | None
    stated: str | None

    def __str__(self) -> str:
        """Return the level with its country, and both EQF levels."""
        shipped, stated = (f"EQF level {each}" if each else "open" for each in (self.shipped, self.stated))
        return f"{self.label} ({self.country}): {stated}, shipped as {shipped}"


@dataclass(frozen=True, slots=True)
class Removed:
    """A kind of thing that would be removed, and what people call each of them."""

    kind: str
    names: tuple[str, ...]


def removed(before: Iterable[Triple], after: Iterable[Triple]) -> list[Removed]:
    """Return what of one content is not in another, by kind, in the order of the kinds' names."""
    old, new = _described(before), _described(after)
    gone: dict[str, list[str]] = defaultdict(list)
    for iri, stated in old.items():
        kinds = set(stated.get(RDF + "type", ())) - _NOT_COUNTED
        if kinds and iri not in new:
            country = "".join(f" ({code})" for code in stated.get(NS + "countryCode", ())[:1])
            gone[_local(min(kinds))].append(_name(iri, stated) + country)
    return [Removed(kind, tuple(sorted(gone[kind]))) for kind in sorted(gone)]


def countries_lost(before: Iterable[Triple], after: Iterable[Triple]) -> list[str]:
    """Return the codes of the countries that the first content has a level for, and the second has none."""

    def countries(content: Iterable[Triple]) -> set[str]:
        return {
            code
            for stated in _described(content).values()
            if NS + "NationalLevel" in stated.get(RDF + "type", ())
            for code in stated.get(NS + "countryCode", ())
        }

    return sorted(countries(before) - countries(after))


def level_differences(before: Iterable[Triple], after: Iterable[Triple]) -> list[LevelDifference]:
    """Return the levels of both contents that they refer to different EQF levels, in the order of their labels."""
    old, new = _described(before), _described(after)
    shipped, stated = _eqf_levels(old), _eqf_levels(new)
    found = [
        LevelDifference(
            iri, _name(iri, said), said.get(NS + "countryCode", ("",))[0], shipped.get(iri), stated.get(iri)
        )
        for iri, said in new.items()
        if iri in old and NS + "NationalLevel" in said.get(RDF + "type", ()) and shipped.get(iri) != stated.get(iri)
    ]
    return sorted(found, key=lambda each: (each.country, each.label))


def mappings_removed(before: Iterable[Triple], after: Iterable[Triple]) -> list[Removed]:
    """Return the pairs that one version of a mapping set maps and another does not, by whatever relation."""

    def pairs(content: Iterable[Triple]) -> set[str]:
        matches = (
            each for each in content if each.predicate.value.startswith(SKOS) and "Match" in each.predicate.value
        )
        return {f"{each.subject} {each.object}" for each in matches}

    gone = tuple(sorted(pairs(before) - pairs(after)))
    return [Removed("mappings", gone)] if gone else []


def refuse_removal(gone: Sequence[Removed], countries: Sequence[str] = (), differences: Sequence[object] = ()) -> None:
    """Raise `WouldRemove` where anything would be removed, with what and how many."""
    if not gone:
        return
    kinds = "; ".join(f"{len(each.names)} {each.kind}: {_listed(each.names)}" for each in gone)
    raise WouldRemove(
        f"The input would remove what is there and it does not contain: {kinds}.",
        "Nothing was written. Add what is missing to the input, or give --replace to remove it.",
        removed={each.kind: len(each.names) for each in gone},
        countries=list(countries),
        differences=[str(each) for each in differences],
    )


def _described(content: Iterable[Triple]) -> dict[str, dict[str, list[str]]]:
    described: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in content:
        if isinstance(triple.subject, NamedNode):
            value = triple.object
            english = isinstance(value, Literal) and value.language == "en"
            values = described[triple.subject.value][triple.predicate.value]
            values.insert(0 if english else len(values), str(getattr(value, "value", value)))
    return described


def _eqf_levels(described: _Described) -> dict[str, str]:
    return {
        level: eqf.removeprefix(EQF)
        for stated in described.values()
        for level in stated.get(NS + "nationalLevel", ())
        for eqf in stated.get(NS + "eqfLevel", ())
    }


def _name(iri: str, stated: Mapping[str, Sequence[str]]) -> str:
    return next((texts[0] for name in ("prefLabel", "notation") if (texts := stated.get(SKOS + name))), _local(iri))


def _local(iri: str) -> str:
    return iri.replace("#", "/").rpartition("/")[2]


def _listed(names: Sequence[str]) -> str:
    shown = Counter(names)
    return ", ".join([*list(shown)[:_MAX_NAMES], *(["…"] if len(shown) > _MAX_NAMES else [])])
