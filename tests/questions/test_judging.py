"""All answers judge in one way: a table of rules, each with the function that judges a case by it."""

from importlib import import_module

import pytest

from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Outcome
from mastery_graph.questions.judging.stated_level import supported_level
from mastery_graph.questions.rules import Rules
from mastery_graph.rdf import term_text
from mastery_graph.store.embedded import EmbeddedStore

TABLES = {
    "recognition.criteria": "REC-",
    "stackability.criteria": "STACK-",
    "comparison": "COMPARE-",
    "coverage": "COVERAGE-",
    "profile": "PROFILE-",
    "equivalence.skills": "SKILL-",
    "equivalence.levels": "LEVEL-",
    "equivalence.level_tables": "LEVEL-",
    "mapping": "MAP-",
    "esco.replacement": "ESCO-",
    "recognition_statements.applicability": "STATEMENT-",
}


@pytest.mark.parametrize(("module", "prefix"), TABLES.items())
def test_a_table_of_rules_has_only_rules_of_the_graph(store: EmbeddedStore, module: str, prefix: str) -> None:
    judges = import_module(f"mastery_graph.questions.{module}").RULES
    rules = Rules(store, *judges)
    assert judges
    assert all(rule.startswith(prefix) and rules[rule].title for rule in judges)


def test_criteria_are_in_the_order_of_the_table(store: EmbeddedStore) -> None:
    judges = {
        "STACK-LEVEL": lambda case: (Outcome.MET, case),
        "STACK-OUTCOMES": lambda case: (Outcome.UNMET, case),
    }
    criteria = list(Rules(store, *judges).judge(judges, "why"))
    assert [(criterion.rule, criterion.outcome) for criterion in criteria] == [
        ("STACK-LEVEL", Outcome.MET),
        ("STACK-OUTCOMES", Outcome.UNMET),
    ]


@pytest.mark.parametrize(
    ("claimed", "referenced", "accept_claims", "level"),
    [
        ([5], [], False, None),
        ([5], [], True, 5),
        ([5], [5], False, 5),
        ([5], [6], True, None),
        ([], [5, 6], True, None),
        ([], [], True, None),
    ],
)
def test_a_level_counts_where_a_referencing_supports_it(
    claimed: list[int], referenced: list[int], accept_claims: bool, level: int | None
) -> None:
    assert supported_level(claimed, referenced, accept_claims=accept_claims) == level


def test_each_rule_of_the_graph_is_judged_by_a_table(store: EmbeddedStore) -> None:
    judged = {rule for module in TABLES for rule in import_module(f"mastery_graph.questions.{module}").RULES}
    assert len(judged) >= 45
    assert judged == {term_text(row["id"]) for row in store.select(named_query("evidence/rules").text)}
