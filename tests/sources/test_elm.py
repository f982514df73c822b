"""The download of the European Learning Model."""

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode

from mastery_graph.errors import BadSource
from mastery_graph.sources.elm import ONTOLOGY, SHAPES, VOCABULARIES, ElmDownload
from mastery_graph.validation.engine.shapes import Shapes, name_shapes
from mastery_graph.vocabulary import RDFS, SH, SKOS

VOCABULARY = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://example.org/modes">
<xs:simpleType name="T"><xs:restriction base="xs:anyURI"><xs:enumeration value="http://example.org/online">
<xs:annotation><xs:documentation>Fully
   online</xs:documentation></xs:annotation></xs:enumeration></xs:restriction></xs:simpleType></xs:schema>"""
SHAPE = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX owl: <http://www.w3.org/2002/07/owl#>
<http://example.org/ap/mine/> a owl:Ontology .
<http://example.org/S> a sh:NodeShape ; sh:property [ sh:path <http://example.org/p> ] ."""


def test_each_file_of_the_download_is_a_graph(reference: Path) -> None:
    download = ElmDownload([reference / "elm"])
    assert len(download.report.shapes) == 10
    assert len(download.report.concepts) == 15
    assert download.report.concepts["country"] == 253
    assert {SHAPES + "edc-generic-full", SHAPES + "loq-constraints", VOCABULARIES + "nqf", ONTOLOGY} <= set(
        download.graphs
    )


def test_the_graph_of_shapes_is_named_after_the_shapes_and_that_of_a_vocabulary_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "any.ttl").write_text(SHAPE, encoding="utf-8")
    (tmp_path / "modes.xsd").write_text(VOCABULARY, encoding="utf-8")
    graphs = ElmDownload([tmp_path]).graphs
    assert set(graphs) == {SHAPES + "mine", VOCABULARIES + "modes"}
    said = {(triple.predicate.value, str(triple.object)) for triple in graphs[VOCABULARIES + "modes"]}
    assert (RDFS + "label", '"Fully online"@en') in said
    assert (SKOS + "inScheme", "<http://example.org/modes>") in said


def test_shapes_are_kept_with_an_iri_for_each(tmp_path: Path) -> None:
    (tmp_path / "any.ttl").write_text(SHAPE, encoding="utf-8")
    kept = name_shapes(ElmDownload([tmp_path]).graphs[SHAPES + "mine"])
    assert not any(isinstance(triple.object, BlankNode) for triple in kept if triple.predicate.value == SH + "property")
    assert Shapes(kept).property_shapes == Shapes(reversed(kept)).property_shapes
    assert NamedNode("urn:mastery-graph:shape:http://example.org/S!property/p") in {triple.object for triple in kept}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.ttl", "<http://example.org/a> a <http://example.org/B> .", "No SHACL shapes"),
        ("bad.xsd", "<xs:schema", "is not XML"),
        ("bomb.xsd", '<!DOCTYPE x [<!ENTITY a "a">]><x/>', "document type"),
        ("other.xsd", "<x/>", "no target namespace"),
    ],
)
def test_what_is_no_download_is_refused_with_the_reason(name: str, content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(BadSource, match=reason):
        ElmDownload([tmp_path])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="does not exist"):
        ElmDownload([tmp_path / "nowhere"])
