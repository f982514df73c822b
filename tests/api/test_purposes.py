"""A purpose of recognition that is added as a block of Turtle: questions, pages and statements know it at once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import RdfFormat, Triple, parse

from mastery_api.app import create_app
from mastery_graph.errors import BadParameter, GraphCheckFailed
from mastery_graph.pipeline.build import BuildReport, replace_graph
from mastery_graph.pipeline.checks import check
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.purposes import purpose_types, purposes_of, shipped_purposes
from mastery_graph.questions.recognition import recognition
from mastery_graph.questions.registry import question_from
from mastery_graph.questions.stackability import stackability
from mastery_graph.resources import folder
from mastery_graph.settings import Settings
from mastery_graph.sources.recognition_statements import read_recognition_statements
from mastery_graph.store.draft import Draft
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import PREFIXES, graph
from tests.conftest import DESCRIPTION, copy_of_folder

WASTE, UNREFERENCED = DESCRIPTION + "energy-saving-deu", DESCRIPTION + "biodiversity-bih"
DAY = date(2026, 6, 1)
BLOCK = r"""
mgr:purpose\/volunteering
    a mg:Purpose ;
    skos:definition "Recognition by an organisation of volunteers."@en ;
    skos:inScheme <https://w3id.org/mastery-graph/id/purpose> ;
    skos:notation "volunteering" ;
    skos:prefLabel "Volunteering"@en , "Volontariato"@it ;
    dcterms:source <https://w3id.org/mastery-graph/id/source/mastery-graph> ;
    mg:informedByPolicy false ;
    mg:requiresAssurance "esg" .
mgr:rule\/REC-QUALITY mg:decisiveFor mgr:purpose\/volunteering .
mgr:rule\/REC-LEVEL mg:supportingFor mgr:purpose\/volunteering .
"""
QUESTION = {"credential": WASTE, "country": "FIN", "purpose": "volunteering", "on": "2026-06-01"}


def turtle(text: str) -> list[Triple]:
    declarations = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    return [quad.triple for quad in parse((declarations + text).encode(), format=RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def extended(built: tuple[Path, BuildReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the real graph and one more purpose."""
    own = copy_of_folder(built[0], tmp_path_factory.mktemp("purposes") / "store")
    with Draft.change(own) as draft:
        replace_graph(draft, graph("own-purposes"), turtle(BLOCK))
    return own


@pytest.fixture(scope="module")
def store_with_purpose(extended: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore.open(extended)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def service(extended: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=extended)), raise_server_exceptions=False) as client:
        yield client


def test_the_graph_has_the_shipped_purposes_and_their_requirements(store: EmbeddedStore) -> None:
    purposes = purposes_of(store)
    assert tuple(purposes) == shipped_purposes() == ("academic", "employment", "training")
    assert {code: (purpose.assurance, purpose.informed_by_policy) for code, purpose in purposes.items()} == {
        "academic": ("esg", True),
        "employment": (None, False),
        "training": ("eqavet", True),
    }
    assert purposes["academic"].name == "academic"


def test_a_new_purpose_is_judged_by_its_own_weights_and_requirements(store_with_purpose: EmbeddedStore) -> None:
    answer = recognition(store_with_purpose, WASTE, "FIN", "volunteering", DAY)
    vocational = recognition(store_with_purpose, WASTE, "FIN", "training", DAY)
    assert answer.purpose == answer.question["purpose"] == "volunteering"
    assert criterion_of(vocational.criteria, "REC-QUALITY").outcome is Outcome.MET
    assert criterion_of(answer.criteria, "REC-QUALITY").outcome is Outcome.UNMET
    assert "ESG" in criterion_of(answer.criteria, "REC-QUALITY").explanation
    assert criterion_of(answer.criteria, "REC-NATIONAL").outcome is Outcome.NOT_APPLICABLE
    assert "for the purpose volunteering" in answer.summary
    assert (vocational.verdict, answer.verdict) == ("recognisable", "conditional")
    assert {difference.criterion: difference.substantial for difference in answer.differences} == {
        "REC-QUALITY": "may-be"
    }


def test_a_rule_that_only_supports_a_new_purpose_does_not_decide(store_with_purpose: EmbeddedStore) -> None:
    answer = recognition(store_with_purpose, UNREFERENCED, "FIN", "volunteering", DAY)
    assert criterion_of(answer.criteria, "REC-LEVEL").outcome is not Outcome.MET
    assert answer.verdict != "not-comparable"
    assert recognition(store_with_purpose, UNREFERENCED, "FIN", "training", DAY).verdict == "not-comparable"


def test_a_record_of_a_question_and_the_service_answer_for_a_new_purpose(
    store_with_purpose: EmbeddedStore, service: TestClient
) -> None:
    answer = question_from("recognition", QUESTION).answer(store_with_purpose)
    response = service.post("/v1/recognition", json=QUESTION)
    assert response.status_code == 200
    content = response.json()
    assert (
        (content["purpose"], content["verdict"])
        == ("volunteering", "conditional")
        == (
            content["question"]["purpose"],
            answer.verdict,
        )
    )
    assert {criterion["rule"]: criterion["outcome"] for criterion in content["criteria"]} == {
        criterion.rule: criterion.outcome for criterion in answer.criteria
    }


def test_the_page_offers_a_new_purpose_by_its_label_in_each_language(service: TestClient) -> None:
    page = service.get("/recognition", params=QUESTION | {"lang": "it"}).text
    assert '<option value="volunteering" selected>Volontariato</option>' in page
    assert '<option value="academic">Studio</option>' in page
    assert "volontariato" in page


@pytest.mark.parametrize("purpose", ["hobby", "", "Academic", "academic "])
def test_an_unknown_purpose_is_refused_with_those_that_exist(
    store: EmbeddedStore, service: TestClient, purpose: str
) -> None:
    with pytest.raises(BadParameter, match="There is no purpose") as caught:
        recognition(store, WASTE, "FIN", purpose)
    assert "academic, employment, training" in str(caught.value.advice)
    with pytest.raises(BadParameter, match="There is no purpose"):
        stackability(store, [WASTE], DESCRIPTION + "green-site-technician-irl", purpose=purpose)
    problem = service.post("/v1/recognition", json=QUESTION | {"purpose": purpose})
    assert problem.status_code == 400
    assert "academic, employment, training, volunteering" in problem.text


def test_a_statement_may_hold_for_a_new_purpose_once_the_graph_has_it(
    store: EmbeddedStore, store_with_purpose: EmbeddedStore, tmp_path: Path
) -> None:
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "statements.csv"
    file, shape = tmp_path / "statements.csv", folder("shapes") / "statements.ttl"
    file.write_text(example.read_text(encoding="utf-8").replace("academic", "volunteering"), encoding="utf-8")
    statements = read_recognition_statements(file)
    check([*statements, *purpose_types(store_with_purpose)], shape)
    with pytest.raises(GraphCheckFailed, match="purpose/volunteering"):
        check([*statements, *purpose_types(store)], shape)
