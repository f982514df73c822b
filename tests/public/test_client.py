"""Clients of a running service: ours, and those that researchers use, over a real connection."""

import doctest
import inspect
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from rdflib.term import Literal, URIRef
from SPARQLWrapper import CSV, JSON, TURTLE, XML, SPARQLWrapper

import mastery_graph as mg
from mastery_graph.errors import (
    BadDocument,
    BadQuery,
    EndpointDown,
    EndpointFailed,
    NotAnIRI,
    UnknownCountry,
    UnknownResource,
)
from mastery_graph.graph import Graph
from mastery_graph.pipeline.build import BuildReport
from tests.api.test_writing import BEARER, HASH
from tests.conftest import DESCRIPTION, copy_of_folder
from tests.store import servers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "python.md"
SITE = DESCRIPTION + "waste-on-site-ita"
AUDIT = DESCRIPTION + "energy-audit-irl"
TECHNICIAN = DESCRIPTION + "green-site-technician-irl"
CONFIDENCES = """
PREFIX mg: <https://w3id.org/mastery-graph/ns#>
SELECT ?confidence (COUNT(*) AS ?referencings)
WHERE { ?referencing a mg:LevelReferencing ; mg:confidence ?confidence }
GROUP BY ?confidence ORDER BY ?confidence
"""


@pytest.fixture
def remote(client: httpx.Client) -> Iterator[mg.RemoteGraph]:
    with mg.connect(str(client.base_url)) as remote:
        yield remote


@pytest.fixture(scope="module")
def graph(built: tuple[Path, BuildReport]) -> mg.Graph:
    return mg.open(built[0])


def test_the_page_on_python_tells_what_happens(
    client: httpx.Client,
    built: tuple[Path, BuildReport],
    reference: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"
    (tmp_path / "credential.jsonld").write_bytes(sample.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASTERY_STORE", str(built[0]))
    text = PAGE.read_text(encoding="utf-8").replace("http://127.0.0.1:8000", str(client.base_url).rstrip("/"))
    test = doctest.DocTestParser().get_doctest(text.replace("```", ""), {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(test)
    assert result.failed == 0
    assert result.attempted > 10


def test_the_page_on_python_names_every_method() -> None:
    page = PAGE.read_text(encoding="utf-8")
    methods = {name for name, _ in inspect.getmembers(Graph, inspect.isfunction) if not name.startswith("_")}
    assert [name for name in methods if f"`{name}(" not in page] == []
    remote = {name for name, _ in inspect.getmembers(mg.RemoteGraph, inspect.isfunction) if not name.startswith("_")}
    assert [name for name in remote - {"close", "sparql"} if f"`{name}`" not in page] == []
    assert [name for name in mg.__all__ if f"`{name}`" not in page] == []


def test_the_client_has_the_answers_of_the_graph(remote: mg.RemoteGraph, graph: mg.Graph) -> None:
    day = date(2026, 6, 1)
    pairs = [
        (remote.equivalent_levels("FiNQF Level 5", "IRL"), graph.equivalent_levels("FiNQF Level 5", "IRL")),
        (remote.equivalent_skills("GS01", "esco"), graph.equivalent_skills("GS01", "esco")),
        (remote.recognise(SITE, "FIN", "academic", on=day), graph.recognise(SITE, "FIN", "academic", on=day)),
        (
            remote.stack([SITE, AUDIT], TECHNICIAN, {"threshold": 0.5}),
            graph.stack([SITE, AUDIT], TECHNICIAN, {"threshold": 0.5}),
        ),
        (remote.compare(SITE, AUDIT), graph.compare(SITE, AUDIT)),
        (remote.profile([SITE]), graph.profile([SITE])),
        (remote.coverage([SITE, AUDIT]), graph.coverage([SITE, AUDIT])),
        (remote.map_text("sort waste", 3, "en"), graph.map_text("sort waste", 3, "en")),
    ]
    for theirs, ours in pairs:
        assert theirs["id"] == ours.id
        assert theirs.verdict == ours.verdict
        assert theirs.summary == str(ours.summary)
        assert [criterion["rule"] for criterion in theirs.criteria] == [criterion.rule for criterion in ours.criteria]
        assert theirs.dataset["content_hash"] == ours.dataset.content_hash
    assert remote.dataset == pairs[0][0].dataset
    assert {"equivalents", "verdict"} <= set(pairs[0][0])


def test_the_client_sends_files_and_documents(remote: mg.RemoteGraph, graph: mg.Graph, reference: Path) -> None:
    sample = reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"
    assert remote.recognise(sample, "FIN").verdict == graph.recognise(sample, "FIN").verdict
    reports = [remote.validate(form) for form in (sample, str(sample), sample.read_bytes())]
    assert [report["sha256"] for report in reports] == [graph.validate(sample).sha256] * 3


def test_a_problem_of_the_service_is_the_error_of_that_type(remote: mg.RemoteGraph, tmp_path: Path) -> None:
    with pytest.raises(UnknownCountry, match="XXX"):
        remote.recognise(SITE, "XXX")
    with pytest.raises(UnknownResource) as error:
        remote.recognise("urn:none", "FIN")
    assert error.value.detail
    with pytest.raises(NotAnIRI):
        remote.recognise("no-such-file.jsonld", "FIN")
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    with pytest.raises(BadDocument, match="not a JSON object"):
        remote.recognise(tmp_path / "a.ttl", "FIN")
    with pytest.raises(BadQuery):
        remote.sparql("SELECT WHERE")


def test_the_language_of_the_client_is_that_of_its_answers(client: httpx.Client, graph: mg.Graph) -> None:
    with mg.connect(str(client.base_url), language="fi") as finnish:
        answer = finnish.equivalent_levels("FiNQF Level 5", "IRL")
    assert answer.summary != str(graph.equivalent_levels("FiNQF Level 5", "IRL").summary)


def test_a_service_that_is_down_or_none_is_told_apart() -> None:
    port = servers.free_port()
    remote = mg.connect(f"http://127.0.0.1:{port}")
    with pytest.raises(EndpointDown, match=str(port)):
        remote.equivalent_levels("EQF 5")
    with pytest.raises(EndpointDown, match=str(port)):
        remote.sparql("SELECT * { ?s ?p ?o }")
    with pytest.raises(NotAnIRI):
        mg.connect("graph.example.org")
    with servers.oxigraph() as endpoint, pytest.raises(EndpointFailed, match="without problem details"):
        mg.connect(endpoint.query.removesuffix("/query")).equivalent_levels("EQF 5")


def test_sparql_gives_a_table_with_a_column_for_each_variable(remote: mg.RemoteGraph) -> None:
    table = remote.sparql(CONFIDENCES)
    assert table.to_dict("list") == {"confidence": ["published", "verified"], "referencings": [163, 201]}
    empty = remote.sparql("SELECT ?a ?b { ?a <urn:none> ?b }")
    assert (list(empty.columns), len(empty)) == (["a", "b"], 0)


def test_without_the_extra_the_questions_work_and_sparql_says_what_is_missing(client: httpx.Client) -> None:
    code = (
        "import sys; sys.modules['SPARQLWrapper'] = None; import mastery_graph as mg\n"
        f"remote = mg.connect({str(client.base_url)!r}); print(remote.equivalent_levels('EQF 5').verdict)\n"
        "try: remote.sparql('ASK {}')\nexcept mg.MasteryError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "comparable",
        "SPARQLWrapper is not installed. pip install 'mastery-graph[client]'",
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_reads_every_format_of_a_result(client: httpx.Client, method: str) -> None:
    wrapper = SPARQLWrapper(str(client.base_url.join("/sparql")))
    wrapper.setMethod(method)
    wrapper.setQuery(CONFIDENCES)
    wrapper.setReturnFormat(JSON)
    rows = wrapper.queryAndConvert()["results"]["bindings"]
    assert [(row["confidence"]["value"], row["referencings"]["value"]) for row in rows] == [
        ("published", "163"),
        ("verified", "201"),
    ]
    wrapper.setReturnFormat(CSV)
    assert wrapper.queryAndConvert().decode().split() == ["confidence,referencings", "published,163", "verified,201"]
    wrapper.setReturnFormat(XML)
    assert len(wrapper.queryAndConvert().getElementsByTagName("result")) == 2
    wrapper.setQuery(f"CONSTRUCT {{ <{SITE}> ?p ?o }} WHERE {{ <{SITE}> ?p ?o }}")
    wrapper.setReturnFormat(TURTLE)
    assert SITE.encode() in wrapper.queryAndConvert()
    wrapper.setQuery("ASK {}")
    wrapper.setReturnFormat(JSON)
    assert wrapper.queryAndConvert()["boolean"] is True


def test_the_sparql_store_of_rdflib_reads_the_graph(client: httpx.Client) -> None:
    store = SPARQLStore(str(client.base_url.join("/sparql")))
    rows = [tuple(row) for row in store.query(CONFIDENCES)]
    assert rows == [(Literal("published"), Literal(163)), (Literal("verified"), Literal(201))]
    kinds = {triple[2] for triple, _ in store.triples((URIRef(SITE), None, None))}
    assert kinds
    assert bool(store.query("ASK { ?s ?p ?o }").askAnswer)


def test_the_update_store_of_rdflib_writes_and_reads_back(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    folder = copy_of_folder(built[0], tmp_path / "store")
    with servers.mastery_graph(folder, tokens=f"{HASH}:update") as serving:
        address = f"{serving.address}/sparql"
        store = SPARQLUpdateStore(address, address, headers=BEARER, context_aware=False)
        triple = (URIRef("urn:a"), URIRef("urn:b"), Literal("c"))
        store.add(triple)
        assert [found for found, _ in store.triples((URIRef("urn:a"), None, None))] == [triple]
