"""Verdict and summary of a judged stack, and the criteria that decide the verdict."""

from mastery_graph.languages import N_, Joined, Message, Share, ngettext
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.stackability.criteria import RULES, Stack
from mastery_graph.questions.verdicts import NEGATIVE, Verdict


class StackVerdict(Verdict):
    """Whether credentials add up to a target."""

    STACKABLE = N_("stackable"), N_("The credentials add up to the target.")
    PARTIALLY_STACKABLE = (
        N_("partially-stackable"),
        N_("The credentials add up to a part of the target: a criterion is not met."),
        NEGATIVE,
    )
    NOT_STACKABLE = (
        N_("not-stackable"),
        N_("Nothing of the target is covered, or the credentials cannot be combined."),
        NEGATIVE,
    )
    UNDETERMINED = N_("undetermined"), N_("No criterion fails, but information is missing.")


_SUMMARIES = {
    StackVerdict.STACKABLE: lambda number, **values: ngettext(
        "The credentials add up to the target: {full} of {count} outcome of the target is covered, {share} by grade.",
        "The credentials add up to the target: {full} of {count} outcomes of the target are covered, {share} by grade.",
        number,
        **values,
    ),
    StackVerdict.PARTIALLY_STACKABLE: lambda number, **values: ngettext(
        "The credentials add up to a part of the target: "
        "{full} of {count} outcome of the target is covered, {share} by grade.",
        "The credentials add up to a part of the target: "
        "{full} of {count} outcomes of the target are covered, {share} by grade.",
        number,
        **values,
    ),
    StackVerdict.NOT_STACKABLE: lambda number, **values: ngettext(
        "The credentials do not add up to the target: "
        "{full} of {count} outcome of the target is covered, {share} by grade.",
        "The credentials do not add up to the target: "
        "{full} of {count} outcomes of the target are covered, {share} by grade.",
        number,
        **values,
    ),
    StackVerdict.UNDETERMINED: lambda number, **values: ngettext(
        "Information is missing: {full} of {count} outcome of the target is known to be covered, {share} by grade.",
        "Information is missing: {full} of {count} outcomes of the target are known to be covered, {share} by grade.",
        number,
        **values,
    ),
}
"""The summary of each verdict, by the number of outcomes of the target, and `full` and `share` of them covered."""

_DECIDED = {
    StackVerdict.PARTIALLY_STACKABLE: N_("Not met: {criteria}."),
    StackVerdict.NOT_STACKABLE: N_("Decided by: {criteria}."),
    StackVerdict.UNDETERMINED: N_("Not known: {criteria}."),
}


def unmet_rules(criteria: tuple[Criterion, ...]) -> frozenset[str]:
    """Return the rules of stackability that are broken."""
    return frozenset(
        criterion.rule for criterion in criteria if criterion.rule in RULES and criterion.outcome is Outcome.UNMET
    )


def verdict_of(stack: Stack, criteria: tuple[Criterion, ...]) -> StackVerdict:
    """Return the first verdict that fits; a coverage of 0 that is a lower bound refuses nothing."""
    unmet = unmet_rules(criteria)
    if _nothing_covered(stack) or _stands_alone(stack) or unmet & {"STACK-HOLDER", "STACK-PREREQUISITES"}:
        return StackVerdict.NOT_STACKABLE
    if unmet:
        return StackVerdict.PARTIALLY_STACKABLE
    unknown = any(criterion.outcome is Outcome.UNKNOWN for criterion in criteria if criterion.rule in RULES)
    return StackVerdict.UNDETERMINED if unknown else StackVerdict.STACKABLE


def summarise(stack: Stack, criteria: tuple[Criterion, ...], verdict: StackVerdict) -> Joined:
    """Return the verdict in words, and the criteria that decided it."""
    full = sum(assignment.grade >= stack.policy.covered_from for assignment in stack.assigned)
    summary = _SUMMARIES[verdict](len(stack.assigned), full=full, share=Share(stack.coverage))
    decisive = [
        Joined((criterion.title, f"({criterion.rule})"), " ") for criterion in _decisive(stack, criteria, verdict)
    ]
    if not decisive:
        return Joined([summary], " ")
    return Joined([summary, Message(_DECIDED[verdict], criteria=Joined(decisive, "; "))], " ")


def _decisive(stack: Stack, criteria: tuple[Criterion, ...], verdict: StackVerdict) -> list[Criterion]:
    """Return the criteria that decided the verdict: those that refuse, or all that are unmet or unknown."""
    if verdict is StackVerdict.NOT_STACKABLE:
        by_rule = {criterion.rule: criterion for criterion in criteria}
        unmet = unmet_rules(criteria)
        refusing: list[str] = ["STACK-OUTCOMES"] if _nothing_covered(stack) else []
        refusing += [rule for rule in ("STACK-HOLDER", "STACK-PREREQUISITES") if rule in unmet]
        refusing += ["STACK-INTEGRATION"] if _stands_alone(stack) else []
        return [by_rule[rule] for rule in refusing]
    outcome = {StackVerdict.PARTIALLY_STACKABLE: Outcome.UNMET, StackVerdict.UNDETERMINED: Outcome.UNKNOWN}.get(verdict)
    return [criterion for criterion in criteria if criterion.rule in RULES and criterion.outcome is outcome]


def _nothing_covered(stack: Stack) -> bool:
    return stack.coverage == 0 and not stack.open_concepts


def _stands_alone(stack: Stack) -> bool:
    return any(credential.description.stand_alone for credential in stack.contributing)
