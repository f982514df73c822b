"""The pages of the European standard elements and of the shapes that check them."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from docs.generator.knowledge import Knowledge, code_of, compact, knowledge
from docs.generator.markdown import DocumentPage, code_block, escape, paragraphs
from mastery_graph.vocabulary import NS, RDFS, SH, SKOS

SHAPES: Final = "https://w3id.org/mastery-graph/shapes#"
_FILES: Final = {
    "micro-credential.ttl": "The European standard elements",
    "mastery.ttl": "What the MASTERY methodology adds",
    "plausibility.ttl": "Plausibility",
    "statements.ttl": "Recognition statements",
    "ontology.ttl": "Our own graph",
}
_SEVERITIES: Final = {"Violation": "violation", "Warning": "warning", "Info": "advice", "": "violation"}


@cache
def shapes() -> Knowledge:
    """Return the graph of `shapes/`, read once."""
    return Knowledge("shapes")


def element_iris() -> list[str]:
    """Return the IRIs of the standard elements, in the order of the Recommendation."""
    elements = knowledge().instances(NS + "StandardElement")
    return sorted(elements, key=lambda iri: int(knowledge().value(iri, NS + "position")))


def node_shape_iris() -> list[str]:
    """Return the IRIs of the node shapes of ours."""
    return [iri for iri in shapes().instances(SH + "NodeShape") if iri.startswith(SHAPES)]


def element_sections() -> str:
    """Return a section for each standard element."""
    return paragraphs(*map(_element, element_iris()))


def shape_pages() -> Iterator[DocumentPage]:
    """Yield the page of the shapes."""
    parts = ["# Shapes", _INTRODUCTION]
    for name, title in _FILES.items():
        parts.append(f"## {title}")
        parts.append(f"In `shapes/{name}`.")
        parts += [_node_shape(iri) for iri in node_shape_iris() if shapes().file_of(iri) == f"shapes/{name}"]
    yield DocumentPage("reference/shapes.md", paragraphs(*parts))


_INTRODUCTION: Final = (
    "The SHACL shapes by which descriptions of credentials, recognition statements and the graph itself are checked. "
    "The namespace is `https://w3id.org/mastery-graph/shapes#` (`mgs:`). Which shapes a profile applies is in "
    "[profiles](profiles.md); the official shapes of the European Learning Model are loaded by "
    "`mastery-graph load elm`."
)


def _element(iri: str) -> str:
    graph = knowledge()
    mandatory = "mandatory" if graph.value(iri, NS + "mandatory") == "true" else "optional"
    issued = ", of an issued credential only" if graph.value(iri, NS + "issuedOnly") == "true" else ""
    facts = (
        ("Weight", mandatory + issued),
        ("Carried by", f"`{graph.value(iri, NS + 'carriedByPath')}`"),
        ("Principles", _labels(graph, iri, "servesPrinciple")),
        ("Visions", _labels(graph, iri, "supportsVision")),
    )
    return paragraphs(
        f"## {graph.label(iri)} {{ #{code_of(iri)} }}",
        escape(graph.value(iri, SKOS + "definition")),
        "\n".join(f"- **{name}:** {value}" for name, value in facts if value),
        *map(_check, shapes().subjects(RDFS + "seeAlso", iri)),
    )


def _labels(graph: Knowledge, iri: str, name: str) -> str:
    return ", ".join(f"{graph.label(value)} ({code_of(value)})" for value in graph.values(iri, NS + name))


def _check(shape: str) -> str:
    """Return what a property shape checks, how to fix what it finds, and an example."""
    graph = shapes()
    example = graph.value(shape, NS + "fixExample")
    return paragraphs(
        f"`{_name(shape)}` ({_severity(shape)}): {escape(graph.value(shape, SH + 'message'))} "
        f"{escape(graph.value(shape, NS + 'fix'))}",
        code_block(example, "json") if example else None,
    )


def _node_shape(iri: str) -> str:
    graph = shapes()
    properties = [value for value in graph.values(iri, SH + "property") if value.startswith(SHAPES)]
    return paragraphs(
        f"### {_name(iri)} {{ #{iri.removeprefix(SHAPES)} }}",
        escape(". ".join(filter(None, [graph.value(iri, RDFS + "label"), graph.value(iri, SH + "description")]))),
        escape(" ".join(graph.messages(iri))),
        "\n".join(_line(shape) for shape in properties),
    )


def _line(shape: str) -> str:
    graph = shapes()
    return f"- `{_name(shape)}` ({_severity(shape)}): {escape(graph.value(shape, SH + 'message'))}"


def _severity(shape: str) -> str:
    return _SEVERITIES[shapes().value(shape, SH + "severity").removeprefix(SH)]


def _name(iri: str) -> str:
    return f"mgs:{iri.removeprefix(SHAPES)}" if iri.startswith(SHAPES) else compact(iri)
