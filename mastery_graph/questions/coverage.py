"""Coverage: which green skills, sectors and policy visions a curriculum serves, by which learning outcome.

Rules COVERAGE-SKILLS, COVERAGE-SECTORS and COVERAGE-VISIONS. A curriculum is a set of descriptions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pyoxigraph import NamedNode

from mastery_graph.credentials.reading import SubmittedDocument
from mastery_graph.dataset_identity import dataset_of
from mastery_graph.errors import BadParameter, NoOutcomes
from mastery_graph.languages import Joined, Message, Share
from mastery_graph.languages.records import Localized
from mastery_graph.queries import named_query
from mastery_graph.questions.answer import Answer, Criterion, Evidence, Outcome
from mastery_graph.questions.concepts import labels_of, note_on_green_skills
from mastery_graph.questions.esco.replacement import concepts_of, replacement_criteria
from mastery_graph.questions.green_skills import GreenSkill, Potential, ServingOutcome, green_skills, serving_outcomes
from mastery_graph.questions.judging.subject import Subject, read_subjects, stated_evidence
from mastery_graph.questions.rules import Rules
from mastery_graph.questions.stackability.missing_concepts import missing_data
from mastery_graph.questions.stackability.policy import StackPolicy, Status
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
_RULES = ("COVERAGE-SKILLS", "COVERAGE-SECTORS", "COVERAGE-VISIONS")


class SkillCoverage(Record):
    """A green skill: how far it is covered, the grade (0 to 1) of the best outcome, every outcome that serves it."""

    uri: str
    code: str
    label: Localized
    status: Status
    grade: float
    served_by: tuple[ServingOutcome, ...]


class SectorCoverage(Record):
    """A sector with the codes of the green skills that matter in it; `share` is the covered part of them, 0 to 1."""

    sector: Localized
    status: Status
    share: float
    covered: tuple[str, ...]
    partial: tuple[str, ...]
    missing: tuple[str, ...]


class ElementCoverage(Record):
    """A standard element that supports a vision, with the descriptions that state it and those that do not."""

    element: str
    label: str
    stated_by: tuple[str, ...]
    not_stated_by: tuple[str, ...]


class VisionCoverage(Record):
    """A policy vision, with the standard elements by which descriptions serve it."""

    uri: str
    code: str
    title: Localized
    status: Status | Literal["not-judged"]
    """`not-judged` where no standard element supports the vision: a description cannot serve it."""
    share: float | None
    """The part of its elements that the descriptions state, 0 to 1."""
    elements: tuple[ElementCoverage, ...]
    outcomes: tuple[str, ...]
    """The titles of the learning outcomes that serve it, where stating outcomes does."""


class CurriculumCoverage(Answer):
    """What a curriculum covers of the green skills: `covered`, `partly-covered`, `not-covered` or `undetermined`."""

    kind: ClassVar[str] = "coverage"

    descriptions: tuple[str, ...]
    skills: tuple[SkillCoverage, ...]
    sectors: tuple[SectorCoverage, ...]
    visions: tuple[VisionCoverage, ...]
    unused: tuple[str, ...]
    """The titles of the learning outcomes that serve no green skill."""
    policy: StackPolicy
    """Its grades, its hierarchy steps and the grade from which a skill is covered were applied."""
    note: Localized | None = None
    """What must be known of the green skills, such as that they are a provisional set."""

    def table(self) -> list[dict[str, object]]:
        """Return a row a skill and outcome that serves it, then a row a sector, then a row a vision."""
        rows: list[tuple[str, str, str, str, float | None, str, str]] = []
        for skill in self.skills:
            head = ("skill", skill.code, skill.label, skill.status)
            rows += [(*head, one.grade, one.outcome_title, one.description_title) for one in skill.served_by]
            rows += [] if skill.served_by else [(*head, 0.0, "", "")]
        rows += [("sector", "", one.sector, one.status, one.share, ", ".join(one.covered), "") for one in self.sectors]
        for vision in self.visions:
            elements = "; ".join(one.label for one in vision.elements if one.stated_by)
            rows.append(("vision", vision.code, vision.title, vision.status, vision.share, elements, ""))
        columns = ("of", "code", "title", "status", "grade", "served_by", "description")
        return [dict(zip(columns, row, strict=True)) for row in rows]


def coverage_of(
    store: Store, curriculum: Sequence[str | SubmittedDocument], policy: StackPolicy | None = None
) -> CurriculumCoverage:
    """Return what a curriculum covers: descriptions by their IRIs, or documents.

    Raises `BadParameter` for an empty curriculum, `NoOutcomes` where none of it states a learning outcome,
    `UnknownResource` and `BadDocument`.
    """
    if not curriculum:
        raise BadParameter("A curriculum needs at least one description.", "Name them in `descriptions`.")
    figures = policy or StackPolicy()
    members = read_subjects(store, curriculum)
    described = [one.description for one in members]
    if not any(one.outcomes for one in described):
        raise NoOutcomes(
            "None of the descriptions states a learning outcome.", "State what a learner can do, tied to ESCO."
        )
    skills = green_skills(store)
    serving, potentials = serving_outcomes(store, skills, described, figures)
    covered = tuple(_skill(skill, serving[skill.uri], figures) for skill in skills)
    sectors = tuple(_sectors(skills, covered))
    stated = [_Stated.of(one) for one in members]
    titles = tuple(outcome.title for one in described for outcome in one.outcomes)
    visions = tuple(_visions(store, stated, titles))
    rules = Rules(store, *_RULES)
    used = {one.outcome for each in serving.values() for one in each}
    return CurriculumCoverage(
        question={"descriptions": [one.name for one in members]}
        | ({"policy": policy.model_dump(mode="json", exclude_unset=True)} if policy else {}),
        verdict=_verdict(covered, potentials),
        summary=_summary(covered, sectors),
        criteria=(
            *_criteria(rules, members, covered, sectors, _Open.of(store, covered, potentials, figures)),
            _on_visions(rules, visions, stated),
            *replacement_criteria(store, concepts_of(described)),
        ),
        dataset=dataset_of(store),
        descriptions=tuple(one.name for one in members),
        skills=covered,
        sectors=sectors,
        visions=visions,
        unused=tuple(outcome.title for one in described for outcome in one.outcomes if outcome.iri not in used),
        policy=figures,
        note=note_on_green_skills(store),
    )


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a description states: the quads by their property; titles and texts of its parts are not its own."""

    name: str
    issued: bool
    quads: dict[str, list[Evidence]] = field(default_factory=dict)

    @classmethod
    def of(cls, one: Subject) -> "_Stated":
        stated = cls(one.name, one.description.issued)
        quads = one.evidence()
        itself = {quad.subject for quad in quads if quad.predicate == RDF + "type" and quad.object in _DESCRIPTIONS}
        for quad in quads:
            if quad.subject in itself or not quad.predicate.startswith(DCTERMS):
                stated.quads.setdefault(quad.predicate, []).append(quad)
        return stated


def _skill(skill: GreenSkill, serving: tuple[ServingOutcome, ...], policy: StackPolicy) -> SkillCoverage:
    grade = serving[0].grade if serving else 0.0
    return SkillCoverage(
        uri=skill.uri,
        code=skill.code,
        label=skill.label,
        status=policy.status(grade),
        grade=grade,
        served_by=serving,
    )


def _sectors(skills: Sequence[GreenSkill], covered: Sequence[SkillCoverage]) -> Iterable[SectorCoverage]:
    status = {one.code: one.status for one in covered}
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


def _visions(store: Store, stated: Sequence[_Stated], outcomes: tuple[str, ...]) -> Iterable[VisionCoverage]:
    titles: dict[str, tuple[str, str]] = {}
    elements: dict[str, dict[str, tuple[str, bool, set[str]]]] = {}
    for row in store.select(named_query("coverage/vision-elements").text):
        vision = term_text(row["vision"])
        titles[vision] = term_text(row["code"]), term_text(row["title"])
        of = elements.setdefault(vision, {})
        if "element" in row:
            issued_only = term_text(row["issuedOnly"]) in {"true", "1"}
            of.setdefault(term_text(row["element"]), (term_text(row["label"]), issued_only, set()))[2].add(
                term_text(row["property"])
            )
    visions: list[Term] = [NamedNode(vision) for vision in titles]
    called = labels_of(store.select(named_query("resource/labels").text, {"resource": visions}), "resource")
    for vision, (code, title) in titles.items():
        found = tuple(
            ElementCoverage(
                element=element,
                label=label,
                stated_by=tuple(one.name for one in asked if properties & one.quads.keys()),
                not_stated_by=tuple(one.name for one in asked if not properties & one.quads.keys()),
            )
            for element, (label, issued_only, properties) in elements[vision].items()
            if (asked := [one for one in stated if one.issued or not issued_only])
        )
        said = sum(len(one.stated_by) for one in found)
        of_all = said + sum(len(one.not_stated_by) for one in found)
        share = round(said / of_all, 4) if of_all else None
        by_outcomes = f"{ID}standard-element/learning-outcomes" in elements[vision]
        yield VisionCoverage(
            uri=vision,
            code=code,
            title=called.get(vision, title),
            status="not-judged" if share is None else _status(share),
            share=share,
            elements=found,
            outcomes=outcomes if by_outcomes else (),
        )


@dataclass(frozen=True, slots=True)
class _Open:
    """The green skills that could be served better if what the graph does not know were known, and what that is."""

    codes: frozenset[str]
    all_could_be_covered: bool
    missing: str | None
    """Which concepts are not in the graph, and how what knows them is loaded."""

    @classmethod
    def of(
        cls, store: Store, covered: Sequence[SkillCoverage], potentials: Mapping[str, Potential], policy: StackPolicy
    ) -> "_Open":
        concepts = frozenset[str]().union(*(potential.concepts for potential in potentials.values()))
        return cls(
            frozenset(skill.code for skill in covered if skill.uri in potentials),
            all(
                policy.status(max(skill.grade, potentials[skill.uri].grade if skill.uri in potentials else 0.0))
                == "covered"
                for skill in covered
            ),
            missing_data(store, concepts) if concepts else None,
        )


def _verdict(covered: Sequence[SkillCoverage], potentials: Mapping[str, Potential]) -> str:
    if all(one.status == "covered" for one in covered):
        return "covered"
    if any(one.status != "missing" for one in covered):
        return "partly-covered"
    return "undetermined" if potentials else "not-covered"


def _summary(covered: Sequence[SkillCoverage], sectors: Sequence[SectorCoverage]) -> Message:
    full = [one.code for one in covered if one.status == "covered"]
    part = [one.code for one in covered if one.status == "partial"]
    whole = [one.sector for one in sectors if one.status == "covered"]
    told = Message("{number} of {all} green skills are covered", number=len(full), all=len(covered))
    if full:
        told = Message("{told} ({codes})", told=told, codes=", ".join(full))
    if part:
        told = Message("{told}, {number} in part ({codes})", told=told, number=len(part), codes=", ".join(part))
    return Message(
        "{told}; every green skill is covered of {sectors}.",
        told=told,
        sectors=Joined(whole, ", ") or Message("no sector"),
    )


def _criteria(
    rules: Rules,
    subjects: Sequence[Subject],
    covered: Sequence[SkillCoverage],
    sectors: Sequence[SectorCoverage],
    left_open: _Open,
) -> tuple[Criterion, ...]:
    """Return the criteria on skills and sectors: unknown where what the graph does not know could cover all of them."""
    outcomes = stated_evidence(subjects, *TIED_TO)
    lacking = [one for one in covered if one.status == "missing"]
    certain = [Joined((one.code, one.label), " ") for one in lacking if one.code not in left_open.codes]
    uncertain = [Joined((one.code, one.label), " ") for one in lacking if one.code in left_open.codes]
    open_sectors = Joined(
        (
            Message("{name} ({share})", name=one.sector, share=Share(one.share))
            for one in sectors
            if one.status != "covered"
        ),
        "; ",
    )
    whole = all(one.status == "covered" for one in covered)
    short = Outcome.UNKNOWN if left_open.all_could_be_covered and left_open.codes else Outcome.UNMET
    on_skills: list[str] = []
    if certain:
        on_skills.append(Message("Not served: {skills}.", skills=Joined(certain, "; ")))
    if uncertain:
        on_skills.append(Message("Not known to be served: {skills}.", skills=Joined(uncertain, "; ")))
    if not lacking:
        on_skills.append(Message("Each green skill is served, in full or in part."))
    on_sectors: list[str] = [
        Message("Not covered in full: {sectors}.", sectors=open_sectors)
        if open_sectors
        else Message("Every sector is covered.")
    ]
    if left_open.missing and not whole:
        lower_bound = Message("What is covered is a lower bound.")
        on_skills += [lower_bound, left_open.missing]
        on_sectors.append(lower_bound)
    return (
        rules.criterion("COVERAGE-SKILLS", Outcome.MET if whole else short, Joined(on_skills, " "), outcomes),
        rules.criterion("COVERAGE-SECTORS", short if open_sectors else Outcome.MET, Joined(on_sectors, " "), outcomes),
    )


def _on_visions(rules: Rules, visions: Sequence[VisionCoverage], stated: Sequence[_Stated]) -> Criterion:
    beyond = [one.code for one in visions if one.status == "not-judged"]
    lacking = Joined(
        (
            Message("{name} ({share})", name=one.code, share=Share(one.share))
            for one in visions
            if one.share is not None and one.share < 1
        ),
        "; ",
    )
    if lacking:
        told = [Message("Not served in full: {visions}.", visions=lacking)]
    else:
        told = [Message("Every vision that can be judged is served.")]
    if beyond:
        told.append(Message("No standard element speaks to {visions}.", visions=", ".join(beyond)))
    outcomes = tuple(quad for one in stated for quad in one.quads.get(ELM + "learningOutcome", ()))
    return rules.criterion("COVERAGE-VISIONS", Outcome.UNMET if lacking else Outcome.MET, Joined(told, " "), outcomes)
