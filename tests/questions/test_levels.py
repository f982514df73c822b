"""Equivalence of levels, on the real referencings."""

import pytest

from mastery_graph.errors import UnknownCountry, UnknownLevel
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.equivalence.levels import all_levels, countries_with_levels, equivalent_levels, find_level
from mastery_graph.questions.rendering import as_text
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import NS


def test_a_level_is_compared_through_both_referencings(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "FiNQF Level 5", "IRL")
    assert answer.verdict == "comparable"
    assert [level.label for level in answer.equivalents] == ["IE NQF Level 6"]
    evidence = criterion_of(answer.criteria, "LEVEL-1").evidence
    referencings = {quad.subject for quad in evidence if quad.predicate == NS + "eqfLevel"}
    assert len(referencings) == 2
    assert all(quad.sources for quad in evidence)


def test_several_levels_at_one_eqf_level_are_all_given_in_order(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "EQF 5", "CYP")
    assert [level.label for level in answer.equivalents] == ["CyQF Level 5a", "CyQF Level 5b", "CyQF Level 5c"]
    assert criterion_of(answer.criteria, "LEVEL-3").outcome is Outcome.MET


def test_an_unreferenced_level_has_no_equivalents(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "BH NQF Level 5")
    assert answer.verdict == "undetermined"
    assert answer.equivalents == ()
    assert "not linked to the EQF" in criterion_of(answer.criteria, "LEVEL-2").explanation


def test_levels_without_a_referencing_are_named(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "FiNQF Level 6", "NOR")
    assert [level.label for level in answer.equivalents] == ["NKR Level 6.1", "NKR Level 6.2"]
    assert [level.label for level in answer.unreferenced] == ["NKR Level 1"]


def test_every_level_is_listed_with_the_confidence_of_its_referencing_in_words(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "EQF 6")
    assert {level.confidence for level in answer.equivalents} == {"verified", "published"}
    assert "- NKR Level 6.1 (Norway, EQF level 6, published): two pages give" in as_text(answer)
    assert "- NKR Level 6.1 (Norvegia, livello EQF 6, pubblicata)" in as_text(answer, "it")


def test_a_level_that_was_replaced_names_what_took_its_place(store: EmbeddedStore) -> None:
    told = as_text(equivalent_levels(store, "EQF 6", "FRA"))
    assert "compares with RNCP Level 6 in France" in told
    assert "superseded by RNCP Level 6" in told


@pytest.mark.parametrize(("country", "footnote"), [("XKX", True), ("ALB", False)])
def test_kosovo_carries_the_footnote_of_the_eu(store: EmbeddedStore, country: str, *, footnote: bool) -> None:
    assert ("UNSCR 1244/1999" in as_text(equivalent_levels(store, "EQF 5", country))) is footnote


def test_a_framework_that_left_the_eqf_is_marked_historical(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "EQF 5", "GBR")
    assert answer.equivalents
    assert all(level.historical for level in answer.equivalents)
    assert criterion_of(answer.criteria, "LEVEL-4").outcome is Outcome.MET


def test_a_referencing_that_is_stated_not_to_be_historical_is_not(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    level = find_level(own, "FiNQF Level 5")
    own.update(f"""
        PREFIX mg: <https://w3id.org/mastery-graph/ns#>
        INSERT DATA {{ GRAPH <urn:more> {{ <{level.referencing}> mg:historical false }} }}""")
    assert not find_level(own, "FiNQF Level 5").historical
    own.close()


def test_a_level_left_out_of_a_historical_referencing_is_told_apart_from_it(store: EmbeddedStore) -> None:
    told = criterion_of(equivalent_levels(store, "SCQF Level 1", "FIN").criteria, "LEVEL-4")
    assert told.outcome is Outcome.NOT_APPLICABLE
    assert told.explanation.endswith("is historical.")


def test_a_historical_level_is_marked_where_it_is_listed(store: EmbeddedStore) -> None:
    assert "- SCQF Level 12 (United Kingdom, EQF level 8, historical, verified)" in as_text(
        equivalent_levels(store, "EQF 8", "GBR")
    )


@pytest.mark.parametrize(("level", "country"), [("NQF RNCP Level III", "FIN"), ("FiNQF Level 5", "FRA")])
def test_an_earlier_nomenclature_is_noted_where_a_level_is_given(
    store: EmbeddedStore, level: str, country: str
) -> None:
    assert "nomenclature of 1969" in as_text(equivalent_levels(store, level, country))


@pytest.mark.parametrize("written", ["EQF 12", "EQF Level 9", "http://data.europa.eu/snb/eqf/12"])
def test_who_asks_for_an_eqf_level_that_does_not_exist_is_told_that_there_are_eight(
    store: EmbeddedStore, written: str
) -> None:
    with pytest.raises(UnknownLevel) as caught:
        find_level(store, written)
    assert "eight levels" in (caught.value.advice or "")


@pytest.mark.parametrize("written", ["http://data.europa.eu/snb/eqf/5", "EQF 5", "eqf level 5", "EQF  5"])
def test_a_level_may_be_written_in_several_ways(store: EmbeddedStore, written: str) -> None:
    assert find_level(store, written).label == "EQF Level 5"


@pytest.mark.parametrize("written", ["FiNQF Level 5", "finqf level 5", "FINQF  LEVEL 5", " FiNQF Level 5 "])
def test_the_label_of_a_level_may_be_written_in_any_case(store: EmbeddedStore, written: str) -> None:
    assert find_level(store, written).label == "FiNQF Level 5"


@pytest.mark.parametrize("written", ["EQF 9", "FiNQF Level 55", "", "http://example.org/x", "http://a b"])
def test_an_unknown_level_is_refused_with_a_hint(store: EmbeddedStore, written: str) -> None:
    with pytest.raises(UnknownLevel) as caught:
        find_level(store, written)
    assert caught.value.advice or caught.value.action is not None


def test_an_unknown_country_is_refused(store: EmbeddedStore) -> None:
    with pytest.raises(UnknownCountry, match="XXX"):
        equivalent_levels(store, "EQF 5", "XXX")


def test_comparability_is_symmetric_within_the_graph(store: EmbeddedStore) -> None:
    def pairs(country: str, other: str) -> set[tuple[str, str]]:
        referenced = [level.uri for level in all_levels(store, country) if level.eqf_level]
        return {(uri, one.uri) for uri in referenced for one in equivalent_levels(store, uri, other).equivalents}

    there, back = pairs("IRL", "FIN"), pairs("FIN", "IRL")
    assert len(there) == 10
    assert back == {(other, uri) for uri, other in there}


def test_the_dataset_and_the_disclaimer_come_with_the_answer(store: EmbeddedStore) -> None:
    answer = equivalent_levels(store, "EQF 5", "FIN")
    assert len(answer.dataset.content_hash) == 64
    assert "not a decision" in answer.disclaimer


def test_the_countries_that_can_be_asked_about_are_those_of_the_levels(store: EmbeddedStore) -> None:
    countries = {level.country for level in all_levels(store)} - {None}
    assert set(countries_with_levels(store)) == countries
    assert countries_with_levels(store) == tuple(sorted(countries_with_levels(store)))


def test_of_each_country_the_same_is_read_alone_as_with_all_others(store: EmbeddedStore) -> None:
    every = all_levels(store)
    assert len(countries_with_levels(store)) > 20
    for country in countries_with_levels(store):
        assert all_levels(store, country) == tuple(level for level in every if level.country == country)


def test_a_level_of_a_framework_without_a_country_gets_no_eqf_level_from_its_place(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    own.update("""
        PREFIX mg: <https://w3id.org/mastery-graph/ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        INSERT DATA { GRAPH <urn:sector> {
            <urn:framework> a mg:QualificationsFramework ; skos:prefLabel "A sector"@en .
            <urn:level> a mg:NationalLevel ; skos:inScheme <urn:framework> ; skos:prefLabel "Sector level 3"@en ;
                mg:position 3 ; mg:openBecause "Nobody has referenced it." . } }""")
    level = find_level(own, "Sector level 3")
    assert (level.country, level.position, level.eqf_level) == (None, 3, None)
    assert find_level(own, "EQF 3").eqf_level == 3
