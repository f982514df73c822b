"""The pages of the green skills: cards, and each skill with its anchors in ESCO as a picture and a table."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pyoxigraph import Literal

from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of, translate
from mastery_api.html.pictures import Picture, fan_picture
from mastery_api.html.relations import RelatedThing, relations
from mastery_api.html.rendering import render
from mastery_api.v1.knowledge import GreenSkillDescription, green_skills
from mastery_graph.errors import UnknownResource
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.questions.equivalence.skills import Counterpart, equivalent_skills
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID

router = APIRouter()

TIES: Final = {
    "exactMatch": "The same",
    "closeMatch": "Close",
    "broadMatch": "Broader",
    "narrowMatch": "Narrower",
    "relatedMatch": "Related",
}
"""The kinds of mappings, from the closest, with what each is called in English (and translated by `skill.html`)."""


@router.get("/skills")
def skills(request: Request, store: OpenStore) -> HTMLResponse:
    """Show the green skills as cards."""
    known = green_skills(store)
    rows = store.select(named_query("browse/skill-relations").text)
    tied = relations(rows, language_of(request))
    return render(request, "skills.html", skills=known.skills, note=known.note, tied=tied)


@router.get("/skills/{code}")
def skill(code: str, request: Request, store: OpenStore) -> HTMLResponse:
    """Show one green skill. Raises `UnknownResource`."""
    known = green_skills(store, code.upper())
    if not known.skills:
        raise UnknownResource(
            Message("There is no green skill {code}.", code=repr(code)), Message("The page of skills lists them.")
        )
    one = known.skills[0]
    language = language_of(request)
    rows = store.select(named_query("browse/skill-relations").text, {"code": Literal(one.code)})
    anchors = _by_tie(equivalent_skills(store, one.uri).equivalents)
    return render(
        request,
        "skill.html",
        skill=one,
        note=known.note,
        tied=relations(rows, language).get(one.code, {}),
        anchors=anchors,
        ties=TIES,
        picture=_picture(one, anchors, language),
        visions=_visions(store, language),
    )


def _by_tie(found: tuple[Counterpart, ...]) -> dict[str, list[Counterpart]]:
    by_tie = {tie: [one for one in found if one.relation == tie] for tie in TIES}
    return {tie: anchors for tie, anchors in by_tie.items() if anchors}


def _picture(one: GreenSkillDescription, anchors: dict[str, list[Counterpart]], language: str) -> Picture | None:
    groups = {
        tie: (
            translate(language, TIES[tie]),
            [(anchor.label or anchor.uri, f"#{anchor.uri.rpartition('/')[2]}") for anchor in found],
        )
        for tie, found in anchors.items()
    }
    return fan_picture(one.names.get(language, one.names["en"]), groups) if groups else None


def _visions(store: Store, language: str) -> list[tuple[str, RelatedThing]]:
    """Return the visions that the standard element of learning outcomes supports, by code: a skill is stated in it."""
    tied = relations(store.select(named_query("browse/vision-relations").text), language)
    element = f"{ID}standard-element/learning-outcomes"
    return [
        (code, of["prefLabel"][0])
        for code, of in sorted(tied.items())
        if any(named.uri == element for named in of.get("supportsVision", ()))
    ]
