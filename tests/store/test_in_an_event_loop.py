"""A store on disk as an event loop asks it: what `stream` gives, and nothing left behind by those who go away."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple

from mastery_graph.errors import BadQuery, QueryTimeout, ResultTooLarge
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import UNLIMITED, Limits, Scope
from tests.store.servers import ENDLESS

GRAPH = "http://example.org/graph"
ALL = "SELECT * WHERE { ?s ?p ?o } ORDER BY ?o"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    said = NamedNode("http://example.org/says")
    with Draft.change(tmp_path) as draft:
        draft.replace_graph(GRAPH, [Triple(said, said, Literal(f"{n:05}" + "x" * 100)) for n in range(2000)])
    opened = EmbeddedStore.open(tmp_path, workers=1)
    yield opened
    opened.close()


async def _result(store: EmbeddedStore, query: str, limits: Limits = UNLIMITED) -> bytes:
    pieces = store.stream_async(query, QueryResultsFormat.CSV, RdfFormat.TURTLE, Scope(), limits)
    return b"".join([piece async for piece in pieces])


def test_the_result_is_that_of_a_thread(store: EmbeddedStore) -> None:
    of_a_thread = b"".join(store.stream(ALL, QueryResultsFormat.CSV, RdfFormat.TURTLE))
    assert asyncio.run(_result(store, ALL)) == of_a_thread
    assert of_a_thread.count(b"\n") == 2001


def test_a_long_query_reaches_its_worker_whole(store: EmbeddedStore) -> None:
    wanted = " ".join(f'"{n:05}{"x" * 100}"' for n in range(2000))
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ VALUES ?o {{ {wanted} }} ?s ?p ?o }}"
    assert len(query) > 200_000
    assert asyncio.run(_result(store, query)).split() == [b"n", b"2000"]


def test_limits_hold_and_the_next_query_is_answered(store: EmbeddedStore) -> None:
    async def asked() -> bytes:
        with pytest.raises(QueryTimeout):
            await _result(store, ENDLESS, Limits(seconds=0.3))
        with pytest.raises(ResultTooLarge):
            await _result(store, ALL, Limits(size=1000))
        with pytest.raises(BadQuery):
            await _result(store, "SELECT WHERE")
        return await _result(store, "ASK { ?s ?p ?o }")

    assert asyncio.run(asked()) == b"true"


def test_a_task_that_is_cancelled_ends_its_query(store: EmbeddedStore) -> None:
    async def asked() -> bytes:
        working = asyncio.ensure_future(_result(store, ENDLESS))
        await asyncio.wait({working}, timeout=0.5)
        working.cancel()
        await asyncio.wait({working})
        assert working.cancelled()
        return await _result(store, "ASK { ?s ?p ?o }", Limits(seconds=60))

    assert asyncio.run(asked()) == b"true"


def test_one_that_gives_up_waiting_takes_no_worker_from_the_others(store: EmbeddedStore) -> None:
    async def asked() -> bytes:
        first = store.stream_async(ALL, QueryResultsFormat.CSV, RdfFormat.TURTLE)
        async with aclosing(first):
            assert await anext(first)
            with pytest.raises(QueryTimeout):
                await _result(store, ALL, Limits(seconds=0.1))
            waiting = asyncio.ensure_future(_result(store, ALL))
            await asyncio.wait({waiting}, timeout=0.2)
            waiting.cancel()
            await asyncio.wait({waiting})
        return await _result(store, "ASK { ?s ?p ?o }", Limits(seconds=60))

    assert asyncio.run(asked()) == b"true"
