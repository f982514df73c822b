"""Liveness and readiness of the service."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mastery_api.dependencies import OpenStore
from mastery_graph.dataset_identity import Dataset, dataset_of
from mastery_graph.errors import StoreError
from mastery_graph.store.protocol import CircuitState

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """The state of the service; the dataset that it answers from, and the state of its endpoint, if it has one."""

    status: str
    dataset: Dataset | None = None
    endpoint: CircuitState | None = None


@router.get("/live")
def live() -> Health:
    """Report that the process is up."""
    return Health(status="up")


@router.get("/ready")
def ready(request: Request, store: OpenStore) -> Health:
    """Report the dataset of the store; if it does not answer, a problem with the state of the endpoint."""
    request.app.state.served.check()
    try:
        return Health(status="ready", dataset=dataset_of(store), endpoint=store.endpoint_state)
    except StoreError as error:
        if state := store.endpoint_state:
            error.members["endpoint"] = asdict(state)
        raise
