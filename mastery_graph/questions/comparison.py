"""Two descriptions side by side: level, workload, learning outcomes, assessment, quality assurance.

Rules COMPARE-LEVEL to COMPARE-QUALITY. A comparison shows where two descriptions agree, not whether
one can replace the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Final

from pyoxigraph import NamedNode

from mastery_graph.credentials.description import Description
from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.languages import N_, Joined, Message, ngettext
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Answer, Criterion, Evidence, Outcome
from mastery_graph.questions.equivalence.paths import Step, steps_of
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.judging.subject import (
    Subject,
    assessment_evidence,
    level_evidence,
    read_subject,
    stated_evidence,
)
from mastery_graph.questions.judging.workload import Credits
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.questions.stackability.missing_concepts import PotentialMatcher, missing_data
from mastery_graph.questions.stackability.outcome_coverage import (
    Assignment,
    Matcher,
    OfferedOutcome,
    OutcomeMatch,
    TargetOutcome,
    offered_by,
    outcome_evidence,
    required_by,
)
from mastery_graph.questions.stackability.policy import StackPolicy
from mastery_graph.questions.verdicts import Verdict
from mastery_graph.rdf import is_iri, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import ELM, NS


class ComparisonVerdict(Verdict):
    """Whether two descriptions are alike."""

    ALIKE = N_("alike"), N_("The descriptions are alike in everything that is compared.")
    DIFFERENT = N_("different"), N_("The descriptions differ in at least one respect.")
    UNDETERMINED = N_("undetermined"), N_("The descriptions do not differ, but information is missing.")


_SUMMARIES = {
    ComparisonVerdict.ALIKE: N_("{left} and {right} are alike in all that is compared."),
    ComparisonVerdict.DIFFERENT: N_("{left} and {right} differ in {aspects}."),
    ComparisonVerdict.UNDETERMINED: N_("{left} and {right} do not differ in what both state."),
}


class Side(Record):
    """The compared properties of one of the two descriptions. `credits` are ECTS credits."""

    description: str
    title: str
    eqf_level: int | None
    national_level: str | None
    credits: Credits
    hours: float | None
    outcomes: tuple[str, ...]
    assessment: tuple[str, ...]
    quality_assurance: tuple[str, ...]


class Aspect(Record):
    """One compared property: what each side states, in words, and the outcome."""

    aspect: Localized
    left: Localized
    right: Localized
    outcome: Outcome
    rule: str


class MatchedOutcomes(Record):
    """An outcome of the left side with its counterpart on the right. `relation` reads from the right to the left."""

    left: str
    left_title: str
    right: str
    right_title: str
    grade: float
    """0 to 1."""
    path: tuple[Step, ...] = ()


class DescriptionComparison(Answer):
    """Two descriptions side by side."""

    kind: ClassVar[str] = "comparison"

    verdict: ComparisonVerdict
    left: Side
    right: Side
    aspects: tuple[Aspect, ...]
    matched: tuple[MatchedOutcomes, ...]
    only_left: tuple[str, ...]
    """The titles of the outcomes without a counterpart on the right."""
    only_right: tuple[str, ...]
    policy: StackPolicy
    """The policy whose grades and hierarchy steps were applied to the outcomes."""

    def table(self) -> list[dict[str, object]]:
        """Return one row per aspect, then one row per pair of outcomes."""
        rows: list[dict[str, object]] = [
            {"aspect": aspect.aspect, "left": aspect.left, "right": aspect.right, "outcome": aspect.outcome.value}
            for aspect in self.aspects
        ]
        pairs = [
            (pair.left_title, pair.right_title, Message("matched, grade {grade}", grade=pair.grade))
            for pair in self.matched
        ]
        pairs += [(title, "", Message("only on the left")) for title in self.only_left]
        pairs += [("", title, Message("only on the right")) for title in self.only_right]
        return rows + [
            {"aspect": Message("Learning outcome"), "left": left, "right": right, "outcome": outcome}
            for left, right, outcome in pairs
        ]


def compare(
    store: Store,
    left: str | SubmittedDocument,
    right: str | SubmittedDocument,
    policy: StackPolicy | None = None,
) -> DescriptionComparison:
    """Compare two descriptions, given as IRIs of the graph or as documents.

    Raises `UnknownResource`, `BadParameter` and `BadDocument`.
    """
    applied_policy = policy or StackPolicy()
    pair = _Pair(store, read_subject(store, left), read_subject(store, right), applied_policy)
    criteria = judge(store, RULES, pair)
    verdict = _verdict(criteria)
    used_outcomes = {assignment.offered.iri for assignment in pair.matches if assignment.offered}
    return DescriptionComparison(
        question={"descriptions": [pair.left_subject.name, pair.right_subject.name]}
        | ({"policy": policy.model_dump(mode="json", exclude_unset=True)} if policy else {}),
        verdict=verdict,
        summary=_summary(verdict, pair, criteria),
        criteria=(
            *criteria,
            *replacement_criteria(store, concepts_of((pair.left_subject.description, pair.right_subject.description))),
        ),
        dataset=dataset_of(store),
        left=pair.left,
        right=pair.right,
        aspects=tuple(
            Aspect(
                aspect=criterion.title,
                left=pair.aspects[criterion.rule].left,
                right=pair.aspects[criterion.rule].right,
                outcome=criterion.outcome,
                rule=criterion.rule,
            )
            for criterion in criteria
        ),
        matched=tuple(_matched_outcomes(assignment) for assignment in pair.matches),
        only_left=tuple(
            outcome.title for outcome in pair.left_subject.description.outcomes if outcome.iri not in used_outcomes
        ),
        only_right=tuple(assignment.target.title for assignment in pair.assignments if assignment.offered is None),
        policy=applied_policy,
    )


@dataclass(frozen=True, slots=True)
class _AspectComparison:
    """The comparison of the two sides in one aspect, with what each states."""

    outcome: Outcome
    left: str
    right: str
    why: str


@dataclass(frozen=True)
class _Pair:
    store: Store
    left_subject: Subject
    right_subject: Subject
    policy: StackPolicy

    @property
    def subjects(self) -> tuple[Subject, Subject]:
        return self.left_subject, self.right_subject

    @cached_property
    def left(self) -> Side:
        return _side(self.left_subject, self.labels)

    @cached_property
    def right(self) -> Side:
        return _side(self.right_subject, self.labels)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels of the types of assessment and quality assurance that the two sides state, by IRI."""
        types = {
            iri
            for subject in self.subjects
            for assessment in subject.description.assessments
            for iri in assessment.types
        }
        types |= {iri for subject in self.subjects for iri in subject.description.quality_assurance}
        nodes = [NamedNode(iri) for iri in sorted(types) if is_iri(iri)]
        query = named_query("browse/labels").text
        stores = dict.fromkeys((self.left_subject.store, self.right_subject.store, self.store)) if nodes else ()
        return {
            term_text(row["thing"]): term_text(row["label"])
            for source in stores
            for row in source.select(query, {"thing": nodes})
        }

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """The outcomes of the right side, each with its best counterpart on the left."""
        left, right = (subject.description for subject in self.subjects)
        if not right.outcomes:
            return ()
        if left.iri <= right.iri:
            return _SymmetricMatcher(self.store, right, left, self.policy).assign(offered_by(left))
        # always computed from the same side, whatever the order of the arguments, and then reversed
        assignments = _SymmetricMatcher(self.store, left, right, self.policy).assign(offered_by(right))
        assignments_by_outcome = {
            assignment.offered.iri: assignment for assignment in assignments if assignment.offered
        }
        offered_outcomes = {outcome.iri: outcome for outcome in offered_by(left)}
        return tuple(
            Assignment(outcome, offered_outcomes[pair.target.iri], pair.match.reversed if pair.match else None)
            if (pair := assignments_by_outcome.get(outcome.iri))
            else Assignment(outcome, None, None)
            for outcome in required_by(right)
        )

    @cached_property
    def open_concepts(self) -> frozenset[str]:
        """The concepts missing from the graph that could make all outcomes correspond in full."""
        left, right = (subject.description for subject in self.subjects)
        offered_outcomes = offered_by(left)
        potential_matcher = PotentialMatcher(
            _SymmetricMatcher(self.store, right, left, self.policy), offered_outcomes, self.policy
        )
        potential_assignments = potential_matcher.assign(offered_outcomes)
        if any(pair.grade < self.policy.covered_from for pair in potential_assignments):
            return frozenset()
        return frozenset(
            concept
            for pair in potential_assignments
            if pair.offered
            for concept in potential_matcher.open_concepts(pair.target, pair.offered)
        )

    @cached_property
    def aspects(self) -> dict[str, _AspectComparison]:
        """The comparison in each aspect, by the id of its rule."""
        return {
            "COMPARE-LEVEL": _level(self),
            "COMPARE-WORKLOAD": _workload(self),
            "COMPARE-OUTCOMES": _outcomes(self),
            "COMPARE-ASSESSMENT": _types(self.left.assessment, self.right.assessment),
            "COMPARE-QUALITY": _types(self.left.quality_assurance, self.right.quality_assurance),
        }

    def judgement(self, rule: str, evidence: tuple[Evidence, ...]) -> Judgement:
        """Return the judgement in one aspect, with its evidence."""
        return self.aspects[rule].outcome, self.aspects[rule].why, evidence

    @property
    def matches(self) -> tuple[Assignment, ...]:
        return tuple(assignment for assignment in self.assignments if assignment.offered)


class _SymmetricMatcher(Matcher):
    """A matcher that grades a pair equally in both directions: the lower of the two grades counts.

    Neither side is a target, so all outcomes have the same weight.
    """

    def __init__(self, store: Store, required: Description, offered: Description, policy: StackPolicy) -> None:
        super().__init__(store, [replace(outcome, weight=1.0) for outcome in required_by(required)], policy)
        self._backward = Matcher(store, required_by(offered), policy)
        self._targets = {outcome.iri: outcome for outcome in self._backward.target}
        self._offered = {outcome.iri: outcome for outcome in offered_by(required)}

    def match(self, target: TargetOutcome, offered: OfferedOutcome) -> OutcomeMatch | None:
        """Return how well two outcomes correspond, or None where they do not."""
        forward = super().match(target, offered)
        backward = self._backward.match(self._targets[offered.iri], self._offered[target.iri])
        if not forward or not backward:
            return None
        return forward if forward.grade <= backward.grade else backward.reversed


def _side(subject: Subject, labels: dict[str, str]) -> Side:
    description, level = subject.description, subject.level
    assessments = dict.fromkeys(iri for assessment in description.assessments for iri in assessment.types)
    return Side(
        description=subject.name,
        title=description.title,
        eqf_level=level.eqf,
        national_level=level.national.label if level.national else None,
        credits=Credits.of(description.ects, description.hours),
        hours=None if description.hours is None else float(description.hours),
        outcomes=tuple(outcome.title for outcome in description.outcomes),
        assessment=tuple(sorted(labels.get(iri, iri) for iri in assessments)),
        quality_assurance=tuple(sorted(labels.get(iri, iri) for iri in set(description.quality_assurance))),
    )


def _level(pair: _Pair) -> _AspectComparison:
    left, right = (
        Joined(_levels_of(side), " ") if side.national_level or side.eqf_level else Message("none")
        for side in (pair.left, pair.right)
    )
    levels = (pair.left.eqf_level, pair.right.eqf_level)
    if None in levels:
        return _AspectComparison(Outcome.UNKNOWN, left, right, Message("An EQF level is not known of both."))
    same = levels[0] == levels[1]
    if same:
        why = Message("Both are at EQF level {level}.", level=levels[0])
    else:
        why = Message("EQF level {left} is not EQF level {right}.", left=levels[0], right=levels[1])
    return _AspectComparison(Outcome.MET if same else Outcome.UNMET, left, right, why)


def _levels_of(side: Side) -> list[str]:
    eqf = [Message("(EQF level {level})", level=side.eqf_level)] if side.eqf_level else []
    return [*([side.national_level] if side.national_level else []), *eqf]


def _workload(pair: _Pair) -> _AspectComparison:
    left, right = pair.left.credits, pair.right.credits
    texts = left.words, right.words
    if left.upper is None or right.upper is None:
        return _AspectComparison(Outcome.UNKNOWN, *texts, Message("Credits or hours are not known of both."))
    overlap = left.lower <= right.upper and right.lower <= left.upper
    why = Message(
        N_("{left} and {right} can be the same.") if overlap else N_("{left} and {right} cannot be the same."),
        left=left.words,
        right=right.words,
    )
    return _AspectComparison(Outcome.MET if overlap else Outcome.UNMET, *texts, why)


def _outcomes(pair: _Pair) -> _AspectComparison:
    left, right = len(pair.left.outcomes), len(pair.right.outcomes)
    left_text, right_text = (ngettext("{count} outcome", "{count} outcomes", number) for number in (left, right))
    texts = left_text, right_text
    if not left or not right:
        return _AspectComparison(Outcome.UNKNOWN, *texts, Message("Learning outcomes are not stated by both."))
    full_count = sum(assignment.grade >= pair.policy.covered_from for assignment in pair.matches)
    partial_count = len(pair.matches) - full_count
    why = ngettext(
        "{count} pair corresponds, {part} in part; {left} only on the left, {right} only on the right.",
        "{count} pairs correspond, {part} in part; {left} only on the left, {right} only on the right.",
        full_count,
        part=partial_count,
        left=left - len(pair.matches),
        right=right - len(pair.matches),
    )
    if full_count == left == right:
        return _AspectComparison(Outcome.MET, *texts, why)
    open_concepts = pair.open_concepts if left == right else frozenset()
    if open_concepts:
        missing = missing_data(pair.store, open_concepts)
        lower_bound = Message("That is a lower bound.")
        return _AspectComparison(Outcome.UNKNOWN, *texts, Joined([why, lower_bound, missing], " "))
    return _AspectComparison(Outcome.UNMET, *texts, why)


def _types(left: Sequence[str], right: Sequence[str]) -> _AspectComparison:
    texts = "; ".join(left) or Message("not stated"), "; ".join(right) or Message("not stated")
    if not left or not right:
        return _AspectComparison(Outcome.UNKNOWN, *texts, Message("It is not stated by both."))
    shared_types = sorted(set(left) & set(right))
    if not shared_types:
        return _AspectComparison(Outcome.UNMET, *texts, Message("They state different types."))
    return _AspectComparison(Outcome.MET, *texts, Message("Both state: {types}.", types="; ".join(shared_types)))


def _judge_level(pair: _Pair) -> Judgement:
    return pair.judgement("COMPARE-LEVEL", level_evidence(pair.store, pair.subjects))


def _judge_workload(pair: _Pair) -> Judgement:
    evidence = stated_evidence(pair.subjects, ELM.point, ELM.framework, ELM.volumeOfLearning)
    return pair.judgement("COMPARE-WORKLOAD", evidence)


def _judge_outcomes(pair: _Pair) -> Judgement:
    return pair.judgement("COMPARE-OUTCOMES", outcome_evidence(pair.store, pair.subjects, pair.assignments))


def _judge_assessment(pair: _Pair) -> Judgement:
    evidence = tuple(quad for subject in pair.subjects for quad in assessment_evidence(subject))
    return pair.judgement("COMPARE-ASSESSMENT", evidence)


def _judge_quality(pair: _Pair) -> Judgement:
    return pair.judgement("COMPARE-QUALITY", stated_evidence(pair.subjects, NS.qualityAssuranceType))


RULES: Final[Mapping[str, Judge[_Pair]]] = {
    "COMPARE-LEVEL": _judge_level,
    "COMPARE-WORKLOAD": _judge_workload,
    "COMPARE-OUTCOMES": _judge_outcomes,
    "COMPARE-ASSESSMENT": _judge_assessment,
    "COMPARE-QUALITY": _judge_quality,
}
"""The judge of each rule, in the order of the answer."""


def _matched_outcomes(assignment: Assignment) -> MatchedOutcomes:
    if assignment.offered is None:
        raise ValueError("An outcome without a counterpart is not a pair.")
    path = assignment.match.path if assignment.match else None
    return MatchedOutcomes(
        left=assignment.offered.iri,
        left_title=assignment.offered.title,
        right=assignment.target.iri,
        right_title=assignment.target.title,
        grade=round(assignment.grade, 4),
        path=steps_of(path) if path else (),
    )


def _verdict(criteria: Iterable[Criterion]) -> ComparisonVerdict:
    outcomes = {criterion.outcome for criterion in criteria}
    if Outcome.UNMET in outcomes:
        return ComparisonVerdict.DIFFERENT
    return ComparisonVerdict.UNDETERMINED if Outcome.UNKNOWN in outcomes else ComparisonVerdict.ALIKE


def _summary(verdict: ComparisonVerdict, pair: _Pair, criteria: Sequence[Criterion]) -> Joined:
    differ = [criterion.title.lower() for criterion in criteria if criterion.outcome is Outcome.UNMET]
    unknown = [criterion.title.lower() for criterion in criteria if criterion.outcome is Outcome.UNKNOWN]
    sentences = [
        Message(_SUMMARIES[verdict], left=pair.left.title, right=pair.right.title, aspects=Joined(differ)),
    ]
    if unknown:
        sentences.append(Message("Not known of both: {aspects}.", aspects=Joined(unknown)))
    return Joined(sentences, " ")
