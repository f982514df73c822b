"""Functions that open the store named by the settings: a folder, or an endpoint."""

from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.protocol import Confinement, Store
from mastery_graph.store.remote import RemoteStore


def configured_store(settings: Settings) -> Store:
    """Open the configured store for queries. Raises `StoreMissing` and `StoreUnreadable`."""
    if settings.sparql_endpoint:
        return remote_store(settings, built=True)
    return EmbeddedStore.open(settings.store, workers=settings.query_workers, confinement=confinement(settings))


def confinement(settings: Settings) -> Confinement:
    """Return what a query may use, as the settings state."""
    hosts = frozenset(host.strip().lower() for host in settings.service_hosts.split(",") if host.strip())
    return Confinement(settings.worker_bytes, hosts)


def remote_store(settings: Settings, *, built: bool = False) -> RemoteStore:
    """Return the store behind the configured endpoint; with `built`, it must contain a dataset (see `RemoteStore`)."""
    return RemoteStore(
        Endpoint(
            query=settings.sparql_endpoint or "",
            update=settings.sparql_update_endpoint,
            graph_store=settings.graph_store_endpoint,
            user=settings.endpoint_user,
            password=settings.endpoint_password,
            authentication=settings.endpoint_authentication,
            timeout=settings.endpoint_timeout,
            attempts=settings.endpoint_attempts,
            failures=settings.endpoint_failures,
            reset_seconds=settings.endpoint_reset_seconds,
        ),
        confinement(settings).hosts,
        built=built,
        threads=settings.query_workers,
    )
