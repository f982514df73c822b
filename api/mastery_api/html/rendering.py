"""Rendering of templates as pages in the language of the reader."""

import hashlib
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final
from urllib.parse import urlencode

from babel.dates import format_date
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import FileSystemLoader, pass_context
from jinja2.runtime import Context

from mastery_api import addresses
from mastery_api.html.languages import (
    COOKIE,
    LANGUAGES,
    country_name,
    language_headers,
    language_of,
    requested_language,
)
from mastery_api.html.web_folder import web_folder
from mastery_graph.hyperlinks import is_followable
from mastery_graph.languages import to_html
from mastery_graph.languages.templates import localized_environment
from mastery_graph.vocabulary import ID

__all__ = ["CONTENT_SECURITY_POLICY", "render", "web_folder"]

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""What a browser may load for a page: only resources of this server, and no inline scripts or styles."""


def render(
    request: Request, template: str, headers: dict[str, str] | None = None, status_code: int = 200, **values: Any
) -> HTMLResponse:
    """Return a template rendered in the language of the request."""
    language = language_of(request)
    localized_headers = language_headers((headers or {}).get("Vary", "Accept"), language)
    response = _templates(language).TemplateResponse(
        request, template, values, status_code=status_code, headers={**(headers or {}), **localized_headers}
    )
    if requested_language(request):
        is_secure = (request.app.state.settings.public_address or str(request.url)).startswith("https:")
        response.set_cookie(COOKIE, language, max_age=365 * 24 * 3600, samesite="lax", httponly=True, secure=is_secure)
    return response


@cache
def _templates(language: str) -> Jinja2Templates:
    environment = localized_environment(FileSystemLoader(web_folder() / "templates"), language)
    environment.globals |= {
        "languages": LANGUAGES,
        "country": partial(country_name, language=language),
        "in_language": _url_in_language,
        "static": _static,
        "script": _script,
        "number": partial(_number, language),
        "today": partial(_today, language),
    }
    environment.filters |= {
        "page": page_url,
        "short": short_iri,
        "pointer_words": pointer_words,
        "told": partial(to_html, language=language),
    }
    return Jinja2Templates(env=environment)


def page_url(iri: str) -> str:
    """Return the URL of the page of a resource: its IRI if a browser may follow it, else a path on this server.

    >>> page_url("https://w3id.org/mastery-graph/id/vision/V1"), page_url("javascript:alert(1)")
    ('/doc/vision/V1', '/resource?uri=javascript%3Aalert%281%29')
    """
    return iri if is_followable(iri) and not iri.startswith(ID) else addresses.document_path(iri)


def short_iri(iri: str) -> str:
    """Return the display form of an IRI: without our own prefix, or its last part.

    >>> short_iri("https://w3id.org/mastery-graph/id/vision/V1"), short_iri("http://www.w3.org/2004/02/skos/core#note")
    ('vision/V1', 'note')
    """
    return iri.removeprefix(ID) if iri.startswith(ID) else iri.replace("#", "/").rstrip("/").rpartition("/")[2]


def pointer_words(pointer: str) -> str:
    """Return a JSON pointer (RFC 6901) for people: its names in order, and items counted from 1.

    >>> pointer_words("/credentialSubject/hasClaim/0/awardedBy")
    'credentialSubject → hasClaim 1 → awardedBy'
    """
    words: list[str] = []
    for part in pointer.split("/")[1:]:
        if part.isdecimal() and words:
            words[-1] += f" {int(part) + 1}"
        else:
            words.append(part.replace("~1", "/").replace("~0", "~"))
    return " → ".join(words)


@pass_context
def _url_in_language(context: Context, language: str) -> str:
    """Return the URL of this page in another language."""
    request: Request = context["request"]
    parameters = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*parameters, ('lang', language)])}"


def _today(language: str) -> str:
    """Return the current day (UTC) in a language."""
    return format_date(datetime.now(UTC).date(), "long", locale=language)


def _number(language: str, value: float) -> str:
    return format_decimal(value, locale=language)


@cache
def _static(name: str) -> str:
    """Return the URL of a file in `web/static` with a hash of its content, so that it can be cached for long."""
    content = (web_folder() / "static" / name).read_bytes()
    return f"/static/{name}?{hashlib.sha256(content).hexdigest()[:12]}"


@cache
def _script(name: str) -> str | None:
    """Return the URL of a built script or style, or None if the scripts were not built."""
    return _static(f"built/{name}") if (web_folder() / "static" / "built" / name).is_file() else None
