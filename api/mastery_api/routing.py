"""Route matching, and routes to plain ASGI applications that record themselves in the scope as those of FastAPI do."""

from collections.abc import Iterable, Iterator

from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope


def single_routes(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """Yield the routes, with each router that FastAPI has included replaced by its own routes."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif included := getattr(route, "original_router", None):
            yield from single_routes(included.routes)


def template_of(scope: Scope, routes: Iterable[Route]) -> str | None:
    """Return the template of the route that matches a request, such as `/v1/skills/{code}`, or None."""
    return next((route.path for route in routes if route.matches(scope)[0] is not Match.NONE), None)


class PlainRoute(Route):
    """A route that records itself in the scope of the request."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the route matches a request, and what it adds to the scope."""
        match, added = super().matches(scope)
        return match, {**added, "route": self}


class PlainMount(Mount):
    """A mounted application that records itself in the scope of the request."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the application matches a request, and what it adds to the scope."""
        match, added = super().matches(scope)
        return match, {**added, "route": self}
