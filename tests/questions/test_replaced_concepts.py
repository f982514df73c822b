"""A concept that ESCO has replaced: its successor takes its place, and the answer names both (ESCO-1)."""

from collections.abc import Iterator

import pytest
from pyoxigraph import RdfFormat

from mastery_graph.questions.answer import Answer, Outcome, criterion_of
from mastery_graph.questions.comparison import compare
from mastery_graph.questions.coverage import coverage_of
from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.profile import learner_profile
from mastery_graph.questions.recognition import recognition
from mastery_graph.questions.stackability import Skills, stackability
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import DCTERMS, ESCO_EXTRACT_GRAPH, graph
from tests.conftest import DESCRIPTION

SKILL = "http://data.europa.eu/esco/skill/"
OLD = SKILL + "73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"
"""To which an outcome of the description below is tied."""
NEW, OTHER = SKILL + "83fc0b2b-6cd2-46af-b1ff-d3fc83604c26", SKILL + "114a79ef-1e62-475b-a862-954f5b4cca20"
HELD = DESCRIPTION + "waste-on-site-ita"


@pytest.fixture
def own(store: EmbeddedStore) -> Iterator[MemoryStore]:
    copy = MemoryStore.copy_of(store)
    copy.replace_graph(ESCO_EXTRACT_GRAPH, [])
    yield copy
    copy.close()


def say(store: EmbeddedStore, *lines: str) -> None:
    """Make a graph of ESCO in which these two concepts are; the lines say more of them."""
    store.load(
        f"""
        @prefix dct: <{DCTERMS}> .
        @prefix iso-thes: <http://purl.org/iso25964/skos-thes#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <{OLD}> a skos:Concept ; iso-thes:status "obsolete" ; skos:prefLabel "an older name"@en .
        <{NEW}> a skos:Concept ; iso-thes:status "released" ; skos:prefLabel "a newer name"@en .
        <{OTHER}> a skos:Concept ; iso-thes:status "released" ; skos:prefLabel "another name"@en .
        {" ".join(lines)}
        """.encode(),
        RdfFormat.TURTLE,
        graph("esco"),
    )


def test_the_successor_takes_the_place_of_an_obsolete_concept(own: MemoryStore) -> None:
    say(own)
    assert stackability(own, [HELD], Skills(skills=(NEW,))).coverage == 0
    say(own, f"<{OLD}> dct:isReplacedBy <{NEW}> .")
    answer = stackability(own, [HELD], Skills(skills=(NEW,)))
    assert answer.coverage == 1
    told = criterion_of(answer.criteria, "ESCO-1")
    assert told.outcome is Outcome.MET
    assert told.explanation == f"an older name ({OLD}) is obsolete in ESCO; a newer name ({NEW}) replaces it."
    assert (OLD, DCTERMS + "isReplacedBy", NEW, graph("esco")) in {
        (quad.subject, quad.predicate, quad.object, quad.graph) for quad in told.evidence
    }


def test_an_obsolete_concept_that_a_target_asks_for_is_served_by_its_successor(own: MemoryStore) -> None:
    say(own, f"<{NEW}> dct:isReplacedBy <{OLD}> .")
    assert stackability(own, [HELD], Skills(skills=(NEW,))).coverage == 1


def test_each_of_several_successors_is_close_only(own: MemoryStore) -> None:
    say(own, f"<{NEW}> dct:replaces <{OLD}> . <{OTHER}> dct:replaces <{OLD}> .")
    found = equivalent_skills(own, OLD)
    relations = {one.uri: (one.relation, one.path[0].replacement) for one in found.equivalents if len(one.path) == 1}
    assert (relations[NEW], relations[OTHER]) == (("closeMatch", True), ("closeMatch", True))
    assert "In its place, and close to it: " in criterion_of(found.criteria, "ESCO-1").explanation
    assert not found.contradictions


def test_a_chain_of_replacements_leads_to_what_is_in_use(own: MemoryStore) -> None:
    say(own, f"<{OLD}> dct:isReplacedBy <{OTHER}> . <{OTHER}> dct:isReplacedBy <{NEW}> .")
    answer = stackability(own, [HELD], Skills(skills=(NEW,)))
    assert answer.coverage == 1
    assert f"a newer name ({NEW}) replaces it." in criterion_of(answer.criteria, "ESCO-1").explanation


def test_an_obsolete_concept_without_a_successor_is_told_and_stands_for_itself(own: MemoryStore) -> None:
    before = recognition(own, HELD, "FIN", "employment")
    say(own)
    answer = recognition(own, HELD, "FIN", "employment")
    told = criterion_of(answer.criteria, "ESCO-1")
    assert (told.outcome, answer.verdict) == (Outcome.UNKNOWN, before.verdict)
    assert told.explanation == f"an older name ({OLD}) is obsolete in ESCO, which names nothing in its place."


def test_every_answer_on_a_credential_names_what_replaces_its_concepts(own: MemoryStore) -> None:
    say(own, f"<{OLD}> dct:isReplacedBy <{NEW}> .")
    answers: list[Answer] = [
        recognition(own, HELD, "FIN", "employment"),
        coverage_of(own, [HELD]),
        learner_profile(own, [HELD]),
        compare(own, HELD, DESCRIPTION + "waste-management-irl"),
    ]
    for answer in answers:
        assert NEW in criterion_of(answer.criteria, "ESCO-1").explanation, answer.kind


def test_an_answer_without_obsolete_concepts_says_nothing_of_them(store: EmbeddedStore) -> None:
    assert "ESCO-1" not in {one.rule for one in coverage_of(store, [HELD]).criteria}
