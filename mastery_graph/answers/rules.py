"""The rules by which answers judge, as the graph describes them: title, source, weight, and what mends a shortfall."""

from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from mastery_graph.answers.answer import Criterion, Evidence, Outcome
from mastery_graph.answers.evidence import text
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID, NS


@dataclass(slots=True)
class Rule:
    """One rule. `decisive` and `supporting` hold the purposes of recognition for which it weighs."""

    title: str
    source: str
    mending: str | None
    expects: str | None = None
    """What is asked, as a phrase."""
    aspect: str | None = None
    """In which aspect a criterion that is not met is a difference."""
    decisive: set[str] = field(default_factory=set)
    supporting: set[str] = field(default_factory=set)
    actors: list[str] = field(default_factory=list)
    visions: list[str] = field(default_factory=list)


class Rules:
    """The rules of one kind of answer, by their ids."""

    def __init__(self, store: Store, *ids: str) -> None:
        """Read the rules with these ids from the graph."""
        self._rules: dict[str, Rule] = {}
        for row in store.select(
            named_query("evidence/rules").text, {"rule": [NamedNode(rule_iri(rule)) for rule in ids]}
        ):
            values = {name: text(value) for name, value in row.items()}
            described = Rule(
                values["title"], values["source"], values.get("mending"), values.get("expects"), values.get("aspect")
            )
            rule = self._rules.setdefault(values["id"], described)
            if weight := values.get("weight"):
                (rule.decisive if weight == NS + "decisiveFor" else rule.supporting).add(values["purpose"])
            for name, seen in (("actor", rule.actors), ("vision", rule.visions)):
                if name in values and values[name] not in seen:
                    seen.append(values[name])

    def __getitem__(self, rule: str) -> Rule:
        """Return the rule with this id. Raises `KeyError` where the graph lacks it."""
        return self._rules[rule]

    def criterion(
        self, rule: str, outcome: Outcome, explanation: str, evidence: tuple[Evidence, ...] = ()
    ) -> Criterion:
        """Return the criterion that applies one rule. Raises `KeyError` for a rule that the graph lacks."""
        described = self[rule]
        return Criterion(
            rule=rule,
            title=described.title,
            outcome=outcome,
            explanation=explanation,
            evidence=evidence,
            source=described.source,
            page=rule_iri(rule),
        )


def rule_iri(rule: str) -> str:
    """Return the IRI of a rule.

    >>> rule_iri("LEVEL-1")
    'https://w3id.org/mastery-graph/id/rule/LEVEL-1'
    """
    return f"{ID}rule/{rule}"
