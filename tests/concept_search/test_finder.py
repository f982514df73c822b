"""Concepts found by their words: in all languages, short and long, finished and not, and nothing where nothing fits."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.mapping import held_out
from benchmarks.noise import NOISE, NONSENSE
from mastery_graph.concept_search.entries import read_entries, words_hash
from mastery_graph.concept_search.finder import Finder
from mastery_graph.concept_search.index import Selection, TextIndex
from mastery_graph.concept_search.index_cache import finder_of
from mastery_graph.concept_search.ranking import WEIGHTS
from mastery_graph.concept_search.spans import spans
from mastery_graph.pipeline.build import replace_graph
from mastery_graph.rdf import link, words
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import ESCO, RDF, SKOS, graph

OWN = "https://example.org/skill/thatching"


def labels(finder: Finder, text: str, limit: int = 10, language: str | None = None) -> list[str]:
    return [each.entry.label() for each in finder.find(text, limit, language=language)]


@pytest.mark.parametrize("text", ["show initiative", "Show  INITIATIVE!", "take the initiative"])
def test_a_label_is_found_with_a_full_score_however_it_is_written(finder: Finder, text: str) -> None:
    first = finder.find(text, 1)[0]
    assert (first.entry.label(), first.score, first.features.exact) == ("show initiative", 100, True)


def test_what_is_no_label_never_has_a_full_score(finder: Finder) -> None:
    found = finder.find("showing much initiative", 10, threshold=0)
    assert found[0].entry.label() == "show initiative"
    assert all(each.score < 100 for each in found)


def test_other_endings_and_slips_of_the_pen_are_forgiven(finder: Finder) -> None:
    assert labels(finder, "monitoring of composting", 1) == ["monitor composting"]
    assert labels(finder, "conduct enrgy audit", 1) == ["conduct energy audit"]


@pytest.mark.parametrize("text", ["Prevenire e gestire i rifiuti", "prevenire i rifiuti"])
def test_a_text_is_found_in_another_language_of_the_graph(finder: Finder, text: str) -> None:
    assert labels(finder, text, 1) == ["Prevent and manage waste"]
    assert labels(finder, text, 1, "it") == ["Prevent and manage waste"]


def test_a_long_text_is_searched_piece_by_piece_and_says_where(finder: Finder) -> None:
    text = f"{NOISE[1]} You will conduct energy audits; then show initiative. {NOISE[3]}"
    found = {each.entry.label(): each for each in finder.find(text, 10)}
    assert {"conduct energy audit", "show initiative"} <= found.keys()
    span = found["show initiative"].span
    assert "initiative" in text[span.start : span.end]


@pytest.mark.parametrize("between", [". ", "\n", "; ", " | ", "!\n\n"])
def test_a_few_short_sentences_or_lines_are_each_a_name(finder: Finder, between: str) -> None:
    named = ["Waste management", "conduct energy audit", "bioeconomy"]
    found = [one.label.text for one in finder.find(between.join(named)) if one.features.exact]
    assert {each.casefold() for each in found} >= {each.casefold() for each in named}


@pytest.mark.parametrize("text", ["", "   ", "?!", "ß" * 300, *NONSENSE[1:16:2], *NOISE[1::2]])
def test_where_nothing_fits_nothing_is_found(finder: Finder, text: str) -> None:
    assert finder.find(text, 10) == []


def test_a_selection_holds(finder: Finder) -> None:
    groups = finder.find("waste", 10, selection=Selection(types=(SKOS + "Concept",)), threshold=0)
    assert groups
    assert all(each.entry.types == [SKOS + "Concept"] for each in groups)


def test_labels_are_completed_as_one_types(finder: Finder) -> None:
    found = [label.text for _, label in finder.complete("waste man", 5)]
    assert found[0] == "waste management"
    assert all(label.lower().startswith("waste man") for label in found)
    assert [entry.label() for entry, _ in finder.complete("rifiut", 1)] == ["Prevent and manage waste"]
    assert finder.complete("zzz") == []


def test_held_out_labels_lead_back_to_their_concept(esco_store: EmbeddedStore) -> None:
    split = held_out(read_entries(esco_store))
    finder = Finder(TextIndex.build(split.entries))
    asked = split.measured_on[::5]
    first = [finder.find(one.text, 1)[:1] for one in asked]
    right = sum(bool(found) and found[0].entry.uri == one.answer for found, one in zip(first, asked, strict=True))
    assert right / len(asked) > 0.75


def test_the_features_make_up_the_score(finder: Finder) -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    for each in finder.find("energy audits of buildings", 5):
        told = each.features.as_dict()
        total = sum(weight * told[name] for name, weight in WEIGHTS.items())
        assert each.score == pytest.approx(100 * total * told["telling"], abs=0.2)


def test_the_index_is_kept_beside_the_store_and_opened_again(with_esco: Path, finder: Finder) -> None:
    (kept,) = (with_esco / "text-index").iterdir()
    again = Finder(TextIndex.open(kept))
    assert labels(again, "conduct energy audits") == labels(finder, "conduct energy audits")


def test_a_new_label_is_found_and_a_new_mapping_changes_nothing(store: EmbeddedStore, tmp_path: Path) -> None:
    own = MemoryStore.copy_of(store)
    before = words_hash(own)
    assert finder_of(own, tmp_path).find("reed thatching of roofs") == []
    replace_graph(own, graph("mappings/abc"), [link(OWN, SKOS + "exactMatch", "https://example.org/other")])
    assert words_hash(own) == before
    replace_graph(
        own,
        graph("esco"),
        [
            link(OWN, RDF + "type", ESCO + "Skill"),
            words(OWN, SKOS + "prefLabel", "thatching roofs with reed", "en"),
            words(OWN + "/unnamed", SKOS + "altLabel", "reed thatching", "en"),
            words(OWN + "/unnamed", SKOS + "definition", "Without a preferred label, as some of the ELM are.", "en"),
        ],
    )
    assert [each.entry.uri for each in finder_of(own, tmp_path).find("reed thatching of roofs")] == [OWN]
    own.close()


def test_a_damaged_index_is_made_anew(store: EmbeddedStore, tmp_path: Path) -> None:
    from mastery_graph.concept_search import index_cache

    finder_of(store, tmp_path)
    for each in tmp_path.iterdir():
        (each / "languages.json").write_text("[", encoding="utf-8")
    index_cache.forget()
    assert labels(finder_of(store, tmp_path), "Prevent and manage waste", 1) == ["Prevent and manage waste"]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered(finder: Finder, text: str) -> None:
    found = finder.find(text, 5)
    assert all(55 <= each.score <= 100 for each in found)
    finder.complete(text, 5)


@given(st.text(max_size=400))
def test_each_piece_of_a_text_is_where_it_says(text: str) -> None:
    text += " Sort waste. Store it safely."
    pieces = list(spans(text))
    assert pieces
    for span in pieces:
        assert text[span.start : span.end] == span.text
