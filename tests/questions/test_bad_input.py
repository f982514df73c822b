"""What cannot be used: each kind has a problem type of its own, the same through the library, the terminal and HTTP."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import RdfFormat

from mastery_graph.cli.app import run
from mastery_graph.errors import (
    BadDocument,
    ContradictoryCredits,
    CyclicPrerequisites,
    InputError,
    MasteryError,
    NoOutcomes,
    NotAnIRI,
    UnknownCountry,
    UnknownLevel,
    UnknownResource,
)
from mastery_graph.questions.equivalence.levels import equivalent_levels
from mastery_graph.questions.recognition import recognition
from mastery_graph.questions.stackability import stackability
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph
from tests.conftest import DESCRIPTION
from tests.store import servers

EX = "https://example.org/bad/"
TARGET = DESCRIPTION + "green-site-technician-irl"
WASTE = DESCRIPTION + "waste-on-site-ita"
BAD = """
PREFIX : <https://example.org/bad/>
PREFIX credit: <http://data.europa.eu/snb/education-credit/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX elm: <http://data.europa.eu/snb/model/elm/>
PREFIX mg: <https://w3id.org/mastery-graph/ns#>
PREFIX skill: <http://data.europa.eu/esco/skill/>

:silent a elm:Qualification ; dcterms:title "Silent course" .
:egg a elm:Qualification ; mg:requires :hen ; elm:learningOutcome :outcome .
:hen a elm:Qualification ; mg:requires :egg ; elm:learningOutcome :outcome .
:torn a elm:Qualification ; dcterms:title "Torn course" ; elm:learningOutcome :outcome ;
  elm:creditPoint [ elm:framework credit:6fcec5c5af ; elm:point "2" ] ,
    [ elm:framework credit:6fcec5c5af ; elm:point "5" ] .
:agreed a elm:Qualification ; dcterms:title "Agreed course" ; elm:learningOutcome :outcome ;
  elm:creditPoint [ elm:framework credit:6fcec5c5af ; elm:point "2" ] ,
    [ elm:framework credit:6fcec5c5af ; elm:point "2.0" ] .
:heavy a elm:Qualification ; elm:learningOutcome [ a elm:LearningOutcome ; mg:outcomeWeight "heavy" ] .
:outcome a elm:LearningOutcome ; elm:relatedESCOSkill skill:73a9561d-112c-4d8a-9d5f-b2c11c5bbd5f .
"""


@dataclass(frozen=True)
class Bad:
    """A question that cannot be answered, in its three faces, and what must be said of it."""

    library: Callable[[EmbeddedStore], object]
    command: tuple[str, ...]
    method: str
    path: str
    body: dict[str, Any] | None
    error: type[MasteryError]
    slug: str
    status: int
    says: str


def _level(level: str, country: str | None, *expected: Any) -> Bad:
    asked = {"level": level} | ({"country": country} if country else {})
    return Bad(
        lambda store: equivalent_levels(store, level, country),
        ("equivalence", level, *(("--country", country) if country else ())),
        "GET",
        "/v1/equivalence/levels?" + "&".join(f"{name}={value}" for name, value in asked.items()),
        None,
        *expected,
    )


def _stack(credentials: list[str], target: str, *expected: Any) -> Bad:
    return Bad(
        lambda store: stackability(store, credentials, target),
        ("stack", *credentials, "--target", target),
        "POST",
        "/v1/stackability",
        {"credentials": credentials, "target": target},
        *expected,
    )


def _recognise(credential: str, country: str, *expected: Any) -> Bad:
    return Bad(
        lambda store: recognition(store, credential, country),
        ("recognise", credential, "--country", country),
        "POST",
        "/v1/recognition",
        {"credential": credential, "country": country},
        *expected,
    )


QUESTIONS = {
    "an unknown level": _level("EQF 9", None, UnknownLevel, "unknown-level", 404, "No level has the URI or the label"),
    "an unknown country": _level("EQF 5", "XXX", UnknownCountry, "unknown-country", 404, "XXX.*three-letter code.*FIN"),
    "an unknown destination": _recognise(WASTE, "Atlantis", UnknownCountry, "unknown-country", 404, "Atlantis"),
    "a credential without outcomes": _stack(
        [EX + "silent"], TARGET, NoOutcomes, "no-outcomes", 422, "No learning outcome is stated by Silent course"
    ),
    "a target without outcomes": _stack(
        [WASTE], EX + "silent", NoOutcomes, "no-outcomes", 422, "Silent course states no learning outcome"
    ),
    "cyclic prerequisites": _stack(
        [EX + "egg", EX + "hen"], TARGET, CyclicPrerequisites, "cyclic-prerequisites", 422, "egg.*hen|hen.*egg"
    ),
    "contradictory credits": _stack(
        [EX + "torn"], TARGET, ContradictoryCredits, "contradictory-credits", 422, "Torn course states 2 and 5 ECTS"
    ),
    "contradictory credits of a target": _stack(
        [WASTE], EX + "torn", ContradictoryCredits, "contradictory-credits", 422, "State one number of credits"
    ),
    "contradictory credits to recognise": _recognise(
        EX + "torn", "FIN", ContradictoryCredits, "contradictory-credits", 422, "2 and 5"
    ),
    "a weight that is no number": _stack([WASTE], EX + "heavy", BadDocument, "bad-document", 422, "'heavy'"),
    "an IRI that is not in the graph": _stack(
        [EX + "nothing"], TARGET, UnknownResource, "unknown-resource", 404, "not a credential description in the graph"
    ),
    "a target that is not in the graph": _stack(
        [WASTE], EX + "nothing", UnknownResource, "unknown-resource", 404, "neither a description nor a skill"
    ),
    "a urn that is not in the graph": _recognise(
        "urn:credential:0", "FIN", UnknownResource, "unknown-resource", 404, "urn:credential:0"
    ),
    "a text that is no IRI": _recognise("my diploma", "FIN", NotAnIRI, "not-an-iri", 400, "'my diploma' is neither"),
    "a broken IRI": _stack(["http://a b"], TARGET, NotAnIRI, "not-an-iri", 400, "'http://a b' is neither"),
}
bad = pytest.mark.parametrize("question", [pytest.param(one, id=name) for name, one in QUESTIONS.items()])


@pytest.fixture(scope="module")
def damaged(store: EmbeddedStore) -> Iterator[EmbeddedStore]:
    """The real graph, with descriptions beside it that cannot be used."""
    copy = MemoryStore.copy_of(store)
    copy.load(BAD.encode(), RdfFormat.TURTLE, graph("credentials/bad"))
    yield copy
    copy.close()


@pytest.fixture(scope="module")
def folder(damaged: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in a folder, for the terminal and the server."""
    place = tmp_path_factory.mktemp("damaged") / "store"
    with Draft.change(place) as draft:
        for each in damaged.graphs():
            draft.replace_graph(each.iri, copy_triples(damaged, each.iri))
    return place


def copy_triples(store: EmbeddedStore, iri: str) -> list[Any]:
    return store.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    with servers.mastery_graph(folder) as serving, serving.client() as client:
        yield client


@bad
def test_the_library_raises_an_error_of_its_own(damaged: EmbeddedStore, question: Bad) -> None:
    with pytest.raises(InputError, match=f"(?s){question.says}") as caught:
        question.library(damaged)
    assert type(caught.value) is question.error
    assert (caught.value.slug, caught.value.status, caught.value.exit_code) == (question.slug, question.status, 2)
    assert caught.value.advice or question.error is CyclicPrerequisites


@bad
def test_the_terminal_says_it_in_one_line_and_ends_with_two(
    folder: Path, question: Bad, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mastery-graph", *question.command, "--store", str(folder)])
    with pytest.raises(SystemExit) as ended:
        run()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert said.err.startswith("mastery-graph: ")
    assert said.err.count("\n") == 1


@bad
def test_the_server_answers_with_a_problem_of_its_own(client: httpx.Client, question: Bad) -> None:
    done = client.request(question.method, question.path, json=question.body)
    problem = json.loads(done.content)
    assert (done.status_code, problem["status"]) == (question.status, question.status)
    assert done.headers["content-type"].startswith("application/problem+json")
    assert problem["type"] == f"https://w3id.org/mastery-graph/problem/{question.slug}"
    assert problem["detail"]


def test_the_same_credits_written_twice_do_not_contradict(damaged: EmbeddedStore) -> None:
    answer = stackability(damaged, [EX + "agreed"], TARGET)
    assert (answer.credits.recognised.lower, answer.credits.recognised.upper) == (2.0, 2.0)


def test_a_credential_without_outcomes_is_left_out_beside_others(damaged: EmbeddedStore) -> None:
    answer = stackability(damaged, [EX + "silent", WASTE], TARGET)
    assert [(one.credential, one.reason) for one in answer.left_out] == [
        (EX + "silent", "It states no learning outcome.")
    ]
