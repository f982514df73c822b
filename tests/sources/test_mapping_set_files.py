"""Mapping sets in SSSOM, row by row: which rows are two mappings, which are one, and what each becomes."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from mastery_graph.errors import BadSource
from mastery_graph.sources.sssom import MappingSet, read_mapping_set
from mastery_graph.vocabulary import SKOS, SSSOM

HEADER = """#mapping_set_id: https://example.org/sets/a
#curie_map:
#  ex: https://example.org/skill/
subject_id\tpredicate_id\tobject_id\tmapping_justification\tpredicate_modifier\tmapping_tool\tconfidence
"""
EX = "https://example.org/skill/"


def read(folder: Path, *rows: str) -> MappingSet:
    file = folder / "a.sssom.tsv"
    file.write_text(HEADER + "\n".join(row.replace(" ", "\t") for row in rows) + "\n", encoding="utf-8")
    return read_mapping_set(file)


def records(found: MappingSet) -> set[NamedNode]:
    return {t.subject for t in found.triples if t.object == NamedNode(SSSOM + "Mapping")}  # type: ignore[misc]


FIRST = "ex:a skos:exactMatch ex:b semapv:ManualMappingCuration"


@pytest.mark.parametrize(
    "second",
    [
        "ex:a skos:exactMatch ex:b semapv:ManualMappingCuration Not  0.9",
        "ex:a skos:exactMatch ex:b semapv:LexicalMatching   0.9",
        "ex:a skos:exactMatch ex:b semapv:ManualMappingCuration  tool 0.9",
        "ex:a skos:exactMatch ex:c semapv:ManualMappingCuration   0.9",
        "ex:a skos:closeMatch ex:b semapv:ManualMappingCuration   0.9",
        "ex:c skos:exactMatch ex:b semapv:ManualMappingCuration   0.9",
    ],
)
def test_rows_that_differ_in_what_identifies_a_mapping_are_two(tmp_path: Path, second: str) -> None:
    found = read(tmp_path, f"{FIRST}   0.9", second)
    assert found.refused == []
    assert found.accepted == len(records(found)) == 2


def test_rows_that_differ_in_their_confidence_alone_are_one_mapping_stated_twice(tmp_path: Path) -> None:
    found = read(tmp_path, f"{FIRST}   0.9", f"{FIRST}   0.8")
    assert found.accepted == len(records(found)) == 1
    assert [row.line for row in found.refused] == [6]


def test_a_denied_mapping_is_recorded_and_not_stated(tmp_path: Path) -> None:
    found = read(tmp_path, f"{FIRST} Not  0.9")
    stated = [t for t in found.triples if t.predicate.value.startswith(SKOS)]
    modified = [t.object.value for t in found.triples if t.predicate.value == SSSOM + "predicate_modifier"]
    assert (stated, modified) == ([], [SSSOM + "NegatedPredicate"])


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.sssom.tsv"
    with file.open("wb") as made:
        made.truncate(200 * 1024 * 1024 + 1)
    with pytest.raises(BadSource, match="has more than 209715200 bytes"):
        read_mapping_set(file)
