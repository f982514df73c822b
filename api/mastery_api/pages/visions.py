"""The pages of the policy visions: the eight in their stages and roll-out order as a picture, and each by itself."""

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

_STEP: Final = 160.0
_LANE: Final = 150.0
_MARGIN: Final = 130.0
_BOX: Final = 148.0


@router.get("/visions")
def visions(request: Request, store: OpenStore) -> HTMLResponse:
    """Show all visions in their order."""
    known = sorted(policy_visions(store), key=_step)
    rows = store.select(named_query("browse/vision-relations").text)
    tied = relations(rows, language_of(request))
    places = {term_text(row["thing"]): int(term_text(row["position"])) for row in rows if "position" in row}
    picture = _picture(known, tied, places)
    return render(request, "visions.html", visions=known, tied=tied, picture=picture, step=_step)


@router.get("/visions/{code}")
def vision(code: str, request: Request, store: OpenStore) -> HTMLResponse:
    """Show one vision. Raises `UnknownResource`."""
    found = policy_visions(store, code.upper())
    if not found:
        raise UnknownResource(
            Message("There is no vision {code}.", code=repr(code)), Message("The page of visions lists them.")
        )
    one = found[0]
    rows = store.select(named_query("browse/vision-relations").text, {"code": Literal(one.code)})
    tied = relations(rows, language_of(request)).get(one.code, {})
    return render(request, "vision.html", vision=one, tied=tied, step=_step(one))


def _step(one: Vision) -> int:
    return int(next(iter(one.properties.get("rolloutStep", ())), "0"))


def _picture(known: list[Vision], tied: Relations, places: dict[str, int]) -> Picture:
    """Return the visions as boxes: a column a step of the roll-out, a lane a stage, tied in the order of the steps.

    `places`: the place of each stage among the stages.
    """
    stages = {stage.uri: stage for of in tied.values() for stage in of.get("inStage", ())}
    lanes = {uri: lane for lane, uri in enumerate(sorted(stages, key=lambda uri: places.get(uri, 0)))}
    boxes = [
        Box(x=0, y=lane * _LANE, width=_MARGIN - 10, height=_LANE, lines=wrap_text(stages[uri].label, 14), kind="lane")
        for uri, lane in lanes.items()
    ]
    lines: list[Edge] = []
    before: tuple[float, float] | None = None
    for place, one in enumerate(known):
        of = tied[one.code]
        words = wrap_text(of["prefLabel"][0].label, 17)
        height = LINE_HEIGHT * (len(words) + 1) + 14.0
        x = _MARGIN + place * _STEP
        centre = lanes[of["inStage"][0].uri] * _LANE + _LANE / 2
        boxes.append(
            Box(
                x=x,
                y=centre - height / 2,
                width=_BOX,
                height=height,
                lines=(f"{_step(one)} · {one.code}", *words),
                href=f"/visions/{one.code}",
                kind="vision",
            )
        )
        if before:
            lines.append(Edge(x1=before[0], y1=before[1], x2=x, y2=centre))
        before = x + _BOX, centre
    return Picture(
        width=_MARGIN + len(known) * _STEP, height=len(lanes) * _LANE, boxes=tuple(boxes), lines=tuple(lines)
    )
