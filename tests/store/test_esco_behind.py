"""ESCO behind an endpoint of someone else: sent piece by piece, resumed, previewed; the old one stays until the end."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import WritingIsOff
from mastery_graph.esco.load import publish_behind
from mastery_graph.esco.read import read_download
from mastery_graph.pipeline.build import BuildReport, replace_graphs
from mastery_graph.pipeline.dataset import content_of, read_description
from mastery_graph.queries import named_query
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.endpoint import Endpoint
from mastery_graph.store.protocol import CHANGING
from mastery_graph.store.remote import RemoteStore
from mastery_graph.vocabulary import ESCO_EXTRACT_GRAPH, graph
from tests.cli.test_esco import OBSOLETE, OFFICIAL
from tests.store import servers
from tests.support.command_line import run

ESCO = graph("esco")
WITH_BLANK_NODES = OFFICIAL + 's:83fc0b2b-6cd2-46af-b1ff-d3fc83604c26 skos:note [ skos:example "x" ] , [] .'


@pytest.fixture
def oxigraph() -> Iterator[Endpoint]:
    with servers.oxigraph() as endpoint:
        yield endpoint


@pytest.fixture(params=["updates", "graph store", "both"])
def endpoint(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Endpoint]:
    """An endpoint that takes updates, graphs, or both (Virtuoso)."""
    if request.param == "both":
        with servers.virtuoso(tmp_path) as virtuoso:
            yield virtuoso
        return
    with servers.oxigraph() as oxigraph:
        store = oxigraph.query.removesuffix("query") + "store"
        yield oxigraph if request.param == "updates" else replace(oxigraph, update=None, graph_store=store)


@pytest.fixture
def official(tmp_path: Path) -> Path:
    file = tmp_path / "esco.ttl"
    file.write_text(WITH_BLANK_NODES, encoding="utf-8")
    return file


def filled(endpoint: Endpoint, built: tuple[Path, BuildReport]) -> RemoteStore:
    """Return the endpoint with the mappings of the green skills, which lead to ESCO, and the extract that ships."""
    theirs = RemoteStore(endpoint)
    with closing(EmbeddedStore.open(built[0])) as ours:
        names = (graph("mappings"), graph("green-skills"), ESCO_EXTRACT_GRAPH)
        replace_graphs(theirs, {name: list(ours.triples(NamedNode(name))) for name in names})
    return theirs


def sha256(store: RemoteStore) -> str:
    return content_of(store.construct(named_query("browse/graph").text, {"graph": NamedNode(ESCO)})).sha256


def test_a_download_is_put_behind_an_endpoint_as_it_is(
    endpoint: Endpoint, built: tuple[Path, BuildReport], official: Path, tmp_path: Path
) -> None:
    theirs = filled(endpoint, built)
    loaded = read_download(tmp_path / "own", EscoDownload([official]), issued="2025-01-31")
    content_hash = publish_behind(theirs, loaded)
    assert sha256(theirs) == content_of(EscoDownload([official]).triples()).sha256 == loaded.content.sha256
    assert read_description(theirs)[ESCO] == loaded.content
    assert (loaded.content.version, loaded.content.issued) == ("1.3.0", "2025-01-31")
    assert dataset_of(theirs).content_hash == content_hash
    assert {one.iri for one in theirs.graphs()} >= {ESCO, graph("mappings")}
    assert ESCO_EXTRACT_GRAPH not in {*read_description(theirs), *(one.iri for one in theirs.graphs())}
    assert not [one for one in theirs.graphs() if "staging" in one.iri]
    assert not loaded.folder.parent.exists()


def test_what_was_interrupted_goes_on_behind_what_the_endpoint_has(
    oxigraph: Endpoint, built: tuple[Path, BuildReport], official: Path, reference: Path, tmp_path: Path
) -> None:
    theirs = filled(oxigraph, built)
    publish_behind(theirs, read_download(tmp_path / "own", EscoDownload([official])))
    before = sha256(theirs)
    download = EscoDownload([reference / "esco-1.2.0" / "greenSkillsCollection_en.csv"])
    loaded = read_download(tmp_path / "own", download)

    def breaks_off(sent: int) -> None:
        if sent >= 1500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_behind(theirs, loaded, breaks_off)
    assert sha256(theirs) == before
    assert dataset_of(theirs).content_hash.startswith(CHANGING)
    told: list[int] = []
    publish_behind(theirs, read_download(tmp_path / "own", download), told.append)
    assert (told[0], told[-1]) == (2000, loaded.content.triples)
    assert sha256(theirs) == loaded.content.sha256


def test_where_the_endpoint_has_lost_what_it_took_all_is_sent_again(
    oxigraph: Endpoint, built: tuple[Path, BuildReport], official: Path, tmp_path: Path
) -> None:
    theirs = filled(oxigraph, built)
    loaded = read_download(tmp_path / "own", EscoDownload([official]))
    (loaded.folder.parent / "sent.json").write_text(json.dumps({"endpoint": oxigraph.query, "statements": 20}))
    publish_behind(theirs, loaded)
    assert sha256(theirs) == loaded.content.sha256


def test_an_endpoint_that_takes_no_writes_is_told_of_before_anything_is_read(
    oxigraph: Endpoint, official: Path, tmp_path: Path
) -> None:
    done = _run(replace(oxigraph, update=None), tmp_path, "load", "esco", str(official))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "MASTERY_SPARQL_UPDATE_ENDPOINT" in done.stderr
    assert not (tmp_path / "own").exists()
    with pytest.raises(WritingIsOff):
        RemoteStore(replace(oxigraph, update=None)).require_writes()


def test_a_preview_leaves_the_endpoint_as_it_is_and_the_load_is_reported(
    oxigraph: Endpoint, built: tuple[Path, BuildReport], official: Path, reference: Path, tmp_path: Path
) -> None:
    theirs = filled(oxigraph, built)
    table = reference / "esco-1.2.0" / "greenSkillsCollection_en.csv"
    _run(oxigraph, tmp_path, "load", "esco", str(table))
    before, graphs = sha256(theirs), theirs.graphs()
    shown = _run(oxigraph, tmp_path, "load", "esco", str(official), "--preview", "--json")
    assert shown.returncode == 0, shown.stderr
    assert (sha256(theirs), theirs.graphs()) == (before, graphs)
    told = json.loads(shown.stdout)
    assert (told["difference"]["before"], told["difference"]["after"]) == ("1.2.0", "1.3.0")
    assert OBSOLETE in {one["uri"] for one in told["difference"]["became_obsolete"]}
    assert OBSOLETE in {one["object"] for one in told["content"]["broken_mappings"]}
    taken = _run(oxigraph, tmp_path, "load", "esco", str(official))
    assert taken.returncode == 0, taken.stderr
    assert "Loaded ESCO 1.3.0 from 1 files." in taken.stdout
    assert "Went on after 21 statements" in taken.stdout
    assert json.loads(_run(oxigraph, tmp_path, "esco", "report", "--json").stdout)["content"] == told["content"]


def _run(endpoint: Endpoint, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"MASTERY_SPARQL_ENDPOINT": endpoint.query}
    if endpoint.update:
        environment["MASTERY_SPARQL_UPDATE_ENDPOINT"] = endpoint.update
    return run(*arguments, store=folder / "own", environment=environment)
