"""The store that the settings name: a folder, or an endpoint."""

from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.store.remote import Endpoint, RemoteStore


def configured_store(settings: Settings) -> Store:
    """Open the store to ask it. Raises `StoreMissing` and `StoreUnreadable`."""
    if settings.sparql_endpoint:
        return remote_store(settings)
    return EmbeddedStore.open(settings.store, workers=settings.query_workers)


def remote_store(settings: Settings) -> RemoteStore:
    """Return the store behind the endpoint that the settings name."""
    return RemoteStore(
        Endpoint(
            query=settings.sparql_endpoint or "",
            update=settings.sparql_update_endpoint,
            graph_store=settings.graph_store_endpoint,
            user=settings.endpoint_user,
            password=settings.endpoint_password,
            authentication=settings.endpoint_authentication,
        )
    )
