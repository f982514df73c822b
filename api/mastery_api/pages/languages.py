"""The languages of the pages: which there are, which one a reader wants, and the texts in it.

The texts are gettext catalogues in `web/languages`, one file a language, read as they are: a translator edits a file,
and no step follows (`docs/decisions/0005`). English is the language of the templates.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from babel import Locale
from babel.core import get_global
from babel.messages.pofile import read_po
from starlette.requests import Request

from mastery_api import negotiation
from mastery_api.pages.folder import web

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


def chosen(request: Request) -> str | None:
    """Return the language that the address asks for, where it asks for one that there is."""
    named = request.query_params.get("lang")
    return named if named in LANGUAGES else None


def language_of(request: Request) -> str:
    """Return the language for a reader: the one asked for, the one chosen before, or the browser's; else English."""
    before = request.cookies.get(COOKIE)
    if named := chosen(request):
        return named
    if before in LANGUAGES:
        return str(before)
    return negotiation.wanted(_without_regions(request.headers.get("accept-language")), list(LANGUAGES)) or "en"


@cache
def texts(language: str) -> dict[str, str]:
    """Return the translations into a language, by the English text; empty for English."""
    if language == "en":
        return {}
    with (web() / "languages" / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def translate(language: str, text: str) -> str:
    """Return a text in a language; the English one where there is no translation."""
    return texts(language).get(text, text)


@cache
def country_name(code: str, language: str) -> str:
    """Return the name of a country (ISO alpha-3; XKX for Kosovo) in a language, as the CLDR has it, or its code.

    >>> country_name("FIN", "bg")
    'Финландия'
    """
    short = "XK" if code == "XKX" else (get_global("territory_aliases").get(code) or [code])[0]
    return str(Locale(language).territories.get(short, code))


def _without_regions(accept: str | None) -> str | None:
    """Return an Accept-Language header in which `it-CH` is read as `it`."""
    if not accept:
        return None
    return ",".join(part.strip().partition(";")[0].partition("-")[0] + _quality(part) for part in accept.split(","))


def _quality(part: str) -> str:
    return ";" + part.partition(";")[2] if ";" in part else ""
