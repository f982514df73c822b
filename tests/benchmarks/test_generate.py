"""Generated data: of the size asked for, the same for the same seed, in the shape of the official download."""

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from benchmarks.generate import main
from mastery_graph.vocabulary import DCTERMS, ELM, ESCO, OWL, RDF, SKOS

SKOSXL = "http://www.w3.org/2008/05/skos-xl#"
STATUS = "http://purl.org/iso25964/skos-thes#status"


def esco(download: Path, out: Path, *options: str) -> list[Quad]:
    assert main(["esco", "--out", str(out), "--from", str(download), "--triples", "20000", *options]) == 0
    return list(parse(path=str(out), format=RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def download(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of the download: green skills, their groups, occupations."""
    folder = tmp_path_factory.mktemp("download")
    for name in ("greenSkillsCollection", "skillGroups", "occupations", "ISCOGroups", "conceptSchemes"):
        (folder / f"{name}_en.csv").symlink_to(reference / "esco-1.2.0" / f"{name}_en.csv")
    return folder


@pytest.fixture(scope="module")
def graph(download: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Quad]:
    return esco(download, tmp_path_factory.mktemp("made") / "esco.ttl", "--languages", "en,fi,bg")


def values(graph: list[Quad], predicate: str) -> Counter[str]:
    return Counter(quad.object.value for quad in graph if quad.predicate.value == predicate)


def test_the_graph_has_the_size_asked_for_and_no_statement_twice(graph: list[Quad]) -> None:
    assert len(set(graph)) == len(graph)
    assert 20_000 <= len(graph) < 20_500


def test_the_graph_has_the_shape_of_the_official_turtle(graph: list[Quad]) -> None:
    kinds = values(graph, RDF + "type")
    assert min(kinds[ESCO + "Skill"], kinds[ESCO + "Occupation"]) > 0
    assert kinds[SKOSXL + "Label"] == sum(values(graph, SKOSXL + "literalForm").values())
    assert kinds[ESCO + "AssociationObject"] == sum(values(graph, ESCO + "target").values())
    assert values(graph, OWL + "versionInfo").keys() == {"1.2.0"}
    languages = {quad.object.language for quad in graph if isinstance(quad.object, Literal)}
    assert languages == {"en", "fi", "bg", None}


def test_made_labels_say_so_and_real_ones_are_real(graph: list[Quad], reference: Path) -> None:
    labels = [quad.object for quad in graph if quad.predicate.value == SKOS + "prefLabel"]
    assert all(f"[made {label.language}]" in label.value for label in labels if label.language != "en")
    occupations = (reference / "esco-1.2.0" / "occupations_en.csv").read_text(encoding="utf-8")
    named = {quad.subject for quad in graph if quad.object == NamedNode(ESCO + "Occupation")}
    real = [quad.object for quad in graph if quad.subject in named and quad.predicate.value == SKOS + "prefLabel"]
    assert all(label.value in occupations for label in real if label.language == "en")


def test_everything_broader_is_in_the_graph(graph: list[Quad]) -> None:
    assert values(graph, SKOS + "broader").keys() <= {quad.subject.value for quad in graph}


def test_versions_of_one_seed_differ_in_the_shares_asked_for_only(download: Path, tmp_path: Path) -> None:
    old = esco(download, tmp_path / "old.ttl", "--languages", "en")
    again = esco(download, tmp_path / "again.ttl", "--languages", "en")
    assert (tmp_path / "old.ttl").read_bytes() == (tmp_path / "again.ttl").read_bytes()
    assert old == again
    new = esco(download, tmp_path / "new.ttl", "--languages", "en", "--version", "1.3.0", "--obsolete", "0.1")
    obsolete = {quad.subject for quad in new if quad.predicate.value == STATUS and quad.object.value == "obsolete"}
    replaced = {quad.subject for quad in new if quad.predicate.value == DCTERMS + "isReplacedBy"}
    assert 0 < len(replaced) < len(obsolete)
    assert replaced <= obsolete
    labels = [
        {(quad.subject, quad.object) for quad in each if quad.predicate.value == SKOS + "prefLabel"}
        for each in (old, new)
    ]
    assert len(labels[0] & labels[1]) > 0.9 * len(labels[0])


def test_a_graph_outgrows_the_hierarchy(reference: Path, tmp_path: Path) -> None:
    (tmp_path / "greenSkillsCollection_en.csv").symlink_to(reference / "esco-1.2.0" / "greenSkillsCollection_en.csv")
    large = esco(tmp_path, tmp_path / "large.ttl", "--languages", "en", "--triples", "60000")
    assert len(large) >= 60_000
    assert len({quad.subject for quad in large if quad.object == NamedNode(ESCO + "Skill")}) > 591


def test_a_catalogue_is_written(download: Path, tmp_path: Path) -> None:
    out = tmp_path / "catalogue.ttl"
    assert main(["catalogue", "--descriptions", "50", "--out", str(out), "--from", str(download)]) == 0
    assert values(list(parse(path=str(out), format=RdfFormat.TURTLE)), RDF + "type")[ELM + "Qualification"] == 50


def test_a_missing_download_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["esco", "--out", str(tmp_path / "none.ttl"), "--from", str(tmp_path / "none")]) == 2
    assert "name its folder with --from" in capsys.readouterr().err
