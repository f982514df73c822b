"""The criteria of recognition: each rule REC-* applied to one credential, destination and purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from pyoxigraph import Literal as Term

from mastery_graph.answers.answer import Criterion, Evidence, Outcome
from mastery_graph.answers.equivalence.closure import reachable
from mastery_graph.answers.equivalence.levels import Level, all_levels, equivalent_levels
from mastery_graph.answers.evidence import statements, text
from mastery_graph.answers.recognition.statements import Asked, JudgedStatement, judge, recognition_statements, settled
from mastery_graph.answers.rules import Rules
from mastery_graph.answers.stackability.criteria import NOT_VERIFIED, Judgement, validity
from mastery_graph.answers.subject import Subject, level_of
from mastery_graph.credentials.description import Accreditation
from mastery_graph.credentials.workload import agree
from mastery_graph.queries import named_query
from mastery_graph.store.protocol import Row, Store
from mastery_graph.vocabulary import CRED, DCTERMS, ELM, EQF, NS

Purpose = Literal["academic", "training", "employment"]

RULES = (
    "REC-LEVEL",
    "REC-OUTCOMES",
    "REC-WORKLOAD",
    "REC-ELEMENTS",
    "REC-ASSESSMENT",
    "REC-QUALITY",
    "REC-AWARDING-BODY",
    "REC-AUTHENTICITY",
    "REC-VALIDITY",
    "REC-NATIONAL",
)
_FAMILY = {"academic": "esg", "training": "eqavet"}
_ESCO = "http://data.europa.eu/esco/"
_EQF_LEVELS = {f"{EQF}{number}" for number in range(1, 9)}
_SETTLES = {"REC-LEVEL": "level", "REC-OUTCOMES": "outcomes"}
"""The criterion that a recognition statement speaks to, by what it accepts something as."""


@dataclass(frozen=True)
class Case:
    """A credential, a destination and a purpose."""

    store: Store
    subject: Subject
    country: str
    purpose: Purpose
    day: date
    body: str | None = None
    """The body that asks: whose statements bind, and those that it has declared to follow."""

    @cached_property
    def statements(self) -> tuple[JudgedStatement, ...]:
        """The recognition statements that speak of the credential, its descriptions or its levels, judged."""
        description = self.subject.description
        eqf, national = self.level
        names = [description.iri, *description.specifications]
        names += [national.uri] if national else []
        names += [f"{EQF}{eqf}"] if eqf else []
        about = recognition_statements(self.store, names)
        levels = {level.uri for level in all_levels(self.store, self.country)}
        here = [one for one in about if one.speaks_to != "level" or (one.accepted_as or "") in levels | _EQF_LEVELS]
        return judge(here, description, Asked(self.body, self.day, self.purpose))

    @cached_property
    def level(self) -> tuple[int | None, Level | None]:
        """The EQF level and the national level of the credential.

        An EQF level that is claimed beside a national level without a verified referencing is borne out by none.
        """
        eqf, national = level_of(self.store, self.subject.description)
        return (None if national and national.eqf_level is None else eqf), national

    @cached_property
    def destination(self) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """The levels of the destination that compare, and those without a verified referencing."""
        eqf, _ = self.level
        answer = equivalent_levels(self.store, f"{EQF}{eqf or 1}", self.country)
        return (answer.equivalents if eqf else ()), answer.unreferenced

    @cached_property
    def policy(self) -> Row | None:
        """What is known of the destination's policy."""
        rows = self.store.select(named_query("recognition/national-policy").text, {"country": Term(self.country)})
        return rows[0] if rows else None


def criteria(case: Case, rules: Rules) -> tuple[Criterion, ...]:
    """Return the criteria in the order of the rules."""
    judges: dict[str, Callable[[Case], Judgement]] = {
        "REC-LEVEL": _level,
        "REC-OUTCOMES": _outcomes,
        "REC-WORKLOAD": _workload,
        "REC-ELEMENTS": _elements,
        "REC-ASSESSMENT": _assessment,
        "REC-QUALITY": _quality,
        "REC-AWARDING-BODY": _awarding_body,
        "REC-AUTHENTICITY": _authenticity,
        "REC-VALIDITY": _validity,
        "REC-NATIONAL": _national,
    }
    judged = []
    for rule in RULES:
        criterion = rules.criterion(rule, *judges[rule](case))
        if rule in _SETTLES:
            criterion, _ = settled(case.statements, _SETTLES[rule], criterion, case.store)
        judged.append(criterion)
    return tuple(judged)


def _level(case: Case) -> Judgement:
    eqf, national = case.level
    here, open_levels = case.destination
    evidence = case.subject.evidence([ELM + "EQFLevel", ELM + "NQFLevel"])
    involved = [*here, *([national] if national else []), *([] if here else open_levels)]
    evidence += statements(
        case.store,
        (level.referencing or level.uri for level in involved),
        [NS + name for name in ("nationalLevel", "eqfLevel", "basis", "confidence", "historical", "openBecause")],
    )
    if eqf is None and national is None:
        written = case.subject.description.nqf_level
        stated = f"The level {written} is not known here." if written else "No level is stated."
        return Outcome.UNKNOWN, stated, evidence
    if eqf is None and national is not None:
        reason = national.open_because or "no reason is recorded"
        return Outcome.UNKNOWN, f"{national.label} has no verified referencing to the EQF: {reason}.", evidence
    if national and national.eqf_level not in {None, eqf}:
        return (
            Outcome.UNMET,
            f"The stated EQF level {eqf} contradicts {national.label}, which is referenced to EQF level "
            f"{national.eqf_level}.",
            evidence,
        )
    if here:
        names = ", ".join(level.label for level in here)
        return Outcome.MET, f"EQF level {eqf} compares with {names} in {case.country}.", evidence
    if open_levels:
        return Outcome.UNKNOWN, f"The levels of {case.country} have no verified referencing to compare by.", evidence
    return Outcome.UNMET, f"No level of {case.country} is referenced to EQF level {eqf}.", evidence


def _outcomes(case: Case) -> Judgement:
    outcomes = case.subject.description.outcomes
    evidence = case.subject.evidence(
        [ELM + "learningOutcome", ELM + "relatedESCOSkill", ELM + "relatedSkill", NS + "attestsGreenSkill"]
    )
    if not outcomes:
        return Outcome.UNKNOWN, "No learning outcome is stated.", evidence
    silent = [outcome.title for outcome in outcomes if not outcome.concepts and not outcome.green_skills]
    elsewhere = [
        outcome.title
        for outcome in outcomes
        if outcome.title not in silent
        and not any(_leads_to_esco(case.store, concept) for concept in (*outcome.concepts, *outcome.green_skills))
    ]
    if elsewhere:
        return (
            Outcome.UNMET,
            f"Tied to concepts from which no mapping known here leads to ESCO: {'; '.join(elsewhere)}.",
            evidence,
        )
    if silent:
        return Outcome.UNKNOWN, f"Tied to no concept, so that nothing leads to ESCO: {'; '.join(silent)}.", evidence
    return Outcome.MET, f"All {len(outcomes)} learning outcomes are stated, and lead to ESCO.", evidence


def _leads_to_esco(store: Store, concept: str) -> bool:
    """Return whether a concept is one of ESCO, or mappings lead from it to one."""
    return concept.startswith(_ESCO) or any(path.end.startswith(_ESCO) for path in reachable(store, concept))


def _workload(case: Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([ELM + "point", ELM + "framework", ELM + "volumeOfLearning"])
    if description.ects is None and description.hours is None:
        duration = f" A duration of {description.duration} is no workload." if description.duration else ""
        return Outcome.UNKNOWN, f"Neither ECTS credits nor hours are stated.{duration}", evidence
    if description.ects is not None and description.hours is not None:
        both = f"{float(description.ects):g} ECTS and {float(description.hours):g} hours"
        if not agree(description.ects, description.hours):
            return Outcome.UNMET, f"{both} do not agree: a credit stands for 25 to 30 hours.", evidence
        return Outcome.MET, f"{both} are stated, and agree.", evidence
    stated = f"{float(description.ects):g} ECTS" if description.ects else f"{float(description.hours or 0):g} hours"
    return Outcome.MET, f"The workload is stated: {stated}.", evidence


def _elements(case: Case) -> Judgement:
    from mastery_graph.validation import validate
    from mastery_graph.validation.submitted import as_document

    document = case.subject.document or as_document(case.store, case.subject.description.iri)
    report = validate(document, store=case.store)
    evidence = case.subject.evidence([DCTERMS + "title"])
    missing = [finding.element for finding in report.findings if finding.severity == "violation"]
    if missing:
        return Outcome.UNMET, f"Mandatory standard elements are missing: {', '.join(dict.fromkeys(missing))}.", evidence
    return Outcome.MET, "All mandatory standard elements are present.", evidence


def _assessment(case: Case) -> Judgement:
    assessments = case.subject.description.assessments
    evidence = case.subject.evidence([ELM + "provenBy", DCTERMS + "type", ELM + "idVerification"])
    if not any(assessment.types for assessment in assessments):
        return Outcome.UNKNOWN, "No type of assessment is stated.", evidence
    verified = {each for assessment in assessments for each in assessment.verifications}
    if verified == {NOT_VERIFIED}:
        return Outcome.UNMET, "The assessment was neither supervised nor was the learner identified.", evidence
    supervision = "" if verified else " Supervision and verification of identity are not stated, which is optional."
    return Outcome.MET, f"The type of assessment is stated.{supervision}", evidence


def _quality(case: Case) -> Judgement:
    description = case.subject.description
    evidence = case.subject.evidence([NS + "qualityAssuranceType", NS + "appliesIndicator", ELM + "accreditation"])
    rows = case.store.select(named_query("recognition/quality-assurance-types").text)
    families = {text(row["type"]): text(row["family"]) for row in rows}
    stated = {families.get(kind, "unknown") for kind in description.quality_assurance}
    if description.accreditations:
        stated.add("any")
    if not stated:
        return Outcome.UNKNOWN, "No type of quality assurance is stated.", evidence
    wanted = _FAMILY.get(case.purpose)
    if wanted is None or stated & {wanted, "any"}:
        return Outcome.MET, "Quality assurance of a fitting type is stated.", evidence
    if "unknown" in stated:
        return Outcome.UNKNOWN, f"Whether the stated type is of the kind of {wanted.upper()} is not known.", evidence
    return (
        Outcome.UNMET,
        f"Quality assurance by {wanted.upper()} is asked for this purpose; another is stated.",
        evidence,
    )


def _awarding_body(case: Case) -> Judgement:
    description = case.subject.description
    body = description.awarding_body
    evidence = case.subject.evidence(
        [
            ELM + "awardingBody",
            "http://www.w3.org/ns/regorg#legalName",
            ELM + "countryCode",
            ELM + "limitEQFLevel",
            ELM + "limitJurisdiction",
            ELM + "limitField",
            ELM + "expiryDate",
        ]
    )
    if body is None:
        return Outcome.UNKNOWN, "The awarding body is not stated.", evidence
    lacking = [
        name
        for name, value in (("legal name", body.name), ("country", body.country), ("identifier", body.registration))
        if not value
    ]
    if lacking:
        return Outcome.UNKNOWN, f"The awarding body's {' and '.join(lacking)} are not stated.", evidence
    if not description.accreditations:
        return Outcome.MET, f"{body.name} ({body.country}) is identified. No accreditation is given.", evidence
    fits = [_fit(case, accreditation) for accreditation in description.accreditations]
    if any(covers for covers, _ in fits):
        return Outcome.MET, f"{body.name} ({body.country}) is identified, and its accreditation covers this.", evidence
    reasons = " ".join(why for _, why in fits)
    if any(covers is None for covers, _ in fits):
        return Outcome.UNKNOWN, f"Whether an accreditation covers this credential is not known: {reasons}", evidence
    return Outcome.UNMET, f"No accreditation covers this credential: {reasons}", evidence


def _fit(case: Case, accreditation: Accreditation) -> tuple[bool | None, str]:
    """Return whether an accreditation covers the credential, None where that is not known, and why not."""
    description = case.subject.description
    eqf, _ = case.level
    day = description.issued_at.date() if description.issued_at else case.day
    country = description.awarding_body.country if description.awarding_body else None
    if accreditation.issued and day < accreditation.issued:
        return False, f"{accreditation.title} begins on {accreditation.issued}."
    if accreditation.expires and day > accreditation.expires:
        return False, f"{accreditation.title} ended on {accreditation.expires}."
    if accreditation.levels and eqf is not None and eqf not in accreditation.levels:
        return False, f"{accreditation.title} is limited to EQF level {', '.join(map(str, accreditation.levels))}."
    if accreditation.countries and country not in accreditation.countries:
        return False, f"{accreditation.title} is limited to {', '.join(accreditation.countries)}."
    if accreditation.fields and description.fields and not set(accreditation.fields) & set(description.fields):
        return False, f"{accreditation.title} is limited to other fields."
    if accreditation.levels and eqf is None:
        return None, f"{accreditation.title} is limited in level, and the level here is not known."
    if accreditation.fields and not description.fields:
        return None, f"{accreditation.title} is limited in field, and no field is stated here."
    return True, ""


def _authenticity(case: Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.NOT_APPLICABLE, "A bare description is not issued, and carries no seal.", ()
    document = case.subject.document
    if document is None or document.seal.status == "absent":
        return Outcome.UNKNOWN, "There is no seal.", ()
    seal = document.seal
    if seal.status == "broken":
        return Outcome.UNMET, f"The seal is broken. {seal.reason}", ()
    if not seal.certificate_valid_then:
        return Outcome.UNMET, f"The certificate of {seal.by} was not valid at the time of sealing.", ()
    return (
        Outcome.MET,
        f"Sealed by {seal.by} on {seal.at:%Y-%m-%d}; the seal is unbroken. Not checked: {'; '.join(seal.not_checked)}.",
        (),
    )


def _validity(case: Case) -> Judgement:
    if not case.subject.description.issued:
        return Outcome.NOT_APPLICABLE, "A bare description is not issued, and does not expire.", ()
    evidence = case.subject.evidence(
        [CRED + name for name in ("issuanceDate", "issued", "validFrom", "validUntil", "expirationDate")]
    )
    outcome, reason = validity(case.subject, case.day)
    return outcome, f"The credential: {reason}", evidence


def _national(case: Case) -> Judgement:
    row = case.policy
    if case.purpose == "employment":
        return Outcome.NOT_APPLICABLE, "For employment the national policy is not judged.", ()
    if row is None or text(row["status"]) == "unknown":
        evidence: tuple[Evidence, ...] = statements(case.store, [text(row["policy"])]) if row else ()
        return Outcome.UNKNOWN, f"The policy of {case.country} on micro-credentials is not known here.", evidence
    known = [f"{text(row['statusLabel'])}."]
    known += [f"Law: {text(row['legalBasis'])}."] if "legalBasis" in row else []
    known += [f"Credits: {text(row['creditRange'])}."] if "creditRange" in row else []
    known += [f"Note: {text(row['note'])}."] if "note" in row else []
    outcome = Outcome.UNMET if text(row["status"]) == "not-yet-established" else Outcome.MET
    return outcome, f"{case.country}: {' '.join(known)}", statements(case.store, [text(row["policy"])])
