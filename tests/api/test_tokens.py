"""Tokens: known by their hash, for what they allow, until their last day, several at once."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from mastery_graph.store.draft import Draft
from mastery_graph.tokens import SCOPES, Scope, Token, find_token, parse_token
from mastery_graph.vocabulary import GRAPH
from tests.store import servers

TODAY = datetime.now(UTC).date()
OLD, NEW, ENDED, NARROW = "old", "new", "ended", "narrow"
TURTLE = {"Content-Type": "text/turtle"}
OF_SCOPE = {scope: f"for {scope}" for scope in SCOPES}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("store")
    with Draft.change(folder):
        pass
    tokens = [
        f"{_hash(OLD)}::{TODAY + timedelta(days=1)}",
        _hash(NEW),
        f"{_hash(ENDED)}::{TODAY - timedelta(days=1)}",
        f"{_hash(NARROW)}:mappings",
        *(f"{_hash(secret)}:{scope}" for scope, secret in OF_SCOPE.items()),
    ]
    with servers.mastery_graph(folder, tokens=", ".join(tokens)) as serving, serving.client() as client:
        yield client


@pytest.mark.parametrize(
    ("secret", "status", "slug"),
    [
        (OLD, 204, None),
        (NEW, 204, None),
        (ENDED, 401, "token-refused"),
        (NARROW, 403, "scope-refused"),
        (_hash(NEW), 401, "token-refused"),
        ("", 401, "token-refused"),
    ],
)
def test_while_tokens_change_the_old_and_the_new_one_are_valid_and_no_other(
    client: httpx.Client, secret: str, status: int, slug: str | None
) -> None:
    bearer = {"Authorization": f"Bearer {secret}".strip()}
    answers = [
        client.post("/sparql", data={"update": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}, headers=bearer),
        client.put("/graph-store?default", content="", headers={**bearer, "Content-Type": "text/turtle"}),
    ]
    for answer in answers:
        assert answer.status_code == status
        assert slug is None or answer.json()["type"].endswith(slug)
        assert secret == "" or secret not in answer.text


@pytest.mark.parametrize("name", ["inferred", "dataset"])
def test_no_token_writes_a_graph_that_is_derived(client: httpx.Client, name: str) -> None:
    bearer = {"Authorization": f"Bearer {NEW}"}
    answers = [
        client.put(f"/graph-store?graph={GRAPH}{name}", content="", headers={**bearer, **TURTLE}),
        client.delete(f"/graph-store?graph={GRAPH}{name}", headers=bearer),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]


def test_of_two_people_who_edit_a_graph_the_second_is_told(client: httpx.Client) -> None:
    address, bearer = "/graph-store?graph=urn:edited", {"Authorization": f"Bearer {NEW}", **TURTLE}
    first = "<urn:a> <urn:b> 1 ."
    new = {**bearer, "If-None-Match": "*"}
    assert client.put(address, content=first, headers=new).status_code == 201
    assert client.put(address, content=first, headers=new).status_code == 412
    for encoding in ("identity", "gzip"):
        tag = client.get(address, headers={"Accept": "text/turtle", "Accept-Encoding": encoding}).headers["ETag"]
        seen = {**bearer, "If-Match": tag}
        assert client.put(address, content=f"<urn:a> <urn:b> '{encoding}' .", headers=seen).status_code == 204
        refused = client.put(address, content="<urn:a> <urn:b> 3 .", headers=seen)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (412, "precondition-failed")
        assert client.delete(address, headers=seen).status_code == 412
        again = client.get(address, headers={"Accept": "text/turtle", "If-None-Match": tag})
        assert (again.status_code, encoding in again.text) == (200, True), "the graph is another one"
    assert client.put(address, content=first, headers={**bearer, "If-Match": '"nonsense"'}).status_code == 412


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_of_one_scope_allows_that_and_nothing_else(client: httpx.Client, scope: Scope) -> None:
    bearer = {"Authorization": f"Bearer {OF_SCOPE[scope]}"}
    decision = {"subject": "waste", "object": "http://example.org/none", "accepted": True, "author": "A"}
    answers = {
        "update": client.post("/sparql", data={"update": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}, headers=bearer),
        "graphs": client.put("/graph-store?default", content="", headers={**bearer, "Content-Type": "text/turtle"}),
        "reserved": client.put(f"/graph-store?graph={GRAPH}policy", content="", headers={**bearer, **TURTLE}),
        "mappings": client.post("/v1/mappings", json=decision, headers=bearer),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == {scope}
    refused = [answer.json()["type"].rpartition("/")[2] for name, answer in answers.items() if name != scope]
    assert refused == ["scope-refused"] * 3


def test_a_token_is_valid_up_to_and_on_its_last_day() -> None:
    token = Token(_hash("a"), until=date(2027, 1, 31))
    days = [date(2027, 1, 30), date(2027, 1, 31), date(2027, 2, 1)]
    assert [token.valid_on(day) for day in days] == [True, True, False]
    assert Token(_hash("a")).valid_on(date(9999, 12, 31))


def test_a_token_for_mappings_allows_a_decision_on_a_mapping(client: httpx.Client) -> None:
    decision = {"subject": "waste", "object": "http://example.org/none", "accepted": True, "author": "A"}
    said = {
        secret: client.post("/v1/mappings", json=decision, headers={"Authorization": f"Bearer {secret}"}).json()
        for secret in (NARROW, ENDED)
    }
    assert said[NARROW]["type"].endswith("unknown-resource")
    assert said[ENDED]["type"].endswith("token-refused")


def test_every_token_is_compared_however_soon_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append(b) or real(a, b))
    tokens = [Token(_hash(secret)) for secret in ("a", "b", "c")]
    assert find_token("a", tokens) == tokens[0]
    assert find_token("d", tokens) is None
    assert compared == [token.sha256 for token in tokens] * 2


def test_a_token_is_written_as_it_is_read() -> None:
    text = f"{_hash('a')}:graphs+mappings:2027-01-31"
    assert parse_token(text) == Token(_hash("a"), frozenset({"graphs", "mappings"}), date(2027, 1, 31))
    assert str(parse_token(text)) == text
    assert str(parse_token(_hash("a"))) == _hash("a")


def test_a_made_token_is_the_one_that_its_setting_knows() -> None:
    program = str(Path(sys.executable).with_name("mastery-graph"))
    made = subprocess.run(
        [program, "token", "--for", "mappings", "--until", "2027-01-31"], capture_output=True, text=True, check=True
    )
    secret, setting = (line.split()[-1] for line in made.stdout.splitlines())
    assert setting == f"MASTERY_TOKENS={_hash(secret)}:mappings:2027-01-31"
    assert len(secret) >= 43


@pytest.mark.parametrize("value", ["a-token-itself", f"{_hash('a')}:everything", f"{_hash('a')}::soon"])
def test_a_setting_that_is_no_token_ends_the_command_without_being_shown(value: str, tmp_path: Path) -> None:
    program = str(Path(sys.executable).with_name("mastery-graph"))
    ended = subprocess.run(
        [program, "serve", "--store", str(tmp_path)],
        env={"MASTERY_TOKENS": value, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "MASTERY_TOKENS" in ended.stderr
    assert value not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
