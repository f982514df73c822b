"""The table of all comparisons and the EQF grid, against the referencing table itself."""

import csv
import io
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mastery_graph.errors import UnknownCountry
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.equivalence.level_tables import EQFGrid, eqf_grid, level_table
from mastery_graph.questions.equivalence.levels import all_levels, equivalent_levels
from mastery_graph.questions.rendering import as_csv, as_html, as_json, as_text
from mastery_graph.sources.national_frameworks import merge
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import QDR

COUNTRIES = ["FIN", "IRL", "ITA", "BGR", "ESP", "NOR", "CYP", "GBR", "BEL", "MLT", "BIH"]


def test_the_whole_table_agrees_with_the_referencings_row_by_row(store: EmbeddedStore, reference: Path) -> None:
    rows = [row for _, row in merge(reference / "nqf")]
    eqf = {row["level_uri"]: row["eqf_level"] for row in rows if row["eqf_level"]}
    expected = {(one, other) for one, other in product(eqf, eqf) if one != other and eqf[one] == eqf[other]}
    table = level_table(store)
    published = [row for row in table.comparisons if row.uri.startswith(QDR) and row.other_uri.startswith(QDR)]
    assert {(row.uri, row.other_uri) for row in published} == expected
    assert all(str(row.eqf_level) == eqf[row.uri] for row in published)
    unreferenced = {level.uri for level in table.unreferenced if level.uri.startswith(QDR)}
    assert unreferenced == {row["level_uri"] for row in rows} - set(eqf)


def test_the_table_is_symmetric_and_never_crosses_eqf_levels(store: EmbeddedStore) -> None:
    eqf = {level.uri: level.eqf_level for level in all_levels(store)}
    pairs = {(row.uri, row.other_uri) for row in level_table(store).comparisons}
    assert pairs
    assert {(other, one) for one, other in pairs} == pairs
    assert all(eqf[one] == eqf[other] for one, other in pairs)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(COUNTRIES), st.sampled_from(COUNTRIES))
def test_a_table_of_two_countries_says_what_single_questions_say(store: EmbeddedStore, one: str, other: str) -> None:
    table = level_table(store, [one], [other])
    asked = {
        (level.uri, found.uri)
        for level in all_levels(store, one)
        for found in equivalent_levels(store, level.uri, other).equivalents
    }
    assert {(row.uri, row.other_uri) for row in table.comparisons} == asked


def test_countries_without_others_are_compared_among_themselves(store: EmbeddedStore) -> None:
    table = level_table(store, ["FIN", "IRL"])
    assert {(row.country, row.other_country) for row in table.comparisons} == {
        ("FIN", "IRL"),
        ("IRL", "FIN"),
        ("IRL", "IRL"),
    }


@pytest.mark.parametrize("countries", [("FIN", "GBR"), ("GBR", "FIN")])
def test_a_row_is_historical_by_either_of_its_sides(store: EmbeddedStore, countries: tuple[str, str]) -> None:
    one, other = countries
    rows = level_table(store, [one], [other]).comparisons
    assert rows
    assert all(row.historical for row in rows)
    assert not any(row.historical for row in level_table(store, ["FIN"], ["IRL"]).comparisons)


def test_sub_levels_are_compared_one_to_many(store: EmbeddedStore) -> None:
    table = level_table(store, ["FIN"], ["CYP"])
    assert [row.other_level for row in table.comparisons if row.level == "FiNQF Level 5"] == [
        "CyQF Level 5a",
        "CyQF Level 5b",
        "CyQF Level 5c",
    ]


def test_the_grid_places_each_level_once(store: EmbeddedStore) -> None:
    grid = eqf_grid(store)
    placed = [level.uri for row in grid.rows for levels in row.cells.values() for level in levels]
    apart = [level.uri for column in grid.columns for level in column.unreferenced]
    assert len(grid.columns) == 47
    assert [row.eqf_level for row in grid.rows] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert sorted(placed + apart) == sorted(level.uri for level in all_levels(store) if level.country)


def test_the_grid_keeps_the_order_of_the_countries(store: EmbeddedStore) -> None:
    grid = eqf_grid(store, ["NOR", "FIN", "IRL"])
    assert [column.country for column in grid.columns] == ["NOR", "FIN", "IRL"]
    assert [level.label for level in grid.columns[0].unreferenced] == ["NKR Level 1"]
    assert "No referencing\n  Norway: NKR Level 1\n" in as_text(grid)


@pytest.mark.parametrize("face", [as_text, as_csv, as_html])
def test_the_grid_marks_frameworks_whose_referencing_is_historical(
    store: EmbeddedStore, face: Callable[[EQFGrid], str]
) -> None:
    told = face(eqf_grid(store, ["GBR"]))
    assert "(historical)" in told
    assert "(historical)" not in face(eqf_grid(store, ["FIN"]))


def test_a_historical_referencing_is_a_criterion_of_a_table(store: EmbeddedStore) -> None:
    for answer in (eqf_grid(store, ["GBR"]), level_table(store, ["FIN"], ["GBR"])):
        told = criterion_of(answer.criteria, "LEVEL-4")
        assert told.outcome is Outcome.MET
        assert "Scottish Credit and Qualifications Framework" in told.explanation
    assert criterion_of(eqf_grid(store, ["FIN"]).criteria, "LEVEL-4").outcome is Outcome.NOT_APPLICABLE


def test_the_headings_of_the_grid_are_told_in_the_language(store: EmbeddedStore) -> None:
    told = as_html(eqf_grid(store, ["GBR"]), "it")
    assert "(storico)" in told
    assert "(historical)" not in told
    assert ">none<" not in told


def test_a_grid_of_an_unknown_country_is_refused(store: EmbeddedStore) -> None:
    with pytest.raises(UnknownCountry, match="ATL"):
        eqf_grid(store, ["FIN", "ATL"])


def test_the_table_as_csv_gives_the_reason_where_nothing_is_compared(store: EmbeddedStore) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(level_table(store, ["NOR"], ["FIN"])))))
    reasons = {row["level"]: row["not_compared_because"] for row in rows if not row["other_uri"]}
    assert reasons == {"NKR Level 1": "level 1 is not used by the framework"}


@pytest.mark.parametrize(
    ("language", "norway", "kingdom"),
    [
        ("en", "Norway", "United Kingdom"),
        ("it", "Norvegia", "Regno Unito"),
        ("es", "Noruega", "Reino Unido"),
        ("bg", "Норвегия", "Обединеното кралство"),
        ("fi", "Norja", "Iso-Britannia"),
    ],
)
def test_faces_for_readers_name_countries_and_data_has_their_codes(
    store: EmbeddedStore, language: str, norway: str, kingdom: str
) -> None:
    answers = [
        eqf_grid(store, ["NOR", "GBR"]),
        level_table(store, ["NOR"], ["GBR"]),
        equivalent_levels(store, "NKR Level 6.2", "GBR"),
    ]
    for answer in answers:
        text, html = as_text(answer, language), as_html(answer, language)
        assert kingdom in text
        assert kingdom in html
        assert not re.search(r"\b(NOR|GBR)\b", text)
        assert not re.search(r">(NOR|GBR)\b", html)
        assert '"GBR"' in as_json(answer, language)
    grid = answers[0]
    assert f">{norway}: Norwegian Qualifications Framework<" in as_html(grid, language)
    assert "NOR: Norwegian Qualifications Framework" in as_csv(grid, language).splitlines()[0]
