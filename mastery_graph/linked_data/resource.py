"""What the graph says of one resource: outbound and inbound statements, their named graphs, and what things are called.

A blank node has no address of its own, so it is described with the resource that it belongs to, to its full depth
(Concise Bounded Description, https://www.w3.org/submissions/CBD/, but each statement with its graph).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from mastery_graph.errors import UnknownResource
from mastery_graph.queries import named_query
from mastery_graph.rdf import Bindings, Term, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, NS, RDFS, SKOS, graph

PAGE: Final = 100
"""How many resources that point to one are given at once."""

_NAMING = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title")
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Name:
    """What a resource is called, and by which property."""

    property: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Names:
    """What a resource is called, in each language; `""` where a name has no language."""

    by_language: dict[str, Name]

    def best(self, language: str = "en") -> Name:
        """Return the name in this language, else in English, else without a language, else any."""
        for wanted in (language, "en", "", "mul"):
            if wanted in self.by_language:
                return self.by_language[wanted]
        return self.by_language[min(self.by_language)]


@dataclass(frozen=True, slots=True)
class ResourceDescription:
    """What the graph says of a resource."""

    iri: str
    """The resource."""
    outbound: tuple[Quad, ...]
    """Its statements, ordered by property; those about blank nodes of it follow."""
    inbound: tuple[Quad, ...]
    """Statements of other resources that point to it, ordered by them: one page."""
    following: str | None
    """The last resource of this page of `inbound`, where there are more: ask for those after it."""
    names: dict[str, Names] = field(default_factory=dict)
    """What the resource is called, and every resource and property in its statements, by IRI."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """The IRIs of the named graphs that say it, ordered."""
        quads = (*self.outbound, *self.inbound)
        return tuple(sorted({term_text(quad.graph_name) for quad in quads if isinstance(quad.graph_name, NamedNode)}))

    @property
    def triples(self) -> tuple[Triple, ...]:
        """All statements without their graphs, each once."""
        return tuple(dict.fromkeys(quad.triple for quad in (*self.outbound, *self.inbound)))

    def label(self, iri: str, language: str = "en") -> str | None:
        """Return what a resource of these statements is called, or None where the graph does not say."""
        found = self.names.get(iri)
        return found.best(language).literal.value if found else None

    def names_of_others(self, language: str = "en") -> tuple[Triple, ...]:
        """Return one name of each other resource in these statements, as the graph states it."""
        best = ((iri, names.best(language)) for iri, names in self.names.items() if iri != self.iri)
        return tuple(Triple(NamedNode(iri), NamedNode(name.property), name.literal) for iri, name in best)


def describe_resource(store: Store, iri: NamedNode, after: str | None = None) -> ResourceDescription:
    """Return what the graph says of a resource. `after` asks for the next page of what points to it.

    Raises `UnknownResource` where the graph neither says anything of it nor points to it.
    """
    outbound = _outbound(store, iri)
    inbound, following = _inbound(store, iri, after)
    if not outbound and not inbound and (after is None or not _inbound(store, iri, None)[0]):
        raise UnknownResource(f"The graph says nothing of {iri.value}.", "GET /v1/concepts?q= finds concepts by label.")
    named = {
        term_text(term)
        for quad in (*outbound, *inbound)
        for term in (quad.subject, quad.predicate, quad.object)
        if isinstance(term, NamedNode)
    }
    return ResourceDescription(iri.value, outbound, inbound, following, names_of(store, {iri.value, *named}))


def describe_vocabulary(store: Store) -> ResourceDescription:
    """Return what the graph says of our vocabulary and of each of its terms."""
    name = NamedNode(graph("ontology"))
    triples = store.construct(named_query("browse/vocabulary").text)
    quads = sorted((Quad(each.subject, each.predicate, each.object, name) for each in triples), key=str)
    iris = {term.value for each in triples for term in each if isinstance(term, NamedNode)}
    return ResourceDescription(NS, tuple(quads), (), None, names_of(store, iris))


def names_of(store: Store, iris: Collection[str]) -> dict[str, Names]:
    """Return what these resources are called, by IRI; those without a name are left out."""
    found: dict[str, dict[str, Name]] = {}
    ordered = sorted(iris)
    query = named_query("resource/labels").text
    for start in range(0, len(ordered), _AT_ONCE):
        nodes = [NamedNode(iri) for iri in ordered[start : start + _AT_ONCE]]
        for row in store.select(query, {"resource": nodes}):
            label = row["label"]
            if isinstance(label, Literal):
                name = Name(term_text(row["property"]), label)
                languages = found.setdefault(term_text(row["resource"]), {})
                known = languages.get(label.language or "")
                if known is None or _place(name) < _place(known):
                    languages[label.language or ""] = name
    return {iri: Names(languages) for iri, languages in found.items()}


def _place(name: Name) -> tuple[int, str]:
    return (_NAMING.index(name.property) if name.property in _NAMING else len(_NAMING), name.literal.value)


def _outbound(store: Store, iri: NamedNode) -> tuple[Quad, ...]:
    rows = store.select(named_query("resource/statements-about").text, {"resource": iri})
    # engines order literals differently
    own = sorted((_quad(iri, row["predicate"], row["object"], row["graph"]) for row in rows), key=_order)
    if not any(isinstance(quad.object, BlankNode) for quad in own):
        return tuple(own)
    graphs = dict.fromkeys(quad.graph_name for quad in own if isinstance(quad.object, BlankNode))
    # blank nodes keep their names within one result only, so these come from another one altogether
    nested = [
        _quad(row["subject"], row["predicate"], row["object"], row["graph"])
        for row in store.select(
            named_query("resource/nested-statements").text,
            {"graph": [name for name in graphs if isinstance(name, NamedNode)]},
        )
    ]
    named = [quad for quad in own if not isinstance(quad.object, BlankNode)]
    return (*named, *_reached(nested, iri))


def _order(quad: Quad) -> tuple[str, str, str]:
    return str(quad.predicate), str(quad.object), str(quad.graph_name)


def _reached(quads: Iterable[Quad], start: NamedNode) -> Iterable[Quad]:
    """Yield the statements that are reached from a resource through blank nodes, nearest first."""
    by_subject: dict[tuple[object, object], list[Quad]] = {}
    for quad in quads:
        by_subject.setdefault((quad.graph_name, quad.subject), []).append(quad)
    waiting = [key for key in by_subject if key[1] == start]
    seen = set(waiting)
    for key in waiting:
        for quad in by_subject.get(key, []):
            yield quad
            part = (quad.graph_name, quad.object)
            if isinstance(quad.object, BlankNode) and part not in seen:
                seen.add(part)
                waiting.append(part)


def _inbound(store: Store, iri: NamedNode, after: str | None) -> tuple[tuple[Quad, ...], str | None]:
    bindings: Bindings = {"resource": iri} | ({"after": Literal(after)} if after is not None else {})
    rows = store.select(named_query("resource/statements-to").text, bindings)
    subjects = list(dict.fromkeys(term_text(row["subject"]) for row in rows))
    shown = set(subjects[:PAGE])
    quads = tuple(
        _quad(row["subject"], row["predicate"], iri, row["graph"]) for row in rows if term_text(row["subject"]) in shown
    )
    return quads, subjects[PAGE - 1] if len(subjects) > PAGE else None


def _quad(subject: Term, predicate: Term, value: Term, graph: Term) -> Quad:
    if isinstance(subject, Literal) or not isinstance(predicate, NamedNode) or not isinstance(graph, NamedNode):
        raise TypeError("The store gave a statement that is no RDF.")
    return Quad(subject, predicate, value, graph)
