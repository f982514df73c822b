"""What the server tells the operator: log lines with ids, metrics and traces, and none of what was asked."""

import gzip
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from mastery_api.app import create_app
from mastery_api.routing import single_routes
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.settings import Settings
from tests.store import servers
from tests.store.servers import until

ASKED = "Zyxomma-petiolatum"


@pytest.fixture(scope="module")
def measured(built: tuple[Path, BuildReport]) -> Iterator[httpx.Client]:
    with servers.mastery_graph(built[0], metrics=True, kept_answers=100) as serving, serving.client() as client:
        yield client


@pytest.mark.parametrize("sent", ["0af7651916cd43dd", "order-17:a.b_c"])
def test_the_id_of_a_request_comes_back_with_its_answer_and_its_problem(measured: httpx.Client, sent: str) -> None:
    assert measured.get("/health/live", headers={"X-Request-ID": sent}).headers["x-request-id"] == sent
    refused = measured.get("/v1/skills/none", headers={"X-Request-ID": sent})
    assert refused.headers["x-request-id"] == refused.json()["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "<script>", "x" * 129, '"', "-a"])
def test_an_id_that_is_none_is_replaced(measured: httpx.Client, sent: str) -> None:
    made = [measured.get("/health/live", headers={"X-Request-ID": sent}).headers["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in made)
    assert made[0] != made[1]


def test_a_permalink_and_the_answer_in_it_are_one_request(measured: httpx.Client) -> None:
    identity = measured.get("/v1/equivalence/levels?level=EQF%205").json()["id"]
    before = _metrics(measured)
    again = measured.get(f"/v1/answers/{identity}", headers={"X-Request-ID": "once-more"})
    assert (again.status_code, again.headers.get_list("x-request-id")) == (200, ["once-more"])
    route = {"method": "GET", "route": "/v1/answers/{identity}", "status": "200"}
    assert (
        _value(_metrics(measured), "mastery_requests_total", route)
        == _value(before, "mastery_requests_total", route) + 1
    )
    inner = {**route, "route": "/v1/equivalence/levels"}
    assert _value(_metrics(measured), "mastery_requests_total", inner) == _value(
        before, "mastery_requests_total", inner
    )


def test_an_error_that_nothing_foresaw_is_a_problem_and_told_without_its_text(
    built: tuple[Path, BuildReport], capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(Settings(store=built[0]))

    @app.get("/health/breaks")
    def breaks() -> None:
        raise KeyError(ASKED)

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/health/breaks", headers={"X-Request-ID": "broken-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["request_id"] == "broken-1"
    told = capsys.readouterr().err
    failed = next(line for line in map(json.loads, told.splitlines()) if line["event"] == "failed")
    assert (failed["error"], failed["request_id"]) == ("KeyError", "broken-1")
    assert any("test_observing.py" in place for place in failed["at"])
    assert ASKED not in answer.text + told


def test_the_log_has_a_line_for_each_request_by_its_route_and_without_what_was_asked(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    with servers.mastery_graph(built[0], log=tmp_path / "log") as serving:
        headers = {"X-Request-ID": "request-17", "User-Agent": ASKED}
        httpx.get(f"{serving.address}/v1/skills/GS01", headers=headers, timeout=60)
        httpx.get(f"{serving.address}/v1/skills/{ASKED}", params={"q": ASKED}, timeout=60)
        httpx.get(f"{serving.address}/{ASKED}", headers={"Authorization": f"Bearer {ASKED}"}, timeout=60)
        httpx.request("DELETE", f"{serving.address}/v1/skills/GS01", timeout=60)
        httpx.post(f"{serving.address}/sparql", data={"query": f"SELECT '{ASKED}'"})
    text = (tmp_path / "log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    told = [(line["method"], line["route"], line["status"]) for line in lines if line["event"] == "request"]
    assert told[-5:] == [
        ("GET", "/v1/skills/{code}", 200),
        ("GET", "/v1/skills/{code}", 404),
        ("GET", "none", 404),
        ("DELETE", "/v1/skills/{code}", 405),
        ("POST", "/sparql", 400),
    ]
    assert [line["request_id"] for line in lines if line["event"] == "request"][-5] == "request-17"
    assert all({"timestamp", "level", "logger", "event"} <= set(line) for line in lines)
    assert [line for line in text.splitlines() if not line.startswith("{")] == [f"Serving on {serving.address}"]
    assert ASKED not in text
    assert "127.0.0.1" not in "".join(line for line in text.splitlines() if '"request"' in line)


def test_of_what_a_library_says_the_log_has_its_place_and_not_its_words(tmp_path: Path) -> None:
    code = (
        "import logging; from mastery_graph import logs; logs.configure_logging('json')\n"
        f"try: int('{ASKED}')\n"
        f"except ValueError: logging.getLogger('a.library').warning('{ASKED} %s', '{ASKED}', exc_info=True)"
    )
    (tmp_path / "speaking.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, tmp_path / "speaking.py"], capture_output=True, text=True, check=True)
    told = json.loads(done.stderr)
    assert (told["event"], told["logger"], told["level"]) == ("library", "a.library", "warning")
    assert (told["error"], told["at"]) == ("ValueError", [f"{tmp_path}/speaking.py:3"])
    assert ASKED not in done.stderr


def test_every_address_of_the_contract_has_a_route_that_can_be_told(built: tuple[Path, BuildReport]) -> None:
    app = create_app(Settings(store=built[0]))
    assert set(app.openapi()["paths"]) <= {route.path_format for route in single_routes(app.router.routes)}


@pytest.mark.parametrize(("form", "lines"), [("off", 0), ("text", 1)])
def test_the_log_can_be_written_for_people_or_left_out(
    built: tuple[Path, BuildReport], tmp_path: Path, form: str, lines: int
) -> None:
    with servers.mastery_graph(built[0], log=tmp_path / "log", environment={"MASTERY_LOG": form}) as serving:
        assert httpx.get(f"{serving.address}/v1/skills/GS01", timeout=60).status_code == 200
    said = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert sum("/v1/skills/{code}" in line for line in said) == lines
    if form == "off":
        assert said == [f"Serving on {serving.address}"]


Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def _metrics(client: httpx.Client) -> Samples:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def _value(samples: Samples, name: str, labels: dict[str, str] | None = None) -> float:
    return samples.get((name, frozenset((labels or {}).items())), 0)


def test_metrics_count_by_route_and_kind_and_measure_the_store(
    measured: httpx.Client, built: tuple[Path, BuildReport]
) -> None:
    before = _metrics(measured)
    measured.get("/v1/equivalence/levels", params={"level": "EQF 5"})
    measured.get(f"/v1/skills/{ASKED}")
    measured.get("/sparql", params={"query": "ASK {}"})
    after = _metrics(measured)

    def more(name: str, **labels: str) -> float:
        return _value(after, name, labels) - _value(before, name, labels)

    levels = {"method": "GET", "route": "/v1/equivalence/levels", "status": "200"}
    assert more("mastery_requests_total", **levels) == 1
    assert more("mastery_requests_total", method="GET", route="/v1/skills/{code}", status="404") == 1
    assert more("mastery_requests_total", method="GET", route="/sparql", status="200") == 1
    assert more("mastery_request_seconds_count", route="/sparql") == 1
    assert more("mastery_problems_total", type="unknown-resource") == 1
    kinds = {labels: value for (name, labels), value in after.items() if name == "mastery_answers_total"}
    assert sum(kinds.values()) > 0
    assert _value(after, "mastery_queries_waiting") == _value(after, "mastery_queries_working") == 0
    assert _value(after, "mastery_query_workers") >= 1
    assert _value(after, "mastery_store_triples") >= sum(graph.triples for graph in built[1].graphs.values())
    assert _value(after, "mastery_store_bytes") > 100_000
    assert ASKED not in str(after)


def test_without_the_setting_there_are_no_metrics(client: httpx.Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_the_metrics_of_several_server_processes_are_summed(built: tuple[Path, BuildReport]) -> None:
    with servers.mastery_graph(built[0], server_workers=2, metrics="true") as serving:
        for _ in range(12):
            httpx.get(f"{serving.address}/health/live")
        label = {"method": "GET", "route": "/health/live", "status": "200"}
        with httpx.Client(base_url=serving.address) as asking:
            assert _value(_metrics(asking), "mastery_requests_total", label) >= 12


def test_a_server_process_that_is_lost_is_no_longer_counted(built: tuple[Path, BuildReport]) -> None:
    with (
        servers.mastery_graph(built[0], server_workers=2, query_workers=3, metrics="true") as serving,
        httpx.Client(base_url=serving.address) as asking,
    ):
        assert until(lambda: _value(_metrics(asking), "mastery_query_workers") == 6)
        lost = serving.server_workers()
        for process in lost:
            servers.kill(process)
        assert until(lambda: len(serving.server_workers() - lost) == 2 and serving.answers("/health/live"), 60)
        assert until(lambda: _value(_metrics(asking), "mastery_query_workers") == 6)


class _Collector(BaseHTTPRequestHandler):
    received: list[ExportTraceServiceRequest]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        packed = self.headers.get("Content-Encoding") == "gzip"
        self.received.append(ExportTraceServiceRequest.FromString(gzip.decompress(body) if packed else body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_a_collector_that_is_named_gets_traces_without_what_was_asked(
    built: tuple[Path, BuildReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    _Collector.received = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        with TestClient(create_app(Settings(store=built[0]))) as client:
            client.get(f"/v1/skills/GS01?q={ASKED}", headers={"User-Agent": ASKED})
            client.get("/sparql", params={"query": f"ASK {{ ?s ?p '{ASKED}' }}"})
        collector.shutdown()
    text = "".join(map(str, _Collector.received))
    spans = [
        span
        for request in _Collector.received
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert [span.name for span in spans] == ["GET /v1/skills/{code}", "GET /sparql"]
    assert "mastery-graph" in text
    assert ASKED not in text


def test_where_no_collector_is_named_nothing_of_tracing_is_even_loaded(built: tuple[Path, BuildReport]) -> None:
    code = "import sys; from mastery_api.app import create_app; create_app(); print('opentelemetry.sdk' in sys.modules)"
    environment = {"MASTERY_STORE": str(built[0]), "MASTERY_KEPT_ANSWERS": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_collector_without_the_extra_is_an_error_that_names_it(
    built: tuple[Path, BuildReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(Exception, match=r"mastery-graph\[tracing\]"):
        create_app(Settings(store=built[0]))
