"""What only the embedded store does: versions on disk, and workers that can be ended."""

import contextlib
import fcntl
import threading
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple

from mastery_graph.errors import (
    AdvisedAction,
    BadSource,
    QueryTimeout,
    StoreBusy,
    StoreError,
    StoreMissing,
    StoreUnreadable,
)
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Limits, Stop
from mastery_graph.store.versioned import VersionedStore
from mastery_graph.store.versions import current_version
from tests.store.test_store import ENDLESS

GRAPH = "http://example.org/graph"


def _write(folder: Path, *values: str) -> None:
    with Draft.change(folder) as draft:
        draft.replace_graph(
            GRAPH,
            [Triple(NamedNode("http://example.org/a"), NamedNode("http://example.org/p"), Literal(v)) for v in values],
        )


def _empty_halfway(folder: Path) -> None:
    with Draft.change(folder) as draft:
        draft.replace_graph(GRAPH, [])
        raise RuntimeError("halfway")


def _size(store: EmbeddedStore) -> int:
    return sum(graph.triples for graph in store.graphs())


def test_a_reader_keeps_its_version_until_it_asks_again(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    store = EmbeddedStore.open(tmp_path)
    _write(tmp_path, "one", "two")
    assert _size(store) == 1
    assert store.reload()
    assert _size(store) == 2
    assert not store.reload()
    store.close()


def test_a_reader_answers_with_limits_while_a_new_version_is_written(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    store = EmbeddedStore.open(tmp_path)
    with Draft.change(tmp_path) as draft:
        draft.replace_graph(GRAPH, [])
        assert store.ask("ASK { ?s ?p 'one' }", limits=Limits(seconds=20))
    store.close()


def test_a_failed_change_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    with pytest.raises(RuntimeError, match="halfway"):
        _empty_halfway(tmp_path)
    store = EmbeddedStore.open(tmp_path)
    assert _size(store) == 1
    assert len(list((tmp_path / "versions").iterdir())) == 1
    store.close()


def test_what_an_interrupted_writer_left_is_removed(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    (tmp_path / "versions" / "vleftover").mkdir()
    _write(tmp_path, "two")
    assert not (tmp_path / "versions" / "vleftover").exists()


def test_a_store_that_was_given_before_a_change_keeps_the_state_of_its_own_version(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    served = VersionedStore(Settings(store=tmp_path))
    given = served.current()
    before = served.state(given)
    _write(tmp_path, "two")
    assert served.state(served.current()) != before
    assert served.state(given) == before
    served.close()


def test_a_version_stays_for_as_long_as_a_reader_holds_it(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    store = EmbeddedStore.open(tmp_path)
    for value in ("two", "three", "four"):
        _write(tmp_path, value)
    assert store.ask("ASK { ?s ?p 'one' }", limits=Limits(seconds=60))
    store.close()
    _write(tmp_path, "five")
    assert len(list((tmp_path / "versions").iterdir())) == 2


def test_only_one_writes_at_a_time(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreBusy):
            _write(tmp_path, "two")


@pytest.mark.parametrize("pointer", ["", "../elsewhere", "vnone"])
def test_a_pointer_that_leads_nowhere_is_said_so(tmp_path: Path, pointer: str) -> None:
    _write(tmp_path, "one")
    (tmp_path / "current").write_text(pointer, encoding="utf-8")
    with pytest.raises(StoreUnreadable):
        EmbeddedStore.open(tmp_path)


def test_a_missing_store_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="none") as missing:
        EmbeddedStore.open(tmp_path / "none")
    assert missing.value.action is AdvisedAction.BUILD_STORE


def test_many_queries_at_once_share_few_workers(tmp_path: Path) -> None:
    _write(tmp_path, *(str(n) for n in range(50)))
    store = EmbeddedStore.open(tmp_path, workers=2)
    found: list[int] = []

    def ask() -> None:
        found.append(len(store.select("SELECT * WHERE { ?s ?p ?o }", limits=Limits(seconds=60))))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [50] * 12
    store.close()


def test_a_stopped_query_does_not_hold_up_the_next(tmp_path: Path) -> None:
    _write(tmp_path, *(str(n) for n in range(50)))
    store = EmbeddedStore.open(tmp_path, workers=1)
    for _ in range(2):
        with pytest.raises(QueryTimeout):
            store.select(ENDLESS, limits=Limits(seconds=0.5))
    assert len(store.select("SELECT * WHERE { ?s ?p ?o }", limits=Limits(seconds=60))) == 50
    store.close()


def test_a_draft_that_got_a_part_of_a_file_is_not_published(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    before = current_version(tmp_path)
    text = b"<urn:a> <urn:b> <urn:c> .\n" * 1000 + b"no triple"

    def load_in_part() -> None:
        with Draft.change(tmp_path) as draft, contextlib.suppress(BadSource):
            draft.load(text, RdfFormat.N_TRIPLES, "http://example.org/g")

    with pytest.raises(StoreError, match="this version is incomplete"):
        load_in_part()
    assert current_version(tmp_path) == before


def test_a_worker_that_is_ended_when_its_result_is_whole_is_not_used_again(tmp_path: Path) -> None:
    class LateStop(Stop):
        def disarm(self) -> bool:
            self.pull()
            return super().disarm()

    _write(tmp_path, "one")
    store = EmbeddedStore.open(tmp_path, workers=1)
    for _ in range(3):
        pieces = store.stream("ASK { ?s ?p ?o }", QueryResultsFormat.JSON, RdfFormat.TURTLE, stop=LateStop())
        assert b"true" in b"".join(pieces)
    store.close()


def test_a_caller_that_goes_away_frees_the_worker(tmp_path: Path) -> None:
    _write(tmp_path, *("x" * 1000 + str(n) for n in range(1000)))
    store = EmbeddedStore.open(tmp_path, workers=1)
    pieces = store.stream("SELECT * WHERE { ?s ?p ?o }", QueryResultsFormat.JSON, RdfFormat.TURTLE)
    assert next(iter(pieces))
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    assert store.ask("ASK { ?s ?p ?o }", limits=Limits(seconds=60))
    store.close()


def _bytes_of_statements(folder: Path) -> int:
    return sum(file.stat().st_size for file in current_version(folder).glob("*.sst"))


def test_no_statements_are_left_of_what_was_removed_from_a_draft_that_began_empty(tmp_path: Path) -> None:
    lines = b"".join(b"<http://a.example/> <http://b.example/> %d ." % number for number in range(5_000))
    with Draft.change(tmp_path / "kept") as draft:
        draft.load(lines, RdfFormat.TURTLE, GRAPH)
    with Draft.change(tmp_path / "removed") as draft:
        draft.load(lines, RdfFormat.TURTLE, GRAPH)
        draft.replace_graph(GRAPH, [])
    assert _bytes_of_statements(tmp_path / "removed") < _bytes_of_statements(tmp_path / "kept") / 10


def test_quads_are_added_to_the_graphs_that_they_name(tmp_path: Path) -> None:
    _write(tmp_path, "one")
    with Draft.change(tmp_path) as draft:
        draft.load_quads(b'<http://a.example/> <http://b.example/> "two" <http://c.example/> .\n' * 2)
    store = EmbeddedStore.open(tmp_path)
    assert {graph.iri: graph.triples for graph in store.graphs()} == {GRAPH: 1, "http://c.example/": 1}
    store.close()
