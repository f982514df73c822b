"""Coverage of green skills, sectors and policy visions by the learning outcomes of a curriculum.

Rules COVERAGE-SKILLS, COVERAGE-SECTORS and COVERAGE-VISIONS. A curriculum is a set of descriptions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from pyoxigraph import NamedNode

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter, NoOutcomes
from mastery_graph.languages import N_, Joined, Message, Share
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Answer, Evidence, Outcome
from mastery_graph.questions.concepts import labels_of, note_on_green_skills
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.green_skills import GreenSkill, Potential, ServingOutcome, green_skills, serving_outcomes
from mastery_graph.questions.judging.subject import Subject, read_subjects, stated_evidence
from mastery_graph.questions.rules import Judge, Judgement, judge
from mastery_graph.questions.stackability.missing_concepts import missing_data
from mastery_graph.questions.stackability.policy import StackPolicy, Status
from mastery_graph.questions.verdicts import NEGATIVE, Verdict
from mastery_graph.rdf import Term, term_text
from mastery_graph.records import Record
from mastery_graph.store.protocol import Store
from mastery_graph.vocabulary import DCTERMS, ELM, ID, RDF, TIED_TO

_DESCRIPTIONS = {
    ELM + name
    for name in (
        "Qualification",
        "LearningAchievement",
        "LearningAchievementSpecification",
        "EuropeanDigitalCredential",
    )
}


class SkillCoverage(Record):
    """The coverage of a green skill: the grade (0 to 1) of the best outcome, and every outcome that serves it."""

    uri: str
    code: str
    label: Localized
    status: Status
    grade: float
    served_by: tuple[ServingOutcome, ...]


class SectorCoverage(Record):
    """The coverage of a sector, with the codes of its green skills; `share` is the covered part of them, 0 to 1."""

    sector: Localized
    status: Status
    share: float
    covered: tuple[str, ...]
    partial: tuple[str, ...]
    missing: tuple[str, ...]


class ElementCoverage(Record):
    """A standard element that supports a vision, with the descriptions that contain it and those that do not."""

    element: str
    label: str
    stated_by: tuple[str, ...]
    not_stated_by: tuple[str, ...]


class VisionCoverage(Record):
    """The coverage of a policy vision, with the standard elements that support it."""

    uri: str
    code: str
    title: Localized
    status: Status | Literal["not-judged"]
    """`not-judged` if no standard element supports the vision: no description can serve it."""
    share: float | None
    """The part of its elements that the descriptions contain, 0 to 1."""
    elements: tuple[ElementCoverage, ...]
    outcomes: tuple[str, ...]
    """The titles of the learning outcomes, if stating learning outcomes supports the vision."""


class CoverageVerdict(Verdict):
    """Whether a curriculum covers the green skills."""

    COVERED = N_("covered"), N_("Every green skill is covered.")
    PARTLY_COVERED = N_("partly-covered"), N_("At least one green skill is covered, in full or in part.")
    NOT_COVERED = N_("not-covered"), N_("No green skill is covered."), NEGATIVE
    UNDETERMINED = N_("undetermined"), N_("No green skill is known to be covered, but concepts are missing.")


class CurriculumCoverage(Answer):
    """The green skills, sectors and visions that a curriculum covers."""

    kind: ClassVar[str] = "coverage"

    verdict: CoverageVerdict
    descriptions: tuple[str, ...]
    skills: tuple[SkillCoverage, ...]
    sectors: tuple[SectorCoverage, ...]
    visions: tuple[VisionCoverage, ...]
    unused: tuple[str, ...]
    """The titles of the learning outcomes that serve no green skill."""
    policy: StackPolicy
    """The policy whose grades, hierarchy steps and threshold for a covered skill were applied."""
    note: Localized | None = None
    """A note on the green skills, such as that the set is provisional."""

    def table(self) -> list[dict[str, object]]:
        """Return one row per skill and outcome that serves it, then one per sector, then one per vision."""
        rows: list[tuple[str, str, str, str, float | None, str, str]] = []
        for skill in self.skills:
            head = ("skill", skill.code, skill.label, skill.status)
            rows += [
                (*head, outcome.grade, outcome.outcome_title, outcome.description_title) for outcome in skill.served_by
            ]
            rows += [] if skill.served_by else [(*head, 0.0, "", "")]
        rows += [
            ("sector", "", sector.sector, sector.status, sector.share, ", ".join(sector.covered), "")
            for sector in self.sectors
        ]
        for vision in self.visions:
            elements = "; ".join(element.label for element in vision.elements if element.stated_by)
            rows.append(("vision", vision.code, vision.title, vision.status, vision.share, elements, ""))
        columns = ("of", "code", "title", "status", "grade", "served_by", "description")
        return [dict(zip(columns, row, strict=True)) for row in rows]


def coverage_of(
    store: Store, curriculum: Sequence[str | SubmittedDocument], policy: StackPolicy | None = None
) -> CurriculumCoverage:
    """Return the coverage of a curriculum, given as IRIs of descriptions or as documents.

    Raises `BadParameter` for an empty curriculum, `NoOutcomes` if none of its descriptions states a learning outcome,
    `UnknownResource` and `BadDocument`.
    """
    if not curriculum:
        raise BadParameter(
            Message("A curriculum needs at least one description."), Message("Name them in `descriptions`.")
        )
    applied_policy = policy or StackPolicy()
    subjects = read_subjects(store, curriculum)
    descriptions = [subject.description for subject in subjects]
    if not any(description.outcomes for description in descriptions):
        raise NoOutcomes(
            Message("None of the descriptions states a learning outcome."),
            Message("State what a learner can do, linked to ESCO."),
        )
    skills = green_skills(store)
    serving, potentials = serving_outcomes(store, skills, descriptions, applied_policy)
    coverages = tuple(_skill_coverage(skill, serving[skill.uri], applied_policy) for skill in skills)
    sectors = tuple(_sector_coverage(skills, coverages))
    stated_descriptions = [_StatedProperties.of(subject) for subject in subjects]
    titles = tuple(outcome.title for description in descriptions for outcome in description.outcomes)
    visions = tuple(_vision_coverage(store, stated_descriptions, titles))
    case = _CoverageCase(
        subjects,
        coverages,
        sectors,
        visions,
        stated_descriptions,
        _OpenSkills.of(store, coverages, potentials, applied_policy),
    )
    used_outcomes = {outcome.outcome for outcomes in serving.values() for outcome in outcomes}
    return CurriculumCoverage(
        question={"descriptions": [subject.name for subject in subjects]}
        | ({"policy": policy.model_dump(mode="json", exclude_unset=True)} if policy else {}),
        verdict=_verdict(coverages, potentials),
        summary=_summary(coverages, sectors),
        criteria=(
            *judge(store, RULES, case),
            *replacement_criteria(store, concepts_of(descriptions)),
        ),
        dataset=dataset_of(store),
        descriptions=tuple(subject.name for subject in subjects),
        skills=coverages,
        sectors=sectors,
        visions=visions,
        unused=tuple(
            outcome.title
            for description in descriptions
            for outcome in description.outcomes
            if outcome.iri not in used_outcomes
        ),
        policy=applied_policy,
        note=note_on_green_skills(store),
    )


@dataclass(frozen=True, slots=True)
class _StatedProperties:
    """The quads of a description by property, without the titles and texts of its parts."""

    name: str
    issued: bool
    quads: dict[str, list[Evidence]] = field(default_factory=dict)

    @classmethod
    def of(cls, subject: Subject) -> "_StatedProperties":
        stated = cls(subject.name, subject.description.issued)
        quads = subject.evidence()
        itself = {quad.subject for quad in quads if quad.predicate == RDF.type and quad.object in _DESCRIPTIONS}
        for quad in quads:
            if quad.subject in itself or not quad.predicate.startswith(DCTERMS):
                stated.quads.setdefault(quad.predicate, []).append(quad)
        return stated


def _skill_coverage(skill: GreenSkill, serving: tuple[ServingOutcome, ...], policy: StackPolicy) -> SkillCoverage:
    grade = serving[0].grade if serving else 0.0
    return SkillCoverage(
        uri=skill.uri,
        code=skill.code,
        label=skill.label,
        status=policy.status(grade),
        grade=grade,
        served_by=serving,
    )


def _sector_coverage(skills: Sequence[GreenSkill], coverages: Sequence[SkillCoverage]) -> Iterable[SectorCoverage]:
    status = {skill.code: skill.status for skill in coverages}
    for sector in sorted({sector for skill in skills for sector in skill.sectors}):
        codes = [skill.code for skill in skills if sector in skill.sectors]
        groups = {
            kind: tuple(code for code in codes if status[code] == kind) for kind in ("covered", "partial", "missing")
        }
        share = round(len(groups["covered"]) / len(codes), 4)
        yield SectorCoverage(
            sector=sector,
            status=_status(share) if share or not groups["partial"] else "partial",
            share=share,
            covered=groups["covered"],
            partial=groups["partial"],
            missing=groups["missing"],
        )


def _status(share: float) -> Status:
    return "covered" if share == 1 else "partial" if share else "missing"


def _vision_coverage(
    store: Store, stated_descriptions: Sequence[_StatedProperties], outcomes: tuple[str, ...]
) -> Iterable[VisionCoverage]:
    titles: dict[str, tuple[str, str]] = {}
    elements: dict[str, dict[str, tuple[str, bool, set[str]]]] = {}
    for row in store.select(named_query("coverage/vision-elements").text):
        vision = term_text(row["vision"])
        titles[vision] = term_text(row["code"]), term_text(row["title"])
        elements_of_vision = elements.setdefault(vision, {})
        if "element" in row:
            issued_only = term_text(row["issuedOnly"]) in {"true", "1"}
            elements_of_vision.setdefault(term_text(row["element"]), (term_text(row["label"]), issued_only, set()))[
                2
            ].add(term_text(row["property"]))
    visions: list[Term] = [NamedNode(vision) for vision in titles]
    labels = labels_of(store.select(named_query("resource/labels").text, {"resource": visions}), "resource")
    for vision, (code, title) in titles.items():
        element_coverages = tuple(
            ElementCoverage(
                element=element,
                label=label,
                stated_by=tuple(
                    description.name for description in applicable if properties & description.quads.keys()
                ),
                not_stated_by=tuple(
                    description.name for description in applicable if not properties & description.quads.keys()
                ),
            )
            for element, (label, issued_only, properties) in elements[vision].items()
            if (
                applicable := [
                    description for description in stated_descriptions if description.issued or not issued_only
                ]
            )
        )
        stated_count = sum(len(element.stated_by) for element in element_coverages)
        applicable_count = stated_count + sum(len(element.not_stated_by) for element in element_coverages)
        share = round(stated_count / applicable_count, 4) if applicable_count else None
        by_outcomes = f"{ID}standard-element/learning-outcomes" in elements[vision]
        yield VisionCoverage(
            uri=vision,
            code=code,
            title=labels.get(vision, title),
            status="not-judged" if share is None else _status(share),
            share=share,
            elements=element_coverages,
            outcomes=outcomes if by_outcomes else (),
        )


@dataclass(frozen=True, slots=True)
class _OpenSkills:
    """The green skills that could be served better if the graph had the missing concepts, and which those are."""

    codes: frozenset[str]
    all_could_be_covered: bool
    missing: str | None
    """A sentence that names the missing concepts and how to load the data that has them."""

    @classmethod
    def of(
        cls, store: Store, coverages: Sequence[SkillCoverage], potentials: Mapping[str, Potential], policy: StackPolicy
    ) -> "_OpenSkills":
        concepts = frozenset[str]().union(*(potential.concepts for potential in potentials.values()))
        return cls(
            frozenset(skill.code for skill in coverages if skill.uri in potentials),
            all(
                policy.status(max(skill.grade, potentials[skill.uri].grade if skill.uri in potentials else 0.0))
                == "covered"
                for skill in coverages
            ),
            missing_data(store, concepts) if concepts else None,
        )


def _verdict(coverages: Sequence[SkillCoverage], potentials: Mapping[str, Potential]) -> CoverageVerdict:
    if all(skill.status == "covered" for skill in coverages):
        return CoverageVerdict.COVERED
    if any(skill.status != "missing" for skill in coverages):
        return CoverageVerdict.PARTLY_COVERED
    return CoverageVerdict.UNDETERMINED if potentials else CoverageVerdict.NOT_COVERED


def _summary(coverages: Sequence[SkillCoverage], sectors: Sequence[SectorCoverage]) -> Message:
    covered_codes = [skill.code for skill in coverages if skill.status == "covered"]
    partial_codes = [skill.code for skill in coverages if skill.status == "partial"]
    covered_sectors = [sector.sector for sector in sectors if sector.status == "covered"]
    summary = Message("{number} of {all} green skills are covered", number=len(covered_codes), all=len(coverages))
    if covered_codes:
        summary = Message("{told} ({codes})", told=summary, codes=", ".join(covered_codes))
    if partial_codes:
        summary = Message(
            "{told}, {number} in part ({codes})",
            told=summary,
            number=len(partial_codes),
            codes=", ".join(partial_codes),
        )
    return Message(
        "{told}; every green skill is covered of {sectors}.",
        told=summary,
        sectors=Joined(covered_sectors, ", ") or Message("no sector"),
    )


@dataclass(frozen=True, slots=True)
class _CoverageCase:
    """A curriculum and what it covers: skills, sectors and visions."""

    subjects: Sequence[Subject]
    skills: Sequence[SkillCoverage]
    sectors: Sequence[SectorCoverage]
    visions: Sequence[VisionCoverage]
    stated_descriptions: Sequence[_StatedProperties]
    open_skills: _OpenSkills

    @property
    def all_covered(self) -> bool:
        """Whether every green skill is covered in full."""
        return all(skill.status == "covered" for skill in self.skills)

    @property
    def shortfall(self) -> Outcome:
        """The outcome where something is not covered: unknown if missing concepts could make all skills covered."""
        return Outcome.UNKNOWN if self.open_skills.all_could_be_covered and self.open_skills.codes else Outcome.UNMET

    @property
    def lower_bound(self) -> list[str]:
        """That the coverage is a lower bound, where concepts are missing from the graph."""
        is_bound = self.open_skills.missing and not self.all_covered
        return [Message("What is covered is a lower bound.")] if is_bound else []


def _judge_skills(case: _CoverageCase) -> Judgement:
    missing_skills = [skill for skill in case.skills if skill.status == "missing"]
    open_codes = case.open_skills.codes
    certain = [Joined((skill.code, skill.label), " ") for skill in missing_skills if skill.code not in open_codes]
    uncertain = [Joined((skill.code, skill.label), " ") for skill in missing_skills if skill.code in open_codes]
    sentences: list[str] = []
    if certain:
        sentences.append(Message("Not served: {skills}.", skills=Joined(certain, "; ")))
    if uncertain:
        sentences.append(Message("Not known to be served: {skills}.", skills=Joined(uncertain, "; ")))
    if not missing_skills:
        sentences.append(Message("Each green skill is served, in full or in part."))
    if case.lower_bound and case.open_skills.missing:
        sentences += [*case.lower_bound, case.open_skills.missing]
    outcome = Outcome.MET if case.all_covered else case.shortfall
    return outcome, Joined(sentences, " "), stated_evidence(case.subjects, *TIED_TO)


def _judge_sectors(case: _CoverageCase) -> Judgement:
    open_sectors = Joined(
        (
            Message("{name} ({share})", name=sector.sector, share=Share(sector.share))
            for sector in case.sectors
            if sector.status != "covered"
        ),
        "; ",
    )
    sentence = (
        Message("Not covered in full: {sectors}.", sectors=open_sectors)
        if open_sectors
        else Message("Every sector is covered.")
    )
    outcome = case.shortfall if open_sectors else Outcome.MET
    return outcome, Joined([sentence, *case.lower_bound], " "), stated_evidence(case.subjects, *TIED_TO)


def _judge_visions(case: _CoverageCase) -> Judgement:
    not_judged = [vision.code for vision in case.visions if vision.status == "not-judged"]
    incomplete = Joined(
        (
            Message("{name} ({share})", name=vision.code, share=Share(vision.share))
            for vision in case.visions
            if vision.share is not None and vision.share < 1
        ),
        "; ",
    )
    if incomplete:
        sentences = [Message("Not served in full: {visions}.", visions=incomplete)]
    else:
        sentences = [Message("Every vision that can be judged is served.")]
    if not_judged:
        sentences.append(Message("No standard element is related to {visions}.", visions=", ".join(not_judged)))
    outcomes = tuple(
        quad for description in case.stated_descriptions for quad in description.quads.get(ELM.learningOutcome, ())
    )
    outcome = Outcome.UNMET if incomplete else Outcome.MET
    return outcome, Joined(sentences, " "), outcomes


RULES: Final[Mapping[str, Judge[_CoverageCase]]] = {
    "COVERAGE-SKILLS": _judge_skills,
    "COVERAGE-SECTORS": _judge_sectors,
    "COVERAGE-VISIONS": _judge_visions,
}
"""The judge of each rule, in the order of the answer."""
