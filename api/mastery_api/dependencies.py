"""FastAPI dependencies that routes share: the store of the application."""

from typing import Annotated

from fastapi import Depends, Query, Request

from mastery_graph.store.protocol import Store
from mastery_graph.store.versioned import VersionedStore


def _store(
    request: Request,
    esco: Annotated[
        str | None,
        Query(description="Ask as of this version of ESCO, or as of this day (ISO 8601); the current one by default."),
    ] = None,
) -> Store:
    served: VersionedStore = request.app.state.served
    return served.as_of(esco)


OpenStore = Annotated[Store, Depends(_store)]
