"""Recognition statements: what they settle, whom they bind, and what is left alone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from mastery_graph.errors import BadSource, GraphCheckFailed
from mastery_graph.pipeline.build import replace_graph
from mastery_graph.pipeline.checks import check
from mastery_graph.questions.answer import Outcome, criterion_of
from mastery_graph.questions.equivalence.levels import find_level
from mastery_graph.questions.purposes import purpose_types
from mastery_graph.questions.recognition import Recognition, recognition
from mastery_graph.questions.recognition_statements.applicability import Applicability, apply_statements
from mastery_graph.questions.recognition_statements.records import recognition_statements
from mastery_graph.questions.stackability import Stackability, stackability
from mastery_graph.resources import folder
from mastery_graph.sources.recognition_statements import COLUMNS, merge_statements, read_recognition_statements
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.store.memory import MemoryStore
from mastery_graph.vocabulary import graph
from tests.conftest import DESCRIPTION

WASTE = DESCRIPTION + "waste-on-site-ita"
ENERGY = DESCRIPTION + "energy-audit-irl"
TARGET = DESCRIPTION + "green-site-technician-irl"
CARBON = DESCRIPTION + "carbon-footprint-bel"
ESCO_SKILL = "http://data.europa.eu/esco/skill/ae6d655d-bbce-4701-ba04-d687cfa90eda"
EVERY_PURPOSE = "academic;training;employment"
NO_LEVEL = DESCRIPTION + "awareness-workshop"
UNIVERSITY = "https://example.org/university"
COLLEGE = "https://example.org/college"
DAY = date(2026, 6, 1)
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def copied(store: EmbeddedStore) -> Iterator[MemoryStore]:
    copy = MemoryStore.copy_of(store)
    yield copy
    copy.close()


@pytest.fixture
def own(copied: MemoryStore) -> MemoryStore:
    """The real graph without a statement, for a test to add its own."""
    replace_graph(copied, graph("statements"), [])
    return copied


def table(folder_: Path, *rows: dict[str, str]) -> Path:
    file = folder_ / "statements.csv"
    usual = {
        "stated_by": UNIVERSITY,
        "stated_by_name": "Example University",
        "accepts": WASTE,
        "decision": "accepted",
        "purposes": "academic;training",
        "in_force_from": "2026-01-01",
        "source": "https://example.org/register",
    }
    lines = [",".join(COLUMNS)]
    for number, row in enumerate(rows):
        full = usual | {"statement": f"https://example.org/statement/{number}"} | row
        lines.append(",".join(full.get(column, "") for column in COLUMNS))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def add(store: EmbeddedStore, folder_: Path, *rows: dict[str, str]) -> None:
    triples = read_recognition_statements(table(folder_, *rows))
    check([*triples, *purpose_types(store)], folder("shapes") / "statements.ttl")
    replace_graph(store, graph("statements"), triples)


def level(store: EmbeddedStore, name: str) -> str:
    return find_level(store, name).uri


def ask(store: EmbeddedStore, credential: str = WASTE, **more: Any) -> Recognition:
    asked = {"purpose": "academic", "on": DAY, "body": UNIVERSITY} | more
    return recognition(store, credential, "FIN", **asked)


def stack(
    store: EmbeddedStore, *credentials: str, body: str | None = UNIVERSITY, purpose: str | None = None
) -> Stackability:
    return stackability(store, credentials, TARGET, purpose=purpose, body=body)


def test_a_statement_that_applies_settles_its_criterion_and_is_cited_first(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepted_as": level(own, "FiNQF Level 6")})
    answer = ask(own)
    assert answer.criteria[0].rule == "STATEMENT-1"
    criterion = criterion_of(answer.criteria, "REC-LEVEL")
    assert criterion.outcome is Outcome.MET
    assert criterion.explanation.startswith("Settled by a recognition statement")
    assert criterion.evidence[0].subject == "https://example.org/statement/0"
    assert criterion.evidence[0].graph == graph("statements")


def test_a_statement_settles_nothing_else(own: MemoryStore, store: EmbeddedStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepted_as": level(own, "FiNQF Level 6")})
    with_statement = {one.rule: one.outcome for one in ask(own).criteria if not one.rule.startswith("STATEMENT")}
    without = {one.rule: one.outcome for one in ask(store).criteria}
    assert {rule for rule in without if without[rule] != with_statement[rule]} <= {"REC-LEVEL"}


def test_a_level_without_referencing_is_settled_by_who_accepts_it(own: MemoryStore, tmp_path: Path) -> None:
    unreferenced = level(own, "BH NQF Level 5")
    described = next(iri for iri in (row["d"].value for row in own.select(BY_LEVEL.replace("LEVEL", unreferenced))))
    assert ask(own, described).verdict == "not-comparable"
    add(own, tmp_path, {"accepts": unreferenced, "accepted_as": level(own, "FiNQF Level 5")})
    answer = ask(own, described)
    assert criterion_of(answer.criteria, "REC-LEVEL").outcome is Outcome.MET
    assert answer.verdict != "not-comparable"


BY_LEVEL = "SELECT ?d WHERE { ?d <http://data.europa.eu/snb/model/elm/NQFLevel> <LEVEL> }"


def test_a_refusal_settles_too(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepted_as": level(own, "FiNQF Level 5"), "decision": "not-accepted"})
    answer = ask(own)
    assert criterion_of(answer.criteria, "REC-LEVEL").outcome is Outcome.UNMET
    assert answer.verdict == "conditional"


def test_a_refusal_of_another_level_is_shown_and_does_not_settle_the_level(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepts": CARBON, "accepted_as": level(own, "EQF 7"), "decision": "not-accepted"})
    answer = ask(own, CARBON, accept_claims=True)
    assert [one.standing for one in answer.statements] == [Applicability.APPLIES]
    criterion = criterion_of(answer.criteria, "REC-LEVEL")
    assert criterion.outcome is Outcome.MET
    assert criterion.explanation.startswith("A recognition statement applies, and does not settle this")
    assert criterion.evidence[0].subject == "https://example.org/statement/0"
    assert answer.verdict == "recognisable"


@pytest.mark.parametrize("refused", ["FiNQF Level 6", "EQF 6"])
def test_a_refusal_of_the_level_that_compares_settles_the_level(own: MemoryStore, tmp_path: Path, refused: str) -> None:
    add(own, tmp_path, {"accepts": CARBON, "accepted_as": level(own, refused), "decision": "not-accepted"})
    assert criterion_of(ask(own, CARBON).criteria, "REC-LEVEL").outcome is Outcome.UNMET


@pytest.mark.parametrize(
    ("refused", "outcome"),
    [(("IE NQF Level 8",), Outcome.MET), (("IE NQF Level 7", "IE NQF Level 8"), Outcome.UNMET)],
)
def test_refusals_settle_the_level_where_they_leave_none_that_compares(
    own: MemoryStore, tmp_path: Path, refused: tuple[str, ...], outcome: Outcome
) -> None:
    rows = [{"accepts": CARBON, "accepted_as": level(own, name), "decision": "not-accepted"} for name in refused]
    add(own, tmp_path, *rows)
    answer = recognition(own, CARBON, "IRL", "academic", DAY, body=UNIVERSITY, accept_claims=True)
    assert criterion_of(answer.criteria, "REC-LEVEL").outcome is outcome
    assert criterion_of(answer.criteria, "STATEMENT-4").outcome is Outcome.MET


def test_a_refusal_of_a_level_settles_nothing_where_no_level_is_stated(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepts": NO_LEVEL, "accepted_as": level(own, "FiNQF Level 5"), "decision": "not-accepted"})
    without = ask(own, NO_LEVEL, body=None)
    answer = ask(own, NO_LEVEL)
    assert criterion_of(without.criteria, "REC-LEVEL").outcome is Outcome.UNKNOWN
    assert criterion_of(answer.criteria, "REC-LEVEL").outcome is Outcome.UNKNOWN
    assert answer.verdict == without.verdict


def test_a_refusal_as_one_skill_takes_no_stated_outcome_away(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepts": CARBON, "accepted_as": ESCO_SKILL, "decision": "not-accepted"})
    answer = ask(own, CARBON, accept_claims=True)
    criterion = criterion_of(answer.criteria, "REC-OUTCOMES")
    assert criterion.outcome is Outcome.MET
    assert "takes no stated outcome away" in criterion.explanation
    assert answer.verdict == "recognisable"


@pytest.mark.parametrize(
    ("accepted_as", "outcome"),
    [(ESCO_SKILL, Outcome.MET), ("an outcome", Outcome.MET), ("https://example.org/skill", Outcome.UNKNOWN)],
)
def test_an_acceptance_settles_the_outcomes_where_it_leads_to_esco(
    own: MemoryStore, tmp_path: Path, accepted_as: str, outcome: Outcome
) -> None:
    named = stack(own, ENERGY).outcomes[0].outcome if accepted_as == "an outcome" else accepted_as
    add(own, tmp_path, {"accepted_as": named})
    answer = ask(own)
    assert [one.standing for one in answer.statements] == [Applicability.APPLIES]
    silent = criterion_of(ask(own, body=None).criteria, "REC-OUTCOMES").model_copy(update={"outcome": Outcome.UNKNOWN})
    assert apply_statements(answer.statements, "outcomes", silent, own, ()).outcome is outcome


def test_a_statement_names_a_level_by_its_label(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepted_as": level(own, "FiNQF Level 5")})
    answer = ask(own)
    assert "as FiNQF Level 5 (" in criterion_of(answer.criteria, "STATEMENT-1").explanation
    assert "as FiNQF Level 5 (" in criterion_of(answer.criteria, "REC-LEVEL").explanation


@pytest.mark.parametrize(
    ("row", "asked", "standing"),
    [
        ({}, {}, Applicability.APPLIES),
        ({"followed_by": COLLEGE}, {"body": COLLEGE}, Applicability.APPLIES),
        ({}, {"body": COLLEGE}, Applicability.HINT),
        ({}, {"body": None}, Applicability.HINT),
        ({}, {"purpose": "employment"}, Applicability.DOES_NOT_APPLY),
        ({"in_force_from": "2027-01-01"}, {}, Applicability.DOES_NOT_APPLY),
        ({"in_force_until": "2026-05-31"}, {}, Applicability.DOES_NOT_APPLY),
        ({"in_force_until": "2026-06-01"}, {}, Applicability.APPLIES),
        ({"issued_since": "2025-01-01"}, {}, Applicability.UNKNOWN),
        ({"grade_at_least": "3"}, {}, Applicability.UNKNOWN),
        ({"awarding_body": "https://example.org/other"}, {}, Applicability.DOES_NOT_APPLY),
        (
            {"awarding_body": "https://w3id.org/mastery-graph/id/organisation/po-valley-academy"},
            {},
            Applicability.APPLIES,
        ),
    ],
)
def test_a_statement_is_worth_what_its_conditions_and_its_body_say(
    own: MemoryStore, tmp_path: Path, row: dict[str, str], asked: dict[str, Any], standing: Applicability
) -> None:
    add(own, tmp_path, {"accepted_as": level(own, "FiNQF Level 6"), **row})
    answer = ask(own, **asked)
    assert [one.standing for one in answer.statements] == [standing]
    settled = "Settled by" in criterion_of(answer.criteria, "REC-LEVEL").explanation
    assert settled is (standing is Applicability.APPLIES)


@pytest.mark.parametrize(("since", "standing"), [("2024-01-01", "applies"), ("2025-01-01", "does-not-apply")])
def test_the_date_of_issuing_is_judged_where_it_is_stated(
    own: MemoryStore, tmp_path: Path, since: str, standing: str
) -> None:
    issued = DESCRIPTION + "issued-waste-aino"
    add(own, tmp_path, {"accepts": issued, "accepted_as": level(own, "FiNQF Level 6"), "issued_since": since})
    assert [one.standing.value for one in ask(own, issued).statements] == [standing]


def test_two_statements_that_contradict_each_other_are_both_shown_and_settle_nothing(
    own: MemoryStore, tmp_path: Path
) -> None:
    add(
        own,
        tmp_path,
        {"accepted_as": level(own, "FiNQF Level 5")},
        {"accepted_as": level(own, "FiNQF Level 6")},
    )
    answer = ask(own)
    assert [one.standing for one in answer.statements] == [Applicability.CONTRADICTED, Applicability.CONTRADICTED]
    assert criterion_of(answer.criteria, "STATEMENT-4").outcome is Outcome.UNMET
    assert "Settled by" not in criterion_of(answer.criteria, "REC-LEVEL").explanation
    assert answer.verdict == "recognisable"


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        (("accepted", "FiNQF Level 5"), ("not-accepted", "FiNQF Level 5"), True),
        (("accepted", "FiNQF Level 5"), ("not-accepted", "EQF 5"), True),
        (("accepted", "EQF 5"), ("not-accepted", "FiNQF Level 5"), True),
        (("accepted", "FiNQF Level 5"), ("not-accepted", "EQF 6"), False),
        (("not-accepted", "EQF 7"), ("not-accepted", "EQF 8"), False),
        (("accepted", "FiNQF Level 5"), ("accepted", "EQF 6"), True),
        (("accepted", "FiNQF Level 5"), ("accepted", "EQF 5"), False),
        (("accepted", "IE NQF Level 7"), ("accepted", "IE NQF Level 8"), False),
        (("accepted", "IE NQF Level 7"), ("not-accepted", "IE NQF Level 8"), False),
        (("accepted", "BH NQF Level 5"), ("accepted", "BH NQF Level 6"), True),
        (("accepted", "BH NQF Level 5"), ("not-accepted", "BH NQF Level 6"), False),
        (("accepted", "BH NQF Level 5"), ("accepted", "EQF 5"), False),
    ],
)
def test_two_statements_on_a_level_contradict_each_other_where_both_cannot_hold(
    own: MemoryStore, tmp_path: Path, first: tuple[str, str], second: tuple[str, str], contradict: bool
) -> None:
    add(own, tmp_path, *({"decision": said, "accepted_as": level(own, name)} for said, name in (first, second)))
    one, other = recognition_statements(own)
    assert one.contradicts(other) is contradict
    assert other.contradicts(one) is contradict


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        (("accepted", "3"), ("accepted", "4"), True),
        (("accepted", "3"), ("not-accepted", "3"), True),
        (("accepted", "3"), ("not-accepted", "4"), False),
        (("accepted", "4"), ("not-accepted", "3"), True),
        (("not-accepted", "3"), ("not-accepted", "4"), False),
    ],
)
def test_two_statements_on_credits_contradict_each_other_where_both_cannot_hold(
    own: MemoryStore, tmp_path: Path, first: tuple[str, str], second: tuple[str, str], contradict: bool
) -> None:
    add(own, tmp_path, *({"decision": said, "credits": ects, "target": TARGET} for said, ects in (first, second)))
    one, other = recognition_statements(own)
    assert one.contradicts(other) is contradict
    assert other.contradicts(one) is contradict


def test_an_acceptance_settles_beside_a_refusal_of_another_level(own: MemoryStore, tmp_path: Path) -> None:
    add(
        own,
        tmp_path,
        {"accepted_as": level(own, "FiNQF Level 5")},
        {"accepted_as": level(own, "EQF 6"), "decision": "not-accepted"},
    )
    answer = ask(own)
    assert [one.standing for one in answer.statements] == [Applicability.APPLIES, Applicability.APPLIES]
    assert criterion_of(answer.criteria, "STATEMENT-4").outcome is Outcome.MET
    assert criterion_of(answer.criteria, "REC-LEVEL").explanation.startswith("Settled by a recognition statement")


def test_a_statement_on_another_countrys_level_is_not_about_this_question(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepted_as": level(own, "IE NQF Level 6")})
    assert ask(own).statements == ()


def test_accepted_credits_count_towards_their_target(own: MemoryStore, tmp_path: Path) -> None:
    add(own, tmp_path, {"accepts": ENERGY, "credits": "1.5", "target": TARGET, "purposes": EVERY_PURPOSE})
    answer = stack(own, WASTE, ENERGY)
    assert (answer.credits.recognised.lower, answer.credits.recognised.upper) == (3.5, 3.9)
    assert criterion_of(answer.criteria, "STACK-WORKLOAD").outcome is Outcome.UNMET
    assert stack(own, WASTE, ENERGY, body=None).credits.recognised.lower == 5.0


@pytest.mark.parametrize(("refused", "counted"), [("3", 0.0), ("2", 0.0), ("4", 3.0)])
def test_a_refusal_of_credits_says_nothing_of_fewer(
    own: MemoryStore, tmp_path: Path, refused: str, counted: float
) -> None:
    assert stack(own, ENERGY).credits.recognised.lower == 3.0
    refusal = {"accepts": ENERGY, "credits": refused, "target": TARGET, "decision": "not-accepted"}
    add(own, tmp_path, refusal | {"purposes": EVERY_PURPOSE})
    assert stack(own, ENERGY).credits.recognised.lower == counted


def test_a_statement_for_one_purpose_counts_in_a_stack_that_is_asked_for_it(own: MemoryStore, tmp_path: Path) -> None:
    before = stack(own, ENERGY)
    add(own, tmp_path, {"accepts": ENERGY, "credits": "4", "target": TARGET, "purposes": "employment"})
    answer = stack(own, ENERGY)
    assert [one.standing for one in answer.statements] == [Applicability.UNKNOWN]
    assert "the question names no purpose" in criterion_of(answer.criteria, "STATEMENT-2").explanation
    assert criterion_of(answer.criteria, "STATEMENT-2").outcome is Outcome.UNKNOWN
    assert answer.credits == before.credits
    asked_for = stack(own, ENERGY, purpose="employment")
    assert [one.standing for one in asked_for.statements] == [Applicability.APPLIES]
    assert asked_for.question["purpose"] == "employment"
    assert asked_for.credits.recognised.lower == 4.0
    for_another = stack(own, ENERGY, purpose="academic")
    assert [one.standing for one in for_another.statements] == [Applicability.DOES_NOT_APPLY]
    assert for_another.credits == before.credits


def test_an_outcome_that_is_accepted_is_covered(own: MemoryStore, tmp_path: Path) -> None:
    before = stack(own, ENERGY)
    missing = next(one for one in before.outcomes if one.status == "missing")
    add(own, tmp_path, {"accepts": ENERGY, "accepted_as": missing.outcome, "purposes": EVERY_PURPOSE})
    after = stack(own, ENERGY)
    assert next(one for one in after.outcomes if one.outcome == missing.outcome).covered_by == ENERGY
    assert after.coverage > before.coverage
    assert stack(own, ENERGY, body=COLLEGE).coverage == before.coverage


def test_an_outcome_that_is_not_accepted_is_not_counted(own: MemoryStore, tmp_path: Path) -> None:
    covered = next(one for one in stack(own, WASTE, ENERGY).outcomes if one.covered_by == ENERGY)
    refusal = {"accepts": ENERGY, "accepted_as": covered.outcome, "decision": "not-accepted"}
    add(own, tmp_path, refusal | {"purposes": EVERY_PURPOSE})
    after = stack(own, WASTE, ENERGY)
    assert next(one for one in after.outcomes if one.outcome == covered.outcome).covered_by != ENERGY


def test_the_documented_examples_are_taken_in_in_both_forms(own: MemoryStore) -> None:
    triples = merge_statements(
        read_recognition_statements(EXAMPLES / "statements.ttl"),
        read_recognition_statements(EXAMPLES / "statements.csv"),
    )
    check([*triples, *purpose_types(own)], folder("shapes") / "statements.ttl")
    replace_graph(own, graph("statements"), triples)
    assert len(recognition_statements(own)) == 2
    (one,) = recognition_statements(own, [WASTE])
    assert one.purposes == ("academic", "training")
    assert one.sources == ("https://example.org/register/2026-1",)


def test_a_statement_of_the_same_name_is_replaced_as_a_whole(tmp_path: Path) -> None:
    first = read_recognition_statements(table(tmp_path, {"accepted_as": "https://example.org/a"}))
    second = read_recognition_statements(table(tmp_path, {"accepted_as": "https://example.org/b"}))
    said = {
        triple.object.value
        for triple in merge_statements(first, second)
        if triple.predicate.value.endswith("acceptedAs")
    }
    assert said == {"https://example.org/b"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"accepted_as": ""}, "either as what"),
        ({"accepted_as": "https://example.org/a", "credits": "2", "target": TARGET}, "either as what"),
        ({"accepted_as": "https://example.org/a", "source": ""}, "names no source"),
        ({"accepted_as": "https://example.org/a", "purposes": "hobby"}, "purpose is not one of those"),
        ({"accepted_as": "https://example.org/a", "decision": "perhaps"}, "neither accepted nor not-accepted"),
        ({"accepted_as": "https://example.org/a", "in_force_until": "2020-01-01"}, "ends before it begins"),
        ({"credits": "-1", "target": TARGET}, "above 0"),
    ],
)
def test_a_statement_that_does_not_say_what_it_must_is_refused(
    store: EmbeddedStore, tmp_path: Path, row: dict[str, str], message: str
) -> None:
    triples = read_recognition_statements(table(tmp_path, row))
    with pytest.raises(GraphCheckFailed, match=message):
        check([*triples, *purpose_types(store)], folder("shapes") / "statements.ttl")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"accepts": "not an IRI"}, "row 2: accepts"),
        ({"credits": "many"}, "row 2: credits"),
        ({"in_force_from": "yesterday"}, "row 2: in_force_from"),
        ({"statement": "nothing"}, "row 2: statement"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, row: dict[str, str], message: str) -> None:
    with pytest.raises(BadSource, match=message):
        read_recognition_statements(table(tmp_path, row))


def test_a_file_without_a_statement_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no recognition statement"):
        read_recognition_statements(table(tmp_path))


def test_a_statement_within_a_loaded_credential_is_a_claim_and_counts_for_nothing(store: EmbeddedStore) -> None:
    copy = MemoryStore.copy_of(store)
    text = """
        PREFIX mg: <https://w3id.org/mastery-graph/ns#>
        PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        <urn:s> a mg:RecognitionStatement ; mg:statedBy <urn:body> ;
            mg:accepts <https://w3id.org/mastery-graph/id/description/waste-on-site-ita> ;
            mg:decision <https://w3id.org/mastery-graph/id/decision/accepted> ;
            mg:forPurpose <https://w3id.org/mastery-graph/id/purpose/training> ;
            mg:inForceFrom "2020-01-01"^^xsd:date ; dcterms:source <urn:source> .
        """
    triples = [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]
    copy.replace_graph(graph("credentials/claim"), triples)
    assert "urn:s" not in {statement.iri for statement in recognition_statements(copy)}
    copy.replace_graph(graph("statements"), triples)
    assert "urn:s" in {statement.iri for statement in recognition_statements(copy)}
    copy.close()
