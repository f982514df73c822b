"""An input that takes the place of another removes nothing without being told to."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mastery_graph.errors import WouldRemove
from mastery_graph.pipeline.build import BuildReport, Sources, build, read_graphs
from mastery_graph.resources import folder
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import DCTERMS, EQF, NS, QDR, RDF, SKOS
from tests.support.command_line import run

COLUMNS = (
    *("framework_uri", "framework_label", "country_iso3", "level_uri", "level_label", "eqf_level", "basis"),
    *("confidence", "source_title", "source_url", "note"),
)
Row = dict[str, str]


def shipped_rows() -> list[Row]:
    """Return the rows of a table that says what the shipped graph says of the levels with an official address."""
    about: dict[str, dict[str, list[str]]] = {}
    for triple in (each for triples in read_graphs(Sources()).values() for each in triples):
        stated = about.setdefault(str(triple.subject)[1:-1], {})
        stated.setdefault(triple.predicate.value, []).append(getattr(triple.object, "value", ""))
    referencings = {
        stated[NS + "nationalLevel"][0]: stated for stated in about.values() if NS + "nationalLevel" in stated
    }
    rows = []
    for level, stated in about.items():
        if not level.startswith(QDR) or NS + "NationalLevel" not in stated.get(RDF + "type", []):
            continue
        framework = stated[SKOS + "inScheme"][0]
        referenced = referencings.get(level, {})
        values = (
            *(framework, about[framework][SKOS + "prefLabel"][0], stated[NS + "countryCode"][0]),
            *(level, stated[SKOS + "prefLabel"][0]),
            referenced.get(NS + "eqfLevel", [""])[0].removeprefix(EQF),
            *("report", "high", "a source"),
            referenced.get(DCTERMS + "source", ["https://example.org/"])[0],
            "open",
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def table(rows: list[Row], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


IRISH = {"IE NQF Level 2": "2", "IE NQF Level 3": "3", "IE NQF Level 4": "4"}
"""Levels that a page on the web gives one too high."""


def from_a_blog(rows: list[Row]) -> list[Row]:
    return [row | {"eqf_level": IRISH.get(row["level_label"], row["eqf_level"])} for row in rows]


def test_a_table_that_differs_is_taken_and_the_levels_that_differ_are_named(tmp_path: Path) -> None:
    report = build(MemoryStore(), Sources(referencings=table(from_a_blog(shipped_rows()), tmp_path / "t.csv")))
    differences = {(each.label, each.country, each.shipped, each.stated) for each in report.differences}
    assert differences == {(label, "IRL", str(int(level) - 1), level) for label, level in IRISH.items()}


def test_the_shipped_sources_differ_in_nothing_from_themselves(built: tuple[Path, BuildReport]) -> None:
    assert built[1].differences == ()


def test_a_table_of_one_country_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    of_ireland = [row for row in from_a_blog(shipped_rows()) if row["country_iso3"] == "IRL"]
    path, store = table(of_ireland, tmp_path / "ireland.csv"), tmp_path / "store"
    done = run("build", "--referencings", str(path), store=store)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(code in done.stderr.split() for code in ("FIN", "ITA", "BGR", "ESP"))
    assert all(label in done.stderr for label in IRISH)
    assert "IRL\n" not in done.stderr
    assert run("info", store=store).returncode == 3
    replaced = run("build", "--referencings", str(path), "--replace", store=store)
    assert replaced.returncode == 0
    assert all(label in replaced.stderr for label in IRISH)


def one_level_less(tmp_path: Path) -> Sources:
    return Sources(referencings=table(shipped_rows()[1:], tmp_path / "less.csv"))


def another_green_skill(tmp_path: Path) -> Sources:
    file = tmp_path / "skills.csv"
    text = "skill_code,name_en,sectors,eqf_min,eqf_max,greencomp\nX-1,Repair things,Construction,4,5,Systems thinking\n"
    file.write_text(text, encoding="utf-8")
    return Sources(green_skills=file)


def an_ontology_without_its_catalogue(tmp_path: Path) -> Sources:
    ontology = Path(shutil.copytree(folder("ontology"), tmp_path / "ontology"))
    (ontology / "catalogue.ttl").write_text("", encoding="utf-8")
    return Sources(ontology=ontology)


@pytest.mark.parametrize(
    ("sources", "kind"),
    [
        (one_level_less, "NationalLevel"),
        (another_green_skill, "GreenSkill"),
        (an_ontology_without_its_catalogue, "Qualification"),
    ],
)
def test_each_source_in_place_of_a_shipped_one_says_what_it_would_remove(
    sources: Callable[[Path], Sources], kind: str, tmp_path: Path
) -> None:
    store = MemoryStore()
    with pytest.raises(WouldRemove) as refused:
        build(store, sources(tmp_path))
    removed = refused.value.members["removed"]
    assert isinstance(removed, dict)
    assert removed[kind] >= 1
    assert store.graphs() == []


def test_a_part_of_the_official_shapes_does_not_remove_the_rest(
    built: tuple[Path, BuildReport], reference: Path, tmp_path: Path
) -> None:
    store = Path(shutil.copytree(built[0], tmp_path / "store", symlinks=True))
    assert run("load", "elm", str(reference / "elm"), store=store).returncode == 0
    part = str(reference / "elm" / "shapes" / "EDC-generic-no-cv.ttl")
    refused = run("load", "elm", part, store=store)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "graphs: " in refused.stderr
    assert run("load", "elm", part, "--replace", store=store).returncode == 0


SET = """#mapping_set_id: https://example.org/set
#license: https://creativecommons.org/publicdomain/zero/1.0/
#curie_map:
#  ex: https://example.org/
subject_id\tpredicate_id\tobject_id\tmapping_justification
ex:a\tskos:exactMatch\tex:b\tsemapv:ManualMappingCuration
"""
MORE = "ex:c\tskos:closeMatch\tex:d\tsemapv:ManualMappingCuration\n"


def test_a_mapping_set_with_fewer_rows_does_not_remove_the_others(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    store = Path(shutil.copytree(built[0], tmp_path / "store", symlinks=True))
    whole, part = tmp_path / "whole.sssom.tsv", tmp_path / "part.sssom.tsv"
    whole.write_text(SET + MORE, encoding="utf-8")
    part.write_text(SET, encoding="utf-8")
    assert run("load", "sssom", str(whole), store=store).returncode == 0
    refused = run("load", "sssom", str(part), store=store)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "https://example.org/c" in refused.stderr
    assert run("load", "sssom", str(part), "--replace", store=store).returncode == 0
    assert run("load", "sssom", str(whole), store=store).returncode == 0
