"""Answers over concepts that the graph does not know: a lower bound, said so, and never a refusal."""

from collections.abc import Iterator

import pytest

from mastery_graph.credentials.reading import SubmittedDocument, read_value
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.comparison import compare
from mastery_graph.questions.coverage import coverage_of
from mastery_graph.questions.profile import learner_profile
from mastery_graph.questions.stackability.missing_concepts import unknown_concepts
from mastery_graph.rdf import link
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import DCTERMS, GREEN_SKILL, RDF, SKOS, graph

CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
WELD, TEND = (
    "http://data.europa.eu/esco/skill/050dc15e-a41f-4958-bb2c-3fa46c2182be",
    "http://data.europa.eu/esco/skill/03305638-bd08-410a-a960-f963ad89cce6",
)
BIODIVERSITY = "http://data.europa.eu/esco/skill/ae6d655d-bbce-4701-ba04-d687cfa90eda"
GROUP = "http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def without_esco(store: EmbeddedStore) -> Iterator[EmbeddedStore]:
    """The real graph without any part of ESCO."""
    copy = MemoryStore.copy_of(store)
    for each in store.graphs():
        if each.iri.startswith(graph("esco")):
            copy.replace_graph(each.iri, [])
    yield copy
    copy.close()


@pytest.fixture(scope="module")
def with_both(esco_store: EmbeddedStore) -> Iterator[EmbeddedStore]:
    """The graph with ESCO, and with the place of two more of its concepts, of which none is above the other."""
    copy = MemoryStore.copy_of(esco_store)
    for concept in (WELD, TEND):
        copy.replace_graph(
            graph(f"esco-more/{concept[-4:]}"),
            [link(concept, RDF + "type", SKOS + "Concept"), link(concept, SKOS + "broader", GROUP)],
        )
    yield copy
    copy.close()


def course(name: str, *concepts: str) -> SubmittedDocument:
    outcomes = [
        {"type": "LearningOutcome", "title": {"en": f"{name} {concept}"}, "relatedESCOSkill": {"id": concept}}
        for concept in concepts
    ]
    return read_value({"@context": CONTEXT, "id": f"urn:{name}", "type": "Qualification", "learningOutcome": outcomes})


def test_descriptions_with_unknown_concepts_are_not_called_different(
    without_esco: EmbeddedStore, with_both: EmbeddedStore
) -> None:
    for store, outcome in ((without_esco, Outcome.UNKNOWN), (with_both, Outcome.UNMET)):
        criterion = criterion_of(
            compare(store, course("one", WELD), course("other", TEND)).criteria, "COMPARE-OUTCOMES"
        )
        assert criterion.outcome is outcome
        assert ("mastery-graph load esco" in criterion.explanation) is (outcome is Outcome.UNKNOWN)


def test_one_outcome_more_is_a_difference_whatever_the_concepts_are(without_esco: EmbeddedStore) -> None:
    answer = compare(without_esco, course("one", WELD), course("other", TEND, BIODIVERSITY))
    assert criterion_of(answer.criteria, "COMPARE-OUTCOMES").outcome is Outcome.UNMET


def test_a_curriculum_with_unknown_concepts_is_not_called_uncovered(
    without_esco: EmbeddedStore, with_both: EmbeddedStore
) -> None:
    assert coverage_of(with_both, [course("one", WELD)]).verdict == "not-covered"
    answer = coverage_of(without_esco, [course("one", WELD)])
    assert answer.verdict == "undetermined"
    explanation = criterion_of(answer.criteria, "COVERAGE-SKILLS").explanation
    assert "lower bound" in explanation
    assert "mastery-graph load esco" in explanation


def test_a_profile_with_unknown_concepts_does_not_say_that_nothing_is_attested(
    without_esco: EmbeddedStore, with_both: EmbeddedStore
) -> None:
    known = learner_profile(with_both, [course("one", WELD)])
    assert (known.verdict, criterion_of(known.criteria, "PROFILE-ATTESTED").outcome) == ("none-attested", Outcome.UNMET)
    answer = learner_profile(without_esco, [course("one", WELD)])
    criterion = criterion_of(answer.criteria, "PROFILE-ATTESTED")
    assert (answer.verdict, criterion.outcome) == ("undetermined", Outcome.UNKNOWN)
    assert "mastery-graph load esco" in criterion.explanation


def test_a_concept_is_known_by_its_description_and_in_esco_by_its_place_too(with_both: EmbeddedStore) -> None:
    green, made_up, nowhere = GREEN_SKILL + "GS01", "https://example.org/skill/1", WELD[:-1] + "0"
    unplaced = "http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000002"
    replaced = "http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000003"
    with_both.replace_graph(
        graph("esco-more/two"),
        [
            link(unplaced, RDF + "type", SKOS + "Concept"),
            link(replaced, RDF + "type", SKOS + "Concept"),
            link(replaced, DCTERMS + "isReplacedBy", WELD),
        ],
    )
    asked = [green, made_up, nowhere, unplaced, replaced, WELD, BIODIVERSITY]
    assert unknown_concepts(with_both, asked) == {made_up, nowhere, unplaced}
    assert unknown_concepts(with_both, []) == frozenset()
