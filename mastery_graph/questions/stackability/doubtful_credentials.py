"""Doubtful credentials: those that would break a rule if an outcome of theirs were used."""

from collections.abc import Sequence
from datetime import UTC, datetime

from mastery_graph.questions.answer import Outcome
from mastery_graph.questions.judging.subject import Subject
from mastery_graph.questions.stackability.criteria import validity
from mastery_graph.questions.stackability.outcome_coverage import Assignment, Matcher, OfferedOutcome, coverage
from mastery_graph.questions.stackability.policy import StackPolicy


def assign_least_doubtful(
    matcher: Matcher,
    credentials: Sequence[Subject],
    offered: Sequence[OfferedOutcome],
    target_level: int | None,
    policy: StackPolicy,
) -> tuple[Assignment, ...]:
    """Return the best assignment, without doubtful credentials where others cover as much.

    A credential that is declared stand-alone, is not valid on the day, is below the level of the target, has too many
    credits or lacks a prerequisite is only used where the coverage is lower without it.
    """
    doubtful = doubtful_credentials(credentials, target_level, policy) | _without_prerequisites(credentials)
    best = matcher.assign(offered)
    tried: set[str] = set()
    while untried := sorted(
        {assignment.offered.credential for assignment in best if assignment.offered} & doubtful - tried
    ):
        tried.add(untried[0])
        fewer = [outcome for outcome in offered if outcome.credential != untried[0]]
        without = matcher.assign(fewer)
        if coverage(without) >= coverage(best):
            best, offered = without, fewer
    return best


def doubtful_credentials(
    credentials: Sequence[Subject], target_level: int | None, policy: StackPolicy
) -> frozenset[str]:
    """Return the credentials that would break a rule if an outcome of theirs were used, whatever else is used."""
    day = policy.on or datetime.now(UTC).date()
    least_level = target_level if policy.lower_level_share == 0 else None
    return frozenset(
        credential.description.iri
        for credential in credentials
        if credential.description.stand_alone
        or (credential.description.issued and validity(credential, day)[0] is Outcome.UNMET)
        or _is_below(credential, least_level, policy)
        or (
            policy.credits_below is not None
            and credential.description.ects is not None
            and credential.description.ects >= policy.credits_below
        )
    )


def iris_of(credential: Subject) -> tuple[str, ...]:
    """Return every IRI of a credential: those of its descriptions, and its own."""
    return (*credential.description.specifications, credential.description.iri)


def _without_prerequisites(credentials: Sequence[Subject]) -> frozenset[str]:
    """Return the credentials that lack a prerequisite, directly or through a prerequisite."""
    by_iri = {iri: credential.description.iri for credential in credentials for iri in iris_of(credential)}
    lacking = {
        credential.description.iri
        for credential in credentials
        if any(required not in by_iri for required in credential.description.requires)
    }
    while (
        further := {
            credential.description.iri
            for credential in credentials
            if any(by_iri.get(required) in lacking for required in credential.description.requires)
        }
        - lacking
    ):
        lacking |= further
    return frozenset(lacking)


def _is_below(credential: Subject, least_level: int | None, policy: StackPolicy) -> bool:
    """Return whether the level that counts for a credential (STACK-LEVEL) is below the EQF level that is required."""
    level = credential.level.supported(accept_claims=policy.accept_claims)
    return least_level is not None and level is not None and level < least_level
