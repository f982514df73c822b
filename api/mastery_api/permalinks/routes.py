"""The route of permalinks: it answers a stored question again as long as its dataset is available.

Stored are the kind of the question and its parameters, the dataset (hash, version, date, licence) and the version of
the software. Of a submitted document or text only the hash is stored: its owner can send the document again.
"""

from typing import Annotated, Any, Union

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from mastery_api.dependencies import OpenStore
from mastery_api.openapi.media_types import ANSWER, declare_media_types
from mastery_api.openapi.problem_schema import declare_problems
from mastery_api.responses import render_answer
from mastery_graph.concept_search.index_cache import index_folder
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import DatasetChanged, DocumentNotKept, TextNotKept, UnknownAnswer
from mastery_graph.languages import Message
from mastery_graph.permalinks.stored_answers import StoredAnswer, StoredAnswers
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.mapping import TextMapping
from mastery_graph.questions.registry import QUESTIONS, question_from
from mastery_graph.store.versioned import VersionedStore

router = APIRouter(prefix="/v1", tags=["questions"])


AnyAnswer: Any = Union[*(kind.answer_type for kind in QUESTIONS.values() if issubclass(kind.answer_type, Answer))]
"""An answer of any kind."""


@router.get(
    "/answers/{identity}",
    summary="An answer again, by its permalink",
    response_model=AnyAnswer,
    responses=declare_media_types(ANSWER),
    openapi_extra=declare_problems(UnknownAnswer, DatasetChanged, DocumentNotKept, TextNotKept),
)
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
            Message("This server does not store answers."),
            Message("MASTERY_KEPT_ANSWERS is 0. Ask the question again."),
        )
    stored = stored_answers.find(identity)
    if stored is None:
        raise UnknownAnswer(
            Message("No answer {identity} is stored.", identity=repr(identity)),
            Message("This server never gave it, or removed it as one of the oldest."),
        )
    current = dataset_of(store)
    served: VersionedStore = request.app.state.served
    version = (
        None if current.content_hash == stored.dataset.content_hash else served.holding(stored.dataset.content_hash)
    )
    if current.content_hash != stored.dataset.content_hash and version is None:
        raise DatasetChanged(
            Message(
                "The answer is from the dataset {content_hash}, built {built}; the current one is "
                "{content_hash_2}, built {built_2}.",
                content_hash=stored.dataset.content_hash,
                built=stored.dataset.built,
                content_hash_2=current.content_hash,
                built_2=current.built,
            ),
            Message("Ask the question again, or ask the operator to restore a back-up of that version."),
            **_members(stored, current),
        )
    if not stored.is_replayable and stored.kind == TextMapping.kind:
        raise TextNotKept(
            Message("The question was about a text, of which only the SHA-256 is stored."),
            Message("Send the text again to get this answer again."),
            **_members(stored, current),
        )
    if not stored.is_replayable:
        raise DocumentNotKept(
            Message("The question contained a document, of which only the SHA-256 is stored."),
            Message("Send the document again."),
            **_members(stored, current),
        )
    question = question_from(stored.kind, stored.question)
    dataset_store = served.as_of(version.esco) if version else store
    return render_answer(request, question.answer(dataset_store, index_folder(request.app.state.settings)))


def _members(stored: StoredAnswer, current: Dataset) -> dict[str, Any]:
    return {
        "kind": stored.kind,
        "question": stored.question,
        "asked_of": stored.dataset.model_dump(),
        "served_now": current.model_dump(),
        "software": stored.software,
        "first_asked": stored.first_asked,
    }
