"""Answers to what a micro-credential is worth, at home and abroad, and what it adds up to.

>>> import mastery_graph as mg
>>> graph = mg.open()
>>> print(graph.recognise("credential.jsonld", country="FIN").verdict)
insufficient-information

The names in `__all__` are the public interface. They are imported on first use: `import mastery_graph` alone is cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mastery_graph.client import RemoteGraph, connect
    from mastery_graph.errors import MasteryError
    from mastery_graph.graph import Graph, convert, validate
    from mastery_graph.graph import open_graph as open  # noqa: A004  # read as mastery_graph.open
    from mastery_graph.questions.rendering import as_text

__version__ = "0.1.0"

__all__ = [
    "Graph",
    "MasteryError",
    "RemoteGraph",
    "__version__",
    "as_text",
    "connect",
    "convert",
    "open",
    "validate",
]

_SOURCES: Final = {
    "Graph": ("mastery_graph.graph", "Graph"),
    "MasteryError": ("mastery_graph.errors", "MasteryError"),
    "RemoteGraph": ("mastery_graph.client", "RemoteGraph"),
    "as_text": ("mastery_graph.questions.rendering", "as_text"),
    "connect": ("mastery_graph.client", "connect"),
    "convert": ("mastery_graph.graph", "convert"),
    "open": ("mastery_graph.graph", "open_graph"),
    "validate": ("mastery_graph.graph", "validate"),
}
"""The module and the name of each public name that is imported on first use."""


def __getattr__(name: str) -> Any:
    if name not in _SOURCES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _SOURCES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
