"""Errors as problem details (RFC 9457)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from mastery_api import negotiation
from mastery_api.actions import ACTIONS
from mastery_api.html import rendering
from mastery_api.html.languages import language_headers, language_of
from mastery_graph.errors import MasteryError, StoreError
from mastery_graph.field_errors import explain_field_error
from mastery_graph.languages import Joined, Message
from mastery_graph.languages.records import localize
from mastery_graph.languages.sentence import LocalizedText

TYPES = "https://w3id.org/mastery-graph/problem/"
MEDIA_TYPE = "application/problem+json"

_MAX_CHARS: Final = 1_000
"""The length above which an input that a problem repeats is cut, in characters."""

_MAX_FAILURES: Final = 10
"""The number of refused fields that a problem names."""

_FOLDERS: Final = re.compile(r"""(?<![\w:/.])/(?:[^\s/'"<>:]+/)+(?=[^\s/'"<>:])""")
"""The folders of an absolute path of a file, but not a part of a URL."""


def problem_details(error: MasteryError, path: str) -> dict[str, Any]:
    """Return a `MasteryError` as a problem details object."""
    return {
        "type": TYPES + error.slug,
        "title": Message(error.title),
        "status": error.status,
        "detail": _public(error.detail, error),
        "instance": path,
        **({"advice": _public(advice, error)} if (advice := error.advice_for(ACTIONS)) else {}),
        **error.members,
    }


def _public(value: Any, error: MasteryError) -> Any:
    """Return a text of an error as a client gets it: long inputs are cut, and no folder of this machine is named."""
    if isinstance(value, Message):
        return value.with_values(lambda inner: _public(inner, error))
    if isinstance(value, Joined):
        return Joined((_public(item, error) for item in value.items), value.separator)
    if isinstance(value, Path):
        return value.name
    if isinstance(value, LocalizedText) or not isinstance(value, str | OSError):
        return value
    text = str(value)
    if isinstance(error, StoreError):
        text = _FOLDERS.sub("", text)
    return text if len(text) <= _MAX_CHARS else f"{text[:_MAX_CHARS]}…"


def problem_response(request: Request, error: MasteryError, extra: Mapping[str, str] | None = None) -> Response:
    """Return the response to a request that failed with a `MasteryError`, with these additional headers."""
    return _response(request, problem_details(error, request.url.path), {**error.headers, **(extra or {})})


def install(app: FastAPI) -> None:
    """Make every error of the application a problem details response."""

    @app.exception_handler(MasteryError)
    def handle_mastery_error(request: Request, error: MasteryError) -> Response:
        return problem_response(request, error)

    @app.exception_handler(RequestValidationError)
    def handle_validation_error(request: Request, error: RequestValidationError) -> Response:
        failures = error.errors()
        reasons = [explain_field_error(failure) for failure in failures[:_MAX_FAILURES]]
        more = ["…"] if len(failures) > _MAX_FAILURES else []
        return _response(
            request,
            {
                "type": TYPES + "bad-parameter",
                "title": Message("A parameter cannot be used"),
                "status": 422,
                "detail": Joined([*reasons, *more], "; "),
                "instance": request.url.path,
            },
        )

    @app.exception_handler(HTTPException)
    def handle_http_exception(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, MasteryError):
            return problem_response(request, error.__cause__)
        return _response(
            request,
            {
                "type": "about:blank",
                "title": Message(str(error.detail)),
                "status": error.status_code,
                "instance": request.url.path,
            },
            error.headers,
        )


def _response(request: Request, content: dict[str, Any], extra: Mapping[str, str] | None = None) -> Response:
    """Return the problem in the language of the client: as a page if it prefers HTML (a browser), else as JSON."""
    request.state.problem = content["type"].removeprefix(TYPES)
    if request_id := getattr(request.state, "request_id", None):
        content = {**content, "request_id": request_id}
    if negotiation.best_match(request.headers.get("accept"), [MEDIA_TYPE, "text/html"]) == "text/html":
        status = content["status"]
        return rendering.render(request, "problem.html", headers=dict(extra or {}), status_code=status, problem=content)
    language = language_of(request)
    localized_headers = language_headers((extra or {}).get("Vary", "Accept"), language)
    content = localize(content, language)
    return JSONResponse(
        content, content["status"], headers={**(extra or {}), **localized_headers}, media_type=MEDIA_TYPE
    )
