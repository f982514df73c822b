"""The metrics in the format of Prometheus, at `/metrics` where the operator wants them.

With several server processes they are summed over all of them, by way of the folder `PROMETHEUS_MULTIPROC_DIR`.
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
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return REGISTRY
    for lost in _lost(Path(folder)):
        with suppress(FileNotFoundError):  # another request for the metrics has done so
            mark_process_dead(lost)  # type: ignore[no-untyped-call]  # the library has no types here
    gathered = CollectorRegistry()
    MultiProcessCollector(gathered)  # type: ignore[no-untyped-call]  # the library has no types here
    return gathered


def _lost(folder: Path) -> set[int]:
    """Return the processes that have left gauges of what works and waits, and are there no more."""
    told = {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}
    return {process for process in told if not _is_there(process)}


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _size(folder: Path) -> int:
    """Return the bytes of the files in a folder; one that is there under several names counts once."""
    files = [file.stat() for file in folder.rglob("*") if file.is_file()]
    return sum({(file.st_dev, file.st_ino): file.st_size for file in files}.values())
