"""The search over names: all words, in any order, in several languages, also inflected or misspelt."""

import pytest

from mastery_graph.concept_search.name_search import NameIndex, is_misspelt

NAMES = [
    "DQR Level 6 German National Qualifications Framework Germany Germania Alemania Германия Saksa",
    "EQF Level 6",
    "EQF Level 5",
    "Prevent and manage waste Prevenire e gestire i rifiuti Jätteen synnyn ehkäisy ja jätehuolto",
    "Quality assurance Laadunvarmistus Осигуряване на качеството",
]
INDEX = NameIndex(NAMES, ("en", "it", "es", "bg", "fi"))


@pytest.mark.parametrize(
    ("query", "language", "found"),
    [
        ("level 6", "en", [0, 1]),
        ("6 EQF", "en", [1]),
        ("germania 6", "it", [0]),
        ("saksa", "fi", [0]),
        ("managing wastes", "en", [3]),
        ("jätteet", "fi", [3]),
        ("laatu", "fi", [4]),
        ("качество", "bg", [4]),
        ("wste", "en", [3]),
        ("management of the waste", "en", [3]),
        ("gestire rifiuto", "it", [3]),
        ("assurance waste", "en", []),
        ("56", "en", []),
        ("…", "en", []),
        ("", "en", []),
    ],
)
def test_words_find_the_names_that_have_all_of_them(query: str, language: str, found: list[int]) -> None:
    assert INDEX.find(query, language) == found


@pytest.mark.parametrize("text", ["wast", "wste", "waaste", "wasre", "wsate", "wastee"])
def test_one_wrong_letter_is_forgiven(text: str) -> None:
    assert is_misspelt(text, "waste")


@pytest.mark.parametrize("text", ["ste", "wse", "water", "wwaaste", "etsaw"])
def test_two_wrong_letters_or_a_short_word_are_not(text: str) -> None:
    assert not is_misspelt(text, "waste")
