"""Search of the catalogue for credentials that close the gap of a judged stack."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mastery_graph.errors import BadDocument, ContradictoryCredits, CyclicPrerequisites
from mastery_graph.languages.records import Localized
from mastery_graph.questions.judging.subject import Subject, read_subjects
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.recognition_statements.applicability import JudgedStatement
from mastery_graph.questions.stackability.catalogue import CandidateSearch, candidates
from mastery_graph.questions.stackability.doubtful_credentials import doubtful_credentials, iris_of
from mastery_graph.questions.stackability.gap import CurrentHoldings
from mastery_graph.questions.stackability.judged_stack import JudgedStack, StackCase, judge_stack
from mastery_graph.questions.stackability.outcome_coverage import OfferedOutcome
from mastery_graph.questions.stackability.stack_credits import is_refused
from mastery_graph.questions.stackability.statement_effects import applying_statements
from mastery_graph.questions.stackability.suggestions import Gap, Suggestion, Trial, suggestions
from mastery_graph.questions.stackability.verdict import StackVerdict


class CatalogueSearch(NamedTuple):
    """The candidates for the target, the suggestions that close the gap, and why there is none."""

    catalogue: CandidateSearch
    suggestions: tuple[Suggestion, ...] = ()
    not_closed_because: tuple[Localized, ...] = ()


def search_catalogue(case: StackCase, judged: JudgedStack, *, explain: bool) -> CatalogueSearch:
    """Return the candidates for the target and the suggestions that close the gap of a judged stack."""
    stack, policy = judged.stack, case.policy
    has_gap = stack.coverage < policy.threshold or "STACK-PREREQUISITES" in judged.unmet
    if not has_gap and all(assignment.grade >= policy.covered_from for assignment in stack.assigned):
        return CatalogueSearch(CandidateSearch([], (), {}))
    holdings = _holdings(stack.distinct, judged.offered, judged.statements)
    catalogue = _candidates(case, judged, holdings)
    if not has_gap:
        return CatalogueSearch(catalogue)

    def judge(added: Sequence[str]) -> Trial:
        return _trial(case, judged, added)

    gap = Gap(
        matcher=case.matcher,
        holdings=holdings,
        doubtful=doubtful_credentials(stack.distinct, stack.target_level, policy),
        catalogue=catalogue,
        policy=policy,
        required=stack.required.lower if stack.required and stack.required.upper is not None else 0.0,
        broken=judged.unmet,
    )
    return CatalogueSearch(catalogue, *suggestions(case.store, gap, judge, explain=explain))


def _candidates(case: StackCase, judged: JudgedStack, holdings: CurrentHoldings) -> CandidateSearch:
    policy, stack = case.policy, judged.stack
    return candidates(
        case.store,
        case.matcher.concepts,
        frozenset(stack.iris),
        stack.target_level if policy.lower_level_share == 0 else None,
        required=frozenset(iri for requires in holdings.requires.values() for iri in requires),
        credits_below=policy.credits_below,
        accept_claims=policy.accept_claims,
    )


def _trial(case: StackCase, judged: JudgedStack, added: Sequence[str]) -> Trial:
    """Judge the stack with additional credentials of the catalogue."""
    try:
        trial = judge_stack(case, read_subjects(case.store, [*judged.stack.credentials, *added]))
    except (CyclicPrerequisites, BadDocument, ContradictoryCredits):
        return Trial(StackVerdict.NOT_STACKABLE, 0.0, frozenset({"STACK-PREREQUISITES"}))
    return Trial(trial.verdict, trial.stack.coverage, trial.unmet, trial.stack.assigned)


def _holdings(
    credentials: Sequence[Subject],
    offered: Sequence[OfferedOutcome],
    statements: Mapping[str, Sequence[JudgedStatement]],
) -> CurrentHoldings:
    """Return the owned credentials, with the credits that each of their outcomes can count for at most."""
    credits_of_outcome: dict[str, float] = {}
    settled = 0.0
    for credential in credentials:
        description = credential.description
        if accepted := applying_statements(statements[credential.name], "workload", "accepted"):
            settled += accepted[0].credits or 0.0
            continue
        stated = Credits.of(description.ects, description.hours)
        if not is_refused(stated, statements[credential.name]):
            credits_of_outcome[description.iri] = (
                float("inf") if stated.upper is None else stated.upper / (len(description.outcomes) or 1)
            )
    aliases = {iri: credential.description.iri for credential in credentials for iri in iris_of(credential)}
    requires = {
        credential.description.iri: frozenset(credential.description.requires)
        for credential in credentials
        if credential.description.requires
    }
    return CurrentHoldings(offered, frozenset(aliases), credits_of_outcome, settled, requires, aliases)
