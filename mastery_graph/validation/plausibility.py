"""Contradictions between a document and the graph: levels, countries, ESCO concepts, green skills.

Contradictions within a description (credits and hours, dates, duplicate outcomes) are found by
`shapes/plausibility.ttl`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode

from mastery_graph.esco.loaded import has_only_extract
from mastery_graph.languages import N_
from mastery_graph.queries import named_query
from mastery_graph.rdf import Term
from mastery_graph.store.protocol import Store
from mastery_graph.validation.engine.result import Severity
from mastery_graph.validation.source_location import SourceMap
from mastery_graph.vocabulary import COUNTRY, DCTERMS, ELM, EQF, NS, SKOS

ESCO_NOT_CHECKED: Final = N_("ESCO is not loaded, or not completely: whether its concepts exist was not checked.")
ONLY_EXTRACT_CHECKED: Final = N_(
    "Only an extract of ESCO is loaded: whether the concepts outside it exist was not checked."
)

_ESCO: Final = "http://data.europa.eu/esco/"
_MIN_SKILLS: Final = 13_000
"""Skills from which ESCO counts as complete (ESCO 1.2 has about 13,900); with fewer, a missing concept may exist."""
_NON_ISO_COUNTRIES: Final = frozenset({"1A0", "XKX"})
"""Codes in the EU's list of countries that are not in ISO 3166-1: Kosovo."""
_HTTPS_PREFIXES: Final = (
    *("https://data.europa.eu/esco/", "https://data.europa.eu/snb/"),
    "https://publications.europa.eu/resource/authority/",
)
_LISTED_PROPERTIES: Final = {
    "relatedESCOSkill": (ELM.relatedESCOSkill, "learning-outcomes"),
    "relatedSkill": (ELM.relatedSkill, "learning-outcomes"),
    "eqfLevel": (ELM.EQFLevel, "level"),
    "nqfLevel": (ELM.NQFLevel, "level"),
    "framework": (ELM.framework, "notional-workload"),
    "mode": (ELM.mode, "form-of-participation"),
    "idVerification": (ELM.idVerification, "supervision-and-identity-verification"),
    "dcType": (DCTERMS.type, "type-of-assessment"),
}
"""Properties whose values are in a list of the EU, with their element, by their name in a document."""
_LEVEL_EXAMPLE = '"eqfLevel": {{"id": "http://data.europa.eu/snb/eqf/{}", "type": "Concept"}}'


@dataclass(frozen=True, slots=True)
class Implausibility:
    """A contradiction with the graph: the check, the standard element, the message, the location, and the fix."""

    check: str
    slug: str
    """The slug of the standard element."""
    element: str
    severity: Severity
    message: str
    fix: str
    example: str
    node: Term
    path: str | None
    value: Term | None
    values: Mapping[str, str] = field(default_factory=dict)
    """The values of the placeholders in the message and the fix."""


def implausibilities(
    source_map: SourceMap, store: Store | None, profile: str, language: str
) -> Iterator[Implausibility]:
    """Yield what is implausible in a document; without a `store`, only what can be checked without one."""
    yield from _countries(source_map)
    yield from _https_addresses(source_map)
    if store:
        yield from _levels(source_map, store)
        yield from _concepts(source_map, store, profile)
        yield from _green_skills(source_map, store, profile, language)


def skipped_plausibility_checks(source_map: SourceMap, store: Store | None) -> tuple[str, ...]:
    """Return English texts about what could not be checked because data is missing."""
    concepts = {concept.value for _, concept in _anchors(source_map)}
    if not concepts or (
        store is not None and (not concepts - _known_concepts(store, concepts).keys() or esco_is_complete(store))
    ):
        return ()
    return (ONLY_EXTRACT_CHECKED if store is not None and has_only_extract(store) else ESCO_NOT_CHECKED,)


def _countries(source_map: SourceMap) -> Iterator[Implausibility]:
    path = ELM.countryCode
    for node, country in source_map.pairs(path):
        code = country.value.removeprefix(COUNTRY)
        if source_map.has_generated_id(country) or (country.value.startswith(COUNTRY) and _is_country(code)):
            continue
        yield Implausibility(
            check="country-unknown",
            slug="country-of-issuer",
            element=N_("country of the issuer"),
            severity="warning",
            message=N_("{value} is not a country of the EU's list."),
            fix=N_(
                "Take the address of the country from the EU's list; it ends in its code of three letters, such as FIN."
            ),
            example=f'"countryCode": {{"id": "{COUNTRY}{_closest_country(country.value)}", "type": "Concept"}}',
            node=node,
            path=path,
            value=country,
        )


def _closest_country(address: str) -> str:
    """Return the country code in an address that is correct except for its https, else that of Finland."""
    code = _with_http(address).removeprefix(COUNTRY)
    return code if _is_country(code) else "FIN"


def _https_addresses(source_map: SourceMap) -> Iterator[Implausibility]:
    """Yield each address of the EU's lists that is written with https, and so does not exist there."""
    for term, (path, slug) in _LISTED_PROPERTIES.items():
        for node, value in source_map.pairs(path):
            if isinstance(value, NamedNode) and (http_address := _with_http(value.value)) != value.value:
                yield Implausibility(
                    check="address-with-https",
                    slug=slug,
                    element=N_("address in a list of the EU"),
                    severity="warning",
                    message=N_("{value} is in no list of the EU: the addresses in them start with http://."),
                    fix=N_("Write {meant}."),
                    example=f'"{term}": {{"id": "{http_address}", "type": "Concept"}}',
                    node=node,
                    path=path,
                    value=value,
                    values={"value": value.value, "meant": http_address},
                )


def _with_http(address: str) -> str:
    """Return an address of the EU's lists with http, as in these lists.

    >>> _with_http("https://data.europa.eu/snb/eqf/5")
    'http://data.europa.eu/snb/eqf/5'
    """
    return f"http{address.removeprefix('https')}" if address.startswith(_HTTPS_PREFIXES) else address


@cache
def _is_country(code: str) -> bool:
    from babel.core import get_global

    return code in _NON_ISO_COUNTRIES or (len(code) == 3 and code.isalpha() and code in get_global("territory_aliases"))


def _levels(source_map: SourceMap, store: Store) -> Iterator[Implausibility]:
    path = ELM.NQFLevel
    for node, national in source_map.pairs(path):
        if (
            not isinstance(national, NamedNode)
            or source_map.has_generated_id(national)
            or national.value.startswith(_HTTPS_PREFIXES)
        ):
            continue
        rows = store.select(named_query("equivalence/levels").text, {"level": national})
        if not rows:
            yield Implausibility(
                check="national-level-unknown",
                slug="level",
                element=N_("level"),
                severity="warning",
                message=N_("{value} is not a level of a known national framework."),
                fix=N_("Take the address of the level from the EU's list of national qualifications frameworks."),
                example='"nqfLevel": {"id": "http://data.europa.eu/snb/qdr/c_fd8ce5f6", "type": "Concept"}',
                node=node,
                path=path,
                value=national,
            )
        for level in source_map.values(node, ELM.EQFLevel):
            eqf_level = level.value.removeprefix(EQF)
            if rows and "eqf" in rows[0] and eqf_level in set("12345678") and eqf_level != rows[0]["eqf"].value:
                referenced_level = rows[0]["eqf"].value
                yield Implausibility(
                    check="level-contradicts-national",
                    slug="level",
                    element=N_("level"),
                    severity="warning",
                    message=N_(
                        "EQF level {eqf} contradicts {national}, which is referenced to EQF level {referenced}."
                    ),
                    fix=N_("Correct one of the two levels."),
                    example=_LEVEL_EXAMPLE.format(referenced_level),
                    node=node,
                    path=ELM.EQFLevel,
                    value=level,
                    values={"eqf": eqf_level, "national": rows[0]["label"].value, "referenced": referenced_level},
                )


def _anchors(source_map: SourceMap) -> Iterator[tuple[Term, NamedNode]]:
    """Yield pairs of an outcome and an ESCO concept to which it is linked."""
    for predicate in ("relatedESCOSkill", "relatedSkill"):
        for outcome, concept in source_map.pairs(ELM + predicate):
            if isinstance(concept, NamedNode) and concept.value.startswith(_ESCO):
                yield outcome, concept


def _concepts(source_map: SourceMap, store: Store, profile: str) -> Iterator[Implausibility]:
    anchors = list(dict.fromkeys(_anchors(source_map)))
    known_concepts = _known_concepts(store, {concept.value for _, concept in anchors})
    is_complete = len(known_concepts) < len({concept for _, concept in anchors}) and esco_is_complete(store)
    for outcome, concept in anchors:
        path = next(
            ELM + name
            for name in ("relatedESCOSkill", "relatedSkill")
            if concept in source_map.values(outcome, ELM + name)
        )
        facts = known_concepts.get(concept.value)
        if facts is None and is_complete:
            yield Implausibility(
                check="esco-unknown",
                slug="learning-outcomes",
                element=N_("learning outcomes anchored in ESCO"),
                severity="violation" if profile == "mastery" else "warning",
                message=N_("ESCO has no concept {value}."),
                fix=N_("Look the skill up in ESCO and take its address."),
                example=_skill_example("73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"),
                node=outcome,
                path=path,
                value=concept,
                values={"value": concept.value},
            )
        elif facts and "obsolete" in {status.value for status in facts["status"]}:
            yield Implausibility(
                check="esco-obsolete",
                slug="learning-outcomes",
                element=N_("learning outcomes anchored in ESCO"),
                severity="warning",
                message=N_("ESCO has withdrawn the concept {value}."),
                fix=N_("Take the concept that has replaced it."),
                example=_skill_example("73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"),
                node=outcome,
                path=path,
                value=concept,
                values={"value": concept.value},
            )
        elif facts:
            yield from _labels(source_map, concept, facts)


def _labels(source_map: SourceMap, concept: NamedNode, facts: Mapping[str, list[Term]]) -> Iterator[Implausibility]:
    """Yield each label that differs from the labels of the concept in ESCO, if ESCO has any in that language."""
    for label in source_map.values(concept, SKOS.prefLabel):
        language = label.language if isinstance(label, Literal) else None
        official = [
            literal.value for literal in facts["label"] if isinstance(literal, Literal) and literal.language == language
        ]
        alternatives = [
            literal.value
            for literal in facts["alternative"]
            if isinstance(literal, Literal) and literal.language == language
        ]
        if official and label.value.casefold() not in {text.casefold() for text in (*official, *alternatives)}:
            yield Implausibility(
                check="esco-label-differs",
                slug="learning-outcomes",
                element=N_("learning outcomes anchored in ESCO"),
                severity="warning",
                message=N_("ESCO's label of the concept is {official}; the document states {value}."),
                fix=N_("Check that the concept is the one that is meant, and take over its label."),
                example=f'"prefLabel": {{"{language}": "{official[0]}"}}',
                node=concept,
                path=SKOS.prefLabel,
                value=label,
                values={"official": official[0]},
            )


def _green_skills(source_map: SourceMap, store: Store, profile: str, language: str) -> Iterator[Implausibility]:
    path = NS.attestsGreenSkill
    attestations = [(node, skill) for node, skill in source_map.pairs(path) if isinstance(skill, NamedNode)]
    if not attestations and profile != "mastery":
        return
    skills = _skills(store, language)
    for node, skill in attestations:
        if skill.value not in skills:
            yield Implausibility(
                check="green-skill-unknown",
                slug="learning-outcomes",
                element=N_("green skill"),
                severity="violation" if profile == "mastery" else "warning",
                message=N_("{value} is none of the green skills."),
                fix=N_("Take one of the twelve, GS01 to GS12."),
                example=_attestation_example("https://w3id.org/mastery-graph/id/green-skill/GS02"),
                node=node,
                path=path,
                value=skill,
            )
    if profile == "mastery":
        yield from _levels_outside_range(source_map, skills)
        if not attestations:
            yield from _implied_green_skills(source_map, store, skills)


def _levels_outside_range(source_map: SourceMap, skills: "Mapping[str, _GreenSkillRange]") -> Iterator[Implausibility]:
    """Yield each description with an EQF level outside the range of a green skill that it attests."""
    path = ELM.EQFLevel
    for node, level in source_map.pairs(path):
        eqf_level = level.value.removeprefix(EQF)
        attested_iris = {
            skill.value: None
            for outcome in source_map.values(node, ELM.learningOutcome)
            for skill in source_map.values(outcome, NS.attestsGreenSkill)
        }
        for green_skill in (skills[skill] for skill in attested_iris if skill in skills):
            if eqf_level in set("12345678") and not green_skill.lowest <= int(eqf_level) <= green_skill.highest:
                yield Implausibility(
                    check="green-skill-level",
                    slug="level",
                    element=N_("EQF level"),
                    severity="violation",
                    message=N_("EQF level {eqf} is outside the range of {skill}: {lowest} to {highest}."),
                    fix=N_("Correct the level, or name the green skill that fits it."),
                    example=_LEVEL_EXAMPLE.format(green_skill.lowest),
                    node=node,
                    path=path,
                    value=level,
                    values={
                        "eqf": eqf_level,
                        "skill": green_skill.name,
                        "lowest": str(green_skill.lowest),
                        "highest": str(green_skill.highest),
                    },
                )


def _implied_green_skills(
    source_map: SourceMap, store: Store, skills: "Mapping[str, _GreenSkillRange]"
) -> Iterator[Implausibility]:
    anchors = {concept: outcome for outcome, concept in _anchors(source_map)}
    if not anchors:
        return
    outcome_of_skill: dict[str, Term] = {}
    for row in store.select(named_query("validation/green-skills-of-concepts").text, {"concept": list(anchors)}):
        if row["skill"].value in skills and isinstance(row["concept"], NamedNode):
            outcome_of_skill.setdefault(row["skill"].value, anchors[row["concept"]])
    for skill, outcome in outcome_of_skill.items():
        yield Implausibility(
            check="green-skill-implied",
            slug="learning-outcomes",
            element=N_("green skill"),
            severity="info",
            message=N_(
                "Your outcomes are linked to ESCO skills that belong to {skill}, "
                "but no outcome states that it attests it."
            ),
            fix=N_("State it where it is intended."),
            example=_attestation_example(skill),
            node=outcome,
            path=None,
            value=None,
            values={"skill": skills[skill].name},
        )


@dataclass(frozen=True, slots=True)
class _GreenSkillRange:
    name: str
    lowest: int
    highest: int


def _skills(store: Store, language: str) -> dict[str, _GreenSkillRange]:
    """Return the green skills by IRI, named by their code and their label in the language, or in English."""
    skills: dict[str, _GreenSkillRange] = {}
    for row in store.select(named_query("validation/green-skills").text):
        label = row["label"]
        label_language = label.language if isinstance(label, Literal) else None
        iri = row["skill"].value
        if label_language == language or (label_language == "en" and iri not in skills):
            name = f"{row['code'].value} {label.value}"
            skills[iri] = _GreenSkillRange(name, int(row["lowest"].value), int(row["highest"].value))
    return skills


def _known_concepts(store: Store, concepts: set[str]) -> dict[str, dict[str, list[Term]]]:
    """Return the facts about ESCO concepts by concept and kind of fact, without concepts that are not in the store."""
    facts_of_concept: dict[str, dict[str, list[Term]]] = {}
    if concepts:
        iris = [NamedNode(concept) for concept in sorted(concepts)]
        for row in store.select(named_query("validation/esco-concepts").text, {"concept": iris}):
            facts = facts_of_concept.setdefault(row["concept"].value, defaultdict(list))
            facts[row["fact"].value].append(row["value"])
    return facts_of_concept


def esco_is_complete(store: Store) -> bool:
    """Return whether all ESCO skills are loaded."""
    return int(store.select(named_query("validation/esco-skills").text)[0]["skills"].value) >= _MIN_SKILLS


def _skill_example(identifier: str) -> str:
    return f'"relatedESCOSkill": {{"id": "{_ESCO}skill/{identifier}", "type": "Concept"}}'


def _attestation_example(skill: str) -> str:
    return f'"{NS}attestsGreenSkill": {{"id": "{skill}"}}'
