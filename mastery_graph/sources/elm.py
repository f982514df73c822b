"""Reader of the European Learning Model download: its SHACL shapes, controlled vocabularies and ontology.

Each file becomes a named graph: `elm/shapes/edc-generic-full` after the IRI of the shapes,
`elm/vocabularies/eqf` after the file, `elm/ontology`. A vocabulary comes as an XML Schema enumeration: its values are
concepts of the scheme that is its target namespace. Their labels are `rdfs:label`, so that they do not mix with the
`skos:prefLabel` values of the graph.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from pyoxigraph import NamedNode, Triple

from mastery_graph.errors import BadSource
from mastery_graph.rdf import link, words
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import ELM, OWL, RDF, RDFS, SH, SKOS, graph

SHAPES = graph("elm/shapes/")
VOCABULARIES = graph("elm/vocabularies/")
ONTOLOGY = graph("elm/ontology")

_XS = "{http://www.w3.org/2001/XMLSchema}"
_SUFFIXES = {".ttl", ".xsd"}
_SHAPE_TYPES = {SH.NodeShape, SH.PropertyShape}


@dataclass(slots=True)
class ElmReport:
    """The contents of a download."""

    shapes: dict[str, int] = field(default_factory=dict)
    """The number of shapes by the name of their graph, such as `edc-generic-full`."""
    concepts: dict[str, int] = field(default_factory=dict)
    """The number of concepts by the name of the vocabulary."""
    ontology: bool = False
    files_ignored: list[str] = field(default_factory=list)


class ElmDownload:
    """A folder with the files of the model, in any sub-folders, or some of its files."""

    def __init__(self, paths: list[Path]) -> None:
        """Read the files. Raises `BadSource` if there are no shapes or a file cannot be read."""
        self.report = ElmReport()
        self.graphs: dict[str, list[Triple]] = {}
        for file in _files(paths):
            if file.suffix == ".xsd":
                self._add_vocabulary(file)
            else:
                self._add_turtle(file)
        if not self.report.shapes:
            raise BadSource(
                f"No SHACL shapes of the European Learning Model are at {', '.join(map(str, paths))}.",
                "Name the folder of the download that holds EDC-generic-no-cv.ttl, LOQ-constraints.ttl and the others.",
            )

    def _add_turtle(self, file: Path) -> None:
        triples = read_turtle(file)
        ontologies = [triple.subject for triple in triples if _has_type(triple, OWL.Ontology)]
        shapes = {triple.subject for triple in triples if any(_has_type(triple, type_iri) for type_iri in _SHAPE_TYPES)}
        if shapes and len(ontologies) == 1 and isinstance(ontologies[0], NamedNode):
            name = local_name(ontologies[0].value)
            if SHAPES + name in self.graphs:
                raise BadSource(f"{file} holds the shapes {name} a second time.", "Keep one of the two files.")
            self.graphs[SHAPES + name] = triples
            self.report.shapes[name] = len(shapes)
        elif any(_has_type(triple, OWL.Class) and str(triple.subject).startswith(f"<{ELM}") for triple in triples):
            self.graphs[ONTOLOGY] = triples
            self.report.ontology = True
        else:
            self.report.files_ignored.append(file.name)

    def _add_vocabulary(self, file: Path) -> None:
        concepts = list(_concepts(file))
        self.graphs[VOCABULARIES + file.stem] = concepts
        self.report.concepts[file.stem] = sum(_has_type(triple, SKOS.Concept) for triple in concepts)


def local_name(ontology: str) -> str:
    """Return the last segment of the IRI of shapes, without a trailing slash or hash.

    >>> local_name("https://data.europa.eu/snb/model/ap/loq-constraints/")
    'loq-constraints'
    """
    return ontology.rstrip("/#").rpartition("/")[2]


def _files(paths: list[Path]) -> list[Path]:
    files = []
    for path in paths:
        if not path.exists():
            raise BadSource(f"{path} does not exist.")
        files += sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES) if path.is_dir() else [path]
    return files


def _has_type(triple: Triple, type_iri: str) -> bool:
    return triple.predicate.value == RDF.type and triple.object == NamedNode(type_iri)


def _concepts(file: Path) -> Iterator[Triple]:
    content = file.read_bytes()
    if re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise BadSource(f"{file} declares a document type or entities, which are not read.", "Remove them.")
    try:
        schema = ElementTree.fromstring(content)  # noqa: S314  # without entities there is nothing to expand
    except ElementTree.ParseError as error:
        raise BadSource(f"{file} is not XML: {error}.") from None
    scheme = schema.get("targetNamespace")
    if not scheme:
        raise BadSource(f"{file} has no target namespace.", "Take the file as it is published.")
    yield link(scheme, RDF.type, SKOS.ConceptScheme)
    for value in schema.iter(f"{_XS}enumeration"):
        concept = value.get("value", "").strip()
        label = " ".join("".join(value.itertext()).split())
        yield link(concept, RDF.type, SKOS.Concept)
        yield link(concept, SKOS.inScheme, scheme)
        if label:
            yield words(concept, RDFS.label, label, "en")
