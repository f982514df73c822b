"""A set of shapes in which each shape has an IRI, so that results of any engine can be traced to their shape.

A shape without an IRI gets one that is generated from its parent, the property that leads to it, and its path. The IRIs
are the same whenever the same file is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.rdf import Term
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import OWL, RDF, RDFS, SH

_FIRST, _REST, _NIL = RDF.first, RDF.rest, RDF.nil
_SHAPE_LINKS: Final = ("property", "node", "not", "qualifiedValueShape", "sparql", "target")
_SHAPE_PROPERTIES: Final = tuple(
    SH + name for name in (*_SHAPE_LINKS, "validator", "nodeValidator", "propertyValidator")
)
_SHAPE_LIST_PROPERTIES: Final = tuple(SH + name for name in ("and", "or", "xone"))
_GENERATED_PREFIX: Final = "urn:mastery-graph:shape:"

ShapeTriple = tuple[NamedNode | BlankNode, NamedNode, Term]


class Shapes:
    """The shapes of one or several files, with an IRI for each."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Give an IRI to each shape that has none."""
        originals = tuple(dict.fromkeys(without_quoted_triples(triples)))
        names = _names(_index(originals))
        self.triples: tuple[ShapeTriple, ...] = tuple(
            (names.get(subject, subject), predicate, names.get(value, value)) for subject, predicate, value in originals
        )
        self.index = _index(self.triples)
        self._paths: dict[str, str | None] = {}
        self._texts: dict[tuple[str, str], Mapping[str, str]] = {}

    @classmethod
    def of_files(cls, *files: Path) -> "Shapes":
        """Return the shapes of Turtle files. Raises `OntologyError` with the location of an error."""
        return cls(triple for file in files for triple in read_turtle(file))

    def values(self, subject: str, predicate: str) -> tuple[Term, ...]:
        """Return the values of a property of a shape or a term, in the order of the file."""
        return self.values_of(NamedNode(subject), predicate)

    def values_of(self, subject: Term, predicate: str) -> tuple[Term, ...]:
        """Return the values of a property of a node, which may be blank, in the order of the file."""
        return tuple(self.index.get(subject, {}).get(predicate, ()))

    def text(self, subject: str, predicate: str, language: str = "en") -> str:
        """Return the text in a language, else in English, else without a language, else any; "" if there is none."""
        texts = self.texts(subject, predicate)
        for tag in (language, "en", "", *texts):
            if tag in texts:
                return texts[tag]
        return ""

    def texts(self, subject: str, predicate: str) -> Mapping[str, str]:
        """Return the texts by language tag; an IRI counts as a text without a language."""
        if (subject, predicate) not in self._texts:
            self._texts[subject, predicate] = {
                (value.language or "") if isinstance(value, Literal) else "": value.value
                for value in self.values(subject, predicate)
            }
        return self._texts[subject, predicate]

    def path(self, shape: str) -> str | None:
        """Return the path of a property shape: the IRI of the property, or a SPARQL 1.1 property path."""
        if shape not in self._paths:
            path = next(iter(self.values(shape, SH.path)), None)
            named = path is None or isinstance(path, NamedNode)
            self._paths[shape] = path and (path.value if named else path_text(self.index, path))
        return self._paths[shape]

    @cached_property
    def targets(self) -> Mapping[str, tuple[tuple[str, Term], ...]]:
        """By kind of target, such as `targetClass`: pairs of a shape and its target."""
        targets: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        for subject, predicate, value in self.triples:
            if predicate.value.startswith(SH.target):
                targets[predicate.value.removeprefix(SH)].append((subject.value, value))
        return {kind: tuple(aims) for kind, aims in targets.items()}

    @cached_property
    def implicit_classes(self) -> frozenset[str]:
        """The classes that are also shapes, and so their own targets (SHACL 2.1.3.3)."""
        return frozenset(
            subject.value
            for subject, properties in self.index.items()
            if {RDFS.Class, OWL.Class} & {kind.value for kind in properties.get(RDF.type, ())} and _is_shape(properties)
        )

    def is_active(self, shape: str | Term) -> bool:
        """Return whether a shape checks its targets: one with `sh:deactivated true` checks nothing (SHACL 2.1.3)."""
        node = NamedNode(shape) if isinstance(shape, str) else shape
        values = self.values_of(node, SH.deactivated)
        return not any(isinstance(value, Literal) and value.value == "true" for value in values)

    @cached_property
    def active_targets(self) -> Mapping[str, tuple[tuple[str, Term], ...]]:
        """By kind of target: pairs of an active shape and its target; a class that is a shape targets itself."""
        active = {
            kind: tuple((shape, value) for shape, value in pairs if self.is_active(shape))
            for kind, pairs in self.targets.items()
        }
        implicit = tuple((name, NamedNode(name)) for name in sorted(self.implicit_classes) if self.is_active(name))
        active["targetClass"] = (*active.get("targetClass", ()), *implicit)
        return {kind: pairs for kind, pairs in active.items() if pairs}

    @cached_property
    def property_shapes(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a shape and a property shape in it."""
        return tuple(
            (subject.value, value.value)
            for subject, properties in self.index.items()
            for value in properties.get(SH.property, ())
            if isinstance(subject, NamedNode)
        )


def named_shape(shape: str) -> str:
    """Return the IRI of a shape; if it is generated, that of the enclosing shape, or "".

    >>> named_shape("urn:mastery-graph:shape:http://example.org/Person!property/name")
    'http://example.org/Person'
    """
    return (
        shape.removeprefix(_GENERATED_PREFIX).partition("!")[0]
        if "!" in shape or not shape.startswith(_GENERATED_PREFIX)
        else ""
    )


def name_shapes(triples: Iterable[Triple]) -> list[Triple]:
    """Return the triples of shapes with an IRI for each shape."""
    return [Triple(*triple) for triple in Shapes(triples).triples]


def without_quoted_triples(triples: Iterable[Triple]) -> Iterator[ShapeTriple]:
    """Yield the terms of each triple; triples about triples (RDF 1.2) are outside SHACL and skipped."""
    for triple in triples:
        if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
            yield triple.subject, triple.predicate, triple.object


Index = Mapping[Term, Mapping[str, list[Term]]]


def _index(triples: Iterable[ShapeTriple]) -> Index:
    index: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in triples:
        index[subject][predicate.value].append(value)
    return {subject: dict(properties) for subject, properties in index.items()}


def _names(index: Index) -> Mapping[Any, NamedNode]:
    """Return an IRI for each blank node that is a shape or a SPARQL constraint."""
    names: dict[Term, NamedNode] = {}
    used_iris: set[str] = set()

    def name(node: Term, key: str) -> None:
        if isinstance(node, BlankNode) and node not in names:
            number = 1
            while (iri := f"{key}{f'/{number}' if number > 1 else ''}") in used_iris:
                number += 1
            used_iris.add(iri)
            names[node] = NamedNode(iri)
            visit(node)

    def visit(node: Term) -> None:
        base = f"{names[node].value}/" if node in names else f"{_GENERATED_PREFIX}{node.value}!"
        for predicate, values in index.get(node, {}).items():
            local = predicate.removeprefix(SH)
            for value in values:
                if predicate in _SHAPE_PROPERTIES:
                    paths = index.get(value, {}).get(SH.path, ())
                    path_keys = "".join(f"/{_path_key(index, path)}" for path in paths)
                    name(value, f"{base}{local}{path_keys}")
                elif predicate in _SHAPE_LIST_PROPERTIES:
                    for number, member in enumerate(list_members(index, value), start=1):
                        name(member, f"{base}{local}/{number}")

    for subject in index:
        if isinstance(subject, NamedNode):
            visit(subject)
    referenced_nodes = {value for properties in index.values() for values in properties.values() for value in values}
    for subject, properties in index.items():
        if subject not in names and subject not in referenced_nodes and _is_shape(properties):
            name(subject, f"{_GENERATED_PREFIX}{len(names) + 1}:")
    return names


def _is_shape(properties: Mapping[str, list[Term]]) -> bool:
    kinds = {kind.value for kind in properties.get(RDF.type, ())}
    return bool(kinds & {SH.NodeShape, SH.PropertyShape}) or any(
        predicate.startswith(SH.target) for predicate in properties
    )


def list_members(index: Index, node: Term) -> Iterator[Term]:
    """Yield the members of a list; a circular list ends where it returns to itself."""
    visited: set[Term] = set()
    while node.value != _NIL and node not in visited and _FIRST in index.get(node, {}):
        visited.add(node)
        yield index[node][_FIRST][0]
        node = index[node].get(_REST, [NamedNode(_NIL)])[0]


def _path_key(index: Index, path: Term) -> str:
    if isinstance(path, NamedNode):
        return path.value.replace("#", "/").rpartition("/")[2]
    return quote(path_text(index, path, short=True), safe="()+*")


_PATH_OPERATORS: Final = {"inversePath": "^{}", "zeroOrMorePath": "{}*", "oneOrMorePath": "{}+", "zeroOrOnePath": "{}?"}


def path_text(index: Index, node: Term, short: bool = False) -> str:
    """Return a SHACL property path as a SPARQL 1.1 path; with `short`, with local names in place of IRIs."""
    if isinstance(node, NamedNode):
        return node.value.replace("#", "/").rpartition("/")[2] if short else f"<{node.value}>"
    properties = index.get(node, {})
    if _FIRST in properties:
        return "/".join(path_text(index, member, short) for member in list_members(index, node))
    for name, values in ((predicate.removeprefix(SH), values) for predicate, values in properties.items()):
        if name == "alternativePath":
            return f"({'|'.join(path_text(index, member, short) for member in list_members(index, values[0]))})"
        if name in _PATH_OPERATORS:
            inner = path_text(index, values[0], short)
            return _PATH_OPERATORS[name].format(f"({inner})" if "/" in inner and not inner.startswith("<") else inner)
    return ""
