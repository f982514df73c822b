"""Actions: for each reason, what would change the criterion and who can; the remedies in the graph, all used."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

import mastery_graph.questions
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.recognition import Action, recognition
from mastery_graph.questions.recognition.actions import actions, remedies_of
from mastery_graph.questions.recognition.criteria import RULES
from mastery_graph.questions.remedies import read_remedies
from mastery_graph.questions.rules import Rules
from mastery_graph.resources import folder
from mastery_graph.store.embedded import EmbeddedStore
from mastery_graph.vocabulary import ID, NS, RDF
from tests.conftest import DESCRIPTION
from tests.questions.test_claims import DAY, ask


def test_each_remedy_is_used_and_each_that_is_used_is_in_the_graph(store: EmbeddedStore) -> None:
    triples = [quad.triple for quad in parse(path=folder("ontology") / "remedies.ttl", format=RdfFormat.TURTLE)]
    known = {
        triple.subject.value.removeprefix(ID + "remedy/")
        for triple in triples
        if triple.predicate.value == RDF + "type" and triple.object.value == NS + "Remedy"
    }
    assert known
    code = "\n".join(_sources())
    assert {name for name in known if f'"{name}"' not in code} == set()
    remedies = read_remedies(store, known)
    assert {name for name, remedy in remedies.items() if not remedy.action or not remedy.actors} == set()


def _sources() -> Iterator[str]:
    for path in Path(mastery_graph.questions.__file__).parent.rglob("*.py"):
        yield path.read_text(encoding="utf-8")


def _actions_of(store: EmbeddedStore, country: str, purpose: str, slug: str) -> dict[str, Action]:
    answer = recognition(store, DESCRIPTION + slug, country, purpose, DAY)  # type: ignore[arg-type]
    return {action.criterion: action for action in answer.actions}


def test_a_policy_that_this_dataset_lacks_is_nothing_for_policy_makers(store: EmbeddedStore) -> None:
    action = _actions_of(store, "NOR", "training", "waste-on-site-ita")["REC-NATIONAL"]
    assert (action.action, action.actor) == (
        "Add the policy of this country on micro-credentials to the dataset.",
        "Maintainers of this dataset",
    )


def test_a_bare_description_asks_the_learner_for_the_credential_once(store: EmbeddedStore) -> None:
    listed = _actions_of(store, "FIN", "training", "waste-on-site-ita")
    assert [action.actor for action in listed.values() if "REC-VALIDITY" in action.criteria] == ["Learners"]
    assert listed["REC-IDENTIFICATION"].criteria == ("REC-IDENTIFICATION", "REC-AUTHENTICITY", "REC-VALIDITY")


def test_what_a_diploma_mill_claims_asks_for_a_register(store: EmbeddedStore) -> None:
    listed = {action.criterion: action for action in ask(store, "a-diploma-mill").actions}
    assert listed["REC-LEVEL"].action.startswith("State the level in a national framework")
    registers = [action for action in listed.values() if "mastery-graph load register" in action.action]
    assert [action.actor for action in registers] == ["Operator of this service"]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "REC-NATIONAL"])
def test_without_a_remedy_of_its_own_a_criterion_has_the_one_of_its_rule(store: EmbeddedStore, rule: str) -> None:
    rules = Rules(store, *RULES)
    criterion = Criterion(rule=rule, title=rule, outcome=Outcome.UNKNOWN, explanation="x")
    (action,) = actions([criterion], rules, remedies_of(store, [criterion], rules))
    assert action.action == rules[rule].mending
    assert len(re.findall(" and ", action.actor)) == len(rules[rule].actors) - 1
