"""Texts and concepts over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.store import servers


@pytest.fixture(scope="module")
def esco_client(with_esco: Path) -> Iterator[httpx.Client]:
    with servers.mastery_graph(with_esco) as serving, serving.client() as client:
        yield client


def test_a_text_is_mapped_in_the_fields_of_the_contract(esco_client: httpx.Client) -> None:
    answer = esco_client.post("/v1/mapping", json={"text": "energy audits of buildings", "limit": 2}).json()
    assert len(answer["candidates"]) == 2
    assert {"uri", "label", "framework", "score", "matched"} <= answer["candidates"][0].keys()
    assert {"verdict", "criteria", "dataset", "disclaimer"} <= answer.keys()


@pytest.mark.parametrize("face", ["html", "text", "jsonld"])
def test_a_mapping_has_the_faces_of_every_answer(esco_client: httpx.Client, face: str) -> None:
    answer = esco_client.post("/v1/mapping", params={"format": face}, json={"text": "conduct energy audits"})
    assert answer.status_code == 200
    assert "conduct energy audit" in answer.text


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "waste", "limit": 0}, {"text": "waste", "more": 1}])
def test_a_malformed_question_is_refused(esco_client: httpx.Client, body: dict[str, object]) -> None:
    answer = esco_client.post("/v1/mapping", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_concepts_are_completed_and_looked_up(esco_client: httpx.Client) -> None:
    found = esco_client.get("/v1/concepts", params={"q": "waste man"}).json()
    assert found[0]["label"] == "waste management"
    looked_up = esco_client.get("/v1/concepts", params={"uri": found[0]["uri"]}).json()
    assert [each["uri"] for each in looked_up] == [found[0]["uri"]]
    assert esco_client.get("/v1/concepts").status_code == 400


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("tsv", "text/tab-separated-values"),
        ("json", "application/json"),
        ("jskos", "application/json"),
        ("ndjson", "application/x-ndjson"),
    ],
)
def test_mappings_are_given_in_each_form(esco_client: httpx.Client, form: str, media_type: str) -> None:
    answer = esco_client.get("/v1/mappings", params={"format": form})
    assert answer.headers["content-type"].startswith(media_type)
    assert "GS01" in answer.text
