"""The shipped Turtle files as one read-only graph, with English labels, for the pages of the reference."""

from collections.abc import Iterator
from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, Triple, serialize

from mastery_graph.rdf import Term, term_text
from mastery_graph.resources import folder
from mastery_graph.vocabulary import DCTERMS, ID, PREFIXES, RDF, RDFS, SH, SKOS

_LABELS = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title")


class Knowledge:
    """The triples of Turtle files, each file in a graph of its own."""

    def __init__(self, *folders: str) -> None:
        """Read the Turtle files of these folders of the project."""
        self._store = Store()
        self._files: dict[str, str] = {}
        for name in folders:
            for path in sorted(folder(name).glob("*.ttl")):  # type: ignore[arg-type]
                graph = NamedNode(f"file:{name}/{path.name}")
                self._store.load(path=str(path), format=RdfFormat.TURTLE, to_graph=graph)

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Return the IRIs of the resources with this value (an IRI), sorted."""
        found_quads = self._store.quads_for_pattern(None, NamedNode(predicate), NamedNode(value), None)
        return sorted({quad.subject.value for quad in found_quads if isinstance(quad.subject, NamedNode)})

    def instances(self, type_iri: str) -> list[str]:
        """Return the IRIs of the resources of a class, sorted."""
        return self.subjects(RDF + "type", type_iri)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the values of a property as texts, sorted: IRIs, and literals in English or without a language."""
        return sorted(term_text(term) for term in self._terms(NamedNode(subject), predicate) if _is_readable(term))

    def value(self, subject: str, predicate: str) -> str:
        """Return the first value of a property, or an empty text."""
        return next(iter(self.values(subject, predicate)), "")

    def messages(self, shape: str) -> list[str]:
        """Return the English messages of a shape and of the nameless shapes within it."""
        return sorted(
            triple.object.value
            for triple in self._description(NamedNode(shape))
            if triple.predicate.value == SH + "message" and isinstance(triple.object, Literal)
        )

    def label(self, iri: str) -> str:
        """Return the English label of a resource, or the short form of its IRI."""
        return next(filter(None, (self.value(iri, name) for name in _LABELS)), compact(iri))

    def file_of(self, subject: str) -> str:
        """Return the file that describes a resource, such as `ontology/nqf.ttl`."""
        quads = self._store.quads_for_pattern(NamedNode(subject), NamedNode(RDF + "type"), None, None)
        return next((quad.graph_name.value.removeprefix("file:") for quad in quads), "")  # type: ignore[union-attr]

    def turtle(self, subject: str) -> str:
        """Return the description of a resource as Turtle: labels in English only, and no prefixes declared."""
        triples = list(self._description(NamedNode(subject)))
        prefixes = {prefix: namespace for prefix, namespace in PREFIXES.items() if namespace != ID}
        text = serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b""
        lines = text.decode().splitlines()
        return "\n".join(line for line in lines if not line.startswith("@prefix")).strip().replace("\t", "  ")

    def _description(self, subject: NamedNode | BlankNode) -> Iterator[Triple]:
        for quad in sorted(self._store.quads_for_pattern(subject, None, None, None), key=_place):
            if isinstance(quad.object, BlankNode):
                yield from self._description(quad.object)
            if _is_readable(quad.object) or isinstance(quad.object, BlankNode):
                yield quad.triple

    def _terms(self, subject: NamedNode, predicate: str) -> Iterator[Term]:
        for quad in self._store.quads_for_pattern(subject, NamedNode(predicate), None, None):
            if not isinstance(quad.object, Triple):
                yield quad.object


def compact(iri: str) -> str:
    """Return an IRI with its prefix.

    >>> compact("https://w3id.org/mastery-graph/ns#Rule"), compact("https://w3id.org/mastery-graph/id/vision/V1")
    ('mg:Rule', 'mgr:vision/V1')
    """
    matches = [(namespace, prefix) for prefix, namespace in PREFIXES.items() if iri.startswith(namespace)]
    if not matches:
        return iri
    namespace, prefix = max(matches)
    return f"{prefix}:{iri.removeprefix(namespace)}"


def code_of(iri: str) -> str:
    """Return the last part of an IRI of ours, such as `REC-LEVEL`."""
    return iri.removeprefix(ID).rpartition("/")[2]


@cache
def knowledge() -> Knowledge:
    """Return the graph of `ontology/`, read once."""
    return Knowledge("ontology")


def _is_readable(term: object) -> bool:
    if isinstance(term, Literal):
        return term.language in (None, "en")
    return isinstance(term, NamedNode)


def _place(quad: object) -> tuple[bool, str]:
    text = str(quad)
    return RDF + "type" not in text, text
