"""The headers by which a client says what it accepts, read in a bounded number of steps."""

import pytest

from mastery_api import negotiation

OFFERED = ["text/html", "text/turtle", "application/json"]


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/turtle;q=0.5, application/json;q=0.6", "application/json"),
        ("text/*;q=0.2, */*;q=0.1, text/turtle", "text/turtle"),
        ("text/turtle;q=0, text/*", "text/html"),
        ("text/turtle;q=x, application/json", "application/json"),
        ("application/json;q=0.1;level=1, */*;q=0.5", "text/html"),
        ("image/png", None),
    ],
)
def test_the_most_specific_range_gives_the_quality(accept: str, wanted: str | None) -> None:
    assert negotiation.best_match(accept, OFFERED) == wanted


@pytest.mark.parametrize("piece", [",", ";", "a,", "a;", ";q=1", ";q=" + "1" * 50, "image/png,"])
def test_what_comes_after_the_first_ranges_is_not_read(piece: str) -> None:
    many = piece * 100_000
    assert negotiation.best_match(f"application/json,{many}", OFFERED) == "application/json"
    assert negotiation.best_match("x," * negotiation.MAX_RANGES + many + ",text/html", OFFERED) is None
