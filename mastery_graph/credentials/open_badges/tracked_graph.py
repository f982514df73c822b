"""The statements of a credential as one walks them: what nobody asks for is what the other format cannot carry.

To ask for a statement is to carry it: what is only looked at is peeked at, and asked for when it has its place.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.vocabulary import PREFIXES, RDF, SKOS

_OF_CONCEPTS = {SKOS + name for name in ("prefLabel", "inScheme", "notation", "altLabel", "definition")}
_TYPE = RDF + "type"
_MADE = "urn:sha256:"
"""Begins the names that reading gave to objects without an id."""


class TrackedGraph:
    """The statements about the nodes of a graph, with a mark on each that was asked for."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Arrange the statements by node and property."""
        self._said: dict[str, dict[str, list[Triple]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            self._said[_name(triple.subject)][triple.predicate.value].append(triple)
        self._asked: set[Triple] = set()
        self._shown: set[str] = set()

    def show(self, node: str) -> str:
        """Return a node whose IRI the other format gives: so is carried what says nothing of itself."""
        self._shown.add(node)
        return node

    def nodes(self, node: str | None, *properties: str) -> list[str]:
        """Return the nodes that these properties lead to, in the order of the statements."""
        found = [triple for triple in self._triples(node, properties) if not isinstance(triple.object, Literal)]
        self._asked.update(found)
        return list(dict.fromkeys(_name(triple.object) for triple in found))

    def node(self, node: str | None, *properties: str) -> str | None:
        """Return the first node; the others stay unasked."""
        for triple in self._triples(node, properties):
            if not isinstance(triple.object, Literal):
                self._asked.add(triple)
                return _name(triple.object)
        return None

    def peek(self, node: str | None, *properties: str) -> list[str]:
        """Return the nodes that these properties lead to, and leave them unasked."""
        return [_name(t.object) for t in self._triples(node, properties) if not isinstance(t.object, Literal)]

    def take(self, node: str | None, value: str | None, *properties: str) -> bool:
        """Mark the statements with this IRI or text as asked for, and return whether there were any."""
        found = [triple for triple in self._triples(node, properties) if _name(triple.object) == value]
        self._asked.update(found)
        return bool(found)

    def value(self, node: str | None, *properties: str) -> str | None:
        """Return the first plain value; the other properties that say the same are asked for as well."""
        for triple in self._triples(node, properties):
            if isinstance(triple.object, Literal):
                self.take(node, triple.object.value, *properties)
                return triple.object.value
        return None

    def number(self, node: str | None, *properties: str) -> float | None:
        """Return the first value where it is a number; what is none stays unasked."""
        for triple in self._triples(node, properties):
            if isinstance(triple.object, Literal):
                found = _number(triple.object.value)
                if found is not None:
                    self._asked.add(triple)
                return found
        return None

    def text(self, node: str | None, language: str, *properties: str) -> str | None:
        """Return a text in this language, else in any; texts in other languages stay unasked."""
        if (found := self._text(node, language, properties)) is None:
            return None
        self._asked.add(found)
        return _name(found.object)

    def peek_text(self, node: str | None, language: str, *properties: str) -> str | None:
        """Return a text in this language, else in any, and leave it unasked."""
        found = self._text(node, language, properties)
        return None if found is None else _name(found.object)

    def languages(self, node: str | None, prop: str) -> list[str]:
        """Return the languages of a text, English first."""
        found = {t.object.language for t in self._triples(node, (prop,)) if isinstance(t.object, Literal)}
        return sorted(filter(None, found), key=lambda tag: (tag != "en", tag))

    def types(self, node: str | None) -> set[str]:
        """Return the classes of a node."""
        return set(self.peek(node, _TYPE))

    def left(self, root: str, classes: Collection[str] = ()) -> Iterator[tuple[str, str, bool]]:
        """Yield what was not carried, of all that the root leads to: the node, the property, whether in part only.

        The nodes below a property that was not asked for belong to it, and are not listed again. `classes` are those
        that the other format tells by the place of a node.
        """
        seen, waiting = {root}, [root]
        while waiting:
            node = waiting.pop(0)
            concept = node in self._shown and not has_generated_id(node) and SKOS + "Concept" in self.types(node)
            for prop, triples in self._said.get(node, {}).items():
                if concept and prop in _OF_CONCEPTS:
                    continue
                carried = [triple for triple in triples if self._carried(triple, classes)]
                below = dict.fromkeys(_name(t.object) for t in carried if not isinstance(t.object, Literal))
                waiting += [each for each in below if each not in seen]
                seen |= set(below)
                if len(carried) < len(triples):
                    yield node, compact_iri(prop), bool(carried)

    def apart(self, roots: Collection[str]) -> Iterator[str]:
        """Yield the nodes that none of the roots leads to: of those that lead to each other, the first."""
        reached: set[str] = set()
        for root in roots:
            self._reach(root, reached)
        led_to = {_name(t.object) for node in self._said if node not in reached for t in self._all(node)}
        for node in sorted(self._said, key=lambda each: (each in led_to, each)):
            if node not in reached:
                yield node
                self._reach(node, reached)

    def _reach(self, start: str, reached: set[str]) -> None:
        waiting = [start]
        while waiting:
            if (node := waiting.pop()) not in reached:
                reached.add(node)
                waiting += [_name(t.object) for t in self._all(node) if not isinstance(t.object, Literal)]

    def _carried(self, triple: Triple, classes: Collection[str]) -> bool:
        """Return whether a statement was carried: one that leads to a node is by what the node says, or by its IRI."""
        other = _name(triple.object)
        if triple.predicate.value == _TYPE:
            return other in classes
        if triple not in self._asked:
            return False
        if isinstance(triple.object, Literal) or other in self._shown:
            return True
        if SKOS + "Concept" in self.types(other) and not has_generated_id(other):
            return False
        return any(prop != _TYPE for prop in self._said.get(other, {}))

    def _all(self, node: str) -> Iterator[Triple]:
        for triples in self._said.get(node, {}).values():
            yield from triples

    def _text(self, node: str | None, language: str, properties: Iterable[str]) -> Triple | None:
        texts = [(t.object, t) for t in self._triples(node, properties) if isinstance(t.object, Literal)]
        return min(texts, key=lambda each: _rank(each[0], language))[1] if texts else None

    def _triples(self, node: str | None, properties: Iterable[str]) -> list[Triple]:
        said = self._said.get(node, {}) if node is not None else {}
        return [triple for prop in properties for triple in said.get(prop, ())]


def has_generated_id(node: str) -> bool:
    """Return whether a node has no IRI of its own, but a name that reading gave it, or none."""
    return node.startswith((_MADE, "_:"))


def compact_iri(iri: str) -> str:
    """Return an IRI with its prefix in place of the namespace.

    >>> short("http://data.europa.eu/snb/model/elm/mode")
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
