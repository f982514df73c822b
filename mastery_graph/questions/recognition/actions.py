"""Actions and requests for information: what would change each criterion that is unmet or unknown, and who can act."""

from collections.abc import Iterable, Mapping

from mastery_graph.languages import Message, join_with_and
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Criterion, Outcome
from mastery_graph.questions.remedies import Remedy, read_remedies
from mastery_graph.questions.rules import Rules
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store

_OF_MISSING_INFORMATION = frozenset({"REC-ELEMENTS"})
"""Rules that are unmet because something is not stated."""


class Action(Record):
    """How to fix a criterion that is unmet or unknown, who can act, and the related policy vision."""

    criterion: str
    """The id of the rule, or of the first of several."""
    action: Localized
    actor: Localized
    vision: str | None
    criteria: tuple[str, ...] = ()
    """The ids of all rules that it would change."""


class InformationRequest(Record):
    """Information that is missing, and what would supply it: never a difference."""

    criterion: str
    """The id of the rule."""
    title: Localized
    reason: Localized
    request: Localized
    sentence: Localized


def remedies_of(store: Store, criteria: Iterable[Criterion], rules: Rules) -> dict[str, Remedy]:
    """Return what would change each criterion that is unmet or unknown, by the id of its rule."""
    open_criteria = [criterion for criterion in criteria if criterion.outcome in {Outcome.UNMET, Outcome.UNKNOWN}]
    known = read_remedies(store, [criterion.remedy for criterion in open_criteria if criterion.remedy])
    return {
        criterion.rule: known[criterion.remedy]
        if criterion.remedy
        else Remedy(rules[criterion.rule].mending or "", tuple(rules[criterion.rule].actors))
        for criterion in open_criteria
    }


def actions(criteria: Iterable[Criterion], rules: Rules, remedies: Mapping[str, Remedy]) -> tuple[Action, ...]:
    """Return the actions in the order of the criteria; none is listed twice, and none without an actor."""
    rules_of_action: dict[str, list[str]] = {}
    for criterion in criteria:
        remedy = remedies.get(criterion.rule)
        if remedy is not None and remedy.action and remedy.actors:
            rules_of_action.setdefault(str(remedy.action), []).append(criterion.rule)
    return tuple(
        Action(
            criterion=ids[0],
            action=remedies[ids[0]].action,
            actor=join_with_and(remedies[ids[0]].actors),
            vision=next(iter(rules[ids[0]].visions), None),
            criteria=tuple(ids),
        )
        for ids in rules_of_action.values()
    )


def information_requests(
    criteria: Iterable[Criterion], remedies: Mapping[str, Remedy]
) -> tuple[InformationRequest, ...]:
    """Return what the applicant, or the awarding body, is asked for; not what is missing in this service."""
    return tuple(
        InformationRequest(
            criterion=criterion.rule,
            title=criterion.title,
            reason=criterion.explanation,
            request=remedies[criterion.rule].action,
            sentence=Message(
                "{title}. {reason} {request}",
                title=criterion.title,
                reason=criterion.explanation,
                request=remedies[criterion.rule].action,
            ),
        )
        for criterion in criteria
        if (criterion.outcome is Outcome.UNKNOWN or _is_unmet_for_want_of_information(criterion))
        and not remedies[criterion.rule].is_ours
        and remedies[criterion.rule].actors
    )


def _is_unmet_for_want_of_information(criterion: Criterion) -> bool:
    return criterion.outcome is Outcome.UNMET and criterion.rule in _OF_MISSING_INFORMATION
