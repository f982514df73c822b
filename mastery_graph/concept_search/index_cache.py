"""Where the text index is kept: a folder for each state of the labels, made once, or the memory of the process.

::

    FOLDER/HASH-FORMAT/    the index of the labels with this hash

A folder is filled under another name and put in place in one step; the states before the last two are removed. Where
the folder cannot be written, the index is made in memory.
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

_KEPT: Final = 2

_lock = threading.Lock()
_finders: OrderedDict[str, Finder] = OrderedDict()


def finder_of(store: Store, folder: Path | None = None) -> Finder:
    """Return what finds the concepts of a store, with an index that fits the labels that it holds now.

    Raises `StoreError` where the store fails.
    """
    name = f"{words_hash(store)[:32]}-{FORMAT}"
    with _lock:
        if name in _finders:
            _finders.move_to_end(name)
            return _finders[name]
        finder = Finder(_kept(store, folder / name) if folder else TextIndex.build(read_entries(store)))
        _finders[name] = finder
        while len(_finders) > _KEPT:
            _finders.popitem(last=False)
        return finder


def forget() -> None:
    """Let go of the indexes that this process has open."""
    with _lock:
        _finders.clear()


def index_folder(settings: Settings) -> Path | None:
    """Return where the index of the configured store is kept: a folder, or None for an endpoint without one."""
    if settings.text_index or settings.sparql_endpoint:
        return settings.text_index
    return settings.store / "text-index"


def _kept(store: Store, folder: Path) -> TextIndex:
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
        _put(draft, folder)
        return TextIndex.open(folder)
    except (OSError, ValueError):
        return TextIndex.build(entries)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put(draft: Path, folder: Path) -> None:
    """Put a finished index in its place, unless another process was faster; remove what is older than the last two."""
    draft.chmod(0o755)
    if folder.exists():
        shutil.rmtree(folder)
    draft.rename(folder)
    others = sorted(
        (each for each in folder.parent.iterdir() if each != folder and not each.name.startswith("draft-")),
        key=lambda each: each.stat().st_mtime,
        reverse=True,
    )
    for old in others[_KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
