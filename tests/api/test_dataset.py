"""The description of the dataset, and the downloads that it names."""

import json
import re
from pathlib import Path

import httpx
import pytest
import yaml
from pyoxigraph import RdfFormat, Store, parse

from mastery_api import negotiation
from mastery_graph import __version__
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import GRAPH, graph

ROOT = Path(__file__).resolve().parents[2]
ASK = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX void: <http://rdfs.org/ns/void#>
PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX mg: <https://w3id.org/mastery-graph/ns#>
ASK { ?d a dcat:Dataset, void:Dataset ; dcat:version ?v ; mg:contentHash ?h ; dcterms:license ?l ; void:triples ?n ;
  void:sparqlEndpoint <{sparql}> . ?s dcat:servesDataset ?d ; dcat:endpointURL ?e .
  ?d void:subset ?part . ?part dcat:distribution/dcat:downloadURL ?file }"""


@pytest.mark.parametrize("form", ["turtle", "jsonld", "nt", "rdfxml", "trig", "nq"])
def test_the_dataset_is_described_in_dcat_and_void_in_each_format(client: httpx.Client, form: str) -> None:
    answer = client.get("/v1/dataset", params={"format": form})
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type == negotiation.NAMES[form]
    content = answer.text
    if form == "jsonld":
        content = json.dumps(answer.json() | client.get("/context.jsonld").json())
    described = Store()
    described.load(content, format=RdfFormat.from_media_type(media_type))
    assert described.query(ASK.replace("{sparql}", str(client.base_url.join("/sparql"))))


def test_the_dataset_as_json_lists_its_graphs_and_every_download_holds_its_graph(
    client: httpx.Client, store: EmbeddedStore
) -> None:
    said = client.get("/v1/dataset").json()
    sizes = {each.iri: each.triples for each in store.graphs()}
    assert {part["graph"] for part in said["graphs"]} == set(sizes) - {graph("dataset")}
    for part in said["graphs"]:
        for file in part["files"]:
            answer = client.get(file["address"])
            assert answer.headers["content-type"].partition(";")[0] == file["media_type"]
            quads = list(parse(answer.content, format=RdfFormat.from_media_type(file["media_type"])))
            assert len(set(quads)) == sizes[part["graph"]] == part["triples"], file
            assert answer.headers["content-disposition"].endswith(
                f'filename="{part["graph"].removeprefix(GRAPH).replace("/", "_")}.{file["address"].rpartition(".")[2]}"'
            )


@pytest.mark.parametrize("name", ["policy", "policy.docx", "nothing.ttl", "dataset.ttl", "credentials/aino.ttl"])
def test_what_is_no_graph_of_the_dataset_is_not_found(client: httpx.Client, name: str) -> None:
    assert client.get(f"/v1/dataset/graphs/{name}").status_code == 404


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert project
    assert citation["version"] == __version__ == project[1]
    assert {"cff-version", "title", "message", "authors"} <= citation.keys()
    assert citation["license"] == "EUPL-1.2"
