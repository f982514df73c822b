"""The reference of the HTTP interface, from its OpenAPI document."""

import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from docs.generator.markdown import DocumentPage, code_block, escape, paragraphs, table
from mastery_graph.settings import Settings

_GROUPS: Final = {
    "questions": "Questions",
    "knowledge": "Knowledge",
    "dataset": "Dataset",
}
"""Titles of groups of routes; another group has its tag as its title."""
Document = dict[str, Any]


@cache
def contract() -> Document:
    """Return the OpenAPI document of the application, over an empty store: it depends on the code alone."""
    from mastery_api.application import build_application
    from mastery_graph.store.draft import Draft

    with tempfile.TemporaryDirectory() as directory:
        store = Path(directory) / "store"
        with Draft.change(store):
            pass
        app = build_application(Settings(store=store))
        document: Document = app.openapi()
        app.state.served.close()
        app.state.kept_answers.close()
    return document


def routes() -> list[tuple[str, str, Document]]:
    """Return each route as its method, its path and its operation."""
    return [
        (method.upper(), path, operation)
        for path, operations in contract()["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "put", "delete"}
    ]


def http_pages() -> Iterator[DocumentPage]:
    """Yield a page for each group of routes, and one for the schemas."""
    for group in groups():
        sections = [_section(*route) for route in routes() if _group(route[2]) == group]
        yield DocumentPage(f"http/{group}.md", paragraphs(f"# HTTP: {title(group)}", *sections))
    schemas = contract()["components"]["schemas"]
    sections = [_schema_section(name, schema) for name, schema in sorted(schemas.items())]
    yield DocumentPage("http/schemas.md", paragraphs("# HTTP: schemas", *sections))


def route_list() -> str:
    """Return the list of all routes, group by group."""
    parts = []
    for group in groups():
        rows = [
            (f"[`{method} {path}`]({group}.md#{route_anchor(method, path)})", escape(operation.get("summary", "")))
            for method, path, operation in routes()
            if _group(operation) == group
        ]
        parts += [f"### {title(group)}", table(["route", "answer"], rows)]
    return paragraphs(*parts)


def groups() -> list[str]:
    """Return the groups of routes, in their first order."""
    return list(dict.fromkeys(_group(operation) for _, _, operation in routes()))


def title(group: str) -> str:
    """Return the title of a group of routes."""
    return _GROUPS.get(group, group.replace("-", " ").capitalize())


def route_anchor(method: str, path: str) -> str:
    """Return the anchor of a route.

    >>> route_anchor("GET", "/v1/skills/{code}")
    'get-v1-skills-code'
    """
    return "-".join([method, *path.split("/")]).lower().translate(str.maketrans("", "", "{}.")).replace("--", "-")


def _group(operation: Document) -> str:
    return str(next(iter(operation.get("tags", [])), "other")).replace(" ", "-").lower()


def _section(method: str, path: str, operation: Document) -> str:
    parameters = [_parameter(parameter) for parameter in operation.get("parameters", [])]
    return paragraphs(
        f"## {method} {escape(path)} {{ #{route_anchor(method, path)} }}",
        f"**{escape(operation.get('summary', ''))}**",
        escape(operation.get("description", "")),
        table(["parameter", "in", "type", "meaning"], parameters) if parameters else None,
        _body(operation.get("requestBody")),
        table(["status", "content", "meaning"], _responses(operation.get("responses", {}))),
        *_examples(operation),
    )


def _parameter(parameter: Document) -> tuple[str, str, str, str]:
    name = f"`{parameter['name']}`" + (" (required)" if parameter.get("required") else "")
    return name, parameter["in"], _type(parameter.get("schema", {})), escape(parameter.get("description", ""))


def _body(body: Document | None) -> str | None:
    if body is None:
        return None
    contents = [f"`{media_type}` {_type(content.get('schema', {}))}" for media_type, content in body["content"].items()]
    return f"**Request body:** {'; '.join(contents)}. {escape(body.get('description', ''))}"


def _responses(responses: Document) -> Iterator[tuple[str, str, str]]:
    for status, response in responses.items():
        contents = [f"`{media}` {_type(content.get('schema', {}))}" for media, content in _content(response)]
        yield status, "; ".join(contents), escape(response.get("description", ""))


def _content(response: Document) -> list[tuple[str, Document]]:
    return list(response.get("content", {}).items())


def _examples(operation: Document) -> Iterator[str]:
    body = operation.get("requestBody", {}).get("content", {})
    yield from _examples_of("request", body)
    for status, response in operation.get("responses", {}).items():
        if status.startswith("2"):
            yield from _examples_of("response", response.get("content", {}))


def _examples_of(name: str, contents: Document) -> Iterator[str]:
    for content in contents.values():
        examples = [example.get("value") for example in content.get("examples", {}).values() if "value" in example]
        for example in [*([content["example"]] if "example" in content else []), *examples][:1]:
            text = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
            block = "\n".join(f"    {line}" for line in code_block(text, "json").splitlines())
            yield f'??? example "Example of a {name}"\n\n{block}'


def _schema_section(name: str, schema: Document) -> str:
    required = schema.get("required", [])
    rows = [
        (f"`{field}`{' (required)' if field in required else ''}", _type(value), escape(value.get("description", "")))
        for field, value in schema.get("properties", {}).items()
    ]
    values = ", ".join(f"`{value}`" for value in schema.get("enum", []))
    return paragraphs(
        f"## {name} {{ #{name} }}",
        escape(schema.get("description", "")),
        f"One of {values}." if values else None,
        table(["field", "type", "meaning"], rows) if rows else None,
    )


def _type(schema: Document) -> str:
    """Return the type of a schema in words, with a link to each schema that it names."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](schemas.md#{name})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_type(part) for part in schema[key] if part.get("type") != "null"))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    return str(schema.get("format") or schema.get("type") or "any")
