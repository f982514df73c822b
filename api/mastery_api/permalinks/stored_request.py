"""The request behind an answer, as it can be kept: without documents and texts that were sent, or how it is shown."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from mastery_api import addresses
from mastery_api.json_bodies import json_body
from mastery_graph.permalinks.stored_answers import StoredRequest
from mastery_graph.questions.answer import Answer

_SHOWN = {"format", "lang"}


async def remember_question(request: Request) -> None:
    """Keep the JSON body of a question with its request, for `asked`. Raises what `json_body` raises."""
    request.state.body = await json_body(request)


def request_to_store(request: Request, answer: Answer) -> StoredRequest | None:
    """Return the request that gives this answer again, or None where a document or a text was sent with it.

    What the answer added to the question, such as the day on which it was asked, is part of it.
    """
    if answer.question_to_keep() != answer.question:
        return None
    body: Any = getattr(request.state, "body", None)
    if isinstance(body, dict):
        if _holds_a_document(body):
            return None
        body = body | {name: answer.question[name] for name in ("on", "policy") if name in answer.question}
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in _SHOWN]
    return StoredRequest(request.method, request.url.path, urlencode(query), body)


def create_permalink(request: Request, answer: Answer, asked_again: StoredRequest | None) -> str | None:
    """Keep an answer and return the address that gives it again, or None where it is not kept.

    `asked_again` is None where a document or a text was sent: then its address says what was asked, and of what.
    """
    kept = request.app.state.kept_answers.keep(answer, asked_again)
    return addresses.public_url(request, f"/v1/answers/{answer.id}") if kept else None


def _holds_a_document(body: dict[str, Any]) -> bool:
    """Return whether a question holds a document: an object in the place of an IRI."""
    values = [value for name, value in body.items() if name != "policy"]
    values += [item for value in values if isinstance(value, list) for item in value]
    return any(isinstance(value, dict) and set(value) != {"skills"} for value in values)
