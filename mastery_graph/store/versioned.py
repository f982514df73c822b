"""The store of a server, which follows the current version; each request uses one version to its end."""

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

_STATE_SECONDS = 5.0
"""How long the known state of an endpoint is reused before it is queried again."""


class VersionedStore:
    """A provider of the current store. The next request uses a version that another process has published.

    A running request keeps the store with which it started, so that its answer is based on one version.
    """

    def __init__(self, settings: Settings) -> None:
        """Open the store that the settings name. Raises `StoreMissing` and `StoreUnreadable`."""
        self._settings = settings
        self._directory = None if settings.sparql_endpoint else settings.store
        self._lock = threading.Lock()
        self._pointer_state = pointer_state(self._directory) if self._directory else None
        self._store = configured_store(settings)
        self._esco_stores: dict[Path, EmbeddedStore] = {}
        self._caches: dict[Store, CachingStore] = {}
        self._state: tuple[Store, float, str | None] | None = None

    def current(self) -> Store:
        """Return the store of the current version."""
        if self._directory and pointer_state(self._directory) != self._pointer_state:
            with self._lock:
                self._reload()
        return self._store

    def check(self) -> None:
        """Check that the store exists and that its workers respond.

        Raises `StoreMissing`, `StoreUnreadable` and `StoreError`.
        """
        store = self.current()
        if self._directory:
            current_version(self._directory)
        store.check()

    def as_of(self, esco: str | None) -> Store:
        """Return the store with a version of ESCO, or with the one of a day; the current store for None.

        Results of a version on disk are cached, since its content does not change. Raises `UnknownEscoVersion`.
        """
        store = self.current()
        if esco is not None:
            store = self._open(version_as_of(self.versions(), esco), store)
        return self._cached(store) if self._directory else store

    def holding(self, content_hash: str) -> EscoVersion | None:
        """Return the kept version of ESCO whose dataset has this hash, or None."""
        return next(
            (version for version in self.versions() if version.folder and version.content_hash == content_hash), None
        )

    def versions(self) -> list[EscoVersion]:
        """Return the versions of ESCO that can be queried; none behind an endpoint."""
        return esco_versions(self._directory, self.current()) if self._directory else []

    def known_state(self, store: Store) -> str | None:
        """Return the `state` of a store if it is known without a query, else None."""
        known = self._state
        if known and known[0] is store and (self._directory or monotonic() - known[1] < _STATE_SECONDS):
            return known[2]
        return None

    def state(self, store: Store) -> str | None:
        """Return a digest of the content of a store that `current` returned; None if unknown.

        It differs after each change. Use it as the key for caching results of that store.
        """
        if (known := self.known_state(store)) is not None:
            return known
        now = monotonic()
        state = _state_of(store)
        self._state = (store, now, state)
        return state

    def forget(self) -> None:
        """Invalidate the known state after a write from this process."""
        self._state = None

    def close(self) -> None:
        """End the workers and close the files."""
        self._store.close()
        for store in self._esco_stores.values():
            store.close()

    def _open(self, version: EscoVersion, current: Store) -> Store:
        if version.folder is None:
            return current
        with self._lock:
            for removed in [folder for folder in self._esco_stores if not folder.is_dir()]:
                self._retire(self._esco_stores.pop(removed))
            if version.folder not in self._esco_stores:
                self._esco_stores[version.folder] = EmbeddedStore.open_version(
                    version.folder, workers=self._settings.query_workers, confinement=confinement(self._settings)
                )
            return self._esco_stores[version.folder]

    def _reload(self) -> None:
        pointer = pointer_state(self._directory) if self._directory else None
        if pointer == self._pointer_state:
            return
        try:
            new = configured_store(self._settings)
        except MasteryError:
            # The new version cannot be opened yet: continue with the previous one.
            return
        old, self._store, self._pointer_state = self._store, new, pointer
        self._retire(old)

    def _cached(self, store: Store) -> Store:
        with self._lock:
            if store is not self._store and store not in self._esco_stores.values():
                return store  # another version has taken its place meanwhile
            if store not in self._caches:
                self._caches[store] = CachingStore(store)
            return self._caches[store]

    def _retire(self, store: Store) -> None:
        self._caches.pop(store, None)
        store.retire()


def _state_of(store: Store) -> str | None:
    try:
        rows = store.select(named_query("browse/dataset").text)
    except StoreMissing:
        return None
    if any(row["hash"].value.startswith(CHANGING) for row in rows):
        return None
    facts = sorted(f"{name}={value.value}" for row in rows for name, value in row.items())
    if not facts and store.version is None:
        return None
    return hashlib.sha256("\n".join([str(store.version), *facts]).encode()).hexdigest()
