"""A field that is refused is named, with the reason in plain words, in the language of the reader."""

from typing import Any

import httpx
import pytest

from mastery_graph.languages import LANGUAGES
from mastery_graph.questions.registry import QUESTIONS

PYDANTIC = ("Input should", "Field required", "String should", "Extra inputs", "List should", "Value error")
WRONG: list[Any] = ["x" * 5_000, "", ["x"], {"x": "y"}, -1.5]


def refusals(client: httpx.Client, kind: str, language: str) -> list[str]:
    """The details of the problems that a question is answered with for values that do not fit, field by field."""
    question = QUESTIONS[kind]
    headers = {"Accept-Language": language}
    found = []
    for name in [*question.model_fields, "unknown"]:
        for value in WRONG:
            record = {**question.example, name: value}
            if question.is_read_by_url:
                response = client.get(f"/v1/{question.path}", params={name: str(value)}, headers=headers)
            else:
                response = client.post(f"/v1/{question.path}", json=record, headers=headers)
            assert response.status_code < 500
            if response.status_code == 422 and "application/problem+json" in response.headers["content-type"]:
                found.append(response.json()["detail"])
    return found


@pytest.mark.parametrize("kind", [kind for kind in QUESTIONS if kind not in {"validation", "conversion"}])
def test_a_wrong_field_is_told_in_plain_words(client: httpx.Client, kind: str) -> None:
    details = refusals(client, kind, "en")
    assert details
    assert not [detail for detail in details for words in PYDANTIC if words in detail]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_wrong_field_is_told_in_the_language_of_the_reader(client: httpx.Client, language: str) -> None:
    english, translated = (
        client.get("/v1/equivalence/levels", headers={"Accept-Language": code}).json() for code in ("en", language)
    )
    assert english["detail"] == "query.level: is missing"
    assert translated["detail"].startswith("query.level: ")
    assert translated["detail"] != english["detail"]
    assert translated["title"] != english["title"]
