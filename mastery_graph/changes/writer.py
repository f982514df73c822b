"""Writers: the ways in which a store is changed, one for a folder and one for an endpoint."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mastery_graph.changes import client, endpoint
from mastery_graph.changes.client import GraphChange
from mastery_graph.settings import Settings
from mastery_graph.store.draft import Draft
from mastery_graph.store.factory import remote_store
from mastery_graph.store.protocol import Scope, WritableStore
from mastery_graph.store.remote import RemoteStore


class Writer(Protocol):
    """A way to change one store. Its methods raise `StoreError` and `WritingIsOff`."""

    @property
    def accepts_updates(self) -> bool:
        """Whether SPARQL updates are possible."""
        ...

    def update(self, text: str, scope: Scope) -> None:
        """Apply a SPARQL 1.1 update, all or none. Raises `BadQuery` and `QueryTimeout`."""
        ...

    def change_graph(self, change: GraphChange) -> None:
        """Change one graph. Raises `BadSource` and `EntitiesRefused` if a document cannot be read."""
        ...

    def require_writes(self) -> None:
        """Raise `WritingIsOff` if the store cannot be written."""
        ...

    def draft(self) -> AbstractContextManager[WritableStore]:
        """Return a context with a store to write to. Raises `StoreMissing`."""
        ...


@dataclass(frozen=True, slots=True)
class FolderWriter:
    """The writer of the store in a folder: each change makes a new version, or has no effect.

    A client's change is made by a process with at most `memory` bytes, which is ended after `seconds`. `create` allows
    a draft of a store that does not exist yet.
    """

    directory: Path
    seconds: float
    memory: int | None
    create: bool = False

    @property
    def accepts_updates(self) -> bool:
        """Whether SPARQL updates are possible: yes."""
        return True

    def update(self, text: str, scope: Scope) -> None:
        """Apply a SPARQL 1.1 update, all or none. Raises what `client.update` raises."""
        client.update(self.directory, text, scope, self.seconds, self.memory)

    def change_graph(self, change: GraphChange) -> None:
        """Change one graph, all or none. Raises what `client.change_graph` raises."""
        client.change_graph(self.directory, change, self.seconds, self.memory)

    def require_writes(self) -> None:
        """Do nothing: a folder can be written, or the draft says why not."""

    @contextmanager
    def draft(self) -> Iterator[WritableStore]:
        """Yield a draft, which becomes the current version when the block ends. Raises `StoreMissing`, `StoreBusy`."""
        with Draft.change(self.directory, create=self.create) as draft:
            yield draft


class EndpointWriter:
    """The writer of the store behind an endpoint, where writes are visible at once.

    Writes are serialised within this process. Those of other processes to other graphs lose nothing (see
    `pipeline.shared_description`).
    """

    def __init__(self, store: RemoteStore, seconds: float) -> None:
        """Write to this store; an update is given up after `seconds`."""
        self._store = store
        self._seconds = seconds
        self._lock = threading.Lock()

    @property
    def accepts_updates(self) -> bool:
        """Whether SPARQL updates are possible: if the endpoint has an address for them."""
        return self._store.accepts_updates

    def update(self, text: str, scope: Scope) -> None:
        """Apply a SPARQL 1.1 update. Raises what `endpoint.update` raises."""
        with self._lock:
            endpoint.update(self._store, text, scope, self._seconds)

    def change_graph(self, change: GraphChange) -> None:
        """Change one graph. Raises what `endpoint.change_graph` raises."""
        with self._lock:
            endpoint.change_graph(self._store, change)

    def require_writes(self) -> None:
        """Raise `WritingIsOff` if the endpoint has no address for writes."""
        self._store.require_writes()

    @contextmanager
    def draft(self) -> Iterator[WritableStore]:
        """Yield the store behind the endpoint. Raises `WritingIsOff`."""
        self._store.require_writes()
        with self._lock:
            yield self._store


def configured_writer(settings: Settings, *, create: bool = False) -> Writer:
    """Return the writer of the store that the settings name: an endpoint, or a folder, which `create` may create."""
    if settings.sparql_endpoint:
        return EndpointWriter(remote_store(settings), settings.write_seconds)
    return FolderWriter(settings.store, settings.write_seconds, settings.worker_bytes, create)
