"""What a person decides comes back: kept with a token, attributed, and a refusal is remembered."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mastery_graph.pipeline.build import Sources, build
from mastery_graph.store.draft import Draft
from tests.store import servers

TOKEN = "a token for these tests"  # noqa: S105
HASH = hashlib.sha256(TOKEN.encode()).hexdigest()
TEXT = "conduct energy audits"
AUTHOR = {"author": "Maria Rossi", "author_id": "https://orcid.org/0000-0002-1825-0097"}


@pytest.fixture
def folder(with_esco: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(with_esco, tmp_path / "store"))


@pytest.fixture
def service(folder: Path) -> Iterator[httpx.Client]:
    with _serving(folder) as client:
        yield client


@pytest.fixture(scope="module")
def untouched(with_esco: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service for what is refused: each test sees that it holds no decision."""
    with _serving(Path(shutil.copytree(with_esco, tmp_path_factory.mktemp("untouched") / "store"))) as client:
        yield client


@contextmanager
def _serving(folder: Path) -> Iterator[httpx.Client]:
    with servers.mastery_graph(folder, tokens=HASH) as serving, serving.client() as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


def offered(service: httpx.Client, text: str = TEXT) -> list[str]:
    return [each["uri"] for each in service.post("/v1/mapping", json={"text": text}).json()["candidates"]]


def reconciled(service: httpx.Client, text: str = TEXT) -> list[str]:
    answer = service.post("/reconcile", data={"queries": json.dumps({"q": {"query": text}})}).json()
    return [each["id"] for each in answer["q"]["result"]]


def decide(
    service: httpx.Client, concept: str, accepted: bool, headers: dict[str, str] | None = None, **more: str
) -> Any:
    body = {"subject": TEXT, "object": concept, "accepted": accepted, **AUTHOR, **more}
    return service.post("/v1/mappings", json=body, headers=headers)


def rows(service: httpx.Client) -> list[dict[str, Any]]:
    found = service.get("/v1/mappings").json()["mappings"]
    return [row for row in found if row.get("author_label") == ["Maria Rossi"]]


def test_a_refused_concept_is_not_offered_again_by_mapping_or_reconciliation(service: httpx.Client) -> None:
    concept = offered(service)[0]
    assert concept in reconciled(service)
    assert decide(service, concept, False).status_code == 201
    for text in (TEXT, "Conduct  ENERGY audits!"):
        assert concept not in offered(service, text)
        assert concept not in reconciled(service, text)
    assert concept in offered(service, "conduct energy audit")


def test_a_decision_is_a_row_with_its_author_date_and_justification(service: httpx.Client) -> None:
    concept = offered(service)[0]
    decide(service, concept, False, comment="A job, not a skill.")
    (row,) = rows(service)
    assert row["predicate_modifier"] == "Not"
    assert row["mapping_justification"] == "semapv:ManualMappingCuration"
    assert row["author_id"] == ["orcid:0000-0002-1825-0097"]
    assert row["subject_label"] == TEXT
    assert row["mapping_date"]


def test_the_same_decision_again_changes_nothing_and_a_later_one_takes_its_place(service: httpx.Client) -> None:
    concept = offered(service)[0]
    assert [decide(service, concept, False).status_code for _ in range(2)] == [201, 200]
    assert decide(service, concept, True, relation="closeMatch").status_code == 201
    (row,) = rows(service)
    assert (row["predicate_id"], "predicate_modifier" in row) == ("skos:closeMatch", False)
    assert concept in offered(service)


def test_a_mapping_refused_for_a_concept_is_refused_for_its_labels(service: httpx.Client) -> None:
    skill = "https://w3id.org/mastery-graph/id/green-skill/GS01"
    name = service.get("/v1/skills/GS01").json()["skills"][0]["names"]["en"]
    concept = next(each for each in offered(service, name) if each != skill)
    decide(service, concept, False, subject=skill)
    assert concept not in offered(service, name)
    assert skill in offered(service, name)


def test_decisions_outlive_a_build(service: httpx.Client, folder: Path) -> None:
    concept = offered(service)[0]
    decide(service, concept, False)
    with Draft.change(folder) as draft:
        build(draft, Sources())
    assert len(rows(service)) == 1
    assert concept not in offered(service)


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
def test_without_the_token_nothing_is_written(untouched: httpx.Client, token: str) -> None:
    concept = offered(untouched)[0]
    assert decide(untouched, concept, False, {"Authorization": token}).status_code == 401
    assert rows(untouched) == []


def test_without_a_configured_token_nothing_is_written_at_all(client: httpx.Client) -> None:
    skill = client.get("/v1/skills").json()["skills"][0]["uri"]
    assert decide(client, skill, False).status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"object": "http://example.org/nowhere"}, 404),
        ({"author": ""}, 422),
        ({"subject": "http://example.org/a b"}, 400),
        ({"relation": "sameAs"}, 422),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused(
    untouched: httpx.Client, change: dict[str, str], status: int
) -> None:
    concept = offered(untouched)[0]
    body = {"subject": TEXT, "object": concept, "accepted": True, **AUTHOR, **change}
    assert untouched.post("/v1/mappings", json=body).status_code == status
    assert rows(untouched) == []
