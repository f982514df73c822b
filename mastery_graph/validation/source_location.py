"""The locations of results of validation in the document (the deepest that exists), and display names of nodes."""

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

_NAME_PROPERTIES: Final = (
    DCTERMS.title,
    SKOS.prefLabel,
    ROV.legalName,
    *(FOAF + name for name in ("name", "fullName", "familyName")),
)
_ABSOLUTE: Final = re.compile(r"(?!urn:)|urn:[A-Za-z0-9-]+:")
"""An absolute IRI: names without a scheme were resolved against the document, which is a URN (RFC 8141)."""
_MAX_STEPS = 12
"""Maximum number of repetitions of a path that are followed."""


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A location in the document: a JSON pointer, or a line in other formats; either may be unknown."""

    pointer: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class _PathEnd:
    """How far a path leads: to `node`, in `steps`; the last step is from `parent` by `predicate`."""

    node: Term
    steps: int = 0
    is_complete: bool = True
    parent: Term | None = None
    predicate: str = ""
    is_backward: bool = False
    """Whether a step went against the direction of a property, and so away from the node at fault."""
    forward_steps: int = 0
    """How many of the required steps are in the direction of a property."""


class SourceMap:
    """The locations and the display names of the nodes of a document."""

    def __init__(self, document: SubmittedDocument, language: str = "en") -> None:
        """Index the triples; names are in `language` if the document has them in it."""
        self._document = document
        self._language = language
        self._forward: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._backward: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in without_quoted_triples(document.triples):
            self._forward[subject][predicate.value].append(value)
            self._backward[value][predicate.value].append(subject)

    def of(self, focus: Term, path: str | None, value: Term | None) -> SourceLocation:
        """Return the deepest existing location: that of the value, else the end of the path as far as it leads."""
        if path is None:
            return self._location(focus, "", value)
        ends = list(self._follow(_parse_path(path), _PathEnd(focus)))
        if value is not None:
            for end in ends:
                if end.is_complete and end.node == value:
                    return self._location(end.parent or focus, end.predicate, value)
        deepest = max(ends, key=lambda end: (not end.is_backward, end.steps), default=_PathEnd(focus))
        if not deepest.forward_steps:  # nothing required is present: it may be elsewhere, as an issuer is
            deepest = max((end for end in ends if end.forward_steps), key=lambda end: end.steps, default=deepest)
        if isinstance(deepest.node, Literal) or (deepest.is_complete and deepest.parent is not None):
            return self._location(deepest.parent or focus, deepest.predicate, deepest.node)
        return self._location(deepest.node, "", None)

    def deepest(self, own: SourceLocation, value: Term | None, parts: Sequence[SourceLocation]) -> SourceLocation:
        """Return the deepest of the locations of `parts` of a value; `own` is the location of the value.

        Of a node that a document describes at several locations, the one that the result is about is used.
        """
        location = max(parts, key=lambda part: (part.pointer or "").count("/"), default=own)
        if own.pointer is None:
            return location if location.line is not None else own
        if location.pointer is None or own.pointer.startswith(f"{location.pointer}/"):
            return own
        described = own.pointer in self._document.places.described
        is_same_thing = value is not None and location.pointer == self._document.pointers.get(value.value)
        return own if described and is_same_thing else location

    def name(self, node: Term) -> str:
        """Return the display name of a node: its title or name, else its IRI, else its type; the text of a literal."""
        if isinstance(node, Literal):
            return node.value
        if title := self._title(node):
            return title
        if isinstance(node, NamedNode) and not self.has_generated_id(node):
            return node.value if _ABSOLUTE.match(node.value) else node.value.removeprefix("urn:")
        kinds = [kind.value.replace("#", "/").rpartition("/")[2] for kind in self._forward[node].get(RDF.type, ())]
        return kinds[-1] if kinds else "…"

    def has_generated_id(self, node: Term) -> bool:
        """Return whether a node has no IRI of its own: it is blank, or its IRI was generated by the reader."""
        return isinstance(node, BlankNode) or node.value.startswith(f"urn:sha256:{self._document.sha256}")

    def node(self, iri: str) -> Term:
        """Return the node of an IRI, or of the label of a blank node, in the result of a query on the document."""
        return BlankNode(iri[2:]) if iri.startswith("_:") else NamedNode(iri)

    def values(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of a property of a node."""
        return list(self._forward.get(node, {}).get(predicate, ()))

    def pairs(self, predicate: str) -> Iterator[tuple[Term, Term]]:
        """Yield pairs of a node and its value of a property, in the order of the document."""
        for subject, properties in list(self._forward.items()):
            for value in properties.get(predicate, ()):
                yield subject, value

    def _title(self, node: Term) -> str:
        for predicate in _NAME_PROPERTIES:
            texts = [value for value in self._forward.get(node, {}).get(predicate, ()) if isinstance(value, Literal)]
            if texts:
                order = (self._language, "en")
                texts.sort(key=lambda text: order.index(text.language) if text.language in order else len(order))
                return texts[0].value
        return ""

    def _location(self, node: Term, predicate: str, value: Term | None) -> SourceLocation:
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
        return SourceLocation(document.pointers.get(iri, self._ancestor_pointer(node)), None)

    def _ancestor_pointer(self, node: Term) -> str:
        """Return the pointer of the nearest node that leads to this one; of the whole document if there is none."""
        visited = {node}
        level = [node]
        while level:
            level = [
                parent
                for child in level
                for parents in self._backward.get(child, {}).values()
                for parent in parents
                if parent not in visited and not visited.add(parent)  # type: ignore[func-returns-value]
            ]
            for parent in level:
                if parent.value in self._document.pointers:
                    return self._document.pointers[parent.value]
        return ""

    def _line(self, node: Term) -> int | None:
        """Return the line of a subject; of one without an IRI, that of the nearest subject that leads to it."""
        visited: set[Term] = set()
        lines = self._document.places.lines
        while self.has_generated_id(node) and node.value not in lines and node not in visited:
            visited.add(node)
            parents = [parent for subjects in self._backward.get(node, {}).values() for parent in subjects]
            if not parents:
                return None
            node = parents[0]
        return lines.get(node.value)

    def _follow(self, path: Path, start: _PathEnd) -> Iterator[_PathEnd]:
        if isinstance(path, str):
            values = self._forward.get(start.node, {}).get(path, ())
            for value in values:
                yield _PathEnd(
                    value, start.steps + 1, True, start.node, path, start.is_backward, start.forward_steps + 1
                )
            if not values:
                yield replace(start, is_complete=False)
            return
        kind, *parts = path
        if kind == "/":
            yield from self._sequence(parts, start)
        elif kind == "|":
            for part in parts:
                yield from self._follow(part, start)
        elif kind == "^":
            for parent in self._backward.get(start.node, {}).get(parts[0] if isinstance(parts[0], str) else "", ()):
                yield _PathEnd(parent, start.steps, is_backward=True)
        else:
            if kind in "?*":
                yield start
            yield from self._repeat(parts[0], start, 1 if kind == "?" else _MAX_STEPS)

    def _sequence(self, parts: list[Path], start: _PathEnd) -> Iterator[_PathEnd]:
        first, *rest = parts
        for end in self._follow(first, start):
            if rest and end.is_complete:
                yield from self._sequence(rest, end)
            else:
                yield end

    def _repeat(self, part: Path, start: _PathEnd, times: int) -> Iterator[_PathEnd]:
        level, visited = [start], {start.node}
        for _ in range(times):
            level = [
                end
                for previous_end in level
                for end in self._follow(part, previous_end)
                if end.is_complete and end.node not in visited
            ]
            level = [replace(end, forward_steps=start.forward_steps) for end in level]
            visited |= {end.node for end in level}
            yield from level


@cache
def _parse_path(path: str) -> Path:
    return parse(path)
