"""A store whose answers are remembered."""

from pyoxigraph import RdfFormat

from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.remembering import RememberingStore

GRAPH = "http://example.org/graph"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


def turtle(word: str) -> bytes:
    return f"<http://example.org/a> <http://example.org/p> '{word}' .".encode()


def counted(store: RememberingStore) -> str:
    return store.select(COUNT)[0]["n"].value


def test_an_answer_stays_what_it_was_until_something_is_written_through_it() -> None:
    own = EmbeddedStore()
    remembering = RememberingStore(own)
    assert counted(remembering) == "0"
    own.load(turtle("one"), RdfFormat.TURTLE, GRAPH)
    assert counted(remembering) == "0"
    remembering.load(turtle("two"), RdfFormat.TURTLE, GRAPH)
    assert counted(remembering) == "2"
    remembering.replace_graph(GRAPH, [])
    assert not remembering.ask("ASK { ?s ?p ?o }")
    assert remembering.construct("CONSTRUCT WHERE { ?s ?p ?o }") == []


def test_what_a_caller_does_to_its_rows_is_not_remembered() -> None:
    remembering = RememberingStore(EmbeddedStore())
    remembering.select(COUNT).clear()
    assert counted(remembering) == "0"
