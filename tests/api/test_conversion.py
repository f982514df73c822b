"""Conversion over HTTP."""

from pathlib import Path

import httpx
import pytest

from tests.conftest import DESCRIPTION

BADGE = Path(__file__).parents[1] / "credentials" / "documents" / "open-badge.json"


def test_a_description_of_the_graph_becomes_a_badge(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/conversion", params={"to": "openbadge"}, json={"credential": DESCRIPTION + "waste-on-site-ita"}
    ).json()
    assert answer["to"] == "openbadge"
    assert answer["document"]["type"] == ["Achievement"]
    assert any(loss["subject"] == "elm:mode" for loss in answer["lost"])


@pytest.mark.parametrize("language", ["it", "es", "bg", "fi"])
def test_what_is_lost_is_told_in_the_language_of_the_reader(client: httpx.Client, language: str) -> None:
    asked = {"credential": DESCRIPTION + "waste-on-site-ita"}
    english = client.post("/v1/conversion", params={"to": "openbadge"}, json=asked).json()["lost"]
    answer = client.post("/v1/conversion", params={"to": "openbadge", "lang": language}, json=asked)
    assert answer.headers["content-language"] == language
    told = answer.json()["lost"]
    assert [(one["pointer"], one["subject"]) for one in told] == [(one["pointer"], one["subject"]) for one in english]
    assert not {one["message"] for one in told} & {one["message"] for one in english}


def test_a_document_that_is_sent_becomes_elm_and_may_come_alone(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/conversion",
        params={"to": "elm"},
        content=BADGE.read_bytes(),
        headers={"Content-Type": "application/json", "Accept": "application/ld+json"},
    )
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.json()["credentialSubject"]["fullName"] == {"en": "Aino Example"}


@pytest.mark.parametrize(
    ("content", "to", "status"),
    [
        (b"", "elm", 422),
        (b'{"credential": "https://a.example/none"}', "elm", 404),
        (b'{"credential": "no iri"}', "elm", 400),
        (b'{"credential": 7}', "elm", 422),
        (b"{}", "pdf", 422),
    ],
)
def test_what_cannot_be_converted_is_a_problem(client: httpx.Client, content: bytes, to: str, status: int) -> None:
    answer = client.post("/v1/conversion", params={"to": to}, content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
