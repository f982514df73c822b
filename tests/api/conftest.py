"""The service over the real graph, asked over a real connection."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mastery_graph.pipeline.build import BuildReport
from tests.store import servers


@pytest.fixture(scope="session")
def client(built: tuple[Path, BuildReport]) -> Iterator[httpx.Client]:
    with servers.mastery_graph(built[0], query_seconds=5) as serving, serving.client() as client:
        yield client
