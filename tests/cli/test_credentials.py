"""Credentials on the command line: loaded, asked about, converted, removed."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mastery_graph.cli.app import app
from mastery_graph.pipeline.build import BuildReport
from tests.credentials.sealing import altered, folder_of, sealed
from tests.credentials.test_seal import ROOT, SIGNER, credential
from tests.support.command_line import run
from tests.validation.test_admission import ENERGY, LACKING, WASTE

BADGE = Path(__file__).parents[1] / "credentials" / "documents" / "open-badge.json"


@pytest.fixture
def own(built: tuple[Path, BuildReport], tmp_path: Path) -> Path:
    """A store of this test's own."""
    return Path(shutil.copytree(built[0], tmp_path / "store", symlinks=True))


def test_credentials_are_loaded_from_an_archive_asked_about_and_removed(own: Path, tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name, document in (("waste.jsonld", WASTE), ("lines.jsonl", ENERGY), ("water.json", LACKING)):
            made.writestr(name, json.dumps(document))
    aside = tmp_path / "aside"
    done = run(
        "load", "credential", str(archive), "--nonconforming", "quarantine", "--quarantine", str(aside), store=own
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[-1] == "2 loaded, 1 quarantined"
    kept = sorted(path.suffix for path in aside.iterdir())
    assert kept == [".document", ".json"]
    assert json.loads(next(aside.glob("*.document")).read_bytes()) == LACKING
    asked = run("recognise", "urn:credential:2", "--country", "FIN", "--json", store=own)
    assert json.loads(asked.stdout)["verdict"]
    again = run("load", "credential", str(archive), "--json", store=own)
    assert [row["status"] for row in json.loads(again.stdout)] == ["present", "present", "rejected"]
    gone = run("remove", "credential", "urn:credential:1", store=own)
    assert (gone.returncode, gone.stdout) == (0, "Removed 1 credentials.\n")
    assert run("remove", "credential", "urn:credential:1", store=own).returncode == 2
    assert run("remove", "credential", "--all", store=own).stdout == "Removed 1 credentials.\n"


def test_a_file_that_cannot_be_read_ends_with_two_and_the_rest_is_loaded(own: Path, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(WASTE), encoding="utf-8")
    done = run("load", "credential", str(tmp_path / "good.json"), str(tmp_path / "none.json"), store=own)
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == "1 loaded, 1 unreadable"
    assert "cannot be read" in " ".join(done.stdout.split())


def test_of_more_documents_than_a_person_reads_only_those_are_listed_that_are_not_loaded(
    own: Path, tmp_path: Path
) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text("{\n" * 1_005 + json.dumps(WASTE), encoding="utf-8")
    done = run("load", "credential", str(lines), store=own)
    told = done.stdout.splitlines()
    assert told[-2:] == ["… and 5 more; with --json each is listed.", "1 loaded, 1005 unreadable"]
    assert sum("unreadable" in line for line in told[:-1]) == 1_000
    assert not any("loaded" in line for line in told[:-1])
    again = run("load", "credential", str(lines), "--json", store=own)
    assert [row["status"] for row in json.loads(again.stdout)] == ["unreadable"] * 1_005 + ["present"]


def test_a_badge_is_converted_and_what_is_lost_is_told_apart(built: tuple[Path, BuildReport]) -> None:
    done = run("convert", str(BADGE), "--to", "elm", store=built[0])
    assert json.loads(done.stdout)["type"] == ["EuropeanDigitalCredential", "VerifiableCredential"]
    assert "tag has no counterpart in ELM, and is left out. at /credentialSubject/achievement/tag" in done.stderr


def test_a_folder_is_validated_and_one_that_cannot_be_read_does_not_lose_the_others(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    (tmp_path / "badge.json").write_bytes(BADGE.read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "lines.jsonl").write_text(json.dumps(WASTE) + "\n" + json.dumps(LACKING), encoding="utf-8")
    done = run("validate", str(tmp_path), "--json", store=built[0])
    reports = json.loads(done.stdout)
    assert done.returncode == 2
    assert [Path(one["file"]).name for one in reports] == [
        "badge.json",
        "broken.json",
        "lines.jsonl:1",
        "lines.jsonl:2",
    ]
    assert [one.get("conforms") for one in reports] == [False, None, True, False]
    assert "/credentialSubject/achievement/tag" in {note["pointer"] for note in reports[0]["notes"]}
    assert "broken.json" in done.stderr


def test_why_a_document_is_not_read_is_told_in_the_language_of_the_report(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    (tmp_path / "broken.json").write_text('{"a": 1\n"b": 2}', encoding="utf-8")
    done = run("validate", str(tmp_path), "--lang", "it", store=built[0])
    assert done.returncode == 2
    assert "Il documento non è JSON: manca una virgola o una parentesi di chiusura, riga 2" in done.stdout
    assert "Mettere una virgola" in done.stderr


def test_a_broken_seal_is_negative_wherever_it_is_met(own: Path, tmp_path: Path) -> None:
    valid = sealed(credential(), SIGNER)
    broken = altered(valid, "Waste prevention", "Waste treatment")
    (tmp_path / "valid.json").write_bytes(valid)
    (tmp_path / "broken.json").write_bytes(broken)
    trusted = {"MASTERY_TRUST_ANCHORS": str(folder_of(tmp_path / "anchors", ROOT))}
    file = str(tmp_path / "broken.json")
    for form in ("text", "json", "csv", "sarif", "junit", "html", "turtle"):
        done = run("validate", file, "--format", form, store=own, environment=trusted)
        assert (done.returncode, "changed" in done.stdout) == (1, True), form
    good = run("validate", str(tmp_path / "valid.json"), "--json", store=own, environment=trusted)
    assert (good.returncode, json.loads(good.stdout)[0]["seal"]["status"]) == (0, "valid")
    assert run("load", "credential", file, store=own).returncode == 1
    assert run("recognise", "urn:credential:waste-1", "--country", "FIN", store=own).returncode == 2
    assert run("load", "credential", file, "--nonconforming", "accept", store=own).returncode == 0
    answers = [
        json.loads(run("recognise", about, "--country", "FIN", "--json", store=own, environment=trusted).stdout)
        for about in (file, "urn:credential:waste-1")
    ]
    of_file, of_graph = ({each["rule"]: each for each in answer["criteria"]} for answer in answers)
    assert of_file["REC-AUTHENTICITY"]["outcome"] == of_graph["REC-AUTHENTICITY"]["outcome"] == "unmet"
    assert of_file["REC-AUTHENTICITY"]["explanation"] == of_graph["REC-AUTHENTICITY"]["explanation"]


def test_a_server_does_not_start_with_trust_anchors_that_cannot_be_read(own: Path, tmp_path: Path) -> None:
    done = run("serve", "--port", "1", store=own, environment={"MASTERY_TRUST_ANCHORS": str(tmp_path / "none")})
    assert done.returncode == 2
    assert "MASTERY_TRUST_ANCHORS" in done.stderr


@pytest.fixture
def nothing(tmp_path: Path) -> dict[str, Path]:
    """Inputs that contain no document."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "badges" / "old").mkdir(parents=True)
    for name in ("a.png", "old/b.svg"):
        (tmp_path / "badges" / name).write_bytes(b"-")
    with zipfile.ZipFile(tmp_path / "badges.zip", "w") as archive:
        archive.writestr("a.png", b"-")
    (tmp_path / "none.json").write_text("[]", encoding="utf-8")
    (tmp_path / "none.jsonl").write_text("\n", encoding="utf-8")
    return {name: tmp_path / name for name in ("empty", "badges", "badges.zip", "none.json", "none.jsonl")}


@pytest.mark.parametrize("form", ["text", "junit", "sarif", "csv"])
def test_a_run_in_which_nothing_was_checked_is_no_success(form: str, nothing: dict[str, Path], own: Path) -> None:
    for path in nothing.values() if form == "text" else [nothing["badges"]]:
        done = run("validate", str(path), "--format", form, store=own)
        assert (done.returncode, done.stdout) == (2, ""), path
        assert "nothing to check" in done.stderr
    assert all(name in done.stderr for name in ("a.png", "b.svg")) or form == "text"


def test_a_load_of_nothing_is_no_success(nothing: dict[str, Path], own: Path) -> None:
    for path in (nothing["empty"], nothing["badges"]):
        done = run("load", "credential", str(path), "--json", store=own)
        assert (done.returncode, done.stdout) == (2, "")
    assert all(name in done.stderr for name in ("a.png", "b.svg"))


@pytest.mark.parametrize(("form", "told"), [("text", 0), ("json", 1), ("junit", 1)])
def test_skipped_files_are_named_beside_what_was_checked(
    form: str, told: int, nothing: dict[str, Path], own: Path
) -> None:
    (nothing["badges"] / "waste.jsonld").write_text(json.dumps(WASTE), encoding="utf-8")
    done = run("validate", str(nothing["badges"]), "--format", form, store=own)
    assert done.returncode == 0
    assert all(name in done.stderr for name in ("a.png", "b.svg"))
    assert all((name in done.stdout) == bool(told) for name in ("a.png", "b.svg"))


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        (("validate", "-"), 1, "Mend a chair"),
        (("convert", "-", "--to", "elm"), 0, '"Mend a chair"'),
    ],
)
def test_a_document_comes_from_standard_input(command: tuple[str, ...], status: int, words: str) -> None:
    picture = BADGE.with_name("baked-badge.png").read_bytes()
    done = CliRunner().invoke(app, list(command), input=picture)
    assert done.exit_code == status
    assert words in done.stdout
