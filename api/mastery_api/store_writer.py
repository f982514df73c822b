"""Writes to the served store: a new version of the embedded store, or requests to the SPARQL endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager

from mastery_graph.changes.client import GraphChange
from mastery_graph.changes.writer import configured_writer
from mastery_graph.settings import Settings
from mastery_graph.store.protocol import Scope, WritableStore
from mastery_graph.store.versioned import VersionedStore


class StoreWriter:
    """Writer of the served store, which then forgets what it knows of the content."""

    def __init__(self, served: VersionedStore, settings: Settings) -> None:
        """Write to the store that the settings name, which is the served one."""
        self._served = served
        self._writer = configured_writer(settings)

    @property
    def accepts_updates(self) -> bool:
        """Whether the store accepts SPARQL updates."""
        return self._writer.accepts_updates

    def update(self, text: str, scope: Scope) -> None:
        """Apply a SPARQL 1.1 update. Raises what `Writer.update` raises."""
        with self._forgetting():
            self._writer.update(text, scope)

    def change_graph(self, change: GraphChange) -> None:
        """Change one graph. Raises what `Writer.change_graph` raises."""
        with self._forgetting():
            self._writer.change_graph(change)

    @contextmanager
    def draft(self) -> Iterator[WritableStore]:
        """Yield a store to write to: a draft of the embedded one, or the endpoint, where writes are visible at once."""
        with self._forgetting(), self._writer.draft() as draft:
            yield draft

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._served.forget()
