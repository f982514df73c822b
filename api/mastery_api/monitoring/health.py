"""Whether the service lives, and whether it can answer."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mastery_api.dependencies import OpenStore
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import StoreError
from mastery_graph.store.circuit import CircuitState
from mastery_graph.store.remote import RemoteStore

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """The state of the service; the dataset that it answers from, and the endpoint behind it, where there is one."""

    status: str
    dataset: Dataset | None = None
    endpoint: CircuitState | None = None


@router.get("/live")
def live() -> Health:
    """Say that the process is up."""
    return Health(status="up")


@router.get("/ready")
def ready(request: Request, store: OpenStore) -> Health:
    """Say that the store answers, and with which dataset; a problem where it does not, with what is known of it."""
    request.app.state.served.check()
    if not isinstance(store, RemoteStore):
        return Health(status="ready", dataset=dataset_of(store))
    try:
        return Health(status="ready", dataset=dataset_of(store), endpoint=store.circuit)
    except StoreError as error:
        error.members["endpoint"] = asdict(store.circuit)
        raise
