"""The texts of the pages: each exists in each language, and nothing is left over."""

import re

import pytest
from starlette.requests import Request

from mastery_api.html.languages import LANGUAGES, country_name, language_of, translations_for
from mastery_api.html.messages import template_catalogue

OTHERS = [language for language in LANGUAGES if language != "en"]
TEXTS = {str(message.id) for message in template_catalogue() if message.id}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_translated_and_none_is_left_over(language: str) -> None:
    assert set(translations_for(language)) == TEXTS


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    translated_texts = translations_for(language)
    assert any("%(" in text for text in translated_texts)
    for text, translated in translated_texts.items():
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", translated)), text


@pytest.mark.parametrize(
    ("accept", "cookie", "query", "language"),
    [
        ("it-CH, en;q=0.5", "", "", "it"),
        ("de, bg;q=0.8, en;q=0.7", "", "", "bg"),
        ("de", "", "", "en"),
        ("it", "lang=fi", "", "fi"),
        ("it", "lang=fi", "lang=es", "es"),
        ("it", "lang=klingon", "lang=klingon", "it"),
    ],
)
def test_the_reader_is_asked_before_the_browser(accept: str, cookie: str, query: str, language: str) -> None:
    headers = [(b"accept-language", accept.encode()), (b"cookie", cookie.encode())]
    request = Request({"type": "http", "headers": headers, "query_string": query.encode()})
    assert language_of(request) == language


def test_every_country_of_the_graph_has_a_name() -> None:
    assert country_name("XKX", "en") == "Kosovo"
    assert country_name("GRC", "fi") == "Kreikka"
