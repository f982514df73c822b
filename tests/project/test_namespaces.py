"""Namespaces: their terms are attributes, and a term that is not declared is an error."""

import pickle

import pytest

from mastery_graph.namespaces import DCTERMS, ELM, NS, NsTerms
from mastery_graph.resources import folder
from mastery_graph.sources.turtle import read_turtle


def test_a_term_is_the_iri_in_its_namespace() -> None:
    assert ELM.awardingBody == "http://data.europa.eu/snb/model/elm/awardingBody"
    assert DCTERMS.title == "http://purl.org/dc/terms/title"
    assert DCTERMS + "extent" == "http://purl.org/dc/terms/extent"


def test_a_term_that_is_not_declared_is_an_error() -> None:
    with pytest.raises(AttributeError):
        _ = ELM.awardingBdy  # type: ignore[attr-defined]


def test_a_namespace_survives_the_way_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(ELM)).awardingBody == ELM.awardingBody  # noqa: S301  # our own object


def test_each_term_of_our_namespace_is_in_a_file_of_ours() -> None:
    files = [*folder("ontology").glob("*.ttl"), *folder("shapes").glob("*.ttl")]
    declared: set[str] = set()
    for file in files:
        for triple in read_turtle(file):
            declared |= {str(triple.subject), str(triple.predicate), str(triple.object)}
    assert len(NsTerms.__annotations__) > 50
    assert [term for term in NsTerms.__annotations__ if f"<{getattr(NS, term)}>" not in declared] == []
