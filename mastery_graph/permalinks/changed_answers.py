"""The replay of stored answers with another ESCO: each question is answered on both stores, and compared."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from mastery_graph.errors import MasteryError
from mastery_graph.permalinks.stored_answers import StoredAnswer
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.comparison import compare
from mastery_graph.questions.coverage import coverage_of
from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.profile import learner_profile
from mastery_graph.questions.recognition import recognition
from mastery_graph.questions.stackability import Skills, stackability
from mastery_graph.questions.stackability.policy import StackPolicy
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
        replay = _REPLAYS.get(stored.kind)
        if replay is None:
            continue
        current_answer = (
            None
            if stored.request is None or stored.dataset.content_hash != content_hash
            else _answer_or_error(replay, current_store, stored)
        )
        if current_answer is None or isinstance(current_answer, str):
            not_replayed += 1
            continue
        replayed += 1
        other_answer = _answer_or_error(replay, other_store, stored)
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


def _answer_or_error(
    replay: Callable[[Store, dict[str, Any]], Answer], store: Store, stored: StoredAnswer
) -> Answer | str:
    """Return the answer, or the text of the error."""
    try:
        return replay(store, {**stored.question, **_body(stored)})
    except MasteryError as error:
        return error.detail


def _body(stored: StoredAnswer) -> dict[str, Any]:
    return (stored.request and stored.request.body) or {}


def _content(answer: Answer) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude={"dataset", "id"})


def _policy(question: dict[str, Any]) -> StackPolicy | None:
    return StackPolicy.model_validate(question["policy"]) if question.get("policy") else None


def _stack(store: Store, question: dict[str, Any]) -> Answer:
    target = question["target"]
    skills_or_target = Skills.model_validate(target) if isinstance(target, dict) else target
    return stackability(
        store,
        question["credentials"],
        skills_or_target,
        _policy(question),
        purpose=question.get("purpose"),
        body=question.get("body"),
        explain=bool(question.get("explain")),
    )


def _recognise(store: Store, question: dict[str, Any]) -> Answer:
    from datetime import date

    day = date.fromisoformat(question["on"]) if question.get("on") else None
    arguments = (question["credential"], question["country"], question.get("purpose", "employment"))
    return recognition(
        store, *arguments, day, body=question.get("body"), accept_claims=question.get("accept_claims", False)
    )


def _compare(store: Store, question: dict[str, Any]) -> Answer:
    first, second = question["descriptions"]
    return compare(store, first, second, _policy(question))


_REPLAYS: Final[dict[str, Callable[[Store, dict[str, Any]], Answer]]] = {
    "equivalence/skills": lambda store, question: equivalent_skills(
        store, question["skill"], question.get("framework")
    ),
    "stackability": _stack,
    "recognition": _recognise,
    "profile": lambda store, question: learner_profile(store, question["credentials"], _policy(question)),
    "coverage": lambda store, question: coverage_of(store, question["descriptions"], _policy(question)),
    "comparison": _compare,
}
