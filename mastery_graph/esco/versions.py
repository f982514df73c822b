"""Retention of the version of a store that contains a version of ESCO when another ESCO replaces it.

For each version of ESCO that was loaded, the last version of the store that contained it is kept, without the
descriptions of people's credentials: personal data that is removed from the store must not remain in a kept version.
The extract that ships is not kept: each build contains it.
"""

from pathlib import Path
from typing import Final

from mastery_graph.pipeline.dataset import read_description, write_description
from mastery_graph.queries import named_query
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import forget_version, keep_version, kept_versions
from mastery_graph.vocabulary import ESCO_GRAPH, graph

_PERSONAL: Final = graph("credentials/")


def keep_esco(directory: Path, served: Path, described: Store, replacement: str | None) -> None:
    """Keep the current version of the store, unless its version of ESCO is the `replacement` itself.

    `described` is a store that contains the description of the current version. The caller must hold the store's lock.
    """
    esco = read_description(described).get(ESCO_GRAPH)
    if esco is None or esco.version is None or esco.version == replacement:
        return
    personal = [name for name in read_description(described) if name.startswith(_PERSONAL)]
    version = _copy_without(served, personal) if personal else served
    content_hash = described.select(named_query("browse/dataset").text)[0]["hash"].value
    if personal:
        copy = EmbeddedStore.open_version(version)
        content_hash = copy.select(named_query("browse/dataset").text)[0]["hash"].value
        copy.close()
    forget_esco(directory, esco.version)
    keep_version(version, {"esco": esco.version, "issued": esco.issued or "", "content_hash": str(content_hash)})


def forget_esco(directory: Path, esco: str | None) -> None:
    """Stop keeping the versions of the store for a version of ESCO."""
    for version, about in kept_versions(directory).items():
        if about["esco"] == esco:
            forget_version(version)


def _copy_without(served: Path, graphs: list[str]) -> Path:
    """Create a new store with all but these graphs of a version; return its folder.

    An engine that removes a graph keeps its texts, so a copy of the engine's files would still contain them.
    """
    folder = served.with_name(f"{served.name}-kept")
    with Draft.copy(None, folder) as copy:
        copy.copy_graphs(served, without=graphs)
        contents = read_description(copy)
        write_description(copy, {name: content for name, content in contents.items() if name not in graphs})
        copy.finish(compact=True)
    return folder
