"""The schema of problem details (RFC 9457), and the problems that a route declares."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mastery_api.problems import TYPES
from mastery_graph.errors import MasteryError

PROBLEMS: Final = "x-problems"
"""The extension that carries the problems of an operation until the document is completed."""


def declare_problems(*errors: type[MasteryError]) -> dict[str, Any]:
    """Return the OpenAPI extension by which a route declares the errors that it can end with (`openapi_extra`)."""
    return {PROBLEMS: [error.slug for error in errors]}


def problem_types() -> list[type[MasteryError]]:
    """Return every class of error, in the order of the tree."""
    return list(_subclasses(MasteryError))


def problem_schema() -> dict[str, Any]:
    """Return the schema of problem details; `type` is one of the problem types, or `about:blank`."""
    text = {"type": "string"}
    types = sorted({TYPES + error.slug for error in problem_types()} | {"about:blank"})
    return {
        "title": "Problem",
        "description": "Problem details (RFC 9457). Some problems have further members.",
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "title": "ProblemType", "enum": types},
            "title": text | {"description": "The kind of problem, in the language of the client."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": text | {"description": "What went wrong in this request."},
            "instance": text | {"description": "The path of the request."},
            "advice": text | {"description": "What to do next."},
            "request_id": text | {"description": "The id of the request, to quote to the operator."},
        },
        "additionalProperties": True,
    }


def problem_example(error: type[MasteryError], path: str, status: int) -> dict[str, Any]:
    """Return an example of a problem: its detail is the first sentence that describes its class."""
    detail = " ".join((error.__doc__ or error.title).split("\n\n")[0].split())
    return {
        "type": TYPES + error.slug,
        "title": error.title,
        "status": status,
        "detail": detail,
        "instance": path,
        "request_id": "7f1c2d3e4a5b6c7d",
    }


def by_status(errors: Iterable[type[MasteryError]]) -> dict[int, list[type[MasteryError]]]:
    """Return errors by their HTTP status, each once."""
    grouped: dict[int, list[type[MasteryError]]] = {}
    for error in dict.fromkeys(errors):
        grouped.setdefault(error.status, []).append(error)
    return grouped


def _subclasses(error: type[MasteryError]) -> Iterator[type[MasteryError]]:
    yield error
    for subclass in error.__subclasses__():
        yield from _subclasses(subclass)
