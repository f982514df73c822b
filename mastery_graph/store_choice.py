"""The choice of the store, which all faces share: an endpoint, a named folder, `var/store`, or the shipped graph.

1. an endpoint that is set (`MASTERY_SPARQL_ENDPOINT`);
2. else the folder that an option or `MASTERY_STORE` names, which must hold a store;
3. else `var/store`, where it exists;
4. else the shipped graph, read-only: it is built once into the cache folder of the user.
"""

import fcntl
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from mastery_graph import __version__
from mastery_graph.errors import AdvisedAction, BadParameter, StoreMissing, StoreUnreadable
from mastery_graph.resources import folder
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.esco_versions import esco_versions, version_as_of
from mastery_graph.store.factory import configured_store
from mastery_graph.store.protocol import Store
from mastery_graph.store.versions import FORMAT, current_version

_CACHE_NAME: Final = "mastery-graph"


def print_note(text: str) -> None:
    """Print a note as one line on standard error."""
    print(f"mastery-graph: {text}", file=sys.stderr)


def choose_store(settings: Settings, notify: Callable[[str], None] = print_note) -> Settings:
    """Return the settings with the store to read in place; build the shipped graph if it is chosen and not built.

    `notify` is called with a sentence before a build. Raises `StoreMissing` if the shipped graph cannot be built. A
    named store is not opened: whether it exists shows when it is.
    """
    if names_store(settings):
        return settings
    return settings.model_copy(update={"store": _shipped_store(notify)})


def choose_writable_store(settings: Settings) -> Settings:
    """Return the settings if they name a store to write to. Raises `BadParameter` if only the shipped graph is left."""
    if names_store(settings):
        return settings
    raise BadParameter("No store is named, and the graph that ships is only read.", action=AdvisedAction.NAME_STORE)


def choose_served_store(settings: Settings) -> Settings:
    """Return the settings with the store to serve: one that may be written to, where tokens allow writing."""
    return choose_writable_store(settings) if settings.tokens else choose_store(settings)


def names_store(settings: Settings) -> bool:
    """Return whether an endpoint or a store is set, or `var/store` exists."""
    return bool(settings.sparql_endpoint) or "store" in settings.model_fields_set or settings.store.is_dir()


@contextmanager
def open_chosen_store(settings: Settings, esco: str | None = None) -> Iterator[Store]:
    """Open the store that `choose_store` chose, for reading, as of a version of ESCO or of a day (ISO 8601).

    Raises `StoreMissing`, `StoreUnreadable`, `EndpointDown` and `UnknownEscoVersion`.
    """
    with closing(configured_store(settings)) as current:
        if esco is None:
            yield current
            return
        versions = [] if settings.sparql_endpoint else esco_versions(settings.store, current)
        version = version_as_of(versions, esco).folder
        with closing(EmbeddedStore.open_version(version)) if version else nullcontext(current) as store:
            yield store


def shipped_folder() -> Path:
    """Return the folder in the user's cache for the shipped graph; another version of the sources has another one."""
    return user_cache_path(_CACHE_NAME, appauthor=False) / f"store-{_sources_hash()[:16]}"


def _shipped_store(notify: Callable[[str], None]) -> Path:
    """Return the folder of the shipped graph, which the first of several processes builds."""
    directory = shipped_folder()
    if not _is_built(directory):
        with _lock(directory):
            if not _is_built(directory):
                notify(f"No store is named: building the graph that ships, once, in {directory}.")
                _build(directory)
    return directory


def _build(directory: Path) -> None:
    """Build the shipped graph in a folder, in place of what an interrupted build or a cleaned cache left there."""
    # Only a build needs the libraries of the pipeline.
    from mastery_graph.pipeline.build import Sources, build

    shutil.rmtree(directory, ignore_errors=True)
    with Draft.change(directory) as draft:
        build(draft, Sources())


def _is_built(directory: Path) -> bool:
    """Return whether the folder holds a complete version; a cache from which files were removed does not."""
    try:
        return current_version(directory).is_dir()
    except (StoreMissing, StoreUnreadable):
        return False


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """Hold the lock on the build of a folder. Raises `StoreMissing` if the cache folder cannot be written."""
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        file = directory.with_name(f"{directory.name}.lock").open("w")
    except OSError as error:
        raise StoreMissing(
            f"No store is named, and the graph that ships cannot be built in {directory}: {error.strerror}.",
            action=AdvisedAction.NAME_STORE,
        ) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def _sources_hash() -> str:
    """Return the SHA-256 of what a build depends on: the version of the software, and the sources that ship."""
    digest = sha256(f"{__version__}\n{FORMAT}\n".encode())
    for directory in (folder("ontology"), folder("shapes")):
        for file in sorted(path for path in directory.rglob("*") if path.is_file()):
            digest.update(f"{directory.name}/{file.relative_to(directory).as_posix()}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
