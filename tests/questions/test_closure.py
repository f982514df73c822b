"""The laws of the mapping closure, for all relations."""

from hypothesis import given
from hypothesis import strategies as st

from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.mapping_closure import Link, Path, Relation, denied_mappings, reachable
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph

EXACT = "http://data.europa.eu/esco/skill/73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"
GREEN_SKILL = "https://w3id.org/mastery-graph/id/green-skill/GS01"
relations = st.sampled_from(Relation)
_STRENGTH = {Relation.EXACT: 3, Relation.CLOSE: 2, Relation.BROAD: 1, Relation.NARROW: 1, Relation.RELATED: 0}


@given(relations, relations)
def test_nothing_is_promoted(first: Relation, second: Relation) -> None:
    together = first.then(second)
    assert together is None or _STRENGTH[together] <= min(_STRENGTH[first], _STRENGTH[second])


@given(relations, relations, relations)
def test_it_does_not_matter_where_a_chain_is_cut(first: Relation, second: Relation, third: Relation) -> None:
    left = first.then(second)
    right = second.then(third)
    assert (left.then(third) if left else None) == (first.then(right) if right else None)


@given(relations, relations)
def test_a_chain_read_backwards_is_the_inverse(first: Relation, second: Relation) -> None:
    together = first.then(second)
    assert second.inverse.then(first.inverse) == (together.inverse if together else None)


def test_each_path_holds_together_and_its_confidence_is_the_product(store: EmbeddedStore) -> None:
    paths = reachable(store, GREEN_SKILL)
    assert len(paths) == 9
    for path in paths:
        place, product = GREEN_SKILL, 1.0
        for link in path.links:
            assert link.start == place
            place = link.end
            assert link.confidence is not None
            product *= link.confidence
        assert place == path.end
        assert abs((path.confidence or 0) - product) < 1e-9


def test_a_path_takes_as_many_steps_in_the_hierarchy_as_are_allowed(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    own.update("""
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        INSERT DATA { GRAPH <urn:hierarchy> {
            <urn:a> skos:broader <urn:b> . <urn:b> skos:broader <urn:c> . <urn:c> skos:broader <urn:d> . } }""")
    for steps in range(5):
        upward = [(path.end, path.relation, path.steps) for path in reachable(own, "urn:a", steps) if path.links]
        above = [(f"urn:{letter}", Relation.BROAD, number) for number, letter in enumerate("bcd", 1)]
        assert upward == above[:steps]
        downward = [(path.end, path.relation, path.steps) for path in reachable(own, "urn:d", steps) if path.links]
        below = [(f"urn:{letter}", Relation.NARROW, number) for number, letter in enumerate("cba", 1)]
        assert downward == below[:steps]
    own.close()


def test_of_two_paths_the_surer_is_better_then_the_shorter_and_an_unknown_confidence_is_the_least() -> None:
    link = Link("a", Relation.EXACT, "b", 0.5)
    ranked = [
        Path("b", Relation.EXACT, (link,), 0.5),
        Path("b", Relation.EXACT, (link, link), 0.5),
        Path("b", Relation.EXACT, (link,), 0.1),
        Path("b", Relation.EXACT, (link,), 0.0),
        Path("b", Relation.EXACT, (link,), None),
    ]
    for place, path in enumerate(ranked):
        assert path.better_than(None)
        assert [path.better_than(other) for other in ranked] == [number > place for number in range(len(ranked))]


def test_a_skill_is_not_its_own_counterpart_and_the_path_is_given(store: EmbeddedStore) -> None:
    answer = equivalent_skills(store, GREEN_SKILL, "esco")
    assert len(answer.equivalents) == 8
    assert all(one.uri != GREEN_SKILL and one.path for one in answer.equivalents)
    assert answer.equivalents[0].relation == "closeMatch"
    assert "working set" in (answer.note or "")


def test_what_a_loaded_credential_states_of_concepts_is_no_mapping(store: EmbeddedStore) -> None:
    """A credential that maps a green skill, replaces it or puts it below another concept changes no answer."""
    own = MemoryStore.copy_of(store)
    claims = f"""
        <{GREEN_SKILL}> skos:exactMatch <urn:a> ; skos:broader <urn:b> ; dcterms:isReplacedBy <urn:c> .
        <urn:record> sssom:subject_id <{GREEN_SKILL}> ; sssom:predicate_id skos:closeMatch ;
            sssom:object_id <{EXACT}> ; sssom:predicate_modifier sssom:NegatedPredicate ."""
    prefixes = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX sssom: <https://w3id.org/sssom/>"""

    def ends() -> set[str]:
        return {path.end for path in reachable(own, GREEN_SKILL, hierarchy_steps=1)}

    before, denied = ends(), denied_mappings(own, [GREEN_SKILL])
    own.update(f"{prefixes} INSERT DATA {{ GRAPH <{graph('credentials/0')}> {{ {claims} }} }}")
    assert ends() == before
    assert denied_mappings(own, [GREEN_SKILL]) == denied
    own.update(f"{prefixes} INSERT DATA {{ GRAPH <urn:mappings> {{ {claims} }} }}")
    assert {"urn:a", "urn:b", "urn:c"} <= ends() - before
    assert len(denied_mappings(own, [GREEN_SKILL])) == len(denied) + 1
    own.close()
