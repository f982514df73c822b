"""Writes to the served store: a new version of the embedded store, or requests to the SPARQL endpoint."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mastery_graph.changes import client
from mastery_graph.changes.client import GraphChange
from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Scope, Store
from mastery_graph.store.remote import RemoteStore
from mastery_graph.store.versioned import VersionedStore


class StoreWriter:
    """Writer of one store. Writes to an endpoint are serialised within this process, not across processes."""

    def __init__(self, served: VersionedStore, settings: Settings) -> None:
        """Write to the store that the settings name, which is the served one."""
        self._served = served
        self._settings = settings
        self._lock = threading.Lock()

    @property
    def accepts_updates(self) -> bool:
        """Whether the store accepts SPARQL updates."""
        return not self._settings.sparql_endpoint or bool(self._settings.sparql_update_endpoint)

    def update(self, text: str, scope: Scope) -> None:
        """Apply a SPARQL 1.1 update. Raises what `changes.update` and `endpoint_changes.update` raise."""
        settings = self._settings
        if isinstance(store := self._served.current(), RemoteStore):
            from mastery_graph.changes import endpoint as endpoint_changes

            with self._exclusive():
                endpoint_changes.update(store, text, scope, settings.write_seconds)
        else:
            client.update(settings.store, text, scope, settings.write_seconds, settings.query_memory_bytes)

    def change_graph(self, change: GraphChange) -> None:
        """Change one graph. Raises what `changes.change_graph` and `endpoint_changes.change_graph` raise."""
        settings = self._settings
        if isinstance(store := self._served.current(), RemoteStore):
            from mastery_graph.changes import endpoint as endpoint_changes

            with self._exclusive():
                endpoint_changes.change_graph(store, change)
        else:
            client.change_graph(settings.store, change, settings.write_seconds, settings.query_memory_bytes)

    @contextmanager
    def draft(self) -> Iterator[Store]:
        """Yield a store to write to: a draft of the embedded one, or the endpoint, where writes are visible at once."""
        if isinstance(store := self._served.current(), RemoteStore):
            store.require_writes()
            with self._exclusive():
                yield store
        else:
            with EmbeddedStore.change(self._settings.store, create=False) as draft:
                yield draft

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            finally:
                self._served.forget()
