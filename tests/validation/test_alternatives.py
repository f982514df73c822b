"""Where a nested shape is not met, the result says what the closest alternative lacks."""

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from mastery_graph.validation.engine import Engine, Result, Shapes, explain_results, run_shapes
from mastery_graph.vocabulary import SH

PREFIXES = "PREFIX ex: <http://example.org/> PREFIX sh: <http://www.w3.org/ns/shacl#> "
EX = "http://example.org/"
OFFERS = """
ex:Offer sh:targetClass ex:Offer ; sh:property [ sh:path ex:by ; sh:%s (
    [ sh:class ex:Person ; sh:property [ sh:path ex:name ; sh:minCount 1 ] ]
    [ sh:class ex:School ; sh:property [ sh:path ex:seat ; sh:node ex:Seat ], [ sh:path ex:code ; sh:minCount 1 ] ]
  ) ] .
ex:Seat sh:property [ sh:path ex:country ; sh:minCount 1 ], [ sh:path ex:town ; sh:nodeKind sh:Literal ] .
"""
ENGINES: tuple[Engine, ...] = ("auto", "pyshacl")


def _triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(PREFIXES + text, format=RdfFormat.TURTLE)]


def _explained(shapes: str, data: str, engine: Engine) -> tuple[Result, ...]:
    applied, triples = Shapes(_triples(shapes)), _triples(data)
    return explain_results(run_shapes(triples, applied, engine), triples, applied, engine)


def _lacking(result: Result) -> list[tuple[str, str | None]]:
    return [(each.component.removeprefix(SH).removesuffix("ConstraintComponent"), each.path) for each in result.details]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["or", "xone"])
def test_the_alternative_of_the_right_class_is_the_closest(kind: str, engine: Engine) -> None:
    data = "ex:o a ex:Offer ; ex:by ex:s . ex:s a ex:School ; ex:seat [ ex:town ex:Rome ] ."
    (result,) = _explained(OFFERS % kind, data, engine)
    assert result.alternative
    assert result.alternative.endswith(f"{kind}/2")
    assert sorted(_lacking(result), key=str) == [("MinCount", EX + "code"), ("Node", EX + "seat")]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_nested_shape_lacks_is_told_at_each_level(engine: Engine) -> None:
    data = 'ex:o a ex:Offer ; ex:by ex:s . ex:s a ex:School ; ex:code "7" ; ex:seat [ ex:town ex:Rome ] .'
    (result,) = _explained(OFFERS % "or", data, engine)
    (seat,) = result.details
    assert seat.alternative == EX + "Seat"
    assert sorted(_lacking(seat), key=str) == [("MinCount", EX + "country"), ("NodeKind", EX + "town")]


def test_two_alternatives_at_once_have_no_closest() -> None:
    data = 'ex:o a ex:Offer ; ex:by ex:s . ex:s a ex:School, ex:Person ; ex:code "7" ; ex:name "S" .'
    (result,) = _explained(OFFERS % "xone", data, "auto")
    assert (result.alternative, result.details) == (None, ())


def test_literals_and_each_of_several_nodes_are_looked_into() -> None:
    data = 'ex:o a ex:Offer ; ex:by "Ana", ex:p, ex:q . ex:p a ex:Person . ex:q a ex:Person ; ex:name "Q" .'
    found = {result.value: result for result in _explained(OFFERS % "or", data, "auto")}
    assert set(found) == {Literal("Ana"), NamedNode(EX + "p")}
    assert _lacking(found[NamedNode(EX + "p")]) == [("MinCount", EX + "name")]
    assert ("Class", None) in _lacking(found[Literal("Ana")])


def test_shapes_that_lead_back_to_themselves_come_to_an_end() -> None:
    shapes = (
        "ex:T sh:targetClass ex:T ; sh:property [ sh:path ex:next ; sh:node ex:T ], [ sh:path ex:n ; sh:minCount 1 ] ."
    )
    data = "ex:a a ex:T ; ex:next ex:b . ex:b ex:next ex:a ."
    assert _explained(shapes, data, "auto")


def test_the_issuer_of_the_official_sample_lacks_a_legal_identifier(reference: Path) -> None:
    from mastery_graph.credentials.reading import read_document

    triples = read_document((reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld").read_bytes()).triples
    shapes = Shapes.of_files(reference / "elm" / "shapes" / "EDC-generic-no-cv.ttl")
    found = explain_results(run_shapes(triples, shapes), triples, shapes)
    (issuer,) = (result for result in found if result.details)
    assert issuer.path == "https://www.w3.org/2018/credentials#issuer"
    assert _lacking(issuer) == [("MinCount", "http://data.europa.eu/snb/model/elm/eidasLegalIdentifier")]
