"""The rules of answers as the graph describes them, and the way in which all answers judge by them.

A kind of answer has a table of its rules, in the order of the answer: the id of each rule with the function that judges
a case by it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pyoxigraph import NamedNode

from mastery_graph.languages import Labelled
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Criterion, Evidence, Outcome, Strength
from mastery_graph.questions.evidence import strength_of
from mastery_graph.rdf import Row, term_text
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ID

Judgement = (
    tuple[Outcome, str]
    | tuple[Outcome, str, tuple[Evidence, ...]]
    | tuple[Outcome, str, tuple[Evidence, ...], Strength | None]
    | tuple[Outcome, str, tuple[Evidence, ...], Strength | None, str | None]
)
"""An outcome with its explanation, its evidence, its strength where that does not follow from the evidence, and the
remedy (see `questions/remedies.py`) where the reason needs another one than the rule's own."""
Case = TypeVar("Case")
"""What is judged: a credential and a destination, a stack and a target, two descriptions …"""
Judge = Callable[[Case], Judgement]
"""The judgement of a case by one rule."""


@dataclass(slots=True)
class Rule:
    """One rule. `decisive` and `supporting` are the purposes of recognition for which it has that weight."""

    title: str
    source: str
    mending: str | None
    expects: str | None = None
    """The requirement, as a phrase."""
    aspect: str | None = None
    """The aspect in which a criterion that is not met counts as a difference."""
    decisive: set[str] = field(default_factory=set)
    supporting: set[str] = field(default_factory=set)
    actors: list[str] = field(default_factory=list)
    visions: list[str] = field(default_factory=list)


class Rules:
    """The rules of one kind of answer, by their ids."""

    def __init__(self, store: Store, *ids: str) -> None:
        """Read the rules with these ids from the graph."""
        rows_by_rule: dict[str, list[Row]] = {}
        for row in store.select(
            named_query("evidence/rules").text, {"rule": [NamedNode(rule_iri(rule)) for rule in ids]}
        ):
            rows_by_rule.setdefault(term_text(row["id"]), []).append(row)
        self._rules = {rule: _rule(rows) for rule, rows in rows_by_rule.items()}

    def __getitem__(self, rule: str) -> Rule:
        """Return the rule with this id. Raises `KeyError` if the graph does not have it."""
        return self._rules[rule]

    def judge(self, judges: Mapping[str, Judge[Case]], case: Case) -> Iterator[Criterion]:
        """Yield the criterion of each rule, in the order of `judges`."""
        for rule, judgement in judges.items():
            yield self._criterion(rule, *judgement(case))

    def _criterion(  # noqa: PLR0917 - the parts of a judgement, in its order
        self,
        rule: str,
        outcome: Outcome,
        explanation: str,
        evidence: tuple[Evidence, ...] = (),
        strength: Strength | None = None,
        remedy: str | None = None,
    ) -> Criterion:
        """Return the criterion of one rule; `strength` defaults to the strength of the evidence.

        Raises `KeyError` for a rule that the graph does not have.
        """
        definition = self[rule]
        return Criterion(
            rule=rule,
            title=definition.title,
            outcome=outcome,
            explanation=explanation,
            strength=strength_of(outcome, evidence) if strength is None else strength,
            evidence=evidence,
            source=definition.source,
            page=rule_iri(rule),
            remedy=remedy if outcome in {Outcome.UNMET, Outcome.UNKNOWN} else None,
        )


def judge(store: Store, judges: Mapping[str, Judge[Case]], case: Case) -> tuple[Criterion, ...]:
    """Return the criterion of each rule of a table, in its order."""
    return tuple(Rules(store, *judges).judge(judges, case))


def _rule(rows: Iterable[Row]) -> Rule:
    texts: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows:
        texts_of_property = texts.setdefault(term_text(row["about"]), {})
        name = term_text(row["thing"]) if "thing" in row else "" if _language(row) else term_text(row["value"])
        texts_of_property.setdefault(name, {})[_language(row)] = term_text(row["value"])

    def labels(about: str) -> list[str]:
        return sorted(Labelled(by_language) for by_language in texts.get(about, {}).values())

    def first(about: str) -> str | None:
        return next(iter(labels(about)), None)

    return Rule(
        title=first("title") or "",
        source=first("source") or "",
        mending=first("mending"),
        expects=first("expects"),
        aspect=first("aspect"),
        decisive=set(labels("decisive")),
        supporting=set(labels("supporting")),
        actors=labels("actor"),
        visions=labels("vision"),
    )


def _language(row: Row) -> str:
    return getattr(row["value"], "language", None) or ""


def rule_iri(rule: str) -> str:
    """Return the IRI of a rule.

    >>> rule_iri("LEVEL-1")
    'https://w3id.org/mastery-graph/id/rule/LEVEL-1'
    """
    return f"{ID}rule/{rule}"
