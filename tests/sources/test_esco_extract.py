"""The extract of ESCO that ships: made from a download by one command, always the same, and complete upwards."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from mastery_graph.errors import BadSource
from mastery_graph.rdf import link, words
from mastery_graph.resources import folder
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.sources.esco_extract import ESCO_NOTICE, describe_extract, main, make_extract
from mastery_graph.sources.turtle import read_turtle
from mastery_graph.vocabulary import DCTERMS, ESCO_EXTRACT_GRAPH, ISO_THES, RDF, SKOS

GREEN = "http://data.europa.eu/esco/concept-scheme/green"
COLLECTIONS = ("greenSkillsCollection", "transversalSkillsCollection")


@pytest.fixture(scope="module")
def shipped() -> list[Triple]:
    return read_turtle(folder("ontology") / "esco-extract.ttl")


def pairs(triples: list[Triple], predicate: str) -> set[tuple[str, str]]:
    return {
        (triple.subject.value, triple.object.value)
        for triple in triples
        if triple.predicate.value == predicate and isinstance(triple.subject, NamedNode)
    }


def test_the_command_makes_the_file_that_ships(reference: Path, tmp_path: Path) -> None:
    file = tmp_path / "extract.ttl"
    folders = [str(reference / "esco-1.2.0"), str(reference / "esco-full")]
    assert main([*folders, "--issued", "2024-05-15", "--to", str(file)]) == 0
    assert file.read_bytes() == (folder("ontology") / "esco-extract.ttl").read_bytes()
    assert file.stat().st_size < 1_000_000


def test_it_has_both_collections_and_everything_above_them(shipped: list[Triple], reference: Path) -> None:
    tables = [reference / "esco-1.2.0" / f"{name}_en.csv" for name in COLLECTIONS]
    collected = {triple.subject.value for triple in EscoDownload(tables).triples()}
    concepts = {subject for subject, kind in pairs(shipped, RDF.type) if kind == SKOS.Concept}
    assert len(collected) == 681
    assert collected <= concepts
    broader = pairs(shipped, SKOS.broader)
    all_broader = pairs(list(EscoDownload([reference / "esco-1.2.0"]).triples()), SKOS.broader)
    assert broader == {(concept, other) for concept, other in all_broader if concept in concepts}
    above, reached = set(collected), set[str]()
    while above:
        reached |= above
        above = {other for concept, other in broader if concept in above} - reached
    assert reached == concepts


def test_it_has_labels_in_english_and_no_descriptions(shipped: list[Triple]) -> None:
    concepts = {subject for subject, kind in pairs(shipped, RDF.type) if kind == SKOS.Concept}
    labelled = {subject for subject, _ in pairs(shipped, SKOS.prefLabel)}
    # The tables beside the checkout do not have the labels of these three skills.
    assert sorted(iri.rpartition("/")[2] for iri in concepts - labelled) == [
        "426ceaba-6867-481c-bb6b-aee3933da7d2",
        "574257ea-7b64-4100-b7b6-e27c233fe143",
        "629685b8-5f9e-4522-8cff-b3e2c4ec625a",
    ]
    languages = {getattr(triple.object, "language", None) for triple in shipped}
    assert languages == {"en", None}
    assert not {triple.predicate.value for triple in shipped} & {DCTERMS.description, SKOS.definition, SKOS.scopeNote}


def test_it_states_its_version_its_day_its_source_and_the_notice(shipped: list[Triple]) -> None:
    extract = describe_extract(shipped)
    assert (extract.version, extract.issued) == ("1.2.0", "2024-05-15")
    about = {triple.predicate.value: triple.object.value for triple in shipped if ESCO_EXTRACT_GRAPH in str(triple)}
    assert about[DCTERMS.rights] == ESCO_NOTICE
    assert about[DCTERMS.source].startswith("https://esco.ec.europa.eu/")


def test_a_concept_that_is_no_longer_in_use_stays_with_its_successor() -> None:
    old, new, group, other = (f"http://data.europa.eu/esco/skill/{name}" for name in ("old", "new", "group", "other"))
    extract = make_extract(
        [
            link(old, SKOS.inScheme, GREEN),
            link(old, SKOS.broader, group),
            link(old, DCTERMS.isReplacedBy, new),
            words(old, ISO_THES + "status", "obsolete"),
            words(group, ISO_THES + "status", "released"),
            words(group, SKOS.prefLabel, "a group", "en"),
            words(group, SKOS.prefLabel, "ryhmä", "fi"),
            link(other, SKOS.broader, old),
        ],
        {old, new},
        "1.3.0",
        "2025-01-31",
    )
    assert pairs(extract, RDF.type) == {(concept, SKOS.Concept) for concept in (old, new, group)}
    assert pairs(extract, DCTERMS.isReplacedBy) == {(old, new)}
    assert pairs(extract, ISO_THES + "status") == {(old, "obsolete")}
    assert pairs(extract, SKOS.prefLabel) == {(group, "a group")}


def test_a_download_without_one_of_the_collections_makes_no_extract(reference: Path, tmp_path: Path) -> None:
    table = reference / "esco-1.2.0" / "greenSkillsCollection_en.csv"
    with pytest.raises(BadSource, match="transversalSkillsCollection"):
        main([str(table), "--issued", "2024-05-15", "--to", str(tmp_path / "extract.ttl")])
    assert not (tmp_path / "extract.ttl").exists()
