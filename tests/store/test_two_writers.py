"""Several writers behind one endpoint: each graph is described, and the hash is that of all of them."""

import threading
from collections.abc import Iterator

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.changes.client import GraphChange, RdfDocument
from mastery_graph.changes.endpoint import change_graph
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.pipeline.build import replace_graph
from mastery_graph.pipeline.dataset import content_of, hash_of, read_description
from mastery_graph.pipeline.shared_description import describe_changes, mark_changing
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.protocol import CHANGING
from mastery_graph.store.remote import RemoteStore
from tests.store import servers

ROUNDS = 6


def graph_of(writer: str, number: int) -> str:
    return f"http://example.org/{writer}/{number}"


def triples_of(text: str) -> list[Triple]:
    return [Triple(NamedNode("http://example.org/a"), NamedNode("http://example.org/p"), Literal(text))]


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    running = (
        servers.oxigraph() if request.param == "oxigraph" else servers.virtuoso(tmp_path_factory.mktemp("virtuoso"))
    )
    with running as found:
        yield found


@pytest.fixture
def stores(endpoint: Endpoint) -> tuple[RemoteStore, RemoteStore]:
    """Two writers, as two processes have, of a dataset with one graph."""
    first, second = RemoteStore(endpoint), RemoteStore(endpoint)
    replace_graph(first, graph_of("common", 0), triples_of("common"))
    return first, second


def write(store: RemoteStore, writer: str) -> None:
    for number in range(ROUNDS):
        document = RdfDocument(f'<http://example.org/a> <http://example.org/p> "{number}" .'.encode(), "text/turtle")
        change_graph(store, GraphChange("replace", graph_of(writer, number), (document,), graph_of(writer, number)))


def test_two_writers_at_once_lose_nothing(stores: tuple[RemoteStore, RemoteStore]) -> None:
    threads = [
        threading.Thread(target=write, args=(store, writer))
        for store, writer in zip(stores, ("first", "second"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    described = read_description(stores[0])
    written = {graph_of(writer, number) for writer in ("first", "second") for number in range(ROUNDS)}
    assert written <= described.keys()
    assert dataset_of(stores[0]).content_hash == hash_of(described)
    assert described[graph_of("second", 3)] == content_of(triples_of("3"))


def test_the_hash_is_not_set_while_another_writer_changes_a_graph(stores: tuple[RemoteStore, RemoteStore]) -> None:
    first, second = stores
    mark_changing(second, [graph_of("common", 0)])
    describe_changes(first, {graph_of("other", 0): content_of(triples_of("other"))})
    assert dataset_of(first).content_hash.startswith(CHANGING)
    describe_changes(second, {graph_of("common", 0): content_of(triples_of("new"))})
    described = read_description(first)
    assert {graph_of("other", 0), graph_of("common", 0)} <= described.keys()
    assert dataset_of(first).content_hash == hash_of(described)


def test_a_removed_graph_is_no_longer_described(stores: tuple[RemoteStore, RemoteStore]) -> None:
    first, second = stores
    replace_graph(first, graph_of("gone", 0), triples_of("gone"))
    change_graph(second, GraphChange("remove", graph_of("gone", 0)))
    described = read_description(first)
    assert graph_of("gone", 0) not in described
    assert dataset_of(first).content_hash == hash_of(described)
