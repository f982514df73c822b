"""The description of a resource: outbound and inbound triples, their named graphs, and the names of resources.

A blank node has no address, so it is described with the resource that it belongs to, to its full depth (Concise Bounded
Description, https://www.w3.org/submissions/CBD/, but each triple with its graph).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from mastery_graph.errors import AdvisedAction, UnknownResource
from mastery_graph.languages import Message
from mastery_graph.queries import named_query
from mastery_graph.rdf import Bindings, Term, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, NS, RDFS, SKOS, graph

PAGE: Final = 100
"""The number of inbound resources on a page."""

_LABEL_PROPERTIES = (SKOS.prefLabel, RDFS.label, DCTERMS.title)
_BATCH_SIZE: Final = 500


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a resource, and the property that states it."""

    property: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a resource by language; `""` for a name without a language."""

    by_language: dict[str, Name]

    def best(self, language: str = "en") -> Name:
        """Return the name in this language, else in English, else without a language, else any."""
        for candidate in (language, "en", "", "mul"):
            if candidate in self.by_language:
                return self.by_language[candidate]
        return self.by_language[min(self.by_language)]


@dataclass(frozen=True, slots=True)
class ResourceDescription:
    """The description of a resource in the graph."""

    iri: str
    """The resource."""
    outbound: tuple[Quad, ...]
    """Its triples, ordered by property, followed by those about its blank nodes."""
    inbound: tuple[Quad, ...]
    """Triples of other resources that point to it, ordered by these resources: one page."""
    following: str | None
    """The last resource on this page of `inbound` if there are more: pass it as `after` for the next page."""
    names: dict[str, Names] = field(default_factory=dict)
    """The names of the resource, and of every resource and property in its triples, by IRI."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """The IRIs of the named graphs that contain the triples, ordered."""
        quads = (*self.outbound, *self.inbound)
        return tuple(sorted({term_text(quad.graph_name) for quad in quads if isinstance(quad.graph_name, NamedNode)}))

    @property
    def triples(self) -> tuple[Triple, ...]:
        """All distinct triples without their graphs."""
        return tuple(dict.fromkeys(quad.triple for quad in (*self.outbound, *self.inbound)))

    def label(self, iri: str, language: str = "en") -> str | None:
        """Return the name of a resource in these triples, or None if the graph has none."""
        names = self.names.get(iri)
        return names.best(language).literal.value if names else None

    def names_of_others(self, language: str = "en") -> tuple[Triple, ...]:
        """Return a triple with one name for each other resource in these triples, as in the graph."""
        best = ((iri, names.best(language)) for iri, names in self.names.items() if iri != self.iri)
        return tuple(Triple(NamedNode(iri), NamedNode(name.property), name.literal) for iri, name in best)


def describe_resource(store: Store, iri: NamedNode, after: str | None = None) -> ResourceDescription:
    """Return the description of a resource. `after` selects the next page of inbound triples.

    Raises `UnknownResource` if the graph has no triples about it or pointing to it.
    """
    outbound = _outbound(store, iri)
    inbound, following = _inbound(store, iri, after)
    if not outbound and not inbound and (after is None or not _inbound(store, iri, None)[0]):
        raise UnknownResource(
            Message("The graph has no statements about {value}.", value=iri.value),
            action=AdvisedAction.FIND_CONCEPTS,
        )
    iris = {
        term_text(term)
        for quad in (*outbound, *inbound)
        for term in (quad.subject, quad.predicate, quad.object)
        if isinstance(term, NamedNode)
    }
    return ResourceDescription(iri.value, outbound, inbound, following, names_of(store, {iri.value, *iris}))


def describe_vocabulary(store: Store) -> ResourceDescription:
    """Return the description of the project's vocabulary and its terms."""
    name = NamedNode(graph("ontology"))
    triples = store.construct(named_query("browse/vocabulary").text)
    quads = sorted((Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples), key=str)
    iris = {term.value for triple in triples for term in triple if isinstance(term, NamedNode)}
    return ResourceDescription(NS, tuple(quads), (), None, names_of(store, iris))


def names_of(store: Store, iris: Collection[str]) -> dict[str, Names]:
    """Return the names of these resources, by IRI; those without a name are left out."""
    names_by_iri: dict[str, dict[str, Name]] = {}
    ordered = sorted(iris)
    query = named_query("resource/labels").text
    for start in range(0, len(ordered), _BATCH_SIZE):
        nodes = [NamedNode(iri) for iri in ordered[start : start + _BATCH_SIZE]]
        for row in store.select(query, {"resource": nodes}):
            label = row["label"]
            if isinstance(label, Literal):
                name = Name(term_text(row["property"]), label)
                languages = names_by_iri.setdefault(term_text(row["resource"]), {})
                known = languages.get(label.language or "")
                if known is None or _name_order(name) < _name_order(known):
                    languages[label.language or ""] = name
    return {iri: Names(languages) for iri, languages in names_by_iri.items()}


def _name_order(name: Name) -> tuple[int, str]:
    return (
        _LABEL_PROPERTIES.index(name.property) if name.property in _LABEL_PROPERTIES else len(_LABEL_PROPERTIES),
        name.literal.value,
    )


def _outbound(store: Store, iri: NamedNode) -> tuple[Quad, ...]:
    rows = store.select(named_query("resource/statements-about").text, {"resource": iri})
    # engines order literals differently
    direct = sorted((_quad(iri, row["predicate"], row["object"], row["graph"]) for row in rows), key=_quad_order)
    if not any(isinstance(quad.object, BlankNode) for quad in direct):
        return tuple(direct)
    graphs = dict.fromkeys(quad.graph_name for quad in direct if isinstance(quad.object, BlankNode))
    # blank nodes keep their names within one result only, so all of these are taken from a second result
    nested = [
        _quad(row["subject"], row["predicate"], row["object"], row["graph"])
        for row in store.select(
            named_query("resource/nested-statements").text,
            {"graph": [name for name in graphs if isinstance(name, NamedNode)]},
        )
    ]
    without_blank_nodes = [quad for quad in direct if not isinstance(quad.object, BlankNode)]
    return (*without_blank_nodes, *_reachable(nested, iri))


def _quad_order(quad: Quad) -> tuple[str, str, str]:
    return str(quad.predicate), str(quad.object), str(quad.graph_name)


def _reachable(quads: Iterable[Quad], start: NamedNode) -> Iterable[Quad]:
    """Yield the triples that are reachable from a resource through blank nodes, nearest first."""
    by_subject: dict[tuple[object, object], list[Quad]] = {}
    for quad in quads:
        by_subject.setdefault((quad.graph_name, quad.subject), []).append(quad)
    queue = [key for key in by_subject if key[1] == start]
    visited = set(queue)
    for key in queue:
        for quad in by_subject.get(key, []):
            yield quad
            node = (quad.graph_name, quad.object)
            if isinstance(quad.object, BlankNode) and node not in visited:
                visited.add(node)
                queue.append(node)


def _inbound(store: Store, iri: NamedNode, after: str | None) -> tuple[tuple[Quad, ...], str | None]:
    bindings: Bindings = {"resource": iri} | ({"after": Literal(after)} if after is not None else {})
    rows = store.select(named_query("resource/statements-to").text, bindings)
    subjects = list(dict.fromkeys(term_text(row["subject"]) for row in rows))
    page = set(subjects[:PAGE])
    quads = tuple(
        _quad(row["subject"], row["predicate"], iri, row["graph"]) for row in rows if term_text(row["subject"]) in page
    )
    return quads, subjects[PAGE - 1] if len(subjects) > PAGE else None


def _quad(subject: Term, predicate: Term, value: Term, graph: Term) -> Quad:
    if isinstance(subject, Literal) or not isinstance(predicate, NamedNode) or not isinstance(graph, NamedNode):
        raise TypeError("The store gave a statement that is no RDF.")
    return Quad(subject, predicate, value, graph)
