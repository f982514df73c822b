"""The replay of stored answers with another ESCO: each question is answered on both stores, and compared."""

from collections.abc import Iterable
from typing import Any

from mastery_graph.errors import MasteryError
from mastery_graph.permalinks.stored_answers import StoredAnswer
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.registry import QUESTIONS, question_from
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store


class ChangedAnswer(Record):
    """A stored answer that changes: its permalink id, its question, its verdict with the current ESCO and the other."""

    id: str
    kind: str
    question: dict[str, object]
    before: str
    after: str
    """Equal to `before` if only something else than the verdict changes."""


class ReplayReport(Record):
    """The result of a replay: how many answers were replayed, which of them change, and how many were not replayed."""

    asked: int
    changed: tuple[ChangedAnswer, ...]
    not_asked: int
    """Answers about a submitted document, from another dataset, or whose question cannot be answered any more."""


def changed_answers(
    stored_answers: Iterable[StoredAnswer], current_store: Store, other_store: Store, content_hash: str
) -> ReplayReport:
    """Answer the stored questions that depend on ESCO again, on two stores, and compare the answers.

    `content_hash` is that of the current dataset: answers from another one are not replayed.
    """
    changed, replayed, not_replayed = [], 0, 0
    for stored in stored_answers:
        if stored.kind in QUESTIONS and not QUESTIONS[stored.kind].depends_on_esco:
            continue
        current_answer = (
            None
            if not stored.is_replayable or stored.dataset.content_hash != content_hash
            else _answer_or_error(stored, current_store)
        )
        if current_answer is None or isinstance(current_answer, str):
            not_replayed += 1
            continue
        replayed += 1
        other_answer = _answer_or_error(stored, other_store)
        if isinstance(other_answer, str) or _content(current_answer) != _content(other_answer):
            verdict = other_answer if isinstance(other_answer, str) else other_answer.verdict
            changed.append(
                ChangedAnswer(
                    id=stored.id,
                    kind=stored.kind,
                    question=stored.question,
                    before=current_answer.verdict,
                    after=verdict,
                )
            )
    return ReplayReport(asked=replayed, changed=tuple(changed), not_asked=not_replayed)


def _answer_or_error(stored: StoredAnswer, store: Store) -> Answer | str:
    """Return the answer, or the text of the error."""
    try:
        answer: Answer = question_from(stored.kind, stored.question).answer(store)
    except MasteryError as error:
        return error.detail
    return answer


def _content(answer: Answer) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude={"dataset", "id"})
