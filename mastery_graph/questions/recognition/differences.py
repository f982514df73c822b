"""Differences: each shortfall with what is required, what was found, and whether it may be substantial.

A qualification is recognised unless a substantial difference is shown, and who denies recognition has to show it
(Lisbon Recognition Convention, Articles IV.1, V.1 and VI.1; III.3 on the burden). The aspects in which a difference may
be substantial are level, workload, quality, profile and learning outcomes (EAR manual). Whether a difference is
substantial is for the competent authority to decide: this service names the criterion that indicates it.
"""

from collections.abc import Iterable
from typing import Literal

from mastery_graph.languages import Message
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.purposes import Purpose
from mastery_graph.questions.rules import Rules
from mastery_graph.records import Record


class Difference(Record):
    """A criterion that is unmet, as a difference in one aspect of a qualification."""

    criterion: str
    """The id of the rule."""
    aspect: Localized
    asked: Localized
    found: Localized
    substantial: Literal["may-be", "not-by-itself"]
    """`may-be` where an unmet criterion decides for the purpose, `not-by-itself` where it supports and does not decide.

    Neither value states that the difference is, or is not, substantial: the competent authority decides that.
    """
    sentence: Localized


def differences(criteria: Iterable[Criterion], rules: Rules, purpose: Purpose) -> tuple[Difference, ...]:
    """Return the differences of unmet criteria, in the order of the rules; only those with an aspect.

    What is unknown is a request for information and no difference.
    """
    return tuple(
        difference
        for criterion in criteria
        if criterion.outcome is Outcome.UNMET and (difference := _difference(criterion, rules, purpose)) is not None
    )


def _difference(criterion: Criterion, rules: Rules, purpose: Purpose) -> Difference | None:
    rule = rules[criterion.rule]
    if rule.aspect is None or rule.expects is None:
        return None
    decides = purpose.code in rule.decisive
    weight = Message("decides") if decides else Message("supports the answer, and does not decide")
    conclusion = (
        Message("The difference may be substantial; the competent authority weighs it")
        if decides
        else Message("There is a difference; the competent authority weighs it")
    )
    return Difference(
        criterion=criterion.rule,
        aspect=rule.aspect,
        asked=rule.expects,
        found=criterion.explanation,
        substantial="may-be" if decides else "not-by-itself",
        sentence=Message(
            "{aspect}. Required: {asked}. Found: {found} {conclusion}: for the purpose {purpose} {rule} {weight}.",
            aspect=rule.aspect,
            asked=rule.expects,
            found=criterion.explanation,
            conclusion=conclusion,
            purpose=purpose.name,
            rule=criterion.rule,
            weight=weight,
        ),
    )
