"""The verdicts of answers: the meaning of each, and which of them end a command with exit code 1."""

import json

import pytest
from pydantic import TypeAdapter, ValidationError

import mastery_graph.questions.comparison
import mastery_graph.questions.coverage
import mastery_graph.questions.equivalence.level_tables
import mastery_graph.questions.equivalence.skills
import mastery_graph.questions.mapping
import mastery_graph.questions.profile
import mastery_graph.questions.recognition
import mastery_graph.questions.stackability  # noqa: F401  # each defines a kind of answer
from mastery_graph.languages.catalogue import TRANSLATIONS, find_translation
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.equivalence.levels import LevelEquivalence, LevelVerdict, equivalent_levels
from mastery_graph.questions.registry import QUESTIONS
from mastery_graph.questions.rendering import as_json
from mastery_graph.questions.verdicts import Verdict
from mastery_graph.store.embedded import EmbeddedStore

NEGATIVE = {
    "equivalence/levels": {"not-comparable"},
    "equivalence/table": set[str](),
    "equivalence/grid": set[str](),
    "equivalence/skills": {"no-mapping-known", "framework-not-covered", "contradicted", "out-of-date"},
    "stackability": {"partially-stackable", "not-stackable"},
    "recognition": {"not-comparable"},
    "comparison": set[str](),
    "coverage": {"not-covered"},
    "profile": {"none-attested"},
    "mapping": {"nothing-fits"},
}
"""The contract of the exit codes: a verdict that leaves the question open is not negative."""


def _verdicts(kind: str) -> type[Verdict]:
    (answer,) = (answer for answer in Answer.__subclasses__() if answer.kind == kind)
    verdicts = answer.model_fields["verdict"].annotation
    assert isinstance(verdicts, type)
    assert issubclass(verdicts, Verdict)
    return verdicts


@pytest.mark.parametrize("kind", NEGATIVE)
def test_the_negative_verdicts_of_a_kind_are_those_of_the_exit_codes(kind: str) -> None:
    assert {verdict.value for verdict in _verdicts(kind) if verdict.is_negative} == NEGATIVE[kind]


@pytest.mark.parametrize("kind", NEGATIVE)
@pytest.mark.parametrize("language", TRANSLATIONS)
def test_each_verdict_and_its_meaning_is_translated(kind: str, language: str) -> None:
    texts = [text for verdict in _verdicts(kind) for text in (verdict.value, verdict.meaning)]
    assert len(texts) > 1
    assert [text for text in texts if find_translation(text, language) is None] == []


@pytest.mark.parametrize("kind", NEGATIVE)
def test_the_schema_of_a_verdict_gives_the_meaning_of_each_value(kind: str) -> None:
    verdicts = _verdicts(kind)
    schema = TypeAdapter(verdicts).json_schema()
    assert schema["enum"] == [verdict.value for verdict in verdicts]
    for verdict in verdicts:
        assert f"* `{verdict.value}`: {verdict.meaning}" in schema["description"].splitlines()


def test_an_answer_accepts_only_the_verdicts_of_its_kind(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "EQF 5", "IRL")
    assert answer.verdict is LevelVerdict.COMPARABLE
    with pytest.raises(ValidationError, match="verdict"):
        LevelEquivalence.model_validate(answer.model_dump(exclude={"id"}) | {"verdict": "stackable"})


@pytest.mark.parametrize("kind", NEGATIVE)
def test_the_json_of_an_answer_has_the_meaning_of_its_verdict(store: EmbeddedStore, kind: str) -> None:
    question = QUESTIONS[kind]
    answer = question.model_validate(question.example).answer(store)
    assert json.loads(as_json(answer))["verdict_meaning"] == answer.verdict.meaning
    assert json.loads(as_json(answer, "fi"))["verdict_meaning"] == find_translation(answer.verdict.meaning, "fi")
    assert answer.verdict.meaning not in as_json(answer, "fi")
