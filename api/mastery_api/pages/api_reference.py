"""The page of the API reference: the routes of the OpenAPI document."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mastery_api.html.rendering import render

router = APIRouter()


@router.get("/docs")
def show_api_reference(request: Request) -> HTMLResponse:
    """Show the routes."""
    return render(request, "routes.html", contract=request.app.openapi())
