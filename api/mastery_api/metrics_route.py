"""The metrics in the format of Prometheus, at `/metrics` where the operator wants them.

With several server processes they are summed over all of them, by way of the folder `PROMETHEUS_MULTIPROC_DIR`.
"""

import os
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from mastery_api.answering import OpenStore
from mastery_api.metrics import ANSWER_WORKERS, BYTES, TRIPLES, WORKERS
from mastery_graph.settings import Settings


def router(settings: Settings) -> APIRouter:
    """Return the route that gives the metrics."""
    WORKERS.set(settings.query_workers)
    ANSWER_WORKERS.set(settings.answer_workers)
    made = APIRouter(include_in_schema=False)

    @made.get("/metrics")
    def metrics(store: OpenStore) -> Response:
        """Give the metrics of this moment."""
        TRIPLES.set(sum(graph.triples for graph in store.graphs()))
        if not settings.sparql_endpoint:
            BYTES.set(_size(settings.store))
        return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)

    return made


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    gathered = CollectorRegistry()
    MultiProcessCollector(gathered)  # type: ignore[no-untyped-call]  # the library has no types here
    return gathered


def _size(folder: Path) -> int:
    """Return the bytes of the files in a folder; one that is there under several names counts once."""
    files = [file.stat() for file in folder.rglob("*") if file.is_file()]
    return sum({(file.st_dev, file.st_ino): file.st_size for file in files}.values())
