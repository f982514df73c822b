"""The registry of questions: each kind is answered from its record, and again from what its answer states."""

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest

import mastery_graph.questions
from mastery_graph.errors import BadParameter
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.registry import QUESTIONS, StackQuestion, preloaded_modules, question_from
from mastery_graph.store.embedded import EmbeddedStore

FOLDER = Path(mastery_graph.questions.__file__).parent
ANSWERED = [kind for kind, question in QUESTIONS.items() if issubclass(question.answer_type, Answer)]


def test_every_kind_of_answer_has_a_question() -> None:
    classes = {
        node.name
        for file in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Answer" for base in node.bases)
    }
    assert len(classes) >= 10
    assert classes == {QUESTIONS[kind].answer_type.__name__ for kind in ANSWERED}
    assert {QUESTIONS[kind].answer_type.kind for kind in ANSWERED} == set(ANSWERED)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ANSWERED)
def test_an_answer_states_the_question_that_gives_it_again(store: EmbeddedStore, kind: str) -> None:
    question = QUESTIONS[kind]
    first = question.model_validate(question.example).answer(store)
    assert isinstance(first, question.answer_type)
    assert first.verdict in question.verdicts
    assert question.verdict_of(first) is first.verdict
    again = question_from(kind, first.question).answer(store)
    assert again == first
    assert again.id == first.id


def test_a_conversion_is_negative_in_no_case(store: EmbeddedStore) -> None:
    conversion = QUESTIONS["conversion"]
    answer = conversion.model_validate(conversion.example).answer(store)
    assert answer.lost
    assert conversion.verdict_of(answer) == "converted-with-losses"
    assert not conversion.verdict_of(answer).is_negative


def test_a_document_that_violates_the_profile_has_a_negative_verdict(store: EmbeddedStore) -> None:
    validation = QUESTIONS["validation"]
    answer = validation.model_validate(validation.example).answer(store)
    assert not answer.conforms
    assert validation.verdict_of(answer) == "does-not-conform"
    assert validation.verdict_of(answer).is_negative
    assert not validation.verdict_of(answer.model_copy(update={"conforms": True})).is_negative


@pytest.mark.parametrize(
    ("kind", "record", "named"),
    [
        ("nonsense", {}, "nonsense"),
        ("recognition", {"credential": "urn:a"}, "country"),
        ("recognition", {"credential": "urn:a", "country": "FIN", "colour": "red"}, "colour"),
    ],
)
def test_a_record_that_no_question_accepts_is_refused(kind: str, record: dict[str, Any], named: str) -> None:
    with pytest.raises(BadParameter, match=named):
        question_from(kind, record)


def test_the_skills_of_a_target_are_a_list_of_iris(store: EmbeddedStore) -> None:
    question = StackQuestion.model_validate(StackQuestion.example | {"target": {"skills": "GS01"}})
    with pytest.raises(BadParameter, match="list of IRIs"):
        question.answer(store)


def test_what_a_worker_preloads_can_be_imported_and_has_each_question() -> None:
    modules = preloaded_modules()
    assert {question.__module__ for question in QUESTIONS.values()} < set(modules)
    for module in modules:
        importlib.import_module(module)
