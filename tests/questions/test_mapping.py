"""From a text to the concepts that it names, as an answer that gives its reasons."""

import pytest

from mastery_graph.concept_search.finder import Finder
from mastery_graph.errors import BadParameter
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.mapping import MAX_TEXT_LENGTH, map_text
from mastery_graph.store.embedded import EmbeddedStore


def test_a_text_is_mapped_with_the_labels_that_it_is_like_as_evidence(
    esco_store: EmbeddedStore, finder: Finder
) -> None:
    answer = map_text(esco_store, finder, "conduct energy audits", 3)
    assert answer.verdict == "mapped"
    first = answer.candidates[0]
    assert (first.label, first.framework) == (
        "conduct energy audit",
        "http://data.europa.eu/esco/concept-scheme/skills",
    )
    criterion = criterion_of(answer.criteria, "MAP-1")
    assert criterion.outcome is Outcome.MET
    assert (first.uri, first.matched) in {(each.subject, each.object) for each in criterion.evidence}


def test_a_text_that_names_nothing_is_told_so(esco_store: EmbeddedStore, finder: Finder) -> None:
    answer = map_text(esco_store, finder, "ice cream on the beach")
    assert (answer.verdict, answer.candidates) == ("nothing-fits", ())
    assert criterion_of(answer.criteria, "MAP-1").outcome is Outcome.UNMET


def test_a_provisional_green_skill_carries_its_note(esco_store: EmbeddedStore, finder: Finder) -> None:
    assert map_text(esco_store, finder, "Prevent and manage waste").note
    assert map_text(esco_store, finder, "show initiative", 1).note is None


@pytest.mark.parametrize(
    ("text", "limit", "language"),
    [(" ", 5, None), ("x" * (MAX_TEXT_LENGTH + 1), 5, None), ("waste", 0, None), ("waste", 5, "tlh")],
)
def test_what_cannot_be_asked_is_refused(
    esco_store: EmbeddedStore, finder: Finder, text: str, limit: int, language: str | None
) -> None:
    with pytest.raises(BadParameter):
        map_text(esco_store, finder, text, limit, language)
