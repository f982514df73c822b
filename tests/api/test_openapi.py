"""The OpenAPI document: each response has a schema and an example, and real responses are as they are described."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator, ValidationError

from mastery_api.app import create_app
from mastery_api.openapi.document import EXAMPLES, example_responses, operations
from mastery_api.openapi.problem_schema import problem_types
from mastery_api.problems import MEDIA_TYPE, TYPES
from mastery_graph.errors import MasteryError
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.questions.answer import Answer
from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.registry import QUESTIONS
from mastery_graph.settings import Settings
from mastery_graph.store.embedded import EmbeddedStore
from tests.api import update_examples
from tests.questions.test_snapshots import QUESTIONS as SNAPSHOTS
from tests.questions.test_snapshots import described  # noqa: F401  # a fixture

ANSWERS = SNAPSHOTS | {"skills": lambda store: equivalent_skills(store, "GS01")}


@pytest.fixture(scope="module")
def application(built: tuple[Path, BuildReport]) -> Iterator[TestClient]:
    """The application over the real graph."""
    with TestClient(create_app(Settings(store=built[0], kept_answers=100)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def document(application: TestClient) -> dict[str, Any]:
    content: dict[str, Any] = application.get("/openapi.json").json()
    return content


def validate(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    """Raise an error where a value is not as its schema in the document says."""
    Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def contents(document: dict[str, Any]) -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
    """Yield each response of each operation: path, method, status, media type, and its description."""
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            for media_type, content in response.get("content", {}).items():
                yield path, method, status, media_type, content


def test_each_response_has_a_schema_and_examples_that_fit_it(document: dict[str, Any]) -> None:
    checked = 0
    for path, method, status, media_type, content in contents(document):
        place = f"{method} {path} {status} {media_type}"
        assert content["schema"], place
        examples = [example["value"] for example in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        assert examples, place
        for example in examples:
            validate(document, content["schema"], example)
            checked += 1
    assert checked > 500


def test_each_operation_declares_its_problems_in_the_form_that_is_sent(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        statuses = {status for status in operation["responses"] if status >= "4"}
        assert {"429", "500"} <= statuses, path
        for status in statuses:
            assert list(operation["responses"][status]["content"]) == [MEDIA_TYPE], (method, path)
        if operation.get("parameters") or "requestBody" in operation:
            assert "bad-parameter" in operation["responses"]["422"]["content"][MEDIA_TYPE]["examples"]
    assert "HTTPValidationError" not in json.dumps(document)


def test_each_question_has_a_route_with_its_schema_and_its_problems(document: dict[str, Any]) -> None:
    assert QUESTIONS
    for kind, question in QUESTIONS.items():
        (operation,) = document["paths"][f"/v1/{question.path}"].values()
        schema = json.dumps(operation["responses"]["200"]["content"]["application/json"]["schema"])
        assert question.answer_type.__name__ in schema, kind
        for error in question.errors:
            examples = operation["responses"][str(error.status)]["content"][MEDIA_TYPE]["examples"]
            assert error.slug in examples, (kind, error)


def test_the_types_of_problems_are_those_of_the_errors(document: dict[str, Any]) -> None:
    listed = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert {name.removeprefix(TYPES) for name in listed} == {error.slug for error in problem_types()} | {"about:blank"}
    assert {MasteryError.slug, "unknown-level", "dataset-changed"} <= {name.removeprefix(TYPES) for name in listed}


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_real_answer_is_as_its_schema_says(document: dict[str, Any], described: EmbeddedStore, name: str) -> None:  # noqa: F811
    answer = ANSWERS[name](described)
    (operation,) = document["paths"][f"/v1/{QUESTIONS[answer.kind].path}"].values()
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    content = answer.model_dump(mode="json")
    validate(document, schema, content)
    with pytest.raises(ValidationError, match="is not one of"):
        validate(document, schema, content | {"verdict": "perhaps"})


@cache
def shape(value: str) -> frozenset[str]:
    """Return the paths of the fields of a JSON text."""

    def paths(item: Any, path: str) -> Iterator[str]:
        yield path
        if isinstance(item, dict):
            for name, part in item.items():
                yield from paths(part, f"{path}.{name}")
        elif isinstance(item, list):
            for part in item[:1]:
                yield from paths(part, f"{path}[]")

    return frozenset(paths(json.loads(value), ""))


def test_the_examples_are_what_the_routes_answer(document: dict[str, Any], application: TestClient) -> None:
    compared = 0
    for path, method, operation in operations(document):
        if (method, path) == ("post", "/v1/mappings"):
            continue  # it changes the graph
        responses = operation["responses"].get("200", {}).get("content", {})
        if (content := responses.get("application/json")) is None:
            continue
        request = update_examples.example_for(application, path, method, "application/json")
        real = update_examples.send(application, path, method, "application/json", request)
        validate(document, content["schema"], real)
        fresh, stored = update_examples.shorten(real), example_responses(operation["operationId"])["application/json"]
        assert shape(json.dumps(fresh)) == shape(json.dumps(stored)), f"{method} {path}: run make examples"
        compared += 1
    assert compared > 30


@pytest.mark.parametrize(
    ("operation", "query", "body", "status"),
    [
        ("GET /v1/equivalence/levels", "", None, 422),
        ("GET /v1/equivalence/levels", "?level=nonsense", None, 404),
        ("POST /v1/recognition", "", {"credential": "urn:a"}, 422),
        ("POST /v1/stackability", "", {"credentials": ["urn:a"], "target": {"skills": "GS01"}}, 400),
        ("GET /v1/skills/{code}", "", None, 404),
        ("GET /v1/answers/{identity}", "", None, 404),
        ("GET /v1/skills", "?esco=0.0.1", None, 404),
    ],
)
def test_a_real_problem_is_as_its_schema_says(  # noqa: PLR0917
    document: dict[str, Any], application: TestClient, operation: str, query: str, body: object, status: int
) -> None:
    method, path = operation.split(" ")
    response = application.request(method, path.replace("{", "no-").replace("}", "") + query, json=body)
    assert response.status_code == status
    content = document["paths"][path][method.lower()]["responses"][str(status)]["content"][MEDIA_TYPE]
    validate(document, content["schema"], response.json())
    assert response.json()["type"].removeprefix(TYPES) in content["examples"]


def test_an_example_belongs_to_each_operation_and_none_is_left_over(document: dict[str, Any]) -> None:
    names = {
        operation["operationId"]
        for path, method, operation in operations(document)
        if "303" not in operation["responses"]
    }
    assert {file.stem for file in EXAMPLES.glob("*.json")} == names
    assert len(names) > 40


def test_every_kind_of_answer_has_its_own_verdicts_in_the_document(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert any(issubclass(question.answer_type, Answer) for question in QUESTIONS.values())
    for question in QUESTIONS.values():
        if issubclass(question.answer_type, Answer):
            assert schemas[question.verdicts.__name__]["enum"] == [verdict.value for verdict in question.verdicts]
