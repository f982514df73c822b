"""The language of a page, and the names of countries."""

import pytest
from starlette.requests import Request

from mastery_api.html.languages import country_name, language_of


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
