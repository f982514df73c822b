"""Registers as they are published: each entry that is read, each that is rejected, and the normal forms."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastery_graph.errors import BadSource, EntitiesRefused
from mastery_graph.sources.registers.accreditations_xml import NAMESPACE, is_accreditations_xml, read_accreditations_xml
from mastery_graph.sources.registers.deqar_json import is_deqar_json, read_deqar_json
from mastery_graph.sources.registers.identifiers import normal_name, normal_notation
from mastery_graph.sources.registers.reading import RegisterReport, read_register
from mastery_graph.sources.registers.records import (
    AccreditationEntry,
    BodyIdentifier,
    Entry,
    LocalText,
    Organisation,
    Programme,
    RegisterSource,
    RejectedEntry,
)
from mastery_graph.sources.registers.table import read_column_mapping, read_register_table

SOURCE = RegisterSource("test", "https://example.org/register", date(2026, 11, 1), "Test register")
EXAMPLE = "https://example.org/register/"
TYPES = "http://data.europa.eu/snb/accreditation/"


def document(folder: Path, *accreditations: str, prolog: str = "") -> Path:
    file = folder / "accreditations.xml"
    file.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<Accreditations xmlns="{NAMESPACE}"><accreditationReferences>'
        f"{''.join(accreditations)}</accreditationReferences></Accreditations>",
        encoding="utf-8",
    )
    return file


def accreditation(number: int, content: str) -> str:
    return f'<accreditation id="{EXAMPLE}report/{number}"><title language="en">A</title>{content}</accreditation>'


BODY = f'<organisation idref="{EXAMPLE}institution/1"/>'


def entries(entry_iterator: Iterator[Entry], kind: type) -> dict[str, Entry]:
    return {entry.iri: entry for entry in entry_iterator if isinstance(entry, kind)}


def test_each_accreditation_of_the_sample_is_read_as_it_is(reference: Path) -> None:
    sample = reference / "registers" / "accreditations-sample.xml"
    assert is_accreditations_xml(sample)
    read = entries(read_accreditations_xml(sample), AccreditationEntry)
    assert list(read) == [f"{EXAMPLE}report/{number}" for number in range(9001, 9006)]
    assert read[f"{EXAMPLE}report/9002"] == AccreditationEntry(
        iri=f"{EXAMPLE}report/9002",
        title=LocalText("Programme accreditation", "en"),
        types=(TYPES + "c_64666c29",),
        decision="positive with conditions or restrictions",
        organisations=(f"{EXAMPLE}institution/102",),
        fields=("http://data.europa.eu/snb/isced-f/0713",),
        levels=(6,),
        programmes=((f"{EXAMPLE}programme/770001", LocalText("Energy auditing of buildings (10 ECTS)", "en")),),
        issued=date(2024, 9, 1),
        expires=date(2027, 8, 31),
        agency=f"{EXAMPLE}agency/1",
        notes=(LocalText("Conditions: laboratory safety plan by March 2025.", "en"),),
        page=f"{EXAMPLE}report/9002",
    )
    third = read[f"{EXAMPLE}report/9003"]
    assert isinstance(third, AccreditationEntry)
    assert (third.levels, third.review, third.expires) == ((4, 5), date(2027, 5, 10), None)
    assert third.fields == tuple(f"http://data.europa.eu/snb/isced-f/{code}" for code in ("07", "0521"))


def test_each_organisation_of_the_sample_has_its_identifiers_within_their_schemes(reference: Path) -> None:
    read = entries(read_accreditations_xml(reference / "registers" / "accreditations-sample.xml"), Organisation)
    university = read[f"{EXAMPLE}institution/101"]
    assert isinstance(university, Organisation)
    assert university.names == (
        LocalText("Example University of the Lakes", "en"),
        LocalText("Järvien esimerkkiyliopisto", "fi"),
    )
    assert university.identifiers == (
        BodyIdentifier(f"{EXAMPLE}institution/101", "DEQAR"),
        BodyIdentifier("FI9901", "ETER"),
        BodyIdentifier("DEQARINST99101", "DEQAR"),
        BodyIdentifier("FI99010101", "VAT", "FIN"),
    )
    assert read[f"{EXAMPLE}institution/102"].part_of == (f"{EXAMPLE}institution/101",)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<issued>2024-01-01</issued><expiryDate>2023-01-01</expiryDate>" + BODY, "before it was issued"),
        ("<issued>last year</issued>" + BODY, "no date"),
        ("", "names no organisation"),
        ('<limitEQFLevel uri="http://data.europa.eu/snb/eqf/9"/>' + BODY, "no EQF level"),
        ('<limitField uri="field of study"/>' + BODY, "no IRI"),
    ],
)
def test_a_broken_entry_is_rejected_with_its_place_and_the_others_are_read(
    tmp_path: Path, content: str, reason: str
) -> None:
    file = document(tmp_path, accreditation(1, content), accreditation(2, BODY))
    broken, good = read_accreditations_xml(file)
    assert isinstance(broken, RejectedEntry)
    assert broken.place == f"accreditations.xml, accreditation {EXAMPLE}report/1"
    assert reason in broken.reason
    assert isinstance(good, AccreditationEntry)


def test_a_field_in_the_namespace_of_esco_is_the_same_field(tmp_path: Path) -> None:
    field = '<limitField uri="http://data.europa.eu/esco/isced-f/0712"/>'
    (entry,) = read_accreditations_xml(document(tmp_path, accreditation(1, field + BODY)))
    assert isinstance(entry, AccreditationEntry)
    assert entry.fields == ("http://data.europa.eu/snb/isced-f/0712",)


def test_a_document_type_is_refused_before_the_xml_is_parsed(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE Accreditations [<!ENTITY a "aaaaaaaaaa">]>'
    file = document(tmp_path, accreditation(1, BODY), prolog=bomb)
    with pytest.raises(EntitiesRefused):
        is_accreditations_xml(file)


def test_broken_xml_is_named(tmp_path: Path) -> None:
    file = document(tmp_path, accreditation(1, BODY))
    file.write_text(file.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    with pytest.raises(BadSource, match="no well-formed XML"):
        list(read_accreditations_xml(file))


def test_a_long_document_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """Twenty times as many entries take no more than four megabytes more."""
    script = (
        "import re, sys; from pathlib import Path; "
        "from mastery_graph.sources.registers.accreditations_xml import read_accreditations_xml as read; "
        "number = sum(1 for _ in read(Path(sys.argv[1]))); "
        "print(number, re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    peaks = []
    for number in (1_000, 20_000):
        file = document(tmp_path, *(accreditation(entry, BODY) for entry in range(number)))
        done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True)
        read, peak = map(int, done.stdout.split())
        assert read == number
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 4 * 1024


def test_deqar_reports_and_micro_credentials_are_read(reference: Path) -> None:
    sample = reference / "registers" / "deqar-web-api-sample.json"
    assert is_deqar_json(sample)
    organisation, first, programme, second, rejected = read_deqar_json(sample)
    assert isinstance(organisation, Organisation)
    assert organisation.country == "IRL"
    assert BodyIdentifier("IE-EX-103", "IE-ETER.BAS.NATID") in organisation.identifiers
    assert LocalText("Ionad Samplach Breisoideachais") in organisation.names
    assert isinstance(first, AccreditationEntry)
    assert (first.types, first.issued, first.expires) == (
        (TYPES + "c_64666c29",),
        date(2025, 2, 1),
        date(2030, 1, 31),
    )
    assert programme == Programme(
        iri="https://data.deqar.eu/programme/770101",
        titles=(LocalText("Energy retrofit of dwellings"),),
        organisations=("https://data.deqar.eu/institution/99103",),
        is_micro_credential=True,
        ects="10",
        eqf_level=5,
        fields=("http://data.europa.eu/snb/isced-f/0732",),
        skills=("http://data.europa.eu/esco/skill/b1115b14-fa16-4c1e-be6c-91fd49a1808b",),
        outcome=LocalText("Plan the energy retrofit of a dwelling and check it on site."),
        assessed=True,
        accreditations=("https://data.deqar.eu/report/990001",),
    )
    assert isinstance(second, AccreditationEntry)
    assert second.types == (TYPES + "bb4618238e",), "a voluntary report is quality assurance, no accreditation"
    assert second.notes == (LocalText("Conditions on staff qualification.", "en"),)
    assert isinstance(rejected, RejectedEntry)
    assert "high level" in rejected.reason


def test_a_page_of_reports_without_an_end_is_to_be_reviewed_after_six_years(reference: Path, tmp_path: Path) -> None:
    content = json.loads((reference / "registers" / "deqar-web-api-sample.json").read_text(encoding="utf-8"))
    report = content["reports"]["results"][0] | {"valid_from": "2024-02-29", "valid_to": None}
    file = tmp_path / "page.json"
    file.write_text(json.dumps({"count": 1, "next": None, "results": [report]}), encoding="utf-8")
    entry = next(iter(read_deqar_json(file)))
    assert isinstance(entry, AccreditationEntry)
    assert (entry.review, entry.expires) == (date(2030, 2, 28), None)


def test_a_report_that_ends_before_it_begins_is_rejected(reference: Path, tmp_path: Path) -> None:
    content = json.loads((reference / "registers" / "deqar-web-api-sample.json").read_text(encoding="utf-8"))
    report = content["reports"]["results"][0] | {"valid_from": "2024-02-29", "valid_to": "2024-02-28"}
    file = tmp_path / "page.json"
    file.write_text(json.dumps({"count": 1, "next": None, "results": [report]}), encoding="utf-8")
    entry = next(iter(read_deqar_json(file)))
    assert isinstance(entry, RejectedEntry)
    assert entry.reason == "it expires on 2024-02-28, before it was issued on 2024-02-29."


COLUMNS = """
rows: accreditation
columns:
  {organisation: RN, organisation_name: Name, id: Licence, issued: From, expires: To, level: Levels, field: Field}
constants: {type: institutional licence, organisation_country: IRL, organisation_scheme: Example register}
dates: "%d/%m/%Y"
language: en
"""
TABLE = """RN,Name,Licence,From,To,Levels,Field
RN1,First College,L1,01/02/2024,31/01/2029,4;5,0712
RN2,Second College,L2,2024-02-01,,4,
RN3,,L3,01/02/2024,,4,
RN4,Fourth College,L4,01/02/2024,,9,
RN5,Fifth College,L5,01/02/2024,31/01/2024,4,
"""


def test_a_table_is_read_by_its_mapping_file(tmp_path: Path) -> None:
    (columns := tmp_path / "columns.yaml").write_text(COLUMNS, encoding="utf-8")
    (file := tmp_path / "register.csv").write_text(TABLE, encoding="utf-8")
    read = list(read_register_table(file, read_column_mapping(columns)))
    organisation, entry = read[:2]
    assert organisation == Organisation(
        iri="RN1",
        names=(LocalText("First College", "en"),),
        identifiers=(BodyIdentifier("RN1", "Example register"),),
        country="IRL",
    )
    assert isinstance(entry, AccreditationEntry)
    assert (entry.levels, entry.issued, entry.expires) == ((4, 5), date(2024, 2, 1), date(2029, 1, 31))
    reasons = {entry.place: entry.reason for entry in read[2:] if isinstance(entry, RejectedEntry)}
    assert len(reasons) == len(read) - 2
    assert reasons == {
        "register.csv, row 3": "issued is '2024-02-01', which is no date in the form %d/%m/%Y.",
        "register.csv, row 4": "organisation_name is missing.",
        "register.csv, row 5": "level is '9', which is no EQF level (1 to 8).",
        "register.csv, row 6": "it expires on 2024-01-31, before it was issued on 2024-02-01.",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rows: accreditation\ncolumns: {organisation: A}", "lacks the fields organisation_name"),
        ("rows: accreditation\ncolumns: {colour: A}", "unknown fields: colour"),
        ("rows: shops\ncolumns: {}", "rows"),
        ("[", "cannot be read as YAML"),
    ],
)
def test_a_mapping_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, reason: str) -> None:
    (columns := tmp_path / "columns.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadSource, match=reason):
        read_column_mapping(columns)


def test_an_organisation_that_no_file_describes_is_reported(tmp_path: Path) -> None:
    report = RegisterReport()
    list(read_register([document(tmp_path, accreditation(1, BODY))], SOURCE, report))
    assert (report.accreditations, report.organisations) == (1, 0)
    assert report.unknown_references == [f"{EXAMPLE}institution/1"]


@pytest.mark.parametrize("content", ["<html/>", "{}", "a,b\n1,2\n", '{"results": []}'])
def test_a_file_in_no_known_format_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (file := tmp_path / "file").write_text(content, encoding="utf-8")
    with pytest.raises(BadSource, match="file is in no format of a register"):
        list(read_register([file], SOURCE, RegisterReport()))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("IE 9901 0101", "ie99010101"),
        ("https://www.example.org/a/", "http://example.org/a"),
        ("DEQARINST99101", "deqarinst99101"),
        ("FI-EX-0001", "FI EX 0001"),
    ],
)
def test_two_spellings_of_an_identifier_are_equal(first: str, second: str) -> None:
    assert normal_notation(first) == normal_notation(second)


@given(st.text())
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal_name(normal_name(text)) == normal_name(text)
    if not text.strip().casefold().startswith("http"):
        assert normal_notation(normal_notation(text)) == normal_notation(text)
