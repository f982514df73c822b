"""The engine: shapes that are read once, and what is found by them."""

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from mastery_graph.errors import BadShapes
from mastery_graph.resources import folder
from mastery_graph.validation.engine import Shapes, compiled, reference, run_shapes
from mastery_graph.vocabulary import SH

PEOPLE = """
PREFIX ex: <http://example.org/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
ex:Person a sh:NodeShape ; sh:targetClass ex:Human ;
  sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:message "No name."@en, "Ei nimeä."@fi ] ;
  sh:property [ sh:path ( ex:parent [ sh:zeroOrOnePath ex:guardian ] ) ; sh:nodeKind sh:IRI ; sh:severity sh:Warning ] ;
  sh:property [ sh:path ex:age ; sh:datatype xsd:integer ] .
"""


def _shapes(text: str, tmp_path: Path) -> Shapes:
    file = tmp_path / "shapes.ttl"
    file.write_text(text, encoding="utf-8")
    return Shapes.of_files(file)


def _data(text: str) -> list:
    return [quad.triple for quad in parse(f"PREFIX ex: <http://example.org/> {text}", format=RdfFormat.TURTLE)]


def test_a_shape_without_an_iri_is_named_by_where_it_stands(tmp_path: Path) -> None:
    shapes = _shapes(PEOPLE, tmp_path)
    assert [shape for _, shape in shapes.property_shapes] == [
        "urn:mastery-graph:shape:http://example.org/Person!property/name",
        "urn:mastery-graph:shape:http://example.org/Person!property/parent%2Fguardian%3F",
        "urn:mastery-graph:shape:http://example.org/Person!property/age",
    ]
    assert shapes.property_shapes == _shapes(PEOPLE, tmp_path).property_shapes


def test_the_names_of_our_own_shapes_are_all_different() -> None:
    shapes = Shapes.of_files(folder("shapes") / "micro-credential.ttl", folder("shapes") / "mastery.ttl")
    names = [shape for _, shape in shapes.property_shapes]
    assert len(names) == len(set(names)) > 20


def test_a_result_leads_back_to_its_shape_and_to_what_the_shape_says(tmp_path: Path) -> None:
    shapes = _shapes(PEOPLE, tmp_path)
    (result,) = run_shapes(_data("ex:ana a ex:Human ."), shapes)
    assert result.focus_node == NamedNode("http://example.org/ana")
    assert result.path == "http://example.org/name"
    assert result.component == SH + "MinCountConstraintComponent"
    assert result.severity == "violation"
    assert result.messages == {"en": "No name.", "fi": "Ei nimeä."}
    assert shapes.text(result.shape, SH + "message", "fi") == "Ei nimeä."


def test_a_shape_without_a_message_gets_none_made_up(tmp_path: Path) -> None:
    found = run_shapes(
        _data('ex:ana a ex:Human ; ex:name "Ana" ; ex:age "old" ; ex:parent "Eva" .'), _shapes(PEOPLE, tmp_path)
    )
    by_severity = {result.severity: result for result in found}
    assert by_severity["violation"].messages == {}
    assert by_severity["violation"].value == Literal("old")
    assert by_severity["warning"].path == "<http://example.org/parent>/<http://example.org/guardian>?"


def test_both_engines_name_the_very_blank_node(tmp_path: Path) -> None:
    shapes = _shapes(PEOPLE, tmp_path)
    data = _data(
        "".join(f'_:z{number} a ex:Human ; ex:knows _:a{number} . _:a{number} ex:name "A" . ' for number in range(30))
    )
    data += _data('_:z3 ex:name "Z" . _:z7 ex:age _:a2 .')
    fast = compiled.run(data, shapes)
    assert fast
    assert sorted(map(repr, fast)) == sorted(map(repr, reference.run(data, shapes)))
    assert {result.focus_node for result in fast if result.component == SH + "MinCountConstraintComponent"} == {
        triple.subject for triple in data if triple.predicate.value.endswith("#type")
    } - {triple.subject for triple in data if triple.object == Literal("Z")}


@pytest.mark.parametrize(
    "beyond",
    [
        'sh:js [ sh:jsFunctionName "f" ]',
        "sh:target [ a ex:OwnTargetType ]",
        'sh:sparql [ sh:select "SELECT $this WHERE { { SELECT ?other WHERE { ?other ?b ?c } } }" ]',
    ],
)
def test_what_the_compiled_engine_does_not_know_is_left_to_the_reference(beyond: str, tmp_path: Path) -> None:
    shapes = _shapes(f"{PEOPLE} ex:Person {beyond} .", tmp_path)
    assert compiled.run((), shapes) is None


def test_rules_add_nothing_to_the_data(tmp_path: Path) -> None:
    rule = "sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:name ; sh:object 'Ana' ]"
    shapes = _shapes(f"{PEOPLE} ex:Person {rule} .", tmp_path)
    for engine in ("auto", "pyshacl"):
        assert [found.path for found in run_shapes(_data("ex:ana a ex:Human ."), shapes, engine)] == [
            "http://example.org/name"
        ]


def test_shapes_that_no_engine_can_apply_are_an_error(tmp_path: Path) -> None:
    shapes = _shapes(f'{PEOPLE} ex:Person sh:property [ sh:path ex:name ; sh:pattern "(" ] .', tmp_path)
    with pytest.raises(BadShapes, match="cannot be applied"):
        run_shapes(_data('ex:ana a ex:Human ; ex:name "Ana" .'), shapes)


def test_a_severity_of_ones_own_counts_as_a_violation(tmp_path: Path) -> None:
    shapes = _shapes(
        f"{PEOPLE} ex:Person sh:property [ sh:path ex:x ; sh:minCount 1 ; sh:severity ex:Grave ] .", tmp_path
    )
    for engine in ("auto", "pyshacl"):
        grave = next(
            found for found in run_shapes(_data("ex:ana a ex:Human ."), shapes, engine) if found.path.endswith("x")
        )
        assert (grave.severity, grave.severity_iri) == ("violation", "http://example.org/Grave")


def test_constraints_in_sparql_on_blank_nodes_are_left_to_the_reference(tmp_path: Path) -> None:
    query = "SELECT $this ?value { BIND($this AS ?one) ?one <http://example.org/age> ?value }"
    shapes = _shapes(f'{PEOPLE} ex:Person sh:sparql [ sh:select "{query}" ] .', tmp_path)
    data = _data("_:a a ex:Human ; ex:name 'A' ; ex:age 1 . ex:b a ex:Human ; ex:name 'B' ; ex:age 2 .")
    assert compiled.run(data, shapes) is None
    assert [str(found.value) for found in run_shapes(data, shapes) if "SPARQL" in found.component] == [
        str(triple.object)
        for triple in sorted(data, key=lambda t: str(t.subject))
        if triple.predicate.value.endswith("age")
    ]
