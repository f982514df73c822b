"""The whole graph behind an endpoint of someone else: the same answers as from the embedded store, over HTTP."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from fastapi.testclient import TestClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, parse

from mastery_api.app import create_app
from mastery_api.problems import MEDIA_TYPE
from mastery_graph.dataset.dumps import export
from mastery_graph.pipeline.build import BuildReport, replace_graph
from mastery_graph.pipeline.dataset import DATASET_GRAPH
from mastery_graph.queries import named_query
from mastery_graph.questions.judging.subject import read_subject
from mastery_graph.settings import Settings
from mastery_graph.sources.recognition_statements import read_recognition_statements
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.remote import RemoteStore
from mastery_graph.validation.loading import admit, remove_all
from mastery_graph.vocabulary import ID, graph
from tests.store import servers
from tests.validation.test_admission import ENERGY, LACKING, WASTE, credential, sent

ROOT = Path(__file__).resolve().parents[2]
STATEMENTS = ROOT / "docs" / "examples" / "statements.ttl"
QUESTIONS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("questions.yaml").read_text("utf-8"))
GRAPHS = {each.media_type: each for each in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES)}
WATER = credential(3, "Water", "water")


@dataclass(frozen=True)
class Sides:
    """The same content embedded (`ours`) and behind an endpoint (`theirs`), each with the service over it."""

    ours: EmbeddedStore
    theirs: RemoteStore
    here: TestClient
    there: TestClient


@pytest.fixture(scope="module")
def filled(built: tuple[Path, BuildReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the real graph, recognition statements and two loaded credentials."""
    folder = Path(shutil.copytree(built[0], tmp_path_factory.mktemp("filled") / "store"))
    with Draft.change(folder) as draft:
        replace_graph(draft, graph("statements"), read_recognition_statements(STATEMENTS))
        assert [one.status for one in admit(draft, sent(WASTE, ENERGY))] == ["loaded", "loaded"]
    return folder


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso", "bulk-loaded virtuoso"])
def sides(request: pytest.FixtureRequest, filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    ours = EmbeddedStore.open(filled)
    folder = tmp_path_factory.mktemp("engine")
    if request.param == "bulk-loaded virtuoso":
        export(ours, folder / "dump", "nquads", personal=True)
        running = servers.bulk_loaded_virtuoso(folder, folder / "dump")
    else:
        running = servers.oxigraph() if request.param == "oxigraph" else servers.virtuoso(folder)
    with running as endpoint:
        theirs = RemoteStore(endpoint)
        for each in ours.graphs() if request.param != "bulk-loaded virtuoso" else ():
            name = NamedNode(each.iri)
            theirs.replace_graph(each.iri, ours.construct(named_query("browse/graph").text, {"graph": name}))
        asking = Settings(store=filled, answers=tmp_path_factory.mktemp("here") / "answers")
        elsewhere = Settings(sparql_endpoint=endpoint.query, answers=tmp_path_factory.mktemp("there") / "answers")
        here, there = (TestClient(create_app(each), raise_server_exceptions=False) for each in (asking, elsewhere))
        with here, there:
            yield Sides(ours, theirs, here, there)
    ours.close()


def ask(client: TestClient, question: dict[str, Any]) -> httpx.Response:
    method, path = question["ask"].split()
    headers = {"Accept": question.get("as", "application/json")}
    if question.get("document"):
        headers["Content-Type"] = "application/ld+json"
        return client.post(path, params=question.get("with"), content=json.dumps(LACKING), headers=headers)
    body = written(question["body"]) if "body" in question else None
    return client.request(method, path, params=written(question.get("with", {})), json=body, headers=headers)


def written(value: Any) -> Any:
    """Return what a question says as it is sent: names of ours in full, dates as text, the document in its place."""
    if isinstance(value, dict):
        return {name: written(each) for name, each in value.items()}
    if isinstance(value, list):
        return [written(each) for each in value]
    if value == "document":
        return LACKING
    if isinstance(value, str) and value.startswith("mgr:"):
        return ID + value.removeprefix("mgr:")
    return value if isinstance(value, str | int) else str(value)


def content(answer: httpx.Response) -> object:
    """Return what an answer says: its bytes; a graph as a graph, rows without order, a problem without its moment."""
    kind = answer.headers["content-type"].partition(";")[0]
    if kind in GRAPHS:
        dataset = Dataset(parse(answer.content, format=GRAPHS[kind]))
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        return dataset
    if kind == "application/sparql-results+json":
        table = answer.json()
        return table["head"], sorted(json.dumps(row, sort_keys=True) for row in table["results"]["bindings"])
    if kind == MEDIA_TYPE:
        return {name: value for name, value in answer.json().items() if name not in {"first_asked", "request_id"}}
    return answer.content


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question['ask']} {question.get('with', '')}")
def test_a_question_has_the_same_answer(sides: Sides, question: dict[str, Any]) -> None:
    ours, theirs = ask(sides.here, question), ask(sides.there, question)
    assert (theirs.status_code, theirs.headers["content-type"]) == (ours.status_code, ours.headers["content-type"])
    assert ours.status_code == question.get("status", 200), ours.text
    assert content(theirs) == content(ours)
    assert theirs.headers.get("link") == ours.headers.get("link")
    if permalink := ours.links.get("bookmark"):
        again = [client.get(permalink["url"]) for client in (sides.here, sides.there)]
        assert content(again[1]) == content(again[0])


def test_the_graphs_are_as_large_as_they_were(sides: Sides) -> None:
    ours = {graph.iri: graph.triples for graph in sides.ours.graphs()}
    theirs = {graph.iri: graph.triples for graph in sides.theirs.graphs() if graph.iri in ours}
    assert theirs == ours
    assert DATASET_GRAPH in theirs


def test_a_credential_is_loaded_and_removed_as_it_is_here(sides: Sides) -> None:
    assert [one.status for one in admit(sides.theirs, sent(WATER, WATER, LACKING))] == ["loaded", "present", "rejected"]
    assert read_subject(sides.theirs, "urn:credential:3").description.outcomes[0].title == "Outcome of Water"
    assert len(remove_all(sides.theirs)) == 3
