"""Fixtures that many tests share: the real graph, built once a run, and the reference data beside the project."""

import fcntl
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pydantic import TypeAdapter
from pyoxigraph import NamedNode

from mastery_graph.concept_search.finder import Finder
from mastery_graph.concept_search.index_cache import finder_of
from mastery_graph.options import Options, use_options
from mastery_graph.pipeline.build import BuildReport, Sources, build, replace_graph
from mastery_graph.queries import named_query
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import graph

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "data"
DESCRIPTION = "https://w3id.org/mastery-graph/id/description/"
_REPORT = TypeAdapter(BuildReport)

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


_FIRST = ("conformance", "browser", "store", "api", "pipeline", "cli", "project", "questions", "validation")
"""The folders whose files take longest, in the order in which they are run: so none is left for one worker alone."""


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are processors: some test is always waiting for a server, a browser or a limit."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {folder: place for place, folder in enumerate(_FIRST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(_FIRST)))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_root: may be skipped in CI too, where it does not run as root")
    config.addinivalue_line("markers", "matrix: every size and language of the pages, run by `make pages-matrix` only")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true, have a test fail that is skipped: nobody reads there that something was not checked."""
    report = yield
    known = hasattr(report, "wasxfail") or item.get_closest_marker("needs_root")
    if os.environ.get("CI") == "true" and report.skipped and not known:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"With CI=true nothing is skipped. {reason}"
    return report


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data; tests that need it are skipped where it is missing, and fail with CI=true."""
    if not REFERENCE.is_dir():
        pytest.skip("the reference data (../shared/data) is not beside this checkout")
    return REFERENCE


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildReport]:
    """The folder of a store with the real graph, and the report of its build."""

    def make(folder: Path) -> None:
        with Draft.change(folder / "store") as draft:
            report = build(draft, Sources())
        (folder / "report.json").write_bytes(_REPORT.dump_json(report))

    folder = _made_once(tmp_path_factory, "graph", make)
    return folder / "store", _REPORT.validate_json((folder / "report.json").read_bytes())


@pytest.fixture(autouse=True)
def _default_options() -> Iterator[None]:
    """Give each test the options of a library without a face, whatever another test has set."""
    with use_options(Options()):
        yield


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

    def make(folder: Path) -> None:
        with Draft.change(folder / "store") as draft:
            query = named_query("browse/graph").text
            for each in store.graphs():
                draft.replace_graph(each.iri, store.construct(query, {"graph": NamedNode(each.iri)}))
            replace_graph(draft, graph("esco"), list(dict.fromkeys(download.triples())))
        opened = EmbeddedStore.open(folder / "store")
        finder_of(opened, folder / "store" / "text-index")
        opened.close()

    return _made_once(tmp_path_factory, "esco", make) / "store"


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


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Have one worker of the run make what a folder holds, and return a copy of it that is this worker's own.

    Where `KEPT_TEST_GRAPHS` names a folder, it is kept there for later runs, whatever changes in between: that is for
    the mutation run only.
    """
    own = factory.mktemp(name) / "own"
    kept = os.environ.get("KEPT_TEST_GRAPHS")
    if "PYTEST_XDIST_WORKER" not in os.environ and not kept:
        own.mkdir()
        make(own)
        return own
    shared = (Path(kept) if kept else factory.getbasetemp().parent) / f"made-{name}"
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (whole := shared / "whole").exists():
            shutil.rmtree(draft := shared / "draft", ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(whole)
    return Path(shutil.copytree(whole, own, symlinks=True))


def copy_of_folder(store: Path, to: Path) -> Path:
    """Return a copy of the folder of a store, without the answers that other tests have had from it."""
    return Path(shutil.copytree(store, to, symlinks=True, ignore=shutil.ignore_patterns("answers.sqlite*")))
