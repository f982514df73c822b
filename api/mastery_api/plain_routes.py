"""Routes to plain ASGI applications that say which route was taken, as those of FastAPI do."""

from starlette.routing import Match, Mount, Route
from starlette.types import Scope


class PlainRoute(Route):
    """A route that leaves itself in the scope of the request."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the route takes a request, and what it adds to its scope."""
        match, added = super().matches(scope)
        return match, {**added, "route": self}


class PlainMount(Mount):
    """A mounted application that leaves itself in the scope of the request."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the application takes a request, and what is added to its scope."""
        match, added = super().matches(scope)
        return match, {**added, "route": self}
