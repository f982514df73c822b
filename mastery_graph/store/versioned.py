"""The store as a server holds it: always the version that is served, each request on one version to its end."""

import hashlib
import threading
from pathlib import Path
from time import monotonic

from mastery_graph.errors import MasteryError, StoreMissing
from mastery_graph.queries import named_query
from mastery_graph.settings import Settings
from mastery_graph.store.caching import CachingStore
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.esco_versions import EscoVersion, esco_versions, version_as_of
from mastery_graph.store.factory import configured_store, confinement
from mastery_graph.store.protocol import CHANGING, Store
from mastery_graph.store.versions import current_version, pointer_state

_REMEMBERED_SECONDS = 5.0
"""How long the state of an endpoint is taken to be as it was last told."""


class VersionedStore:
    """Gives the store to answer from. A version that another process has published is taken up by the next request.

    A request that is at work keeps the store that it was given: its answer rests on one version.
    """

    def __init__(self, settings: Settings) -> None:
        """Open the store that the settings name. Raises `StoreMissing` and `StoreUnreadable`."""
        self._settings = settings
        self._directory = None if settings.sparql_endpoint else settings.store
        self._lock = threading.Lock()
        self._seen = pointer_state(self._directory) if self._directory else None
        self._store = configured_store(settings)
        self._kept: dict[Path, EmbeddedStore] = {}
        self._remembering: dict[Store, CachingStore] = {}
        self._state: tuple[Store, float, str | None] | None = None

    def current(self) -> Store:
        """Return the store of the version that is served now."""
        if self._directory and pointer_state(self._directory) != self._seen:
            with self._lock:
                self._renew()
        return self._store

    def check(self) -> None:
        """See that the store that is served is there, and that its workers answer.

        Raises `StoreMissing`, `StoreUnreadable` and `StoreError`.
        """
        store = self.current()
        if self._directory:
            current_version(self._directory)
        if isinstance(store, EmbeddedStore):
            store.check()

    def as_of(self, esco: str | None) -> Store:
        """Return the store to ask of a version of ESCO, or of a day; the current one where None is asked.

        What a version on disk has answered is remembered, since it stays as it is. Raises `UnknownEscoVersion`.
        """
        store = self.current()
        if esco is not None:
            store = self._opened(version_as_of(self.versions(), esco), store)
        return self._remembered(store) if self._directory else store

    def holding(self, content_hash: str) -> EscoVersion | None:
        """Return the version of ESCO that is kept with the dataset of this hash, or None."""
        return next((one for one in self.versions() if one.folder and one.content_hash == content_hash), None)

    def versions(self) -> list[EscoVersion]:
        """Return the versions of ESCO that can be asked; none behind an endpoint."""
        return esco_versions(self._directory, self.current()) if self._directory else []

    def known_state(self, store: Store) -> str | None:
        """Return the `state` of a store where it need not be asked for, else None."""
        known = self._state
        if known and known[0] is store and (self._directory or monotonic() - known[1] < _REMEMBERED_SECONDS):
            return known[2]
        return None

    def state(self, store: Store) -> str | None:
        """Return what stands for the content of a store that `current` gave; None is unknown.

        It is another after each change. What is found in a store is to be kept under the state of that very store.
        """
        if (known := self.known_state(store)) is not None:
            return known
        now = monotonic()
        state = _state_of(store)
        self._state = (store, now, state)
        return state

    def forget(self) -> None:
        """Take nothing of what was known of the state to hold: the content has been changed from here."""
        self._state = None

    def close(self) -> None:
        """End the workers and let go of the files."""
        self._store.close()
        for store in self._kept.values():
            store.close()

    def _opened(self, version: EscoVersion, current: Store) -> Store:
        if version.folder is None:
            return current
        with self._lock:
            for gone in [folder for folder in self._kept if not folder.is_dir()]:
                self._retire(self._kept.pop(gone))
            if version.folder not in self._kept:
                self._kept[version.folder] = EmbeddedStore.open_version(
                    version.folder, workers=self._settings.query_workers, confinement=confinement(self._settings)
                )
            return self._kept[version.folder]

    def _renew(self) -> None:
        seen = pointer_state(self._directory) if self._directory else None
        if seen == self._seen:
            return
        try:
            renewed = configured_store(self._settings)
        except MasteryError:
            # What is being put in place cannot be opened yet: the version before it still answers.
            return
        old, self._store, self._seen = self._store, renewed, seen
        self._retire(old)

    def _remembered(self, store: Store) -> Store:
        with self._lock:
            if store is not self._store and store not in self._kept.values():
                return store  # another version has taken its place meanwhile
            if store not in self._remembering:
                self._remembering[store] = CachingStore(store)
            return self._remembering[store]

    def _retire(self, store: Store) -> None:
        self._remembering.pop(store, None)
        if isinstance(store, EmbeddedStore):
            store.retire()


def _state_of(store: Store) -> str | None:
    try:
        rows = store.select(named_query("browse/dataset").text)
    except StoreMissing:
        return None
    if any(row["hash"].value.startswith(CHANGING) for row in rows):
        return None
    told = sorted(f"{name}={value.value}" for row in rows for name, value in row.items())
    version = store.version if isinstance(store, EmbeddedStore) else None
    if not told and version is None:
        return None
    return hashlib.sha256("\n".join([str(version), *told]).encode()).hexdigest()
