"""A graph that records which triples a conversion has used, to list those that the other format cannot express.

Reading a triple marks it as used. To inspect triples before they are written, use the methods `peek…`.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.vocabulary import PREFIXES, RDF, SKOS

_CONCEPT_PROPERTIES = {SKOS + name for name in ("prefLabel", "inScheme", "notation", "altLabel", "definition")}
_TYPE = RDF.type
_GENERATED_PREFIX = "urn:sha256:"
"""The prefix of the IRIs that reading generates for objects without an id."""


class TrackedGraph:
    """The triples of a graph by node and property, with marks on those that were used."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Index the triples by node and property."""
        self._triples_of: dict[str, dict[str, list[Triple]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            self._triples_of[_name(triple.subject)][triple.predicate.value].append(triple)
        self._used: set[Triple] = set()
        self._written_iris: set[str] = set()

    def use_iri(self, node: str) -> str:
        """Mark the IRI of a node as written in the other format, and return it (enough for a node without triples)."""
        self._written_iris.add(node)
        return node

    def nodes(self, node: str | None, *properties: str) -> list[str]:
        """Return the values of these properties that are nodes, in the order of the triples; mark them as used."""
        triples = [triple for triple in self._triples(node, properties) if not isinstance(triple.object, Literal)]
        self._used.update(triples)
        return list(dict.fromkeys(_name(triple.object) for triple in triples))

    def node(self, node: str | None, *properties: str) -> str | None:
        """Return the first value that is a node, and mark only that triple as used."""
        for triple in self._triples(node, properties):
            if not isinstance(triple.object, Literal):
                self._used.add(triple)
                return _name(triple.object)
        return None

    def peek(self, node: str | None, *properties: str) -> list[str]:
        """Return the values of these properties that are nodes, without marking them as used."""
        return [_name(t.object) for t in self._triples(node, properties) if not isinstance(t.object, Literal)]

    def mark_used(self, node: str | None, value: str | None, *properties: str) -> bool:
        """Mark the triples with a value (an IRI or a text) as used, and return whether there are any."""
        triples = [triple for triple in self._triples(node, properties) if _name(triple.object) == value]
        self._used.update(triples)
        return bool(triples)

    def value(self, node: str | None, *properties: str) -> str | None:
        """Return the first literal; mark all triples of these properties with the same value as used."""
        for triple in self._triples(node, properties):
            if isinstance(triple.object, Literal):
                self.mark_used(node, triple.object.value, *properties)
                return triple.object.value
        return None

    def number(self, node: str | None, *properties: str) -> float | None:
        """Return the first literal if it is a number, and mark it as used; otherwise return None."""
        for triple in self._triples(node, properties):
            if isinstance(triple.object, Literal):
                number = _number(triple.object.value)
                if number is not None:
                    self._used.add(triple)
                return number
        return None

    def text(self, node: str | None, language: str, *properties: str) -> str | None:
        """Return a text in a language, or else in any, and mark only that one as used."""
        if (triple := self._text(node, language, properties)) is None:
            return None
        self._used.add(triple)
        return _name(triple.object)

    def peek_text(self, node: str | None, language: str, *properties: str) -> str | None:
        """Return a text in a language, or else in any, without marking it as used."""
        triple = self._text(node, language, properties)
        return None if triple is None else _name(triple.object)

    def languages(self, node: str | None, prop: str) -> list[str]:
        """Return the languages of a property, English first."""
        tags = {t.object.language for t in self._triples(node, (prop,)) if isinstance(t.object, Literal)}
        return sorted(filter(None, tags), key=lambda tag: (tag != "en", tag))

    def types(self, node: str | None) -> set[str]:
        """Return the classes of a node."""
        return set(self.peek(node, _TYPE))

    def losses(self, root: str, classes: Collection[str] = ()) -> Iterator[tuple[str, str, bool]]:
        """Yield the losses among the nodes reachable from the root: node, property, and whether the loss is partial.

        Nodes below an unused property are part of that loss and are not listed separately. `classes` are the classes
        that the other format implies by the position of a node.
        """
        visited, queue = {root}, [root]
        while queue:
            node = queue.pop(0)
            is_written_concept = (
                node in self._written_iris and not has_generated_id(node) and SKOS.Concept in self.types(node)
            )
            for prop, triples in self._triples_of.get(node, {}).items():
                if is_written_concept and prop in _CONCEPT_PROPERTIES:
                    continue
                converted = [triple for triple in triples if self._is_converted(triple, classes)]
                neighbours = dict.fromkeys(_name(t.object) for t in converted if not isinstance(t.object, Literal))
                queue += [neighbour for neighbour in neighbours if neighbour not in visited]
                visited |= set(neighbours)
                if len(converted) < len(triples):
                    yield node, compact_iri(prop), bool(converted)

    def unreachable_nodes(self, roots: Collection[str]) -> Iterator[str]:
        """Yield the nodes that are not reachable from the roots, without those that another one of them reaches."""
        reached: set[str] = set()
        for root in roots:
            self._reach(root, reached)
        referenced = {
            _name(t.object) for node in self._triples_of if node not in reached for t in self._all_triples(node)
        }
        for node in sorted(self._triples_of, key=lambda key: (key in referenced, key)):
            if node not in reached:
                yield node
                self._reach(node, reached)

    def _reach(self, start: str, reached: set[str]) -> None:
        stack = [start]
        while stack:
            if (node := stack.pop()) not in reached:
                reached.add(node)
                stack += [_name(t.object) for t in self._all_triples(node) if not isinstance(t.object, Literal)]

    def _is_converted(self, triple: Triple, classes: Collection[str]) -> bool:
        """Return whether a triple is converted; if its value is a node, its IRI or its triples must be converted."""
        value_name = _name(triple.object)
        if triple.predicate.value == _TYPE:
            return value_name in classes
        if triple not in self._used:
            return False
        if isinstance(triple.object, Literal) or value_name in self._written_iris:
            return True
        if SKOS.Concept in self.types(value_name) and not has_generated_id(value_name):
            return False
        return any(prop != _TYPE for prop in self._triples_of.get(value_name, {}))

    def _all_triples(self, node: str) -> Iterator[Triple]:
        for triples in self._triples_of.get(node, {}).values():
            yield from triples

    def _text(self, node: str | None, language: str, properties: Iterable[str]) -> Triple | None:
        texts = [(t.object, t) for t in self._triples(node, properties) if isinstance(t.object, Literal)]
        return min(texts, key=lambda pair: _rank(pair[0], language))[1] if texts else None

    def _triples(self, node: str | None, properties: Iterable[str]) -> list[Triple]:
        by_property = self._triples_of.get(node, {}) if node is not None else {}
        return [triple for prop in properties for triple in by_property.get(prop, ())]


def has_generated_id(node: str) -> bool:
    """Return whether a node has no IRI in the document: it is blank, or its IRI was generated by reading."""
    return node.startswith((_GENERATED_PREFIX, "_:"))


def compact_iri(iri: str) -> str:
    """Return an IRI with its prefix in place of the namespace.

    >>> compact_iri("http://data.europa.eu/snb/model/elm/mode")
    'elm:mode'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _name(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _rank(value: Literal, language: str) -> tuple[int, str, str]:
    if value.language == language:
        return 0, "", value.value
    return (1 if value.language == "en" else 2 if value.language is None else 3), value.language or "", value.value
