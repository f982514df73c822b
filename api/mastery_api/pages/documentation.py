"""The documentation site, served from the folder into which `make docs` builds it."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from mastery_api.html.rendering import CONTENT_SECURITY_POLICY, render

router = APIRouter()

FOLDER: Final = Path(__file__).resolve().parents[1] / "site"
"""The built site; the wheel contains it where it was built before."""


_POLICY: Final = (
    # The search of the site inserts one style element: it alone is allowed, by its hash.
    f"{CONTENT_SECURITY_POLICY}; style-src 'self' 'sha256-NwSx/R2V/U4jnW0Tq5pQ53Y/rzPVJ4dqE7D6UTA/J1k='"
)


class SiteFiles(StaticFiles):
    """The files of the site, with the security policy that its search needs."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the response for a path below the site."""
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = _POLICY
        return response


class DocumentationSite:
    """The site as an ASGI application; until it is built, a page that states how to build it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if (FOLDER / "index.html").is_file():
            await SiteFiles(directory=FOLDER, html=True)(scope, receive, send)
        else:
            await show_how_to_build(Request(scope))(scope, receive, send)


def show_how_to_build(request: Request) -> HTMLResponse:
    """Show that the site is not built, and how it is."""
    return render(request, "documentation.html", status_code=404)


@router.get("/docs")
def lead_to_site() -> RedirectResponse:
    """Lead to the start page of the site."""
    return RedirectResponse("/docs/", status_code=308)
