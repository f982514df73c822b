"""Keeping the version of a store in which a version of ESCO stood, when another one takes its place.

One version of the store is kept for each version of ESCO, as it stood last. Descriptions of people's credentials are
not kept: what is removed from the store must not live on in a version beside it.
"""

from pathlib import Path
from typing import Final

from mastery_graph.pipeline.dataset import read_description, write_description
from mastery_graph.queries import named_query
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import forget_version, keep_version, kept_versions
from mastery_graph.vocabulary import graph

ESCO_GRAPH: Final = graph("esco")
_PERSONAL: Final = graph("credentials/")


def keep_esco(directory: Path, served: Path, described: Store, instead: str | None) -> None:
    """Keep the version that is served, unless the version of its ESCO is the one that comes `instead`.

    `described` is a store with its description of itself. Called by whoever holds the lock of the store.
    """
    esco = read_description(described).get(ESCO_GRAPH)
    if esco is None or esco.version is None or esco.version == instead:
        return
    personal = [name for name in read_description(described) if name.startswith(_PERSONAL)]
    version = _without(served, personal) if personal else served
    content_hash = described.select(named_query("browse/dataset").text)[0]["hash"].value
    if personal:
        without = EmbeddedStore.open_version(version)
        content_hash = without.select(named_query("browse/dataset").text)[0]["hash"].value
        without.close()
    forget_esco(directory, esco.version)
    keep_version(version, {"esco": esco.version, "issued": esco.issued or "", "content_hash": str(content_hash)})


def forget_esco(directory: Path, esco: str | None) -> None:
    """Keep no longer what is kept of a version of ESCO."""
    for version, about in kept_versions(directory).items():
        if about["esco"] == esco:
            forget_version(version)


def _without(served: Path, graphs: list[str]) -> Path:
    """Make a new store of all but these graphs of a version; return its folder.

    An engine that removes a graph keeps its words, so that a copy of the engine's files would hold them.
    """
    folder = served.with_name(f"{served.name}-kept")
    with EmbeddedStore.copy(None, folder) as copy:
        copy.take_graphs(served, without=graphs)
        contents = read_description(copy)
        write_description(copy, {name: content for name, content in contents.items() if name not in graphs})
        copy.settle(compact=True)
    return folder
