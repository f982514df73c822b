"""One request of each kind that the service answers, good and bad, for load that leaves nothing out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pyoxigraph import RdfFormat

from benchmarks.validation import descriptions
from mastery_graph.store.draft import Draft

_ID = "https://w3id.org/mastery-graph/id/description/"
_PAIR = [f"{_ID}waste-on-site-ita", f"{_ID}energy-audit-irl"]
_TARGET = f"{_ID}green-site-technician-irl"
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request by its method, path and what it carries, and the status that answers it."""

    method: str
    path: str
    status: int = 200
    sent: dict[str, Any] = field(default_factory=dict)

    def send(self, client: httpx.Client) -> None:
        """Send it. Raises `RuntimeError` where another status answers it."""
        answer = client.request(self.method, self.path, **self.sent)
        if answer.status_code != self.status:
            raise RuntimeError(f"{self.method} {self.path}: {answer.status_code} {answer.text[:300]}")


def every_kind(number: int = 0) -> Iterator[Asked]:
    """Yield one request of each kind; another `number` asks other queries, so that no result is known already."""
    document = json.dumps(next(descriptions(1, number)))
    counted = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} # {number}"
    yield Asked("GET", "/health/ready")
    yield Asked("GET", "/sparql", sent={"params": {"query": counted}})
    yield Asked("GET", "/sparql", sent={"params": {"query": "ASK { ?s ?p ?o }"}})
    yield Asked("POST", "/sparql", sent={"data": {"query": f"CONSTRUCT WHERE {{ ?s a ?o }} # {number}"}})
    yield Asked("POST", "/sparql", 400, {"data": {"query": "SELECT"}})
    for path in (
        "/v1/equivalence/levels?level=FiNQF%20Level%205&country=IRL",
        "/v1/equivalence/skills?skill=GS01",
        "/v1/equivalence/table?country=ITA&country=FIN",
        "/v1/skills/GS01",
        "/v1/frameworks",
        "/v1/visions/V1",
        "/v1/queries",
        "/v1/queries/browse/classes",
        "/v1/statements",
        "/v1/mappings",
        "/v1/dataset",
        "/v1/policies",
        "/v1/concepts?q=waste",
        "/ns",
        "/openapi.json",
        "/",
        "/levels",
        "/visions",
        "/skills/GS01",
        "/check?example=true",
        "/reconcile",
    ):
        yield Asked("GET", path)
    yield Asked("GET", "/id/vision/V1", 303)
    yield Asked("GET", "/v1/skills/none", 404)
    yield Asked("GET", "/v1/equivalence/levels?level=EQF%2099", 404)
    for path, body in (
        ("stackability", {"credentials": _PAIR, "target": _TARGET}),
        ("recognition", {"credential": _PAIR[0], "country": "FIN", "purpose": "training"}),
        ("compare", {"descriptions": _PAIR}),
        ("profile", {"credentials": _PAIR}),
        ("coverage", {"descriptions": _PAIR}),
        ("mapping", {"text": f"sort waste on building site {number}"}),
    ):
        yield Asked("POST", f"/v1/{path}", sent={"json": body})
    yield Asked("POST", "/v1/validation", sent={"content": document, "headers": _JSON})
    yield Asked("POST", "/v1/conversion?to=openbadge", sent={"content": document, "headers": _JSON})
    yield Asked("POST", "/v1/validation", 422, {"content": "{", "headers": _JSON})
    yield Asked("POST", "/reconcile", sent={"data": {"queries": '{"q0": {"query": "waste"}}'}})


def publish(folder: Path, number: int) -> None:
    """Put a new version of the store in place, as a load does, while it is served."""
    with Draft.change(folder) as draft:
        text = f"<urn:version> <urn:number> {number} ."
        draft.load(text.encode(), RdfFormat.TURTLE, "https://w3id.org/mastery-graph/graph/statements")
