"""Mapping sets that a user brings: what is taken, what is refused, what contradicts, and how a no is told apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastery_graph.errors import BadSource, UnknownResource
from mastery_graph.pipeline.build import replace_graph
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.equivalence.contradictions import (
    ConceptStatus,
    Contradiction,
    ContradictionKind,
    contradictions,
)
from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.mapping_closure import Link, Relation, reachable
from mastery_graph.rdf import words
from mastery_graph.sources.sssom import read_mapping_set
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import ESCO, graph

EX = "https://example.org/skill/"
GREEN_SKILL = "https://w3id.org/mastery-graph/id/green-skill/GS01"
HEADER = """#mapping_set_id: https://example.org/sets/{name}
#mapping_set_title: Set {name}
#license: https://creativecommons.org/publicdomain/zero/1.0/
#curie_map:
#  gs: https://w3id.org/mastery-graph/id/green-skill/
#  ex: https://example.org/skill/
#  eqf: http://data.europa.eu/snb/eqf/
subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tpredicate_modifier
"""


@pytest.fixture
def own(store: EmbeddedStore) -> Iterator[MemoryStore]:
    """A store of its own with the real graph, to which a test adds mapping sets."""
    copy = MemoryStore.copy_of(store)
    yield copy
    copy.close()


def add(store: EmbeddedStore, folder: Path, name: str, *rows: str) -> None:
    file = folder / f"{name}.sssom.tsv"
    lines = ["\t".join([*row.split()[:3], "semapv:ManualMappingCuration", *row.split()[3:]]) for row in rows]
    file.write_text(HEADER.format(name=name) + "\n".join(lines) + "\n", encoding="utf-8")
    mapping_set = read_mapping_set(file)
    assert mapping_set.refused == []
    replace_graph(store, mapping_set.graph, mapping_set.triples)


def test_a_loaded_set_leads_to_counterparts_with_its_name_on_each_link(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:exactMatch ex:waste 0.9", "ex:waste skos:broadMatch ex:resources 0.5")
    answer = equivalent_skills(own, "GS01", EX)
    assert [(one.uri, one.relation, one.confidence) for one in answer.equivalents] == [
        (EX + "waste", "exactMatch", 0.9),
        (EX + "resources", "broadMatch", 0.45),
    ]
    assert [step.mapping_set for step in answer.equivalents[1].path] == ["Set a", "Set a"]
    assert answer.weakest_link is not None
    assert (answer.weakest_link.object, answer.weakest_link.confidence) == (EX + "resources", 0.5)


def test_the_sparql_of_an_answer_gives_every_link_of_its_paths(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:exactMatch ex:waste 0.9", "ex:waste skos:broadMatch ex:resources 0.5")
    answer = equivalent_skills(own, "GS01", EX)
    given_back = {(row["subject"].value, row["object"].value) for row in own.select(answer.reproduced_by)}
    used = {(step.subject, step.object) for one in answer.equivalents for step in one.path}
    assert used <= given_back | {(end, start) for start, end in given_back}


def test_close_and_close_is_nothing(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:closeMatch ex:one 0.9", "ex:one skos:closeMatch ex:two 0.9")
    assert [one.uri for one in equivalent_skills(own, "GS01", EX).equivalents] == [EX + "one"]


def test_a_circle_of_mappings_ends(own: MemoryStore, tmp_path: Path) -> None:
    add(
        own,
        tmp_path,
        "a",
        "gs:GS01 skos:exactMatch ex:one 0.9",
        "ex:one skos:broadMatch ex:two 0.9",
        "ex:two skos:broadMatch ex:one 0.9",
    )
    answer = equivalent_skills(own, "GS01", EX)
    assert {one.uri for one in answer.equivalents} == {EX + "one", EX + "two"}
    assert [each.kind for each in answer.contradictions] == ["broad-circle"]


def test_a_denied_mapping_leads_nowhere_and_lends_nothing_to_the_triple_it_denies(
    own: MemoryStore, tmp_path: Path
) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:exactMatch ex:waste 0.9 Not")
    assert equivalent_skills(own, "GS01", EX).equivalents == ()
    add(own, tmp_path, "b", "gs:GS01 skos:exactMatch ex:waste 0.3")
    answer = equivalent_skills(own, "GS01", EX)
    assert [(one.confidence, one.contested) for one in answer.equivalents] == [(0.3, True)]
    (each,) = answer.contradictions
    assert (each.kind, each.settled_by) == ("denied", ("Set a", "Set b"))
    assert each.denied is not None
    assert criterion_of(answer.criteria, "SKILL-3").outcome is Outcome.UNMET


def test_contradictions_with_the_fewest_links_come_first(own: MemoryStore, tmp_path: Path) -> None:
    add(
        own,
        tmp_path,
        "a",
        "gs:GS01 skos:exactMatch ex:a 0.9",
        "ex:a skos:exactMatch ex:b 0.9",
        "gs:GS01 skos:broadMatch ex:b 0.9",
        "gs:GS01 skos:exactMatch ex:z 0.9",
        "gs:GS01 skos:broadMatch ex:z 0.9",
    )
    found = equivalent_skills(own, "GS01", EX).contradictions
    assert [len(each.links) for each in found] == sorted(len(each.links) for each in found)
    assert len(found[0].links) == 2 < len(found[-1].links)


@pytest.mark.parametrize(("asserted", "blamed"), [("exactMatch", True), ("closeMatch", True), ("relatedMatch", False)])
def test_what_is_exact_is_close_too_where_close_is_denied(
    own: MemoryStore, tmp_path: Path, asserted: str, blamed: bool
) -> None:
    add(own, tmp_path, "a", f"gs:GS01 skos:{asserted} ex:waste 0.9")
    add(own, tmp_path, "b", "gs:GS01 skos:closeMatch ex:waste 0.9 Not")
    answer = equivalent_skills(own, "GS01", EX)
    assert [one.contested for one in answer.equivalents] == [blamed]
    assert [each.kind for each in answer.contradictions] == ["denied"] * blamed


def test_exact_in_one_set_and_broad_in_another_is_blamed_on_both_links(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:exactMatch ex:waste 0.9")
    add(own, tmp_path, "b", "gs:GS01 skos:broadMatch ex:waste 0.8")
    answer = equivalent_skills(own, "GS01", EX)
    assert answer.verdict == "contradicted"
    (each,) = answer.contradictions
    assert each.kind == "exact-and-broad"
    assert sorted(step.mapping_set or "" for step in each.links) == ["Set a", "Set b"]
    assert answer.settled_by == "The authors of Set a; Set b."


def test_a_counterpart_on_two_paths_is_counted_once(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:exactMatch ex:waste 0.9")
    add(own, tmp_path, "b", "gs:GS01 skos:broadMatch ex:waste 0.8")
    answer = equivalent_skills(own, "GS01", EX)
    assert [one.uri for one in answer.equivalents] == [EX + "waste"] * 2
    assert "has 1 counterpart in" in answer.summary
    assert criterion_of(answer.criteria, "SKILL-1").explanation.startswith("1 concept ")


def test_an_exact_chain_that_joins_two_green_skills_is_named(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:exactMatch ex:waste 0.9", "gs:GS02 skos:exactMatch ex:waste 0.9")
    (each,) = equivalent_skills(own, "GS01", EX).contradictions
    assert (each.kind, len(each.links)) == ("two-concepts-of-one-scheme", 2)


def test_an_exact_chain_that_joins_two_eqf_levels_is_named(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "eqf:4 skos:exactMatch ex:skilled 0.9", "eqf:5 skos:exactMatch ex:skilled 0.9")
    (each,) = equivalent_skills(own, EX + "skilled").contradictions
    assert each.kind == "two-eqf-levels"


def test_contradictions_elsewhere_are_not_laid_at_this_answers_door(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "ex:one skos:exactMatch ex:two 0.9", "ex:one skos:broadMatch ex:two 0.9")
    answer = equivalent_skills(own, "GS01", "esco")
    assert (answer.verdict, answer.contradictions) == ("mapped", ())


@pytest.mark.parametrize(
    ("framework", "verdict", "settled"),
    [
        ("https://example.com/nowhere/", "framework-not-covered", "Whoever publishes a mapping set"),
        (EX, "no-mapping-known", "The authors of Set a."),
    ],
)
def test_a_no_says_which_no_it_is_and_who_could_settle_it(
    own: MemoryStore, tmp_path: Path, framework: str, verdict: str, settled: str
) -> None:
    add(own, tmp_path, "a", "gs:GS02 skos:exactMatch ex:energy 0.9")
    answer = equivalent_skills(own, "GS01", framework)
    assert answer.verdict == verdict
    assert (answer.settled_by or "").startswith(settled)


def test_a_counterpart_that_its_owner_gave_up_is_out_of_date(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, "a", "gs:GS01 skos:exactMatch ex:waste 0.9")
    replace_graph(own, graph("esco"), [words(EX + "waste", ESCO + "status", "obsolete")])
    answer = equivalent_skills(own, "GS01", EX)
    assert answer.verdict == "out-of-date"
    assert answer.equivalents[0].obsolete


def test_a_concept_is_called_by_its_own_label_and_not_by_that_of_a_mapping(own: MemoryStore, tmp_path: Path) -> None:
    file = tmp_path / "labels.tsv"
    text = HEADER.format(name="labels").replace("confidence\t", "subject_label\t")
    file.write_text(
        text + "gs:GS01\tskos:exactMatch\tex:w\tsemapv:ManualMappingCuration\tRubbish\t\n", encoding="utf-8"
    )
    mapping_set = read_mapping_set(file)
    replace_graph(own, mapping_set.graph, mapping_set.triples)
    assert equivalent_skills(own, "GS01").skill.label != "Rubbish"


def test_each_refused_row_is_told_with_its_line_and_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "bad.tsv"
    rows = [
        "gs:GS01\tskos:exactMatch\tex:a\tsemapv:ManualMappingCuration\t0.9\t",
        "gs:GS01\tskos:exactMatch\tex:a\tsemapv:ManualMappingCuration\t0.9\t",
        "gs:GS01\tskos:exactMatch\tex:b\tsemapv:ManualMappingCuration\t1.9\t",
        "gs:GS01\tskos:exactMatch\tfoo:b\tsemapv:ManualMappingCuration\t0.9\t",
        "gs:GS01\tskos:exactMatch\t\tsemapv:ManualMappingCuration\t0.9\t",
        "gs:GS01\trdfs:seeAlso\tex:c\tsemapv:ManualMappingCuration\t0.9\t",
        "gs:GS01\tskos:exactMatch\tgs:GS01\tsemapv:ManualMappingCuration\t0.9\t",
        "gs:GS01\tskos:exactMatch\tex:d\tex:guess\t0.9\t",
        "gs:GS01\tskos:exactMatch\tex:e\tsemapv:ManualMappingCuration\t0.9\tMaybe",
    ]
    file.write_text(HEADER.format(name="bad") + "\n".join(rows) + "\n", encoding="utf-8")
    found = read_mapping_set(file)
    first = HEADER.count("\n") + 1
    assert found.accepted == 1
    assert [row.line for row in found.refused] == list(range(first + 1, first + len(rows)))
    for row, word in zip(
        found.refused,
        ["earlier", "less than", "foo", "object_id", "SKOS", "same", "semapv", "predicate_modifier"],
        strict=True,
    ):
        assert word in row.reason


@pytest.mark.parametrize(
    "text", ["", "subject_id\tobject_id\n", "#mapping_set_id: [\nsubject_id\n", HEADER.format(name="x"), "\0\1\2"]
)
def test_a_file_that_is_no_mapping_set_is_refused_whole(tmp_path: Path, text: str) -> None:
    file = tmp_path / "no.tsv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadSource, match=r"no\.tsv"):
        read_mapping_set(file)


def test_an_unknown_skill_is_still_unknown(store: EmbeddedStore) -> None:
    with pytest.raises(UnknownResource):
        equivalent_skills(store, EX + "nobody")


concepts = st.sampled_from("abcde")
links = st.lists(
    st.builds(
        lambda start, relation, end: Link(start, relation, end, 0.5, subject=start),
        concepts,
        st.sampled_from(Relation),
        concepts,
    ).filter(lambda link: link.start != link.end),
    max_size=9,
)


def test_what_is_blamed_contradicts_by_itself_and_no_link_less_does() -> None:
    kinds = set()

    @given(links)
    def check(given_links: list[Link]) -> None:
        for each in contradictions(given_links):
            kinds.add(each.kind)
            alone = contradictions(each.links)
            assert any(set(other.links) == set(each.links) or other.kind == each.kind for other in alone)
            for left_out in each.links:
                fewer = [link for link in each.links if link.triple != left_out.triple]
                assert not [one for one in contradictions(fewer) if one.concepts == each.concepts]

    check()
    assert kinds


@given(links)
def test_the_order_of_the_links_changes_nothing(given_links: list[Link]) -> None:
    def told(found: list[Contradiction]) -> set[tuple[ContradictionKind, int]]:
        return {(each.kind, len(each.links)) for each in found}

    assert told(contradictions(given_links)) == told(contradictions(list(reversed(given_links))))


@given(links)
def test_exact_and_broad_alone_never_contradict_without_a_circle(given_links: list[Link]) -> None:
    upward = [link for link in given_links if link.relation is Relation.BROAD and link.start < link.end]
    assert contradictions(upward) == []


def test_levels_joined_across_countries_are_told_by_their_eqf_levels() -> None:
    chain = [Link("a", Relation.EXACT, "b", 1.0), Link("b", Relation.EXACT, "c", 1.0)]
    standing = {"a": ConceptStatus(eqf="4"), "c": ConceptStatus(eqf="5")}
    (each,) = contradictions(chain, (), standing)
    assert (each.kind, each.concepts, len(each.links)) == (ContradictionKind.TWO_EQF_LEVELS, ("a", "c"), 2)


def test_reachability_is_the_same_with_and_without_a_framework(store: EmbeddedStore) -> None:
    ends = {path.end for path in reachable(store, GREEN_SKILL) if path.links}
    assert {one.uri for one in equivalent_skills(store, "GS01").equivalents} == ends
