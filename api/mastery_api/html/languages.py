"""The language of a request."""

from typing import Final

from starlette.requests import Request

from mastery_api import negotiation
from mastery_graph.languages import LANGUAGES, country_name

__all__ = [
    "COOKIE",
    "LANGUAGES",
    "country_name",
    "language_headers",
    "language_of",
    "requested_language",
]

COOKIE: Final = "lang"
"""Name of the cookie with the chosen language; it contains nothing else."""


def requested_language(request: Request) -> str | None:
    """Return the language in the query of the URL, if it is a supported one."""
    language = request.query_params.get("lang")
    return language if language in LANGUAGES else None


def language_of(request: Request) -> str:
    """Return the language of a request: from the URL, the cookie or the browser; English by default."""
    cookie = request.cookies.get(COOKIE)
    if language := requested_language(request):
        return language
    if cookie in LANGUAGES:
        return str(cookie)
    return negotiation.best_match(_without_regions(request.headers.get("accept-language")), list(LANGUAGES)) or "en"


def language_headers(vary: str, language: str) -> dict[str, str]:
    """Return the headers of a localised response that also varies with the headers in `vary`."""
    names = [name.strip() for name in vary.split(",") if name.strip()]
    return {"Vary": ", ".join(dict.fromkeys([*names, "Accept-Language", "Cookie"])), "Content-Language": language}


def _without_regions(accept: str | None) -> str | None:
    """Return an Accept-Language header without regions: `it-CH` becomes `it`."""
    if not accept:
        return None
    return ",".join(
        part.strip().partition(";")[0].partition("-")[0] + _quality(part)
        for part in accept.split(",", negotiation.MAX_RANGES)
    )


def _quality(part: str) -> str:
    return ";" + part.partition(";")[2] if ";" in part else ""
