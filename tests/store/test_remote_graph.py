"""The whole graph behind an endpoint of someone else: the same answers as from the embedded store."""

from collections.abc import Iterable, Iterator

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad

from mastery_graph.answers.equivalence.levels import equivalent_levels
from mastery_graph.answers.equivalence.skills import equivalent_skills
from mastery_graph.answers.recognition import recognition
from mastery_graph.answers.resource import describe_resource
from mastery_graph.answers.stackability import stackability
from mastery_graph.answers.subject import subject
from mastery_graph.build.dataset import DATASET_GRAPH
from mastery_graph.queries import named_query
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.protocol import Store
from mastery_graph.store.remote import RemoteStore
from mastery_graph.validation.admission import admit, remove_all
from mastery_graph.vocabulary import EQF, ID, NS
from tests.conftest import DESCRIPTION
from tests.store import servers
from tests.validation.test_admission import ENERGY, WASTE, sent


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def remote(
    request: pytest.FixtureRequest, store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    running = (
        servers.oxigraph() if request.param == "oxigraph" else servers.virtuoso(tmp_path_factory.mktemp("virtuoso"))
    )
    with running as endpoint:
        filled = RemoteStore(endpoint)
        for graph in store.graphs():
            triples = store.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph.iri}> {{ ?s ?p ?o }} }}")
            filled.replace_graph(graph.iri, triples)
        yield filled


def test_the_graphs_are_as_large_as_they_were(remote: Store, store: EmbeddedStore) -> None:
    ours = {graph.iri: graph.triples for graph in store.graphs()}
    theirs = {graph.iri: graph.triples for graph in remote.graphs() if graph.iri in ours}
    assert theirs == ours
    assert DATASET_GRAPH in theirs


@pytest.mark.parametrize(("level", "country"), [("FiNQF Level 6", "NOR"), ("EQF 5", "CYP"), ("BH NQF Level 5", None)])
def test_levels_compare_as_they_do_here(remote: Store, store: EmbeddedStore, level: str, country: str | None) -> None:
    ours, theirs = equivalent_levels(store, level, country), equivalent_levels(remote, level, country)
    assert theirs.verdict == ours.verdict
    assert theirs.equivalents == ours.equivalents
    assert [set(one.evidence) for one in theirs.criteria] == [set(one.evidence) for one in ours.criteria]


def test_skills_correspond_as_they_do_here(remote: Store, store: EmbeddedStore) -> None:
    skill = store.select(named_query("browse/green-skills").text)[0]["skill"].value
    assert equivalent_skills(remote, skill).equivalents == equivalent_skills(store, skill).equivalents


def test_stacks_are_judged_as_they_are_here(remote: Store, store: EmbeddedStore) -> None:
    held = [DESCRIPTION + slug for slug in ("waste-management-irl", "energy-saving-deu")]
    target = DESCRIPTION + "green-site-technician-irl"
    ours, theirs = stackability(store, held, target), stackability(remote, held, target)
    assert (theirs.verdict, theirs.outcomes, theirs.suggestions) == (ours.verdict, ours.outcomes, ours.suggestions)


def test_credentials_are_recognised_as_they_are_here(remote: Store, store: EmbeddedStore) -> None:
    for slug in ("waste-on-site-ita", "biodiversity-bih"):
        ours = recognition(store, DESCRIPTION + slug, "FIN", "training")
        theirs = recognition(remote, DESCRIPTION + slug, "FIN", "training")
        assert (theirs.verdict, theirs.actions) == (ours.verdict, ours.actions)
        assert [one.explanation for one in theirs.criteria] == [one.explanation for one in ours.criteria]


@pytest.mark.parametrize("iri", [f"{ID}vision/V1", f"{NS}comparableLevel", f"{EQF}5", f"{ID}dataset/policy"])
def test_resources_are_described_as_they_are_here(remote: Store, store: EmbeddedStore, iri: str) -> None:
    ours, theirs = (describe_resource(each, NamedNode(iri)) for each in (store, remote))
    assert _canonical(theirs.outbound) == _canonical(ours.outbound)
    assert (set(theirs.inbound), theirs.following) == (set(ours.inbound), ours.following)
    assert theirs.names == ours.names


def _canonical(quads: Iterable[Quad]) -> Dataset:
    # Virtuoso gives some datatypes in a canonical form of its own
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def test_loaded_credentials_of_one_learner_are_kept_apart_as_they_are_here(remote: Store) -> None:
    done = [one.status for one in admit(remote, sent(WASTE, ENERGY))]
    titles = [subject(remote, f"urn:credential:{number}").description.outcomes[0].title for number in (1, 2)]
    gone = remove_all(remote)
    assert (done, titles, len(gone)) == (["loaded", "loaded"], ["Outcome of Waste", "Outcome of Energy"], 2)
