"""The catalogue of translations: complete, in use, and with the same placeholders in every language."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from mastery_graph.languages import (
    LANGUAGE_CODES,
    LANGUAGES,
    TRANSLATIONS,
    LanguageCode,
    ngettext,
    pgettext,
    placeholders,
    translation,
)
from mastery_graph.languages.catalogue import catalogue_of
from mastery_graph.languages.extraction import template, update_catalogue
from mastery_graph.languages.records import localize

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {(entry.id, entry.context): entry for entry in template() if entry.id}
MARKERS = {"Message", "N_", "_", "ngettext", "pgettext"}


def _catalogue(language: str) -> Catalog:
    with catalogue_of(language).open("rb") as stream:
        return read_po(stream, locale=language)


def _forms(texts: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _entries(language: str) -> list[Entry]:
    return [entry for entry in _catalogue(language) if entry.id]


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_each_text_is_in_the_catalogue_and_no_other(language: str) -> None:
    entries = _entries(language)
    assert len(entries) > 1000
    assert {(entry.id, entry.context) for entry in entries} == set(TEXTS)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_each_text_has_a_translation_in_every_plural_form(language: str) -> None:
    catalogue = _catalogue(language)
    entries = _entries(language)
    assert entries
    for entry in entries:
        forms = _forms(entry.string)
        assert all(forms), entry.id
        assert len(forms) == (catalogue.num_plurals if entry.pluralizable else 1), entry.id


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_has_the_placeholders_of_its_text(language: str) -> None:
    entries = _entries(language)
    assert any(placeholders(form) for entry in entries for form in _forms(entry.id))
    for entry in entries:
        singular, *plural = _forms(entry.id)
        allowed = {tuple(placeholders(form)) for form in (singular, *plural)}
        assert {tuple(placeholders(form)) for form in _forms(entry.string)} <= allowed, entry.id


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_the_file_is_as_the_extractor_writes_it(language: str) -> None:
    content = catalogue_of(language).read_bytes()
    assert content == update_catalogue(content, language)


def test_texts_of_code_templates_shapes_and_ontology_are_extracted() -> None:
    files = {file for entry in TEXTS.values() for file, _ in entry.locations}
    assert ("The date of issuing is missing.", None) in TEXTS
    for part in (
        *("mastery_graph/errors.py", "mastery_graph/questions/templates/answer.txt", "api/web/templates/check.html"),
        *("shapes/micro-credential.ttl", "shapes/plain-messages.ttl", "ontology/nqf.ttl"),
    ):
        assert part in files


def test_a_new_catalogue_has_each_text_without_a_translation() -> None:
    entries = [entry for entry in read_po(_stream(update_catalogue(b"", "de"))) if entry.id]
    assert len(entries) == len(TEXTS)
    assert not any(form for entry in entries for form in _forms(entry.string))


def _stream(content: bytes):  # type: ignore[no-untyped-def]
    import io

    return io.BytesIO(content)


def test_placeholders_have_one_syntax() -> None:
    assert not [text for text, _ in TEXTS if any(odd in form for form in _forms(text) for odd in ("{?", "{$", "%("))]


def test_no_text_is_marked_that_the_extractor_cannot_read() -> None:
    """A marker's pattern is a literal: an f-string or a sum of strings could not be extracted."""
    calls = 0
    for path in [*(ROOT / "mastery_graph").rglob("*.py"), *(ROOT / "api" / "mastery_api").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
                calls += 1
                assert not any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in node.args[:2]), (
                    f"{path.name}:{node.lineno}"
                )
    assert calls > 300


def test_the_languages_have_their_own_names() -> None:
    assert tuple(LANGUAGES) == ("en", *TRANSLATIONS)
    assert LANGUAGES["bg"] == "Български"


def test_a_context_decides_between_two_translations() -> None:
    assert translation("grade", "fi") == "arvosana"
    assert localize(pgettext("field", "grade"), "fi") == "aste"


def test_a_text_without_a_translation_stays_in_english() -> None:
    assert localize(ngettext("{count} sandwich", "{count} sandwiches", 2), "fi") == "2 sandwiches"
    assert translation("", "fi") == ""


def test_the_languages_are_listed_in_one_place() -> None:
    codes = re.compile(r"\W+".join(tuple(LANGUAGES)[:3]))
    packages = [ROOT / "mastery_graph", ROOT / "api" / "mastery_api"]
    files = [file for package in packages for file in package.rglob("*.py")]
    assert len(files) > 300
    assert [file.name for file in files if codes.search(file.read_text(encoding="utf-8"))] == []


def test_options_and_parameters_have_each_language() -> None:
    assert get_args(LanguageCode) == tuple(LANGUAGES)
    assert LANGUAGE_CODES.replace(" or ", ", ").split(", ") == list(LANGUAGES)
