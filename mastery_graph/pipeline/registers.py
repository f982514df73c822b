"""Loading of registers into graphs of their own, `registers/NAME`, and their removal."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Triple

from mastery_graph.errors import BadParameter, UnknownResource
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.pipeline.replacement import Removed, refuse_removal
from mastery_graph.pipeline.shared_description import describe_changes, mark_changing
from mastery_graph.pipeline.triple_spool import spool
from mastery_graph.queries import named_query
from mastery_graph.sources.registers.reading import RegisterReport, read_register
from mastery_graph.sources.registers.records import RegisterSource
from mastery_graph.sources.registers.table import ColumnMapping
from mastery_graph.store.protocol import Store, WritableStore
from mastery_graph.vocabulary import ELM, RDF, graph

_ENTRIES: Final = frozenset(ELM + name for name in ("Organisation", "Accreditation", "Qualification"))
_SHIPPED: Final = frozenset({"example"})


def load_register(
    store: WritableStore,
    paths: Sequence[Path],
    source: RegisterSource,
    mapping: ColumnMapping | None = None,
    *,
    may_remove: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> RegisterReport:
    """Replace the graph of a register by the entries in files, all or nothing, and return what was read.

    Raises `BadSource` if a file cannot be read, `BadParameter` for the name of a shipped register or a new register
    without a title, and `WouldRemove` if entries would be removed, unless `may_remove`.
    """
    if source.name in _SHIPPED:
        raise BadParameter(f"{source.name} is a register that ships.", "Choose another name.")
    _require_title(store, source)
    report = RegisterReport()
    with spool(read_register(paths, source, report, mapping, progress)) as triples:
        if not may_remove:
            removed = sorted(_present_entries(store, source.graph) - _entries(triples))
            refuse_removal([Removed("entries", tuple(removed))] if removed else [])
        mark_changing(store, [source.graph])
        store.replace_graph(source.graph, triples)
        describe_changes(store, {source.graph: replace(triples.content, issued=source.as_of.isoformat())})
    return report


def remove_register(store: WritableStore, name: str) -> int:
    """Remove the graph of a register, and return the number of its entries.

    Raises `UnknownResource` if it is not loaded, and `BadParameter` for a register that ships.
    """
    if name in _SHIPPED:
        raise BadParameter(f"{name} is a register that ships.", "It stays; its entries are marked as made up.")
    iri = graph(f"registers/{name}")
    contents = read_description(store)
    if iri not in contents:
        names = sorted(
            loaded.removeprefix(graph("registers/")) for loaded in contents if loaded.startswith(graph("registers/"))
        )
        raise UnknownResource(f"No register {name} is loaded.", f"Loaded: {', '.join(names)}.")
    entries = len(_present_entries(store, iri))
    mark_changing(store, [iri])
    store.replace_graph(iri, ())
    describe_changes(store, {iri: None})
    return entries


def _require_title(store: Store, source: RegisterSource) -> None:
    """Raise `BadParameter` if a register has no title and the graph does not know it."""
    known = {row["register"].value for row in store.select(named_query("recognition/registers").text)}
    if source.title is None and source.iri not in known:
        raise BadParameter(f"The register {source.name} is not known here.", "Give its title.")


def _present_entries(store: Store, iri: str) -> set[str]:
    rows = store.select(named_query("registers/entries").text, {"graph": NamedNode(iri)})
    return {row["entry"].value for row in rows}


def _entries(triples: Iterable[Triple]) -> set[str]:
    return {
        triple.subject.value
        for triple in triples
        if triple.predicate.value == RDF.type and getattr(triple.object, "value", "") in _ENTRIES
        if isinstance(triple.subject, NamedNode)
    }
