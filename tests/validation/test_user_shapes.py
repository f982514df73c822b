"""Shapes that a user brings are checked before they check anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mastery_graph.credentials.reading import read_document, read_value
from mastery_graph.errors import BadDocument, BadShapes
from mastery_graph.resources import folder
from mastery_graph.validation import ValidationReport, user_shapes, validate_with_external_shapes
from mastery_graph.validation.texts import Translator
from tests.validation.described import leads_somewhere

PREFIXES = """PREFIX ex: <http://example.org/> PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX owl: <http://www.w3.org/2002/07/owl#>
"""
TARGET = "ex:S sh:targetClass ex:C ; "


def _file(tmp_path: Path, shapes: str) -> Path:
    file = tmp_path / "mine.ttl"
    file.write_text(PREFIXES + shapes, encoding="utf-8")
    return file


def _report(tmp_path: Path, shapes: str, data: str) -> ValidationReport:
    document = read_document((PREFIXES + data).encode(), "text/turtle")
    return validate_with_external_shapes(document, user_shapes(_file(tmp_path, shapes)), "mine.ttl", own=True)


BROKEN = {
    "sh:property [ sh:path ex:p ; sh:minCount 1": "mine.ttl, line 3",
    "sh:property [ sh:path ex:p ; sh:mincount 1 ] .": "SHACL 1.0 has no sh:mincount; sh:minCount may be meant",
    'sh:property [ sh:path ex:p ; sh:minCount "1" ] .': "property http://example.org/p: min count: “1” is not a whole",
    "sh:property [ sh:path ex:p, ex:q ; sh:minCount 1 ] .": "path: at most 1 allowed, 2 given",
    "sh:property [ sh:minCount 1 ] .": "http://example.org/S",
    'sh:property [ sh:path ex:p ; sh:pattern "(" ] .': "the pattern ( is no regular expression",
    'sh:sparql [ sh:select "SELECT $this { nonsense" ] .': "http://example.org/S: the query does not parse",
    'sh:sparql [ sh:select "SELECT ?x { ?x ?y ?z }" ] .': "does not return $this",
    'sh:sparql [ sh:select "SELECT $this { $this ex:p ?x }" ] .': "the query does not parse: Unknown namespace prefix",
    'sh:sparql [ sh:select "SELECT $this { SERVICE <urn:x> { $this ?p ?o } }" ] .': "must not say SERVICE",
    'sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS { ?s ?p 1 } }" ] .': "must not say MINUS",
    'sh:js [ sh:jsFunctionName "f" ] .': "JavaScript",
}


def test_shapes_without_a_target_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadShapes, match="no shape has a target"):
        user_shapes(_file(tmp_path, "ex:S sh:property [ sh:path ex:p ; sh:minCount 1 ] ."))


def test_a_file_without_a_shape_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadShapes, match="there is no shape"):
        user_shapes(_file(tmp_path, "ex:S a ex:Thing ."))


@pytest.mark.parametrize(("shape", "said"), BROKEN.items())
def test_a_broken_shape_is_an_error_with_its_place(shape: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadShapes) as caught:
        user_shapes(_file(tmp_path, TARGET + shape))
    assert said in caught.value.detail


@pytest.mark.parametrize("name", ["micro-credential.ttl", "mastery.ttl", "statements.ttl", "ontology.ttl"])
def test_our_own_shapes_pass(name: str) -> None:
    assert user_shapes(folder("shapes") / name).names == (name,)


def test_the_published_shapes_are_found_to_be_misspelled(reference: Path) -> None:
    with pytest.raises(BadShapes, match=r"no sh:nodekind; sh:nodeKind may be meant"):
        user_shapes(reference / "elm" / "shapes" / "EDC-generic-no-cv.ttl")


def test_the_messages_of_the_shapes_come_first_and_ours_where_there_are_none(tmp_path: Path) -> None:
    shapes = (
        TARGET
        + """sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:message "No p."@en ],
      [ sh:path ex:theName ; sh:minCount 2 ] ."""
    )
    report = _report(tmp_path, shapes, "ex:a a ex:C ; ex:theName 1 .")
    assert not report.conforms
    assert [finding.message for finding in report.findings] == ["C, the name: at least 2 needed, 1 given.", "No p."]
    assert {finding.rule for finding in report.findings} == {"http://example.org/S"}


def test_shapes_of_ones_own_speak_the_language_where_they_have_it_and_we_do_where_they_have_none(
    tmp_path: Path,
) -> None:
    shapes = (
        TARGET
        + """sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:message "No p."@en, "Manca p."@it ],
      [ sh:path ex:q ; sh:name "size"@en, "misura"@it ; sh:minCount 2 ] ."""
    )
    document = read_document((PREFIXES + "ex:a a ex:C ; ex:q 1 .").encode(), "text/turtle")
    report = validate_with_external_shapes(
        document, user_shapes(_file(tmp_path, shapes)), "mine.ttl", own=True, translate=Translator("it")
    )
    assert [finding.message for finding in report.findings] == [
        "C, misura: minimo richiesto 2, indicati 1.",
        "Manca p.",
    ]
    assert (report.language, report.completeness.missing) == ("it", ("misura", "p"))


def test_the_finding_says_which_alternative_is_the_closest(tmp_path: Path) -> None:
    shapes = (
        TARGET
        + """sh:property [ sh:path ex:by ; sh:or (
        [ sh:name "a person" ; sh:class ex:Person ; sh:property [ sh:path ex:name ; sh:minCount 1 ] ]
        [ sh:name "a school" ; sh:class ex:School ; sh:property [ sh:path ex:code ; sh:minCount 1 ] ] ) ] ."""
    )
    (finding,) = _report(tmp_path, shapes, "ex:a a ex:C ; ex:by [ a ex:School ] .").findings
    assert finding.message == (
        "C, by: the school is not one of the allowed values: a person, a school. The closest is a school: "
        "school, code: at least 1 needed, 0 given."
    )
    assert finding.value == "the school"


@pytest.mark.parametrize(
    "asked",
    [
        'sh:property [ sh:path ex:p ; sh:pattern "^(a+)+$" ]',
        'sh:sparql [ sh:select "SELECT $this { $this <http://example.org/p> ?v FILTER(REGEX(?v, \\"^(a+)+$\\")) }" ]',
    ],
)
def test_a_pattern_that_never_ends_is_ended(asked: str, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(f'{PREFIXES} ex:x a ex:C ; ex:p "{"a" * 5000}!" .', encoding="utf-8")
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "mastery_graph.cli", "validate", tmp_path / "data.ttl"),
            *("--shapes", _file(tmp_path, f"{TARGET}{asked} ."), "--engine", "pyshacl"),
        ],
        env={**os.environ, "MASTERY_SHAPES_SECONDS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "did not come to an end in 1 seconds" in ended.stderr


def test_the_data_is_not_widened(tmp_path: Path) -> None:
    shapes = """<http://example.org/onto> a owl:Ontology ; owl:imports <http://127.0.0.1:9/none> .
      ex:C rdfs:subClassOf ex:D . ex:S sh:targetClass ex:D ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
      ex:T sh:targetClass ex:C ; sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:q ; sh:object 1 ] ;
        sh:property [ sh:path ex:q ; sh:minCount 1 ] ."""
    report = _report(tmp_path, shapes, "ex:a a ex:C .")
    assert [finding.element for finding in report.findings] == ["q"]


def test_shapes_that_speak_of_nothing_in_the_document_are_no_pass(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="Nothing in the document"):
        _report(tmp_path, TARGET + "sh:property [ sh:path ex:p ; sh:minCount 1 ] .", "ex:a a ex:Other .")


XSD_TRUE = '"1"^^<http://www.w3.org/2001/XMLSchema#boolean>'
IDLE = {
    f"sh:property [ sh:path ex:p ; sh:uniqueLang {XSD_TRUE} ] .": ("property http://example.org/p", "sh:uniqueLang"),
    f"sh:closed {XSD_TRUE} ; sh:nodeKind sh:IRI .": ("http://example.org/S", "sh:closed"),
    f"sh:nodeKind sh:IRI ; sh:deactivated {XSD_TRUE} .": ("http://example.org/S", "sh:deactivated"),
    "sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 1 ; "
    f"sh:qualifiedValueShapesDisjoint {XSD_TRUE} ] .": ("http://example.org/p", "sh:qualifiedValueShapesDisjoint"),
    'sh:property [ sh:path ex:p ; sh:flags "i" ; sh:minCount 1 ] .': ("http://example.org/p", "sh:flags"),
    "sh:nodeKind sh:IRI ; sh:ignoredProperties ( ex:p ) .": ("http://example.org/S", "sh:ignoredProperties"),
    "sh:property [ sh:path ex:p ; sh:qualifiedMinCount 1 ] .": ("http://example.org/p", "sh:qualifiedMinCount"),
    "sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ] .": (
        *("http://example.org/p", "sh:qualifiedValueShape"),
    ),
    "sh:minCount 1 .": ("http://example.org/S", "sh:minCount"),
    "sh:nodeKind sh:IRI . ex:T a sh:NodeShape ; sh:nodeKind sh:IRI .": ("http://example.org/T", "target"),
    "sh:nodeKind sh:IRI . ex:T sh:node ex:U . ex:U sh:node ex:T .": ("http://example.org/T", "target"),
    'sh:name "all of it" . ex:T sh:targetClass ex:D ; sh:nodeKind sh:IRI .': ("http://example.org/S", "no constraint"),
    "sh:property [ sh:path ex:p ; sh:minCount 0 ] .": ("http://example.org/S", "no constraint"),
    "sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:deactivated true ] .": ("http://example.org/S", "no constraint"),
    'sh:sparql [ sh:message "No."@en ] .': ("http://example.org/S", "sh:sparql"),
    'sh:nodeKind sh:IRI . ex:T sh:target [ sh:name "t" ] ; sh:nodeKind sh:IRI .': ("http://example.org/T", "sh:target"),
}


@pytest.mark.parametrize(("shape", "names"), IDLE.items())
def test_a_shape_or_parameter_that_does_nothing_is_an_error(shape: str, names: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(BadShapes) as caught:
        user_shapes(_file(tmp_path, TARGET + shape))
    problems = caught.value.members["problems"]
    assert isinstance(problems, list)
    assert any(all(name in problem for name in names) for problem in problems), problems


@pytest.mark.parametrize(
    "shape",
    [
        "sh:property [ sh:path ex:p ; sh:uniqueLang true ] .",
        "sh:property [ sh:path ex:p ; sh:uniqueLang false ; sh:minCount 1 ] .",
        'sh:closed true ; sh:property [ sh:path ex:p ; sh:name "p" ] .',
        "sh:nodeKind sh:IRI ; sh:property [ sh:path ex:p ; sh:minCount 0 ] .",
        "sh:nodeKind sh:IRI . ex:T sh:deactivated true ; sh:nodeKind sh:IRI ; sh:node ex:U . ex:U sh:nodeKind sh:IRI .",
        "sh:or ( [ sh:node ex:T ] ex:U ) . ex:T sh:nodeKind sh:IRI . ex:U sh:nodeKind sh:IRI .",
        "sh:node ex:T . ex:T sh:property [ sh:path ex:p ; sh:node ex:S ; sh:minCount 1 ] .",
    ],
)
def test_a_shape_that_does_something_or_is_switched_off_is_taken(shape: str, tmp_path: Path) -> None:
    assert user_shapes(_file(tmp_path, TARGET + shape)).names == ("mine.ttl",)


def test_a_component_of_ones_own_is_a_constraint(tmp_path: Path) -> None:
    shapes = """ex:S sh:targetClass ex:C ; ex:most 3 .
      ex:MostComponent a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ;
        sh:nodeValidator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER(true) }" ] ."""
    assert user_shapes(_file(tmp_path, shapes)).names == ("mine.ttl",)


CHECK = "sh:property [ sh:path ex:p ; sh:minCount 1 ] "
SELECT = 'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { ?this a <http://example.org/C> }" ] '
FOCUS = {
    "a shape that is switched off": (f"ex:S sh:deactivated true ; sh:targetClass ex:C ; {CHECK}. ", "ex:a a ex:C ."),
    "one of its two targets is switched off": (
        f"ex:S sh:deactivated true ; sh:targetClass ex:C ; {CHECK}. ex:T sh:targetClass ex:D ; {CHECK}.",
        "ex:a a ex:C .",
    ),
    "a class that is a shape, switched off": (
        f"ex:C a rdfs:Class, sh:NodeShape ; sh:deactivated true ; {CHECK}. ex:T sh:targetClass ex:D ; {CHECK}.",
        "ex:a a ex:C .",
    ),
    "a subclass without a member": (f"{TARGET}{CHECK}.", "ex:B rdfs:subClassOf ex:C ."),
    "a member of another class": (f"{TARGET}{CHECK}.", "ex:a a ex:B ; ex:q ex:C ."),
    "a query that selects nothing": (f"ex:S {SELECT}; {CHECK}.", "ex:a a ex:B ."),
    "a property that nothing has": (f"ex:S sh:targetSubjectsOf ex:r ; {CHECK}.", "ex:a a ex:C ."),
}


@pytest.mark.parametrize(("shapes", "data"), FOCUS.values(), ids=FOCUS)
def test_shapes_that_check_nothing_in_the_document_refuse_it(shapes: str, data: str, tmp_path: Path) -> None:
    with pytest.raises((BadDocument, BadShapes)):
        _report(tmp_path, shapes, data)


@pytest.mark.parametrize(
    ("shapes", "data"),
    [
        (f"{TARGET}{CHECK}.", "ex:a a ex:A . ex:A rdfs:subClassOf ex:B . ex:B rdfs:subClassOf ex:C ."),
        (f"ex:C a rdfs:Class, sh:NodeShape ; {CHECK}.", "ex:a a ex:C ."),
        (f"ex:S {SELECT}; {CHECK}.", "ex:a a ex:C ."),
        (f"ex:S sh:targetObjectsOf ex:q ; {CHECK}.", "ex:b ex:q ex:a ."),
        (f"ex:S sh:targetNode ex:a ; {CHECK}.", "ex:a ex:q 1 ."),
    ],
)
def test_each_kind_of_target_is_found(shapes: str, data: str, tmp_path: Path) -> None:
    (finding,) = _report(tmp_path, shapes, data).findings
    assert finding.focus_node == "http://example.org/a"


def test_a_query_in_a_shape_names_what_it_found(tmp_path: Path) -> None:
    shapes = (
        TARGET
        + """sh:sparql [ sh:message "{?value} is too much."@en ;
      sh:select "SELECT $this ?value { $this <http://example.org/p> ?value FILTER(?value > 5) }" ] ."""
    )
    (finding,) = _report(tmp_path, shapes, "ex:a a ex:C ; ex:p 7, 3 .").findings
    assert finding.message == "7 is too much."


ELM = "PREFIX elm: <http://data.europa.eu/snb/model/elm/> PREFIX dct: <http://purl.org/dc/terms/>\n"
NESTED = """ex:S sh:targetClass elm:Qualification ; sh:property [ sh:path elm:learningOutcome ; %s ] ."""
OUTCOMES = [
    {"type": "LearningOutcome", "title": {"en": "A"}, "relatedESCOSkill": {"type": "Concept", "notation": "a"}},
    {"type": "LearningOutcome", "title": {"en": "B"}, "relatedESCOSkill": [{"type": "Concept"}]},
]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ("sh:maxCount 0", "/learningOutcome/0"),
        ("sh:nodeKind sh:IRI", "/learningOutcome/0"),
        ("sh:node [ sh:property [ sh:path dct:title ; sh:maxLength 0 ] ]", "/learningOutcome/0/title/en"),
        (
            "sh:node [ sh:property [ sh:path elm:relatedESCOSkill ; sh:node ex:T ] ]",
            "/learningOutcome/1/relatedESCOSkill/0",
        ),
        (
            "sh:or ( [ sh:class ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ]"
            " [ sh:property [ sh:path elm:relatedESCOSkill ; sh:node ex:T ] ] )",
            "/learningOutcome/1/relatedESCOSkill/0",
        ),
        ("sh:property [ sh:path elm:relatedESCOSkill ; sh:hasValue ex:V ]", "/learningOutcome/0/relatedESCOSkill"),
    ],
)
def test_a_finding_points_to_the_deepest_part_that_lacks_something(asked: str, pointer: str, tmp_path: Path) -> None:
    notation = "ex:T sh:property [ sh:path <http://www.w3.org/2004/02/skos/core#notation> ; sh:minCount 1 ] ."
    shapes = f"{ELM}{NESTED % asked}\n{notation if 'ex:T' in asked else ''}"
    context = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
    document = {"@context": context, "type": "Qualification", "learningOutcome": OUTCOMES}
    report = validate_with_external_shapes(
        read_value(document), user_shapes(_file(tmp_path, shapes)), "mine.ttl", own=True
    )
    assert report.findings[0].pointer == pointer
    assert all(leads_somewhere(document, finding.pointer or "") for finding in report.findings)


def test_a_finding_in_turtle_names_the_line_of_the_part_that_lacks_something(tmp_path: Path) -> None:
    shapes = TARGET + "sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ] ] ."
    (finding,) = _report(tmp_path, shapes, "ex:c a ex:C ;\n  ex:p ex:d .\nex:d ex:r 1 .").findings
    assert (finding.pointer, finding.line) == (None, 5)
