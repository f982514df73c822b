"""The routes that list green skills, frameworks, visions and recognition statements."""

from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from pyoxigraph import Literal

from mastery_api.dependencies import OpenStore
from mastery_api.openapi.problem_schema import declare_problems
from mastery_graph.errors import BadParameter, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.questions.equivalence.levels import Level, all_levels
from mastery_graph.questions.recognition_statements.records import RecognitionStatement, recognition_statements
from mastery_graph.questions.registry import SkillQuestion
from mastery_graph.rdf import term_text
from mastery_graph.store.protocol import Store

router = APIRouter(prefix="/v1", tags=["knowledge"])


class GreenSkillDescription(BaseModel):
    """A green skill: code, names by language, sectors, EQF range, GreenComp competences."""

    uri: str
    code: str
    names: dict[str, str]
    definition: str | None
    sectors: list[str]
    eqf_minimum: int
    eqf_maximum: int
    greencomp: list[str]
    mappings: list[dict[str, Any]] = []


class GreenSkills(BaseModel):
    """The set of green skills. `provisional` is true for a set in place of an official one; `note` explains why."""

    provisional: bool
    note: Localized | None
    skills: list[GreenSkillDescription]


class Framework(BaseModel):
    """A qualifications framework with its levels, lowest first."""

    uri: str
    label: str
    country: str | None
    levels: list[Level]


class Vision(BaseModel):
    """A policy vision: code, title, and all its values in the graph, by property."""

    uri: str
    code: str
    title: str
    properties: dict[str, list[str]]


@router.get("/skills")
def skills(store: OpenStore) -> GreenSkills:
    """List the green skills, and whether the set is provisional."""
    return green_skills(store)


@router.get("/skills/{code}", openapi_extra=declare_problems(UnknownResource))
def skill(code: str, store: OpenStore) -> GreenSkills:
    """Show one green skill with its mappings to ESCO."""
    result = green_skills(store, code)
    if not result.skills:
        raise UnknownResource(
            Message("There is no green skill {code}.", code=repr(code)), Message("GET /v1/skills lists them.")
        )
    green_skill = result.skills[0]
    green_skill.mappings = [
        counterpart.model_dump(mode="json")
        for counterpart in SkillQuestion(skill=green_skill.uri).answer(store).equivalents
    ]
    return result


@router.get("/frameworks")
def frameworks(store: OpenStore) -> list[Framework]:
    """List the EQF and the national frameworks with their levels and referencings."""
    return _frameworks(store)


@router.get("/frameworks/{code}", openapi_extra=declare_problems(UnknownResource))
def framework(code: str, store: OpenStore) -> list[Framework]:
    """Show the frameworks of a country (ISO alpha-3), or the EQF."""
    country = code.upper()
    matches = [framework for framework in _frameworks(store) if (framework.country or "EQF") == country]
    if not matches:
        raise UnknownResource(
            Message("There is no framework of {code}.", code=repr(code)), Message("GET /v1/frameworks lists them.")
        )
    return matches


@router.get("/visions")
def visions(store: OpenStore) -> list[Vision]:
    """List the policy visions."""
    return policy_visions(store)


@router.get("/visions/{code}", openapi_extra=declare_problems(UnknownResource))
def vision(code: str, store: OpenStore) -> Vision:
    """Show one vision with its challenges, target groups, phases and related elements."""
    matches = policy_visions(store, code.upper())
    if not matches:
        raise UnknownResource(
            Message("There is no vision {code}.", code=repr(code)), Message("GET /v1/visions lists them.")
        )
    return matches[0]


@router.get("/statements", openapi_extra=declare_problems(BadParameter))
def statements(
    store: OpenStore,
    accepts: Annotated[str | None, Query(max_length=2000, description="Only statements that speak of this.")] = None,
    stated_by: Annotated[str | None, Query(max_length=2000, description="Only statements of this body.")] = None,
) -> list[RecognitionStatement]:
    """List the recognition statements: who accepts what as what, for which purpose, when, and on what source."""
    return list(recognition_statements(store, [accepts] if accepts else (), stated_by))


def green_skills(store: Store, code: str | None = None) -> GreenSkills:
    """Return the green skills, or only the one with this code, without mappings."""
    rows = store.select(named_query("browse/green-skills").text, {"code": Literal(code)} if code else {})
    by_uri: dict[str, GreenSkillDescription] = {}
    for row in rows:
        description = by_uri.setdefault(
            term_text(row["skill"]),
            GreenSkillDescription(
                uri=term_text(row["skill"]),
                code=term_text(row["code"]),
                names={},
                definition=term_text(row["definition"]) if "definition" in row else None,
                sectors=[],
                eqf_minimum=int(term_text(row["minimum"])),
                eqf_maximum=int(term_text(row["maximum"])),
                greencomp=[],
            ),
        )
        description.names[term_text(row["language"])] = term_text(row["label"])
        for column, values in (("sector", description.sectors), ("competence", description.greencomp)):
            if column in row and term_text(row[column]) not in values:
                values.append(term_text(row[column]))
    note = note_on_green_skills(store)
    return GreenSkills(provisional=note is not None, note=note, skills=list(by_uri.values()))


def _frameworks(store: Store) -> list[Framework]:
    by_uri: dict[str, Framework] = {}
    for level in all_levels(store):
        framework = by_uri.setdefault(
            level.framework_uri,
            Framework(uri=level.framework_uri, label=level.framework, country=level.country, levels=[]),
        )
        framework.levels.append(level)
    return list(by_uri.values())


def policy_visions(store: Store, code: str | None = None) -> list[Vision]:
    """Return the visions, or only the one with this code."""
    by_uri: dict[str, Vision] = {}
    properties: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in store.select(named_query("browse/visions").text, {"code": Literal(code)} if code else {}):
        uri = term_text(row["vision"])
        name = term_text(row["property"]).rpartition("#")[2]
        properties[uri][name].append(term_text(row["value"]))
        by_uri[uri] = Vision(uri=uri, code=term_text(row["code"]), title=term_text(row["label"]), properties={})
    return [vision.model_copy(update={"properties": dict(properties[uri])}) for uri, vision in by_uri.items()]
