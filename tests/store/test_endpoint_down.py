"""An endpoint that fails, is overloaded, goes and comes back: what is tried again, what is not, and what is told."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from pyoxigraph import NamedNode, Triple
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from mastery_api.app import create_app
from mastery_graph.errors import BadQuery, EndpointDown, EndpointFailed, QueryTimeout
from mastery_graph.pipeline.dataset import DATASET_GRAPH
from mastery_graph.queries import named_query
from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.protocol import Limits
from mastery_graph.store.remote import RemoteStore
from tests.store import servers
from tests.store.test_store import ENDLESS
from tests.store.troubled import Trouble, Troubled, troubled

GRAPH = "http://example.org/graph"
NODES = [NamedNode(f"http://example.org/{n}") for n in range(100)]
TRIPLES = [Triple(node, NamedNode("http://example.org/p"), node) for node in NODES]
PAIRS = "CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with servers.oxigraph(seconds=1) as running:
        RemoteStore(running).replace_graph(GRAPH, TRIPLES)
        yield running


@pytest.fixture
def between(endpoint: Endpoint) -> Iterator[Troubled]:
    with troubled(endpoint.query) as server:
        yield server


def asking(server: Troubled, **settings: Any) -> RemoteStore:
    return RemoteStore(Endpoint(query=server.address, **settings))


@pytest.mark.parametrize("trouble", ["unavailable", "overloaded", "gateway", "dropped", "cut"])
def test_a_read_is_tried_again_until_its_whole_result_has_come(between: Troubled, trouble: Trouble) -> None:
    between.to_come = [trouble, trouble]
    assert len(asking(between).construct("CONSTRUCT WHERE { ?s ?p ?o }")) == len(TRIPLES)
    assert between.requests == 3


def test_a_read_is_tried_only_as_often_as_is_set(between: Troubled) -> None:
    between.to_come = ["unavailable"] * 3
    with pytest.raises(EndpointDown, match="503"):
        asking(between, attempts=2).ask("ASK {}")
    assert between.requests == 2


def test_a_read_is_not_tried_again_after_its_time_limit(between: Troubled) -> None:
    between.to_come = ["unavailable"] * 1000
    store = asking(between, attempts=1000, failures=1000)
    with pytest.raises(EndpointDown):
        store.ask("ASK {}", limits=Limits(seconds=0.5))
    assert 1 < between.requests < 1000


@pytest.mark.parametrize("trouble", ["unavailable", "dropped"])
def test_a_write_is_sent_once(endpoint: Endpoint, trouble: Trouble) -> None:
    with troubled(endpoint.update or "") as server:
        server.to_come = [trouble]
        with pytest.raises(EndpointDown):
            RemoteStore(replace(endpoint, update=server.address)).replace_graph("http://example.org/new", TRIPLES)
        assert server.requests == 1
    assert [graph.iri for graph in RemoteStore(endpoint).graphs()] == [GRAPH]


def test_after_failures_in_a_row_nobody_is_asked_for_a_while(between: Troubled) -> None:
    store = asking(between, failures=3)
    between.to_come = ["unavailable"] * 3
    for _ in range(3):
        with pytest.raises(EndpointDown) as met:
            store.ask("ASK {}")
    assert between.requests == 3
    assert "has been down since" in met.value.detail
    assert 0 < int(str(met.value.members["retry_after"])) <= 10
    assert (store.endpoint_state.state, store.endpoint_state.failures) == ("open", 3)
    assert store.endpoint_state.next_try is not None


def test_a_query_that_is_refused_or_takes_too_long_says_nothing_of_the_endpoint(between: Troubled) -> None:
    store = asking(between, failures=1)
    with pytest.raises(BadQuery):
        store.ask("ASK { ?s ?p 'timed out' ")
    with pytest.raises(QueryTimeout):
        store.select(ENDLESS, limits=Limits(seconds=1))
    assert (store.endpoint_state.state, between.requests) == ("closed", 2)


def test_a_result_that_the_endpoint_gave_up_is_not_taken_for_a_whole_one(endpoint: Endpoint) -> None:
    with pytest.raises(QueryTimeout):
        RemoteStore(endpoint).construct(PAIRS)


@pytest.mark.parametrize(
    ("how", "told"), [("milliseconds", b"timeout=2500"), ("seconds", b"timeout=2.5"), ("duration", b"timeout=2500ms")]
)
def test_the_time_limit_is_told_as_the_endpoint_reads_it(between: Troubled, how: str, told: bytes) -> None:
    asking(between, timeout=how, attempts=1).ask("ASK {}", limits=Limits(seconds=2.5))
    assert told in between.last.split(b"&")


def test_a_part_of_a_result_is_refused(between: Troubled) -> None:
    between.to_come = ["partial"]
    with pytest.raises(EndpointFailed, match="206"):
        asking(between).select("SELECT * WHERE { ?s ?p ?o }")


def test_a_graph_whose_end_is_not_told_is_refused(between: Troubled) -> None:
    between.to_come = ["endless"]
    with pytest.raises(EndpointFailed, match="does not mark the end of its result"):
        asking(between).construct("CONSTRUCT WHERE { ?s ?p ?o }")


def started(kind: str, folder: Path, port: int) -> AbstractContextManager[Endpoint]:
    return servers.oxigraph(folder, port) if kind == "oxigraph" else servers.virtuoso(folder, port)


def until(is_so: Callable[[httpx.Response], bool], ask: Callable[[], httpx.Response]) -> httpx.Response:
    trying = Retrying(
        retry=retry_if_result(lambda answer: not is_so(answer)), stop=stop_after_delay(30), wait=wait_fixed(0.1)
    )
    return trying(ask)


@pytest.mark.parametrize("kind", ["oxigraph", "virtuoso"])
def test_the_service_tells_that_its_endpoint_is_down_and_takes_it_up_again(
    store: EmbeddedStore, tmp_path: Path, kind: str
) -> None:
    port = servers.free_port()
    with started(kind, tmp_path, port) as endpoint:
        query = named_query("browse/graph").text
        RemoteStore(endpoint).replace_graph(DATASET_GRAPH, store.construct(query, {"graph": NamedNode(DATASET_GRAPH)}))
        settings = Settings(
            sparql_endpoint=endpoint.query, endpoint_failures=4, endpoint_reset_seconds=1, answers=tmp_path / "answers"
        )
        client = TestClient(create_app(settings), raise_server_exceptions=False)
        up = client.get("/health/ready").json()
        assert (up["status"], up["endpoint"]["state"]) == ("ready", "closed")
    first = client.get("/health/ready")
    assert (first.status_code, first.headers["content-type"]) == (503, "application/problem+json")
    assert (first.json()["type"].rpartition("/")[2], first.json()["endpoint"]["state"]) == ("endpoint-down", "closed")
    client.get("/v1/skills")
    down = client.get("/health/ready")
    told: dict[str, Any] = down.json()["endpoint"]
    assert (down.status_code, told["state"]) == (503, "open")
    assert all(told[each] for each in ("since", "last_error", "last_error_at", "next_try"))
    assert int(down.headers["retry-after"]) >= 1
    for path in ("/v1/skills", "/sparql?query=ASK%7B%7D"):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (503, "endpoint-down")
    assert client.get("/health/live").status_code == 200
    with started(kind, tmp_path, port):
        back = until(lambda answer: answer.is_success, lambda: client.get("/health/ready")).json()
        assert (back["dataset"], back["endpoint"]["state"]) == (up["dataset"], "closed")
        assert back["endpoint"]["last_error"] == told["last_error"]
