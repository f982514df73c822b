"""The application over the real graph, asked through its own interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from mastery_api.app import create_app
from mastery_graph.build.pipeline import BuildReport
from mastery_graph.settings import Settings


@pytest.fixture(scope="session")
def client(built: tuple[Path, BuildReport]) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=built[0], query_seconds=5)), raise_server_exceptions=False) as client:
        yield client
