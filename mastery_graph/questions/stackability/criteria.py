"""Criteria of stackability: each rule STACK-* applied to one stack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Final

from mastery_graph.credentials.description import Description
from mastery_graph.errors import CyclicPrerequisites
from mastery_graph.languages import Joined, Message, Share
from mastery_graph.questions.answer import Criterion, Evidence, Origin, Outcome, Strength
from mastery_graph.questions.evidence import strength_of
from mastery_graph.questions.judging.assurance import Assurance
from mastery_graph.questions.judging.subject import Subject, assessment_evidence, level_evidence, stated_evidence
from mastery_graph.questions.judging.workload import NO_CREDITS, Credits
from mastery_graph.questions.purposes import Purpose
from mastery_graph.questions.recognition_statements.applicability import RULES as STATEMENT_RULES
from mastery_graph.questions.recognition_statements.applicability import (
    Applicability,
    JudgedStatement,
    statement_criteria,
)
from mastery_graph.questions.recognition_statements.records import describe_statement, statement_evidence
from mastery_graph.questions.rules import Judge, Judgement, Rules
from mastery_graph.questions.stackability.catalogue import titles as titles_of
from mastery_graph.questions.stackability.holders import same_learner
from mastery_graph.questions.stackability.missing_concepts import missing_data
from mastery_graph.questions.stackability.outcome_coverage import Assignment, outcome_evidence
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import CRED, ELM, NS

NOT_VERIFIED = "http://data.europa.eu/snb/supervision-verification/c598449d64"
"""The verification type of unsupervised assessment without verification of identity."""

_NOTHING_SERVES = Message("No credential of the stack is known to serve the target.")


@dataclass(frozen=True)
class Stack:
    """A stack and a target, with the assignment of outcomes, the coverage and the credits."""

    store: Store
    credentials: tuple[Subject, ...]
    distinct: tuple[Subject, ...]
    """The credentials without those that are the same learning as another."""
    target: Subject | None
    assigned: tuple[Assignment, ...]
    coverage: float
    required: Credits | None
    recognised: Credits
    policy: StackPolicy
    coverage_at_most: float
    """The coverage that is possible at best, if the graph had complete data about the concepts."""
    open_concepts: frozenset[str]
    """The concepts that are not in the graph and make the coverage a lower bound."""
    statements: tuple[JudgedStatement, ...] = ()
    """The recognition statements about the credentials, judged."""
    purpose: Purpose | None = None
    """The purpose of the question, where it has one."""

    @cached_property
    def contributing(self) -> tuple[Subject, ...]:
        """The credentials with an outcome that is used."""
        used = {assignment.offered.credential for assignment in self.assigned if assignment.offered}
        return tuple(credential for credential in self.distinct if credential.description.iri in used)

    @cached_property
    def target_level(self) -> int | None:
        """The EQF level of the target, where it has one."""
        return self.target.level.eqf if self.target else None

    @cached_property
    def iris(self) -> dict[str, str]:
        """The IRI of each credential, by its own IRI and by the IRIs of its descriptions."""
        own = {credential.description.iri: credential.description.iri for credential in self.distinct}
        return {
            specification: credential.description.iri
            for credential in self.distinct
            for specification in credential.description.specifications
        } | own

    @cached_property
    def needed(self) -> tuple[tuple[Subject, ...], frozenset[str]]:
        """The contributing credentials with their prerequisites, and the missing prerequisites."""
        credentials = {credential.description.iri: credential for credential in self.distinct}
        needed = [credential.description.iri for credential in self.contributing]
        missing: set[str] = set()
        for iri in needed:  # grows while its prerequisites are added
            for required in credentials[iri].description.requires:
                if (known_iri := self.iris.get(required)) is None:
                    missing.add(required)
                elif known_iri not in needed:
                    needed.append(known_iri)
        return tuple(credentials[iri] for iri in needed), frozenset(missing)

    @property
    def day(self) -> date:
        """The day on which validity is judged (UTC)."""
        return self.policy.on or datetime.now(UTC).date()


def criteria(stack: Stack) -> tuple[tuple[Criterion, ...], tuple[str, ...]]:
    """Return the criteria in the order of the rules, and an order in which the stack can be taken.

    Raises `CyclicPrerequisites`.
    """
    rules = Rules(stack.store, *RULES, *STATEMENT_RULES)
    order = _order(stack)
    judgements = tuple(_with_statements(stack, criterion) for criterion in rules.judge(RULES, stack))
    return (*statement_criteria(stack.store, rules, stack.statements), *judgements), order


def _with_statements(stack: Stack, criterion: Criterion) -> Criterion:
    """Return a criterion with the recognition statements that it counts, cited first (STATEMENT-1)."""
    speaks_to = {"STACK-OUTCOMES": "outcomes", "STACK-WORKLOAD": "workload"}.get(criterion.rule)
    statements = [
        judgement.statement
        for judgement in stack.statements
        if judgement.standing is Applicability.APPLIES and judgement.statement.speaks_to == speaks_to
    ]
    if not statements:
        return criterion
    explanation = Message(
        "Counted as stated (STATEMENT-1): {statements} {explanation}",
        statements=Joined((describe_statement(statement) for statement in statements), " "),
        explanation=criterion.explanation,
    )
    return criterion.model_copy(
        update={
            "explanation": explanation,
            "evidence": statement_evidence(stack.store, statements) + criterion.evidence,
        }
    )


def _outcomes(stack: Stack) -> Judgement:
    reached = stack.coverage >= stack.policy.threshold
    lacking = [outcome.target.title for outcome in stack.assigned if outcome.grade < stack.policy.covered_from]
    required = Share(stack.policy.threshold)
    subjects = (*stack.contributing, *([stack.target] if stack.target else []))
    evidence = outcome_evidence(stack.store, subjects, stack.assigned)
    if stack.open_concepts and not reached:
        sentences = [
            Message(
                "Coverage is at least {coverage}, a lower bound, and at most {most}; {required} is required.",
                coverage=Share(stack.coverage),
                most=Share(stack.coverage_at_most),
                required=required,
            ),
            missing_data(stack.store, stack.open_concepts),
        ]
        if lacking:
            sentences.append(Message("Not known to be covered in full: {outcomes}.", outcomes="; ".join(lacking)))
        return Outcome.UNKNOWN, Joined(sentences, " "), evidence
    sentences = [Message("Coverage is {coverage}; {asked} is asked.", coverage=Share(stack.coverage), asked=required)]
    if lacking:
        sentences.append(Message("Not covered, or in part only: {outcomes}.", outcomes="; ".join(lacking)))
    return (Outcome.MET if reached else Outcome.UNMET), Joined(sentences, " "), evidence


def _level(stack: Stack) -> Judgement:
    if stack.target is None:
        return Outcome.NOT_APPLICABLE, Message("A list of skills has no level."), ()
    evidence = level_evidence(stack.store, (*stack.contributing, stack.target))
    if stack.target_level is None:
        sentences = [Message("The target's EQF level is not known."), stack.target.level.contradiction]
        return Outcome.UNKNOWN, Joined(filter(None, sentences), " "), evidence
    below, unknown, lower_level, sufficient_level = [], [], NO_CREDITS, NO_CREDITS
    doubts: list[Message] = []
    for credential in stack.contributing:
        level = credential.level.supported(accept_claims=stack.policy.accept_claims)
        recognised = counted_credits(credential.description, stack.assigned)
        if level is not None and level < stack.target_level:
            below.append(Message("{title} (EQF level {level})", title=credential.description.title, level=level))
            lower_level = lower_level.plus(recognised)
        else:
            sufficient_level = sufficient_level.plus(recognised)
        if level is None:
            unknown.append(credential.description.title)
            doubts += credential.level.doubts
    if below:
        least, most = _share(lower_level, sufficient_level)
        allowed = stack.policy.lower_level_share
        explanation = Message(
            "Below the target's EQF level {level}: {credentials}.",
            level=stack.target_level,
            credentials=Joined(below, "; "),
        )
        if least > allowed or allowed == 0:
            return Outcome.UNMET, explanation, evidence
        if most > allowed:
            share = Message("Which share of the credits they bring is not known.")
            return Outcome.UNKNOWN, Joined([explanation, share], " "), evidence
    if unknown:
        unsupported = Message("No referencing supports the level of {credentials}.", credentials="; ".join(unknown))
        return Outcome.UNKNOWN, Joined([unsupported, *doubts], " "), evidence
    if below:
        allowance = Message("The policy allows their share of the credits.")
        return Outcome.MET, Joined([explanation, allowance], " "), evidence
    above = Message("Each credential that counts is at EQF level {level} or above.", level=stack.target_level)
    supported = all(subject.level.referenced and not subject.level.foreign for subject in stack.contributing)
    referencings = [quad for quad in evidence if quad.origin is Origin.REFERENCED]
    outcome, reason, cited = _all_pass(stack, above, evidence)
    return outcome, reason, cited, strength_of(outcome, referencings if supported else evidence)


def counted_credits(description: Description, assigned: Sequence[Assignment]) -> Credits:
    """Return the credits that a credential counts for, in proportion to its used outcomes (STACK-OVERLAP)."""
    outcomes = len(description.outcomes)
    used = sum(1 for item in assigned if item.offered and item.offered.credential == description.iri)
    if not used:
        return NO_CREDITS
    return Credits.of(description.ects, description.hours).part(Fraction(min(used, outcomes), outcomes or 1))


def _share(part: Credits, rest: Credits) -> tuple[float, float]:
    """Return the lowest and highest possible share (0 to 1) of a part, where both are intervals of credits."""

    def share(of: float | None, beside: float | None) -> float:
        if of is None:
            return 1.0
        if beside is None:
            return 0.0
        return of / (of + beside) if of + beside else 0.0

    return share(part.lower, rest.upper), share(part.upper, rest.lower)


def _workload(stack: Stack) -> Judgement:
    if stack.target is None or stack.required is None:
        return Outcome.NOT_APPLICABLE, Message("A list of skills has no workload."), ()
    evidence = stated_evidence((*stack.contributing, stack.target), ELM.point, ELM.volumeOfLearning)
    required, recognised = stack.required, stack.recognised
    limit = stack.policy.credits_below
    large = [
        Message("{title} ({ects} ECTS)", title=credential.description.title, ects=float(credential.description.ects))
        for credential in stack.contributing
        if limit is not None and credential.description.ects is not None and credential.description.ects >= limit
    ]
    if large:
        return (
            Outcome.UNMET,
            Message(
                "The policy asks for micro-credentials under {ects} ECTS: {credentials}.",
                ects=limit,
                credentials=Joined(large, "; "),
            ),
            evidence,
        )
    explanation = Message(
        "Recognised: {recognised}; the target asks for {required}.",
        recognised=recognised.words,
        required=required.words,
    )
    if required.upper is None:
        explanation = Message(
            "The target states neither credits nor hours. Recognised: {recognised}.", recognised=recognised.words
        )
        return Outcome.UNKNOWN, explanation, evidence
    if recognised.lower >= required.upper:
        return Outcome.MET, explanation, evidence
    if recognised.upper is not None and recognised.upper < required.lower:
        return Outcome.UNMET, explanation, evidence
    return Outcome.UNKNOWN, explanation, evidence


def _overlap(stack: Stack) -> Judgement:
    idle = [credential.description.title for credential in stack.distinct if credential not in stack.contributing]
    partly_used = [
        credential.description.title
        for credential in stack.contributing
        if sum(1 for item in stack.assigned if item.offered and item.offered.credential == credential.description.iri)
        < len(credential.description.outcomes)
    ]
    sentences = [Message("Each outcome is used for one outcome of the target at most.")]
    sentences += [Message("Left out: {credentials}.", credentials="; ".join(idle))] if idle else []
    sentences += [Message("Counted in part: {credentials}.", credentials="; ".join(partly_used))] if partly_used else []
    return Outcome.MET, Joined(sentences, " "), stated_evidence(stack.distinct, ELM.learningOutcome)


def _assessment(stack: Stack) -> Judgement:
    evidence = tuple(quad for credential in stack.contributing for quad in assessment_evidence(credential))
    silent = [
        credential.description.title
        for credential in stack.contributing
        if not any(assessment.types for assessment in credential.description.assessments)
    ]
    if stack.policy.identity_verification:
        verifications = {
            credential.description.title: {
                verification for item in credential.description.assessments for verification in item.verifications
            }
            for credential in stack.contributing
        }
        unverified = [title for title, methods in verifications.items() if methods == {NOT_VERIFIED}]
        if unverified:
            unidentified = Message("The learner was not identified: {credentials}.", credentials="; ".join(unverified))
            return Outcome.UNMET, unidentified, evidence
        silent += [title for title, methods in verifications.items() if not methods and title not in silent]
    if silent:
        return (
            Outcome.UNKNOWN,
            Message(
                "No assessment, or not all that is asked of it, is stated: {credentials}.",
                credentials="; ".join(silent),
            ),
            evidence,
        )
    return _all_pass(stack, Message("The type of assessment of each credential is stated."), evidence)


def _quality(stack: Stack) -> Judgement:
    """Judge the quality assurance of each contributing credential as REC-QUALITY does."""
    reasons: dict[Outcome, list[Message]] = {}
    evidence: list[Evidence] = []
    strengths = []
    for subject in stack.contributing:
        claims = subject.evidence([NS.qualityAssuranceType, NS.appliesIndicator, ELM.accreditation])
        assurance = Assurance(stack.store, subject, stack.day, stack.policy.accept_claims)
        outcome, reason, cited, strength, _ = assurance.quality(stack.purpose, claims)
        reasons.setdefault(outcome, []).append(Message("{title}: {why}", title=subject.description.title, why=reason))
        evidence += cited
        strengths.append(strength)
    cited_once = tuple(dict.fromkeys(evidence))
    weakest = max(strengths, key=list(Strength).index, default=Strength.NONE)
    for outcome in (Outcome.UNMET, Outcome.UNKNOWN):
        if outcome in reasons:
            return outcome, Joined(reasons[outcome], " "), cited_once, weakest
    return *_all_pass(stack, Joined(reasons.get(Outcome.MET, []), " "), cited_once), weakest


def _integration(stack: Stack) -> Judgement:
    evidence = stated_evidence(stack.contributing, NS.integration, ELM.isPartialQualification)
    descriptions = [credential.description for credential in stack.contributing]
    stand_alone = [description.title for description in descriptions if description.stand_alone]
    contradicting = [description.title for description in descriptions if description.integration_contradicts]
    silent = [description.title for description in descriptions if description.integration is None]
    if stand_alone:
        declared = Message("Declared stand-alone by its issuer: {credentials}.", credentials="; ".join(stand_alone))
        return Outcome.UNMET, declared, evidence
    unknown = []
    if contradicting:
        unknown.append(
            Message(
                "Declared stand-alone, and part of another qualification too: {credentials}.",
                credentials="; ".join(contradicting),
            )
        )
    if silent:
        unknown.append(
            Message(
                "The issuer does not state whether it can be stacked: {credentials}.", credentials="; ".join(silent)
            )
        )
    if unknown:
        return Outcome.UNKNOWN, Joined(unknown, " "), evidence
    return _all_pass(stack, Message("Each issuer declares its credential stackable or integrated."), evidence)


def _prerequisites(stack: Stack) -> Judgement:
    needed, missing = stack.needed
    evidence = stated_evidence(needed, NS.requires, ELM.entryRequirement, ELM.noteLiteral)
    if missing:
        titles = titles_of(stack.store, missing)
        names = [iri if titles[iri] == iri else f"{titles[iri]} ({iri})" for iri in sorted(missing)]
        lacking = Message("A prerequisite is not in the stack: {credentials}.", credentials="; ".join(names))
        return Outcome.UNMET, lacking, evidence
    in_words = [
        Message("{title}: “{text}”", title=credential.description.title, text=text)
        for credential in needed
        for text in credential.description.entry_requirements
    ]
    if in_words:
        explanation = Message(
            "Entry requirements that are stated in words have to be judged by a person: {requirements}.",
            requirements=Joined(in_words, "; "),
        )
        return Outcome.UNKNOWN, explanation, evidence
    if not any(credential.description.requires for credential in needed):
        nothing = Message("No prerequisite and no entry requirement is stated.")
        return Outcome.NOT_APPLICABLE, nothing if needed else _NOTHING_SERVES, ()
    return Outcome.MET, Message("Each prerequisite that is stated is in the stack."), evidence


def _order(stack: Stack) -> tuple[str, ...]:
    graph = {
        credential.description.iri: sorted(
            {stack.iris[required] for required in credential.description.requires if required in stack.iris}
        )
        for credential in stack.distinct
    }
    try:
        return tuple(TopologicalSorter(dict(sorted(graph.items()))).static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise CyclicPrerequisites(Message("Prerequisites lead back to themselves: {circle}.", circle=circle)) from None


def _validity(stack: Stack) -> Judgement:
    issued = [credential for credential in stack.contributing if credential.description.issued]
    if not issued:
        return Outcome.NOT_APPLICABLE, Message("Bare descriptions are not issued, and do not expire."), ()
    dates = ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate")
    evidence = stated_evidence(issued, *(CRED + name for name in (*dates, "credentialStatus")))
    invalid, unknown = [], []
    for credential in issued:
        outcome, reason = validity(credential, stack.day)
        if outcome is Outcome.UNMET:
            invalid.append(Message("{title}: {why}", title=credential.description.title, why=reason))
        elif outcome is Outcome.UNKNOWN:
            unknown.append(Message("{title}: {why}", title=credential.description.title, why=reason))
    if invalid:
        return Outcome.UNMET, Joined(invalid, " "), evidence
    if unknown:
        return Outcome.UNKNOWN, Joined(unknown, " "), evidence
    return Outcome.MET, Message("Each is issued and valid on {day}.", day=stack.day), evidence


def validity(credential: Subject, day: date) -> tuple[Outcome, Message]:
    """Return whether a credential is issued, not expired on a day (UTC) and not revoked, and why.

    Nothing is fetched: a credential status is never looked up.
    """
    description = credential.description
    begins = max((moment for moment in (description.issued_at, description.valid_from) if moment), default=None)
    if description.valid_until and description.valid_until.date() < day:
        return Outcome.UNMET, Message("it expired on {day}.", day=description.valid_until.date())
    if begins and begins.date() > day:
        return Outcome.UNMET, Message("it is issued, or valid, only from {day}.", day=begins.date())
    if description.unreadable_dates:
        dates = "; ".join(description.unreadable_dates)
        return Outcome.UNKNOWN, Message("its date cannot be read: {dates}.", dates=dates)
    if description.issued_at is None:
        return Outcome.UNKNOWN, Message("no date of issuing is stated.")
    if description.statuses:
        status = Message(
            "it names a credential status, which was not looked up: whether it was revoked or suspended is not known."
        )
        return Outcome.UNKNOWN, status
    return Outcome.MET, Message("it is issued and valid on {day}.", day=day)


def _holder(stack: Stack) -> Judgement:
    return one_holder(stack.credentials)


def one_holder(credentials: Sequence[Subject]) -> Judgement:
    """Return whether all issued credentials among these belong to the same learner (STACK-HOLDER, PROFILE-HOLDER)."""
    issued = [credential for credential in credentials if credential.description.issued]
    if len(issued) < 2:
        return Outcome.NOT_APPLICABLE, Message("There are no two issued credentials whose holders could differ."), ()
    evidence = stated_evidence(issued, CRED.credentialSubject, ELM.nationalID, ELM.dateOfBirth)
    return *same_learner(
        [(credential.description.title, credential.description.holder) for credential in issued]
    ), evidence


def _all_pass(
    stack: Stack, explanation: str, evidence: tuple[Evidence, ...]
) -> tuple[Outcome, str, tuple[Evidence, ...]]:
    """Return `met` for all contributing credentials; `not-applicable` where none contributes."""
    if not stack.contributing:
        return Outcome.NOT_APPLICABLE, _NOTHING_SERVES, ()
    return Outcome.MET, explanation, evidence


RULES: Final[Mapping[str, Judge[Stack]]] = {
    "STACK-OUTCOMES": _outcomes,
    "STACK-LEVEL": _level,
    "STACK-WORKLOAD": _workload,
    "STACK-OVERLAP": _overlap,
    "STACK-ASSESSMENT": _assessment,
    "STACK-QUALITY": _quality,
    "STACK-INTEGRATION": _integration,
    "STACK-PREREQUISITES": _prerequisites,
    "STACK-VALIDITY": _validity,
    "STACK-HOLDER": _holder,
}
"""The judge of each rule, in the order of the answer."""
