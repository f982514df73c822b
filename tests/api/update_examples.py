"""Updater of the example responses: `python -m tests.api.update_examples STORE`, or `make examples`.

Each is a real response to the example request of its route, from a store with the shipped graph; long lists and texts
are shortened.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from fastapi.testclient import TestClient

from mastery_api import negotiation
from mastery_api.app import create_app
from mastery_api.openapi.document import EXAMPLES, operations
from mastery_api.openapi.example_requests import EXAMPLE_REQUESTS, PERMALINK_QUESTION, ExampleRequest
from mastery_graph.mappings.mapping_decisions import Decision
from mastery_graph.settings import Settings

_MAX_CHARS: Final = 400
_SUFFIXES: Final = {
    "text/turtle": "ttl",
    "application/n-triples": "nt",
    "application/rdf+xml": "rdf",
    "application/ld+json": "jsonld",
}
_GRAPH_QUERY: Final = "browse/vocabulary"


def shorten(value: Any) -> Any:
    """Return a JSON value with the first item of each list, and the beginning of each long text."""
    if isinstance(value, dict):
        return {name: shorten(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shorten(item) for item in value[:1]]
    if isinstance(value, str) and len(value) > _MAX_CHARS:
        return value[: _MAX_CHARS - 1] + "…"
    return value


def send(client: TestClient, path: str, method: str, media_type: str, example: ExampleRequest) -> Any:
    """Send an example request that accepts a media type; return the JSON value or the text of the response.

    Raises `AssertionError` with the response where it is not successful.
    """
    query = {name: value for name, value in example.parameters.items() if f"{{{name}}}" not in path}
    for name, value in example.parameters.items():
        path = path.replace(f"{{{name}}}", str(value))
    is_form = isinstance(example.body, str)
    response = client.request(
        method,
        path,
        params=query,
        json=None if is_form or example.body is None else example.body,
        content=example.body if is_form else None,
        headers={"Accept": media_type} | ({"Content-Type": example.media_type} if is_form else {}),
    )
    if response.status_code >= 300:
        raise AssertionError(f"{method} {path}: {response.status_code} {response.text}")
    return response.json() if "json" in media_type and "ndjson" not in media_type else response.text


def example_for(client: TestClient, path: str, method: str, media_type: str) -> ExampleRequest:
    """Return the example request of an operation for a media type."""
    example = EXAMPLE_REQUESTS.get(f"{method.upper()} {path}", ExampleRequest())
    if path == "/v1/answers/{identity}":
        question = client.get(f"/v1/{PERMALINK_QUESTION.path}", params=PERMALINK_QUESTION.example)
        return ExampleRequest({"identity": question.json()["id"]})
    if path == "/v1/dataset/graphs/{name}":
        return ExampleRequest({"name": f"policy.{_SUFFIXES[media_type]}"})
    if path == "/v1/queries/{name}" and media_type not in negotiation.TABLES:
        return ExampleRequest({"name": _GRAPH_QUERY})
    return example


def main(store: Path) -> None:
    """Write a file of example responses for each operation."""
    app = create_app(Settings(store=store, kept_answers=100))
    EXAMPLES.mkdir(exist_ok=True)
    with TestClient(app) as client:
        for path, method, operation in operations(app.openapi()):
            responses: dict[str, Any] = {}
            for status, response in operation["responses"].items():
                for media_type in response.get("content", ()) if status.startswith("2") else ():
                    if (method, path) == ("post", "/v1/mappings"):
                        body = EXAMPLE_REQUESTS["POST /v1/mappings"].body
                        decision = Decision.model_validate(body)
                        value = {"record": decision.record, "changed": True, **decision.model_dump(mode="json")}
                    else:
                        value = send(client, path, method, media_type, example_for(client, path, method, media_type))
                    responses[media_type] = shorten(value)
            if responses:
                content = json.dumps(responses, ensure_ascii=False, indent=2)
                (EXAMPLES / f"{operation['operationId']}.json").write_text(content + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
