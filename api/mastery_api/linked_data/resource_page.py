"""The content of the page of a resource: its triples and the incoming ones by property, each with its graph."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from mastery_api import addresses
from mastery_graph.hyperlinks import is_followable
from mastery_graph.linked_data.resource import ResourceDescription
from mastery_graph.rdf import Term
from mastery_graph.vocabulary import DCTERMS, GRAPH, NS, PREFIXES, RDF, SKOS

_LEADING_PROPERTIES = (
    RDF.type,
    *(SKOS + name for name in ("prefLabel", "altLabel", "notation", "definition")),
    DCTERMS.title,
    DCTERMS.description,
    *(SKOS + name for name in ("inScheme", "topConceptOf", "broader", "exactMatch", "closeMatch")),
)
"""The properties that are shown first."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A label with its IRI and, if it can be followed, a link."""

    text: str
    iri: str
    href: str | None


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """A value of a property: a thing, a text with its language or datatype, a list, or a part without a name."""

    link: PageLink | None = None
    text: str = ""
    language: str | None = None
    datatype: str | None = None
    graph: PageLink | None = None
    items: "tuple[PropertyValue, ...]" = ()
    parts: "tuple[PropertyGroup, ...]" = ()


@dataclass(frozen=True, slots=True)
class PropertyGroup:
    """The values of one property."""

    property: PageLink
    values: tuple[PropertyValue, ...]


def outbound(description: ResourceDescription, language: str = "en") -> tuple[PropertyGroup, ...]:
    """Return the outgoing triples of the resource by property, with blank nodes as parts and RDF lists as items."""
    return outbound_of(description, [description.iri], language)[description.iri]


def outbound_of(
    description: ResourceDescription, iris: Iterable[str], language: str = "en"
) -> dict[str, tuple[PropertyGroup, ...]]:
    """Return the outgoing triples of several resources of a description, by IRI."""
    reader = _Reader(description, language)
    return {iri: reader.groups(NamedNode(iri), frozenset()) for iri in iris}


def inbound(description: ResourceDescription, language: str = "en") -> tuple[PropertyGroup, ...]:
    """Return the incoming triples of the resource by property."""
    reader = _Reader(description, language)
    by_property: dict[str, list[PropertyValue]] = {}
    for quad in description.inbound:
        by_property.setdefault(quad.predicate.value, []).append(
            PropertyValue(link=reader.link(_iri(quad.subject)), graph=graph_link(quad.graph_name))
        )
    return tuple(PropertyGroup(reader.link(iri), tuple(values)) for iri, values in sorted(by_property.items()))


def graph_link(graph: object) -> PageLink | None:
    """Return the name of a named graph, with a link to its description in the dataset."""
    if not isinstance(graph, NamedNode):
        return None
    name = graph.value.removeprefix(GRAPH)
    return PageLink(name, graph.value, f"/doc/dataset/{name}" if graph.value.startswith(GRAPH) else None)


def compact_iri(iri: str) -> str:
    """Return an IRI with its prefix, if a known one applies.

    >>> compact_iri("http://www.w3.org/2004/02/skos/core#broader")
    'skos:broader'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _rank(iri: str) -> int:
    return _LEADING_PROPERTIES.index(iri) if iri in _LEADING_PROPERTIES else len(_LEADING_PROPERTIES)


class _Reader:
    def __init__(self, description: ResourceDescription, language: str) -> None:
        self._description = description
        self._language = language
        self._quads: dict[tuple[object, object], list[Quad]] = {}
        for quad in description.outbound:
            key = (None if isinstance(quad.subject, NamedNode) else quad.graph_name, quad.subject)
            self._quads.setdefault(key, []).append(quad)

    def groups(self, subject: Term, ancestors: frozenset[object], graph: object = None) -> tuple[PropertyGroup, ...]:
        by_property: dict[str, list[PropertyValue]] = {}
        for quad in self._quads.get((graph, subject), []):
            by_property.setdefault(quad.predicate.value, []).append(self._value(quad, ancestors | {subject}))
        ordered = sorted(by_property.items(), key=lambda item: (_rank(item[0]), item[0]))
        return tuple(PropertyGroup(self.link(iri), tuple(values)) for iri, values in ordered)

    def link(self, iri: str) -> PageLink:
        name = self._description.label(iri, self._language)
        known = name is not None or iri.startswith(NS)
        external_link = iri if is_followable(iri) else None
        return PageLink(name or compact_iri(iri), iri, addresses.document_path(iri) if known else external_link)

    def _value(self, quad: Quad, ancestors: frozenset[object]) -> PropertyValue:
        term, graph = quad.object, graph_link(quad.graph_name)
        if isinstance(term, NamedNode):
            return PropertyValue(link=self.link(term.value), graph=graph)
        if isinstance(term, Literal):
            datatype = None if term.language else compact_iri(term.datatype.value)
            return PropertyValue(
                text=term.value,
                language=term.language,
                datatype=None if datatype == "xsd:string" else datatype,
                graph=graph,
            )
        if isinstance(term, BlankNode) and term not in ancestors:
            items = self._items(term, ancestors, quad.graph_name)
            parts = () if items else self.groups(term, ancestors, quad.graph_name)
            return PropertyValue(items=items, parts=parts, graph=graph)
        return PropertyValue(text="…", graph=graph)

    def _items(self, head: BlankNode, ancestors: frozenset[object], graph: object) -> tuple[PropertyValue, ...]:
        """Return the items of an RDF list; empty if the node is not a list."""
        items: list[PropertyValue] = []
        visited = set(ancestors)
        node: object = head
        while isinstance(node, BlankNode) and node not in visited:
            visited.add(node)
            quads = {quad.predicate.value: quad for quad in self._quads.get((graph, node), [])}
            if RDF.first not in quads or RDF.rest not in quads:
                return ()
            items.append(self._value(quads[RDF.first], frozenset(visited)))
            node = quads[RDF.rest].object
        return tuple(items)


def _iri(term: object) -> str:
    return str(getattr(term, "value", term))


def names(description: ResourceDescription) -> Iterable[tuple[str, str]]:
    """Return pairs of language and name of the resource, sorted by language."""
    labels = description.names.get(description.iri)
    return [(language, name.literal.value) for language, name in sorted(labels.by_language.items())] if labels else []
