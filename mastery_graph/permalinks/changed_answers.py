"""Which saved answers another ESCO would change: each question is asked again of both, and the two are compared."""

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
    """A saved answer that changes: its permalink id, its question, its verdict with the ESCO of now and the other."""

    id: str
    kind: str
    question: dict[str, object]
    before: str
    after: str
    """The same as `before` where the verdict stays and something else in the answer does not."""


class ReplayReport(Record):
    """What was asked again: how many saved answers, those that change, and how many could not be asked."""

    asked: int
    changed: tuple[ChangedAnswer, ...]
    not_asked: int
    """Answers to a document that was sent, of another dataset, or that cannot be answered now either."""


def changed_answers(kept: Iterable[StoredAnswer], now: Store, then: Store, content_hash: str) -> ReplayReport:
    """Ask the saved questions that ESCO has a part in again, of two stores.

    `content_hash` is that of the dataset of now: answers of another one rest on something else already.
    """
    changed, asked, not_asked = [], 0, 0
    for one in kept:
        ask = _ASKED.get(one.kind)
        if ask is None:
            continue
        before = None if one.asked is None or one.dataset.content_hash != content_hash else _told(ask, now, one)
        if before is None or isinstance(before, str):
            not_asked += 1
            continue
        asked += 1
        after = _told(ask, then, one)
        if isinstance(after, str) or _content(before) != _content(after):
            verdict = after if isinstance(after, str) else after.verdict
            changed.append(
                ChangedAnswer(id=one.id, kind=one.kind, question=one.question, before=before.verdict, after=verdict)
            )
    return ReplayReport(asked=asked, changed=tuple(changed), not_asked=not_asked)


def _told(ask: Callable[[Store, dict[str, Any]], Answer], store: Store, kept: StoredAnswer) -> Answer | str:
    """Return the answer, or what the error says."""
    try:
        return ask(store, {**kept.question, **_body(kept)})
    except MasteryError as error:
        return error.detail


def _body(kept: StoredAnswer) -> dict[str, Any]:
    return (kept.asked and kept.asked.body) or {}


def _content(answer: Answer) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude={"dataset", "id"})


def _policy(question: dict[str, Any]) -> StackPolicy | None:
    return StackPolicy.model_validate(question["policy"]) if question.get("policy") else None


def _stack(store: Store, question: dict[str, Any]) -> Answer:
    target = question["target"]
    wanted = Skills.model_validate(target) if isinstance(target, dict) else target
    return stackability(
        store,
        question["credentials"],
        wanted,
        _policy(question),
        purpose=question.get("purpose"),
        body=question.get("body"),
        explain=bool(question.get("explain")),
    )


def _recognise(store: Store, question: dict[str, Any]) -> Answer:
    from datetime import date

    day = date.fromisoformat(question["on"]) if question.get("on") else None
    asked = (question["credential"], question["country"], question.get("purpose", "employment"))
    return recognition(
        store, *asked, day, body=question.get("body"), accept_claims=question.get("accept_claims", False)
    )


def _compare(store: Store, question: dict[str, Any]) -> Answer:
    one, other = question["descriptions"]
    return compare(store, one, other, _policy(question))


_ASKED: Final[dict[str, Callable[[Store, dict[str, Any]], Answer]]] = {
    "equivalence/skills": lambda store, question: equivalent_skills(
        store, question["skill"], question.get("framework")
    ),
    "stackability": _stack,
    "recognition": _recognise,
    "profile": lambda store, question: learner_profile(store, question["credentials"], _policy(question)),
    "coverage": lambda store, question: coverage_of(store, question["descriptions"], _policy(question)),
    "comparison": _compare,
}
