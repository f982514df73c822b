"""The completion of the OpenAPI document that FastAPI builds: problems, media types and examples.

FastAPI declares a 422 in a form of its own for every parameter; this service answers all errors with problem details.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from mastery_api.openapi.example_requests import EXAMPLE_REQUESTS
from mastery_api.openapi.problem_schema import (
    PROBLEMS,
    by_status,
    problem_example,
    problem_schema,
    problem_types,
)
from mastery_api.problems import MEDIA_TYPE
from mastery_graph.errors import (
    AnswerTimeout,
    BadDocument,
    BadEncoding,
    BadParameter,
    DocumentTooDeep,
    DocumentTooLarge,
    EndpointDown,
    EndpointFailed,
    MasteryError,
    OutOfMemory,
    QueryTimeout,
    RequestTooSlow,
    StoreError,
    StoreMissing,
    StoreUnreadable,
    TooBusy,
    TooManyRequests,
    UnknownEscoVersion,
)

EXAMPLES: Final = Path(__file__).parent / "examples"
"""The folder of example responses: a file for each operation, with an entry for each media type."""
OF_EVERY_ROUTE: Final = (MasteryError, TooManyRequests)
OF_THE_STORE: Final = (
    *(StoreError, StoreMissing, StoreUnreadable, EndpointFailed, EndpointDown),
    *(QueryTimeout, AnswerTimeout, OutOfMemory, TooBusy),
)
OF_A_BODY: Final = (BadDocument, BadEncoding, DocumentTooDeep, DocumentTooLarge, RequestTooSlow)
_METHODS: Final = frozenset({"get", "post", "put", "delete"})
_DEFAULT_SCHEMAS: Final = ("HTTPValidationError", "ValidationError")


def operation_id(route: APIRoute) -> str:
    """Return the id of an operation, from which clients name their functions: its method and its path.

    >>> from fastapi.routing import APIRoute
    >>> operation_id(APIRoute("/v1/skills/{code}", lambda code: code, methods=["GET"]))
    'get_skills_code'
    """
    method = min(route.methods or {"GET"}).lower()
    words = "".join(character if character.isalnum() else " " for character in route.path_format.removeprefix("/v1"))
    return "_".join([method, *words.split()])


def install(app: FastAPI) -> None:
    """Have an application publish the completed document."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = complete(
                get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend the document


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the problems and examples of each operation."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _DEFAULT_SCHEMAS:
        schemas.pop(name, None)
    schemas["Problem"] = problem_schema()
    for path, method, operation in operations(document):
        _complete_operation(path, method, operation)
    return document


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each operation with its path and method."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield path, method, operation


@cache
def example_responses(name: str) -> dict[str, Any]:
    """Return the example responses of an operation by media type; empty where there are none."""
    file = EXAMPLES / f"{name}.json"
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return content


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    _add_example_request(f"{method.upper()} {path}", operation)
    _add_examples(operation)
    for status, errors in by_status(_errors(operation)).items():
        responses[str(status)] = _problem_response(errors, status, path)
    if operation.get("parameters") or "requestBody" in operation:
        _add_invalid_parameter(responses, path)
    operation["responses"] = dict(sorted(responses.items()))


def _errors(operation: dict[str, Any]) -> list[type[MasteryError]]:
    """Return the errors of an operation: those that its route declares, and those of every such route."""
    by_slug = {error.slug: error for error in reversed(problem_types())}
    errors = [*(by_slug[slug] for slug in operation.pop(PROBLEMS, ())), *OF_EVERY_ROUTE]
    if any(parameter["name"] == "esco" for parameter in operation.get("parameters", ())):
        errors += [UnknownEscoVersion, *OF_THE_STORE]
    if "requestBody" in operation:
        errors += OF_A_BODY
    return errors


def _problem_response(errors: list[type[MasteryError]], status: int, path: str) -> dict[str, Any]:
    examples = {error.slug: {"summary": error.title, "value": problem_example(error, path, status)} for error in errors}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }


def _add_invalid_parameter(responses: dict[str, Any], path: str) -> None:
    """Declare the problem for a parameter that does not fit its schema: status 422."""
    response = responses.setdefault("422", _problem_response([], 422, path))
    response["content"][MEDIA_TYPE]["examples"][BadParameter.slug] = {
        "summary": BadParameter.title,
        "value": problem_example(BadParameter, path, 422),
    }


def _add_example_request(name: str, operation: dict[str, Any]) -> None:
    example = EXAMPLE_REQUESTS.get(name)
    if example is None:
        return
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.parameters:
            parameter["example"] = example.parameters[parameter["name"]]
    if example.body is not None:
        content = operation["requestBody"]["content"]
        content.setdefault(example.media_type, {"schema": {"type": "object"}})["example"] = example.body


def _add_examples(operation: dict[str, Any]) -> None:
    """Add the stored examples to the successful responses."""
    examples = example_responses(operation["operationId"])
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for media_type, content in response.get("content", {}).items():
                if media_type in examples:
                    content["example"] = examples[media_type]


__all__ = ["EXAMPLES", "complete", "example_responses", "install", "operation_id", "operations"]
