"""The pages: templates and one stylesheet in `web/`, without a word of script and without a foreign address."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from mastery_graph.answers.concepts import note_on_green_skills
from mastery_graph.answers.evidence import dataset

router = APIRouter(include_in_schema=False)

_PACKAGE = Path(__file__).resolve().parent


def web() -> Path:
    """Return the folder of templates and styles, from the installed package or from the checkout."""
    installed = _PACKAGE / "web"
    return installed if installed.is_dir() else _PACKAGE.parent / "web"


def render(request: Request, template: str, headers: dict[str, str] | None = None, **values: Any) -> HTMLResponse:
    """Return a page made from a template."""
    return _templates().TemplateResponse(request, template, values, headers=headers)


@router.get("/")
def start(request: Request) -> HTMLResponse:
    """Show what the service answers, and from which dataset."""
    store = request.app.state.store
    return render(request, "start.html", dataset=dataset(store), note=note_on_green_skills(store))


@router.get("/docs")
def contract(request: Request) -> HTMLResponse:
    """Show the routes, as the OpenAPI document lists them."""
    return render(request, "routes.html", contract=request.app.openapi())


@cache
def _templates() -> Jinja2Templates:
    return Jinja2Templates(directory=web() / "templates")
