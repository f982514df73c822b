"""A set of shapes, read once: each shape has an IRI, so that a result of any engine leads back to what the shape says.

A shape without an IRI of its own gets one made from where it stands: its parent, the property that leads to it, and its
path. The IRIs are the same each time that the same file is read.
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

_FIRST, _REST, _NIL = RDF + "first", RDF + "rest", RDF + "nil"
_STEPS: Final = ("property", "node", "not", "qualifiedValueShape", "sparql", "target")
_SHAPE: Final = tuple(SH + name for name in (*_STEPS, "validator", "nodeValidator", "propertyValidator"))
_SHAPES: Final = tuple(SH + name for name in ("and", "or", "xone"))
_MADE: Final = "urn:mastery-graph:shape:"

ShapeTriple = tuple[NamedNode | BlankNode, NamedNode, Term]


class Shapes:
    """The shapes of one or several files, with an IRI for each."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Name the shapes that have no IRI."""
        given = tuple(dict.fromkeys(without_quoted_triples(triples)))
        names = _names(_index(given))
        self.statements: tuple[ShapeTriple, ...] = tuple(
            (names.get(subject, subject), predicate, names.get(value, value)) for subject, predicate, value in given
        )
        self.index = _index(self.statements)
        self._paths: dict[str, str | None] = {}
        self._texts: dict[tuple[str, str], Mapping[str, str]] = {}

    @classmethod
    def of_files(cls, *files: Path) -> "Shapes":
        """Return the shapes of Turtle files together. Raises `OntologyError` with the place of an error."""
        return cls(triple for file in files for triple in read_turtle(file))

    def values(self, subject: str, predicate: str) -> tuple[Term, ...]:
        """Return what the shapes state of a shape or a term, in the order of the file."""
        return self.values_of(NamedNode(subject), predicate)

    def values_of(self, subject: Term, predicate: str) -> tuple[Term, ...]:
        """Return what the shapes state of a node, which may be a blank one, in the order of the file."""
        return tuple(self.index.get(subject, {}).get(predicate, ()))

    def text(self, subject: str, predicate: str, language: str = "en") -> str:
        """Return the text in a language, else in English, else without a language, else any; "" where there is none."""
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
            path = next(iter(self.values(shape, SH + "path")), None)
            named = path is None or isinstance(path, NamedNode)
            self._paths[shape] = path and (path.value if named else path_text(self.index, path))
        return self._paths[shape]

    @cached_property
    def targets(self) -> Mapping[str, tuple[tuple[str, Term], ...]]:
        """By kind of target, such as `targetClass`: each shape and what it aims at."""
        found: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        for subject, predicate, value in self.statements:
            if predicate.value.startswith(SH + "target"):
                found[predicate.value.removeprefix(SH)].append((subject.value, value))
        return {kind: tuple(aims) for kind, aims in found.items()}

    @cached_property
    def implicit_classes(self) -> frozenset[str]:
        """Return the classes that are shapes themselves, and so their own targets (SHACL 2.1.3.3)."""
        return frozenset(
            subject.value
            for subject, stated in self.index.items()
            if {RDFS + "Class", OWL + "Class"} & {kind.value for kind in stated.get(RDF + "type", ())}
            and _is_shape(stated)
        )

    def is_active(self, shape: str | Term) -> bool:
        """Return whether a shape checks its targets: one with `sh:deactivated true` checks nothing (SHACL 2.1.3)."""
        node = NamedNode(shape) if isinstance(shape, str) else shape
        stated = self.values_of(node, SH + "deactivated")
        return not any(isinstance(value, Literal) and value.value == "true" for value in stated)

    @cached_property
    def active_targets(self) -> Mapping[str, tuple[tuple[str, Term], ...]]:
        """By kind of target: each active shape and what it aims at; a class that is a shape aims at itself."""
        aims = {
            kind: tuple((shape, value) for shape, value in targets if self.is_active(shape))
            for kind, targets in self.targets.items()
        }
        implicit = tuple((name, NamedNode(name)) for name in sorted(self.implicit_classes) if self.is_active(name))
        aims["targetClass"] = (*aims.get("targetClass", ()), *implicit)
        return {kind: targets for kind, targets in aims.items() if targets}

    @cached_property
    def property_shapes(self) -> tuple[tuple[str, str], ...]:
        """Each pair of a shape and a property shape in it."""
        return tuple(
            (subject.value, value.value)
            for subject, stated in self.index.items()
            for value in stated.get(SH + "property", ())
            if isinstance(subject, NamedNode)
        )


def named_shape(shape: str) -> str:
    """Return the IRI of a shape; of one whose IRI is made, that of the shape that it stands in, or "".

    >>> named_shape("urn:mastery-graph:shape:http://example.org/Person!property/name")
    'http://example.org/Person'
    """
    return shape.removeprefix(_MADE).partition("!")[0] if "!" in shape or not shape.startswith(_MADE) else ""


def name_shapes(triples: Iterable[Triple]) -> list[Triple]:
    """Return the triples of shapes with an IRI for each shape."""
    return [Triple(*statement) for statement in Shapes(triples).statements]


def without_quoted_triples(triples: Iterable[Triple]) -> Iterator[ShapeTriple]:
    """Yield the parts of each triple; statements about triples (RDF 1.2) are beyond SHACL and left out."""
    for triple in triples:
        if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
            yield triple.subject, triple.predicate, triple.object


Index = Mapping[Term, Mapping[str, list[Term]]]


def _index(statements: Iterable[ShapeTriple]) -> Index:
    index: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in statements:
        index[subject][predicate.value].append(value)
    return {subject: dict(stated) for subject, stated in index.items()}


def _names(index: Index) -> Mapping[Any, NamedNode]:
    """Return an IRI for each blank node that is a shape or a SPARQL constraint."""
    names: dict[Term, NamedNode] = {}
    taken: set[str] = set()

    def name(node: Term, key: str) -> None:
        if isinstance(node, BlankNode) and node not in names:
            place = 1
            while (iri := f"{key}{f'/{place}' if place > 1 else ''}") in taken:
                place += 1
            taken.add(iri)
            names[node] = NamedNode(iri)
            visit(node)

    def visit(node: Term) -> None:
        base = f"{names[node].value}/" if node in names else f"{_MADE}{node.value}!"
        for predicate, values in index.get(node, {}).items():
            local = predicate.removeprefix(SH)
            for value in values:
                if predicate in _SHAPE:
                    paths = index.get(value, {}).get(SH + "path", ())
                    at = "".join(f"/{_path_key(index, path)}" for path in paths)
                    name(value, f"{base}{local}{at}")
                elif predicate in _SHAPES:
                    for place, member in enumerate(list_members(index, value), start=1):
                        name(member, f"{base}{local}/{place}")

    for subject in index:
        if isinstance(subject, NamedNode):
            visit(subject)
    within = {value for stated in index.values() for values in stated.values() for value in values}
    for subject, stated in index.items():
        if subject not in names and subject not in within and _is_shape(stated):
            name(subject, f"{_MADE}{len(names) + 1}:")
    return names


def _is_shape(stated: Mapping[str, list[Term]]) -> bool:
    kinds = {kind.value for kind in stated.get(RDF + "type", ())}
    return bool(kinds & {SH + "NodeShape", SH + "PropertyShape"}) or any(
        predicate.startswith(SH + "target") for predicate in stated
    )


def list_members(index: Index, node: Term) -> Iterator[Term]:
    """Yield the members of a list; a list that leads back into itself ends there."""
    seen: set[Term] = set()
    while node.value != _NIL and node not in seen and _FIRST in index.get(node, {}):
        seen.add(node)
        yield index[node][_FIRST][0]
        node = index[node].get(_REST, [NamedNode(_NIL)])[0]


def _path_key(index: Index, path: Term) -> str:
    if isinstance(path, NamedNode):
        return path.value.replace("#", "/").rpartition("/")[2]
    return quote(path_text(index, path, short=True), safe="()+*")


_OPERATORS: Final = {"inversePath": "^{}", "zeroOrMorePath": "{}*", "oneOrMorePath": "{}+", "zeroOrOnePath": "{}?"}


def path_text(index: Index, node: Term, short: bool = False) -> str:
    """Return a property path of SHACL as one of SPARQL 1.1; `short` gives the local names of its properties alone."""
    if isinstance(node, NamedNode):
        return node.value.replace("#", "/").rpartition("/")[2] if short else f"<{node.value}>"
    stated = index.get(node, {})
    if _FIRST in stated:
        return "/".join(path_text(index, member, short) for member in list_members(index, node))
    for name, values in ((predicate.removeprefix(SH), values) for predicate, values in stated.items()):
        if name == "alternativePath":
            return f"({'|'.join(path_text(index, each, short) for each in list_members(index, values[0]))})"
        if name in _OPERATORS:
            inner = path_text(index, values[0], short)
            return _OPERATORS[name].format(f"({inner})" if "/" in inner and not inner.startswith("<") else inner)
    return ""
