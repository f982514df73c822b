"""The service over the real graph."""

from tests.api.conftest import client

__all__ = ["client"]
