"""The description of a dataset that several processes change at once, by updates that do not undo each other.

Behind an endpoint, each writer replaces the entries of the graphs that it has changed, and nothing else. Each such
update also gives the dataset a new mark in place of its hash. A writer that then finds no graph marked as changing
computes the hash of all entries, and sets it only if the mark is still the one that was read with them.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, TypeVar
from uuid import uuid4

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.pipeline.dataset import (
    DATASET,
    DATASET_GRAPH,
    GraphContent,
    dataset_triples,
    entry_of,
    entry_triples,
    hash_of,
    read_description,
    write_description,
)
from mastery_graph.queries import named_query
from mastery_graph.rdf import term_text
from mastery_graph.store.protocol import CHANGING, Store, WritableStore
from mastery_graph.vocabulary import DCTERMS, NS, VOID

_ENTRIES_AT_ONCE: Final = 50
"""Entries in one update: Virtuoso refuses long ones."""
_MAX_ATTEMPTS: Final = 20
"""How often the hash is computed, because another writer has changed an entry meanwhile."""
_Item = TypeVar("_Item")
_DATASET: Final = NamedNode(DATASET)
_HASH: Final = NamedNode(NS.contentHash)


def mark_changing(store: WritableStore, graphs: Iterable[str] = ()) -> None:
    """Mark the dataset and the described ones of these graphs as changing, until `describe_changes` is called.

    A draft of the embedded store needs no mark: it becomes the current version in one step. Behind an endpoint, readers
    see the effect of each request; if the change is interrupted, the old hash must not appear as the current one.
    """
    if store.is_atomic:
        return
    mark = _new_mark()
    if not store.accepts_updates:
        store.mark_changing(DATASET_GRAPH, _DATASET, _HASH, mark)
        return
    for batch in _batches([_DATASET, *map(entry_of, graphs)]):
        store.update(_replace_hash(batch, mark))


def describe_changes(
    store: WritableStore, changes: Mapping[str, GraphContent | None]
) -> tuple[dict[str, GraphContent], str]:
    """Describe graphs that have changed, None for removed ones; return the described graphs and the dataset's hash.

    Until other writers have described their graphs, too, the dataset stays marked as changing.
    """
    if store.is_atomic or not store.accepts_updates or _current_hash(store) is None:
        contents = {**read_description(store), **changes}
        described = {name: content for name, content in contents.items() if content is not None and content.triples}
        return described, write_description(store, described)
    for batch in _batches(changes.items()):
        store.update(" ;\n".join((*_replace_entries(dict(batch)), _replace_hash([_DATASET], _new_mark()))))
    return _complete(store)


def _complete(store: WritableStore) -> tuple[dict[str, GraphContent], str]:
    """Set the hash of the dataset, unless a graph is being changed; return the described graphs and the hash."""
    for _ in range(_MAX_ATTEMPTS):
        mark = _current_hash(store)
        contents = read_description(store)
        sha256 = hash_of(contents)
        if mark is None or any(content.sha256.startswith(CHANGING) for content in contents.values()):
            break
        if mark != sha256:
            store.update(_set_hash(mark, contents, sha256))
        if _current_hash(store) == sha256:
            return contents, sha256
    return read_description(store), _current_hash(store) or CHANGING


def _current_hash(store: Store) -> str | None:
    """Return the hash of the dataset, or the mark in its place; None if there is no dataset."""
    rows = store.select(named_query("browse/dataset").text)
    return term_text(rows[0]["hash"]) if rows else None


def _new_mark() -> Literal:
    return Literal(CHANGING + uuid4().hex)


def _replace_hash(nodes: Iterable[NamedNode], value: Literal) -> str:
    """Return an update that replaces the hashes of the dataset, or of entries, where there are any."""
    old, new = f"?node {_HASH} ?old", f"?node {_HASH} {value}"
    return (
        f"DELETE {{ GRAPH <{DATASET_GRAPH}> {{ {old} }} }} INSERT {{ GRAPH <{DATASET_GRAPH}> {{ {new} }} }}\n"
        f"WHERE {{ GRAPH <{DATASET_GRAPH}> {{ {old} }} FILTER (?node IN ({', '.join(map(str, nodes))})) }}"
    )


def _replace_entries(changes: Mapping[str, GraphContent | None]) -> Iterator[str]:
    """Yield the operations that replace the entries of graphs."""
    entries = ", ".join(str(entry_of(name)) for name in changes)
    subset = NamedNode(VOID.subset)
    for pattern in ("?entry ?property ?value", f"{_DATASET} {subset} ?entry"):
        yield (
            f"DELETE {{ GRAPH <{DATASET_GRAPH}> {{ {pattern} }} }}\n"
            f"WHERE {{ GRAPH <{DATASET_GRAPH}> {{ {pattern} }} FILTER (?entry IN ({entries})) }}"
        )
    described = {name: content for name, content in changes.items() if content is not None and content.triples}
    new = [triple for name, content in described.items() for triple in entry_triples(name, content)]
    if new:
        yield f"INSERT DATA {{ GRAPH <{DATASET_GRAPH}> {{ {_lines(new)} }} }}"


def _set_hash(mark: str, contents: Mapping[str, GraphContent], sha256: str) -> str:
    """Return an update that sets the hash, the size and the date of the dataset if it still has the mark."""
    old = f"{_DATASET} {_HASH} {Literal(mark)} ; <{DCTERMS.modified}> ?modified ; <{VOID.triples}> ?size ."
    properties = {NS.contentHash, DCTERMS.modified, VOID.triples}
    new = [triple for triple in dataset_triples(contents, sha256) if triple.predicate.value in properties]
    return (
        f"DELETE {{ GRAPH <{DATASET_GRAPH}> {{ {old} }} }} INSERT {{ GRAPH <{DATASET_GRAPH}> {{ {_lines(new)} }} }}\n"
        f"WHERE {{ GRAPH <{DATASET_GRAPH}> {{ {old} }} }}"
    )


def _lines(triples: Iterable[Triple]) -> str:
    return "\n".join(f"{triple} ." for triple in triples)


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    remaining = iter(items)
    return iter(lambda: list(islice(remaining, _ENTRIES_AT_ONCE)), [])
