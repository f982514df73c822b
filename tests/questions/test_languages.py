"""What answers say in five languages: each text exists in each, and an answer says the same in all of them."""

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import get_args, get_origin

import pytest

import mastery_graph.questions
from mastery_graph.languages import LANGUAGES, TRANSLATIONS, EnglishText, Message, to_html, translation
from mastery_graph.languages.catalogue import find_translation
from mastery_graph.languages.records import localize
from mastery_graph.questions.answer import Answer, Outcome
from mastery_graph.questions.coverage import coverage_of
from mastery_graph.questions.equivalence.level_tables import level_table
from mastery_graph.questions.equivalence.levels import equivalent_levels
from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.profile import learner_profile
from mastery_graph.questions.recognition import recognition
from mastery_graph.questions.rendering import HIDDEN_FIELDS, TRANSLATED_COLUMNS, as_html, as_json, as_json_ld, as_text
from mastery_graph.records import Record
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import ID, NS, SKOS
from tests.conftest import DESCRIPTION
from tests.html_tables import cells
from tests.questions.test_faces import KINDS, answers

OTHERS = TRANSLATIONS
RULES = Path(__file__).resolve().parents[2] / "ontology" / "rules.ttl"


@pytest.mark.parametrize("language", OTHERS)
def test_green_skills_and_sectors_are_called_as_the_graph_calls_them(store: EmbeddedStore, language: str) -> None:
    named = {
        triple.object.value
        for file in ("green-skills.ttl", "visions.ttl")
        for triple in read_turtle(RULES.with_name(file))
        if triple.predicate.value == SKOS + "prefLabel" and getattr(triple.object, "language", None) == language
    }
    held = [DESCRIPTION + "issued-waste-aino", DESCRIPTION + "issued-energy-aino"]
    english = learner_profile(store, held)
    profile, coverage = localize(english, language), localize(coverage_of(store, held), language)
    assert {skill.label for skill in profile.skills} | {each for one in profile.skills for each in one.sectors} <= named
    assert {skill.label for skill in coverage.skills} | {one.sector for one in coverage.sectors} <= named
    assert {vision.title for vision in coverage.visions} <= named
    attested = [one.label for one in english.skills if one.status == "attested"]
    assert attested
    assert not [each for each in attested if each in profile.summary]
    skills = localize(equivalent_skills(store, "GS02"), language)
    assert skills.skill.label in named
    assert skills.summary.startswith(skills.skill.label)


def test_a_rule_is_called_and_mended_in_every_language() -> None:
    spoken: dict[tuple[str, str], set[str | None]] = {}
    for triple in read_turtle(RULES):
        if triple.predicate.value in {SKOS + "prefLabel", NS + "mending", NS + "expects"}:
            about = (getattr(triple.subject, "value", ""), triple.predicate.value)
            spoken.setdefault(about, set()).add(getattr(triple.object, "language", None))
    assert all(languages == set(LANGUAGES) for languages in spoken.values())
    assert (f"{ID}rule/REC-LEVEL", NS + "mending") in spoken


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_of_an_answer_stays_in_english(store: EmbeddedStore, kind: str, language: str) -> None:
    english = answers(store)[kind]
    told = localize(english, language)
    assert told.id == english.id
    assert [one.outcome for one in told.criteria] == [one.outcome for one in english.criteria]
    assert [text for text, other in zip(_texts(english), _texts(told), strict=True) if text == other] == []


def _texts(answer: Answer) -> list[str]:
    criteria = [text for one in answer.criteria for text in (one.title, one.explanation)]
    return [answer.summary, answer.disclaimer, *criteria]


def test_each_heading_and_word_in_an_answer_of_any_kind_is_told_in_every_language() -> None:
    wanted: set[str] = set()
    for kind in _kinds(Answer):
        for name, field in kind.model_fields.items():
            if name not in Answer.model_fields and kind.table is Answer.table and get_origin(field.annotation) is tuple:
                columns = _columns(field.annotation)
                wanted |= {name, *columns} if columns else set()
    assert {"substantial", "may-be", "given_by", "caller", "does-not-apply", "contested"} <= wanted
    assert _untranslated(word.replace("_", " ") for word in wanted) == []


def test_each_column_and_word_of_a_table_is_told_in_every_language(store: EmbeddedStore) -> None:
    tables = [answers(store)[kind].table() for kind in KINDS]
    tables += [level_table(store, ["NOR"], ["FIN"]).table()]
    wanted = {name.replace("_", " ") for rows in tables for row in rows for name in row}
    wanted |= {str(row[name]) for rows in tables for row in rows for name in set(row) & {"status", "of"}}
    assert {"aspect", "not compared because", "partial", "sector"} <= wanted
    assert _untranslated(wanted) == []


def _untranslated(words: Iterable[str]) -> list[str]:
    return [
        word
        for word in words
        if not all(find_translation(word, language, "field") or find_translation(word, language) for language in OTHERS)
    ]


def _kinds(parent: type[Answer]) -> list[type[Answer]]:
    for module in pkgutil.walk_packages(mastery_graph.questions.__path__, "mastery_graph.questions."):
        importlib.import_module(module.name)
    return [kind for child in parent.__subclasses__() for kind in (child, *_kinds(child))]


def _columns(rows: object) -> set[str]:
    """Return the columns that the HTML face makes of a tuple of records, and the words that can stand in them."""
    found: set[str] = set()
    for record in (part for part in _parts(rows) if isinstance(part, type) and issubclass(part, Record)):
        for name, field in record.model_fields.items():
            parts = list(_parts(field.annotation))
            deep = any(
                get_origin(part) in {tuple, dict} or (isinstance(part, type) and issubclass(part, Record))
                for part in parts
            )
            if name in HIDDEN_FIELDS or deep:
                continue
            words = {part for part in parts if isinstance(part, str)}
            words |= {str(word) for part in parts if isinstance(part, type) and issubclass(part, Enum) for word in part}
            assert not words or name in TRANSLATED_COLUMNS, f"the words of {name} are not told"
            found |= {name, *words}
    return found


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


@pytest.mark.parametrize("language", OTHERS)
def test_words_in_the_tables_of_an_answer_are_told(store: EmbeddedStore, language: str) -> None:
    for kind, words in (
        ("recognition", ("may-be", "substantial")),
        ("coverage", ("partial",)),
        ("comparison", ("met",)),
    ):
        in_english, told = (cells(as_html(answers(store)[kind], name)) for name in ("en", language))
        assert set(words) <= set(in_english)
        assert {translation(word, language) for word in words} <= set(told)
        assert not set(words) & set(told)


def test_a_finnish_authority_reads_why(store: EmbeddedStore) -> None:
    answer = recognition(store, DESCRIPTION + "waste-on-site-ita", "FIN", "academic", date(2025, 6, 1))
    told = as_text(answer, "fi")
    assert "Työmäärä on ilmoitettu: 60 tuntia." in told
    assert "Perustuu" in as_html(answer, "fi")
    unknown = next(one for one in localize(answer, "fi").criteria if one.rule == "REC-NATIONAL")
    assert unknown.title == "Kansallinen politiikka"
    assert unknown.explanation.startswith("Suomi: ")


def test_a_reason_for_an_open_level_is_told(store: EmbeddedStore) -> None:
    answer = localize(equivalent_levels(store, "EQF 1", "GBR"), "bg")
    assert answer.unreferenced
    assert all("ЕКР" in (level.open_because or "") for level in answer.unreferenced)  # noqa: RUF001  # Cyrillic


@pytest.mark.parametrize("language", OTHERS)
def test_json_is_in_the_language(store: EmbeddedStore, language: str) -> None:
    english = answers(store)["levels"]
    told = json.loads(as_json(english, language))
    assert told == localize(english, language).model_dump(mode="json")
    assert told["summary"] != english.summary


def test_json_ld_says_in_which_language_it_speaks(store: EmbeddedStore) -> None:
    context = as_json_ld(answers(store)["levels"], "es")["@context"]
    assert context["summary"]["@language"] == "es"
    assert context["criteria"]["@context"]["explanation"]["@language"] == "es"


def test_what_is_only_there_in_english_says_so() -> None:
    note = Message("Note: {note}.", note=EnglishText("a <portal>"))
    assert to_html(note, "fi") == 'Huomautus: <span lang="en">a &lt;portal&gt;</span>.'
    assert to_html(note, "en") == "Note: a &lt;portal&gt;."


def test_a_text_that_fills_a_sentence_is_never_read_as_a_pattern() -> None:
    title = "{why} {title} %(x)s"
    sentence = Message("{title}: {why}", title=title, why=Message(Outcome.MET.value))
    assert sentence == f"{title}: met"
    assert localize(sentence, "fi") == f"{title}: täyttyy"
