"""Equivalence of levels: the levels comparable to a national or EQF level, through both referencings.

Rules LEVEL-1 to LEVEL-5. Comparable is not equal: a comparison makes no claim about content, workload or rights.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import AdvisedAction, UnknownCountry, UnknownLevel
from mastery_graph.languages import N_, Country, Joined, Message
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Answer, Evidence, Outcome, disclaimer_for
from mastery_graph.questions.evidence import evidence_about
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.questions.verdicts import NEGATIVE, Verdict
from mastery_graph.rdf import Bindings, Row, is_iri, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import EQF, NS, SKOS

_CONFIDENCES: Final = {"verified": N_("verified"), "published": N_("published")}
CONFIDENCE_SENTENCES: Final = {
    "verified": N_("Verified, because a cited page states this very level or a one-to-one rule: {levels}."),
    "published": N_("Published: the framework's referencing is, but this level was not read on a page: {levels}."),
}
"""What each confidence means, with the levels that have it (LEVEL-5)."""
_NO_REFERENCING = Message("Nothing can be compared without a referencing.")
_EVIDENCE_PROPERTIES = (
    NS.nationalLevel,
    NS.eqfLevel,
    NS.basis,
    NS.confidence,
    NS.ground,
    NS.howRead,
    NS.historical,
    NS.openBecause,
    SKOS.note,
)
_MAX_NAMES: Final = 8
"""The number of levels that a sentence names."""


class Level(Record):
    """A level of a framework. `eqf_level` is 1 to 8, or None if it has no referencing."""

    uri: str
    label: str
    framework: str
    framework_uri: str
    country: str | None
    """ISO 3166-1 alpha-3 (XKX for Kosovo); None for the EQF itself."""
    position: int
    """The position in the framework, starting at 1 for the lowest level."""
    eqf_level: int | None
    referencing: str | None = None
    """The IRI of the referencing, if there is one."""
    historical: bool = False
    """True if the country no longer takes part in the EQF."""
    confidence: Localized | None = None
    """In words. Verified: a cited page states this very level or a one-to-one rule. Published: the referencing of the
    framework is, this row was not read. None for a level of the EQF, or without a referencing."""
    replaced_by: str | None = None
    """The label of the level that takes its place, where the country has replaced the nomenclature."""
    note: Localized | None = None
    """A note on the referencing, such as that the labels belong to an earlier nomenclature."""
    open_because: Localized | None = None
    """The reason why there is no referencing, if there is none."""


class LevelVerdict(Verdict):
    """Whether levels are comparable to a level."""

    COMPARABLE = N_("comparable"), N_("At least one level is referenced to the same EQF level.")
    NOT_COMPARABLE = N_("not-comparable"), N_("No level is referenced to the same EQF level."), NEGATIVE
    UNDETERMINED = N_("undetermined"), N_("A referencing that the comparison needs is missing.")


class LevelEquivalence(Answer):
    """The levels comparable to a level.

    It is also `comparable` if the level itself belongs to the requested country and is its only one at the EQF level.
    """

    kind: ClassVar[str] = "equivalence/levels"

    verdict: LevelVerdict
    level: Level
    country: str | None
    equivalents: tuple[Level, ...]
    """The other levels at the same EQF level, never the level itself."""
    unreferenced: tuple[Level, ...]
    """The levels of the requested country (by default, of all) without a referencing."""


def equivalent_levels(store: Store, level: str, country: str | None = None) -> LevelEquivalence:
    """Return every level comparable to `level`, in `country` (ISO alpha-3) or in all frameworks.

    `level` is a URI, an official label (`FiNQF Level 5`) or `EQF 5`. Raises `UnknownLevel` and `UnknownCountry`.
    Rules: LEVEL-1 to LEVEL-5 (EQF Recommendation 2017/C 189/03, Annex III).
    """
    requested_level = find_level(store, level)
    code = check_country(store, country) if country else None
    others = _comparable(store, requested_level.uri, code)
    open_levels = tuple(
        other for other in all_levels(store, code) if other.open_because and other.uri != requested_level.uri
    )
    case = _LevelCase(store, requested_level, code, others, open_levels)
    verdict = _verdict(requested_level, others, open_levels, code)
    return LevelEquivalence(
        question={"level": requested_level.uri} | ({"country": code} if code else {}),
        verdict=verdict,
        summary=_summary(verdict, requested_level, others, code),
        criteria=judge(store, RULES, case),
        dataset=dataset_of(store),
        disclaimer=disclaimer_for(involved.country for involved in (requested_level, *others, *open_levels)),
        level=requested_level,
        country=code,
        equivalents=others,
        unreferenced=open_levels,
    )


def find_level(store: Store, text: str) -> Level:
    """Return the level with this URI or official label, or with a text such as `EQF 5`.

    Raises `UnknownLevel`, with the most similar labels.
    """
    name = " ".join(text.split())
    if name.lower().startswith("eqf"):
        number = name.lower().removeprefix("eqf").removeprefix(" level").strip(" -")
        candidates = _read(store, {"level": NamedNode(f"{EQF}{number}")}) if number.isdigit() else ()
    elif "://" in name:
        candidates = _read(store, {"level": NamedNode(name)}) if is_iri(name) else ()
    else:
        candidates = tuple(level for level in all_levels(store) if level.label.casefold() == name.casefold())
    if not candidates:
        labels = [level.label for level in all_levels(store)]
        suggestions = difflib.get_close_matches(name, labels, n=3, cutoff=0.5)
        raise UnknownLevel(
            Message("No level has the URI or the label {name}.", name=repr(name)),
            *_hint(name, suggestions),
            candidates=suggestions,
        )
    return candidates[0]


def _hint(name: str, suggestions: list[str]) -> tuple[str, AdvisedAction | None]:
    """Return advice on what to enter instead of an unknown level, and what to do for that."""
    if name.lower().startswith(("eqf", EQF)):
        return Message("The EQF has eight levels: EQF 1 to EQF 8."), None
    if suggestions:
        return Message("Did you mean {labels}?", labels=" / ".join(suggestions)), None
    return "", AdvisedAction.LIST_FRAMEWORKS


def all_levels(store: Store, country: str | None = None) -> tuple[Level, ...]:
    """Return the levels of all frameworks and of the EQF, or those of one country, in the order of each framework."""
    return _read(store, {"inCountry": Literal(country)} if country else {})


def levels(store: Store, uris: Iterable[str]) -> tuple[Level, ...]:
    """Return the levels with these URIs, in the order of their frameworks; unknown ones are left out."""
    nodes = [NamedNode(uri) for uri in uris]
    return _read(store, {"level": nodes}) if nodes else ()


def countries_with_levels(store: Store) -> tuple[str, ...]:
    """Return the countries that have a framework in the graph, by their ISO alpha-3 codes (XKX for Kosovo), sorted."""
    return tuple(term_text(row["country"]) for row in store.select(named_query("equivalence/countries").text))


def check_country(store: Store, country: str) -> str:
    """Return the ISO alpha-3 code of a country that has a framework in the graph. Raises `UnknownCountry`."""
    return check_countries(store, [country])[0]


def check_countries(store: Store, countries: Iterable[str]) -> tuple[str, ...]:
    """Return the ISO alpha-3 codes of countries that have a framework, deduplicated. Raises `UnknownCountry`."""
    codes = {country.strip().rpartition("/")[2].upper(): country for country in countries}
    available = countries_with_levels(store) if codes else ()
    for code, country in codes.items():
        if code not in available:
            raise UnknownCountry(
                Message("No framework in the graph belongs to the country {country}.", country=repr(country)),
                Message("Use a three-letter code: {codes}.", codes=", ".join(available)),
            )
    return tuple(codes)


def _comparable(store: Store, uri: str, country: str | None) -> tuple[Level, ...]:
    bindings: Bindings = {"level": NamedNode(uri)} | ({"country": Literal(country)} if country else {})
    rows = store.select(named_query("equivalence/comparable-levels").text, bindings)
    return levels_in_use_first(levels(store, (term_text(row["other"]) for row in rows)))


def levels_in_use_first(comparable: Iterable[Level]) -> tuple[Level, ...]:
    """Return levels in their order by country, with those of a nomenclature that was replaced after the others."""
    return tuple(sorted(comparable, key=lambda level: (level.country or "", level.replaced_by is not None)))


def levels_in_use(comparable: Sequence[Level]) -> Sequence[Level]:
    """Return the levels whose nomenclature was not replaced; all where every one was."""
    return [level for level in comparable if level.replaced_by is None] or comparable


def _read(store: Store, bindings: Bindings) -> tuple[Level, ...]:
    return tuple(_level(row) for row in store.select(named_query("equivalence/levels").text, bindings))


def _level(row: Row) -> Level:
    def optional(name: str) -> str | None:
        return term_text(row[name]) if name in row else None

    eqf = optional("eqf")
    return Level(
        uri=term_text(row["level"]),
        label=term_text(row["label"]),
        framework=term_text(row["frameworkLabel"]),
        framework_uri=term_text(row["framework"]),
        country=optional("country"),
        position=int(term_text(row["position"])),
        eqf_level=int(eqf) if eqf else None,
        referencing=optional("referencing"),
        historical=optional("historical") in {"true", "1"},
        confidence=Message(_CONFIDENCES[confidence]) if (confidence := optional("confidence")) else None,
        replaced_by=optional("replacedBy"),
        note=Message(term_text(row["note"])) if "note" in row else None,
        open_because=Message(term_text(row["openBecause"])) if "openBecause" in row else None,
    )


@dataclass(frozen=True, slots=True)
class _LevelCase:
    """A level, the levels comparable to it in a country or in any, and those without a referencing."""

    store: Store
    level: Level
    country: str | None
    others: tuple[Level, ...]
    open_levels: tuple[Level, ...]

    @property
    def own_evidence(self) -> tuple[Evidence, ...]:
        """The referencing of the level."""
        return referencing_evidence(self.store, (self.level,))


def _judge_same_level(case: _LevelCase) -> Judgement:
    if case.level.eqf_level is None:
        return Outcome.UNKNOWN, _NO_REFERENCING, case.own_evidence
    others = case.others or (case.open_levels if case.country else ())
    evidence = case.own_evidence + referencing_evidence(case.store, others)
    return *_judge_comparable(case.level, case.country, case.others, case.open_levels), evidence


def _judge_referenced(case: _LevelCase) -> Judgement:
    open_levels = () if case.level.eqf_level is None else case.open_levels
    evidence = case.own_evidence + referencing_evidence(case.store, open_levels)
    return *_judge_referencing(case.level, open_levels), evidence


def _judge_several(case: _LevelCase) -> Judgement:
    if case.level.eqf_level is None:
        return Outcome.NOT_APPLICABLE, _NO_REFERENCING
    return _judge_several_levels(case.level, case.country, case.others)


def _judge_historical(case: _LevelCase) -> Judgement:
    if case.level.eqf_level is None:
        return Outcome.NOT_APPLICABLE, _historical_framework_message(case.store, case.level)
    involved = (case.level, *case.others)
    marked_levels = tuple(level for level in involved if level.historical or level.replaced_by)
    return *historical(marked_levels), referencing_evidence(case.store, marked_levels)


def _judge_confidence(case: _LevelCase) -> Judgement:
    if case.level.eqf_level is None:
        return Outcome.UNKNOWN, Message("Open: {levels}.", levels=case.level.label), case.own_evidence
    involved = (case.level, *case.others)
    if not any(level.confidence for level in involved):
        return Outcome.NOT_APPLICABLE, _NO_REFERENCING
    sentences = [*confidence_sentences(involved), *open_sentences(case.open_levels)]
    return Outcome.MET, Joined(sentences, " "), referencing_evidence(case.store, involved)


RULES: Final[Mapping[str, Judge[_LevelCase]]] = {
    "LEVEL-1": _judge_same_level,
    "LEVEL-2": _judge_referenced,
    "LEVEL-3": _judge_several,
    "LEVEL-4": _judge_historical,
    "LEVEL-5": _judge_confidence,
}
"""The judge of each rule, in the order of the answer."""


def _judge_comparable(
    requested_level: Level, country: str | None, others: tuple[Level, ...], open_levels: tuple[Level, ...]
) -> tuple[Outcome, Message]:
    """Judge LEVEL-1: whether there is a level at the same EQF level."""
    arguments: dict[str, object] = {"level": requested_level.eqf_level, "country": Country(country or "")}
    if others:
        return Outcome.MET, Message(
            "Referenced to EQF level {level} as well: {number} in {place}.",
            level=requested_level.eqf_level,
            number=len(others),
            place=Country(country) if country else Message("any country"),
        )
    if country and requested_level.country == country:
        return Outcome.MET, _own_level_message(requested_level)
    if country is None:
        return Outcome.UNMET, Message("No other level is referenced to EQF level {eqf}.", eqf=requested_level.eqf_level)
    if open_levels:
        return Outcome.UNKNOWN, Message(
            "No level of {country} is known to be referenced to EQF level {level}, and some levels of it have no "
            "referencing.",
            **arguments,
        )
    return Outcome.UNMET, Message("No level of {country} is referenced to EQF level {level}.", **arguments)


def _judge_referencing(requested_level: Level, open_levels: tuple[Level, ...]) -> tuple[Outcome, str]:
    """Judge LEVEL-2: whether the level has a referencing; the message lists levels without one."""
    if requested_level.eqf_level is None:
        return Outcome.UNKNOWN, Message(
            "{level} has no referencing: {reason}.",
            level=requested_level.label,
            reason=requested_level.open_because,
        )
    sentences = [Message("{level} is at EQF level {eqf}.", level=requested_level.label, eqf=requested_level.eqf_level)]
    if requested_level.note:
        sentences.append(Message("Note: {note}.", note=requested_level.note))
    if open_levels:
        sentences.append(
            Message("Without a referencing, and so compared with nothing: {levels}.", levels=_names(open_levels))
        )
    return Outcome.MET, Joined(sentences, " ")


def _judge_several_levels(
    requested_level: Level, country: str | None, others: tuple[Level, ...]
) -> tuple[Outcome, Message]:
    """Judge LEVEL-3: which frameworks, including that of the level, have several levels at the EQF level."""
    by_framework: dict[str, list[Level]] = {}
    for level in others:
        by_framework.setdefault(level.framework_uri, []).append(level)
    if requested_level.framework_uri in by_framework:
        by_framework[requested_level.framework_uri].append(requested_level)
    groups = [levels for levels in by_framework.values() if len(levels) > 1]
    if not groups:
        return Outcome.NOT_APPLICABLE, Message(
            N_("No framework of {country} has several levels at EQF level {eqf}.")
            if country
            else N_("No framework has several levels at EQF level {eqf}."),
            country=Country(country or ""),
            eqf=requested_level.eqf_level,
        )
    listing = "; ".join(
        f"{levels[0].framework}: {', '.join(level.label for level in sorted(levels, key=lambda level: level.position))}"
        for levels in groups
    )
    return Outcome.MET, Message("Several levels at one EQF level, all given: {levels}.", levels=listing)


def historical(involved: Iterable[Level]) -> tuple[Outcome, Message | Joined]:
    """Judge LEVEL-4: which of these levels have a historical referencing, or a nomenclature that was replaced."""
    unique = list(dict.fromkeys(involved))
    sentences = []
    if left := [level for level in unique if level.historical]:
        sentences.append(
            Message("Historical, since the country no longer takes part in the EQF: {levels}.", levels=_all_names(left))
        )
    if replaced := [level for level in unique if level.replaced_by]:
        pairs = ", ".join(f"{level.label} → {level.replaced_by}" for level in replaced)
        sentences.append(Message("Superseded, with the level that took its place: {levels}.", levels=pairs))
    if not sentences:
        return Outcome.NOT_APPLICABLE, Message("No historical referencing is involved.")
    return Outcome.MET, Joined(sentences, " ")


def confidence_sentences(involved: Iterable[Level]) -> list[Message]:
    """Return the confidence of each referencing in words (LEVEL-5)."""
    groups: dict[str, list[Level]] = {}
    for level in involved:
        if level.confidence:
            groups.setdefault(level.confidence, []).append(level)
    return [
        Message(sentence, levels=_all_names(groups[name]))
        for name, sentence in CONFIDENCE_SENTENCES.items()
        if name in groups
    ]


def open_sentences(open_levels: Sequence[Level]) -> list[Message]:
    """Return which levels are open: without a referencing."""
    return [Message("Open: {levels}.", levels=_names(open_levels))] if open_levels else []


def _all_names(named_levels: Iterable[Level]) -> str:
    return ", ".join(dict.fromkeys(level.label for level in named_levels))


def _names(named_levels: Sequence[Level]) -> str:
    """Return the labels of the first levels."""
    more = ", …" if len(named_levels) > _MAX_NAMES else ""
    return ", ".join(level.label for level in named_levels[:_MAX_NAMES]) + more


def _historical_framework_message(store: Store, requested_level: Level) -> Message:
    """Return the explanation of LEVEL-4 for a level without a referencing."""
    framework_levels = [
        level
        for level in all_levels(store, requested_level.country)
        if level.framework_uri == requested_level.framework_uri
    ]
    if any(level.historical for level in framework_levels):
        return Message(
            "{level} has no referencing; that of its framework, {framework}, is historical.",
            level=requested_level.label,
            framework=requested_level.framework,
        )
    return Message("No historical referencing is involved.")


def _own_level_message(requested_level: Level) -> Message:
    return Message(
        "{level} is itself the level of {country} at EQF level {eqf}; no other one is.",
        level=requested_level.label,
        country=Country(requested_level.country or ""),
        eqf=requested_level.eqf_level,
    )


def referencing_evidence(store: Store, cited_levels: Iterable[Level]) -> tuple[Evidence, ...]:
    """Return the evidence for the referencings of levels, or for the reason why a level has none."""
    return evidence_about(store, (level.referencing or level.uri for level in cited_levels), _EVIDENCE_PROPERTIES)


def _verdict(
    requested_level: Level, others: tuple[Level, ...], open_levels: tuple[Level, ...], country: str | None
) -> LevelVerdict:
    if requested_level.eqf_level is None:
        return LevelVerdict.UNDETERMINED
    if others or (country and requested_level.country == country):
        return LevelVerdict.COMPARABLE
    return LevelVerdict.UNDETERMINED if open_levels and country else LevelVerdict.NOT_COMPARABLE


def _summary(verdict: LevelVerdict, requested_level: Level, others: tuple[Level, ...], country: str | None) -> Message:
    arguments: dict[str, object] = {
        "level": requested_level.label,
        "eqf": requested_level.eqf_level,
        "country": Country(country or ""),
    }
    if verdict is LevelVerdict.COMPARABLE and not others:
        return _own_level_message(requested_level)
    if verdict is LevelVerdict.COMPARABLE:
        in_use = levels_in_use(others)
        names = ", ".join(other.label for other in in_use[:6]) + (", …" if len(in_use) > 6 else "")
        return Message(
            N_("{level} (EQF level {eqf}) compares with {names} in {country}.")
            if country
            else N_("{level} (EQF level {eqf}) compares with {names}."),
            names=names,
            **arguments,
        )
    if requested_level.eqf_level is None:
        return Message("{level} has no referencing to the EQF, so no comparison can be made.", **arguments)
    if verdict is LevelVerdict.UNDETERMINED:
        return Message(
            "Whether a level in {country} compares with {level} is unknown: a referencing is missing.", **arguments
        )
    if country:
        return Message("No level in {country} is referenced to EQF level {eqf}.", **arguments)
    return Message("No other level is referenced to EQF level {eqf}.", **arguments)
