"""Responses that carry an answer, in the format and language that the client prefers."""

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from mastery_api import addresses, negotiation
from mastery_api.html import rendering
from mastery_api.html.languages import language_headers, language_of
from mastery_graph.languages import translation
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.rendering import as_csv, as_html, as_json, as_json_ld, as_text

_MEDIA_TYPES = ["application/json", "application/ld+json", "text/html", "text/plain"]
_CSV = "text/csv"


def render_answer(request: Request, answer: Answer) -> Response:
    """Return an answer in the format negotiated by the Accept header or `?format=`, in the language of the client.

    JSON, JSON-LD, HTML or text; also CSV if the answer is a table.
    """
    language = language_of(request)
    format_name = request.query_params.get("format")
    accept = negotiation.effective_accept(format_name, request.headers.get("accept"))
    tabular = type(answer).table is not Answer.table
    media_type = negotiation.best_match(accept, [*_MEDIA_TYPES, _CSV] if tabular else _MEDIA_TYPES) or _MEDIA_TYPES[0]
    request.state.answer = answer.kind
    headers = language_headers("Accept", language)
    if permalink := create_permalink(request, answer):
        headers["Link"] = f'</v1/answers/{answer.id}>; rel="bookmark"'
    if media_type == "text/html":
        body = as_html(answer, language)
        verdict = translation(answer.verdict, language)
        return rendering.render(
            request, "answer.html", headers=headers, answer=answer, verdict=verdict, body=body, permalink=permalink
        )
    if media_type == "text/plain":
        return PlainTextResponse(as_text(answer, language), headers=headers)
    if media_type == _CSV:
        return PlainTextResponse(as_csv(answer, language), media_type=_CSV, headers=headers)
    if media_type == "application/ld+json":
        return JSONResponse(as_json_ld(answer, language), media_type=media_type, headers=headers)
    return Response(as_json(answer, language), media_type=media_type, headers=headers)


def create_permalink(request: Request, answer: Answer) -> str | None:
    """Store an answer, by its kind and its question, and return its permalink; None if it is not stored."""
    is_stored = request.app.state.kept_answers.keep(answer)
    return addresses.public_url(request, f"/v1/answers/{answer.id}") if is_stored else None
