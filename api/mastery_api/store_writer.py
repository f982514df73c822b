"""What writes to the store that is served: a new version of the embedded one, or requests to the endpoint behind."""

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
    """Changes of one store. Behind an endpoint, the writers of this process take turns; those of others do not."""

    def __init__(self, served: VersionedStore, settings: Settings) -> None:
        """Write to what the settings name, which is what is served."""
        self._served = served
        self._settings = settings
        self._turn = threading.Lock()

    @property
    def takes_updates(self) -> bool:
        """Whether SPARQL updates can be made at all."""
        return not self._settings.sparql_endpoint or bool(self._settings.sparql_update_endpoint)

    def update(self, text: str, scope: Scope) -> None:
        """Apply a SPARQL 1.1 update. Raises what `changes.update` and `endpoint_changes.update` raise."""
        figures = self._settings
        if isinstance(store := self._served.current(), RemoteStore):
            from mastery_graph.changes import endpoint as endpoint_changes

            with self._in_turn():
                endpoint_changes.update(store, text, scope, figures.write_seconds)
        else:
            client.update(figures.store, text, scope, figures.write_seconds, figures.query_memory_bytes)

    def change_graph(self, change: GraphChange) -> None:
        """Change one graph. Raises what `changes.change_graph` and `endpoint_changes.change_graph` raise."""
        figures = self._settings
        if isinstance(store := self._served.current(), RemoteStore):
            from mastery_graph.changes import endpoint as endpoint_changes

            with self._in_turn():
                endpoint_changes.change_graph(store, change)
        else:
            client.change_graph(figures.store, change, figures.write_seconds, figures.query_memory_bytes)

    @contextmanager
    def draft(self) -> Iterator[Store]:
        """Give a store to write to: a draft of the embedded one, or the endpoint, where each write is seen at once."""
        if isinstance(store := self._served.current(), RemoteStore):
            store.require_writes()
            with self._in_turn():
                yield store
        else:
            with EmbeddedStore.change(self._settings.store, create=False) as draft:
                yield draft

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        with self._turn:
            try:
                yield
            finally:
                self._served.forget()
