"""A credential that is only checked is a person's own: it is neither stored nor logged."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from mastery_api.app import create_app
from mastery_graph.pipeline.build import BuildReport
from mastery_graph.settings import Settings
from tests.conftest import DESCRIPTION
from tests.store import servers

CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
MARK = "Zyxomma-Obtusum-1954"
CREDENTIAL = {
    "@context": CONTEXT,
    "id": f"urn:credential:{MARK}",
    "type": "EuropeanDigitalCredential",
    "credentialSubject": {
        "id": f"urn:person:{MARK}",
        "type": "Person",
        "fullName": {"en": f"Person {MARK}"},
        "hasClaim": {"type": "LearningAchievement", "title": {"en": f"Course {MARK}"}},
    },
}
IN_TURTLE = f"""
    @prefix elm: <http://data.europa.eu/snb/model/elm/> .
    @prefix cred: <https://www.w3.org/2018/credentials#> .
    [] a elm:EuropeanDigitalCredential ; cred:credentialSubject [ a elm:Person ;
        elm:dateOfBirth "{MARK}"^^<http://www.w3.org/2001/XMLSchema#dateTime> ; elm:hasClaim [] ] ."""
TARGET = f"{DESCRIPTION}green-site-technician-irl"


def test_a_checked_credential_reaches_neither_the_disk_nor_the_log(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    text, large = json.dumps(CREDENTIAL), json.dumps({**CREDENTIAL, "padding": "x" * 2_000_000})
    kept = {"answers": tmp_path / "answers.sqlite", "text_index": tmp_path / "index"}
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with (
        _shorter(temporary) as short,
        servers.mastery_graph(built[0], tmp_path / "log", {"TMPDIR": str(short)}, **kept) as serving,
    ):
        ask = httpx.Client(base_url=serving.address, timeout=60)
        answers = [
            ask.post("/v1/validation", content=text, headers={"Content-Type": "application/ld+json"}),
            ask.post("/v1/validation", content=IN_TURTLE, headers={"Content-Type": "text/turtle"}),
            ask.post("/v1/conversion?to=openbadge", content=text, headers={"Content-Type": "application/ld+json"}),
            ask.post("/v1/recognition", json={"credential": CREDENTIAL, "country": "FIN"}),
            ask.post("/v1/stackability", json={"credentials": [CREDENTIAL], "target": TARGET}),
            ask.post("/v1/profile", json={"credentials": [CREDENTIAL]}),
            ask.post("/v1/validation", content=text + MARK, headers={"Content-Type": "application/ld+json"}),
            ask.post("/check", data={"document": text}),
            ask.post("/check", files={"file": (f"{MARK}.jsonld", large)}),
            ask.post("/recognition", data={"document": text, "country": "FIN"}),
            ask.get("/sparql", params={"query": f"SELECT * {{ ?s ?p '{MARK}' }}"}),
            ask.get("/sparql", params={"query": f"SELECT * {{ ?s ?p '{MARK}'"}),
            ask.get(f"/v1/concepts?q={MARK}"),
            ask.post("/v1/mapping", json={"text": f"{MARK} sorts and recycles waste"}),
        ]
        assert all(answer.status_code < 500 for answer in answers), [answer.text for answer in answers]
        assert sum(answer.is_success for answer in answers) > 6
    written = [file for folder in (built[0], tmp_path) for file in folder.rglob("*") if file.is_file()]
    assert (tmp_path / "answers.sqlite") in written
    assert [file for file in written if MARK.encode() in file.read_bytes()] == []
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith(("{", "Serving on"))] == []


@contextmanager
def _shorter(folder: Path) -> Iterator[Path]:
    """Give a folder a name that is short enough for the sockets in it."""
    with tempfile.TemporaryDirectory() as place:
        (short := Path(place) / "t").symlink_to(folder)
        yield short


def test_a_large_file_that_is_sent_stays_in_memory(
    built: tuple[Path, BuildReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.dumps({"@context": CONTEXT, "type": "Qualification", "title": {"en": "x" * 3_000_000}})
    with TestClient(create_app(Settings(store=built[0]))) as client:
        client.post("/check", data={"document": json.dumps(CREDENTIAL)})  # the processes for answers are there
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
        assert client.post("/check", files={"file": ("large.jsonld", document)}).status_code == 200
