"""Permalinks: an answer again, of the same dataset; what is kept of it, and what is not."""

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat

from mastery_graph.permalinks.stored_answers import StoredAnswers
from mastery_graph.pipeline.build import BuildReport, replace_graph
from mastery_graph.pipeline.dataset import read_description, write_description
from mastery_graph.questions.equivalence.levels import equivalent_levels
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import graph
from tests.conftest import DESCRIPTION
from tests.store import servers

SKILL = "http://data.europa.eu/esco/skill/73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f"
QUESTIONS: list[tuple[str, str, dict[str, object] | None]] = [
    ("GET", "/v1/equivalence/levels?level=FiNQF%20Level%205&country=irl&format=json", None),
    ("GET", "/v1/equivalence/skills?skill=GS01", None),
    ("GET", "/v1/equivalence/table?country=FIN&country=NOR&other=IRL", None),
    ("GET", "/v1/equivalence/grid?country=FIN", None),
    (
        "POST",
        "/v1/stackability",
        {"credentials": [f"{DESCRIPTION}waste-on-site-ita"], "target": f"{DESCRIPTION}green-site-technician-irl"},
    ),
    (
        "POST",
        "/v1/stackability?explain=true",
        {
            "credentials": [f"{DESCRIPTION}waste-management-irl"],
            "target": f"{DESCRIPTION}green-site-technician-irl",
            "policy": {"preset": "ESP", "threshold": 0.9},
        },
    ),
    ("POST", "/v1/recognition", {"credential": f"{DESCRIPTION}waste-on-site-ita", "country": "FIN"}),
    ("POST", "/v1/compare", {"descriptions": [f"{DESCRIPTION}waste-on-site-ita", f"{DESCRIPTION}solar-bgr"]}),
    ("POST", "/v1/profile", {"credentials": [f"{DESCRIPTION}issued-waste-aino"]}),
    ("POST", "/v1/coverage", {"descriptions": [f"{DESCRIPTION}solar-bgr"]}),
    (
        "POST",
        "/v1/stackability",
        {"credentials": [f"{DESCRIPTION}waste-on-site-ita"], "target": {"skills": [SKILL]}},
    ),
]


@contextmanager
def served(folder: Path, tmp_path: Path, most: int = 1000) -> Iterator[httpx.Client]:
    with (
        servers.mastery_graph(folder, answers=tmp_path / "answers.sqlite", kept_answers=most) as serving,
        serving.client() as client,
    ):
        yield client


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what `keeping` keeps."""
    return tmp_path_factory.mktemp("answers")


@pytest.fixture(scope="module")
def keeping(built: tuple[Path, BuildReport], answers: Path) -> Iterator[httpx.Client]:
    with served(built[0], answers) as client:
        yield client


@pytest.mark.parametrize(("method", "path", "body"), QUESTIONS)
def test_a_permalink_gives_the_very_answer_again(
    client: httpx.Client, method: str, path: str, body: dict[str, object] | None
) -> None:
    first = client.request(method, path, json=body)
    answer = first.json()
    assert first.headers["link"] == f'</v1/answers/{answer["id"]}>; rel="bookmark"'
    again = client.get(f"/v1/answers/{answer['id']}")
    assert again.status_code == 200
    assert again.json() == answer


@pytest.mark.parametrize("face", ["application/ld+json", "text/html", "text/plain"])
def test_a_permalink_has_the_faces_of_the_answer(client: httpx.Client, face: str) -> None:
    identity = client.get("/v1/equivalence/levels?level=EQF%205&country=FIN").json()["id"]
    answer = client.get(f"/v1/answers/{identity}", headers={"Accept": face})
    assert answer.headers["content-type"].partition(";")[0] == face
    assert "comparable" in answer.text
    assert client.head(f"/v1/answers/{identity}", headers={"Accept": face}).status_code == 200


def test_the_same_question_in_other_words_has_the_same_permalink(client: httpx.Client) -> None:
    one = client.get("/v1/equivalence/levels?level=EQF%205&country=FIN").json()
    other = client.get("/v1/equivalence/levels?level=http://data.europa.eu/snb/eqf/5&country=fin").json()
    assert one["id"] == other["id"]


def test_an_answer_keeps_its_permalink_when_the_server_starts_anew(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    with served(built[0], tmp_path) as before:
        answer = before.get("/v1/equivalence/levels?level=EQF%205").json()
    with served(built[0], tmp_path) as after:
        assert after.get(f"/v1/answers/{answer['id']}").json() == answer


def test_of_a_document_only_its_hash_is_kept(keeping: httpx.Client, answers: Path, reference: Path) -> None:
    document = json.loads((reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld").read_text())
    sent = json.dumps(document)
    answer = keeping.post("/v1/recognition", json={"credential": document, "country": "FIN"}).json()
    again = keeping.get(f"/v1/answers/{answer['id']}")
    assert again.status_code == 410
    said = again.json()
    assert said["type"].endswith("/document-not-kept")
    assert said["question"]["credential"].startswith("sha256:")
    assert said["asked_of"]["content_hash"] == answer["dataset"]["content_hash"]
    kept = b"".join(file.read_bytes() for file in answers.glob("answers.sqlite*"))
    assert said["question"]["credential"].encode() in kept
    for text in [part for part in sent.split('"') if len(part) > 12 and part.isascii()]:
        assert text.encode() not in kept or text in json.dumps(said), text


def test_of_a_text_only_its_hash_is_kept(keeping: httpx.Client, answers: Path) -> None:
    asked = {"text": "Maria Rossi sorts and recycles waste on site", "limit": 3}
    first = keeping.post("/v1/mapping", json=asked)
    answer = first.json()
    again = keeping.get(first.links["bookmark"]["url"])
    anew = keeping.post("/v1/mapping", json=asked).json()
    said = again.json()
    assert (again.status_code, said["type"].rpartition("/")[2]) == (410, "text-not-kept")
    assert said["question"] == {"text": f"sha256:{hashlib.sha256(asked['text'].encode()).hexdigest()}", "limit": 3}
    assert said["asked_of"]["content_hash"] == answer["dataset"]["content_hash"]
    assert anew == answer
    kept = b"".join(file.read_bytes() for file in answers.glob("answers.sqlite*"))
    assert said["question"]["text"].encode() in kept
    assert b"Maria" not in kept


def test_another_dataset_is_told_with_both_hashes(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    place = tmp_path / "store"
    shutil.copytree(built[0], place)
    with served(place, tmp_path) as client:
        answer = client.get("/v1/equivalence/levels?level=EQF%205").json()
        with Draft.change(place) as draft:
            replace_graph(draft, graph("statements"), [])
            draft.load(b"<urn:a> <urn:b> <urn:c> .", RdfFormat.TURTLE, graph("mappings/other"))
            write_description(
                draft, read_description(draft) | {graph("mappings/other"): read_description(draft)[graph("policy")]}
            )
        again = client.get(f"/v1/answers/{answer['id']}")
    assert again.status_code == 409
    said = again.json()
    assert said["type"].endswith("/dataset-changed")
    assert said["asked_of"]["content_hash"] == answer["dataset"]["content_hash"]
    assert said["served_now"]["content_hash"] != answer["dataset"]["content_hash"]
    assert said["served_now"]["content_hash"] in said["detail"]


def test_where_answers_are_not_kept_the_reason_is_given(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    with served(built[0], tmp_path, most=0) as client:
        first = client.get("/v1/equivalence/levels?level=EQF%205")
        assert "link" not in first.headers
        again = client.get(f"/v1/answers/{first.json()['id']}")
    assert again.status_code == 404
    assert "does not store" in again.json()["detail"]
    assert not (tmp_path / "answers.sqlite").exists()


def test_the_oldest_answers_go_first(store: EmbeddedStore, tmp_path: Path) -> None:
    kept = StoredAnswers(tmp_path / "answers.sqlite", max_answers=3)
    answers = [equivalent_levels(store, f"EQF {level}", "FIN") for level in (2, 3, 4, 5, 6)]
    for answer in answers:
        assert kept.keep(answer)
    assert [kept.find(answer.id) is not None for answer in answers] == [False, False, True, True, True]


def test_an_answer_to_a_question_that_is_too_large_is_not_kept(store: EmbeddedStore, tmp_path: Path) -> None:
    kept = StoredAnswers(tmp_path / "answers.sqlite", max_answers=3)
    answer = equivalent_levels(store, "EQF 5", "FIN")
    larger, smaller = (
        answer.model_copy(update={"question": {"credentials": ["x" * size]}}) for size in (50_000, 40_000)
    )
    assert not kept.keep(larger)
    assert kept.find(larger.id) is None
    assert kept.keep(smaller)
    assert kept.find(smaller.id) is not None


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("/v1/recognition", {"credential": f"{DESCRIPTION}waste-on-site-ita", "country": "FIN"}),
        (
            "/v1/stackability",
            {"credentials": [f"{DESCRIPTION}waste-on-site-ita"], "target": f"{DESCRIPTION}green-site-technician-irl"},
        ),
    ],
)
def test_the_day_on_which_a_question_was_asked_is_kept_with_it(
    keeping: httpx.Client, answers: Path, path: str, question: dict[str, object]
) -> None:
    identity = keeping.post(path, json=question).json()["id"]
    kept = StoredAnswers(answers / "answers.sqlite", max_answers=1000)
    found = kept.find(identity)
    kept.close()
    assert found is not None
    assert found.is_replayable
    added = {name: value for name, value in found.question.items() if name not in question}
    stated = added.get("on") or added["policy"]["on"]  # type: ignore[index]
    assert date.fromisoformat(str(stated)) <= datetime.now(UTC).date()


def test_the_permalinks_of_earlier_versions_are_answered(built: tuple[Path, BuildReport], tmp_path: Path) -> None:
    """They were stored with an HTTP request, which nothing reads any more."""
    with served(built[0], tmp_path) as client:
        answer = client.get("/v1/equivalence/levels?level=EQF%205").json()
        text = client.post("/v1/mapping", json={"text": "sort waste on site"}).json()
    requests = {answer["id"]: ["GET", "/v1/equivalence/levels", "level=EQF+5", None], text["id"]: None}
    with closing(sqlite3.connect(tmp_path / "answers.sqlite")) as connection, connection:
        for identity, content in connection.execute("SELECT id, content FROM answers").fetchall():
            old = json.dumps({**json.loads(content), "asked": requests[identity]})
            connection.execute("UPDATE answers SET content = ? WHERE id = ?", (old, identity))
    with served(built[0], tmp_path) as client:
        assert client.get(f"/v1/answers/{answer['id']}").json() == answer
        again = client.get(f"/v1/answers/{text['id']}")
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (410, "text-not-kept")


def test_two_processes_keep_answers_in_one_file(store: EmbeddedStore, tmp_path: Path) -> None:
    one, other = (StoredAnswers(tmp_path / "answers.sqlite", max_answers=10) for _ in range(2))
    answers = [equivalent_levels(store, f"EQF {level}", "FIN") for level in (4, 5)]
    one.keep(answers[0])
    other.keep(answers[1])
    assert one.find(answers[1].id) is not None
    assert other.find(answers[0].id) is not None


def test_a_file_that_cannot_be_written_keeps_no_answer_from_being_given(
    built: tuple[Path, BuildReport], tmp_path: Path
) -> None:
    (tmp_path / "answers.sqlite").mkdir()
    with served(built[0], tmp_path) as client:
        answer = client.get("/v1/equivalence/levels?level=EQF%205")
    assert answer.status_code == 200
    assert "link" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/levels?country=FIN&country=IRL",
        f"/recognition?credential={DESCRIPTION}waste-on-site-ita&country=FIN",
        f"/stack?credential={DESCRIPTION}energy-audit-irl&target={DESCRIPTION}green-site-technician-irl",
        "/v1/equivalence/levels?level=EQF%205&country=FIN&format=html",
    ],
)
def test_a_page_shows_the_permalink_of_its_answer(keeping: httpx.Client, path: str) -> None:
    shown = re.search(r'<a href="([^"]+/v1/answers/[^"]+)" rel="bookmark">', keeping.get(path).text)
    assert shown
    again = keeping.get(shown[1], headers={"Accept": "application/json"})
    assert again.status_code == 200
    assert again.json()["id"] == shown[1].rpartition("/")[2]
