"""A store whose answers are remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from mastery_graph.settings import Settings
from mastery_graph.store.caching import CachingStore
from mastery_graph.store.draft import Draft
from mastery_graph.store.memory import MemoryStore
from mastery_graph.store.versioned import VersionedStore

GRAPH = "http://example.org/graph"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


def turtle(word: str) -> bytes:
    return f"<http://example.org/a> <http://example.org/p> '{word}' .".encode()


def counted(store: CachingStore) -> str:
    return store.select(COUNT)[0]["n"].value


def test_an_answer_stays_what_it_was() -> None:
    own = MemoryStore()
    caching = CachingStore(own)
    assert counted(caching) == "0"
    own.load(turtle("one"), RdfFormat.TURTLE, GRAPH)
    assert counted(caching) == "0"
    assert counted(CachingStore(own)) == "1"


def test_what_a_caller_does_to_its_rows_is_not_remembered() -> None:
    remembering = CachingStore(MemoryStore())
    remembering.select(COUNT).clear()
    assert counted(remembering) == "0"


def numbers(count: int) -> list[Triple]:
    return [
        Triple(NamedNode("http://example.org/a"), NamedNode("http://example.org/p"), Literal(n)) for n in range(count)
    ]


def listed(store: CachingStore, most: int) -> int:
    return len(store.select(f"SELECT * {{ ?s ?p ?o }} LIMIT {most}"))


@pytest.mark.parametrize(("rows", "then"), [(50, 50), (51, 2)])
def test_an_answer_that_takes_much_room_is_not_remembered(rows: int, then: int) -> None:
    own = MemoryStore()
    own.replace_graph(GRAPH, numbers(rows))
    remembering = CachingStore(own, max_rows=20 * (1 + 50))
    assert listed(remembering, 1000) == rows
    own.replace_graph(GRAPH, numbers(2))
    assert listed(remembering, 1000) == then


def test_what_was_asked_longest_ago_is_forgotten_first() -> None:
    own = MemoryStore()
    own.replace_graph(GRAPH, numbers(1))
    remembering = CachingStore(own, max_rows=40)
    for most in range(1, 22):
        assert listed(remembering, most) == 1
    own.replace_graph(GRAPH, [])
    assert [listed(remembering, most) for most in (21, 20, 1)] == [1, 1, 0]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[VersionedStore]:
    with Draft.change(tmp_path) as draft:
        draft.replace_graph(GRAPH, numbers(1))
    served = VersionedStore(Settings(store=tmp_path))
    yield served
    served.close()


def test_what_a_version_has_answered_is_not_told_of_the_next(served: VersionedStore, tmp_path: Path) -> None:
    first = served.as_of(None)
    assert first is served.as_of(None)
    assert len(first.select("SELECT * { ?s ?p ?o }")) == 1
    with Draft.change(tmp_path) as draft:
        draft.replace_graph(GRAPH, numbers(2))
    assert len(served.as_of(None).select("SELECT * { ?s ?p ?o }")) == 2
    assert len(first.select("SELECT * { ?s ?p ?o }")) == 1


def test_of_what_was_asked_only_the_hash_is_kept() -> None:
    own = MemoryStore()
    own.load(turtle("answered"), RdfFormat.TURTLE, GRAPH)
    remembering = CachingStore(own)
    remembering.select("SELECT * { ?s ?p ?o FILTER (?o != 'asked') }")
    held = str(vars(remembering))
    assert "answered" in held
    assert "asked" not in held
