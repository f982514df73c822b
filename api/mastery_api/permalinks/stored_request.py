"""The stored form of the request behind an answer: without submitted documents, texts and presentation options."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from mastery_api import addresses
from mastery_api.json_bodies import json_body
from mastery_graph.permalinks.stored_answers import StoredRequest
from mastery_graph.questions.answer import Answer

_PRESENTATION = {"format", "lang"}


async def remember_question(request: Request) -> None:
    """Attach the JSON body of a question to its request, for `request_to_store`. Raises what `json_body` raises."""
    request.state.body = await json_body(request)


def request_to_store(request: Request, answer: Answer) -> StoredRequest | None:
    """Return the request that reproduces this answer, or None if it contained a document or a text.

    It includes what the answer added to the question, such as the current date.
    """
    if answer.question_to_keep() != answer.question:
        return None
    body: Any = getattr(request.state, "body", None)
    if isinstance(body, dict):
        if _contains_document(body):
            return None
        body = body | {name: answer.question[name] for name in ("on", "policy") if name in answer.question}
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in _PRESENTATION]
    return StoredRequest(request.method, request.url.path, urlencode(query), body)


def create_permalink(request: Request, answer: Answer, stored_request: StoredRequest | None) -> str | None:
    """Store an answer and return its permalink, or None if it is not stored.

    `stored_request` is None if a document or a text was sent: the permalink then shows the question and the dataset.
    """
    is_stored = request.app.state.kept_answers.keep(answer, stored_request)
    return addresses.public_url(request, f"/v1/answers/{answer.id}") if is_stored else None


def _contains_document(body: dict[str, Any]) -> bool:
    """Return whether a question contains a document: an object in place of an IRI."""
    values = [value for name, value in body.items() if name != "policy"]
    values += [item for value in values if isinstance(value, list) for item in value]
    return any(isinstance(value, dict) and set(value) != {"skills"} for value in values)
