"""The pages of the policy visions: a picture of all by stage and roll-out step, and a page for each."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pyoxigraph import Literal

from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.pictures import LINE_HEIGHT, Box, Edge, Picture, wrap_text
from mastery_api.html.relations import Relations, relations
from mastery_api.html.rendering import render
from mastery_api.v1.knowledge import Vision, policy_visions
from mastery_graph.errors import UnknownResource
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.rdf import term_text

router = APIRouter()

_STEP_WIDTH: Final = 160.0
_LANE_HEIGHT: Final = 150.0
_MARGIN: Final = 130.0
_BOX_WIDTH: Final = 148.0


@router.get("/visions")
def show_visions(request: Request, store: OpenStore) -> HTMLResponse:
    """Show all visions in their order."""
    ordered = sorted(policy_visions(store), key=_step)
    rows = store.select(named_query("browse/vision-relations").text)
    related_things = relations(rows, language_of(request))
    positions = {term_text(row["thing"]): int(term_text(row["position"])) for row in rows if "position" in row}
    picture = _picture(ordered, related_things, positions)
    return render(request, "visions.html", visions=ordered, tied=related_things, picture=picture, step=_step)


@router.get("/visions/{code}")
def show_vision(code: str, request: Request, store: OpenStore) -> HTMLResponse:
    """Show one vision. Raises `UnknownResource`."""
    matches = policy_visions(store, code.upper())
    if not matches:
        raise UnknownResource(
            Message("There is no vision {code}.", code=repr(code)), Message("The page of visions lists them.")
        )
    vision = matches[0]
    rows = store.select(named_query("browse/vision-relations").text, {"code": Literal(vision.code)})
    related_things = relations(rows, language_of(request)).get(vision.code, {})
    return render(request, "vision.html", vision=vision, tied=related_things, step=_step(vision))


def _step(vision: Vision) -> int:
    return int(next(iter(vision.properties.get("rolloutStep", ())), "0"))


def _picture(visions: list[Vision], related_things: Relations, positions: dict[str, int]) -> Picture:
    """Return the visions as boxes: a column per roll-out step, a lane per stage, connected in the order of the steps.

    `positions`: the position of each stage.
    """
    stages = {stage.uri: stage for related in related_things.values() for stage in related.get("inStage", ())}
    lanes = {uri: lane for lane, uri in enumerate(sorted(stages, key=lambda uri: positions.get(uri, 0)))}
    boxes = [
        Box(
            x=0,
            y=lane * _LANE_HEIGHT,
            width=_MARGIN - 10,
            height=_LANE_HEIGHT,
            lines=wrap_text(stages[uri].label, 14),
            kind="lane",
        )
        for uri, lane in lanes.items()
    ]
    lines: list[Edge] = []
    previous: tuple[float, float] | None = None
    for column, vision in enumerate(visions):
        related = related_things[vision.code]
        words = wrap_text(related["prefLabel"][0].label, 17)
        height = LINE_HEIGHT * (len(words) + 1) + 14.0
        x = _MARGIN + column * _STEP_WIDTH
        centre = lanes[related["inStage"][0].uri] * _LANE_HEIGHT + _LANE_HEIGHT / 2
        boxes.append(
            Box(
                x=x,
                y=centre - height / 2,
                width=_BOX_WIDTH,
                height=height,
                lines=(f"{_step(vision)} · {vision.code}", *words),
                href=f"/visions/{vision.code}",
                kind="vision",
            )
        )
        if previous:
            lines.append(Edge(x1=previous[0], y1=previous[1], x2=x, y2=centre))
        previous = x + _BOX_WIDTH, centre
    return Picture(
        width=_MARGIN + len(visions) * _STEP_WIDTH,
        height=len(lanes) * _LANE_HEIGHT,
        boxes=tuple(boxes),
        lines=tuple(lines),
    )
