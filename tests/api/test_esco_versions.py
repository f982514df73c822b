"""Versions of ESCO side by side: each question as of one of them, or as of a day; permalinks that outlive a switch."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import NamedNode

from mastery_graph.errors import UnknownEscoVersion
from mastery_graph.esco.load import preview, publish, use_kept
from mastery_graph.esco.read import read_download
from mastery_graph.permalinks.changed_answers import changed_answers
from mastery_graph.permalinks.stored_answers import StoredAnswers
from mastery_graph.pipeline.build import BuildReport, replace_graph
from mastery_graph.pipeline.dataset import read_description
from mastery_graph.rdf import words
from mastery_graph.sources.esco import EscoDownload
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.esco_versions import esco_versions, version_as_of
from mastery_graph.vocabulary import SKOS, graph
from tests.conftest import DESCRIPTION, copy_of_folder
from tests.store import servers

SKILL = "http://data.europa.eu/esco/skill/"
OLD, NEW = SKILL + "73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f", SKILL + "83fc0b2b-6cd2-46af-b1ff-d3fc83604c26"
ASKED = {"credentials": [DESCRIPTION + "waste-on-site-ita"], "target": {"skills": [NEW]}}
FILE = f"""
@prefix dct: <http://purl.org/dc/terms/> .
@prefix esco: <http://data.europa.eu/esco/model#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{OLD}> a esco:Skill, skos:Concept ; skos:prefLabel "older"@en .
<{NEW}> a esco:Skill, skos:Concept ; skos:prefLabel "newer"@en .
{{}}
"""


def take_in(folder: Path, version: str, issued: str, said: str) -> None:
    """Load a version of ESCO with these two concepts, of which it says something more."""
    file = folder.parent / f"esco-{version}.ttl"
    file.write_text(FILE.format(said), encoding="utf-8")
    publish(folder, read_download(folder, EscoDownload([file]), issued=issued))


@pytest.fixture
def folder(built: tuple[Path, BuildReport], tmp_path: Path) -> Path:
    """A store into which 1.2.0 was loaded."""
    copy = copy_of_folder(built[0], tmp_path / "store")
    take_in(copy, "1.2.0", "2024-05-15", "")
    return copy


@pytest.fixture
def client(folder: Path) -> Iterator[httpx.Client]:
    with servers.mastery_graph(folder) as serving, serving.client() as client:
        yield client


def load_the_next(folder: Path) -> None:
    take_in(folder, "1.3.0", "2025-06-01", f"<{OLD}> dct:isReplacedBy <{NEW}> .")


def test_questions_are_answered_as_of_a_version_and_as_of_a_day(folder: Path, client: httpx.Client) -> None:
    load_the_next(folder)
    for asked, version, verdict in (
        ("", "1.3.0", "stackable"),
        ("?esco=1.3", "1.3.0", "stackable"),
        ("?esco=1.2.0", "1.2.0", "undetermined"),
        ("?esco=2024-12-31", "1.2.0", "undetermined"),
        ("?esco=2025-06-01", "1.3.0", "stackable"),
    ):
        answer = client.post(f"/v1/stackability{asked}", json=ASKED).json()
        assert (answer["dataset"]["esco"], answer["verdict"]) == (version, verdict), asked


def test_a_version_that_is_not_there_is_told_with_those_that_are(folder: Path, client: httpx.Client) -> None:
    load_the_next(folder)
    for asked in ("1.1.0", "2020-01-01"):
        refused = client.post(f"/v1/stackability?esco={asked}", json=ASKED)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (404, "unknown-esco-version")
        assert "1.3.0 (from 2025-06-01), 1.2.0 (from 2024-05-15)" in refused.text


def test_a_permalink_answers_from_what_it_rested_on_after_a_switch(folder: Path, client: httpx.Client) -> None:
    before = client.post("/v1/stackability", json=ASKED).json()
    load_the_next(folder)
    after = client.post("/v1/stackability", json=ASKED).json()
    assert client.get(f"/v1/answers/{before['id']}").json() == before
    by_day = client.post("/v1/stackability?esco=2024-12-31", json=ASKED).json()
    assert by_day == before
    assert client.get(f"/v1/answers/{after['id']}").json() == after


def test_saved_answers_that_a_switch_would_change_are_listed_before_it(folder: Path, client: httpx.Client) -> None:
    stack = client.post("/v1/stackability", json=ASKED).json()
    same = client.get(f"/v1/equivalence/skills?skill={OLD}").json()
    untouched = client.post("/v1/coverage", json={"descriptions": [DESCRIPTION + "solar-bgr"]}).json()
    client.get("/v1/equivalence/grid?country=FIN")
    file = folder.parent / "esco-1.3.0.ttl"
    file.write_text(FILE.format(f"<{OLD}> dct:isReplacedBy <{NEW}> ."), encoding="utf-8")
    store = EmbeddedStore.open(folder)
    kept = StoredAnswers(folder / "answers.sqlite", 1000).latest(100)
    with preview(folder, read_download(folder, EscoDownload([file]))) as then:
        found = changed_answers(kept, store, then, stack["dataset"]["content_hash"])
        stale = changed_answers(kept, store, then, "another")
    assert {one.id: (one.before, one.after) for one in found.changed} == {
        stack["id"]: ("undetermined", "stackable"),
        same["id"]: (same["verdict"], "mapped"),
    }
    assert (found.asked, found.not_asked) == (3, 0)
    assert untouched["id"] not in {one.id for one in found.changed}
    assert (stale.asked, stale.not_asked) == (0, 3)
    store.close()


def test_a_version_becomes_the_current_one_again_with_all_else_as_it_is_now(folder: Path) -> None:
    load_the_next(folder)
    with Draft.change(folder) as draft:
        replace_graph(draft, graph("statements"), [words("urn:a", SKOS + "note", "later")])
    store = EmbeddedStore.open(folder)
    use_kept(folder, version_as_of(esco_versions(folder, store), "1.2.0"))
    store.reload()
    assert [one.esco for one in esco_versions(folder, store)] == ["1.2.0", "1.3.0"]
    assert read_description(store)[graph("esco")].issued == "2024-05-15"
    assert len(list(store.triples(NamedNode(graph("statements"))))) == 1
    store.close()


def test_what_is_kept_holds_no_credential_of_a_person(folder: Path) -> None:
    personal = graph("credentials/a")
    with Draft.change(folder) as draft:
        replace_graph(draft, personal, [words("urn:secret", SKOS + "note", "of a person")])
    load_the_next(folder)
    store = EmbeddedStore.open(folder)
    kept = version_as_of(esco_versions(folder, store), "1.2.0").folder
    assert kept
    assert any(b"urn:secret" in file.read_bytes() for file in (folder / "versions").rglob("*.sst"))
    assert not any(b"urn:secret" in file.read_bytes() for file in kept.iterdir() if file.is_file())
    old = EmbeddedStore.open_version(kept)
    assert personal not in read_description(old)
    assert personal in read_description(store)
    for each in (old, store):
        each.close()


def test_a_kept_version_outlives_later_changes_until_it_is_forgotten(folder: Path) -> None:
    from mastery_graph.store.versions import forget_version

    load_the_next(folder)
    store = EmbeddedStore.open(folder)
    kept = version_as_of(esco_versions(folder, store), "1.2.0").folder
    assert kept
    for value in ("one", "two"):
        with Draft.change(folder) as draft:
            replace_graph(draft, graph("statements"), [words("urn:a", SKOS + "note", value)])
    assert kept.is_dir()
    forget_version(kept)
    with Draft.change(folder, compact=False):
        pass
    assert not kept.exists()
    with pytest.raises(UnknownEscoVersion):
        version_as_of(esco_versions(folder, store), "1.2.0")
    store.close()


def test_the_same_version_loaded_again_is_not_kept_beside_itself(folder: Path) -> None:
    take_in(folder, "1.2.0", "2024-05-16", f"<{NEW}> skos:altLabel 'young'@en .")
    store = EmbeddedStore.open(folder)
    assert [(one.esco, one.issued) for one in esco_versions(folder, store)] == [("1.2.0", "2024-05-16")]
    store.close()
