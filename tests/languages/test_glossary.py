"""The glossary: the same terms in five languages, which are the words of the catalogue."""

from pathlib import Path

import pytest

from mastery_graph.languages import LANGUAGES, TRANSLATIONS
from mastery_graph.languages.catalogue import find_translation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
HEADER, _, *ROWS = [
    [cell.strip() for cell in line.strip("|\n ").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("|")
]


def test_the_glossary_has_each_term_in_each_language() -> None:
    assert list(LANGUAGES.values()) == HEADER
    assert len(ROWS) > 30
    for row in ROWS:
        assert len(row) == len(LANGUAGES), row
        assert all(row), row
    terms = [row[0] for row in ROWS]
    assert terms == sorted(set(terms), key=str.casefold)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_term_that_is_a_text_has_the_translation_of_the_glossary(language: str) -> None:
    column = list(LANGUAGES).index(language)
    compared = 0
    for row in ROWS:
        for text in (row[0], row[0].capitalize()):
            if translated := find_translation(text, language):
                compared += 1
                assert translated.casefold().split()[0] == row[column].casefold().split()[0], row[0]
    assert compared > 10
