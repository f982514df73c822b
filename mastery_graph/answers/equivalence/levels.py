"""Equivalence of levels: from a national or EQF level to every comparable level, through both referencings.

Rules LEVEL-1 to LEVEL-4. Comparable is not equal: nothing is claimed on content, workload or rights.
"""

import difflib
from collections.abc import Iterable
from typing import ClassVar

from pyoxigraph import Literal, NamedNode

from mastery_graph.answers.answer import Answer, Criterion, Evidence, Outcome, Record
from mastery_graph.answers.evidence import dataset, statements, text
from mastery_graph.answers.rules import Rules
from mastery_graph.errors import UnknownCountry, UnknownLevel
from mastery_graph.languages import Country, Listed, Sentence, said
from mastery_graph.languages.records import Said
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Bindings, Row, Store
from mastery_graph.vocabulary import EQF, NS, SKOS

_EVIDENCE = (
    NS + "nationalLevel",
    NS + "eqfLevel",
    NS + "basis",
    NS + "confidence",
    NS + "historical",
    NS + "openBecause",
    SKOS + "note",
)


class Level(Record):
    """A level of a framework. `eqf_level` is 1 to 8, or None where no referencing is verified."""

    uri: str
    label: str
    framework: str
    framework_uri: str
    country: str | None
    """ISO 3166-1 alpha-3 (XKX for Kosovo); None for the EQF itself."""
    position: int
    """The place in the framework, 1 lowest."""
    eqf_level: int | None
    referencing: str | None = None
    """The IRI of the referencing, where there is one."""
    historical: bool = False
    """True where the country no longer takes part in the EQF."""
    open_because: Said | None = None
    """Why there is no verified referencing, where there is none."""


class LevelEquivalence(Answer):
    """Which levels compare with a level: `comparable`, `not-comparable` or `undetermined`."""

    kind: ClassVar[str] = "equivalence/levels"

    level: Level
    country: str | None
    equivalents: tuple[Level, ...]
    unreferenced: tuple[Level, ...]
    """The levels of the asked country (of all, where none is asked) without a verified referencing."""


def equivalent_levels(store: Store, level: str, country: str | None = None) -> LevelEquivalence:
    """Return every level that compares with `level`, in `country` (ISO alpha-3) or in all frameworks.

    `level` is a URI, an official label (`FiNQF Level 5`) or `EQF 5`. Raises `UnknownLevel` and `UnknownCountry`.
    Rules: LEVEL-1 to LEVEL-4 (EQF Recommendation 2017/C 189/03, Annex III).
    """
    asked = find_level(store, level)
    code = check_country(store, country) if country else None
    others = _comparable(store, asked.uri, code)
    open_levels = tuple(other for other in all_levels(store, code) if other.open_because and other.uri != asked.uri)
    criteria = _criteria(store, asked, code, others, open_levels)
    verdict = _verdict(asked, others, open_levels, code)
    return LevelEquivalence(
        question={"level": asked.uri} | ({"country": code} if code else {}),
        verdict=verdict,
        summary=_summary(verdict, asked, others, code),
        criteria=criteria,
        dataset=dataset(store),
        level=asked,
        country=code,
        equivalents=others,
        unreferenced=open_levels,
    )


def find_level(store: Store, written: str) -> Level:
    """Return the level that a person wrote as a URI, as its official label, or as `EQF 5`.

    Raises `UnknownLevel`, with the labels that come closest.
    """
    name = " ".join(written.split())
    if name.lower().startswith("eqf"):
        number = name.lower().removeprefix("eqf").removeprefix(" level").strip(" -")
        found = _read(store, {"level": NamedNode(f"{EQF}{number}")}) if number.isdigit() else ()
    elif "://" in name:
        found = _read(store, {"level": NamedNode(name)}) if _is_iri(name) else ()
    else:
        found = tuple(level for level in all_levels(store) if level.label.casefold() == name.casefold())
    if not found:
        labels = [level.label for level in all_levels(store)]
        near = difflib.get_close_matches(name, labels, n=3, cutoff=0.5)
        hint = (
            Sentence("Did you mean {labels}?", labels=" / ".join(near))
            if near
            else Sentence("GET /v1/frameworks lists them all.")
        )
        raise UnknownLevel(
            Sentence("No level has the URI or the label {name}.", name=repr(name)), hint, candidates=near
        )
    return found[0]


def all_levels(store: Store, country: str | None = None) -> tuple[Level, ...]:
    """Return the levels of all frameworks and of the EQF, or those of one country, in the order of each framework."""
    return _read(store, {"inCountry": Literal(country)} if country else {})


def levels(store: Store, uris: Iterable[str]) -> tuple[Level, ...]:
    """Return the levels with these URIs, in the order of their frameworks; those unknown are left out."""
    nodes = [NamedNode(uri) for uri in uris]
    return _read(store, {"level": nodes}) if nodes else ()


def countries_with_levels(store: Store) -> tuple[str, ...]:
    """Return the countries that have a framework in the graph, by their ISO alpha-3 codes (XKX for Kosovo), sorted."""
    return tuple(text(row["country"]) for row in store.select(named_query("equivalence/countries").text))


def check_country(store: Store, country: str) -> str:
    """Return the ISO alpha-3 code of a country that has a framework in the graph. Raises `UnknownCountry`."""
    return check_countries(store, [country])[0]


def check_countries(store: Store, countries: Iterable[str]) -> tuple[str, ...]:
    """Return the ISO alpha-3 codes of countries with a framework in the graph, each once. Raises `UnknownCountry`."""
    codes = {country.strip().rpartition("/")[2].upper(): country for country in countries}
    known = countries_with_levels(store) if codes else ()
    for code, country in codes.items():
        if code not in known:
            raise UnknownCountry(
                Sentence("No framework in the graph belongs to the country {country}.", country=repr(country)),
                Sentence("Use a three-letter code: {codes}.", codes=", ".join(known)),
            )
    return tuple(codes)


def _comparable(store: Store, uri: str, country: str | None) -> tuple[Level, ...]:
    bindings: Bindings = {"level": NamedNode(uri)} | ({"country": Literal(country)} if country else {})
    rows = store.select(named_query("equivalence/comparable-levels").text, bindings)
    return levels(store, (text(row["other"]) for row in rows))


def _read(store: Store, bindings: Bindings) -> tuple[Level, ...]:
    return tuple(_level(row) for row in store.select(named_query("equivalence/levels").text, bindings))


def _level(row: Row) -> Level:
    def optional(name: str) -> str | None:
        return text(row[name]) if name in row else None

    eqf = optional("eqf")
    return Level(
        uri=text(row["level"]),
        label=text(row["label"]),
        framework=text(row["frameworkLabel"]),
        framework_uri=text(row["framework"]),
        country=optional("country"),
        position=int(text(row["position"])),
        eqf_level=int(eqf) if eqf else None,
        referencing=optional("referencing"),
        historical=optional("historical") in {"true", "1"},
        open_because=Sentence(text(row["openBecause"])) if "openBecause" in row else None,
    )


def _criteria(
    store: Store, asked: Level, country: str | None, others: tuple[Level, ...], open_levels: tuple[Level, ...]
) -> tuple[Criterion, ...]:
    rules = Rules(store, "LEVEL-1", "LEVEL-2", "LEVEL-3", "LEVEL-4")
    own = _referencing_evidence(store, (asked,))
    both = own + _referencing_evidence(store, others)
    place: str = Country(country) if country else Sentence("any country")
    stands = Sentence("{level} is at EQF level {eqf}.", level=asked.label, eqf=asked.eqf_level)

    if asked.eqf_level is None:
        reason = Sentence(
            "{level} has no verified referencing: {reason}.", level=asked.label, reason=asked.open_because
        )
        referenced = rules.criterion("LEVEL-2", Outcome.UNKNOWN, reason, own)
    elif open_levels:
        listed = ", ".join(level.label for level in open_levels[:8]) + (", …" if len(open_levels) > 8 else "")
        referenced = rules.criterion(
            "LEVEL-2",
            Outcome.MET,
            Listed(
                [
                    stands,
                    Sentence("Without a verified referencing, and so compared with nothing: {levels}.", levels=listed),
                ],
                " ",
            ),
            own + _referencing_evidence(store, open_levels),
        )
    else:
        referenced = rules.criterion("LEVEL-2", Outcome.MET, stands, own)

    if asked.eqf_level is None:
        nothing = Sentence("Nothing can be compared without a referencing.")
        compared = rules.criterion("LEVEL-1", Outcome.UNKNOWN, nothing, own)
    elif others:
        compared = rules.criterion(
            "LEVEL-1",
            Outcome.MET,
            Sentence(
                "Referenced to EQF level {level} as well: {number} in {place}.",
                level=asked.eqf_level,
                number=len(others),
                place=place,
            ),
            both,
        )
    elif open_levels and country:
        compared = rules.criterion(
            "LEVEL-1",
            Outcome.UNKNOWN,
            Sentence(
                "No level of {country} is known to be referenced to EQF level {level}, and some levels of it have no "
                "verified referencing.",
                country=place,
                level=asked.eqf_level,
            ),
            own + _referencing_evidence(store, open_levels),
        )
    else:
        none = Sentence(
            "No level of {country} is referenced to EQF level {level}.", country=place, level=asked.eqf_level
        )
        compared = rules.criterion("LEVEL-1", Outcome.UNMET, none, own)

    by_framework: dict[str, list[str]] = {}
    for other in others:
        by_framework.setdefault(other.framework, []).append(other.label)
    several = {framework: labels for framework, labels in by_framework.items() if len(labels) > 1}
    if several:
        many = "; ".join(f"{framework}: {', '.join(labels)}" for framework, labels in several.items())
        given = Sentence("Several levels at one EQF level, all given: {levels}.", levels=many)
        one_to_many = rules.criterion("LEVEL-3", Outcome.MET, given)
    else:
        single = Sentence("No framework has several such levels.")
        one_to_many = rules.criterion("LEVEL-3", Outcome.NOT_APPLICABLE, single)

    historical = tuple(level for level in (asked, *others) if level.historical)
    if historical:
        names = ", ".join(level.label for level in historical)
        past = rules.criterion(
            "LEVEL-4",
            Outcome.MET,
            Sentence("Historical, since the country no longer takes part in the EQF: {levels}.", levels=names),
            _referencing_evidence(store, historical),
        )
    else:
        current = Sentence("No historical referencing is involved.")
        past = rules.criterion("LEVEL-4", Outcome.NOT_APPLICABLE, current)
    return compared, referenced, one_to_many, past


def _referencing_evidence(store: Store, of: Iterable[Level]) -> tuple[Evidence, ...]:
    return statements(store, (level.referencing or level.uri for level in of), _EVIDENCE)


def _verdict(asked: Level, others: tuple[Level, ...], open_levels: tuple[Level, ...], country: str | None) -> str:
    if asked.eqf_level is None:
        return "undetermined"
    if others:
        return "comparable"
    return "undetermined" if open_levels and country else "not-comparable"


def _summary(verdict: str, asked: Level, others: tuple[Level, ...], country: str | None) -> Sentence:
    known: dict[str, object] = {"level": asked.label, "eqf": asked.eqf_level, "country": Country(country or "")}
    if verdict == "comparable":
        names = ", ".join(other.label for other in others[:6]) + (", …" if len(others) > 6 else "")
        return Sentence(
            said("{level} (EQF level {eqf}) compares with {names} in {country}.")
            if country
            else said("{level} (EQF level {eqf}) compares with {names}."),
            names=names,
            **known,
        )
    if asked.eqf_level is None:
        return Sentence("{level} has no verified referencing to the EQF, so no comparison can be made.", **known)
    if verdict == "undetermined":
        return Sentence(
            "Whether a level in {country} compares with {level} cannot be said: a referencing is missing.", **known
        )
    if country:
        return Sentence("No level in {country} is referenced to EQF level {eqf}.", **known)
    return Sentence("No level is referenced to EQF level {eqf}.", **known)


def _is_iri(name: str) -> bool:
    try:
        NamedNode(name)
    except ValueError:
        return False
    return True
