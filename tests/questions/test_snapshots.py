"""Every face of every kind of answer as a whole, in English and in Italian, compared with the files in `snapshots/`.

A snapshot is what a person reads, and has been read by one. Where a text, a template or the data changes on purpose,
`make snapshots` writes the files again: read their diff as you would read the page. Nothing else writes them; a
snapshot that is missing, or belongs to nothing, is a failure.

What changes from build to build is replaced by a name for it: the hashes, the version and the time of the build.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from mastery_graph.concept_search.index_cache import finder_of
from mastery_graph.credentials.conversion import convert_document
from mastery_graph.credentials.reading import read_value
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.comparison import compare
from mastery_graph.questions.coverage import coverage_of
from mastery_graph.questions.equivalence.level_tables import eqf_grid, level_table
from mastery_graph.questions.equivalence.levels import equivalent_levels
from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.mapping import map_text
from mastery_graph.questions.profile import learner_profile
from mastery_graph.questions.recognition import recognition
from mastery_graph.questions.rendering import as_html, as_json_ld, as_text
from mastery_graph.questions.stackability import stackability
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.validation import validate
from mastery_graph.validation.formats import FORMATS, ValidationOutcome
from mastery_graph.vocabulary import graph
from tests.questions.examples import split_examples
from tests.validation.described import base, changed

SNAPSHOTS = Path(__file__).parent / "snapshots"
RENEW = os.environ.get("RENEW_SNAPSHOTS") == "1"
LANGUAGES = ("en", "it")
DAY = date(2026, 6, 1)
EX = "https://example.org/snapshot/"

QUESTIONS: dict[str, Callable[[EmbeddedStore], Answer]] = {
    "levels": lambda store: equivalent_levels(store, "EQF 6", "NOR"),
    "grid": lambda store: eqf_grid(store, ["NOR", "GBR"]),
    "table": lambda store: level_table(store, ["NOR"], ["CYP"]),
    "skills": lambda store: equivalent_skills(store, EX + "sorting", EX),
    "stackability": lambda store: stackability(
        store, [EX + "waste", EX + "energy"], EX + "technician", StackPolicy(on=DAY, suggestions=2)
    ),
    "recognition": lambda store: recognition(store, EX + "waste", "ITA", "training", DAY, body=EX + "university"),
    "comparison": lambda store: compare(store, EX + "waste", EX + "energy"),
    "coverage": lambda store: coverage_of(store, [EX + "waste", EX + "energy"]),
    "profile": lambda store: learner_profile(store, [EX + "held", EX + "expired"], StackPolicy(on=DAY)),
    "mapping": lambda store: map_text(store, finder_of(store), "Prevent and manage waste", 2),
}
FACES: dict[str, Callable[[Answer, str], str]] = {
    "txt": as_text,
    "html": as_html,
    "jsonld": lambda answer, language: _readable(as_json_ld(answer, language)),
}
REPORTS = {"txt": "text", "html": "html", "jsonld": "jsonld"}


def test_renewing_is_never_part_of_a_run_of_ci() -> None:
    assert not (RENEW and os.environ.get("CI") == "true")


@pytest.fixture(scope="module")
def described(store: EmbeddedStore) -> Iterator[EmbeddedStore]:
    """The real graph with the descriptions of the snapshots."""
    copy = MemoryStore.copy_of(store)
    triples = [quad.triple for quad in parse(path=SNAPSHOTS / "descriptions.ttl", format=RdfFormat.TURTLE)]
    parts = split_examples(triples)
    copy.replace_graph(graph("credentials/snapshots"), parts.descriptions)
    copy.replace_graph(graph("statements"), parts.statements)
    copy.replace_graph(graph("mappings/snapshots"), parts.knowledge)
    yield copy
    copy.close()


@pytest.fixture(scope="module")
def answers(described: EmbeddedStore) -> dict[str, Answer]:
    return {kind: question(described) for kind, question in QUESTIONS.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("kind", QUESTIONS)
def test_answer(answers: dict[str, Answer], kind: str, face: str, language: str) -> None:
    answer = answers[kind]
    _compare(f"{kind}.{language}.{face}", _normalised(FACES[face](answer, language), answer))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("face", REPORTS)
def test_validation_report(described: EmbeddedStore, face: str, language: str) -> None:
    faulty = changed(base("bare"), [{"remove": "/learningOutcome"}, {"set": "/title/en", "to": "A <title> & more"}])
    report = validate(read_value(faulty), store=described, language=language)
    written = FORMATS[REPORTS[face]][1]([ValidationOutcome("course.json", report)], language)
    _compare(f"validation.{language}.{face}", _readable(json.loads(written)) if face == "jsonld" else written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_losses_of_a_conversion(described: EmbeddedStore, language: str) -> None:
    lost = convert_document(read_value(base("issued")), "openbadge", described, language).lost
    assert lost
    _compare(f"conversion.{language}.txt", "\n".join(f"{one.pointer}  {one.subject}: {one.message}" for one in lost))


def test_no_snapshot_belongs_to_nothing() -> None:
    faces = {f"{kind}.{language}.{face}" for kind in QUESTIONS for language in LANGUAGES for face in FACES}
    reports = {f"validation.{language}.{face}" for language in LANGUAGES for face in REPORTS}
    losses = {f"conversion.{language}.txt" for language in LANGUAGES}
    assert {file.name for file in SNAPSHOTS.iterdir()} == faces | reports | losses | {"descriptions.ttl"}


def test_two_builds_of_one_answer_have_one_snapshot(answers: dict[str, Answer]) -> None:
    """The names in place of what changes are those of the answer itself, and of nothing else."""
    answer = answers["levels"]
    dataset = answer.dataset.model_copy(update={"content_hash": "f" * 64, "built": "2000-01-01T00:00:00Z"})
    later = answer.model_copy(update={"dataset": dataset})
    assert later.id != answer.id
    for face in FACES.values():
        assert face(later, "en") != face(answer, "en")
        assert _normalised(face(later, "en"), later) == _normalised(face(answer, "en"), answer)


def _compare(name: str, text: str) -> None:
    file = SNAPSHOTS / name
    text = text.rstrip("\n") + "\n"
    if RENEW:
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"{name} is missing: make snapshots"
    assert text == file.read_text(encoding="utf-8"), f"{name} is another: where it is meant to be, make snapshots"


def _normalised(text: str, answer: Answer) -> str:
    """Return a face with names in place of what changes from build to build."""
    dataset = answer.dataset
    for value, name in (
        (answer.id, "ID-OF-THE-ANSWER"),
        (dataset.content_hash, "HASH-OF-THE-DATASET"),
        (dataset.content_hash[:16], "HASH-OF-THE-DATASET"),
        (dataset.built, "TIME-OF-THE-BUILD"),
    ):
        text = text.replace(value, name)
    return re.sub(rf"\b{re.escape(dataset.version)}\b", "VERSION", text)


def _readable(value: Any, indent: str = "") -> str:
    """Return JSON with a line for each object or list that fits on one, so that a diff shows statement by statement."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(line) < 400:
        return line
    deeper = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {_readable(each, deeper)}" for name, each in value.items()]
    else:
        parts = [_readable(each, deeper) for each in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{last}"
