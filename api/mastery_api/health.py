"""Whether the service lives, and whether it can answer."""

from fastapi import APIRouter
from pydantic import BaseModel

from mastery_api.answering import OpenStore
from mastery_graph.answers.answer import Dataset
from mastery_graph.answers.evidence import dataset

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """The state of the service; the dataset that it answers from, where it was asked."""

    status: str
    dataset: Dataset | None = None


@router.get("/live")
def live() -> Health:
    """Say that the process is up."""
    return Health(status="up")


@router.get("/ready")
def ready(store: OpenStore) -> Health:
    """Say that the store answers, and with which dataset; a problem where it does not."""
    return Health(status="ready", dataset=dataset(store))
