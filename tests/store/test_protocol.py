"""No code outside `mastery_graph.store` asks what kind of store it has: differences are members of the protocols."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import mastery_api
import mastery_graph
from mastery_graph.store.caching import CachingStore
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.store.protocol import Store, WritableStore
from mastery_graph.store.remote import RemoteStore

LIBRARY, APPLICATION = (Path(str(package.__file__)).parent for package in (mastery_graph, mastery_api))
STORES = {
    kind.__name__ for kind in (CachingStore, Draft, EmbeddedStore, MemoryStore, RemoteStore, Store, WritableStore)
}


def _kind_checks(source: str) -> Iterator[str]:
    """Yield the places where a source asks for the class of an object that may be a store."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"isinstance", "issubclass"} and _names(node.args[1]) & STORES:
                yield ast.unparse(node)
            if node.func.id == "type" and len(node.args) == 1 and "store" in ast.unparse(node.args[0]).lower():
                yield ast.unparse(node)
        if isinstance(node, ast.match_case) and _names(node.pattern) & STORES:
            yield ast.unparse(node.pattern)


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {
        part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)
    }


def _members(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


def test_the_search_finds_each_way_to_ask_for_the_class() -> None:
    source = "isinstance(a, (int, RemoteStore))\ntype(store) is Draft\nmatch a:\n    case memory.MemoryStore(): pass"
    assert len(list(_kind_checks(source))) == 3


def test_only_the_stores_themselves_ask_for_the_class_of_a_store() -> None:
    files = [path for folder in (LIBRARY, APPLICATION) for path in folder.rglob("*.py")]
    outside = [path for path in files if path.parent != LIBRARY / "store"]
    assert len(outside) > 200
    checks = {str(path): list(_kind_checks(path.read_text(encoding="utf-8"))) for path in outside}
    assert {path: found for path, found in checks.items() if found} == {}


def test_each_store_has_the_members_of_its_protocol() -> None:
    assert _members(Store)
    for kind in (EmbeddedStore, CachingStore, RemoteStore):
        assert _members(Store) <= _members(kind)
    for kind in (MemoryStore, Draft, RemoteStore):
        assert _members(WritableStore) <= _members(kind)


def test_what_is_read_only_has_no_member_that_writes() -> None:
    writing = _members(WritableStore) - _members(Store)
    assert {"load", "load_quads", "replace_graph"} <= writing
    assert _members(EmbeddedStore) & writing == set()
    assert _members(CachingStore) & writing == set()
