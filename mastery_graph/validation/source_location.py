"""Where a result of validation stands in the document: the deepest place that is there, and what a person calls it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.rdf import Term
from mastery_graph.validation.engine.shapes import without_quoted_triples
from mastery_graph.validation.property_path import Path, parse
from mastery_graph.vocabulary import DCTERMS, FOAF, RDF, ROV, SKOS

_NAMES: Final = (
    DCTERMS + "title",
    SKOS + "prefLabel",
    ROV + "legalName",
    *(FOAF + name for name in ("name", "fullName", "familyName")),
)
_ABSOLUTE: Final = re.compile(r"(?!urn:)|urn:[A-Za-z0-9-]+:")
"""An IRI that was written whole: a name without a scheme was read as one of the document, which is a URN (RFC 8141)."""
_STEPS = 12
"""How far a path of any length is followed."""


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in the document: a JSON pointer, or a line of another format; either may be unknown."""

    pointer: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far a path leads: to `node`, over `steps`; the last step from `parent` by `predicate`."""

    node: Term
    steps: int = 0
    whole: bool = True
    parent: Term | None = None
    predicate: str = ""
    back: bool = False
    """Whether the way led against the direction of a property, and so away from the thing that is at fault."""
    ahead: int = 0
    """How many of the steps the path demands in the direction of a property."""


class SourceMap:
    """The places and the names of what a document holds."""

    def __init__(self, document: SubmittedDocument, language: str = "en") -> None:
        """Index the triples; names are told in `language` where they are."""
        self._document = document
        self._language = language
        self._forward: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._backward: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in without_quoted_triples(document.triples):
            self._forward[subject][predicate.value].append(value)
            self._backward[value][predicate.value].append(subject)

    def of(self, focus: Term, path: str | None, value: Term | None) -> SourceLocation:
        """Return the deepest place that is there: the value, else the end of the path as far as it leads."""
        if path is None:
            return self._at(focus, "", value)
        ends = list(self._follow(_parsed(path), _Reached(focus)))
        if value is not None:
            for end in ends:
                if end.whole and end.node == value:
                    return self._at(end.parent or focus, end.predicate, value)
        deepest = max(ends, key=lambda end: (not end.back, end.steps), default=_Reached(focus))
        if not deepest.ahead:  # nothing of what is asked is there: it may be elsewhere, as an issuer is
            deepest = max((end for end in ends if end.ahead), key=lambda end: end.steps, default=deepest)
        if isinstance(deepest.node, Literal) or (deepest.whole and deepest.parent is not None):
            return self._at(deepest.parent or focus, deepest.predicate, deepest.node)
        return self._at(deepest.node, "", None)

    def deepest(self, own: SourceLocation, value: Term | None, parts: Sequence[SourceLocation]) -> SourceLocation:
        """Return the deepest of the places at which parts of a value lack something; `own` is that of the value.

        A thing that a document describes at several places is taken for the one that the result is about.
        """
        found = max(parts, key=lambda part: (part.pointer or "").count("/"), default=own)
        if own.pointer is None:
            return found if found.line is not None else own
        if found.pointer is None or own.pointer.startswith(f"{found.pointer}/"):
            return own
        described = own.pointer in self._document.places.described
        itself = value is not None and found.pointer == self._document.pointers.get(value.value)
        return own if described and itself else found

    def name(self, node: Term) -> str:
        """Return what a person calls a node: its title or name, else its IRI, else its type; a literal's text."""
        if isinstance(node, Literal):
            return node.value
        if named := self._title(node):
            return named
        if isinstance(node, NamedNode) and not self.is_made_up(node):
            return node.value if _ABSOLUTE.match(node.value) else node.value.removeprefix("urn:")
        kinds = [kind.value.replace("#", "/").rpartition("/")[2] for kind in self._forward[node].get(RDF + "type", ())]
        return kinds[-1] if kinds else "…"

    def is_made_up(self, node: Term) -> bool:
        """Return whether a node has no IRI of its own: a blank node, or what was given one as it was read."""
        return isinstance(node, BlankNode) or node.value.startswith(f"urn:sha256:{self._document.sha256}")

    def node(self, iri: str) -> Term:
        """Return the node that a query on the document named, a blank node by its label."""
        return BlankNode(iri[2:]) if iri.startswith("_:") else NamedNode(iri)

    def values(self, node: Term, predicate: str) -> list[Term]:
        """Return what is stated of a node."""
        return list(self._forward.get(node, {}).get(predicate, ()))

    def statements(self, predicate: str) -> Iterator[tuple[Term, Term]]:
        """Yield each node and value that a property joins, in the order of the document."""
        for subject, stated in list(self._forward.items()):
            for value in stated.get(predicate, ()):
                yield subject, value

    def _title(self, node: Term) -> str:
        for predicate in _NAMES:
            texts = [each for each in self._forward.get(node, {}).get(predicate, ()) if isinstance(each, Literal)]
            if texts:
                order = (self._language, "en")
                texts.sort(key=lambda text: order.index(text.language) if text.language in order else len(order))
                return texts[0].value
        return ""

    def _at(self, node: Term, predicate: str, value: Term | None) -> SourceLocation:
        document = self._document
        if not document.pointers:
            return SourceLocation(None, self._line(node))
        iri = node.value
        if value is not None:
            pointer = document.places.values.get((iri, predicate, value.value))
            if pointer is None and (member := document.places.members.get((iri, predicate))) is not None:
                pointer = member
            if pointer is None and not isinstance(value, Literal):
                pointer = document.pointers.get(value.value)
            if pointer is not None:
                return SourceLocation(pointer, None)
        return SourceLocation(document.pointers.get(iri, self._above(node)), None)

    def _above(self, node: Term) -> str:
        """Return the pointer of the nearest node that leads to this one; that of the whole document where none does."""
        seen = {node}
        level = [node]
        while level:
            level = [
                parent
                for each in level
                for parents in self._backward.get(each, {}).values()
                for parent in parents
                if parent not in seen and not seen.add(parent)  # type: ignore[func-returns-value]
            ]
            for parent in level:
                if parent.value in self._document.pointers:
                    return self._document.pointers[parent.value]
        return ""

    def _line(self, node: Term) -> int | None:
        """Return the line of a subject; of one without an IRI, that of the nearest subject that leads to it."""
        seen: set[Term] = set()
        lines = self._document.places.lines
        while self.is_made_up(node) and node.value not in lines and node not in seen:
            seen.add(node)
            parents = [parent for each in self._backward.get(node, {}).values() for parent in each]
            if not parents:
                return None
            node = parents[0]
        return lines.get(node.value)

    def _follow(self, path: Path, start: _Reached) -> Iterator[_Reached]:
        if isinstance(path, str):
            values = self._forward.get(start.node, {}).get(path, ())
            for value in values:
                yield _Reached(value, start.steps + 1, True, start.node, path, start.back, start.ahead + 1)
            if not values:
                yield replace(start, whole=False)
            return
        kind, *parts = path
        if kind == "/":
            yield from self._sequence(parts, start)
        elif kind == "|":
            for part in parts:
                yield from self._follow(part, start)
        elif kind == "^":
            for parent in self._backward.get(start.node, {}).get(parts[0] if isinstance(parts[0], str) else "", ()):
                yield _Reached(parent, start.steps, back=True)
        else:
            if kind in "?*":
                yield start
            yield from self._repeat(parts[0], start, 1 if kind == "?" else _STEPS)

    def _sequence(self, parts: list[Path], start: _Reached) -> Iterator[_Reached]:
        first, *rest = parts
        for reached in self._follow(first, start):
            if rest and reached.whole:
                yield from self._sequence(rest, reached)
            else:
                yield reached

    def _repeat(self, part: Path, start: _Reached, times: int) -> Iterator[_Reached]:
        level, seen = [start], {start.node}
        for _ in range(times):
            level = [
                reached
                for each in level
                for reached in self._follow(part, each)
                if reached.whole and reached.node not in seen
            ]
            level = [replace(reached, ahead=start.ahead) for reached in level]
            seen |= {reached.node for reached in level}
            yield from level


@cache
def _parsed(path: str) -> Path:
    return parse(path)
