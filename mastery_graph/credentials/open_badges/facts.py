"""The statements of a credential as one walks them: what nobody asks for is what the other format cannot carry."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.vocabulary import PREFIXES, RDF, SKOS

_OF_CONCEPTS = {SKOS + name for name in ("prefLabel", "inScheme", "notation", "altLabel", "definition")}
_TYPE = RDF + "type"


class Facts:
    """The statements about the nodes of a graph, with a mark on each that was asked for."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Arrange the statements by node and property."""
        self._said: dict[str, dict[str, list[Triple]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            self._said[_name(triple.subject)][triple.predicate.value].append(triple)
        self._asked: set[Triple] = set()

    def nodes(self, node: str | None, *properties: str) -> list[str]:
        """Return the nodes that these properties lead to, in the order of the statements."""
        return list(
            dict.fromkeys(
                _name(triple.object)
                for triple in self._asked_for(node, properties)
                if not isinstance(triple.object, Literal)
            )
        )

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

    def take(self, node: str, other: str) -> bool:
        """Mark the statements that lead from a node to another as asked for."""
        found = [t for triples in self._said.get(node, {}).values() for t in triples if _name(t.object) == other]
        self._asked.update(found)
        return bool(found)

    def value(self, node: str | None, *properties: str) -> str | None:
        """Return the first plain value."""
        for triple in self._triples(node, properties):
            if isinstance(triple.object, Literal):
                self._asked.add(triple)
                return triple.object.value
        return None

    def text(self, node: str | None, language: str, *properties: str) -> str | None:
        """Return a text in this language, else in any; texts in other languages stay unasked."""
        texts = [(t.object, t) for t in self._triples(node, properties) if isinstance(t.object, Literal)]
        for value, triple in sorted(texts, key=lambda each: _rank(each[0], language)):
            self._asked.add(triple)
            return value.value
        return None

    def languages(self, node: str | None, prop: str) -> list[str]:
        """Return the languages of a text, English first."""
        found = {t.object.language for t in self._triples(node, (prop,)) if isinstance(t.object, Literal)}
        return sorted(filter(None, found), key=lambda tag: (tag != "en", tag))

    def types(self, node: str) -> set[str]:
        """Return the classes of a node."""
        return set(self.nodes(node, _TYPE))

    def left(self, root: str) -> Iterator[tuple[str, str, bool]]:
        """Yield what was not asked for, of all that the root leads to: the node, the property, whether in part only.

        The nodes below a property that was not asked for belong to it, and are not listed again.
        """
        seen, waiting = {root}, [root]
        while waiting:
            node = waiting.pop(0)
            concept = SKOS + "Concept" in self.peek(node, _TYPE)
            for prop, triples in self._said.get(node, {}).items():
                asked = [triple for triple in triples if triple in self._asked]
                below = dict.fromkeys(_name(each.object) for each in asked if not isinstance(each.object, Literal))
                waiting += [each for each in below if each not in seen]
                seen |= set(below)
                if len(asked) < len(triples) and prop != _TYPE and not (concept and prop in _OF_CONCEPTS):
                    yield node, short(prop), bool(asked)

    def _triples(self, node: str | None, properties: Iterable[str]) -> list[Triple]:
        said = self._said.get(node, {}) if node is not None else {}
        return [triple for prop in properties for triple in said.get(prop, ())]

    def _asked_for(self, node: str | None, properties: Iterable[str]) -> list[Triple]:
        triples = self._triples(node, properties)
        self._asked.update(triples)
        return triples


def short(iri: str) -> str:
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


def _rank(value: Literal, language: str) -> tuple[int, str, str]:
    if value.language == language:
        return 0, "", value.value
    return (1 if value.language == "en" else 2 if value.language is None else 3), value.language or "", value.value
