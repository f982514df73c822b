"""The route of permalinks: it replays the stored question of an answer as long as its dataset is available.

Stored are the question, the dataset (hash, version, date, licence) and the version of the software. Of a submitted
document or text only the hash is stored: its owner can send the document again.
"""

import json
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.types import Message, Receive, Scope, Send

from mastery_api.dependencies import OpenStore
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import InputError
from mastery_graph.permalinks.stored_answers import StoredAnswer, StoredAnswers, StoredRequest
from mastery_graph.questions.mapping import TextMapping
from mastery_graph.store.versioned import VersionedStore

router = APIRouter(prefix="/v1", tags=["questions"])

_PRESENTATION = {"format", "lang"}
_INHERITED_KEYS = (
    "type",
    "asgi",
    "http_version",
    "scheme",
    "server",
    "client",
    "root_path",
    "app",
    "state",
    "extensions",
)


class UnknownAnswer(InputError):
    """No answer with this id is stored."""

    slug = "unknown-answer"
    title = "No such answer"
    status = 404


class DatasetChanged(InputError):
    """The answer was computed from another dataset than the served one."""

    slug = "dataset-changed"
    title = "The dataset has changed"
    status = 409


class DocumentNotKept(InputError):
    """The question contained a document, of which only the hash is stored."""

    slug = "document-not-kept"
    title = "The document was not kept"
    status = 410


class TextNotKept(InputError):
    """The question was about a text, of which only the hash is stored."""

    slug = "text-not-kept"
    title = "The text was not kept"
    status = 410


@router.get("/answers/{identity}", summary="An answer again, by its permalink")
def answer(
    identity: Annotated[str, Path(max_length=100, description="The `id` of an answer.")],
    request: Request,
    store: OpenStore,
) -> Response:
    """Replay the stored question on the same dataset, also if a newer ESCO has been loaded since.

    If that is not possible, the problem states why, and what can be done instead.
    """
    stored_answers: StoredAnswers = request.app.state.kept_answers
    if not stored_answers.on:
        raise UnknownAnswer(
            "Answers are not kept here.", "MASTERY_KEPT_ANSWERS is 0; the question itself can be asked again."
        )
    stored = stored_answers.find(identity)
    if stored is None:
        raise UnknownAnswer(
            f"No answer {identity!r} is kept here.",
            "It was never given here, or it was among the oldest, which go first.",
        )
    current = dataset_of(store)
    served: VersionedStore = request.app.state.served
    version = (
        None if current.content_hash == stored.dataset.content_hash else served.holding(stored.dataset.content_hash)
    )
    if current.content_hash != stored.dataset.content_hash and version is None:
        raise DatasetChanged(
            f"This was asked of dataset {stored.dataset.content_hash}, built {stored.dataset.built}; "
            f"now {current.content_hash}, built {current.built}, is served.",
            "Restore a back-up of that version (`mastery-graph restore`) and ask there, or ask the question anew.",
            **_members(stored, current),
        )
    if stored.request is None and stored.kind == TextMapping.kind:
        raise TextNotKept(
            "The question was about a text, and of that only the SHA-256 is kept.",
            "Whoever keeps the text can send it again, and gets this answer again.",
            **_members(stored, current),
        )
    if stored.request is None:
        raise DocumentNotKept(
            "The question came with a document, and of that only the SHA-256 is kept.",
            "Whoever keeps the document can send it again.",
            **_members(stored, current),
        )
    presentation = [(name, value) for name, value in request.query_params.multi_items() if name in _PRESENTATION]
    return ReplayedResponse(stored.request, presentation + ([("esco", version.esco)] if version else []))


class ReplayedResponse(Response):
    """The response of this application to a stored request."""

    def __init__(self, stored: StoredRequest, presentation: list[tuple[str, str]]) -> None:
        """Replay with these additional parameters: presentation, and the ESCO version in place of the stored one."""
        super().__init__()
        self._stored = stored
        parameters = [
            (name, value) for name, value in parse_qsl(stored.query, keep_blank_values=True) if name != "esco"
        ]
        self._query = urlencode([*parameters, *presentation])

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send the response of the application."""
        body = b"" if self._stored.body is None else json.dumps(self._stored.body).encode()
        excluded = {b"content-type", b"content-length", b"if-none-match", b"transfer-encoding"}
        headers = [(name, value) for name, value in scope["headers"] if name not in excluded]
        if body:
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        inner = {
            **{key: scope[key] for key in _INHERITED_KEYS if key in scope},
            "method": self._stored.method,
            "path": self._stored.path,
            "raw_path": self._stored.path.encode(),
            "query_string": self._query.encode(),
            "headers": headers,
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await scope["app"](inner, receive, send)


def _members(stored: StoredAnswer, current: Dataset) -> dict[str, Any]:
    return {
        "kind": stored.kind,
        "question": stored.question,
        "asked_of": stored.dataset.model_dump(),
        "served_now": current.model_dump(),
        "software": stored.software,
        "first_asked": stored.first_asked,
    }
