"""Permalinks: the address of an answer gives it again, as long as the dataset is the one that it was asked of.

What is kept is the question, the dataset (hash, version, date, licence) and the version of the software. Of a document
or a text that was sent, only the hash is kept: whoever keeps it can ask again.
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
_CARRIED_OVER = (
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
    """No answer with this id is kept."""

    slug = "unknown-answer"
    title = "No such answer"
    status = 404


class DatasetChanged(InputError):
    """The answer was asked of another dataset than the one that is served."""

    slug = "dataset-changed"
    title = "The dataset has changed"
    status = 409


class DocumentNotKept(InputError):
    """The question came with a document, of which only the hash is kept."""

    slug = "document-not-kept"
    title = "The document was not kept"
    status = 410


class TextNotKept(InputError):
    """The question was about a text, of which only the hash is kept."""

    slug = "text-not-kept"
    title = "The text was not kept"
    status = 410


@router.get("/answers/{identity}", summary="An answer again, by its permalink")
def answer(
    identity: Annotated[str, Path(max_length=100, description="The `id` of an answer.")],
    request: Request,
    store: OpenStore,
) -> Response:
    """Ask the kept question again, of the same dataset, also where a new ESCO has taken its place since.

    Or say why that cannot be done, and what can.
    """
    kept_answers: StoredAnswers = request.app.state.kept_answers
    if not kept_answers.on:
        raise UnknownAnswer(
            "Answers are not kept here.", "MASTERY_KEPT_ANSWERS is 0; the question itself can be asked again."
        )
    kept = kept_answers.find(identity)
    if kept is None:
        raise UnknownAnswer(
            f"No answer {identity!r} is kept here.",
            "It was never given here, or it was among the oldest, which go first.",
        )
    current = dataset_of(store)
    served: VersionedStore = request.app.state.served
    beside = None if current.content_hash == kept.dataset.content_hash else served.holding(kept.dataset.content_hash)
    if current.content_hash != kept.dataset.content_hash and beside is None:
        raise DatasetChanged(
            f"This was asked of dataset {kept.dataset.content_hash}, built {kept.dataset.built}; "
            f"now {current.content_hash}, built {current.built}, is served.",
            "Restore a back-up of that version (`mastery-graph restore`) and ask there, or ask the question anew.",
            **_members(kept, current),
        )
    if kept.asked is None and kept.kind == TextMapping.kind:
        raise TextNotKept(
            "The question was about a text, and of that only the SHA-256 is kept.",
            "Whoever keeps the text can send it again, and gets this answer again.",
            **_members(kept, current),
        )
    if kept.asked is None:
        raise DocumentNotKept(
            "The question came with a document, and of that only the SHA-256 is kept.",
            "Whoever keeps the document can send it again.",
            **_members(kept, current),
        )
    further = [(name, value) for name, value in request.query_params.multi_items() if name in _PRESENTATION]
    return ReplayedResponse(kept.asked, further + ([("esco", beside.esco)] if beside else []))


class ReplayedResponse(Response):
    """The response of this application to a kept request."""

    def __init__(self, asked: StoredRequest, further: list[tuple[str, str]]) -> None:
        """Ask with these further parameters: how the answer is shown, and of which ESCO, whatever was asked then."""
        super().__init__()
        self._asked = asked
        before = [(name, value) for name, value in parse_qsl(asked.query, keep_blank_values=True) if name != "esco"]
        self._query = urlencode([*before, *further])

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Answer with what the application answers."""
        body = b"" if self._asked.body is None else json.dumps(self._asked.body).encode()
        left_out = {b"content-type", b"content-length", b"if-none-match", b"transfer-encoding"}
        headers = [(name, value) for name, value in scope["headers"] if name not in left_out]
        if body:
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        inner = {
            **{key: scope[key] for key in _CARRIED_OVER if key in scope},
            "method": self._asked.method,
            "path": self._asked.path,
            "raw_path": self._asked.path.encode(),
            "query_string": self._query.encode(),
            "headers": headers,
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await scope["app"](inner, receive, send)


def _members(kept: StoredAnswer, current: Dataset) -> dict[str, Any]:
    return {
        "kind": kept.kind,
        "question": kept.question,
        "asked_of": kept.dataset.model_dump(),
        "served_now": current.model_dump(),
        "software": kept.software,
        "first_asked": kept.first_asked,
    }
