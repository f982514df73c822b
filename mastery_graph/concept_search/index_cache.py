"""The cache of text indexes: a folder for each state of the labels, or the memory of the process.

::

    FOLDER/HASH-FORMAT/    the index of the labels with this hash

A folder is filled under another name and renamed in one step; all but the last two are removed. If the folder cannot be
written, the index is built in memory.
"""

import shutil
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from mastery_graph.concept_search.entries import read_entries, words_hash
from mastery_graph.concept_search.finder import Finder
from mastery_graph.concept_search.index import FORMAT, TextIndex
from mastery_graph.settings import Settings
from mastery_graph.store.protocol import Store

_CACHE_SIZE: Final = 2

_lock = threading.Lock()
_finders: OrderedDict[str, Finder] = OrderedDict()


def finder_of(store: Store, folder: Path | None = None) -> Finder:
    """Return the finder for a store, with an index of its current labels, which is built if necessary.

    Raises `StoreError` if the store fails.
    """
    name = f"{words_hash(store)[:32]}-{FORMAT}"
    with _lock:
        if name in _finders:
            _finders.move_to_end(name)
            return _finders[name]
        finder = Finder(_open_or_build(store, folder / name) if folder else TextIndex.build(read_entries(store)))
        _finders[name] = finder
        while len(_finders) > _CACHE_SIZE:
            _finders.popitem(last=False)
        return finder


def forget() -> None:
    """Close the indexes that this process has open."""
    with _lock:
        _finders.clear()


def index_folder(settings: Settings) -> Path | None:
    """Return the folder for the index of the configured store, or None for an endpoint without one."""
    if settings.text_index or settings.sparql_endpoint:
        return settings.text_index
    return settings.store / "text-index"


def _open_or_build(store: Store, folder: Path) -> TextIndex:
    try:
        return TextIndex.open(folder)
    except (OSError, ValueError):
        entries = read_entries(store)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
    except OSError:
        return TextIndex.build(entries)
    try:
        TextIndex.build(entries, draft)
        _publish(draft, folder)
        return TextIndex.open(folder)
    except (OSError, ValueError):
        return TextIndex.build(entries)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, folder: Path) -> None:
    """Rename a finished index to its folder, and remove all indexes but the last two."""
    draft.chmod(0o755)
    if folder.exists():
        shutil.rmtree(folder)
    draft.rename(folder)
    older_indexes = sorted(
        (path for path in folder.parent.iterdir() if path != folder and not path.name.startswith("draft-")),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for older_index in older_indexes[_CACHE_SIZE - 1 :]:
        shutil.rmtree(older_index, ignore_errors=True)
