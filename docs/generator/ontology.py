"""The pages of the vocabulary: each class with an example, each property, and the modelling of the central facts."""

from collections.abc import Iterator
from typing import Final

from docs.generator.knowledge import compact, knowledge
from docs.generator.markdown import DocumentPage, code_block, escape, paragraphs, table
from docs.generator.project import DOCS
from mastery_graph.vocabulary import ID, NS, OWL, RDFS, SKOS

_REFERENCING: Final = f"{ID}referencing/c_fd8ce5f6"
_MAPPING: Final = f"{ID}mapping/GS01-001"
_POLICY: Final = f"{ID}policy/ESP"
_PROPERTIES: Final = (OWL + "ObjectProperty", OWL + "DatatypeProperty")
_NO_INSTANCE: Final = "The shipped data has no instance; the service writes them."


def ontology_pages() -> Iterator[DocumentPage]:
    """Yield the page of the classes and the page of the properties."""
    classes = paragraphs("# Classes", *map(_class_section, class_iris()))
    yield DocumentPage("reference/ontology/classes.md", classes)
    properties = paragraphs("# Properties", *map(_property_section, property_iris()))
    yield DocumentPage("reference/ontology/properties.md", properties)


def class_iris() -> list[str]:
    """Return the IRIs of the classes of the vocabulary."""
    return knowledge().instances(OWL + "Class")


def property_iris() -> list[str]:
    """Return the IRIs of the properties of the vocabulary, those that link resources first."""
    return [iri for kind in _PROPERTIES for iri in knowledge().instances(kind)]


def class_list() -> str:
    """Return the list of the classes, with their numbers of instances in the shipped files."""
    graph = knowledge()
    rows = [
        (
            f"[`{compact(iri)}`](classes.md#{_anchor(iri)})",
            escape(graph.value(iri, SKOS + "definition")),
            str(len(graph.instances(iri)) or ""),
        )
        for iri in class_iris()
    ]
    return table(["class", "definition", "instances"], rows)


def referencing_example() -> str:
    """Return a level with its referencing, as Turtle."""
    graph = knowledge()
    level = graph.value(_REFERENCING, NS + "nationalLevel")
    return code_block(f"{graph.turtle(level)}\n\n{graph.turtle(_REFERENCING)}", "turtle")


def mapping_example() -> str:
    """Return a mapping of a green skill with its record, as Turtle."""
    graph = knowledge()
    subject = graph.value(_MAPPING, "https://w3id.org/sssom/subject_id")
    predicate = graph.value(_MAPPING, "https://w3id.org/sssom/predicate_id")
    target = graph.value(_MAPPING, "https://w3id.org/sssom/object_id")
    triple = f"<{subject}> {compact(predicate)} <{target}> ."
    return code_block(f"{triple}\n\n{graph.turtle(_MAPPING)}", "turtle")


def policy_example() -> str:
    """Return the description of a national policy, as Turtle."""
    return code_block(knowledge().turtle(_POLICY), "turtle")


def statement_example() -> str:
    """Return the example of recognition statements, as Turtle."""
    return code_block((DOCS / "examples" / "statements.ttl").read_text(encoding="utf-8"), "turtle")


def _class_section(iri: str) -> str:
    graph = knowledge()
    instances = graph.instances(iri)
    properties = graph.subjects(RDFS + "domain", iri)
    return paragraphs(
        _heading(iri),
        escape(graph.value(iri, SKOS + "definition")),
        "\n".join(
            f"- **{name}:** {value}"
            for name, value in (
                ("Kind of", _links(graph.values(iri, RDFS + "subClassOf"))),
                ("Properties", _links(properties)),
                ("In", f"`{graph.file_of(instances[0])}`" if instances else ""),
                ("For example", escape("; ".join(graph.values(iri, SKOS + "example")))),
            )
            if value
        ),
        _example(iri, instances),
    )


def _example(iri: str, instances: list[str]) -> str:
    if instances:
        return code_block(knowledge().turtle(min(instances, key=len)), "turtle")
    if iri == NS + "RecognitionStatement":
        return "An example is in [a recognition statement](index.md#a-recognition-statement)."
    return _NO_INSTANCE


def _property_section(iri: str) -> str:
    graph = knowledge()
    facts = (
        ("Of", _links(graph.values(iri, RDFS + "domain"))),
        ("Value", _links(graph.values(iri, RDFS + "range"))),
        ("For example", escape("; ".join(graph.values(iri, SKOS + "example")))),
    )
    return paragraphs(
        _heading(iri),
        escape(graph.value(iri, SKOS + "definition")),
        "\n".join(f"- **{name}:** {value}" for name, value in facts if value),
    )


def _heading(iri: str) -> str:
    return f"## {compact(iri)} {{ #{_anchor(iri)} }}"


def _anchor(iri: str) -> str:
    return iri.removeprefix(NS)


def _links(iris: list[str]) -> str:
    return ", ".join(map(_link, iris))


def _link(iri: str) -> str:
    if not iri.startswith(NS):
        return f"`{compact(iri)}`"
    page = "classes" if _anchor(iri)[0].isupper() else "properties"
    return f"[`{compact(iri)}`]({page}.md#{_anchor(iri)})"
