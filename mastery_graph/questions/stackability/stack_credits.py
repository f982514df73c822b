"""Recognised credits of a stack: as far as known, and at most (rules STACK-WORKLOAD and STACK-OVERLAP).

A credential counts in proportion to its outcomes that are used. A recognition statement that applies replaces its
credits, or refuses them.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mastery_graph.questions.judging.subject import Subject
from mastery_graph.questions.judging.workload import NO_CREDITS, Credits
from mastery_graph.questions.recognition_statements.applicability import JudgedStatement
from mastery_graph.questions.stackability.criteria import counted_credits
from mastery_graph.questions.stackability.missing_concepts import PotentialMatcher
from mastery_graph.questions.stackability.outcome_coverage import Assignment, OfferedOutcome
from mastery_graph.questions.stackability.statement_effects import applying_statements


def recognised_credits(
    credentials: Sequence[Subject], assigned: Sequence[Assignment], statements: Mapping[str, Sequence[JudgedStatement]]
) -> Credits:
    """Return the credits of the used outcomes; `statements` are by the name of the credential."""
    total = NO_CREDITS
    for credential in credentials:
        accepted = applying_statements(statements[credential.name], "workload", "accepted")
        counted = counted_credits(credential.description, assigned)
        if accepted:
            total = total.plus(Credits.of(Fraction(str(accepted[0].credits)), None))
        elif not is_refused(counted, statements[credential.name]):
            total = total.plus(counted)
    return total


def recognised_credits_at_most(
    recognised: Credits,
    potential: PotentialMatcher,
    credentials: Sequence[Subject],
    unused: Sequence[OfferedOutcome],
    statements: Mapping[str, Sequence[JudgedStatement]],
) -> Credits:
    """Return the credits with the upper limit that is possible if every unused outcome that may serve is used."""
    upper = recognised.upper
    for credential in credentials:
        description = credential.description
        if applying_statements(statements[credential.name], "workload", "accepted"):
            continue
        further = [
            outcome
            for outcome in unused
            if outcome.credential == description.iri
            and any(potential.leaves_open(target, outcome) for target in potential.target)
        ]
        stated = Credits.of(description.ects, description.hours)
        if further and not is_refused(stated, statements[credential.name]):
            part = stated.part(Fraction(len(further), len(description.outcomes) or 1))
            upper = None if upper is None or part.upper is None else round(upper + part.upper, 4)
    return Credits(lower=recognised.lower, upper=upper)


def is_refused(counted: Credits, judgements: Sequence[JudgedStatement]) -> bool:
    """Return whether a statement that applies refuses these credits; it does not refuse fewer than it names."""
    refused = [statement.credits or 0.0 for statement in applying_statements(judgements, "workload", "not-accepted")]
    return counted.upper is not None and any(ects <= counted.upper for ects in refused)
