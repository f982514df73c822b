"""The page of the API: the routes, as the OpenAPI document lists them."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mastery_api.html.rendering import render

router = APIRouter()


@router.get("/docs")
def contract(request: Request) -> HTMLResponse:
    """Show the routes."""
    return render(request, "routes.html", contract=request.app.openapi())
