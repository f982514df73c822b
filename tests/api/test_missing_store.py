"""A server whose store goes away, such as a volume that is not mounted: it says so, and writes to nothing."""

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mastery_api import store_writer
from mastery_graph.pipeline.build import BuildReport
from tests.api.test_writing import BEARER, HASH, TURTLE
from tests.conftest import copy_of_folder
from tests.store import servers

GRAPH = {"graph": "http://example.org/graph"}
DECISION = {
    "subject": "https://w3id.org/mastery-graph/id/green-skill/GS01",
    "object": "https://w3id.org/mastery-graph/id/green-skill/GS02",
    "relation": "relatedMatch",
    "accepted": True,
    "author": "https://example.org/person",
}
WRITES: dict[str, dict[str, Any]] = {
    "an update": {"method": "POST", "url": "/sparql", "data": {"update": "INSERT DATA { <urn:a> <urn:b> 'c' }"}},
    "a graph that is put": {"method": "PUT", "url": "/graph-store", "params": GRAPH, "content": "<urn:a> <urn:b> 1 ."},
    "a graph that is added to": {"method": "POST", "url": "/graph-store", "params": GRAPH, "content": "<a:b> <a:c> 1."},
    "a new graph": {"method": "POST", "url": "/graph-store", "content": "<urn:a> <urn:b> 1 ."},
    "a graph that is removed": {"method": "DELETE", "url": "/graph-store", "params": {"default": ""}},
    "a decision": {"method": "POST", "url": "/v1/mappings", "json": DECISION},
}


def _headers(request: dict[str, Any]) -> dict[str, str]:
    return TURTLE if "content" in request else BEARER


@pytest.fixture(scope="module")
def folder(built: tuple[Path, BuildReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_folder(built[0], tmp_path_factory.mktemp("volume") / "store")


@pytest.fixture(scope="module")
def unmounted(folder: Path) -> Iterator[httpx.Client]:
    """A server that has answered, and whose store is gone."""
    with servers.mastery_graph(folder, tokens=f"{HASH}:update+graphs+mappings") as serving, serving.client() as client:
        assert client.get("/health/ready").is_success
        assert (
            client.post(
                **{key: value for key, value in WRITES["a decision"].items() if key != "method"}, headers=BEARER
            ).status_code
            == 201
        )
        shutil.move(folder, folder.with_name("elsewhere"))
        yield client


def test_every_way_to_write_over_http_is_attacked() -> None:
    methods = {
        name for name, _ in inspect.getmembers(store_writer.StoreWriter, inspect.isfunction) if not name.startswith("_")
    }
    assert methods == {"update", "change_graph", "draft"}


@pytest.mark.parametrize("write", WRITES)
def test_nothing_is_written_where_the_store_has_gone(unmounted: httpx.Client, folder: Path, write: str) -> None:
    answer = unmounted.request(**WRITES[write], headers=_headers(WRITES[write]))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "store-missing")
    assert not (folder / "current").exists()
    assert not (folder / "versions").exists()


def test_readiness_says_that_the_store_has_gone(unmounted: httpx.Client) -> None:
    answer = unmounted.get("/health/ready")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "store-missing")
    assert unmounted.get("/health/live").is_success


@pytest.mark.parametrize("language", ["en", "fi"])
def test_no_answer_names_a_folder_of_the_machine(unmounted: httpx.Client, folder: Path, language: str) -> None:
    headers = {"Accept-Language": language}
    answers = [unmounted.request(**write, headers=_headers(write) | headers) for write in WRITES.values()]
    answers.append(unmounted.get("/health/ready", headers=headers))
    assert {answer.status_code for answer in answers} == {503}
    assert all(folder.name in answer.json()["detail"] for answer in answers)
    assert not [answer.text for answer in answers if str(folder.parent) in answer.text]
