"""A whole ESCO download: read as a stream, taken in at once, resumed where it was interrupted, and reported on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from mastery_graph.errors import BadSource
from mastery_graph.esco.load import publish
from mastery_graph.esco.read import read_download
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.pipeline.dataset import content_of, read_description
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import ESCO_EXTRACT_GRAPH, graph
from tests.support.command_line import run

PREFIXES = """
@prefix dct: <http://purl.org/dc/terms/> .
@prefix esco: <http://data.europa.eu/esco/model#> .
@prefix iso-thes: <http://purl.org/iso25964/skos-thes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix s: <http://data.europa.eu/esco/skill/> .
@prefix l: <http://data.europa.eu/esco/label/> .
@prefix n: <http://data.europa.eu/esco/node-literal/> .
"""
OBSOLETE = "http://data.europa.eu/esco/skill/8f585def-6ade-41b3-b897-3d71fba4151d"
SUCCESSOR = "http://data.europa.eu/esco/skill/83fc0b2b-6cd2-46af-b1ff-d3fc83604c26"
OFFICIAL = (
    PREFIXES
    + """
<http://data.europa.eu/esco/concept-scheme/skills> a skos:ConceptScheme ; owl:versionInfo "1.3.0" .
s:8f585def-6ade-41b3-b897-3d71fba4151d a esco:MemberConcept , esco:Skill , skos:Concept ;
  iso-thes:status "obsolete" ;
  dct:isReplacedBy s:83fc0b2b-6cd2-46af-b1ff-d3fc83604c26 ;
  skos:prefLabel "an older name"@en .
s:83fc0b2b-6cd2-46af-b1ff-d3fc83604c26 a esco:MemberConcept , esco:Skill , skos:Concept ;
  dct:description n:313ba957-2c28-4779-80cb-5b2e661dadf6 ;
  iso-thes:status "released" ;
  skos:prefLabel "a newer name"@en , "uudempi nimi"@fi ;
  skosxl:prefLabel l:9f7da187-956b-42cc-a0ef-f31319d035e8 .
l:9f7da187-956b-42cc-a0ef-f31319d035e8 a skosxl:Label ; skosxl:literalForm "a newer name"@en .
n:313ba957-2c28-4779-80cb-5b2e661dadf6 a esco:NodeLiteral ; esco:language "en" ; esco:nodeLiteral "What it is." .
"""
)


@pytest.fixture
def own(built: tuple[Path, BuildReport], tmp_path: Path) -> Path:
    """A store of the test's own, with the real graph and without ESCO."""
    folder = tmp_path / "store"
    shutil.copytree(built[0], folder, symlinks=True)
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The place of a store that is yet to be made."""
    return tmp_path / "bare"


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A cut of the official Turtle, with the real URIs of two skills."""
    file = tmp_path / "esco.ttl"
    file.write_text(OFFICIAL, encoding="utf-8")
    return file


def load(folder: Path, file: Path, **options: bool) -> None:
    publish(folder, read_download(folder, EscoDownload([file], **options)))


def triples_of(folder: Path) -> set[str]:
    store = EmbeddedStore.open(folder)
    try:
        return {str(triple) for triple in store.triples(NamedNode(graph("esco")))}
    finally:
        store.close()


def test_the_official_turtle_is_taken_in_whole_and_described(own: Path, official: Path) -> None:
    done = run("load", "esco", str(official), "--released", "2025-01-31", "--json", store=own)
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)["content"]
    assert (content["version"], content["issued"], content["triples"]) == ("1.3.0", "2025-01-31", 21)
    assert content["concepts"] == {"Skill": 2, "Occupation": 0, "Group": 0, "ConceptScheme": 1}
    assert content["languages"] == {"en": 2, "fi": 1}
    assert [(one["uri"], one["successors"][0]["uri"]) for one in content["obsolete"]] == [(OBSOLETE, SUCCESSOR)]
    store = EmbeddedStore.open(own)
    assert read_description(store)[graph("esco")].sha256 == content_of(EscoDownload([official]).triples()).sha256
    assert graph("mappings") in read_description(store)
    assert ESCO_EXTRACT_GRAPH not in {*read_description(store), *(named.iri for named in store.graphs())}
    store.close()


def test_the_extract_that_ships_is_reported_as_one_and_nothing_is_missing_in_it(own: Path, official: Path) -> None:
    content = json.loads(run("esco", "report", "--json", store=own).stdout)["content"]
    assert (content["version"], content["issued"], content["is_extract"]) == ("1.2.0", "2024-05-15", True)
    assert (content["concepts"]["Occupation"], content["broken_mappings"]) == (0, [])
    assert "Only an extract of ESCO 1.2.0 is loaded" in run("esco", "versions", store=own).stdout
    assert "extract of ESCO 1.2.0" in run("info", store=own).stdout
    refused = run("query", "browse/dataset", "--esco", "1.2.0", store=own)
    assert (refused.returncode, "No complete version is loaded." in refused.stderr) == (2, True)
    shown = run("load", "esco", str(official), "--preview", store=own).stdout
    assert "It takes the place of the extract of ESCO that ships." in shown
    assert "Against" not in shown
    assert ESCO_EXTRACT_GRAPH in {named.iri for named in EmbeddedStore.open(own).graphs()}


def test_a_mapping_that_breaks_is_told_with_what_to_map_to(own: Path, official: Path) -> None:
    load(own, official)
    done = run("esco", "report", "--json", store=own)
    broken = {one["object"]: one for one in json.loads(done.stdout)["content"]["broken_mappings"]}
    assert broken[OBSOLETE]["reason"] == "obsolete"
    assert broken[OBSOLETE]["successors"] == [{"uri": SUCCESSOR, "label": "a newer name"}]
    assert any(one["reason"] == "missing" for one in broken.values())


def test_a_preview_changes_nothing_and_spares_the_second_reading(own: Path, official: Path, reference: Path) -> None:
    load(own, reference / "esco-1.2.0" / "greenSkillsCollection_en.csv")
    before, pointer = triples_of(own), (own / "current").read_text()
    shown = run("load", "esco", str(official), "--preview", "--json", store=own)
    assert ((own / "current").read_text(), triples_of(own)) == (pointer, before)
    difference = json.loads(shown.stdout)["difference"]
    assert (difference["before"], difference["after"]) == ("1.2.0", "1.3.0")
    assert OBSOLETE in {one["uri"] for one in difference["became_obsolete"]}
    assert "a newer name" in {one["after"] for one in difference["relabelled"]}
    assert len(difference["removed"]) > 500
    taken = run("load", "esco", str(official), store=own)
    assert "Went on after 21 statements that were there" in taken.stdout
    assert len(triples_of(own)) == 21
    assert not (own / "loading" / "esco").exists()


def test_labels_as_nodes_can_be_left_out(bare: Path, official: Path) -> None:
    load(bare, official, label_nodes=False)
    kept = triples_of(bare)
    assert len(kept) == 18
    assert not any("skos-xl" in triple for triple in kept)


def test_csv_comes_in_any_languages_from_folders_and_archives(reference: Path, tmp_path: Path) -> None:
    english = (reference / "esco-1.2.0" / "skillGroups_en.csv").read_text(encoding="utf-8-sig")
    finnish = tmp_path / "ESCO dataset - v1.2.0 - classification - fi - csv.zip"
    with zipfile.ZipFile(finnish, "w") as archive:
        archive.writestr("skillGroups_fi.csv", english.replace("generic programmes", "yleiset ohjelmat"))
    folder = tmp_path / "en"
    folder.mkdir()
    (folder / "skillGroups_en.csv").write_text(english, encoding="utf-8")
    download = EscoDownload([folder, finnish])
    labels = {str(triple.object) for triple in download.triples()}
    assert '"generic programmes and qualifications"@en' in labels
    assert '"yleiset ohjelmat and qualifications"@fi' in labels
    assert (download.version, download.report.languages) == ("1.2.0", ["en", "fi"])


def test_n_triples_and_rdf_xml_say_the_same_as_turtle(official: Path, tmp_path: Path) -> None:
    from pyoxigraph import RdfFormat, serialize

    triples = list(EscoDownload([official]).triples())
    for suffix, form in ((".nt", RdfFormat.N_TRIPLES), (".rdf", RdfFormat.RDF_XML)):
        serialize(triples, output=str(tmp_path / f"other{suffix}"), format=form)
        assert set(EscoDownload([tmp_path / f"other{suffix}"]).triples()) == set(triples)


def test_a_download_of_no_told_version_is_asked_for_it_and_not_read_twice(own: Path, tmp_path: Path) -> None:
    file = tmp_path / "esco.ttl"
    file.write_text(OFFICIAL.replace('; owl:versionInfo "1.3.0"', ""), encoding="utf-8")
    done = run("load", "esco", str(file), store=own)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "Give it, as in --version 1.2.0." in done.stderr
    told = run("load", "esco", str(file), "--version", "v1.2", store=own).stdout
    assert "Went on after 20 statements" in told
    assert f"an older name is obsolete; map to a newer name ({SUCCESSOR})" in told


def test_turtle_that_breaks_off_leaves_the_store_as_it_was(bare: Path, official: Path) -> None:
    load(bare, official)
    before = triples_of(bare)
    official.write_text(OFFICIAL + "s:83fc0b2b a esco:Skill ; skos:prefLabel", encoding="utf-8")
    with pytest.raises(BadSource, match=r"esco\.ttl, line "):
        load(bare, official)
    assert triples_of(bare) == before


def test_blank_nodes_are_named_canonically(official: Path, bare: Path) -> None:
    official.write_text(OFFICIAL + 's:83fc0b2b-6cd2-46af-b1ff-d3fc83604c26 skos:note [ skos:example "x" ] .', "utf-8")
    load(bare, official)
    store = EmbeddedStore.open(bare)
    assert read_description(store)[graph("esco")].sha256 == content_of(EscoDownload([official]).triples()).sha256
    store.close()
    assert len(triples_of(bare)) == 23


KILLED = """
import os, signal, sys
from pathlib import Path
from mastery_graph.esco import read
read._BATCH_SIZE = 1000
save_state = read._save_state
def save_and_stop(folder, state):
    save_state(folder, state)
    if state.parts == 3:
        os.kill(os.getpid(), signal.SIGKILL)
read._save_state = save_and_stop
read.read_download(Path(sys.argv[1]), read.EscoDownload([Path(sys.argv[2])]))
"""


def test_a_killed_load_leaves_the_old_version_and_goes_on_after_what_was_kept(
    bare: Path, official: Path, reference: Path
) -> None:
    load(bare, official)
    before = triples_of(bare)
    table = reference / "esco-1.2.0" / "greenSkillsCollection_en.csv"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(bare), str(table)], env={**os.environ}, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert triples_of(bare) == before
    loaded = read_download(bare, EscoDownload([table]))
    assert loaded.resumed_after == 3000
    publish(bare, loaded)
    assert triples_of(bare) == {str(triple) for triple in EscoDownload([table]).triples()}


LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
runpy.run_module("mastery_graph.cli", run_name="__main__")
"""
"""The command, with a limit to the bytes of each file, which fails as a full disk does."""


@pytest.mark.parametrize("room", [50_000, 400_000])
def test_a_full_disk_keeps_nothing_of_a_download(bare: Path, official: Path, reference: Path, room: int) -> None:
    load(bare, official)
    before = triples_of(bare)
    table = reference / "esco-1.2.0" / "greenSkillsCollection_en.csv"
    command = ["load", "esco", str(table), "--store", str(bare), "--version", "1.2.0"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(room), *command], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "the disk is full" in done.stderr) == (3, True), done.stderr
    assert not (bare / "loading" / "esco").exists()
    assert triples_of(bare) == before


def test_what_is_no_version_is_refused() -> None:
    from mastery_graph.sources.esco import normal_version

    with pytest.raises(BadSource, match="not a version of ESCO"):
        normal_version("latest")
