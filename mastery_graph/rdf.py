"""Short ways to write the triples that a reader yields."""

from pyoxigraph import Literal, NamedNode, Triple

from mastery_graph.vocabulary import XSD


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
    """Return a triple whose object is an IRI. Raises `ValueError` where subject or object is none."""
    return Triple(NamedNode(subject), NamedNode(predicate), NamedNode(value))


def words(subject: str, predicate: str, value: str, language: str | None = None) -> Triple:
    """Return a triple whose object is a text, with its language where it has one."""
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(value, language=language))


def typed(subject: str, predicate: str, value: str, datatype: str) -> Triple:
    """Return a triple whose object is a value of an XML Schema datatype, such as `date`."""
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(value, datatype=NamedNode(XSD + datatype)))
