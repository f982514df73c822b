"""What is stated and contradicts what the graph knows: levels, countries, ESCO concepts, green skills.

What a description contradicts by itself (credits and hours, dates, doubled outcomes) is told by
`shapes/plausibility.ttl`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.queries import named_query
from mastery_graph.rdf import Term
from mastery_graph.store.protocol import Store
from mastery_graph.validation.engine.result import Severity
from mastery_graph.validation.source_location import SourceMap
from mastery_graph.validation.texts import said
from mastery_graph.vocabulary import COUNTRY, DCTERMS, ELM, EQF, NS, SKOS

ESCO_NOT_CHECKED: Final = said("ESCO is not loaded here, or not whole: whether its concepts exist was not checked.")

_ESCO: Final = "http://data.europa.eu/esco/"
_ALL_SKILLS: Final = 13_000
"""ESCO 1.2 has some 13,900 skills: where fewer are loaded, a concept that is not there may exist."""
_NOT_IN_ISO: Final = frozenset({"1A0", "XKX"})
"""Codes of the EU's list of countries that ISO 3166-1 does not have: Kosovo."""
_HTTPS: Final = (
    *("https://data.europa.eu/esco/", "https://data.europa.eu/snb/"),
    "https://publications.europa.eu/resource/authority/",
)
_IN_LISTS: Final = {
    "relatedESCOSkill": (ELM + "relatedESCOSkill", "learning-outcomes"),
    "relatedSkill": (ELM + "relatedSkill", "learning-outcomes"),
    "eqfLevel": (ELM + "EQFLevel", "level"),
    "nqfLevel": (ELM + "NQFLevel", "level"),
    "framework": (ELM + "framework", "notional-workload"),
    "mode": (ELM + "mode", "form-of-participation"),
    "idVerification": (ELM + "idVerification", "supervision-and-identity-verification"),
    "dcType": (DCTERMS + "type", "type-of-assessment"),
}
"""Properties whose values are in a list of the EU, by their name in a document, and the element that each is of."""
_LEVEL = '"eqfLevel": {{"id": "http://data.europa.eu/snb/eqf/{}", "type": "Concept"}}'


@dataclass(frozen=True, slots=True)
class Implausibility:
    """Something that contradicts what is known: which check, the standard element, why, where, and how to mend it."""

    check: str
    slug: str
    """Of the standard element."""
    element: str
    severity: Severity
    message: str
    fix: str
    example: str
    node: Term
    path: str | None
    value: Term | None
    fills: Mapping[str, str] = field(default_factory=dict)
    """What is filled into the message."""


def implausibilities(
    whereabouts: SourceMap, store: Store | None, profile: str, language: str
) -> Iterator[Implausibility]:
    """Yield what is implausible in a document; without a `store` only what needs none."""
    yield from _countries(whereabouts)
    yield from _with_https(whereabouts)
    if store:
        yield from _levels(whereabouts, store)
        yield from _concepts(whereabouts, store, profile)
        yield from _green_skills(whereabouts, store, profile, language)


def not_checked(whereabouts: SourceMap, store: Store | None) -> tuple[str, ...]:
    """Return what could not be checked for want of data, each as an English text."""
    concepts = {concept.value for _, concept in _anchors(whereabouts)}
    if concepts and (store is None or (concepts - _known(store, concepts).keys() and not esco_is_complete(store))):
        return (ESCO_NOT_CHECKED,)
    return ()


def _countries(whereabouts: SourceMap) -> Iterator[Implausibility]:
    path = ELM + "countryCode"
    for node, country in whereabouts.statements(path):
        code = country.value.removeprefix(COUNTRY)
        if whereabouts.is_made_up(country) or (country.value.startswith(COUNTRY) and _is_country(code)):
            continue
        yield Implausibility(
            check="country-unknown",
            slug="country-of-issuer",
            element=said("country of the issuer"),
            severity="warning",
            message=said("{?value} is not a country of the EU's list."),
            fix=said(
                "Take the address of the country from the EU's list; it ends in its code of three letters, such as FIN."
            ),
            example=f'"countryCode": {{"id": "{COUNTRY}{_country_meant(country.value)}", "type": "Concept"}}',
            node=node,
            path=path,
            value=country,
        )


def _country_meant(written: str) -> str:
    """Return the code of the country of an address that is right but for its https, else that of Finland."""
    code = _with_http(written).removeprefix(COUNTRY)
    return code if _is_country(code) else "FIN"


def _with_https(whereabouts: SourceMap) -> Iterator[Implausibility]:
    """Yield a doubt for each address in the EU's lists that is written with https: it names nothing there."""
    for term, (path, slug) in _IN_LISTS.items():
        for node, value in whereabouts.statements(path):
            if isinstance(value, NamedNode) and (meant := _with_http(value.value)) != value.value:
                yield Implausibility(
                    check="address-with-https",
                    slug=slug,
                    element=said("address in a list of the EU"),
                    severity="warning",
                    message=said("{?value} is in no list of the EU: the addresses there begin with http://."),
                    fix=said("Write {?meant}."),
                    example=f'"{term}": {{"id": "{meant}", "type": "Concept"}}',
                    node=node,
                    path=path,
                    value=value,
                    fills={"value": value.value, "meant": meant},
                )


def _with_http(address: str) -> str:
    """Return an address of the EU's lists as it is there.

    >>> _with_http("https://data.europa.eu/snb/eqf/5")
    'http://data.europa.eu/snb/eqf/5'
    """
    return f"http{address.removeprefix('https')}" if address.startswith(_HTTPS) else address


@cache
def _is_country(code: str) -> bool:
    from babel.core import get_global

    return code in _NOT_IN_ISO or (len(code) == 3 and code.isalpha() and code in get_global("territory_aliases"))


def _levels(whereabouts: SourceMap, store: Store) -> Iterator[Implausibility]:
    path = ELM + "NQFLevel"
    for node, national in whereabouts.statements(path):
        if not isinstance(national, NamedNode) or whereabouts.is_made_up(national) or national.value.startswith(_HTTPS):
            continue
        rows = store.select(named_query("equivalence/levels").text, {"level": national})
        if not rows:
            yield Implausibility(
                check="national-level-unknown",
                slug="level",
                element=said("level"),
                severity="warning",
                message=said("{?value} is no level of a national framework that is known here."),
                fix=said("Take the address of the level from the EU's list of national qualifications frameworks."),
                example='"nqfLevel": {"id": "http://data.europa.eu/snb/qdr/c_fd8ce5f6", "type": "Concept"}',
                node=node,
                path=path,
                value=national,
            )
        for level in whereabouts.values(node, ELM + "EQFLevel"):
            stated = level.value.removeprefix(EQF)
            if rows and "eqf" in rows[0] and stated in set("12345678") and stated != rows[0]["eqf"].value:
                referenced = rows[0]["eqf"].value
                yield Implausibility(
                    check="level-contradicts-national",
                    slug="level",
                    element=said("level"),
                    severity="warning",
                    message=said(
                        "EQF level {?eqf} contradicts {?national}, which is referenced to EQF level {?referenced}."
                    ),
                    fix=said("Correct one of the two levels."),
                    example=_LEVEL.format(referenced),
                    node=node,
                    path=ELM + "EQFLevel",
                    value=level,
                    fills={"eqf": stated, "national": rows[0]["label"].value, "referenced": referenced},
                )


def _anchors(whereabouts: SourceMap) -> Iterator[tuple[Term, NamedNode]]:
    """Yield each outcome and an ESCO concept that it is tied to."""
    for predicate in ("relatedESCOSkill", "relatedSkill"):
        for outcome, concept in whereabouts.statements(ELM + predicate):
            if isinstance(concept, NamedNode) and concept.value.startswith(_ESCO):
                yield outcome, concept


def _concepts(whereabouts: SourceMap, store: Store, profile: str) -> Iterator[Implausibility]:
    anchors = list(dict.fromkeys(_anchors(whereabouts)))
    known = _known(store, {concept.value for _, concept in anchors})
    whole = len(known) < len({concept for _, concept in anchors}) and esco_is_complete(store)
    for outcome, concept in anchors:
        path = next(
            ELM + name
            for name in ("relatedESCOSkill", "relatedSkill")
            if concept in whereabouts.values(outcome, ELM + name)
        )
        stated = known.get(concept.value)
        if stated is None and whole:
            yield Implausibility(
                check="esco-unknown",
                slug="learning-outcomes",
                element=said("learning outcomes anchored in ESCO"),
                severity="violation" if profile == "mastery" else "warning",
                message=said("ESCO has no concept {?value}."),
                fix=said("Look the skill up in ESCO and take its address."),
                example=_skill("73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"),
                node=outcome,
                path=path,
                value=concept,
                fills={"value": concept.value},
            )
        elif stated and "obsolete" in {status.value for status in stated["status"]}:
            yield Implausibility(
                check="esco-obsolete",
                slug="learning-outcomes",
                element=said("learning outcomes anchored in ESCO"),
                severity="warning",
                message=said("ESCO has withdrawn the concept {?value}."),
                fix=said("Take the concept that has replaced it."),
                example=_skill("73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"),
                node=outcome,
                path=path,
                value=concept,
                fills={"value": concept.value},
            )
        elif stated:
            yield from _labels(whereabouts, concept, stated)


def _labels(whereabouts: SourceMap, concept: NamedNode, stated: Mapping[str, list[Term]]) -> Iterator[Implausibility]:
    """Yield a doubt for each label that ESCO does not give the concept, in a language in which it gives any."""
    for label in whereabouts.values(concept, SKOS + "prefLabel"):
        language = label.language if isinstance(label, Literal) else None
        official = [one.value for one in stated["label"] if isinstance(one, Literal) and one.language == language]
        others = [one.value for one in stated["alternative"] if isinstance(one, Literal) and one.language == language]
        if official and label.value.casefold() not in {text.casefold() for text in (*official, *others)}:
            yield Implausibility(
                check="esco-label-differs",
                slug="learning-outcomes",
                element=said("learning outcomes anchored in ESCO"),
                severity="warning",
                message=said("ESCO calls the concept {?official}, here it is called {?value}."),
                fix=said("Check that the concept is the one that is meant, and take over its label."),
                example=f'"prefLabel": {{"{language}": "{official[0]}"}}',
                node=concept,
                path=SKOS + "prefLabel",
                value=label,
                fills={"official": official[0]},
            )


def _green_skills(whereabouts: SourceMap, store: Store, profile: str, language: str) -> Iterator[Implausibility]:
    path = NS + "attestsGreenSkill"
    attested = [(node, skill) for node, skill in whereabouts.statements(path) if isinstance(skill, NamedNode)]
    if not attested and profile != "mastery":
        return
    skills = _skills(store, language)
    for node, skill in attested:
        if skill.value not in skills:
            yield Implausibility(
                check="green-skill-unknown",
                slug="learning-outcomes",
                element=said("green skill"),
                severity="violation" if profile == "mastery" else "warning",
                message=said("{?value} is none of the green skills."),
                fix=said("Take one of the twelve, GS01 to GS12."),
                example=_attests("https://w3id.org/mastery-graph/id/green-skill/GS02"),
                node=node,
                path=path,
                value=skill,
            )
    if profile == "mastery":
        yield from _ranges(whereabouts, skills)
        if not attested:
            yield from _implied(whereabouts, store, skills)


def _ranges(whereabouts: SourceMap, skills: "Mapping[str, _Skill]") -> Iterator[Implausibility]:
    """Yield a doubt for each description whose EQF level is outside the range of a skill that it attests."""
    path = ELM + "EQFLevel"
    for node, level in whereabouts.statements(path):
        stated = level.value.removeprefix(EQF)
        attested = {
            skill.value: None
            for outcome in whereabouts.values(node, ELM + "learningOutcome")
            for skill in whereabouts.values(outcome, NS + "attestsGreenSkill")
        }
        for each in (skills[skill] for skill in attested if skill in skills):
            if stated in set("12345678") and not each.lowest <= int(stated) <= each.highest:
                yield Implausibility(
                    check="green-skill-level",
                    slug="level",
                    element=said("EQF level"),
                    severity="violation",
                    message=said("EQF level {?eqf} is outside the range of {?skill}: {?lowest} to {?highest}."),
                    fix=said("Correct the level, or name the green skill that fits it."),
                    example=_LEVEL.format(each.lowest),
                    node=node,
                    path=path,
                    value=level,
                    fills={
                        "eqf": stated,
                        "skill": each.name,
                        "lowest": str(each.lowest),
                        "highest": str(each.highest),
                    },
                )


def _implied(whereabouts: SourceMap, store: Store, skills: "Mapping[str, _Skill]") -> Iterator[Implausibility]:
    anchors = {concept: outcome for outcome, concept in _anchors(whereabouts)}
    if not anchors:
        return
    found: dict[str, Term] = {}
    for row in store.select(named_query("validation/green-skills-of-concepts").text, {"concept": list(anchors)}):
        if row["skill"].value in skills and isinstance(row["concept"], NamedNode):
            found.setdefault(row["skill"].value, anchors[row["concept"]])
    for skill, outcome in found.items():
        yield Implausibility(
            check="green-skill-implied",
            slug="learning-outcomes",
            element=said("green skill"),
            severity="info",
            message=said(
                "Your outcomes are tied to ESCO skills that belong to {?skill}, but no outcome says that it attests it."
            ),
            fix=said("Say so, where it is meant."),
            example=_attests(skill),
            node=outcome,
            path=None,
            value=None,
            fills={"skill": skills[skill].name},
        )


@dataclass(frozen=True, slots=True)
class _Skill:
    name: str
    lowest: int
    highest: int


def _skills(store: Store, language: str) -> dict[str, _Skill]:
    """Return the green skills by IRI; each is called by its code and its name in the language, or in English."""
    found: dict[str, _Skill] = {}
    for row in store.select(named_query("validation/green-skills").text):
        label = row["label"]
        spoken = label.language if isinstance(label, Literal) else None
        iri = row["skill"].value
        if spoken == language or (spoken == "en" and iri not in found):
            name = f"{row['code'].value} {label.value}"
            found[iri] = _Skill(name, int(row["lowest"].value), int(row["highest"].value))
    return found


def _known(store: Store, concepts: set[str]) -> dict[str, dict[str, list[Term]]]:
    """Return what the store says of ESCO concepts, by concept and fact; those it does not have are left out."""
    found: dict[str, dict[str, list[Term]]] = {}
    if concepts:
        asked = [NamedNode(concept) for concept in sorted(concepts)]
        for row in store.select(named_query("validation/esco-concepts").text, {"concept": asked}):
            facts = found.setdefault(row["concept"].value, defaultdict(list))
            facts[row["fact"].value].append(row["value"])
    return found


def esco_is_complete(store: Store) -> bool:
    """Return whether all skills of ESCO are loaded."""
    return int(store.select(named_query("validation/esco-skills").text)[0]["skills"].value) >= _ALL_SKILLS


def _skill(identifier: str) -> str:
    return f'"relatedESCOSkill": {{"id": "{_ESCO}skill/{identifier}", "type": "Concept"}}'


def _attests(skill: str) -> str:
    return f'"{NS}attestsGreenSkill": {{"id": "{skill}"}}'
