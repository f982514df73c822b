"""The reference of the public Python API: the names that `mastery_graph` exports, with their docstrings."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import mastery_graph
from docs.generator.markdown import code_block, escape, paragraphs


def public_names() -> list[str]:
    """Return the names that the package exports."""
    return [name for name in getattr(mastery_graph, "__all__", []) if not name.startswith("__")]


def python_reference() -> str:
    """Return a section for each exported name."""
    return paragraphs(*(_section(name, getattr(mastery_graph, name)) for name in public_names()))


def attribute_docstrings(value: type) -> dict[str, str]:
    """Return the docstrings of the annotated attributes of a class, by name."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    texts = {}
    if isinstance(tree, ast.ClassDef):
        for attribute, text in pairwise(tree.body):
            match attribute, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(docstring))):
                    texts[name] = " ".join(docstring.split())
    return texts


def _section(name: str, value: Any) -> str:
    heading = f"### mastery_graph.{name} {{ #{name} }}"
    if not callable(value):
        return paragraphs(heading, escape(inspect.getdoc(type(value)) or ""))
    return paragraphs(heading, *_description(name, value), *(_members(value) if inspect.isclass(value) else ()))


def _members(value: type) -> Iterator[str]:
    for name, member in vars(value).items():
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        yield f"#### {value.__name__}.{name}"
        if isinstance(member, property):
            yield escape(inspect.getdoc(function) or "")
        else:
            yield from _description(name, function)


def _description(name: str, value: Any) -> Iterator[str]:
    if signature := _signature(value):
        yield code_block(f"{name}{signature}", "python")
    text, marker, example = (inspect.getdoc(value) or "").partition(">>>")
    yield escape(text.strip())
    if marker:
        yield code_block(marker + example, "pycon")


def _signature(value: Any) -> str:
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    return str(signature).replace("mastery_graph.", "")
