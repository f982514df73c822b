"""The route `/metrics` in the format of Prometheus, if the operator enables it.

Several server processes share their metrics through the folder `PROMETHEUS_MULTIPROC_DIR`; the route sums them.
"""

import os
from contextlib import suppress
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from mastery_api.dependencies import OpenStore
from mastery_api.monitoring.metrics import ANSWER_WORKERS, BYTES, TRIPLES, WORKERS
from mastery_graph.settings import Settings


def router(settings: Settings) -> APIRouter:
    """Return the router with the route of the metrics."""
    WORKERS.set(settings.query_workers)
    ANSWER_WORKERS.set(settings.answer_workers)
    api_router = APIRouter(include_in_schema=False)

    @api_router.get("/metrics")
    def metrics(store: OpenStore) -> Response:
        """Return the current metrics."""
        TRIPLES.set(sum(graph.triples for graph in store.graphs()))
        if not settings.sparql_endpoint:
            BYTES.set(_size(settings.store))
        return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)

    return api_router


def _registry() -> CollectorRegistry:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return REGISTRY
    for process in _dead_processes(Path(folder)):
        with suppress(FileNotFoundError):  # another request for the metrics was faster
            mark_process_dead(process)  # type: ignore[no-untyped-call]  # the library has no types here
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    return registry


def _dead_processes(folder: Path) -> set[int]:
    """Return the ids of ended processes that have left live gauges behind."""
    processes = {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}
    return {process for process in processes if not _is_running(process)}


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _size(folder: Path) -> int:
    """Return the bytes of the files in a folder; hard links to the same file count once."""
    files = [file.stat() for file in folder.rglob("*") if file.is_file()]
    return sum({(file.st_dev, file.st_ino): file.st_size for file in files}.values())
