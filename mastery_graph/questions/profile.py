"""The profile of a learner: the green skills that the credentials attest, their EQF levels, and suggested next steps.

Rules PROFILE-ATTESTED, PROFILE-LEVEL, PROFILE-VALIDITY and PROFILE-HOLDER.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar, Final, Literal

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.languages import N_, Joined, Message, join_with_and, ngettext
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Answer, Evidence, Outcome
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.green_skills import GreenSkill, ServingOutcome, green_skills, serving_outcomes
from mastery_graph.questions.judging.subject import Subject, level_evidence, read_subjects, stated_evidence
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.questions.stackability.catalogue import CatalogueCandidate, candidates, titles
from mastery_graph.questions.stackability.criteria import one_holder, validity
from mastery_graph.questions.stackability.missing_concepts import missing_data
from mastery_graph.questions.stackability.outcome_coverage import Matcher, TargetOutcome
from mastery_graph.questions.stackability.policy import StackPolicy, Status
from mastery_graph.questions.verdicts import NEGATIVE, Verdict
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import CRED, TIED_TO

_ATTESTED: Final[dict[Status, Literal["attested", "partial", "missing"]]] = {
    "covered": "attested",
    "partial": "partial",
    "missing": "missing",
}
_MAX_NEXT_STEPS = 5


class AttestedSkill(Record):
    """A green skill and the outcomes that attest it. `eqf_level` (1 to 8) is the highest with full attestation."""

    uri: str
    code: str
    label: Localized
    status: Literal["attested", "partial", "missing"]
    grade: float
    """The grade of the best outcome, 0 to 1."""
    eqf_level: int | None
    within_range: bool | None
    """Whether that level is within the range of the skill; None if no level is known."""
    sectors: tuple[Localized, ...]
    attested_by: tuple[ServingOutcome, ...]


class SectorProfile(Record):
    """A sector with the codes of the green skills that matter in it, by how far they are attested."""

    sector: Localized
    attested: tuple[str, ...]
    partial: tuple[str, ...]
    missing: tuple[str, ...]


class NextStep(Record):
    """A micro-credential of the catalogue that would attest more skills, with its workload in hours."""

    credential: str
    title: str
    hours: float
    skills: tuple[str, ...]
    sectors: tuple[Localized, ...]
    requires: tuple[str, ...]
    """Its prerequisites that the learner does not have."""
    why: Localized


class ProfileVerdict(Verdict):
    """Whether credentials attest green skills."""

    ATTESTED = N_("attested"), N_("At least one green skill is attested.")
    PARTLY_ATTESTED = N_("partly-attested"), N_("At least one green skill is attested in part, and none in full.")
    NONE_ATTESTED = N_("none-attested"), N_("No green skill is attested."), NEGATIVE
    UNDETERMINED = N_("undetermined"), N_("No green skill is known to be attested, but concepts are missing.")


class LearnerProfile(Answer):
    """The green skills that the credentials of a learner attest."""

    kind: ClassVar[str] = "profile"

    verdict: ProfileVerdict
    credentials: tuple[str, ...]
    skills: tuple[AttestedSkill, ...]
    sectors: tuple[SectorProfile, ...]
    next: tuple[NextStep, ...]
    """Suggested next steps: those that add most skills first, then those with the smallest workload."""
    not_counted: tuple[str, ...]
    """The credentials that are not valid on the day `on` and therefore do not count."""
    on: date
    policy: StackPolicy
    """The policy whose grades, hierarchy steps and threshold for an attested skill were applied."""
    note: Localized | None = None
    """A note on the green skills, such as that the set is provisional."""

    def table(self) -> list[dict[str, object]]:
        """Return one row per green skill."""
        return [
            {
                "code": skill.code,
                "skill": skill.label,
                "status": skill.status,
                "grade": skill.grade,
                "eqf_level": skill.eqf_level,
                "attested_by": "; ".join(dict.fromkeys(outcome.description_title for outcome in skill.attested_by)),
                "sectors": Joined(skill.sectors, "; "),
            }
            for skill in self.skills
        ]


def learner_profile(
    store: Store,
    credentials: Sequence[str | SubmittedDocument],
    policy: StackPolicy | None = None,
) -> LearnerProfile:
    """Return the profile of the given credentials (IRIs of the graph or documents) on the day set by the policy.

    Raises `BadParameter` for an empty list, `UnknownResource` and `BadDocument`.
    """
    if not credentials:
        raise BadParameter(Message("A profile needs at least one credential."), Message("Name them in `credentials`."))
    requested_policy = policy or StackPolicy()
    day = requested_policy.on or datetime.now(UTC).date()
    applied_policy = requested_policy.model_copy(update={"on": day})
    subjects = read_subjects(store, credentials)
    valid_subjects = [
        subject
        for subject in subjects
        if not subject.description.issued or validity(subject, day)[0] is not Outcome.UNMET
    ]
    skills = green_skills(store)
    serving, potentials = serving_outcomes(
        store, skills, [subject.description for subject in valid_subjects], applied_policy
    )
    concepts = frozenset[str]().union(*(potential.concepts for potential in potentials.values()))
    missing = missing_data(store, concepts) if concepts else None
    levels = {subject.description.iri: subject.level.eqf for subject in valid_subjects}
    attested_skills = tuple(_attested_skill(skill, serving[skill.uri], levels, applied_policy) for skill in skills)
    return LearnerProfile(
        question={
            "credentials": [subject.name for subject in subjects],
            "policy": requested_policy.model_dump(mode="json", exclude_unset=True) | {"on": day.isoformat()},
        },
        verdict=_verdict(attested_skills, left_open=missing is not None),
        summary=_summary(attested_skills),
        criteria=(
            *judge(store, RULES, _ProfileCase(store, subjects, valid_subjects, day, attested_skills, missing)),
            *replacement_criteria(store, concepts_of(subject.description for subject in subjects)),
        ),
        dataset=dataset_of(store),
        credentials=tuple(subject.name for subject in subjects),
        skills=attested_skills,
        sectors=tuple(_sectors(attested_skills)),
        next=_next_steps(store, subjects, skills, attested_skills, applied_policy),
        not_counted=tuple(subject.name for subject in subjects if subject not in valid_subjects),
        on=day,
        policy=applied_policy,
        note=note_on_green_skills(store),
    )


def _attested_skill(
    skill: GreenSkill, serving: tuple[ServingOutcome, ...], levels: dict[str, int | None], policy: StackPolicy
) -> AttestedSkill:
    grade = serving[0].grade if serving else 0.0
    levels_in_full = [levels[outcome.description] for outcome in serving if outcome.grade >= policy.covered_from]
    level = max((level for level in levels_in_full if level is not None), default=None)
    return AttestedSkill(
        uri=skill.uri,
        code=skill.code,
        label=skill.label,
        status=_ATTESTED[policy.status(grade)],
        grade=grade,
        eqf_level=level,
        within_range=None if level is None else skill.minimum <= level <= skill.maximum,
        sectors=skill.sectors,
        attested_by=serving,
    )


def _sectors(skills: Sequence[AttestedSkill]) -> Iterable[SectorProfile]:
    for sector in sorted({sector for skill in skills for sector in skill.sectors}):
        by_status: dict[str, tuple[str, ...]] = {
            status: tuple(skill.code for skill in skills if sector in skill.sectors and skill.status == status)
            for status in ("attested", "partial", "missing")
        }
        yield SectorProfile(sector=sector, **by_status)


def _next_steps(
    store: Store,
    subjects: Sequence[Subject],
    skills: Sequence[GreenSkill],
    attested_skills: Sequence[AttestedSkill],
    policy: StackPolicy,
) -> tuple[NextStep, ...]:
    """Return the micro-credentials of the catalogue that fully attest skills not attested yet."""
    open_codes = {skill.code for skill in attested_skills if skill.status != "attested"}
    open_skills = [skill for skill in skills if skill.code in open_codes]
    matcher = Matcher(store, [TargetOutcome(skill.uri, skill.label, (skill.uri,)) for skill in open_skills], policy)
    owned_iris = frozenset(subject.description.iri for subject in subjects) | {
        specification for subject in subjects for specification in subject.description.specifications
    }
    gains: list[tuple[list[GreenSkill], CatalogueCandidate]] = []
    for candidate in candidates(store, matcher.concepts, owned_iris, None).candidates:
        best_grades = {
            target.iri: max(
                (match.grade for outcome in candidate.outcomes if (match := matcher.match(target, outcome))),
                default=0.0,
            )
            for target in matcher.target
        }
        if gained_skills := [skill for skill in open_skills if best_grades[skill.uri] >= policy.covered_from]:
            gains.append((gained_skills, candidate))
    gains.sort(key=lambda gain: (-len(gain[0]), gain[1].hours, gain[1].iri))
    titles_by_iri = titles(store, (candidate.iri for _, candidate in gains[:_MAX_NEXT_STEPS]))
    return tuple(
        NextStep(
            credential=candidate.iri,
            title=titles_by_iri[candidate.iri],
            hours=candidate.hours,
            skills=tuple(skill.code for skill in gained_skills),
            sectors=tuple(sorted({sector for skill in gained_skills for sector in skill.sectors})),
            requires=tuple(sorted(candidate.requires - owned_iris)),
            why=ngettext(
                "{count} hour attests {skills}.",
                "{count} hours attest {skills}.",
                candidate.hours,
                skills=join_with_and([Joined((skill.code, skill.label), " ") for skill in gained_skills]),
            ),
        )
        for gained_skills, candidate in gains[:_MAX_NEXT_STEPS]
    )


def _verdict(skills: Sequence[AttestedSkill], *, left_open: bool) -> ProfileVerdict:
    statuses = {skill.status for skill in skills}
    if "attested" in statuses or "partial" in statuses:
        return ProfileVerdict.ATTESTED if "attested" in statuses else ProfileVerdict.PARTLY_ATTESTED
    return ProfileVerdict.UNDETERMINED if left_open else ProfileVerdict.NONE_ATTESTED


def _summary(skills: Sequence[AttestedSkill]) -> Joined:
    attested_skills = [_skill_with_level(skill) for skill in skills if skill.status == "attested"]
    partial_codes = [skill.code for skill in skills if skill.status == "partial"]
    sentences = [
        Message(
            N_("{number} of {all} green skills are attested: {skills}.")
            if attested_skills
            else N_("{number} of {all} green skills are attested."),
            number=len(attested_skills),
            all=len(skills),
            skills=Joined(attested_skills, "; "),
        )
    ]
    if partial_codes:
        sentences.append(Message("In part: {codes}.", codes=", ".join(partial_codes)))
    return Joined(sentences, " ")


def _skill_with_level(skill: AttestedSkill) -> str:
    name = Joined((skill.code, skill.label), " ")
    return Message("{title} (EQF level {level})", title=name, level=skill.eqf_level) if skill.eqf_level else name


@dataclass(frozen=True, slots=True)
class _ProfileCase:
    """The submitted credentials, those of them that are valid on the day, and the skills that they attest."""

    store: Store
    subjects: Sequence[Subject]
    valid_subjects: Sequence[Subject]
    day: date
    skills: Sequence[AttestedSkill]
    missing: str | None
    """Which concepts the graph lacks, if that leaves skills undetermined."""

    @property
    def attested_skills(self) -> list[AttestedSkill]:
        """The skills that are attested in full."""
        return [skill for skill in self.skills if skill.status == "attested"]


def _judge_attested(case: _ProfileCase) -> Judgement:
    outcome = Outcome.MET if case.attested_skills else Outcome.UNKNOWN if case.missing else Outcome.UNMET
    lower_bound = [Message("That is a lower bound."), case.missing] if case.missing else []
    return outcome, Joined([_summary(case.skills), *lower_bound], " "), stated_evidence(case.valid_subjects, *TIED_TO)


def _judge_level(case: _ProfileCase) -> Judgement:
    return *_level(case.attested_skills), level_evidence(case.store, case.valid_subjects)


def _judge_validity(case: _ProfileCase) -> Judgement:
    return *_validity(case.subjects, case.day), _dates(case.subjects)


def _judge_holder(case: _ProfileCase) -> Judgement:
    return one_holder(case.subjects)


def _level(attested_skills: Sequence[AttestedSkill]) -> tuple[Outcome, str]:
    if not attested_skills:
        return Outcome.NOT_APPLICABLE, Message("No green skill is attested.")
    outside = [
        Message("{skill} at EQF level {level}", skill=skill.code, level=skill.eqf_level)
        for skill in attested_skills
        if skill.within_range is False
    ]
    unknown = [skill.code for skill in attested_skills if skill.within_range is None]
    if outside:
        return Outcome.UNMET, Message(
            "Attested outside the range of the skill: {skills}.", skills=Joined(outside, "; ")
        )
    if unknown:
        return Outcome.UNKNOWN, Message(
            "No EQF level is known at which these are attested: {skills}.", skills=", ".join(unknown)
        )
    return Outcome.MET, Message("Each is attested at an EQF level within its range.")


def _validity(subjects: Sequence[Subject], day: date) -> tuple[Outcome, str]:
    validities = [(subject, *validity(subject, day)) for subject in subjects if subject.description.issued]
    if not validities:
        return Outcome.NOT_APPLICABLE, Message("Bare descriptions are not issued, and do not expire.")
    for outcome in (Outcome.UNMET, Outcome.UNKNOWN):
        if sentences := [
            Message("{title}: {why}", title=subject.description.title, why=why)
            for subject, result, why in validities
            if result is outcome
        ]:
            return outcome, Joined(sentences, " ")
    return Outcome.MET, Message("Each is issued and valid on {day}.", day=day)


def _dates(subjects: Sequence[Subject]) -> tuple[Evidence, ...]:
    names = ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate", "credentialStatus")
    return tuple(
        quad
        for subject in subjects
        if subject.description.issued
        for quad in subject.evidence([CRED + name for name in names])
    )


RULES: Final[Mapping[str, Judge[_ProfileCase]]] = {
    "PROFILE-ATTESTED": _judge_attested,
    "PROFILE-LEVEL": _judge_level,
    "PROFILE-VALIDITY": _judge_validity,
    "PROFILE-HOLDER": _judge_holder,
}
"""The judge of each rule, in the order of the answer."""
