"""The profile of a learner: which green skills the credentials held attest, at which EQF level, and what is next.

Rules PROFILE-ATTESTED, PROFILE-LEVEL, PROFILE-VALIDITY and PROFILE-HOLDER.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar, Final, Literal

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter
from mastery_graph.languages import Joined, Message, join_with_and, said
from mastery_graph.languages.records import Localized
from mastery_graph.questions.answer import Answer, Criterion, Evidence, Outcome
from mastery_graph.questions.concepts import note_on_green_skills
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.green_skills import GreenSkill, ServingOutcome, green_skills, serving_outcomes
from mastery_graph.questions.judging.subject import Subject, level_evidence, read_subjects, stated_evidence
from mastery_graph.questions.rules import Rules
from mastery_graph.questions.stackability.catalogue import CatalogueCandidate, candidates, titles
from mastery_graph.questions.stackability.criteria import one_holder, validity
from mastery_graph.questions.stackability.missing_concepts import missing_data
from mastery_graph.questions.stackability.outcome_coverage import Matcher, TargetOutcome
from mastery_graph.questions.stackability.policy import StackPolicy, Status
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import CRED, TIED_TO

_RULES = ("PROFILE-ATTESTED", "PROFILE-LEVEL", "PROFILE-VALIDITY", "PROFILE-HOLDER")
_ATTESTED: Final[dict[Status, Literal["attested", "partial", "missing"]]] = {
    "covered": "attested",
    "partial": "partial",
    "missing": "missing",
}
_NEXT = 5


class AttestedSkill(Record):
    """A green skill with what attests it. `eqf_level` (1 to 8) is the highest at which it is attested in full."""

    uri: str
    code: str
    label: Localized
    status: Literal["attested", "partial", "missing"]
    grade: float
    """0 to 1, of the best outcome."""
    eqf_level: int | None
    within_range: bool | None
    """Whether that level lies in the range of the skill; None where no level is known."""
    sectors: tuple[Localized, ...]
    attested_by: tuple[ServingOutcome, ...]


class SectorProfile(Record):
    """A sector with the codes of the green skills that matter in it, by how far they are attested."""

    sector: Localized
    attested: tuple[str, ...]
    partial: tuple[str, ...]
    missing: tuple[str, ...]


class NextStep(Record):
    """A micro-credential of the catalogue that would attest more: its workload in hours, the skills, their sectors."""

    credential: str
    title: str
    hours: float
    skills: tuple[str, ...]
    sectors: tuple[Localized, ...]
    requires: tuple[str, ...]
    """Its prerequisites that are not held."""
    why: Localized


class LearnerProfile(Answer):
    """What the credentials held attest of the green skills.

    `attested`, `partly-attested`, `none-attested`, or `undetermined` where concepts are missing.
    """

    kind: ClassVar[str] = "profile"

    credentials: tuple[str, ...]
    skills: tuple[AttestedSkill, ...]
    sectors: tuple[SectorProfile, ...]
    next: tuple[NextStep, ...]
    """What is next worth learning: the most skills not yet attested first, then the least workload."""
    not_counted: tuple[str, ...]
    """The credentials that are not valid on the day asked, and attest nothing."""
    on: date
    policy: StackPolicy
    """Its grades, its hierarchy steps and the grade from which a skill is attested were applied."""
    note: Localized | None = None
    """What must be known of the green skills, such as that they are a provisional set."""

    def table(self) -> list[dict[str, object]]:
        """Return a row a green skill."""
        return [
            {
                "code": one.code,
                "skill": one.label,
                "status": one.status,
                "grade": one.grade,
                "eqf_level": one.eqf_level,
                "attested_by": "; ".join(dict.fromkeys(each.description_title for each in one.attested_by)),
                "sectors": Joined(one.sectors, "; "),
            }
            for one in self.skills
        ]


def learner_profile(
    store: Store,
    credentials: Sequence[str | SubmittedDocument],
    policy: StackPolicy | None = None,
) -> LearnerProfile:
    """Return what the credentials held attest: IRIs of the graph or documents, on the day that the policy gives.

    Raises `BadParameter` where none is given, `UnknownResource` and `BadDocument`.
    """
    if not credentials:
        raise BadParameter("A profile needs at least one credential.", "Name them in `credentials`.")
    asked = policy or StackPolicy()
    day = asked.on or datetime.now(UTC).date()
    figures = asked.model_copy(update={"on": day})
    held = read_subjects(store, credentials)
    counted = [one for one in held if not one.description.issued or validity(one, day)[0] is not Outcome.UNMET]
    skills = green_skills(store)
    serving, potentials = serving_outcomes(store, skills, [one.description for one in counted], figures)
    concepts = frozenset[str]().union(*(potential.concepts for potential in potentials.values()))
    missing = missing_data(store, concepts) if concepts else None
    levels = {one.description.iri: one.level.eqf for one in counted}
    attested = tuple(_attested(skill, serving[skill.uri], levels, figures) for skill in skills)
    return LearnerProfile(
        question={
            "credentials": [one.name for one in held],
            "policy": asked.model_dump(mode="json", exclude_unset=True) | {"on": day.isoformat()},
        },
        verdict=_verdict(attested, left_open=missing is not None),
        summary=_summary(attested),
        criteria=(
            *_criteria(store, _Credentials(held, counted, day), attested, missing),
            *replacement_criteria(store, concepts_of(one.description for one in held)),
        ),
        dataset=dataset_of(store),
        credentials=tuple(one.name for one in held),
        skills=attested,
        sectors=tuple(_sectors(attested)),
        next=_next(store, held, skills, attested, figures),
        not_counted=tuple(one.name for one in held if one not in counted),
        on=day,
        policy=figures,
        note=note_on_green_skills(store),
    )


def _attested(
    skill: GreenSkill, serving: tuple[ServingOutcome, ...], levels: dict[str, int | None], policy: StackPolicy
) -> AttestedSkill:
    grade = serving[0].grade if serving else 0.0
    full = [levels[one.description] for one in serving if one.grade >= policy.covered_from]
    level = max((one for one in full if one is not None), default=None)
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
            status: tuple(one.code for one in skills if sector in one.sectors and one.status == status)
            for status in ("attested", "partial", "missing")
        }
        yield SectorProfile(sector=sector, **by_status)


def _next(
    store: Store,
    held: Sequence[Subject],
    skills: Sequence[GreenSkill],
    attested: Sequence[AttestedSkill],
    policy: StackPolicy,
) -> tuple[NextStep, ...]:
    """Return the micro-credentials of the catalogue that attest in full what is not attested yet."""
    open_codes = {one.code for one in attested if one.status != "attested"}
    wanted = [skill for skill in skills if skill.code in open_codes]
    matcher = Matcher(store, [TargetOutcome(skill.uri, skill.label, (skill.uri,)) for skill in wanted], policy)
    owned = frozenset(one.description.iri for one in held) | {
        specification for one in held for specification in one.description.specifications
    }
    gains: list[tuple[list[GreenSkill], CatalogueCandidate]] = []
    for candidate in candidates(store, matcher.concepts, owned, None).candidates:
        best = {
            target.iri: max(
                (match.grade for outcome in candidate.outcomes if (match := matcher.match(target, outcome))),
                default=0.0,
            )
            for target in matcher.target
        }
        if gained := [skill for skill in wanted if best[skill.uri] >= policy.covered_from]:
            gains.append((gained, candidate))
    gains.sort(key=lambda gain: (-len(gain[0]), gain[1].hours, gain[1].iri))
    called = titles(store, (candidate.iri for _, candidate in gains[:_NEXT]))
    return tuple(
        NextStep(
            credential=candidate.iri,
            title=called[candidate.iri],
            hours=candidate.hours,
            skills=tuple(skill.code for skill in gained),
            sectors=tuple(sorted({sector for skill in gained for sector in skill.sectors})),
            requires=tuple(sorted(candidate.requires - owned)),
            why=Message(
                "{hours} hours attest {skills}.",
                hours=candidate.hours,
                skills=join_with_and([Joined((one.code, one.label), " ") for one in gained]),
            ),
        )
        for gained, candidate in gains[:_NEXT]
    )


def _verdict(skills: Sequence[AttestedSkill], *, left_open: bool) -> str:
    found = {one.status for one in skills}
    if "attested" in found or "partial" in found:
        return "attested" if "attested" in found else "partly-attested"
    return "undetermined" if left_open else "none-attested"


def _summary(skills: Sequence[AttestedSkill]) -> Joined:
    full = [_named(one) for one in skills if one.status == "attested"]
    part = [one.code for one in skills if one.status == "partial"]
    told = [
        Message(
            said("{number} of {all} green skills are attested: {skills}.")
            if full
            else said("{number} of {all} green skills are attested."),
            number=len(full),
            all=len(skills),
            skills=Joined(full, "; "),
        )
    ]
    if part:
        told.append(Message("In part: {codes}.", codes=", ".join(part)))
    return Joined(told, " ")


def _named(one: AttestedSkill) -> str:
    name = Joined((one.code, one.label), " ")
    return Message("{title} (EQF level {level})", title=name, level=one.eqf_level) if one.eqf_level else name


@dataclass(frozen=True, slots=True)
class _Credentials:
    """The credentials that were presented, and those of them that are valid on the day."""

    held: Sequence[Subject]
    counted: Sequence[Subject]
    day: date


def _criteria(
    store: Store, credentials: _Credentials, skills: Sequence[AttestedSkill], missing: str | None
) -> tuple[Criterion, ...]:
    """Return the criteria; `missing` says which concepts are not in the graph, where that leaves skills open."""
    rules = Rules(store, *_RULES)
    held, counted = credentials.held, credentials.counted
    full = [one for one in skills if one.status == "attested"]
    attested = Outcome.MET if full else Outcome.UNKNOWN if missing else Outcome.UNMET
    explanation = [_summary(skills), *([Message("That is a lower bound."), missing] if missing else [])]
    return (
        rules.criterion("PROFILE-ATTESTED", attested, Joined(explanation, " "), stated_evidence(counted, *TIED_TO)),
        rules.criterion("PROFILE-LEVEL", *_level(full), level_evidence(store, counted)),
        rules.criterion("PROFILE-VALIDITY", *_validity(held, credentials.day), _dates(held)),
        rules.criterion("PROFILE-HOLDER", *one_holder(held)),
    )


def _level(full: Sequence[AttestedSkill]) -> tuple[Outcome, str]:
    if not full:
        return Outcome.NOT_APPLICABLE, Message("No green skill is attested.")
    outside = [
        Message("{skill} at EQF level {level}", skill=one.code, level=one.eqf_level)
        for one in full
        if one.within_range is False
    ]
    unknown = [one.code for one in full if one.within_range is None]
    if outside:
        return Outcome.UNMET, Message(
            "Attested outside the range of the skill: {skills}.", skills=Joined(outside, "; ")
        )
    if unknown:
        return Outcome.UNKNOWN, Message(
            "No EQF level is known at which these are attested: {skills}.", skills=", ".join(unknown)
        )
    return Outcome.MET, Message("Each is attested at an EQF level within its range.")


def _validity(held: Sequence[Subject], day: date) -> tuple[Outcome, str]:
    issued = [(one, *validity(one, day)) for one in held if one.description.issued]
    if not issued:
        return Outcome.NOT_APPLICABLE, Message("Bare descriptions are not issued, and do not expire.")
    for outcome in (Outcome.UNMET, Outcome.UNKNOWN):
        if told := [
            Message("{title}: {why}", title=one.description.title, why=why)
            for one, found, why in issued
            if found is outcome
        ]:
            return outcome, Joined(told, " ")
    return Outcome.MET, Message("Each is issued and valid on {day}.", day=day)


def _dates(held: Sequence[Subject]) -> tuple[Evidence, ...]:
    names = ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate", "credentialStatus")
    return tuple(
        quad for one in held if one.description.issued for quad in one.evidence([CRED + name for name in names])
    )
