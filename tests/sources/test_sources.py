"""The importers, on the real tables and on broken ones."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from pyoxigraph import Triple

from mastery_graph.errors import BadSource, OntologyError
from mastery_graph.rdf import link, words
from mastery_graph.resources import folder
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.sources.green_skills import read_green_skills
from mastery_graph.sources.national_frameworks import merge, read_national_frameworks, read_referencing_reports
from mastery_graph.sources.referencings import read_referencings
from mastery_graph.sources.turtle import format_turtle, read_turtle
from mastery_graph.vocabulary import DCTERMS, ESCO, FOAF, ID, ISO_THES, NS, QDR, RDF, SKOS


def _types(triples: list[Triple]) -> Counter[str]:
    return Counter(
        triple.object.value.rpartition("#")[2] for triple in triples if triple.predicate.value == RDF + "type"
    )


def _comparable(triples: list[Triple]) -> set[tuple[object, ...]]:
    """Return the triples with confidences as numbers: 0.9 and 9e-01 are one."""
    return {
        (t.subject, t.predicate, float(t.object.value) if t.predicate.value.endswith("confidence") else t.object)
        for t in triples
    }


def test_the_shipped_frameworks_are_those_of_the_table(reference: Path) -> None:
    shipped = read_turtle(folder("ontology") / "nqf.ttl")
    assert set(shipped) == set(read_national_frameworks(reference / "nqf"))
    reports = read_turtle(folder("ontology") / "referencing-reports.ttl")
    assert set(reports) == set(read_referencing_reports(reference / "nqf"))


def test_only_a_page_that_states_the_level_or_a_rule_verifies_a_referencing(reference: Path) -> None:
    rows = {row["level_uri"]: row for _, row in merge(reference / "nqf")}
    triples = read_national_frameworks(reference / "nqf")
    level_of = {t.subject: t.object.value for t in triples if t.predicate.value == NS + "nationalLevel"}
    found = {
        (rows[level_of[t.subject]].get("ground", ""), t.object.value)
        for t in triples
        if t.predicate.value == NS + "confidence"
    }
    assert found == {("row", "verified"), ("rule", "verified"), ("two pages", "published"), ("", "published")}


def test_a_correction_takes_the_place_of_the_level_in_the_table(reference: Path) -> None:
    rows = {row["level_label"]: row for _, row in merge(reference / "nqf")}
    assert rows["DK NQF Level 1"]["eqf_level"] == "2"
    assert (rows["NKR Level 6.1"]["eqf_level"], rows["NKR Level 6.1"]["ground"]) == ("6", "two pages")


def test_a_framework_leads_to_its_referencing_report_and_its_coordination_point(reference: Path) -> None:
    stated = [(t.subject.value, t.predicate.value, t.object.value) for t in read_referencing_reports(reference / "nqf")]
    croatia, name = QDR + "c_59d0b819", "c_59d0b819"
    assert (croatia, NS + "referencingReport", f"{ID}referencing-report/{name}") in stated
    assert (f"{ID}referencing-report/{name}", DCTERMS.issued, "2012") in stated
    assert (croatia, NS + "coordinationPoint", f"{ID}coordination-point/{name}") in stated
    assert (f"{ID}coordination-point/{name}", FOAF.homepage, "http://www.kvalifikacije.hr") in stated


def test_the_table_gives_all_frameworks_levels_and_referencings(reference: Path) -> None:
    types = _types(read_referencings(reference / "nqf" / "nqf-eqf.csv"))
    assert (types["QualificationsFramework"], types["NationalLevel"], types["LevelReferencing"]) == (43, 381, 355)


def test_a_level_that_the_table_leaves_open_says_why(reference: Path) -> None:
    triples = read_referencings(reference / "nqf" / "nqf-eqf.csv")
    open_levels = {t.subject for t in triples if t.predicate.value == NS + "openBecause"}
    referenced = {t.object for t in triples if t.predicate.value == NS + "nationalLevel"}
    assert len(open_levels) == 26
    assert not open_levels & referenced


def test_each_referencing_cites_a_page_and_one_that_cites_none_stays_open(reference: Path, tmp_path: Path) -> None:
    given = reference / "nqf" / "nqf-eqf.csv"
    shipped = read_referencings(given)
    referencings = {t.subject for t in shipped if t.predicate.value == NS + "nationalLevel"}
    sources = {t.subject: t.object.value for t in shipped if t.predicate.value == DCTERMS + "source"}
    assert not [each for each in referencings if sources[each].startswith(ID)]
    table = tmp_path / "levels.csv"
    columns, *lines = given.read_text(encoding="utf-8").splitlines()
    row = next(line for line in lines if ",TQF Level 5" in line)
    table.write_text(f"{columns}\n{row.replace('c_1205be37', 'c_00000000')}\n", encoding="utf-8")
    triples = read_referencings(table)
    assert not [t for t in triples if t.predicate.value == NS + "nationalLevel"]
    assert [t.object.value for t in triples if t.predicate.value == NS + "openBecause"] == [
        "its referencing cites no source"
    ]


def test_the_shipped_green_skills_hold_the_mappings_of_the_table(reference: Path) -> None:
    from_table = read_green_skills(reference / "green-skills.csv")
    shipped = read_green_skills(folder("ontology") / "green-skills.ttl")
    assert _comparable(shipped.mappings) == _comparable(from_table.mappings)
    assert {t for t in shipped.skills if t.predicate.value != SKOS + "definition"} == {
        t for t in from_table.skills if t.predicate.value != SKOS + "definition"
    }


def test_each_mapping_has_a_record(reference: Path) -> None:
    mappings = read_green_skills(reference / "green-skills.csv").mappings
    links = [t for t in mappings if t.predicate.value.startswith(SKOS)]
    assert sum(t.object.value.endswith("/Mapping") for t in mappings if t.predicate.value == RDF + "type") == len(links)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("GS 1,Name,Construction,4,5,", "skill_code"),
        ("A,,Construction,4,5,", "name_en is empty"),
        ("A,Name,Construction,6,5,", "eqf_min is above"),
        ("A,Name,Construction,4,nine,", "eqf_max"),
    ],
)
def test_a_green_skill_that_cannot_be_used_is_named_by_its_row(tmp_path: Path, row: str, reason: str) -> None:
    table = tmp_path / "skills.csv"
    table.write_text(f"skill_code,name_en,sectors,eqf_min,eqf_max,greencomp\n{row}\n", encoding="utf-8")
    with pytest.raises(BadSource, match=f"row 2: .*{reason}"):
        read_green_skills(table)


def test_a_code_of_a_green_skill_that_comes_twice_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "skills.csv"
    rows = "A,Name,Construction,4,5,\nB,Other,Construction,4,5,\nA,Third,Construction,4,5,"
    table.write_text(f"skill_code,name_en,sectors,eqf_min,eqf_max,greencomp\n{rows}\n", encoding="utf-8")
    with pytest.raises(BadSource, match="row 4: the skill A is there already"):
        read_green_skills(table)


LEVEL = {
    "framework_uri": "http://data.europa.eu/snb/qdr/c_1",
    "framework_label": "Framework",
    "country_iso3": "AAA",
    "level_uri": "http://data.europa.eu/snb/qdr/c_2",
    "level_label": "Level 1",
    "eqf_level": "1",
    "basis": "page 3",
    "confidence": "medium",
    "source_title": "Report",
    "source_url": "https://example.org/report",
    "note": "",
}


def _levels(folder_: Path, *rows: dict[str, str]) -> Path:
    table = folder_ / "levels.csv"
    lines = [",".join(LEVEL), *(",".join((LEVEL | row).values()) for row in rows)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table


def test_a_row_of_a_level_becomes_a_level_and_its_referencing(tmp_path: Path) -> None:
    triples = read_referencings(_levels(tmp_path, {}))
    (referencing,) = {t.subject for t in triples if t.predicate.value == NS + "nationalLevel"}
    stated = {t.predicate.value: t.object.value for t in triples if t.subject == referencing}
    assert stated[NS + "nationalLevel"] == LEVEL["level_uri"]
    assert stated[NS + "eqfLevel"] == "http://data.europa.eu/snb/eqf/1"
    assert (stated[NS + "basis"], stated[NS + "confidence"]) == ("page 3", "published")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"confidence": "certain"}, "a confidence of verified or published"),
        ({"confidence": ""}, "a confidence of verified or published"),
        ({"basis": ""}, "needs a basis"),
        ({"eqf_level": "9"}, "eqf_level"),
        ({"eqf_level": "", "note": ""}, "needs a note"),
        ({"level_uri": "http://example.org/level"}, "level_uri"),
        ({"country_iso3": "Finland"}, "country_iso3"),
        ({"level_label": ""}, "must not be empty"),
        ({"source_url": "page 3"}, "source_url"),
    ],
)
def test_a_level_that_cannot_be_used_is_named_by_its_row(tmp_path: Path, row: dict[str, str], reason: str) -> None:
    with pytest.raises(BadSource, match=f"row 2: .*{reason}"):
        read_referencings(_levels(tmp_path, row))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "in row 2 already"),
        ({"level_uri": LEVEL["level_uri"] + "a", "country_iso3": "BBB"}, "another label or country"),
    ],
)
def test_two_levels_that_contradict_each_other_are_refused(tmp_path: Path, row: dict[str, str], reason: str) -> None:
    with pytest.raises(BadSource, match=f"row 3: .*{reason}"):
        read_referencings(_levels(tmp_path, {}, row))


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "skills.csv"
    table.write_text("code,name\n1,x\n", encoding="utf-8")
    with pytest.raises(BadSource, match="lacks the column skill_code"):
        read_green_skills(table)


def test_the_esco_download_is_read_and_what_is_missing_is_said(reference: Path) -> None:
    download = EscoDownload([reference / "esco-1.2.0"])
    triples = set(download.triples())
    assert download.report.concepts["Occupation"] == 3039
    assert download.report.relations["essential"] == 189
    assert "skills" in download.report.files_missing
    assert any(t.predicate.value == ESCO + "skillReuseLevel" for t in triples)


ESCO_TABLES = {
    "skills_en.csv": (
        "conceptType,conceptUri,preferredLabel,altLabels,skillType,reuseLevel,status",
        "KnowledgeSkillCompetence,{0}skill/1,sort waste,separate waste,skill/competence,cross-sector,released",
    ),
    "skillSkillRelations_en.csv": (
        "originalSkillUri,relationType,relatedSkillUri",
        "{0}skill/1,essential,{0}skill/2",
        "{0}skill/1,optional,{0}skill/3",
    ),
    "occupationSkillRelations_en.csv": (
        "occupationUri,relationType,skillUri",
        "{0}occupation/1,essential,{0}skill/4",
        "{0}occupation/1,optional,{0}skill/5",
    ),
}


def test_each_column_of_a_table_of_esco_becomes_the_term_that_it_is(tmp_path: Path) -> None:
    base = "http://data.europa.eu/esco/"
    for name, lines in ESCO_TABLES.items():
        (tmp_path / name).write_text("\n".join(line.format(base) for line in lines) + "\n", encoding="utf-8")
    skill, occupation = f"{base}skill/1", f"{base}occupation/1"
    assert set(EscoDownload([tmp_path]).triples()) == {
        link(skill, RDF + "type", ESCO + "Skill"),
        link(skill, RDF + "type", SKOS + "Concept"),
        words(skill, SKOS + "prefLabel", "sort waste", "en"),
        words(skill, SKOS + "altLabel", "separate waste", "en"),
        link(skill, ESCO + "skillType", f"{base}skill-type/skill"),
        link(skill, ESCO + "skillReuseLevel", f"{base}skill-reuse-level/cross-sector"),
        words(skill, ISO_THES + "status", "released"),
        link(skill, SKOS + "inScheme", f"{base}concept-scheme/skills"),
        link(skill, ESCO + "relatedEssentialSkill", f"{base}skill/2"),
        link(skill, ESCO + "relatedOptionalSkill", f"{base}skill/3"),
        link(occupation, ESCO + "relatedEssentialSkill", f"{base}skill/4"),
        link(occupation, ESCO + "relatedOptionalSkill", f"{base}skill/5"),
    }


def test_no_label_of_esco_is_of_two_kinds(reference: Path) -> None:
    labels: dict[tuple[object, object], set[str]] = defaultdict(set)
    for triple in EscoDownload([reference / "esco-1.2.0"]).triples():
        if triple.predicate.value.startswith(SKOS) and triple.predicate.value.endswith("Label"):
            labels[triple.subject, triple.object].add(triple.predicate.value)
    assert len(labels) > 1000
    assert not [pair for pair, kinds in labels.items() if len(kinds) > 1]


def test_the_next_broader_concept_is_that_of_the_table_of_broader_relations(reference: Path) -> None:
    told = {
        (t.subject, t.object)
        for t in EscoDownload([reference / "esco-1.2.0"]).triples()
        if t.predicate.value == SKOS + "broader"
    }
    with (reference / "esco-1.2.0" / "broaderRelationsOccPillar_en.csv").open(encoding="utf-8") as file:
        stated = {(row["conceptUri"], row["broaderUri"]) for row in csv.DictReader(file)}
    occupations = {(one.value, other.value) for one, other in told if "/occupation/" in one.value}
    assert occupations == {pair for pair in stated if "/occupation/" in pair[0]}


def test_every_mapped_esco_concept_is_in_the_download(reference: Path) -> None:
    concepts = {t.subject for t in EscoDownload([reference / "esco-1.2.0"]).triples()}
    mapped = {
        t.object for t in read_green_skills(reference / "green-skills.csv").mappings if "Match" in str(t.predicate)
    }
    assert mapped <= concepts


def test_a_folder_without_the_download_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="No file of the ESCO download"):
        EscoDownload([tmp_path])


def test_a_turtle_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"none\.ttl cannot be read"):
        read_turtle(tmp_path / "none.ttl")


@pytest.mark.parametrize("path", sorted(folder("ontology").glob("*.ttl")), ids=lambda path: path.name)
def test_the_ontology_is_in_the_form_of_the_project(path: Path) -> None:
    assert format_turtle(path) == path.read_text(encoding="utf-8")
