"""The languages of the pages: which there are, which one a reader wants, and the texts in it.

The texts are gettext catalogues in `web/languages`, one file a language, read as they are: a translator edits a file,
and no step follows (`docs/decisions/0005`). English is the language of the templates.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from starlette.requests import Request

from mastery_api import negotiation
from mastery_api.html.web_folder import web_folder
from mastery_graph.languages import country_name
from mastery_graph.languages.catalogue import translations_in

__all__ = [
    "COOKIE",
    "LANGUAGES",
    "country_name",
    "language_headers",
    "language_of",
    "requested_language",
    "translate",
    "translations_for",
]

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "it": "Italiano",
    "es": "Español",
    "bg": "Български",
    "fi": "Suomi",
}
"""The languages by their codes, each by its own name."""

COOKIE: Final = "lang"
"""Keeps the language that a reader chose. It says nothing else."""


def requested_language(request: Request) -> str | None:
    """Return the language that the address asks for, where it asks for one that there is."""
    named = request.query_params.get("lang")
    return named if named in LANGUAGES else None


def language_of(request: Request) -> str:
    """Return the language for a reader: the one asked for, the one chosen before, or the browser's; else English."""
    before = request.cookies.get(COOKIE)
    if named := requested_language(request):
        return named
    if before in LANGUAGES:
        return str(before)
    return negotiation.best_match(_without_regions(request.headers.get("accept-language")), list(LANGUAGES)) or "en"


@cache
def translations_for(language: str) -> dict[str, str]:
    """Return the translations into a language, by the English text; empty for English."""
    if language == "en":
        return {}
    return translations_in(web_folder() / "languages" / f"{language}.po", language)


def translate(language: str, text: str) -> str:
    """Return a text in a language; the English one where there is no translation."""
    return translations_for(language).get(text, text)


def language_headers(vary: str, language: str) -> dict[str, str]:
    """Return the headers of a response that is told in a language, which varies with these headers besides."""
    named = [each.strip() for each in vary.split(",") if each.strip()]
    return {"Vary": ", ".join(dict.fromkeys([*named, "Accept-Language", "Cookie"])), "Content-Language": language}


def _without_regions(accept: str | None) -> str | None:
    """Return an Accept-Language header in which `it-CH` is read as `it`."""
    if not accept:
        return None
    return ",".join(
        part.strip().partition(";")[0].partition("-")[0] + _quality(part)
        for part in accept.split(",", negotiation.MAX_RANGES)
    )


def _quality(part: str) -> str:
    return ";" + part.partition(";")[2] if ";" in part else ""
