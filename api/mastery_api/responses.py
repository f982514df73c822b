"""What the routes share: the store of the application, and an answer in the face that the client wants."""

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from mastery_api import negotiation
from mastery_api.html import rendering
from mastery_api.html.languages import language_headers, language_of
from mastery_api.permalinks.stored_request import create_permalink, request_to_store
from mastery_graph.languages import translation
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.rendering import as_csv, as_html, as_json, as_json_ld, as_text

_FACES = ["application/json", "application/ld+json", "text/html", "text/plain"]
_TABLE = "text/csv"


def render_answer(request: Request, answer: Answer) -> Response:
    """Return an answer as the client wants it, by the Accept header or `?format=`, in the language that it wants.

    JSON, JSON-LD, HTML or text; CSV too where the answer is a table.
    """
    language = language_of(request)
    named = request.query_params.get("format")
    accept = negotiation.effective_accept(named, request.headers.get("accept"))
    tabular = type(answer).table is not Answer.table
    face = negotiation.best_match(accept, [*_FACES, _TABLE] if tabular else _FACES) or _FACES[0]
    request.state.answer = answer.kind
    extra = language_headers("Accept", language)
    if again := create_permalink(request, answer, request_to_store(request, answer)):
        extra["Link"] = f'</v1/answers/{answer.id}>; rel="bookmark"'
    if face == "text/html":
        body = as_html(answer, language)
        verdict = translation(answer.verdict, language)
        return rendering.render(
            request, "answer.html", headers=extra, answer=answer, verdict=verdict, body=body, permalink=again
        )
    if face == "text/plain":
        return PlainTextResponse(as_text(answer, language), headers=extra)
    if face == _TABLE:
        return PlainTextResponse(as_csv(answer, language), media_type=_TABLE, headers=extra)
    if face == "application/ld+json":
        return JSONResponse(as_json_ld(answer, language), media_type=face, headers=extra)
    return Response(as_json(answer, language), media_type=face, headers=extra)
