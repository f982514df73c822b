"""The pages of the green skills: an overview, and each skill with its mappings to ESCO as a picture and a table."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pyoxigraph import Literal

from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.pictures import Picture, fan_picture
from mastery_api.html.relations import RelatedThing, relations
from mastery_api.html.rendering import render
from mastery_api.v1.knowledge import GreenSkillDescription, green_skills
from mastery_graph.errors import UnknownResource
from mastery_graph.languages import Message, translation
from mastery_graph.queries import named_query
from mastery_graph.questions.equivalence.skills import Counterpart
from mastery_graph.questions.registry import SkillQuestion
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID

router = APIRouter()

RELATIONS: Final = {
    "exactMatch": "The same",
    "closeMatch": "Close",
    "broadMatch": "Broader",
    "narrowMatch": "Narrower",
    "relatedMatch": "Related",
}
"""The mapping relations, closest first, with their English names (translated through `skill.html`)."""


@router.get("/skills")
def show_skills(request: Request, store: OpenStore) -> HTMLResponse:
    """Show the green skills as cards."""
    green_skill_set = green_skills(store)
    rows = store.select(named_query("browse/skill-relations").text)
    related_things = relations(rows, language_of(request))
    return render(request, "skills.html", skills=green_skill_set.skills, note=green_skill_set.note, tied=related_things)


@router.get("/skills/{code}")
def show_skill(code: str, request: Request, store: OpenStore) -> HTMLResponse:
    """Show one green skill. Raises `UnknownResource`."""
    green_skill_set = green_skills(store, code.upper())
    if not green_skill_set.skills:
        raise UnknownResource(
            Message("There is no green skill {code}.", code=repr(code)), Message("The page of skills lists them.")
        )
    green_skill = green_skill_set.skills[0]
    language = language_of(request)
    rows = store.select(named_query("browse/skill-relations").text, {"code": Literal(green_skill.code)})
    anchors = _by_relation(SkillQuestion(skill=green_skill.uri).answer(store).equivalents)
    return render(
        request,
        "skill.html",
        skill=green_skill,
        note=green_skill_set.note,
        tied=relations(rows, language).get(green_skill.code, {}),
        anchors=anchors,
        ties=RELATIONS,
        picture=_picture(green_skill, anchors, language),
        visions=_visions(store, language),
    )


def _by_relation(counterparts: tuple[Counterpart, ...]) -> dict[str, list[Counterpart]]:
    by_relation = {
        relation: [counterpart for counterpart in counterparts if counterpart.relation == relation]
        for relation in RELATIONS
    }
    return {relation: anchors for relation, anchors in by_relation.items() if anchors}


def _picture(skill: GreenSkillDescription, anchors: dict[str, list[Counterpart]], language: str) -> Picture | None:
    groups = {
        relation: (
            translation(RELATIONS[relation], language),
            [(anchor.label or anchor.uri, f"#{anchor.uri.rpartition('/')[2]}") for anchor in counterparts],
        )
        for relation, counterparts in anchors.items()
    }
    return fan_picture(skill.names.get(language, skill.names["en"]), groups) if groups else None


def _visions(store: Store, language: str) -> list[tuple[str, RelatedThing]]:
    """Return the visions that the standard element of learning outcomes supports, by code; it contains the skills."""
    related_things = relations(store.select(named_query("browse/vision-relations").text), language)
    element = f"{ID}standard-element/learning-outcomes"
    return [
        (code, properties["prefLabel"][0])
        for code, properties in sorted(related_things.items())
        if any(thing.uri == element for thing in properties.get("supportsVision", ()))
    ]
