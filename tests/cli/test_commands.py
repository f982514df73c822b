"""The command line, as it is installed."""

import json
import shutil
from pathlib import Path

import pytest

from mastery_graph.pipeline.build import BuildReport
from tests.conftest import DESCRIPTION
from tests.support.command_line import run, run_installed


@pytest.fixture
def folder(built: tuple[Path, BuildReport]) -> Path:
    return built[0]


def test_levels_are_compared(folder: Path) -> None:
    done = run_installed("equivalence", "FiNQF Level 5", "--country", "IRL", "--json", store=folder)
    assert done.returncode == 0
    assert [level["label"] for level in json.loads(done.stdout)["equivalents"]] == ["IE NQF Level 6"]


def test_a_negative_answer_ends_with_one(folder: Path, reference: Path) -> None:
    sample = reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"
    done = run("validate", str(sample), store=folder)
    assert done.returncode == 1
    assert "type of quality assurance" in done.stdout


def test_a_stack_is_judged(folder: Path) -> None:
    done = run(
        "stack",
        DESCRIPTION + "waste-on-site-ita",
        DESCRIPTION + "energy-audit-irl",
        "--target",
        DESCRIPTION + "green-site-technician-irl",
        store=folder,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("stackable\n")


def test_a_file_is_recognised(folder: Path, reference: Path) -> None:
    sample = reference / "credentials" / "Sample-MC-Annex1-signed.jsonld"
    done = run("recognise", str(sample), "--country", "FIN", store=folder)
    assert done.returncode == 0
    assert done.stdout.startswith("insufficient-information\n"), (
        "its outcomes name concepts of ESCO, which is not loaded"
    )


def test_recognition_is_asked_as_of_a_day(folder: Path) -> None:
    asked = ["recognise", DESCRIPTION + "waste-on-site-ita", "--country=FIN", "--json"]
    assert json.loads(run(*asked, "--on=2025-06-01", store=folder).stdout)["question"]["on"] == "2025-06-01"
    assert run(*asked, "--on=yesterday", store=folder).returncode == 2


def test_claims_are_accepted_on_request_only(folder: Path) -> None:
    asked = ["recognise", DESCRIPTION + "carbon-footprint-bel", "--country=FIN", "--purpose=academic"]
    plain, accepting = run(*asked, store=folder), run(*asked, "--accept-claims", store=folder)
    assert (plain.stdout.splitlines()[0], accepting.stdout.splitlines()[0]) == (
        "insufficient-information",
        "recognisable",
    )
    assert accepting.stdout.splitlines()[2].startswith("Claims are accepted")
    assert "Registers not consulted" in plain.stdout
    stacked = ["stack", DESCRIPTION + "carbon-footprint-bel", f"--target={DESCRIPTION}green-site-technician-irl"]
    policy = json.loads(run(*stacked, "--accept-claims", "--json", store=folder).stdout)["policy"]
    assert policy["accept_claims"] is True


def test_a_mapping_set_is_taken_in_and_its_faults_are_told(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    own = tmp_path / "store"
    shutil.copytree(built[0], own, symlinks=True)
    table = tmp_path / "set.sssom.tsv"
    table.write_text(
        "#mapping_set_id: https://example.org/sets/a\n#mapping_set_title: Set A\n"
        "#license: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "#curie_map:\n#  gs: https://w3id.org/mastery-graph/id/green-skill/\n#  ex: https://example.org/skill/\n"
        "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
        "gs:GS01\tskos:exactMatch\tex:w\tsemapv:ManualMappingCuration\n"
        "gs:GS02\tskos:exactMatch\tex:w\tsemapv:ManualMappingCuration\n"
        "gs:GS02\tskos:exactMatch\tnowhere:w\tsemapv:ManualMappingCuration\n",
        encoding="utf-8",
    )
    done = run("load", "sssom", str(table), store=own)
    assert done.returncode == 0, done.stderr
    assert "Loaded 2 mappings: Set A." in done.stdout
    assert "line 10 refused: object_id is 'nowhere:w'" in done.stdout
    assert "two concepts of one scheme" in done.stdout
    asked = run("equivalence", "--skill", "GS01", "--framework", "https://example.org/", store=own)
    assert asked.returncode == 1
    assert asked.stdout.startswith("contradicted\n")
    assert "Who could settle it: The authors of Set A." in asked.stdout


def test_recognition_statements_are_taken_in_and_cited(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    own = tmp_path / "store"
    shutil.copytree(built[0], own, symlinks=True)
    examples = Path(__file__).resolve().parents[2] / "docs" / "examples"
    for name, held in (("statements.ttl", 1), ("statements.csv", 2)):
        done = run("load", "statements", str(examples / name), store=own)
        assert done.stdout == f"Loaded 1 recognition statements; the store holds {held}.\n", done.stderr
    asked = run(
        "recognise",
        DESCRIPTION + "waste-on-site-ita",
        "--country=FIN",
        "--purpose=academic",
        "--body=https://example.org/college",
        store=own,
    )
    assert "Settled by a recognition statement (STATEMENT-1): Example University accepts" in asked.stdout


def test_a_named_query_is_run_with_its_parameters_bound(folder: Path) -> None:
    done = run("query", "browse/green-skills", "--param", "code=GS01", "--param", "code=GS02", store=folder)
    assert {line.split("\t")[1] for line in done.stdout.splitlines()[1:]} == {'"GS01"', '"GS02"'}
    refused = run("query", "browse/green-skills", "--param", "surprise=1", store=folder)
    assert (refused.returncode, "Its parameters: code." in refused.stderr) == (2, True)
    assert "neither a file nor the name" in run("query", "browse/none", store=folder).stderr


def test_a_query_is_run(folder: Path) -> None:
    done = run("query", "-e", "ASK { ?s ?p ?o }", "--format", "csv", store=folder)
    assert (done.returncode, done.stdout) == (0, "true")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["equivalence", "Nonsense"], 2, "No level has"),
        (["recognise", "none.json", "--country", "FIN"], 2, "neither a file nor an IRI"),
        (["query"], 2, "Give a file"),
        (["query", "-e", "SELECT *"], 2, "line 1"),
        (["load", "esco", "nowhere"], 2, "does not exist"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(folder: Path, arguments: list[str], code: int, words: str) -> None:
    done = run(*arguments, store=folder)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert words in done.stderr


def test_a_missing_store_is_exit_code_three(tmp_path: Path) -> None:
    done = run("info", store=tmp_path / "none")
    assert done.returncode == 3
    assert "mastery-graph build" in done.stderr


def test_esco_is_loaded_into_a_store(reference: Path, tmp_path: Path) -> None:
    done = run("load", "esco", str(reference / "esco-1.2.0"), store=tmp_path / "store")
    assert done.returncode == 0, done.stderr
    assert "Occupation: 3039" in done.stdout
    assert "Not in the download:" in done.stdout
    assert (
        "/graph/esco"
        in run("query", "-e", "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", store=tmp_path / "store").stdout
    )


def test_the_official_shapes_are_taken_in_and_applied(folder: Path, reference: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(folder, store)
    sample = str(reference / "credentials" / "credential-sample.jsonld")
    before = run("validate", sample, "--profile", "elm", store=store)
    assert (before.returncode, before.stdout) == (2, "")
    assert "Run `mastery-graph load elm DIR`" in before.stderr
    loaded = run("load", "elm", str(reference / "elm"), store=store)
    assert loaded.stdout.startswith("Loaded 10 sets of shapes and 15 vocabularies.\n")
    done = run("validate", sample, "--profile", "elm", store=store)
    assert done.returncode == 1
    assert "Display Parameter, individual display: at least 1 needed, 0 given. [/displayParameter]" in done.stdout


def test_shapes_of_ones_own_are_checked_before_they_check(tmp_path: Path, reference: Path) -> None:
    shapes = tmp_path / "mine.ttl"
    prefixes = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX elm: <http://data.europa.eu/snb/model/elm/> "
    sample = str(reference / "credentials" / "credential-sample.jsonld")
    shape = "<urn:s> sh:targetClass elm:Organisation ; sh:property [ sh:path elm:size ; sh:{} 1 ] ."
    shapes.write_text(prefixes + shape.format("mincount"), encoding="utf-8")
    broken = run("validate", sample, "--shapes", str(shapes))
    assert broken.returncode == 2
    assert "sh:minCount may be meant" in broken.stderr
    shapes.write_text(prefixes + shape.format("minCount"), encoding="utf-8")
    done = run("validate", sample, "--shapes", str(shapes), "--json")
    assert done.returncode == 1
    assert {finding["element"] for finding in json.loads(done.stdout)[0]["findings"]} == {"size"}


def test_a_gap_is_closed_by_steps_that_say_why(folder: Path) -> None:
    target = DESCRIPTION + "green-site-technician-irl"
    done = run("stack", DESCRIPTION + "waste-management-irl", "--target", target, "--explain", store=folder)
    assert done.returncode == 1
    assert "1. Energy audits: Conduct an energy audit (1)" in done.stdout
    assert "no other set has less" in done.stdout


def test_a_policy_is_a_preset_or_a_file(folder: Path, tmp_path: Path) -> None:
    question = (
        "stack",
        DESCRIPTION + "waste-on-site-ita",
        "--target",
        DESCRIPTION + "green-site-technician-irl",
        "--json",
    )
    preset = json.loads(run(*question, "--policy", "ESP", store=folder).stdout)
    given_by = {figure["name"]: figure["given_by"] for figure in preset["figures"]}
    assert (given_by["credits_below"], given_by["threshold"]) == ("preset", "default")
    own = tmp_path / "own.json"
    own.write_text('{"threshold": 0.5}', encoding="utf-8")
    lenient = json.loads(run(*question, "--policy", str(own), store=folder).stdout)
    assert {figure["name"]: figure["given_by"] for figure in lenient["figures"]}["threshold"] == "caller"
    assert lenient["criteria"][0]["outcome"] == "met"


@pytest.mark.parametrize(
    ("written", "told"),
    [("ATL", "no policy preset 'ATL'"), ('{"treshold": 1}', "treshold"), ('{"threshold": 2}', "threshold")],
)
def test_a_policy_that_cannot_be_used_is_one_line_and_two(folder: Path, written: str, told: str) -> None:
    question = ("stack", DESCRIPTION + "waste-on-site-ita", "--target", DESCRIPTION + "green-site-technician-irl")
    done = run(*question, "--policy", written, store=folder)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_descriptions_are_compared_profiled_and_covered(folder: Path) -> None:
    pair = (DESCRIPTION + "waste-on-site-ita", DESCRIPTION + "waste-management-irl")
    assert "IE NQF Level 6 (EQF level 5)" in run("compare", *pair, store=folder).stdout
    profile = run("profile", *pair, "--csv", store=folder)
    assert "GS02,Prevent and manage waste,attested" in profile.stdout
    coverage = run("coverage", *pair, store=folder)
    assert (coverage.returncode, coverage.stdout.splitlines()[0]) == (0, "partly-covered")


def test_a_text_is_mapped_or_told_that_nothing_fits(with_esco: Path) -> None:
    mapped = run("map", "conduct energy audits", "--limit", "1", "--store", str(with_esco))
    assert "conduct energy audit (score" in mapped.stdout
    assert (mapped.returncode, run("map", "ice cream", "--store", str(with_esco)).returncode) == (0, 1)


def test_many_files_are_validated_in_a_language_and_a_format(folder: Path, reference: Path, tmp_path: Path) -> None:
    sample = reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"
    (tmp_path / "broken.jsonld").write_text("{", encoding="utf-8")
    done = run("validate", str(sample), str(tmp_path), "--lang", "fi", "--format", "csv", store=folder)
    assert done.returncode == 2
    assert done.stdout.startswith("Tiedosto,Vakavuus,")
    assert "Myöntämispäivä puuttuu." in done.stdout
    assert "ei luettu" in done.stderr
    single = run("validate", str(tmp_path / "broken.jsonld"), store=folder)
    assert (single.returncode, single.stderr.count("\n")) == (2, 1)
    assert "written as 'yaml'" in run("validate", str(sample), "--format", "yaml", store=folder).stderr
