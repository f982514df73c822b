"""Which route a request takes, and routes to plain ASGI applications that say so, as those of FastAPI do."""

from collections.abc import Iterable, Iterator

from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope


def single_routes(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """Yield the routes, and in the place of each router that FastAPI has included those of that router."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif included := getattr(route, "original_router", None):
            yield from single_routes(included.routes)


def template_of(scope: Scope, routes: Iterable[Route]) -> str | None:
    """Return the template of the route that a request would take, such as `/v1/skills/{code}`, or None."""
    return next((route.path for route in routes if route.matches(scope)[0] is not Match.NONE), None)


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
