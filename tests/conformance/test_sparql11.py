"""The W3C SPARQL 1.1 suites against the running service, over HTTP alone: loading goes through its own updates.

Every test is run. What is known to fail is listed in `sparql11-failures.yaml` with its cause; a test that is listed and
passes is a failure too.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, Triple, parse
from rdflib import RDF, RDFS, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from mastery_graph.pipeline.dataset import DATASET_GRAPH
from mastery_graph.store.draft import Draft
from tests.conformance import sparql_suite as suite
from tests.conformance.sparql_suite import BASE, MF, QT, UT, Case
from tests.store import servers

TOKEN = "only-for-this-test"  # noqa: S105  # it opens nothing
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
FAILURES: dict[str, str] = yaml.safe_load(Path(__file__).with_name("sparql11-failures.yaml").read_text("utf-8")) or {}
CASES = suite.cases()
_PROLOGUE = re.compile(r"(?:\s*(?:PREFIX\s+\S*:\s*<[^>]*>|BASE\s*<[^>]*>|#[^\n]*\n))*", re.IGNORECASE)
KINDS_OF_QUERY = {"QueryEvaluationTest", "CSVResultFormatTest"}
NONE = "urn:none"


class Service:
    """The service under test, and what has been asked of it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.Client(timeout=60, headers={"Authorization": f"Bearer {TOKEN}"})

    def query(self, text: str, accept: str, default: list[str], named: list[str]) -> httpx.Response:
        form = {"query": text, "default-graph-uri": default, "named-graph-uri": named}
        return self.http.post(f"{self.address}/sparql", data=form, headers={"Accept": accept})

    def update(self, text: str) -> httpx.Response:
        kind = {"Content-Type": "application/sparql-update"}
        return self.http.post(f"{self.address}/sparql", content=text.encode(), headers=kind)

    def graphs(self) -> dict[str | None, list[Triple]]:
        """Everything that the service holds, but for its description of itself."""
        unnamed = self.http.get(f"{self.address}/graph-store?default", headers={"Accept": "application/n-triples"})
        found: dict[str | None, list[Triple]] = {
            None: [quad.triple for quad in parse(unnamed.content, RdfFormat.N_TRIPLES)]
        }
        rows = self.query("SELECT * { GRAPH ?g { ?s ?p ?o } }", "application/sparql-results+json", [], [])
        table = suite.table(rows.content, QueryResultsFormat.JSON)
        assert isinstance(table, list)
        for row in table:
            if row["g"].value != DATASET_GRAPH:
                found.setdefault(row["g"].value, []).append(Triple(row["s"], row["p"], row["o"]))
        return found


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("suite") / "store"
    with Draft.change(folder):
        pass
    hashed = hashlib.sha256(TOKEN.encode()).hexdigest()
    with servers.mastery_graph(folder, tokens=hashed, request_rate="") as running:
        yield Service(running.address)


@pytest.fixture(scope="module")
def loaded(service: Service) -> Service:
    """The service with every data file of the query tests as a graph, and the graphs of the protocol tests."""
    files = sorted({iri for case in CASES if case.kind in KINDS_OF_QUERY for iri in [*_data(case), *_named(case)]})
    graphs = {iri: suite.triples_of(iri) for iri in files}
    for number in (1, 2, 3):
        graphs[f"http://kasei.us/2009/09/sparql/data/data{number}.rdf"] = suite.triples_of(
            f"{BASE}protocol/data{number}.nt"
        )
    blocks = (
        f"GRAPH <{iri}> {{ {suite.block(triples, f'f{n}x')} }}" for n, (iri, triples) in enumerate(graphs.items())
    )
    assert service.update(f"INSERT DATA {{ {' '.join(blocks)} }}").status_code == 204
    return service


def _of(*kinds: str) -> list[object]:
    found = [case for case in CASES if case.kind in kinds]
    reason = "the W3C suites (../shared/suites) are not beside this checkout"
    return [pytest.param(case, id=str(case)) for case in found] or [
        pytest.param(None, marks=pytest.mark.skip(reason=reason))
    ]


def _judge(case: Case, met: bool, said: str = "") -> None:
    known = FAILURES.get(case.name)
    if known:
        assert not met, f"{case.name} passes, and is listed as a failure: {known}"
        pytest.xfail(known)
    assert met, f"{case.name}: {said[:2000]}"


def _data(case: Case) -> list[str]:
    return [str(node) for node in case.action(QT.data)]


def _named(case: Case) -> list[str]:
    return [str(node) for node in case.action(QT.graphData)]


@pytest.mark.parametrize("case", _of(*KINDS_OF_QUERY))
def test_a_query_gives_the_published_result(loaded: Service, case: Case) -> None:
    (file,) = case.action(QT.query)
    text = case.text(file)
    result = case.manifest.value(case.node, MF.result)
    path = suite.path_of(str(result))
    graph = path.suffix in {".ttl", ".rdf", ".nt"} and ("CONSTRUCT" in text.upper() or "DESCRIBE" in text.upper())
    accept = "application/n-triples" if graph else _ACCEPTED.get(path.suffix, "application/sparql-results+xml")
    own = "\nFROM" in text.upper() or " FROM " in text.upper()
    default = [] if own else _data(case) or [NONE]
    named = [] if own else _named(case)
    answer = loaded.query(text, accept, default, named)
    _judge(case, answer.is_success and _same(answer.content, path, str(result), case, graph=graph), answer.text)


_ACCEPTED = {
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
}
_FORMATS = {".srj": QueryResultsFormat.JSON, ".tsv": QueryResultsFormat.TSV}


def _same(content: bytes, path: Path, iri: str, case: Case, *, graph: bool) -> bool:
    if path.suffix == ".csv":
        ours, theirs = content.decode().splitlines(), path.read_text("utf-8").splitlines()
        return ours[0] == theirs[0] and sorted(ours) == sorted(theirs)
    expected = suite.expected(path, iri)
    if graph:
        assert isinstance(expected, list)
        ours_graph = [quad.triple for quad in parse(content, RdfFormat.N_TRIPLES)]
        return suite.same_graphs({None: ours_graph}, {None: expected})
    found = suite.table(content, _FORMATS.get(path.suffix, QueryResultsFormat.XML))
    if isinstance(found, bool) or isinstance(expected, bool):
        return found == expected
    assert isinstance(found, list)
    assert isinstance(expected, list)
    lax = (case.node, MF.resultCardinality, MF.LaxCardinality) in case.manifest
    return suite.same_rows(found, expected, lax=lax)


@pytest.mark.parametrize("case", _of("ServiceDescriptionTest"))
def test_the_service_describes_itself(service: Service, case: Case) -> None:
    answer = service.http.get(f"{service.address}/sparql", headers={"Accept": "text/turtle"})
    told = {(str(q.predicate.value), q.object) for q in parse(answer.content, RdfFormat.TURTLE)}
    sd = "http://www.w3.org/ns/sparql-service-description#"
    met = {
        "returns-rdf": bool(told),
        "has-endpoint-triple": (f"{sd}endpoint", NamedNode(f"{service.address}/sparql")) in told,
        "conforms-to-schema": (str(RDF.type), NamedNode(f"{sd}Service")) in told
        and any(predicate == f"{sd}defaultDataset" for predicate, _ in told),
    }
    _judge(case, met[case.name.rpartition("/")[2]], answer.text)


@pytest.mark.parametrize("case", _of("ProtocolTest", "GraphStoreProtocolTest"))
def test_a_conversation_goes_as_published(loaded: Service, case: Case) -> None:
    manifest = case.manifest
    connection = manifest.value(case.node, MF.action)
    requests = manifest.value(connection, HT.requests)
    if requests is None:
        # The older form of these tests is prose; each says which newer ones stand for it.
        _judge(
            case, "deprecated" in str(list(manifest.objects(case.node, RDFS.comment))), "no requests in the manifest"
        )
        return
    location = ""
    conversation = list(Collection(manifest, requests))
    if case.kind == "GraphStoreProtocolTest":
        # Each conversation begins without the graph that it is about, whatever the one before it has left.
        loaded.http.delete(_address(loaded, case, conversation[0]))
    for request in conversation:
        answer = _send(loaded, case, request, location)
        location = answer.headers.get("location", location)
        told = manifest.value(request, HT.resp)
        if said := _differs(case, told, answer, location):
            _judge(case, False, f"{said}\n{answer.request.method} {answer.request.url}\n{answer.text}")
            return
    _judge(case, True)


def _send(service: Service, case: Case, request: Node, location: str) -> httpx.Response:
    manifest = case.manifest
    body = manifest.value(request, HT.body)
    content = suite.literal(manifest.value(body, CNT.chars))
    encoding = suite.literal(manifest.value(body, CNT.characterEncoding)) or "UTF-8"
    headers = {name: value for name, value in _headers(case, request) if name.lower() != "content-length"}
    return service.http.request(
        str(manifest.value(request, HT.methodName)),
        _address(service, case, request, location),
        content=content.replace("$LOCATION$", location).encode(encoding),
        headers=headers,
    )


def _address(service: Service, case: Case, request: Node, location: str = "") -> str:
    path = str(case.manifest.value(request, HT.absolutePath)).replace("$LOCATION$", location.replace(":", "%3A"))
    path = path.replace("/sparql/", "/sparql").replace("/gsp", "/graph-store", 1)
    return path if path.startswith("http") else service.address + path


def _headers(case: Case, node: Node | None) -> list[tuple[str, str]]:
    listed = case.manifest.value(node, HT.headers)
    return [
        (str(case.manifest.value(each, HT.fieldName)), str(case.manifest.value(each, HT.fieldValue)))
        for each in (Collection(case.manifest, listed) if listed is not None else [])
    ]


def _differs(case: Case, told: Node | None, answer: httpx.Response, location: str) -> str:
    """What about the answer is not as published; nothing where all is."""
    manifest = case.manifest
    statuses = {str(status).rpartition("#")[2] for status in manifest.objects(told, MF.expectedStatus)}
    if statuses and not any(_is(answer.status_code, status) for status in statuses):
        return f"status {answer.status_code}, not {sorted(statuses)}"
    boolean = manifest.value(told, MF.expectedBoolean)
    if boolean is not None and answer.json()["boolean"] is not (str(boolean) == "true"):
        return f"the answer is not {boolean}"
    for name, value in _headers(case, told):
        wanted = value.partition(";")[0]
        if name.lower() == "content-type" and answer.headers.get(name, "").partition(";")[0] != wanted:
            return f"{name} is {answer.headers.get(name)}, not {value}"
    kind = suite.literal(manifest.value(told, MF.expectedFormat))
    media_type = answer.headers.get("content-type", "")
    if kind and (("sparql-results" in media_type or "csv" in media_type) is not (kind in {"boolean", "tabular"})):
        return f"{media_type} is not {kind}"
    body = manifest.value(told, HT.body)
    if body is not None and answer.request.method == "GET":
        chars = suite.literal(manifest.value(body, CNT.chars)).replace("$LOCATION$", location)
        expected = [quad.triple for quad in parse(chars.encode(), RdfFormat.TURTLE, base_iri=str(answer.url))]
        found = [quad.triple for quad in parse(answer.content, RdfFormat.TURTLE, base_iri=str(answer.url))]
        if not suite.same_graphs({None: found}, {None: expected}):
            return f"the graph is not the published one, {chars}"
    return ""


_STATUSES = {"OK": 200, "Created": 201, "Accepted": 202, "NoContent": 204, "NotFound": 404, "BadRequest": 400}


def _is(status: int, named: str) -> bool:
    if named.startswith("StatusCode"):
        return str(status // 100) == named.removeprefix("StatusCode")[0]
    return status == _STATUSES.get(named)


@pytest.mark.parametrize(
    "case",
    _of("PositiveSyntaxTest11", "NegativeSyntaxTest11", "PositiveUpdateSyntaxTest11", "NegativeUpdateSyntaxTest11"),
)
def test_what_parses_is_taken_and_what_does_not_is_refused(loaded: Service, case: Case) -> None:
    file = case.manifest.value(case.node, MF.action)
    text = case.text(file) if file is not None else ""
    answer = loaded.update(text) if str(file).endswith(".ru") else loaded.query(text, "*/*", [NONE], [])
    parses = answer.status_code != 400 or "cannot be applied" in answer.text
    _judge(case, parses == case.kind.startswith("Positive"), answer.text)


@pytest.mark.parametrize("case", _of("UpdateEvaluationTest"))
def test_an_update_leaves_the_published_graphs(service: Service, case: Case) -> None:
    (file,) = case.action(UT.request)
    before = suite.graphs_of(case.manifest, case.manifest.value(case.node, MF.action))
    blocks = [
        f"GRAPH <{name}> {{ {suite.block(triples, f'g{number}x')} }}" if name else suite.block(triples, "dx")
        for number, (name, triples) in enumerate(before.items())
    ]
    made = "".join(f"CREATE SILENT GRAPH <{name}> ; " for name in before if name)
    told = case.text(file)
    start = _PROLOGUE.match(told)
    assert start is not None
    text = f"{start[0]}\nDROP ALL ; {made} INSERT DATA {{ {' '.join(blocks)} }} ;\n{told[start.end() :]}"
    answer = service.update(text)
    after = suite.graphs_of(case.manifest, case.manifest.value(case.node, MF.result))
    _judge(case, answer.is_success and suite.same_graphs(service.graphs(), after), answer.text)


def test_every_test_of_the_suite_is_run() -> None:
    known = {
        *KINDS_OF_QUERY,
        *("PositiveSyntaxTest11", "NegativeSyntaxTest11", "PositiveUpdateSyntaxTest11", "NegativeUpdateSyntaxTest11"),
        *("UpdateEvaluationTest", "ServiceDescriptionTest", "ProtocolTest", "GraphStoreProtocolTest"),
    }
    assert {case.kind for case in CASES} <= known
    assert set(FAILURES) <= {case.name for case in CASES} or not CASES
