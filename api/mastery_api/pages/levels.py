"""The page of levels: the EQF grid of selected countries, with the basis of each referencing."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pyoxigraph import Literal

from mastery_api import problems
from mastery_api.dependencies import OpenStore
from mastery_api.html.languages import language_of
from mastery_api.html.rendering import render
from mastery_api.pages import choices
from mastery_api.responses import create_permalink
from mastery_graph.errors import MasteryError
from mastery_graph.queries import named_query
from mastery_graph.questions.equivalence.level_tables import EQFGrid
from mastery_graph.questions.registry import question_from
from mastery_graph.rdf import term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

router = APIRouter()

DEFAULT_COUNTRIES: Final = ("BGR", "ESP", "FIN", "IRL", "ITA")
"""The countries of the grid if none is selected."""


class ReferencingBasis(Record):
    """The basis of a referencing. `sources` are pairs of an IRI and a title."""

    basis: str
    confidence: str
    date: str | None
    note: str | None
    sources: tuple[tuple[str, str], ...]


@router.get("/levels")
def show_levels(
    request: Request,
    store: OpenStore,
    country: Annotated[list[str], Query(description="ISO alpha-3, several times for several.")] = [],  # noqa: B006
    *,
    chosen: Annotated[bool, Query(description="Whether the countries were chosen in the form.")] = False,
) -> HTMLResponse:
    """Show the grid; all countries for `country=all`, no grid if none is left chosen in the form."""
    language = language_of(request)
    codes = tuple(country) or (() if chosen else DEFAULT_COUNTRIES)
    all_countries = choices.countries(store, language)
    values: dict[str, Any] = {"known": all_countries, "chosen": all_countries if codes == ("all",) else codes}
    if not codes:
        return render(request, "levels.html", grid=None, **values)
    try:
        countries = () if codes == ("all",) else codes
        grid: EQFGrid = question_from("equivalence/grid", {"countries": countries}).answer(store)
    except MasteryError as error:
        problem = problems.problem_details(error, "/levels")
        return render(request, "levels.html", status_code=error.status, problem=problem, grid=None, **values)
    shown_countries = list(dict.fromkeys(column.country for column in grid.columns))
    data = urlencode([("country", code) for code in shown_countries])
    bases = referencing_bases(store, shown_countries)
    return render(
        request,
        "levels.html",
        grid=grid,
        grounds=bases,
        grounds_by_framework=_by_framework(grid, bases),
        data=data,
        permalink=create_permalink(request, grid),
        **values,
    )


def _by_framework(grid: EQFGrid, bases: dict[str, ReferencingBasis]) -> list[tuple[str, list[str], ReferencingBasis]]:
    """Return each basis once: the label of the framework, those of the levels that rest on it, and the basis."""
    groups: dict[tuple[str, ReferencingBasis], list[str]] = {}
    labels = {column.framework: column.label for column in grid.columns}
    for row in reversed(grid.rows):
        for framework, levels in row.cells.items():
            for level in levels:
                groups.setdefault((framework, bases[level.uri]), []).append(level.label)
    places = list(labels)
    ordered = sorted(groups.items(), key=lambda group: places.index(group[0][0]))
    return [(labels[framework], levels, basis) for (framework, basis), levels in ordered]


def referencing_bases(store: Store, countries: Sequence[str]) -> dict[str, ReferencingBasis]:
    """Return the basis of the referencing of each level (by its IRI) in these countries."""
    bases: dict[str, ReferencingBasis] = {}
    parameters = {"inCountry": [Literal(code) for code in countries]}
    for row in store.select(named_query("equivalence/referencings").text, parameters):
        level = term_text(row["level"])
        source = term_text(row["source"])
        sources = bases[level].sources if level in bases else ()
        bases[level] = ReferencingBasis(
            basis=term_text(row["basis"]),
            confidence=term_text(row["confidence"]),
            date=term_text(row["date"]) if "date" in row else None,
            note=term_text(row["note"]) if "note" in row else None,
            sources=(*sources, (source, term_text(row["sourceTitle"]) if "sourceTitle" in row else source)),
        )
    return bases
