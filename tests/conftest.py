"""Fixtures that many tests share: the real graph, built once a run, and the reference data beside the project."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from mastery_graph.build.pipeline import BuildReport, Sources, build, replace_graph
from mastery_graph.concepts.finder import Finder
from mastery_graph.concepts.kept import finder_of
from mastery_graph.queries import named_query
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import graph

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "data"
DESCRIPTION = "https://w3id.org/mastery-graph/id/description/"


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data; tests that need it are skipped where it is missing."""
    if not REFERENCE.is_dir():
        pytest.skip("the reference data (../shared/data) is not beside this checkout")
    return REFERENCE


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildReport]:
    """The folder of a store with the real graph, and the report of its build."""
    folder = tmp_path_factory.mktemp("graph") / "store"
    with EmbeddedStore.change(folder) as draft:
        report = build(draft, Sources())
    return folder, report


@pytest.fixture(scope="session")
def store(built: tuple[Path, BuildReport]) -> Iterator[EmbeddedStore]:
    """The real graph, to ask."""
    opened = EmbeddedStore.open(built[0])
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def with_esco(store: EmbeddedStore, reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the real graph and ESCO's green and transversal skills in their groups."""
    names = ("greenSkillsCollection", "transversalSkillsCollection", "skillGroups", "skillsHierarchy")
    download = EscoDownload([reference / "esco-1.2.0" / f"{name}_en.csv" for name in names])
    folder = tmp_path_factory.mktemp("esco") / "store"
    with EmbeddedStore.change(folder) as draft:
        query = named_query("browse/graph").text
        for each in store.graphs():
            draft.replace_graph(each.iri, store.construct(query, {"graph": NamedNode(each.iri)}))
        replace_graph(draft, graph("esco"), list(dict.fromkeys(download.triples())))
    return folder


@pytest.fixture(scope="session")
def esco_store(with_esco: Path) -> Iterator[EmbeddedStore]:
    """The real graph with ESCO's green and transversal skills, to ask."""
    opened = EmbeddedStore.open(with_esco)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def finder(with_esco: Path, esco_store: EmbeddedStore) -> Finder:
    """What finds the concepts of that store."""
    return finder_of(esco_store, with_esco / "text-index")


def copy_of(store: EmbeddedStore) -> EmbeddedStore:
    """Return a store in memory with the same graphs, for a test to change."""
    copy = EmbeddedStore()
    query = named_query("browse/graph").text
    for each in store.graphs():
        copy.replace_graph(each.iri, store.construct(query, {"graph": NamedNode(each.iri)}))
    return copy
