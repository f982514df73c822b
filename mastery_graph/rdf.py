"""The types of RDF terms, rows and bindings used by all stores, and helpers that build triples."""

from collections.abc import Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mastery_graph.vocabulary import XSD

Term = NamedNode | BlankNode | Literal
"""An RDF term of pyoxigraph."""

Row = Mapping[str, Term]
"""One solution: variable name (without the question mark) to term; an unbound variable has no entry."""

Bindings = Mapping[str, Term | Sequence[Term]]
"""Terms for the parameters of a query: one, or several alternatives."""


def term_text(term: Term) -> str:
    """Return the text of a term: the IRI of a node, the lexical form of a literal."""
    return str(term) if isinstance(term, BlankNode) else term.value


def is_iri(text: str) -> bool:
    """Return whether a text is an absolute IRI.

    >>> is_iri("http://example.org/a"), is_iri("http://example.org/a b")
    (True, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def link(subject: str, predicate: str, value: str) -> Triple:
    """Return a triple whose object is an IRI. Raises `ValueError` if subject or object is not an IRI."""
    return Triple(NamedNode(subject), NamedNode(predicate), NamedNode(value))


def words(subject: str, predicate: str, value: str, language: str | None = None) -> Triple:
    """Return a triple whose object is a text, with its language if it has one."""
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(value, language=language))


def typed(subject: str, predicate: str, value: str, datatype: str) -> Triple:
    """Return a triple whose object is a value of an XML Schema datatype, such as `date`."""
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(value, datatype=NamedNode(XSD + datatype)))
