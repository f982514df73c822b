"""The faces of an answer: the same again from its question, JSON-LD with provenance, a table for a spreadsheet."""

import csv
import io
import json
from datetime import date
from functools import cache

import markupsafe
import pytest
from pyoxigraph import RdfFormat, Store

from mastery_graph.credentials.reading import read_value
from mastery_graph.questions.answer import Answer, Criterion, Origin, Strength
from mastery_graph.questions.comparison import compare
from mastery_graph.questions.coverage import coverage_of
from mastery_graph.questions.equivalence.levels import equivalent_levels
from mastery_graph.questions.equivalence.skills import equivalent_skills
from mastery_graph.questions.profile import learner_profile
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.questions.rendering import as_csv, as_html, as_json_ld, as_text
from mastery_graph.questions.stackability import Stackability, stackability
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from tests.conftest import DESCRIPTION
from tests.html_tables import cells, rows

TECHNICIAN = DESCRIPTION + "green-site-technician-irl"
HELD = [DESCRIPTION + "waste-management-irl", DESCRIPTION + "energy-saving-deu"]
DAY = date(2025, 6, 1)


@cache
def answers(store: EmbeddedStore) -> dict[str, Answer]:
    return {
        "levels": equivalent_levels(store, "FiNQF Level 5", "IRL"),
        "stackability": stackability(store, HELD, TECHNICIAN, StackPolicy(preset="ESP", on=DAY), explain=True),
        "recognition": recognition(store, DESCRIPTION + "environmental-management-ita", "ESP", "training", DAY),
        "comparison": compare(store, *HELD),
        "profile": learner_profile(store, HELD, StackPolicy(on=DAY)),
        "coverage": coverage_of(store, HELD),
    }


KINDS = ["levels", "stackability", "recognition", "comparison", "profile", "coverage"]


def escape(text: str) -> str:
    """Return a text as the templates escape it."""
    return str(markupsafe.escape(text))


def test_a_stack_is_judged_the_same_again_from_its_question(store: EmbeddedStore) -> None:
    answer = stackability(store, HELD, TECHNICIAN, StackPolicy(preset="ESP", threshold=0.9), explain=True)
    asked = json.loads(json.dumps(answer.question))
    policy = StackPolicy.model_validate(asked["policy"])
    again = stackability(store, asked["credentials"], asked["target"], policy, explain=asked["explain"])
    assert again == answer
    assert again.id == answer.id


def test_recognition_is_answered_the_same_again_from_its_question(store: EmbeddedStore) -> None:
    answer = recognition(store, DESCRIPTION + "solar-bgr", "ITA", "academic")
    asked = {name: str(value) for name, value in answer.question.items()}
    again = recognition(store, asked["credential"], asked["country"], "academic", date.fromisoformat(asked["on"]))
    assert again == answer


def test_the_order_in_which_credentials_are_named_is_no_part_of_the_question(store: EmbeddedStore) -> None:
    one, other = stackability(store, HELD, TECHNICIAN), stackability(store, HELD[::-1], TECHNICIAN)
    assert one.id == other.id


def test_another_question_has_another_identity(store: EmbeddedStore) -> None:
    assert len({answer.id for answer in answers(store).values()}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_json_ld_says_which_statements_and_which_dataset_version_an_answer_derives_from(
    store: EmbeddedStore, kind: str
) -> None:
    answer = answers(store)[kind]
    graph = Store()
    graph.load(json.dumps(as_json_ld(answer)).encode(), format=RdfFormat.JSON_LD)
    rows = graph.query(
        """
        PREFIX mg: <https://w3id.org/mastery-graph/ns#>
        PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        SELECT DISTINCT ?rule ?outcome ?subject ?predicate ?object ?graph
        WHERE {
          ?answer a mg:Answer ; mg:criterion ?criterion ; prov:wasDerivedFrom ?version, ?statement .
          ?version mg:contentHash ?hash .
          ?criterion mg:appliesRule ?rule ; mg:outcome ?outcome ; prov:wasDerivedFrom ?statement .
          ?statement rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; mg:statedIn ?graph .
        }"""
    )
    found = {tuple(getattr(term, "value", str(term)) for term in row) for row in rows}  # type: ignore[union-attr]
    said = {
        (each.page, each.outcome.value, quad.subject, quad.predicate, quad.object, quad.graph)
        for each in answer.criteria
        for quad in each.evidence
        if quad.object_type != "blank"
    }
    assert said
    assert said <= found


@pytest.mark.parametrize("kind", KINDS)
def test_json_ld_holds_the_json_answer_whole(store: EmbeddedStore, kind: str) -> None:
    answer = answers(store)[kind]
    linked = as_json_ld(answer)
    for name, value in answer.model_dump(mode="json").items():
        if name not in {"criteria", "dataset"}:
            assert linked[name] == value
    assert [each["explanation"] for each in linked["criteria"]] == [each.explanation for each in answer.criteria]


def _evidence_note(answer: Answer, criterion: Criterion) -> str:
    """Return what the text adds to a criterion whose evidence is weighed: its strength, and who says it."""
    if not isinstance(answer, Stackability | Recognition) or criterion.strength is Strength.NONE:
        return ""
    origins = {quad.origin for quad in criterion.evidence}
    return f" [{criterion.strength.value}: {', '.join(origin.value for origin in Origin if origin in origins)}]"


@pytest.mark.parametrize("kind", KINDS)
def test_every_face_tells_the_verdict_and_every_criterion(store: EmbeddedStore, kind: str) -> None:
    answer = answers(store)[kind]
    assert {each.outcome.value for each in answer.criteria} - {"met"}
    lines = as_text(answer).splitlines()
    assert lines[:2] == [answer.verdict, answer.summary]
    assert [
        line.split(maxsplit=2) for line in lines if line.split(" ", 1)[0] in {one.rule for one in answer.criteria}
    ] == [[each.rule, each.outcome.value, each.explanation + _evidence_note(answer, each)] for each in answer.criteria]
    page = as_html(answer)
    assert f"<strong>{answer.verdict}</strong>" in page
    assert f"<p>{escape(answer.summary)}</p>" in page
    judged = rows(page)[-len(answer.criteria) :]
    for criterion, (rule, outcome, strength, why) in zip(answer.criteria, judged, strict=True):
        assert rule == f"{criterion.rule}{criterion.title}"
        assert outcome == criterion.outcome.value
        assert strength == criterion.strength.value
        assert why.startswith(f"{criterion.explanation} {criterion.source}")
    for face in (lines[-2], page):
        assert answer.dataset.content_hash[:16] in face
    assert lines[-1] == answer.disclaimer
    assert escape(answer.disclaimer) in page


@pytest.mark.parametrize("kind", KINDS)
def test_html_gives_each_statement_that_a_criterion_is_based_on_with_its_graph_and_its_sources(
    store: EmbeddedStore, kind: str
) -> None:
    answer = answers(store)[kind]
    judged = rows(as_html(answer))[-len(answer.criteria) :]
    cited = 0
    for criterion, (*_, why) in zip(answer.criteria, judged, strict=True):
        place = 0
        for quad in criterion.evidence:
            sources = "".join(f"; source: {source.title or source.iri}" for source in quad.sources)
            statement = f"{quad.subject} {quad.predicate} {quad.object} in {quad.graph} ({quad.origin.value}){sources}"
            place = why.index(" ".join(statement.split()), place)
            cited += bool(quad.sources)
    assert cited


def test_a_counterpart_without_a_label_is_called_by_its_iri(store: EmbeddedStore) -> None:
    own = MemoryStore.copy_of(store)
    own.update("""
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        INSERT DATA { GRAPH <urn:mappings> { <https://example.org/a> skos:exactMatch <https://example.org/b> } }""")
    answer = equivalent_skills(own, "https://example.org/a")
    own.close()
    assert "  - https://example.org/b (exactMatch" in as_text(answer)
    assert "https://example.org/b" in cells(as_html(answer))


@pytest.mark.parametrize("kind", ["comparison", "profile", "coverage"])
def test_a_table_reads_back_from_csv_as_it_is(store: EmbeddedStore, kind: str) -> None:
    answer = answers(store)[kind]
    rows = list(csv.DictReader(io.StringIO(as_csv(answer))))
    assert len(rows) == len(answer.table()) > 0
    assert [next(iter(row.values())) for row in rows] == [str(next(iter(row.values()))) for row in answer.table()]


def test_a_title_that_is_a_formula_is_no_formula_in_the_table(store: EmbeddedStore) -> None:
    context = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
    outcome = {"type": "LearningOutcome", "title": {"en": "=HYPERLINK(1)"}}
    document = read_value({"@context": context, "type": "Qualification", "learningOutcome": [outcome]})
    assert "'=HYPERLINK(1)" in as_csv(compare(store, document, HELD[0]))
